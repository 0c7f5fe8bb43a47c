"""What happened between two versions of the registry -> blocks of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.fields import FIELDS, FILE_FIELDS, FieldType, as_text, find_field
from sphinx_statestores.registry.phrases import changes_text, key_text
from sphinx_statestores.sphinx_ext.cells import code
from sphinx_statestores.sphinx_ext.content import Body, Column, Paragraph, Row, Span, Table, inline_spans

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sphinx_statestores.registry.diff import Change, Changes, FieldChange
    from sphinx_statestores.registry.fields import Value
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.sphinx_ext.cells import Cells
    from sphinx_statestores.sphinx_ext.content import Block, Spans

#: What stands there when a version cannot be read.
UNAVAILABLE = Paragraph((Span("The comparison is not available."),), "statestore-empty")

_STORE_FIELDS = tuple(FIELDS[key] for key in ("name", "backend", "service", "purpose"))
_CHANGE_COLUMNS = (Column("field", "Field"), Column("before", "Before"), Column("after", "After"))
_KEY_TITLES = {"type": "Type", "ttl": "TTL", "purpose": "Purpose"}
_YES_OR_NO = {"true": "yes", "false": "no"}


def change_blocks(changes: Changes, shown: Collection[str], cells: Cells) -> tuple[Block, ...]:
    """Return the kinds of changes that are wanted, after a sentence with numbers; nothing when there are none."""
    counts = {kind: number for kind, number in changes.counts.items() if kind in shown}
    return tuple(_blocks(changes, counts, cells)) if any(counts.values()) else ()


def _blocks(changes: Changes, counts: dict[str, int], cells: Cells) -> Iterator[Block]:
    yield Paragraph((Span(changes_text(counts, changes.before, changes.after)),), "statestore-totals")
    for kind, number in counts.items():
        if not number:
            continue
        yield Paragraph((Span(f"{kind.title()} ({number})", "strong"),), f"statestore-{kind}")
        if kind == "added":
            yield _stores(changes.added, changes.new, cells)
        elif kind == "removed":
            yield _stores(changes.removed, changes.old, cells)
        else:
            items = changes.renamed if kind == "renamed" else changes.changed
            bodies = (
                Body((cells.store(change.after.name),), tuple(_rows(changes, change, cells))) for change in items
            )
            yield Table("changes", _CHANGE_COLUMNS, tuple(bodies))


def _stores(stores: Iterable[Store], registry: Registry, cells: Cells) -> Table:
    rows = tuple(
        Row(
            (
                (cells.store(store.name),),
                (Span(registry.backend_label(store.backend)),),
                (cells.service(store.service),),
                cells.text(store.purpose, store),
            )
        )
        for store in stores
    )
    return Table("changes", tuple(Column(field.key, field.title) for field in _STORE_FIELDS), (Body((), rows),))


def _rows(changes: Changes, change: Change, cells: Cells) -> Iterator[Row]:
    before, after = change.before, change.after
    if before.name != after.name:
        yield Row(((Span(FIELDS["name"].title),), (cells.store(before.name),), (cells.store(after.name),)))
    for field in change.fields:
        yield Row(
            (
                _title(field),
                _value(field, field.before, before, changes.old, cells),
                _value(field, field.after, after, changes.new, cells),
            )
        )


def _title(field: FieldChange) -> Spans:
    if field.key and field.field in _KEY_TITLES:
        return (Span(f"{_KEY_TITLES[field.field]} of "), Span(field.key, "code"))
    column = FILE_FIELDS.get(field.field) or find_field(field.field)
    return (Span(column.title if column else field.field),)


def _value(field: FieldChange, value: Value | None, store: Store, registry: Registry, cells: Cells) -> Spans:
    """Return what shows a value; *registry* is the version that it is from."""
    if value is None:
        return (Span("\N{EM DASH}"),)
    text = as_text(value)
    if field.key:
        if field.field in _KEY_TITLES:
            return inline_spans(text)
        facts = key_text(value)
        return (Span(field.key, "code"), *(inline_spans(f" ({facts})") if facts else ()))
    known = FILE_FIELDS.get(field.field)
    match known.type if known else FieldType.LINE:
        case FieldType.BACKEND:
            return (Span(registry.backend_label(text)),)
        case FieldType.SERVICE | FieldType.SERVICES:
            return cells.services(value)
        case FieldType.STORE:
            return cells.stores(value)
        case FieldType.PREFIX | FieldType.TABLE | FieldType.CODE:
            return code(value)
        case FieldType.FLAG:
            return (Span(_YES_OR_NO[text]),)
        case _:
            return cells.text(text, store)
