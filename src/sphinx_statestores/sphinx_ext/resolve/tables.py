"""Questions about the stores that a query selects -> blocks: tables, totals and entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.fields import FIELDS, find_field
from sphinx_statestores.registry.phrases import gettext_noop, totals_text
from sphinx_statestores.registry.selection import bound, group
from sphinx_statestores.registry.totals import totals
from sphinx_statestores.sphinx_ext.read.anchors import store_anchor
from sphinx_statestores.sphinx_ext.read.columns import DEFAULT_COLUMNS, find_column, has_column
from sphinx_statestores.sphinx_ext.resolve.blocks import (
    Body,
    Column,
    Counts,
    Definition,
    Paragraph,
    Span,
    Table,
    body,
    noted,
    sentence,
)
from sphinx_statestores.sphinx_ext.resolve.cells import WORDS
from sphinx_statestores.sphinx_ext.resolve.entries import entry_blocks
from sphinx_statestores.sphinx_ext.resolve.tools import table_tools

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sphinx_statestores.registry.fields import Field
    from sphinx_statestores.registry.model import Store
    from sphinx_statestores.sphinx_ext.read.questions import (
        EntriesQuestion,
        EntryQuestion,
        TableQuestion,
        TotalsQuestion,
        UsesQuestion,
    )
    from sphinx_statestores.sphinx_ext.resolve.blocks import Block, Cell, Spans
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex

_ROW_LINK = gettext_noop("Link to this row")
_USES = gettext_noop("**Stores of other services that it uses**")
_ACCESS_TITLE = gettext_noop("Access")
#: Whether a service reads a store, and whether it writes it -> what a reader sees.
_ACCESS = {
    (True, False): gettext_noop("reads"),
    (False, True): gettext_noop("writes"),
    (True, True): gettext_noop("reads and writes"),
}


def table_blocks(question: TableQuestion, site: SiteIndex) -> tuple[Block, ...]:
    """Return a table of stores, followed by totals if wanted."""
    query = bound(question.query, site.registry)
    stores = site.select(query)
    fields = (
        _columns(question.columns, site) or _columns(site.settings.columns, site) or _columns(DEFAULT_COLUMNS, site)
    )

    has_status = any(field.key == "status" for field in fields)

    def made(members: Sequence[Store], heading: Spans = ()) -> Body:
        anchors = tuple([store_anchor(store.name) if question.indexed else "" for store in members])
        columns = [site.cells.column(field, members, noting_status=not has_status) for field in fields]
        return Body(heading, tuple(columns), anchors)

    rows = stores
    if query.group:
        groups = group(site.registry, query, stores)
        bodies = tuple(made(members, _heading(label, members, query.group, site)) for label, members in groups)
        rows = tuple([store for _, members in groups for store in members])
    else:
        bodies = (made(stores),)
    table = Table(
        "table",
        tuple(Column(field.key, site.cells.title(field)) for field in fields),
        bodies,
        site.words.gettext(_ROW_LINK),
        table_tools(rows, site) if _is_interactive(question, len(rows), site) else None,
    )
    if not question.totals:
        return (table,)
    text = totals_text(totals(site.registry, stores), site.words)
    return (table, Paragraph(sentence(site.words.gettext("**Total**: {totals}"), totals=text), "statestore-totals"))


def _is_interactive(question: TableQuestion, rows: int, site: SiteIndex) -> bool:
    if question.interactive is not None:
        return question.interactive
    least = site.settings.interactive
    return least is not None and rows >= least


def totals_blocks(question: TotalsQuestion, site: SiteIndex) -> tuple[Block, ...]:
    """Return the number of stores, by backend or by service."""
    counted = totals(site.registry, site.select(question.query), question.by)
    words = site.words
    number = (Span(f"{counted.total}", "strong"),)
    items = [sentence(words.ngettext("{number} store", "{number} stores", counted.total), number=number)]
    for label, count in counted.parts:
        items.append(sentence(words.gettext("{number} {label}"), number=(Span(f"{count}", "strong"),), label=label))
    return (Counts((Span(totals_text(counted, words)),), tuple(items)),)


def one_entry(question: EntryQuestion, site: SiteIndex) -> tuple[Block, ...]:
    """Return the data of a store; empty when its name is unknown."""
    store = site.registry.by_name.get(question.name)
    return entry_blocks(store, site.cells) if store else ()


def all_entries(question: EntriesQuestion, site: SiteIndex) -> tuple[Block, ...]:
    """Return an entry for each store."""
    return tuple(
        Definition(store.name, store_anchor(store.name) if question.indexed else "", entry_blocks(store, site.cells))
        for store in site.select(question.query)
    )


def uses_blocks(question: UsesQuestion, site: SiteIndex) -> tuple[Block, ...]:
    """Return a table of the stores of other services that a service uses; nothing when there are none."""
    registry, cells, service = site.registry, site.cells, question.service
    reads, writes = (index.get(service, ()) for index in (registry.by_reader, registry.by_writer))
    query = bound(question.query, registry)
    passing = None if query.is_of_all else {store.name for store in site.select(query)}
    rows: list[tuple[Cell, ...]] = []
    for position in sorted({*reads, *writes}):
        store = registry.stores[position]
        if store.service != service and (passing is None or store.name in passing):
            access = _ACCESS[service in store.readers, service in store.writers]
            words = (Span(cells.words.gettext(access)),)
            rows.append(
                (
                    (cells.store(store.name), *noted(cells.status_note(store))),
                    (cells.service(store.service),),
                    words,
                    cells.text(store.purpose, store),
                )
            )
    if not rows:
        return ()
    name, owner, purpose = (Column(key, cells.title(FIELDS[key])) for key in ("name", "service", "purpose"))
    columns = (name, owner, Column("access", cells.words.gettext(_ACCESS_TITLE)), purpose)
    heading = Paragraph(sentence(cells.words.gettext(_USES)), "statestore-uses")
    return (heading, Table("uses", columns, (body(rows),)))


def _columns(keys: Iterable[str], site: SiteIndex) -> list[Field]:
    return [field for key in keys if (field := find_column(key, site.registry)) and has_column(key, site.registry)]


def _heading(label: str, stores: Sequence[Store], grouped_by: str, site: SiteIndex) -> Spans:
    counted = totals(site.registry, stores)
    if grouped_by == "backend":
        counted = counted._replace(parts=())  # the heading is the only part
    field = find_field(grouped_by, site.registry)
    if field is not None and field.type in WORDS:
        label = site.cells.word(label)
    return (Span(label or "\N{EM DASH}", "strong"), Span(f" \N{EN DASH} {totals_text(counted, site.words)}"))
