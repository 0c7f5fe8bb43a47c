"""What was seen on running servers: numbers for stores and for what belongs to no store, and no data of users.

A key is never kept, only the pattern of its group; no value of a key or column, and nothing about a connection. The
file is JSON: :func:`observation_data` is its content.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The version of the format. Increased for changes that break readers.
VERSION = 1

_NOTHING: Mapping[str, int] = MappingProxyType({})


class KeyGroup(NamedTuple):
    """Keys with one pattern."""

    #: ``*`` stands for each part that differs from key to key, and for each part that may be secret.
    pattern: str
    #: The number of keys that were seen.
    keys: int
    #: The type, as ``TYPE`` names it -> the number of keys.
    types: Mapping[str, int] = _NOTHING
    #: The number of keys that expire.
    expiring: int = 0
    #: The shortest and the longest time to live that was seen, in seconds; 0 where no key expires.
    shortest_ttl: int = 0
    longest_ttl: int = 0
    #: The number of keys whose memory and encoding were asked for.
    sampled: int = 0
    #: The memory of the sampled keys, in bytes.
    sampled_bytes: int = 0
    #: The encoding, as ``OBJECT ENCODING`` names it -> the number of sampled keys.
    encodings: Mapping[str, int] = _NOTHING

    @property
    def bytes(self) -> int:
        """The memory of all keys of the group, estimated from the sampled ones."""
        return self.sampled_bytes * self.keys // self.sampled if self.sampled else 0

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy by fields: a mapping proxy cannot be pickled."""
        return KeyGroup, tuple(dict(value) if isinstance(value, MappingProxyType) else value for value in self)


class TableSeen(NamedTuple):
    """A table, or the rows of one store in a table that stores share."""

    name: str
    #: None where it is not known.
    rows: int | None = None
    #: Whether the rows were counted; otherwise the server estimated their number.
    is_exact: bool = False
    #: The size of the data and indices of the whole table, in bytes; 0 where it is not known.
    bytes: int = 0
    #: The column and value that tell the rows apart; empty for a whole table.
    column: str = ""
    value: str = ""


class StoreSeen(NamedTuple):
    """What was seen of one store. A store of which nothing was seen has no such record."""

    name: str
    #: The position of the server in :attr:`Observation.servers`.
    server: int
    #: One group for each item of the store's ``keys`` with keys, one for its locks, and those of its other keys.
    groups: tuple[KeyGroup, ...] = ()
    table: TableSeen | None = None
    #: Whether the search index exists; None where the store has none or the server was not asked.
    has_index: bool | None = None

    @property
    def keys(self) -> int:
        """The number of keys that were seen."""
        return sum(group.keys for group in self.groups)

    @property
    def rows(self) -> int:
        """The number of rows of its table; 0 where it is not known."""
        return (self.table.rows or 0) if self.table else 0

    @property
    def bytes(self) -> int:
        """The memory of its keys, estimated, or the size of its table."""
        return sum(group.bytes for group in self.groups) + (self.table.bytes if self.table else 0)


class ServerSeen(NamedTuple):
    """A server that was asked."""

    #: The backends of the registry whose stores were looked for.
    backends: tuple[str, ...]
    #: What the server says of itself, such as ``Redis 7.0.15``.
    product: str
    #: ``replica``, ``primary``, or empty where it is not known.
    role: str
    #: When the server was asked, in UTC: ``2026-01-31T09:30:00Z``; empty where it is not known.
    started: str
    seconds: float
    #: The budget.
    most_keys: int
    most_seconds: float
    #: The number of keys that the server has, and that were seen; of tables in SQL.
    total: int
    seen: int
    #: Why not all was seen: ``keys`` or ``seconds`` for a budget that is used up, ``interrupted``, ``refused`` where
    #: the server refused some of the keys, or empty.
    stopped: str = ""
    #: Whether the server was asked for its search indices.
    knows_indices: bool = False


class Observation(NamedTuple):
    """What was seen."""

    servers: tuple[ServerSeen, ...] = ()
    stores: tuple[StoreSeen, ...] = ()
    #: Groups of keys that belong to no store, each with the position of its server.
    unknown_keys: tuple[tuple[int, KeyGroup], ...] = ()
    #: Tables that belong to no store, and values of a shared table that are those of no store.
    unknown_tables: tuple[tuple[int, TableSeen], ...] = ()


def observation_data(observation: Observation) -> dict[str, Any]:
    """Take an observation; return the content of its file, without what is empty."""
    return {
        "version": VERSION,
        "servers": [_data(server) for server in observation.servers],
        "stores": [
            {
                **_data(store),
                **({"groups": [_data(group) for group in store.groups]} if store.groups else {}),
                **({"table": _data(store.table)} if store.table else {}),
            }
            for store in observation.stores
        ],
        "unknown_keys": [{"server": server, **_data(group)} for server, group in observation.unknown_keys],
        "unknown_tables": [{"server": server, **_data(table)} for server, table in observation.unknown_tables],
    }


def _data(record: ServerSeen | StoreSeen | KeyGroup | TableSeen) -> dict[str, Any]:
    defaults = record._field_defaults
    return {
        name: dict(sorted(value.items())) if isinstance(value, MappingProxyType | dict) else value
        for name, value in record._asdict().items()
        if name not in defaults or value != defaults[name]
    }
