"""A store in full -> blocks: what it is for, its fields, its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.fields import CARD_FIELDS, FIELDS, LISTED_FIELDS, find_field
from sphinx_statestores.sphinx_ext.read.columns import BACKLINKS
from sphinx_statestores.sphinx_ext.resolve.blocks import (
    Card,
    Column,
    Fields,
    Paragraph,
    Span,
    Table,
    as_spans,
    body,
    inline_spans,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.registry.model import Store
    from sphinx_statestores.sphinx_ext.resolve.blocks import EntryBlock, Spans
    from sphinx_statestores.sphinx_ext.resolve.cells import StoreCells

_STATUS_WORDS = {"planned": "Planned", "deprecated": "Deprecated", "removed": "Removed"}


def entry_blocks(store: Store, cells: StoreCells) -> tuple[EntryBlock, ...]:
    """Return everything that the registry knows about a store."""
    return tuple(_blocks(store, cells))


def _blocks(store: Store, cells: StoreCells) -> Iterator[EntryBlock]:
    status = status_words(store, cells)
    if status:
        yield Paragraph(status, f"statestore-status statestore-{store.status}")
    if store.purpose:
        yield Paragraph(cells.text(store.purpose, store))
    own = [field for name, _ in store.extra if (field := find_field(name)) is not None]
    fields = (*LISTED_FIELDS, *own, FIELDS["source"], BACKLINKS)
    shown = ((field.title, as_spans(cells.of(field)(store))) for field in fields)
    yield Fields(tuple((title, spans) for title, spans in shown if spans))
    if store.keys:
        yield _keys(store, cells)


def status_words(store: Store, cells: StoreCells) -> Spans:
    """Return what a reader must know before anything else: that a store is not in use, and what to use instead."""
    word = _STATUS_WORDS.get(store.status)
    if word is None:
        return ()
    if not store.replaced_by:
        return (Span(word, "strong"), Span("."))
    return (Span(word, "strong"), Span(": replaced by "), cells.store(store.replaced_by), Span("."))


def status_text(store: Store, cells: StoreCells) -> str:
    """Return :func:`status_words` without markup."""
    return text_of(status_words(store, cells))


def store_card(store: Store, cells: StoreCells) -> Card:
    """Return what a preview shows of a store: enough to know whether it is the one that is looked for."""
    shown = ((field, as_spans(cells.of(field)(store))) for field in CARD_FIELDS)
    facts = tuple((field.title, text_of(spans), spans[0].style == "code") for field, spans in shown if text_of(spans))
    return Card(store.name, status_text(store, cells), text_of(inline_spans(store.purpose)), facts)


def _keys(store: Store, cells: StoreCells) -> Table:
    columns = (
        Column("pattern", "Key"),
        Column("type", "Type"),
        Column("ttl", "TTL"),
        Column("purpose", "Purpose"),
    )
    rows = [
        ((Span(key.pattern, "code"),), *(cells.text(text, store) for text in (key.type, key.ttl, key.purpose)))
        for key in store.keys
    ]
    return Table("keys", columns, (body(rows),))
