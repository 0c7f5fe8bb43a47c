"""A store -> the blocks of its entry: status, purpose, fields, keys, and commands that show its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.commands import commands_for
from sphinx_statestores.registry.fields import CARD_FIELDS, FACT_FIELDS, FIELDS, listed_fields, own_fields
from sphinx_statestores.registry.key_index import PHYSICAL_TABLE, physical_table
from sphinx_statestores.registry.phrases import gettext_noop
from sphinx_statestores.sphinx_ext.read.columns import BACKLINKS, USED_IN
from sphinx_statestores.sphinx_ext.resolve.blocks import (
    Card,
    CodeBlock,
    Column,
    Fields,
    Paragraph,
    Span,
    Table,
    as_spans,
    body,
    in_words,
    inline_spans,
    joined,
    sentence,
    text_of,
)
from sphinx_statestores.sphinx_ext.resolve.observed import observed_words, table_spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.registry.model import Store
    from sphinx_statestores.sphinx_ext.resolve.blocks import EntryBlock, Spans
    from sphinx_statestores.sphinx_ext.resolve.cells import StoreCells

#: Status -> the sentences about a store without and with a replacement.
_STATUS_WORDS = {
    "planned": (gettext_noop("**Planned**."), gettext_noop("**Planned**: replaced by {store}.")),
    "deprecated": (gettext_noop("**Deprecated**."), gettext_noop("**Deprecated**: replaced by {store}.")),
    "removed": (gettext_noop("**Removed**."), gettext_noop("**Removed**: replaced by {store}.")),
}
#: The class of a command, which a script gives a button to copy it.
COMMAND_CLASS = "statestore-command"
_LOOK = gettext_noop("To look at its data:")
_NESTED = gettext_noop("A scan of {pattern} also finds keys of {stores}.")
_MORE_NESTED = gettext_noop("A scan of {pattern} also finds keys of {stores} and other stores.")
#: So many stores with nested keys are named.
_NESTED_NAMED = 5
#: So many declared fields of a store are on its preview.
_OWN_ON_CARD = 5
_KEY_COLUMNS = (
    Column("pattern", gettext_noop("Key")),
    Column("type", gettext_noop("Type")),
    Column("ttl", gettext_noop("TTL")),
    Column("purpose", gettext_noop("Purpose")),
)


def entry_blocks(store: Store, cells: StoreCells) -> tuple[EntryBlock, ...]:
    """Return all data of a store as blocks."""
    return tuple(_blocks(store, cells))


def _blocks(store: Store, cells: StoreCells) -> Iterator[EntryBlock]:
    status = status_words(store, cells)
    if status:
        yield Paragraph(status, f"statestore-status statestore-{store.status}")
    if store.purpose:
        yield Paragraph(cells.text(store.purpose, store))
    own = own_fields(store, cells.registry)
    fields = (*listed_fields(cells.registry), *own, FIELDS["source"], USED_IN, BACKLINKS)
    facts = []
    for field in fields:
        if spans := as_spans(cells.of(field)(store)):
            facts.append((cells.title(field), spans))
        if field.key == "table":
            table, rows = physical_table(store, cells.registry)
            facts += [(cells.words.gettext(PHYSICAL_TABLE), table_spans(table, rows))] if table else ()
    if store.name in cells.seen:
        facts.append((cells.title(FACT_FIELDS["seen"]), (Span(observed_words(cells.seen[store.name], cells.words)),)))
    yield Fields(tuple(facts))
    if store.keys:
        yield _keys(store, cells)
    commands = commands_for(store, cells.registry, cells.key_index.place(store))
    if commands:
        yield Paragraph((Span(cells.words.gettext(_LOOK)),), "statestore-look")
    for command in commands:
        yield CodeBlock("text", command, COMMAND_CLASS)
    yield from _nested(store, cells)


def _nested(store: Store, cells: StoreCells) -> Iterator[Paragraph]:
    """Yield a warning for each pattern of keys that other stores have keys within: a scan finds these as well."""
    index = cells.key_index
    for pattern in index.place(store).patterns:
        if pattern.key is not None:
            continue
        names = index.nested(store, pattern, _NESTED_NAMED + 1)
        if names:
            message = _MORE_NESTED if len(names) > _NESTED_NAMED else _NESTED
            stores = joined(cells.store(name) for name in names[:_NESTED_NAMED])
            words = sentence(cells.words.gettext(message), pattern=(Span(pattern.text, "code"),), stores=stores)
            yield Paragraph(words, "statestore-nested")


def status_words(store: Store, cells: StoreCells) -> Spans:
    """Return the status of a store that is not in use, with its replacement; empty for a store in use."""
    messages = _STATUS_WORDS.get(store.status)
    if messages is None:
        return ()
    alone, replaced = map(cells.words.gettext, messages)
    return sentence(replaced, store=(cells.store(store.replaced_by),)) if store.replaced_by else sentence(alone)


def status_text(store: Store, cells: StoreCells) -> str:
    """Return :func:`status_words` as plain text."""
    return text_of(status_words(store, cells))


def store_card(store: Store, cells: StoreCells, where: str = "") -> Card:
    """Return the preview of a store for links; *where* says which other site it is in."""
    own = [field for field in own_fields(store, cells.registry) if field.key in cells.registry.own_fields]
    fields = (*CARD_FIELDS, *own[:_OWN_ON_CARD])
    shown = ((field, as_spans(cells.of(field)(store))) for field in fields)
    facts = tuple(
        (cells.title(field), text_of(spans), spans[0].style == "code") for field, spans in shown if text_of(spans)
    )
    return Card(store.name, status_text(store, cells), text_of(inline_spans(store.purpose)), facts, where)


def _keys(store: Store, cells: StoreCells) -> Table:
    # A fact that no key of the store has gets no column.
    pattern, *facts = _KEY_COLUMNS
    known = [column for column in facts if any(getattr(key, column.key) for key in store.keys)]
    rows = [
        ((Span(key.pattern, "code"),), *(cells.text(getattr(key, column.key), store) for column in known))
        for key in store.keys
    ]
    return Table("keys", in_words((pattern, *known), cells.words), (body(rows),))
