"""A registry -> the variables of a template, and the filters that make text safe for an output format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sphinx_statestores.export.csharp_text import string_literal, xml
from sphinx_statestores.export.csv_rows import cell
from sphinx_statestores.export.json_document import value
from sphinx_statestores.export.markdown_text import as_cell, as_line
from sphinx_statestores.export.restructuredtext import heading
from sphinx_statestores.registry.access import accesses, keys_of
from sphinx_statestores.registry.commands import QUOTING
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.key_index import place_of
from sphinx_statestores.registry.naming import kebab_case
from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.registry.totals import totals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx_statestores.export.template_exchange import Pages
    from sphinx_statestores.registry.backends import Backend
    from sphinx_statestores.registry.model import Guide, Registry, Service, SourceFile, Store


def _quoting(quote: Callable[[str], str]) -> Callable[..., str]:
    return lambda text: quote(one_line(str(text)))


#: Name -> filter for text in an output format, beside jinja's own filters.
FILTERS: dict[str, Callable[..., str]] = {
    "md": lambda text: as_cell(as_line(str(text))),
    "csharp": lambda text: string_literal(str(text)),
    "xml": lambda text: xml(str(text)),
    "json": value,
    "csv": lambda text: cell(str(text)),
    "plain": lambda text: plain(str(text)),
    "kebab": lambda text: kebab_case(str(text)),
    "heading": lambda text, character="=": heading(str(text), str(character)),
    **{name: _quoting(quote) for name, quote in QUOTING.items()},
}


class _SeenRegistry(NamedTuple):
    """A read-only view of a registry."""

    stores: tuple[Store, ...]
    services: Mapping[str, Service]
    backends: Mapping[str, Backend]
    guide: Guide
    files: tuple[SourceFile, ...]
    names: tuple[str, ...]
    by_name: Mapping[str, Store]
    by_service: Mapping[str, tuple[int, ...]]
    by_backend: Mapping[str, tuple[int, ...]]
    by_status: Mapping[str, tuple[int, ...]]
    by_tag: Mapping[str, tuple[int, ...]]
    extra_fields: tuple[str, ...]
    table_of: Callable[[Store], str]
    backend_label: Callable[[str], str]
    service_title: Callable[[str], str]


def as_plain_values(registry: Registry) -> Registry:
    """Return a registry that can be pickled and whose file paths are valid Unicode.

    U+FFFD replaces undecodable bytes of a path.
    """
    names = {
        file.path: file.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for file in registry.files
    }
    if any(new != old for old, new in names.items()):
        registry = registry.with_paths(names)
    return registry._replace(ignores=())


def variables_of(registry: Registry, pages: Pages | None) -> list[dict[str, Any]]:
    """Return the variables of each text: one dictionary for the whole registry, or one for each of *pages*.

    All values are read-only.
    """
    seen = _SeenRegistry(
        stores=registry.stores,
        services=registry.services,
        backends=registry.backends,
        guide=registry.guide,
        files=registry.files,
        names=registry.names,
        by_name=registry.by_name,
        by_service=registry.by_service,
        by_backend=registry.by_backend,
        by_status=registry.by_status,
        by_tag=registry.by_tag,
        extra_fields=tuple(sorted(registry.extra_fields)),
        table_of=registry.table_of,
        backend_label=registry.backend_label,
        service_title=registry.service_title,
    )

    def stores_of(service: Service) -> tuple[Store, ...]:
        return tuple(registry.stores[position] for position in registry.by_service.get(service.name, ()))

    common = {
        "registry": seen,
        "stores": seen.stores,
        "services": tuple(seen.services.values()),
        "backends": tuple(backend for backend in seen.backends.values() if backend.key in seen.by_backend),
        "guide": seen.guide,
        "totals": totals(registry, registry.stores),
        "stores_of": stores_of,
        "place_of": lambda store: place_of(store, registry),
        "keys_of": lambda store: keys_of(place_of(store, registry)),
        # Functions, because few templates need what takes time for each store.
        "accesses": lambda: accesses(registry),
    }
    if pages is None:
        return [common]
    of_pages = {**common, "with_store_pages": pages.with_store_pages}
    services = (registry.services[name] for name in pages.services)
    return [{**of_pages, "service": service, "stores": stores_of(service)} for service in services]
