"""What was seen on servers -> blocks: the servers, the stores, and what belongs to no store."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from sphinx_statestores.registry.fields import FIELDS
from sphinx_statestores.registry.numbers import size_text
from sphinx_statestores.registry.observed_stores import Numbers
from sphinx_statestores.registry.phrases import fill, gettext_noop, number_text
from sphinx_statestores.registry.query import Terms
from sphinx_statestores.sphinx_ext.resolve.blocks import (
    Body,
    Bullets,
    Column,
    Paragraph,
    Span,
    Table,
    body,
    in_words,
    noted,
    sentence,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from gettext import NullTranslations

    from sphinx_statestores.registry.model import Store
    from sphinx_statestores.registry.observation import KeyGroup, Observation, ServerSeen, TableSeen
    from sphinx_statestores.registry.query import Query
    from sphinx_statestores.sphinx_ext.read.questions import ObservedQuestion
    from sphinx_statestores.sphinx_ext.resolve.blocks import Block, Cell, Spans
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex

_SERVER = gettext_noop("{product}: {facts}.")
_ASKED = gettext_noop("asked on {day} at {time} UTC")
_ROLES = {"replica": gettext_noop("a replica"), "primary": gettext_noop("a primary")}
_TAKEN = gettext_noop("in {number} s")
#: Why not all of a server was seen. Its budget of keys is one of tables in a database.
_STOPS = {
    "keys": gettext_noop("until the budget of {number} keys was used up"),
    "tables": gettext_noop("until the budget of {number} tables was used up"),
    "seconds": gettext_noop("until the budget of {number} s was used up"),
    "interrupted": gettext_noop("until it was interrupted"),
    "refused": gettext_noop("the server refused the others"),
}
_UNSEEN = gettext_noop("**Stores that were not seen ({number})**")
_KEYS = gettext_noop("**Keys of no store ({number})**")
_TABLES = gettext_noop("**Tables of no store ({number})**")
_EXPIRE = gettext_noop("Expire")
_ENTRIES, _SIZE = gettext_noop("Keys or Rows"), gettext_noop("Size")
_KEY_COLUMNS = (
    Column("pattern", gettext_noop("Key")),
    Column("seen-keys", gettext_noop("Number")),
    Column("seen-bytes", _SIZE),
    Column("expiring", _EXPIRE),
    Column("type", gettext_noop("Type")),
    Column("server", gettext_noop("Server")),
)
_TABLE_COLUMNS = (
    Column("table", gettext_noop("Table")),
    Column("seen-keys", gettext_noop("Rows")),
    Column("seen-bytes", _SIZE),
    Column("server", gettext_noop("Server")),
)
#: The statuses of stores that may have no data.
_MAY_BE_EMPTY = frozenset({"planned", "removed"})
_PERCENT = gettext_noop("{percent} %")
_ABOUT = gettext_noop("about {number}")


def observed_blocks(question: ObservedQuestion, site: SiteIndex) -> tuple[Block, ...]:
    """Return what was seen of the stores that a query selects; nothing when there is no observation."""
    observation = site.observation
    return () if observation is None else tuple(_blocks(question.query, observation, site))


def _blocks(query: Query, observation: Observation, site: SiteIndex) -> Iterator[Block]:
    stores = site.select(query)
    backends = None if query.is_of_all else {store.backend for store in stores}
    servers = [
        position
        for position, server in enumerate(observation.servers)
        if backends is None or not server.backends or not backends.isdisjoint(server.backends)
    ]
    if not servers:
        return
    yield Bullets(tuple(_server(observation.servers[position], site) for position in servers))
    seen = [store for store in stores if store.name in site.seen]
    if seen:
        yield _stores(seen, site)
    asked = {backend for position in servers for backend in observation.servers[position].backends}
    unseen = [
        store
        for store in stores
        if store.name not in site.seen
        and store.name not in site.federation.origins
        and store.backend in asked
        and store.status not in _MAY_BE_EMPTY
    ]
    if unseen:
        yield Paragraph(sentence(fill(site.words.gettext(_UNSEEN), number=number_text(len(unseen), site.words))))
        names = ((site.cells.store(store.name), *noted(site.cells.status_note(store))) for store in unseen)
        yield Paragraph(tuple(chain.from_iterable((Span(", "), *spans) for spans in names))[1:])
    # What belongs to no store passes no filter but one by backend.
    if query._replace(backend=Terms(), limit=None).is_of_all:
        yield from _unknown(observation, servers, site)


def _server(server: ServerSeen, site: SiteIndex) -> Spans:
    """Return a sentence about a server."""
    words = site.words
    facts = []
    if server.role:
        facts.append(words.gettext(_ROLES[server.role]))
    if server.started:
        day, _, time = server.started.partition("T")
        facts.append(fill(words.gettext(_ASKED), day=day, time=time[:5]))
    # Of a database, the tables are counted.
    has_tables = any(
        site.registry.backends[backend].has_tables for backend in server.backends if backend in site.registry.backends
    )
    seen, total = number_text(server.seen, words), number_text(server.total, words)
    facts.append(fill(_seen(server, words, has_tables=has_tables), seen=seen, number=total))
    if server.seconds:
        facts.append(fill(words.gettext(_TAKEN), number=number_text(max(1, round(server.seconds)), words)))
    if server.stopped:
        reason = "tables" if has_tables and server.stopped == "keys" else server.stopped
        number = f"{server.most_seconds:g}" if reason == "seconds" else number_text(server.most_keys, words)
        facts.append(fill(words.gettext(_STOPS[reason]), number=number))
    labels = dict.fromkeys(site.registry.backend_label(backend) for backend in server.backends)
    product = server.product or ", ".join(labels) or "?"
    return sentence(words.gettext(_SERVER), product=(Span(product, "strong"),), facts=", ".join(facts))


def _seen(server: ServerSeen, words: NullTranslations, *, has_tables: bool) -> str:
    """Return the message about how much was seen of a server."""
    if server.seen >= server.total and not server.stopped:
        if has_tables:
            return words.ngettext("its {number} table was seen", "all {number} tables were seen", server.total)
        return words.ngettext("its {number} key was seen", "all {number} keys were seen", server.total)
    if has_tables:
        return words.ngettext(
            "{seen} of {number} table was seen", "{seen} of {number} tables were seen", server.total
        )
    return words.ngettext("{seen} of {number} key was seen", "{seen} of {number} keys were seen", server.total)


def _stores(stores: Sequence[Store], site: SiteIndex) -> Table:
    words, numbers = site.words, [site.seen[store.name] for store in stores]
    columns = (
        Column("name", site.cells.title(FIELDS["name"])),
        Column("backend", site.cells.title(FIELDS["backend"])),
        Column("seen-keys", words.gettext(_ENTRIES)),
        Column("seen-bytes", words.gettext(_SIZE)),
        Column("expiring", words.gettext(_EXPIRE)),
    )
    cells = (
        site.cells.column(FIELDS["name"], stores, noting_status=True),
        site.cells.column(FIELDS["backend"], stores),
        tuple([_entries(each, words) for each in numbers]),
        tuple(["" if each.is_shared else _size(each.bytes, words) for each in numbers]),
        tuple([_share(each.expiring, each.keys, words) for each in numbers]),
    )
    return Table("observed", columns, (Body((), cells, ("",) * len(stores)),))


def _entries(numbers: Numbers, words: NullTranslations) -> str:
    if numbers.entries is None:
        return ""
    number = number_text(numbers.entries, words)
    return number if numbers.is_exact else fill(words.gettext(_ABOUT), number=number)


def _size(number: int, words: NullTranslations) -> str:
    """Return a number of bytes as text; empty for none."""
    return size_text(number, lambda part: number_text(part, words)) if number else ""


def _share(part: int, whole: int, words: NullTranslations) -> str:
    """Return a share in per cent: 0 and 100 only for none and all."""
    if not whole:
        return ""
    percent = round(100 * part / whole)
    if 0 < part < whole:
        percent = min(max(percent, 1), 99)
    return fill(words.gettext(_PERCENT), percent=percent)


def _unknown(observation: Observation, servers: Sequence[int], site: SiteIndex) -> Iterator[Block]:
    words = site.words
    several = len(observation.servers) > 1

    def row_of(server: int, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        return (*cells, observation.servers[server].product) if several else cells

    shown = frozenset(servers)
    keys = [(server, group) for server, group in observation.unknown_keys if server in shown]
    tables = [(server, table) for server, table in observation.unknown_tables if server in shown]
    if keys:
        yield Paragraph(sentence(fill(words.gettext(_KEYS), number=number_text(len(keys), words))))
        rows = [row_of(server, _key_cells(group, words)) for server, group in keys]
        yield Table("observed", in_words(_KEY_COLUMNS[: len(rows[0])], words), (body(rows),))
    if tables:
        yield Paragraph(sentence(fill(words.gettext(_TABLES), number=number_text(len(tables), words))))
        rows = [row_of(server, _table_cells(table, words)) for server, table in tables]
        yield Table("observed", in_words(_TABLE_COLUMNS[: len(rows[0])], words), (body(rows),))


def _key_cells(group: KeyGroup, words: NullTranslations) -> tuple[Cell, ...]:
    return (
        (Span(group.pattern, "code"),),
        number_text(group.keys, words),
        _size(group.bytes, words),
        _share(group.expiring, group.keys, words),
        ", ".join(group.types),
    )


def _table_cells(table: TableSeen, words: NullTranslations) -> tuple[Cell, ...]:
    numbers = Numbers(rows=table.rows, is_exact=table.is_exact, has_table=True)
    # The size is that of the whole table.
    where = table_spans(table.name, f"{table.column} = {table.value}" if table.value else "")
    return where, _entries(numbers, words), "" if table.value else _size(table.bytes, words)


def table_spans(table: str, rows: str) -> Spans:
    """Return a table, and which rows of one that stores share: ``records: store = order``."""
    return (Span(table, "code"), Span(": "), Span(rows, "code")) if rows else (Span(table, "code"),)


def observed_words(numbers: Numbers, words: NullTranslations) -> str:
    """Return what was seen of one store, for its entry: ``1,204 keys, 1176 KiB, 35 % expire (2026-11-26)``."""
    parts = []
    if numbers.keys or not numbers.has_table:
        number = number_text(numbers.keys, words)
        parts.append(fill(words.ngettext("{number} key", "{number} keys", numbers.keys), number=number))
    if numbers.rows is not None:
        number = _entries(numbers._replace(keys=0), words)
        parts.append(fill(words.ngettext("{number} row", "{number} rows", numbers.rows), number=number))
    elif numbers.has_table:
        parts.append(words.gettext("its table"))
    if numbers.bytes and not numbers.is_shared:
        parts.append(_size(numbers.bytes, words))
    if numbers.keys:
        share = _share(numbers.expiring, numbers.keys, words)
        parts.append(fill(words.gettext("{share} expire"), share=share))
    text = ", ".join(parts)
    if not numbers.when:
        return text
    return fill(words.gettext("{facts} ({day})"), facts=text, day=numbers.when[:10])
