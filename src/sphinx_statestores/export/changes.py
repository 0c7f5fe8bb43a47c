"""The changes between two versions of a registry -> Markdown or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sphinx_statestores.export.json_document import counts, key_data, store_data, value, value_data
from sphinx_statestores.export.markdown_text import as_code, as_line, as_table
from sphinx_statestores.registry.fields import FIELDS, FILE_FIELDS, FieldType, as_text
from sphinx_statestores.registry.own_fields import typed_value
from sphinx_statestores.registry.phrases import NO_CHANGES, changes_text, key_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sphinx_statestores.registry.diff import Change, Changes, FieldChange
    from sphinx_statestores.registry.fields import Value
    from sphinx_statestores.registry.model import Registry, Store

#: The version of the JSON format. Increased for changes that break readers.
VERSION = 1

#: The columns of the tables of added and removed stores.
_TITLES = tuple(FIELDS[key].title for key in ("name", "backend", "service", "purpose"))
#: Shown for an empty value.
EMPTY = '""'


def store_facts(store: Store, registry: Registry) -> tuple[str, ...]:
    """Take an added or removed store; return its name, backend, service and purpose, as displayed."""
    return store.name, registry.backend_label(store.backend), registry.service_title(store.service), store.purpose


def changes_to_markdown(changes: Changes) -> str:
    """Return changes as Markdown for a pull request or a changelog: a section for each kind, and the totals.

    The text ends with a newline. Without changes, it is one sentence. Raises nothing.
    """
    if changes.is_empty:
        return NO_CHANGES + "\n"
    blocks = [as_line(changes_text(changes.counts, changes.before, changes.after))]
    for title, stores, registry in (
        ("Added", changes.added, changes.new),
        ("Removed", changes.removed, changes.old),
    ):
        facts = (store_facts(store, registry) for store in stores)
        rows = [(as_code(name), *map(as_line, others)) for name, *others in facts]
        if rows:
            blocks += [f"### {title} ({len(stores)})", as_table(_TITLES, rows)]
    for title, items in (("Renamed", changes.renamed), ("Changed", changes.changed)):
        if items:
            rows = [row for change in items for row in _rows(change)]
            blocks += [f"### {title} ({len(items)})", as_table((_TITLES[0], "Field", "Before", "After"), rows)]
    return "\n\n".join(blocks) + "\n"


#: The types of fields whose values are shown as code.
_CODE = frozenset(
    {
        FieldType.BACKEND,
        FieldType.PREFIX,
        FieldType.TABLE,
        FieldType.LAYOUT,
        FieldType.STORE,
        FieldType.FLAG,
        FieldType.YES_OR_NO,
        FieldType.CHOICE,
    }
)


def _rows(change: Change) -> Iterator[tuple[str, ...]]:
    name = as_code(change.after.name)
    if change.before.name != change.after.name:
        yield name, "name", as_code(change.before.name), name
        name = ""
    for field in change.fields:
        label = as_line(field.field)
        if field.key and field.field != "keys":
            label = f"{as_code(field.key)}: {label}"
        yield name, label, _cell(field, field.before), _cell(field, field.after)
        name = ""


def _cell(field: FieldChange, value: Value | None) -> str:
    if value is None:
        return ""
    if field.field == "keys":
        facts = key_text(value)
        return f"{as_code(field.key)} ({as_line(facts)})" if facts else as_code(field.key)
    known = FILE_FIELDS.get(field.field)
    return as_code(as_text(value)) if known and known.type in _CODE else as_line(as_text(value) or EMPTY)


def changes_to_json(changes: Changes) -> str:
    """Return changes as JSON; stores and keys are as in :mod:`~sphinx_statestores.export.json_document`.

    The text ends with a newline. Raises nothing.
    """
    document = {
        "version": VERSION,
        "before": _totals(changes.stores_before),
        "after": _totals(changes.stores_after),
        "added": [store_data(store, changes.new) for store in changes.added],
        "removed": [store_data(store, changes.old) for store in changes.removed],
        "renamed": [
            {"name": change.after.name, "was": change.before.name, "fields": _fields(change, changes)}
            for change in changes.renamed
        ],
        "changed": [{"name": change.after.name, "fields": _fields(change, changes)} for change in changes.changed],
    }
    return f"{value(document, indent=2)}\n"


def _totals(stores: Sequence[Store]) -> dict[str, Any]:
    return {"stores": len(stores), "backends": counts(store.backend for store in stores)}


def _fields(change: Change, changes: Changes) -> list[dict[str, Any]]:
    return [
        {
            "field": field.field,
            **({"key": field.key} if field.key else {}),
            "before": _field_data(field, field.before, changes.old),
            "after": _field_data(field, field.after, changes.new),
        }
        for field in change.fields
    ]


def _field_data(field: FieldChange, found: Value | None, registry: Registry) -> Any:
    if found is not None and field.field == "keys":
        return key_data(found)
    if isinstance(found, str) and field.field in registry.own_fields:
        return typed_value(registry.own_fields[field.field], found)
    return value_data(FILE_FIELDS.get(field.field), found)


#: Format -> function that takes changes and returns text, ended by a newline.
CHANGE_FORMATS: dict[str, Callable[[Changes], str]] = {
    "json": changes_to_json,
    "markdown": changes_to_markdown,
}
