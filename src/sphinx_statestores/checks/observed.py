"""What was seen on servers and a registry -> what of the two contradicts the other.

A wrong report costs more than a missing one: nothing is said of a store whose server was not asked or not seen to its
end, nor of a type or a time to live that is written in words which may mean several things.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from sphinx_statestores.registry.key_index import KeyIndex
from sphinx_statestores.registry.numbers import size_text
from sphinx_statestores.registry.observed_stores import for_registry, numbers_of
from sphinx_statestores.registry.own_fields import seconds_of
from sphinx_statestores.registry.problems import Kind, Problem
from sphinx_statestores.registry.quoting import listed, shown, unquoted
from sphinx_statestores.registry.suggest import Suggestions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sphinx_statestores.registry.model import Key, Registry, Store
    from sphinx_statestores.registry.observation import KeyGroup, ServerSeen, StoreSeen, TableSeen
    from sphinx_statestores.registry.observation_file import ObservationFile
    from sphinx_statestores.registry.problems import Location

_REMOVED = "removed"
#: The pattern of keys of which everything is masked.
_MASKED = "*"
#: The statuses of stores that may have no data.
_MAY_BE_EMPTY = frozenset({"planned", "deprecated", _REMOVED})
#: Tables in which tools for migrations keep their own books.
_BOOKKEEPING = frozenset(
    {
        *("alembic_version", "schema_migrations", "ar_internal_metadata", "django_migrations", "knex_migrations"),
        *("knex_migrations_lock", "flyway_schema_history", "databasechangelog", "databasechangeloglock"),
        *("__efmigrationshistory", "goose_db_version", "gorp_migrations", "_prisma_migrations", "migrations"),
        *("phinxlog", "doctrine_migration_versions", "schema_version", "schemaversions", "sequelizemeta"),
    }
)

#: The last words of names of stores whose keys are locks.
_LOCKS = frozenset({"lock", "locks", "mutex"})
#: What to do about a store that was not seen.
_CORRECT = "correct where it lies, or give it the status 'planned', 'deprecated' or 'removed'"

# -- times to live ---------------------------------------------------------------------
_TIME = re.compile(
    r"\d\s*(?:ms|s|secs?|m|mins?|hr?s?|d|w)\b|\b(?:milli)?seconds?\b|\b(?:minute|hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\b(?:no|none|never|not|n/a|without|forever|permanent\w*|persist\w*|infinite\w*|unlimited|optional\w*|may|might"
    r"|can|could|sometimes|some|if|unless|until|except|depend\w*|var(?:y|ies)|unknown|tbd|manual\w*|mostly|usually)\b",
    re.IGNORECASE,
)
#: So much longer than promised may a key live: many programs add a random part, so that not all keys expire at once.
_LONGER, _SECONDS_LONGER = 1.1, 60

# -- types -----------------------------------------------------------------------------
_STRING, _HASH, _LIST, _SET, _ZSET, _STREAM, _JSON = "string", "hash", "list", "set", "zset", "stream", "ReJSON-RL"
#: Words for a type -> the types that they may mean, as ``TYPE`` names them. Types of a programming language, such as
#: ``List<Guid>``, say nothing about how their values are kept.
_TYPES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("string", "str", "text", "counter", "integer", "bitmap", "hyperloglog"), frozenset({_STRING})),
    **dict.fromkeys(("hash", "hashes"), frozenset({_HASH})),
    "list": frozenset({_LIST}),
    "set": frozenset({_SET}),
    **dict.fromkeys(("sorted set", "sortedset", "zset", "ordered set"), frozenset({_ZSET})),
    **dict.fromkeys(("geo", "geospatial", "geo set"), frozenset({_ZSET})),
    "stream": frozenset({_STREAM}),
    **dict.fromkeys(("json", "rejson", "json document", "json object"), frozenset({_STRING, _JSON})),
    **dict.fromkeys(("rejson-rl", "redisjson"), frozenset({_JSON})),
}
_NAMED = re.compile(
    rf"\bredis[ -]({'|'.join(sorted(map(re.escape, _TYPES), key=len, reverse=True))})\b", re.IGNORECASE
)
_REMARK = re.compile(r"\s*\([^()]*\)")
_OR = re.compile(r"\s*(?:[,/|]|\bor\b)\s*")


def check_observed(registry: Registry, file: ObservationFile, index: KeyIndex | None = None) -> list[Problem]:
    """Take a registry and what was seen; return what is wrong, in the order of files and lines.

    Each problem is at the place of the store or of the item of ``keys``, and what belongs to no store at its place in
    the file. *index* is that of the registry, if the caller has one. Takes time for the number of stores and groups.
    """
    index = index or KeyIndex(registry)
    check = _Check(registry, index, for_registry(file, registry, index))
    order = {each.path: position for position, each in enumerate(registry.files)}
    found = [*check.stores(), *check.unseen(), *check.unknown_keys(), *check.unknown_tables()]
    return sorted(found, key=lambda problem: (order.get(problem.location.path, len(order)), problem.location))


class _Check:
    """Compares what was seen with a registry."""

    def __init__(self, registry: Registry, index: KeyIndex, file: ObservationFile) -> None:
        self._registry = registry
        self._index = index
        self._file = file
        self._seen = file.observation
        self._suggestions = Suggestions()
        #: Store -> pattern -> the items of ``keys`` that have it: several servers may have the store.
        self._items: dict[str, dict[str, list[Key]]] = {}
        self._prefixes = tuple(dict.fromkeys(store.prefix for store in registry.stores if store.prefix))

    # -- stores -------------------------------------------------------------------------

    def stores(self) -> Iterator[Problem]:
        """Yield what is wrong with stores that were seen."""
        numbers = numbers_of(self._seen)
        left_over: set[str] = set()
        for record in self._seen.stores:
            store = self._registry.by_name[record.name]
            if store.status == _REMOVED:
                if store.name not in left_over and numbers[store.name].entries:
                    left_over.add(store.name)
                    what = "keys" if numbers[store.name].keys else "rows"
                    message = (
                        f"the removed store {shown(store.name)} still has {what} on {self._server(record.server)} "
                        f"({numbers[store.name].entries:,}): delete them, or correct its status"
                    )
                    yield Problem(Kind.LEFTOVER_DATA, message, store.places.of("status"), store=store.name)
                continue
            if record.has_index is False:
                name = self._index.place(store).search
                message = (
                    f"{self._server(record.server)} has no search index {shown(name)} for the store "
                    f"{shown(store.name)}: create it, or correct 'enableSearch' or the layout of the store"
                )
                yield Problem(Kind.MISSING_INDEX, message, store.places.of("enableSearch"), store=store.name)
            yield from self._keys(store, record)

    def _keys(self, store: Store, record: StoreSeen) -> Iterator[Problem]:
        described = self._described(store) if store.keys and record.groups else {}
        for group in record.groups:
            keys = described.get(group.pattern, [])
            # Of several items with one pattern, nobody can tell the keys apart.
            if len({key.ttl for key in keys}) == 1:
                yield from self._lifetimes(store, keys[0], group)
            if len({key.type for key in keys}) == 1:
                yield from self._types(store, keys[0], group)

    def _described(self, store: Store) -> dict[str, list[Key]]:
        """Return pattern -> the items of ``keys`` that have it."""
        if store.name not in self._items:
            found = self._items[store.name] = {}
            for pattern in self._index.place(store).patterns:
                if pattern.key is not None:
                    found.setdefault(pattern.text, []).append(pattern.key)
        return self._items[store.name]

    def _lifetimes(self, store: Store, key: Key, group: KeyGroup) -> Iterator[Problem]:
        if not promises_to_expire(key.ttl):
            return
        lasting, of = group.keys - group.expiring, f"{shown(group.pattern)} of the store {shown(store.name)}"
        promised = seconds_of(" ".join(key.ttl.split()))
        if lasting:
            message = (
                f"{lasting:,} of {group.keys:,} keys {of} never expire, but their 'ttl' is {shown(key.ttl)}: set it "
                "where they are written, or correct 'ttl'"
            )
        elif promised and group.longest_ttl > promised * _LONGER + _SECONDS_LONGER:
            message = (
                f"keys {of} live up to {_duration(group.longest_ttl)}, but their 'ttl' is {shown(key.ttl)}: correct "
                "one of the two"
            )
        else:
            return
        yield Problem(Kind.MISSING_TTL, message, key.places.of("ttl"), store=store.name)

    def _types(self, store: Store, key: Key, group: KeyGroup) -> Iterator[Problem]:
        wanted = types_of(key.type)
        if wanted == {_STRING} and store.enable_search:
            # What is searched is kept as JSON.
            wanted = {_STRING, _JSON}
        others = {name: number for name, number in group.types.items() if name not in wanted}
        if not wanted or not others:
            return
        found, number = listed(map(shown, others), len(others), "or"), sum(others.values())
        message = (
            f"{number:,} of {group.keys:,} keys {shown(group.pattern)} of the store {shown(store.name)} have the "
            f"type {found}, but their 'type' is {shown(key.type)}: correct it, or what writes them"
        )
        yield Problem(Kind.WRONG_TYPE, message, key.places.of("type"), store=store.name)

    # -- stores that were not seen ------------------------------------------------------

    def unseen(self) -> Iterator[Problem]:
        """Yield the stores that should have been seen."""
        seen = {record.name for record in self._seen.stores}
        asked: dict[str, list[ServerSeen]] = defaultdict(list)
        for server in self._seen.servers:
            for backend in server.backends:
                asked[backend].append(server)
        answers = {backend: _answer(servers) for backend, servers in asked.items()}
        for store in self._registry.stores:
            if store.name in seen or store.status in _MAY_BE_EMPTY or store.backend not in answers:
                continue
            place = self._index.place(store)
            on, knows_tables, knows_keys = answers[store.backend]
            has_keys = any(pattern.what == "keys" for pattern in place.patterns)
            if place.table and self._registry.backends[store.backend].has_tables:
                if knows_tables:
                    yield self._unseen_table(store, place.table, place.column, place.value, on)
            elif has_keys and knows_keys and not _comes_and_goes(store):
                patterns = [pattern.text for pattern in place.patterns if pattern.key is None]
                message = (
                    f"no key of the store {shown(store.name)} ({listed(patterns, len(patterns))}) is on {on}, where "
                    f"all keys were seen: {_CORRECT}"
                )
                yield Problem(Kind.UNSEEN_STORE, message, store.location, store=store.name)

    def _unseen_table(self, store: Store, table: str, column: str, value: str, on: str) -> Problem:
        what = f"no row of the store {shown(store.name)} ({column} = {shown(value)})" if column else "no table"
        where = f"in the table {shown(table)} " if column else f"{shown(table)} of the store {shown(store.name)} "
        message = f"{what} {where}is on {on}: {_CORRECT}"
        return Problem(Kind.UNSEEN_STORE, message, store.location, store=store.name)

    # -- what belongs to no store -------------------------------------------------------

    def unknown_keys(self) -> Iterator[Problem]:
        """Yield the groups of keys that belong to no store."""
        for (server, group), place in zip(self._seen.unknown_keys, self._file.unknown_keys, strict=True):
            size = f", {size_text(group.bytes)}" if group.bytes else ""
            near = self._suggestions.did_you_mean(_head(group.pattern), self._prefixes, 1)
            keys = "1 key" if group.keys == 1 else f"{group.keys:,} keys"
            message = (
                f"{keys} {shown(group.pattern)} of no store ({self._server(server)}{size}){near}: add the store to "
                "the registry, delete the keys, or except the pattern from the rule"
                if group.pattern != _MASKED
                else f"{keys} of no store have no common beginning that can be told ({self._server(server)}{size}): "
                "find them with a scan and 'statestores whose', and add their stores to the registry, or delete them"
            )
            yield self._unknown(Kind.UNKNOWN_KEYS, message, place, group.pattern)

    def unknown_tables(self) -> Iterator[Problem]:
        """Yield the tables, and values of shared tables, that belong to no store."""
        for (server, table), place in zip(self._seen.unknown_tables, self._file.unknown_tables, strict=True):
            if not table.value and table.name.lower() in _BOOKKEEPING:
                continue
            yield self._unknown(
                Kind.UNKNOWN_TABLE,
                f"{_named(table)} on {self._server(server)} belongs to no store{_rows(table)}: add the store to the "
                "registry, delete the data, or except the name from the rule",
                place,
                table.value or table.name,
            )

    def _unknown(self, kind: Kind, message: str, place: Location, subject: str) -> Problem:
        return Problem(kind, message, place, subject=subject)

    def _server(self, position: int) -> str:
        return unquoted(self._seen.servers[position].product) or "the server"


def promises_to_expire(ttl: str) -> bool:
    """Take a ``ttl`` as it is written; return whether it says that each key expires."""
    return bool(_TIME.search(ttl)) and not _DOUBT.search(ttl)


def types_of(text: str) -> set[str]:
    """Take a ``type`` as it is written; return the types that it may mean, as ``TYPE`` names them.

    That is no type at all where anything of it is unknown.
    """
    words = text.replace("`", "").strip()
    named = {word.lower() for word in _NAMED.findall(words)}
    if not named:
        named = {part.lower() for part in _OR.split(_REMARK.sub("", words).strip()) if part}
    return {each for word in named for each in _TYPES[word]} if named <= _TYPES.keys() else set()


def _answer(servers: Sequence[ServerSeen]) -> tuple[str, bool, bool]:
    """Return what servers are called in a message, and whether all of their tables and all of their keys are known.

    A server with nothing at all may be the wrong one.
    """
    on = listed((unquoted(server.product) for server in servers), len(servers), "and")
    # All tables are known at once, whatever happens afterwards.
    knows_tables = all(server.total and server.seen >= server.total for server in servers)
    return on, knows_tables, all(server.total and not server.stopped for server in servers)


def _comes_and_goes(store: Store) -> bool:
    """Return whether a store may have no keys at a time: all of them may have expired, or nobody holds a lock."""
    all_expire = bool(store.keys) and all(promises_to_expire(key.ttl) for key in store.keys)
    return all_expire or store.name.rpartition("-")[2] in _LOCKS


def _head(pattern: str) -> str:
    """Return the text of a pattern that may be meant as a prefix."""
    return pattern.partition("*")[0].rstrip(":/|_-")


def _duration(seconds: int) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size:,} {unit}"
    return f"{seconds:,} seconds"


def _named(table: TableSeen) -> str:
    if not table.value:
        return f"the table {shown(table.name)}"
    return f"the value {shown(table.value)} of the column {shown(table.column)} in the table {shown(table.name)}"


def _rows(table: TableSeen) -> str:
    if table.rows is None:
        return ""
    about = "" if table.is_exact else "about "
    return f" ({about}{table.rows:,} {'row' if table.rows == 1 else 'rows'})"
