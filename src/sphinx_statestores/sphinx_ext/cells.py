"""A field of a store -> the words that show it, with their links."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sphinx_statestores.registry.fields import Field, as_text, find_field
from sphinx_statestores.registry.links import is_web_address
from sphinx_statestores.registry.quoting import printable
from sphinx_statestores.sphinx_ext.content import Span, Target, inline_spans, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx_statestores.registry.fields import Value
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.problems import Location
    from sphinx_statestores.sphinx_ext.content import Cell, Spans

_CODE_FIELDS = frozenset({"prefix", "table", "constant", "keys"})

#: What a site knows of a store beside the registry.
BACKLINKS = Field("backlinks", "Mentioned In", lambda *_: "")


def find_column(key: str) -> Field | None:
    """Return the field that a column called *key* shows."""
    return BACKLINKS if key == BACKLINKS.key else find_field(key)


class Cells:
    """Shows the fields of stores: in the cells of tables, and in entries."""

    def __init__(
        self,
        registry: Registry,
        service_pages: Mapping[str, Target],
        store_places: Mapping[str, Target],
        source_uri: Callable[[Location], str],
        mentions: Callable[[str], Spans],
        *,
        autolink: bool,
    ) -> None:
        self._registry = registry
        self._service_pages = service_pages
        self._store_places = store_places
        self._source_uri = source_uri
        self._mentions = mentions
        self._autolink = autolink

    def of(self, field: Field) -> Callable[[Store], Cell]:
        """Return what shows a field of any store."""
        registry, value, key = self._registry, field.value, field.key
        if key == "name":
            return lambda store: (self.store(store.name),)
        if key == "service":
            services = self._services
            return lambda store: services[store.service]
        if key == "readers":
            return lambda store: joined(self.service(name) for name in store.readers)
        if key == "writers":
            return lambda store: joined(self.service(name) for name in store.writers)
        if key == "replaced-by":
            return lambda store: (self.store(store.replaced_by),) if store.replaced_by else ()
        if key == "source":
            return lambda store: (self._source(as_text(value(store, registry)), store.location),)
        if key == BACKLINKS.key:
            return lambda store: self._mentions(store.name)
        if key in _CODE_FIELDS:
            return lambda store: _code(value(store, registry))

        is_own = key.startswith("x-")

        def words(store: Store) -> Cell:
            text = as_text(value(store, registry))
            if is_own and "://" in text and (addresses := _addresses(text)):
                return addresses
            return self.text(text, store) if "`" in text else text

        return words

    @cached_property
    def _services(self) -> dict[str, Spans]:
        return {name: (self.service(name),) for name in self._registry.services}

    def text(self, text: str, store: Store) -> Spans:
        """Show a text about a store; its inline code links the other stores that it names, if prose does."""
        spans = inline_spans(text)
        if not self._autolink:
            return spans
        places = self._store_places
        return tuple(
            span._replace(target=places.get(span.text)) if span.style == "code" and span.text != store.name else span
            for span in spans
        )

    def service(self, name: str) -> Span:
        """Show a service, as a link where it has a page."""
        return Span(self._registry.service_title(name), "", self._service_pages.get(name))

    def store(self, name: str) -> Span:
        """Show a store's name, as a link where a page shows the store."""
        return Span(name, "code", self._store_places.get(name))

    def _source(self, text: str, location: Location) -> Span:
        uri = self._source_uri(location)
        # The name of a file may be no text, which no page can hold.
        return Span(printable(text), "", Target("", uri=uri) if uri else None)


def _addresses(text: str) -> Spans:
    """Return links where a text is an address of the web, or a list of them; else nothing."""
    parts = text.split(", ")
    return joined(Span(part, "", Target("", uri=part)) for part in parts) if all(map(is_web_address, parts)) else ()


def _code(value: Value) -> Spans:
    values = (value,) if isinstance(value, str) else value
    return joined(Span(text, "code") for text in values if text)
