"""What can be asked of a store by name: the fields that columns, sorting, grouping and exports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx_statestores.registry.model import Registry, Store

#: One text, or several of equal standing.
Value: TypeAlias = str | tuple[str, ...]


class Field(NamedTuple):
    """A named fact about a store."""

    key: str
    #: The heading of its column, in English.
    title: str
    value: Callable[[Store, Registry], Value]


def _source(store: Store, _: Registry) -> str:
    location = store.location
    return f"{location.path}:{location.line}"


FIELDS: dict[str, Field] = {
    field.key: field
    for field in (
        Field("name", "Component Name", lambda store, _: store.name),
        Field("backend", "Backend", lambda store, registry: registry.backend_label(store.backend)),
        Field("service", "Service", lambda store, registry: registry.service_title(store.service)),
        Field("purpose", "Purpose", lambda store, _: store.purpose),
        Field("prefix", "Prefix", lambda store, _: store.prefix),
        Field("table", "Table", lambda store, registry: registry.table_of(store)),
        Field("constant", "Constant", lambda store, _: store.constant),
        Field("source", "Source", _source),
        Field("status", "Status", lambda store, _: store.status),
        Field("replaced-by", "Replaced By", lambda store, _: store.replaced_by),
        Field("since", "Since", lambda store, _: store.since),
        Field("search", "Search", lambda store, _: "yes" if store.enable_search else ""),
        Field("readers", "Readers", lambda store, _: store.readers),
        Field("writers", "Writers", lambda store, _: store.writers),
        Field("tags", "Tags", lambda store, _: store.tags),
        Field("keys", "Keys", lambda store, _: tuple(key.pattern for key in store.keys)),
    )
}


def find_field(key: str) -> Field | None:
    """Return the field called *key*; any ``x-`` key is a field of the user's own."""
    known = FIELDS.get(key)
    if known is None and key.startswith("x-"):
        title = key.removeprefix("x-").replace("-", " ").title()
        return Field(key, title, lambda store, registry: registry.extra_values.get(key, {}).get(store.name, ""))
    return known


def as_text(value: Value) -> str:
    """Join several values to one text."""
    return value if isinstance(value, str) else ", ".join(value)
