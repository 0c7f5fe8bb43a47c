"""A connection to a server that speaks the protocol of MySQL -> what is seen of its tables, and of no row.

Numbers and sizes of rows are the server's own estimates. Only where stores share a table, the rows of each are
counted, and only by an index that begins with the column that tells them apart. All names in queries come from the
server.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sphinx_statestores.live.budget import INTERRUPTED, KEYS, SECONDS, Meter
from sphinx_statestores.live.faults import RefusedError, ServerError
from sphinx_statestores.live.masking import UnknownKeys, masked_tables, registry_words
from sphinx_statestores.live.reading import Reading
from sphinx_statestores.registry.commands import mysql_name
from sphinx_statestores.registry.key_index import location_in_table
from sphinx_statestores.registry.observation import ServerSeen, StoreSeen, TableSeen
from sphinx_statestores.registry.quoting import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx_statestores.live.budget import Budget
    from sphinx_statestores.live.reading import Progress
    from sphinx_statestores.registry.model import Registry, Store

_SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")
#: How many more values than stores a column may have. One with more is no column that tells stores apart.
_MORE_VALUES = 10_000


class Facts(NamedTuple):
    """What a server says of itself."""

    product: str
    #: ``primary``, ``replica``, or empty where it is not known.
    role: str


class Conversation(Protocol):
    """A connection to a server, as :class:`~.mysql_server.MysqlServer` is."""

    @property
    def facts(self) -> Facts:
        """What the server says of itself."""

    @property
    def database(self) -> str:
        """The database to read; empty for all."""

    def query(self, text: str, values: tuple[object, ...] = ()) -> tuple[tuple[Any, ...], ...]:
        """Return the rows of a query."""

    def query_by_name(self, text: str) -> tuple[dict[str, Any], ...]:
        """Return the rows of a query, each as column -> value."""

    def limit(self, seconds: float) -> bool:
        """Set the longest time of queries; return whether the server knows such a limit."""


class _Table(NamedTuple):
    database: str
    name: str
    #: An estimate.
    rows: int
    bytes: int
    is_view: bool


class _Location(NamedTuple):
    """Where stores lie: a table as the registry has it, and the column that tells them apart there, or nothing."""

    table: str
    column: str


def read_mysql(
    server: Conversation, registry: Registry, backends: tuple[str, ...], budget: Budget, tell: Progress
) -> Reading:
    """Read a server that may have the stores of *backends*; *tell* is called after each step.

    When the connection is lost or the server refuses what is needed, and for a KeyboardInterrupt, returns what was
    seen until then.
    """
    return _TableReader(server, registry, backends, Meter(budget)).read(tell)


class _TableReader:
    """What is seen so far."""

    def __init__(self, server: Conversation, registry: Registry, backends: tuple[str, ...], meter: Meter) -> None:
        self._server = server
        self._backends = backends
        self._meter = meter
        self._started = datetime.now(UTC)
        self._words = registry_words(registry)
        #: Location -> value -> the stores there.
        self._stores: dict[_Location, dict[str, list[Store]]] = {}
        for store in registry.stores:
            table, column, value = location_in_table(store, registry) if store.backend in backends else ("", "", "")
            if table:
                self._stores.setdefault(_Location(table, column), {}).setdefault(value, []).append(store)
        self._tables: tuple[_Table, ...] = ()
        #: Name, and name with its database -> tables.
        self._by_name: dict[str, list[_Table]] = {}
        self._fold: Callable[[str], str] = str.casefold
        #: Location -> value -> rows, for those that were counted in all tables of this name.
        self._counts: dict[_Location, Mapping[str, int]] = {}
        self._total = 0
        #: What cannot be seen. Each once.
        self._notes: dict[str, None] = {}

    def read(self, tell: Progress) -> Reading:
        """Read the server."""
        stopped = fault = ""
        try:
            stopped = self._read_tables()
            tell(len(self._tables), self._total)
            stopped = self._count_rows(tell) or stopped
        except KeyboardInterrupt:
            stopped = INTERRUPTED
        except RefusedError as error:
            stopped, fault = INTERRUPTED, f"the tables cannot be listed: {error}"
        except ServerError as error:
            stopped, fault = INTERRUPTED, str(error)
        return self._reading(stopped, fault)

    def _read_tables(self) -> str:
        """Read the names, sizes and estimated rows of the tables; return what of the budget is used up."""
        self._server.limit(self._meter.seconds_left)
        ((mode,),) = self._server.query("SELECT @@lower_case_table_names")
        self._fold = str.casefold if mode else str
        database = self._server.database
        rows = self._server.query(
            "SELECT table_schema, table_name, table_rows, data_length, index_length, table_type "
            "FROM information_schema.tables WHERE "
            + ("table_schema = %s" if database else f"table_schema NOT IN ({', '.join(['%s'] * len(_SYSTEM))})"),
            (database,) if database else _SYSTEM,
        )
        tables = sorted(
            _Table(_text(schema), _text(name), int(rows or 0), int(data or 0) + int(index or 0), "VIEW" in kind)
            for schema, name, rows, data, index, kind in rows
            if kind != "SEQUENCE"
        )
        self._total = len(tables)
        self._tables = tuple(tables[: self._meter.keys_left])
        self._meter.asked += len(self._tables)
        for table in self._tables:
            for name in (table.name, f"{table.database}.{table.name}"):
                self._by_name.setdefault(self._fold(name), []).append(table)
        if not tables:
            self._notes["no table is visible: grant the user a privilege for the tables"] = None
        return KEYS if len(self._tables) < self._total else ""

    def _count_rows(self, tell: Progress) -> str:
        """Count the rows of the stores that share tables; return what of the budget is used up."""
        shared = [location for location in sorted(self._stores) if location.column and self._found(location)]
        if shared and not self._server.limit(self._meter.seconds_left):
            self._notes["rows of shared tables are not counted: the server has no limit for the time of a query"] = (
                None
            )
            return ""
        for location in shared:
            where = f"the rows of stores in the table {escaped(location.table)} are not counted"
            try:
                if not self._meter.seconds_left:
                    raise RefusedError("the time is used up", is_too_long=True)  # noqa: TRY301 - as the server does
                self._counts[location] = self._counted(location)
            except RefusedError as error:
                if error.is_too_long:
                    self._notes[f"{where}: it takes longer than {self._meter.budget.seconds:g} seconds"] = None
                    return SECONDS
                self._notes[f"{where}: {error}"] = None
            tell(len(self._tables), self._total)
        return ""

    def _found(self, location: _Location) -> list[_Table]:
        """Return the tables of a location: several databases may have one of this name."""
        return self._by_name.get(self._fold(location.table), [])

    def _counted(self, location: _Location) -> dict[str, int]:
        """Return value -> rows. Raises RefusedError when they cannot be counted by an index alone."""
        found: dict[str, int] = {}
        known = self._stores[location]
        for table in self._found(location):
            names = (table.database, table.name)
            wanted = location.column.casefold()
            columns = self._server.query(
                "SELECT column_name, collation_name FROM information_schema.columns "
                "WHERE table_schema = %s AND table_name = %s",
                names,
            )
            column = next((_text(name) for name, _ in columns if _text(name).casefold() == wanted), "")
            if not column:
                raise RefusedError(f"it has no column {escaped(location.column)} that the user may read")
            firsts = self._server.query(
                "SELECT column_name FROM information_schema.statistics WHERE table_schema = %s AND table_name = %s "
                "AND seq_in_index = 1 AND sub_part IS NULL AND index_type = 'BTREE'",
                names,
            )
            if wanted not in (_text(name).casefold() for (name,) in firsts):
                raise RefusedError(f"no index begins with the column {escaped(column)}")
            collation = next(str(each or "") for name, each in columns if _text(name) == column)
            folded = {value.casefold(): value for value in known} if collation.endswith("_ci") else {}
            for value, rows in self._count(table, column, len(known) + _MORE_VALUES):
                text = value if value in known else folded.get(value.casefold(), value)
                found[text] = found.get(text, 0) + rows
        return found

    def _count(self, table: _Table, column: str, most: int) -> list[tuple[str, int]]:
        """Return values with their numbers of rows. Raises RefusedError."""
        self._server.limit(self._meter.seconds_left)
        name = mysql_name(column)
        query = (
            f"SELECT {name}, COUNT(*) FROM {mysql_name(table.database)}.{mysql_name(table.name)} "  # noqa: S608 - quoted
            f"GROUP BY {name} LIMIT {most + 1}"
        )
        # The server may have an index that it must not use.
        plan = self._server.query_by_name(f"EXPLAIN {query}")
        if not all(step.get("key") and "Using index" in str(step.get("Extra")) for step in plan):
            raise RefusedError(f"the server would read more than an index of the column {escaped(column)}")
        self._server.limit(self._meter.seconds_left)
        rows = self._server.query(query)
        if len(rows) > most:
            raise RefusedError(f"the column {escaped(column)} has too many values to tell stores apart")
        return [(_text(value), int(number)) for value, number in rows]

    def _reading(self, stopped: str, fault: str) -> Reading:
        """Return what was seen."""
        stores = []
        for location, by_value in self._stores.items():
            for value, found in by_value.items():
                table = self._table_seen(location, value)
                if table is not None:
                    stores += [StoreSeen(store.name, 0, table=table) for store in found]
        budget, facts = self._meter.budget, self._server.facts
        return Reading(
            ServerSeen(
                self._backends,
                facts.product,
                facts.role,
                self._started.strftime("%Y-%m-%dT%H:%M:%SZ"),
                round(self._meter.seconds, 1),
                budget.keys,
                budget.seconds,
                self._total,
                len(self._tables),
                stopped,
            ),
            tuple(stores),
            unknown_tables=(*self._unknown_tables(), *self._unknown_values()),
            notes=tuple(self._notes),
            fault=fault,
        )

    def _table_seen(self, location: _Location, value: str) -> TableSeen | None:
        """Return what was seen of the table of stores, or of their rows in it; None when nothing was."""
        tables = self._found(location)
        size = sum(table.bytes for table in tables)
        if not tables:
            return None
        if not location.column:
            counted = [table.rows for table in tables if not table.is_view]
            return TableSeen(location.table, sum(counted) if counted else None, bytes=size)
        counts = self._counts.get(location)
        if counts is None:
            return TableSeen(location.table, None, False, size, location.column, value)
        rows = counts.get(value, 0)
        return TableSeen(location.table, rows, True, size, location.column, value) if rows else None

    def _unknown_tables(self) -> list[TableSeen]:
        known = {table for location in self._stores for table in self._found(location)}
        others = [table for table in self._tables if table not in known and not table.is_view]
        found = masked_tables(((table.name, table.rows, table.bytes) for table in others), self._words)
        return [TableSeen(name, rows, bytes=size) for name, (rows, size) in found.items()]

    def _unknown_values(self) -> list[TableSeen]:
        found = []
        for location, counts in sorted(self._counts.items()):
            if _Location(location.table, "") in self._stores:
                continue  # a store has the whole table
            unknown = UnknownKeys(self._words)
            for value, rows in counts.items():
                if value not in self._stores[location]:
                    unknown.group_of(value).add_rows(rows)
            size = sum(table.bytes for table in self._found(location))
            found += [
                TableSeen(location.table, tally.keys, True, size, location.column, pattern)
                for pattern, tally in unknown.groups().items()
            ]
        return found


def _text(value: object) -> str:
    """Return a value as text; of a name, bytes in old versions of MySQL."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return "" if value is None else str(value)
