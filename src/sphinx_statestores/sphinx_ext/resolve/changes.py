"""The changes between two versions of the registry -> blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.diff import compare
from sphinx_statestores.registry.fields import FIELDS, FieldType, as_text, find_file_field
from sphinx_statestores.registry.model import KEY_FIELDS
from sphinx_statestores.registry.phrases import changes_text, fill, gettext_noop, key_text
from sphinx_statestores.sphinx_ext.resolve.blocks import (
    Column,
    Paragraph,
    Span,
    Table,
    body,
    in_words,
    inline_spans,
    noted,
    sentence,
)
from sphinx_statestores.sphinx_ext.resolve.cells import code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sphinx_statestores.registry.diff import Change, Changes, FieldChange
    from sphinx_statestores.registry.fields import Value
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.sphinx_ext.read.questions import ChangesQuestion
    from sphinx_statestores.sphinx_ext.resolve.blocks import Block, Cell, Spans
    from sphinx_statestores.sphinx_ext.resolve.cells import StoreCells
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex

#: The text that is displayed when a version cannot be read.
_UNAVAILABLE = gettext_noop("The comparison is not available.")

_STORE_FIELDS = tuple(FIELDS[key] for key in ("name", "backend", "service", "purpose"))
_CHANGE_COLUMNS = (
    Column("field", gettext_noop("Field")),
    Column("before", gettext_noop("Before")),
    Column("after", gettext_noop("After")),
)
_HEADINGS = {
    "added": gettext_noop("**Added ({number})**"),
    "removed": gettext_noop("**Removed ({number})**"),
    "renamed": gettext_noop("**Renamed ({number})**"),
    "changed": gettext_noop("**Changed ({number})**"),
}
#: Field of a key -> its title.
_KEY_TITLES = {
    "type": gettext_noop("Type of {key}"),
    "ttl": gettext_noop("TTL of {key}"),
    "purpose": gettext_noop("Purpose of {key}"),
}
_YES_OR_NO = {"true": "yes", "false": "no"}


def changes_blocks(question: ChangesQuestion, site: SiteIndex) -> tuple[Block, ...]:
    """Return a sentence with numbers and a table for each wanted kind of change; empty when there are no changes."""
    before = site.versions.read(question.before).registry if question.before else None
    after = site.versions.read(question.after).registry if question.after else site.federation.own
    if before is None or after is None:
        return (Paragraph((Span(site.words.gettext(_UNAVAILABLE)),), "statestore-empty"),)
    changes = compare(before, after, question.query)
    counts = {kind: number for kind, number in changes.counts.items() if kind in question.shown}
    return tuple(_blocks(changes, counts, site.cells)) if any(counts.values()) else ()


def _blocks(changes: Changes, counts: dict[str, int], cells: StoreCells) -> Iterator[Block]:
    yield Paragraph((Span(changes_text(counts, changes.before, changes.after, cells.words)),), "statestore-totals")
    for kind, number in counts.items():
        if not number:
            continue
        heading = fill(cells.words.gettext(_HEADINGS[kind]), number=number)
        yield Paragraph(sentence(heading), f"statestore-{kind}")
        if kind == "added":
            yield _stores(changes.added, changes.new, cells)
        elif kind == "removed":
            yield _stores(changes.removed, changes.old, cells)
        else:
            items = changes.renamed if kind == "renamed" else changes.changed
            bodies = tuple(
                body([*_rows(changes, change, cells)], (cells.store(change.after.name),)) for change in items
            )
            yield Table("changes", in_words(_CHANGE_COLUMNS, cells.words), bodies)


def _stores(stores: Iterable[Store], registry: Registry, cells: StoreCells) -> Table:
    rows = [
        (
            (cells.store(store.name), *noted(cells.status_note(store))),
            (Span(registry.backend_label(store.backend)),),
            (cells.service(store.service),),
            cells.text(cells.translated(store.purpose), store),
        )
        for store in stores
    ]
    return Table("changes", tuple(Column(field.key, cells.title(field)) for field in _STORE_FIELDS), (body(rows),))


def _rows(changes: Changes, change: Change, cells: StoreCells) -> Iterator[tuple[Cell, ...]]:
    before, after = change.before, change.after
    if before.name != after.name:
        yield (Span(cells.title(FIELDS["name"])),), (cells.store(before.name),), (cells.store(after.name),)
    for field in change.fields:
        yield (
            _title(field, changes.new if field.field in changes.new.own_fields else changes.old, cells),
            _value(field, field.before, before, changes.old, cells),
            _value(field, field.after, after, changes.new, cells),
        )


def _title(field: FieldChange, registry: Registry, cells: StoreCells) -> Spans:
    if field.key and field.field in _KEY_TITLES:
        return sentence(cells.words.gettext(_KEY_TITLES[field.field]), key=(Span(field.key, "code"),))
    column = find_file_field(field.field, registry)
    return (Span(cells.title(column) if column else field.field),)


def _value(field: FieldChange, value: Value | None, store: Store, registry: Registry, cells: StoreCells) -> Spans:
    """Return the displayed value of a field; *registry* is the version that it comes from."""
    if value is None:
        return (Span("\N{EM DASH}"),)
    text = as_text(value)
    if field.key:
        if field.field in _KEY_TITLES:
            return inline_spans(cells.translated(text) if field.field == "purpose" else text)
        facts = key_text(
            tuple(
                cells.translated(fact) if name == "purpose" else fact
                for name, fact in zip(KEY_FIELDS, value, strict=True)
            )
        )
        return (Span(field.key, "code"), *(inline_spans(f" ({facts})") if facts else ()))
    known = find_file_field(field.field, registry)
    match known.type if known else FieldType.LINE:
        case FieldType.BACKEND:
            return (Span(registry.backend_label(text)),)
        case FieldType.SERVICE | FieldType.SERVICES:
            return cells.services(value)
        case FieldType.STORE:
            return cells.stores(value)
        case FieldType.PREFIX | FieldType.TABLE | FieldType.CODE | FieldType.LAYOUT:
            return code(value)
        case FieldType.FLAG | FieldType.YES_OR_NO:
            return (Span(cells.word(_YES_OR_NO.get(text, text))),)
        case FieldType.CHOICE:
            return (Span(cells.word(text)),)
        case FieldType.PROSE:
            return cells.text(cells.translated(text), store)
        case _:
            return cells.text(text, store)
