"""What was seen on servers, for a registry that may be newer: which stores it is about, and numbers for each of them.

A file keeps the stores that keys and tables had when the servers were asked. When a store is added, renamed or moved
afterwards, what was seen belongs to another store, and the servers need not be asked again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.key_index import KeyIndex, location_in_table
from sphinx_statestores.registry.observation import KeyGroup, Observation, StoreSeen, TableSeen
from sphinx_statestores.registry.observation_file import ObservationFile, read_observation
from sphinx_statestores.registry.problems import Problem, has_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.observation import ServerSeen
    from sphinx_statestores.registry.problems import Location
    from sphinx_statestores.registry.source import SourceText


def read_observations(sources: Iterable[SourceText | Problem]) -> tuple[ObservationFile | None, list[Problem]]:
    """Take the texts of files, or why they cannot be read; return what they say, as if in one file, and all problems.

    Returns None where one of the files has errors: a store that is in no other file would count as not seen.
    """
    files: list[ObservationFile] = []
    problems: list[Problem] = []
    for source in sources:
        found, more = (None, [source]) if isinstance(source, Problem) else read_observation(source)
        problems += more
        if found is not None:
            files.append(found)
    return (None if has_errors(problems) else merge_observations(files)), problems


def merge_observations(files: Iterable[ObservationFile]) -> ObservationFile:
    """Take what several files say; return it as if it stood in one."""
    servers: list[ServerSeen] = []
    stores: list[StoreSeen] = []
    keys: list[tuple[int, KeyGroup]] = []
    tables: list[tuple[int, TableSeen]] = []
    read = list(files)
    for file in read:
        seen, first = file.observation, len(servers)
        servers += seen.servers
        stores += [store._replace(server=first + store.server) for store in seen.stores]
        keys += [(first + server, group) for server, group in seen.unknown_keys]
        tables += [(first + server, table) for server, table in seen.unknown_tables]
    observation = Observation(tuple(servers), tuple(stores), tuple(keys), tuple(tables))
    return ObservationFile(
        observation,
        tuple(place for file in read for place in file.stores),
        tuple(place for file in read for place in file.unknown_keys),
        tuple(place for file in read for place in file.unknown_tables),
    )


def for_registry(file: ObservationFile, registry: Registry, index: KeyIndex | None = None) -> ObservationFile:
    """Return what a file says with the stores of a registry.

    What belongs to no store any more is moved to the unknown keys and tables, and what belongs to one now is moved
    from there. *index* is that of the registry, if the caller has one.
    """
    return _Owners(file, registry, index or KeyIndex(registry)).sorted()


class _Owners:
    """Finds the stores of what was seen."""

    def __init__(self, file: ObservationFile, registry: Registry, index: KeyIndex) -> None:
        self._file = file
        self._registry = registry
        self._index = index
        #: Table -> the stores in it. Table and value -> the store, where a table has several.
        self._in_table: dict[str, list[Store]] = defaultdict(list)
        self._by_value: dict[tuple[str, str], Store] = {}
        for store in registry.stores:
            table, _, value = self._table_of(store)
            if table:
                self._in_table[table].append(store)
                if value:
                    self._by_value.setdefault((table, value), store)
        #: Store -> the texts that its keys begin with.
        self._starts: dict[str, tuple[str, ...]] = {}
        #: Store and server -> what was seen of it there, its groups apart: a store may have many.
        self._stores: dict[tuple[str, int], StoreSeen] = {}
        self._groups: dict[tuple[str, int], list[KeyGroup]] = defaultdict(list)
        self._store_places: dict[tuple[str, int], Location] = {}
        #: The shared tables that were seen as a whole, by server.
        self._whole_tables: set[tuple[int, str]] = set()
        self._keys: list[tuple[tuple[int, KeyGroup], Location]] = []
        self._tables: list[tuple[tuple[int, TableSeen], Location]] = []

    def sorted(self) -> ObservationFile:
        """Return everything with its owners."""
        seen = self._file.observation
        for record, place in zip(seen.stores, self._file.stores, strict=True):
            self._take_store(record, place)
        for (server, group), place in zip(seen.unknown_keys, self._file.unknown_keys, strict=True):
            self._take_group(server, group, place)
        for (server, table), place in zip(seen.unknown_tables, self._file.unknown_tables, strict=True):
            self._take_table(server, table, place)
        return ObservationFile(
            Observation(
                seen.servers,
                tuple(store._replace(groups=tuple(self._groups[key])) for key, store in self._stores.items()),
                tuple(group for group, _ in self._keys),
                tuple(table for table, _ in self._tables),
            ),
            tuple(self._store_places.values()),
            tuple(place for _, place in self._keys),
            tuple(place for _, place in self._tables),
        )

    def _take_store(self, record: StoreSeen, place: Location) -> None:
        store = self._registry.by_name.get(record.name)
        rest = record._replace(groups=(), table=None)
        if store is not None and (record.has_index is not None or not (record.groups or record.table)):
            self._add(store, rest, place)
        for group in record.groups:
            # A pattern need not tell the store of its keys, of which the server knew more.
            if store is not None and self._may_have(store, group):
                self._add(store, rest._replace(groups=(group,)), place)
            else:
                self._take_group(record.server, group, place)
        if record.table is not None:
            if store is not None and self._is_table_of(store, record.table):
                self._add(store, rest._replace(table=record.table), place)
            else:
                self._take_table(record.server, record.table, place)

    def _take_group(self, server: int, group: KeyGroup, place: Location) -> None:
        owner = self._owner_of_keys(server, group.pattern)
        if owner is None:
            self._keys.append(((server, group), place))
        else:
            self._add(owner, StoreSeen(owner.name, server, (group,)), place)

    def _take_table(self, server: int, table: TableSeen, place: Location) -> None:
        if (server, table.name) in self._whole_tables and not table.value:
            return
        owners = [store for store in self._owners_of_table(table) if self._is_asked(server, store)]
        if len(owners) > 1:
            self._whole_tables.add((server, table.name))
        for owner in owners:
            # Of a whole table with several stores, each has a part that nobody has counted.
            whole = table if len(owners) == 1 else TableSeen(table.name)
            self._add(owner, StoreSeen(owner.name, server, table=whole), place)
        if not owners:
            self._tables.append(((server, table), place))

    def _add(self, store: Store, record: StoreSeen, place: Location) -> None:
        key = store.name, record.server
        known = self._stores.get(key, StoreSeen(*key))
        has_index = known.has_index if record.has_index is None else record.has_index
        self._stores[key] = known._replace(table=record.table or known.table, has_index=has_index)
        self._groups[key] += record.groups
        self._store_places.setdefault(key, place)

    # -- who owns what ------------------------------------------------------------------

    def _is_asked(self, server: int, store: Store) -> bool:
        """Return whether a server was asked for the backend of a store; one that tells no backend, for all."""
        backends = self._file.observation.servers[server].backends
        return not backends or store.backend in backends

    def _may_have(self, store: Store, group: KeyGroup) -> bool:
        if store.name not in self._starts:
            # Those of single items begin with one of these.
            patterns = self._index.place(store).patterns
            starts = (pattern.start for pattern in patterns if pattern.key is None and pattern.is_of_keys)
            self._starts[store.name] = tuple(starts)
        return group.pattern.startswith(self._starts[store.name])

    def _owner_of_keys(self, server: int, pattern: str) -> Store | None:
        owners = self._index.owners(pattern)
        found = (match.store for match in owners if match.pattern.is_of_keys and self._is_asked(server, match.store))
        return next(found, None)

    def _table_of(self, store: Store) -> tuple[str, str, str]:
        backend = self._registry.backends.get(store.backend)
        return location_in_table(store, self._registry) if backend and backend.has_tables else ("", "", "")

    def _is_table_of(self, store: Store, table: TableSeen) -> bool:
        name, _, value = self._table_of(store)
        return table.name == name and (not table.value or table.value == value)

    def _owners_of_table(self, table: TableSeen) -> list[Store]:
        if table.value:
            owner = self._by_value.get((table.name, table.value))
            return [] if owner is None else [owner]
        return self._in_table.get(table.name, [])


class Numbers(NamedTuple):
    """What was seen of one store on all servers."""

    keys: int = 0
    #: Keys that expire.
    expiring: int = 0
    bytes: int = 0
    #: None where no table was seen, or nobody has counted its rows.
    rows: int | None = None
    #: Whether the rows were counted, and not estimated.
    is_exact: bool = True
    #: Whether a table was seen.
    has_table: bool = False
    #: Whether the size is that of a table with other stores.
    is_shared: bool = False
    #: When the last of the servers was asked; may be empty.
    when: str = ""

    @property
    def entries(self) -> int | None:
        """The number of keys and rows; None where it is not known."""
        return self.keys if not self.has_table else None if self.rows is None else self.keys + self.rows


def numbers_of(observation: Observation) -> dict[str, Numbers]:
    """Return store -> what was seen of it, for the stores of which anything was seen."""
    found: dict[str, Numbers] = {}
    for store in observation.stores:
        table, known = store.table, found.get(store.name, Numbers())
        counted = [number for number in (known.rows, table.rows if table else None) if number is not None]
        found[store.name] = Numbers(
            known.keys + store.keys,
            known.expiring + sum(group.expiring for group in store.groups),
            known.bytes + store.bytes,
            sum(counted) if counted else None,
            is_exact=known.is_exact and (table is None or table.is_exact),
            has_table=known.has_table or table is not None,
            is_shared=known.is_shared or bool(table and table.value),
            when=max(known.when, observation.servers[store.server].started),
        )
    return found


def facts_of(observation: Observation) -> Mapping[str, Mapping[str, str]]:
    """Return what columns show, as in :attr:`~.model.Registry.facts`."""
    numbers = numbers_of(observation)
    return {
        "seen-keys": {name: str(each.entries) for name, each in numbers.items() if each.entries is not None},
        "seen-bytes": {name: str(each.bytes) for name, each in numbers.items() if each.bytes and not each.is_shared},
        "seen": {name: day for name, each in numbers.items() if (day := each.when[:10])},
    }
