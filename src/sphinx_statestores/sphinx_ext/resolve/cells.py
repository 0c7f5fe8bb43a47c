"""A field of a store -> its displayed content, with links."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from sphinx_statestores.registry.federation import NO_SITES
from sphinx_statestores.registry.fields import FieldType, as_text, find_field
from sphinx_statestores.registry.key_index import KeyIndex
from sphinx_statestores.registry.links import is_web_address
from sphinx_statestores.registry.phrases import ENGLISH
from sphinx_statestores.registry.prose import translation
from sphinx_statestores.registry.quoting import printable
from sphinx_statestores.sphinx_ext.read.anchors import store_anchor
from sphinx_statestores.sphinx_ext.read.columns import BACKLINKS, USED_IN
from sphinx_statestores.sphinx_ext.resolve.blocks import Links, Span, Target, inline_spans, joined, links

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from gettext import NullTranslations

    from sphinx_statestores.registry.federation import Federation
    from sphinx_statestores.registry.fields import Field, Value
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.observed_stores import Numbers
    from sphinx_statestores.registry.problems import Location
    from sphinx_statestores.sphinx_ext.resolve.blocks import Cell, Cells, Spans

#: The types of fields that are displayed as code.
_CODE = frozenset({FieldType.PREFIX, FieldType.TABLE, FieldType.CODE, FieldType.LAYOUT, FieldType.KEYS})
#: The types of fields whose values are fixed words, which are translated.
WORDS = frozenset({FieldType.FLAG, FieldType.YES_OR_NO, FieldType.CHOICE})


class StoreCells:
    """Returns the displayed content of fields, for tables and entries."""

    def __init__(
        self,
        registry: Registry,
        service_pages: Mapping[str, Target],
        store_documents: Mapping[str, str],
        source_uri: Callable[[Location], str],
        mentions: Callable[[str], Spans],
        *,
        autolink: bool,
        words: NullTranslations = ENGLISH,
        labels: Mapping[str, str] = MappingProxyType({}),
        federation: Federation = NO_SITES,
        foreign_target: Callable[[str], Target | None] = lambda _: None,
        prose: NullTranslations = ENGLISH,
        used_in: Callable[[str], Spans] = lambda _: (),
        seen: Mapping[str, Numbers] = MappingProxyType({}),
    ) -> None:
        #: Translations of titles and fixed words.
        self.words = words
        self.registry = registry
        #: Store -> what was seen of it on servers.
        self.seen = seen
        self._labels = labels
        self._service_pages = service_pages
        self._store_documents = store_documents
        self._source_uri = source_uri
        self._mentions = mentions
        self._used_in = used_in
        self._autolink = autolink
        self._federation = federation
        self._foreign_target = foreign_target
        self._prose = prose

    def of(self, field: Field) -> Callable[[Store], Cell]:
        """Return what shows a field of any store."""
        registry, value, recorded = self.registry, field.value, field.recorded
        if field.type is FieldType.STORE:
            return lambda store: self.stores(recorded(store, registry))
        if field.type is FieldType.SERVICE:
            known = self._service_spans

            def service(store: Store) -> Cell:
                name = as_text(recorded(store, registry))
                return (known[name],) if name in known else self.services(name)

            return service
        if field.type is FieldType.SERVICES:
            return lambda store: self.services(recorded(store, registry))
        if field.type is FieldType.SOURCE:
            return lambda store: (self._source(as_text(value(store, registry)), store),)
        if field is BACKLINKS:
            return lambda store: self._mentions(store.name)
        if field is USED_IN:
            return lambda store: self._used_in(store.name)
        if field.type in _CODE:
            return lambda store: code(value(store, registry))
        if field.type in WORDS:
            return lambda store: self.word(as_text(value(store, registry)))

        is_own = field.is_own

        def words(store: Store) -> Cell:
            text = as_text(value(store, registry))
            if is_own and "://" in text and (addresses := _addresses(text)):
                return addresses
            return self.text(text, store) if "`" in text else text

        return words

    def title(self, field: Field) -> str:
        """Return what a field is called."""
        if label := self._labels.get(field.key):
            return label
        # A custom field is the registry's own.
        own = self.translated(field.title) if field.is_own else field.title
        return self.words.gettext(field.title) if own == field.title else own

    def word(self, text: str) -> str:
        """Return what pages show for a word of the format, such as a status, or of a declared choice."""
        label = self._labels.get(text)
        # A choice may have words that are columns as well: the label of a column is its title.
        if label and find_field(text, self.registry) is None:
            return label
        return self.words.gettext(text)

    def translated(self, text: str) -> str:
        """Return the translation of a text from another version of the registry, which is in its own language."""
        return translation(text, self._prose)

    def column(self, field: Field, stores: Sequence[Store], *, noting_status: bool = False) -> Cells:
        """Return the cells of a field for several stores.

        With *noting_status*, the name of a store that is not in use is followed by its status.
        """
        if field.key == "name":
            names = tuple([store.name for store in stores])
            docnames = tuple([self._store_documents.get(name, "") for name in names])
            uris: tuple[str, ...] = ("",) * len(names)
            if self._federation.origins:
                pairs = zip(names, docnames, strict=True)
                uris = tuple(["" if docname else self._foreign_uri(name) for name, docname in pairs])
            notes = tuple([self.status_note(store) for store in stores]) if noting_status else ()
            return Links("code", names, docnames, tuple(map(store_anchor, names)), uris, notes if any(notes) else ())
        if field.key == "service":
            known = self._service_spans
            return links([known[store.service] for store in stores], "")
        return tuple(map(self.of(field), stores))

    @cached_property
    def key_index(self) -> KeyIndex:
        """The stores by their keys and tables."""
        return KeyIndex(self.registry)

    @cached_property
    def _service_spans(self) -> dict[str, Span]:
        return {name: self.service(name) for name in self.registry.services}

    def text(self, text: str, store: Store) -> Spans:
        """Return a text about a store as spans. With autolink, inline code that names another store is a link."""
        spans = inline_spans(text)
        if not self._autolink:
            return spans
        return tuple(
            self._named_in(store, span) if span.style == "code" and span.text != store.name else span
            for span in spans
        )

    def _named_in(self, store: Store, span: Span) -> Span:
        """Return inline code in a text about a store; what it names is first looked for on the site of the store."""
        origin = self._federation.origins.get(store.name)
        name = span.text
        if origin is not None and origin.namespace:
            name = self._federation.aliases.get(f"{origin.namespace}:{name}", name)
        return span if name == store.name else replace(self.store(name), text=span.text)

    def status_note(self, store: Store) -> str:
        """Return the status of a store that is not in use; empty for a store in use."""
        return "" if store.status == "active" else self.word(store.status)

    def service(self, name: str) -> Span:
        """Show a service, as a link where it has a page."""
        return Span(self.registry.service_title(name), "", self._service_pages.get(name))

    def services(self, names: Value) -> Spans:
        """Return one service or several, as :meth:`service` does; empty for an empty name."""
        return joined(self.service(name) for name in _several(names))

    def stores(self, names: Value) -> Spans:
        """Return one store or several, as :meth:`store` does; empty for an empty name."""
        return joined(self.store(name) for name in _several(names))

    def store(self, name: str) -> Span:
        """Return the name of a store, as a link if the store is on a page."""
        docname = self._store_documents.get(name)
        return Span(
            name, "code", self._foreign_target(name) if docname is None else Target(docname, store_anchor(name))
        )

    def _foreign_uri(self, name: str) -> str:
        target = self._foreign_target(name)
        return target.uri if target else ""

    def _source(self, text: str, store: Store) -> Span:
        """Return the place of a store in its file; of another site's store, that site."""
        origin = self._federation.origins.get(store.name)
        if origin is not None:
            uri = origin.source or origin.address
            return Span(origin.site, "", Target("", uri=uri) if uri else None)
        uri = self._source_uri(store.location)
        # The file name may contain surrogates, which cannot be encoded.
        return Span(printable(text), "", Target("", uri=uri) if uri else None)


def _addresses(text: str) -> Spans:
    """Return links if the text is a URL or a list of URLs; otherwise an empty tuple."""
    parts = text.split(", ")
    return joined(Span(part, "", Target("", uri=part)) for part in parts) if all(map(is_web_address, parts)) else ()


def code(value: Value) -> Spans:
    """Return one text or several as code; empty for an empty text."""
    return joined(Span(text, "code") for text in _several(value))


def _several(value: Value) -> tuple[str, ...]:
    return tuple(filter(None, (value,) if isinstance(value, str) else value))
