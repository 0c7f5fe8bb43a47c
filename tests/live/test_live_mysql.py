"""What is seen on a running MariaDB server."""

from __future__ import annotations

import re
import socket
import time
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from live_servers import REGISTRY, registry_of

from sphinx_statestores.cli.observe import document
from sphinx_statestores.live.addresses import read_address
from sphinx_statestores.live.budget import Budget
from sphinx_statestores.live.credentials import Credentials
from sphinx_statestores.live.faults import RefusedError, ServerError
from sphinx_statestores.live.mysql_server import MysqlServer
from sphinx_statestores.live.reading import observation_of
from sphinx_statestores.registry.observation import TableSeen, observation_data

if TYPE_CHECKING:
    from live_servers import MysqlAt

    from sphinx_statestores.live.reading import Reading
    from sphinx_statestores.registry.model import Registry

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "observe.md"
ADMINISTRATOR = Credentials("root")
SHARED = "CREATE TABLE app.state_records (store_name VARCHAR(100), id VARCHAR(100), v TEXT, {})"
UNCOUNTED = TableSeen("state_records", column="store_name", value="order-store")
INDEXED = SHARED.format("PRIMARY KEY (id), KEY (store_name)")


def quietly(done: int, total: int) -> None:
    """Say nothing."""


def connected(
    server: MysqlAt,
    database: str = "app",
    budget: Budget = Budget(),  # noqa: B008 - a value
    credentials: Credentials = ADMINISTRATOR,
) -> MysqlServer:
    """Return a connection to a database of a server."""
    return MysqlServer(read_address(server.url(database), "mysql"), credentials, budget, needs_replica=False)


def read(
    server: MysqlAt,
    registry: Registry,
    *,
    backends: tuple[str, ...] = ("mysql",),
    tell: Any = quietly,
    **options: Any,
) -> Reading:
    """Read a database of a server."""
    connection = connected(server, **options)
    try:
        return connection.read(registry, backends, tell)
    finally:
        connection.close()


def fill(server: MysqlAt, *stores: str, rows: int = 3) -> None:
    """Insert rows of stores into the table that they share."""
    for store in stores:
        for row in range(rows):
            server.run(f"INSERT INTO app.state_records VALUES ('{store}', '{store}{row}', 'v')")  # noqa: S608 - a test
    server.run("ANALYZE TABLE app.state_records")


def tables_of(reading: Reading) -> dict[str, TableSeen | None]:
    """Return store -> table, without its size."""
    return {store.name: store.table._replace(bytes=0) if store.table else None for store in reading.stores}


def unknown_of(reading: Reading) -> list[tuple[str, int | None, str]]:
    """Return the name, the rows and the value of what belongs to no store."""
    return [(table.name, table.rows, table.value) for table in reading.unknown_tables]


@pytest.mark.parametrize("keys", ["PRIMARY KEY (id), KEY (store_name)", "PRIMARY KEY (store_name, id)"])
def test_a_table_that_stores_share(mysql_at: MysqlAt, registry: Registry, keys: str) -> None:
    """The rows of each store in a shared table are counted by an index; a store without rows is not seen."""
    mysql_at.run(SHARED.format(keys))
    fill(mysql_at, "order-store", "ghost-store")
    fill(mysql_at, "cart-store", "ann@example.com", rows=2)
    mysql_at.run("INSERT INTO app.state_records (id) VALUES ('none')" if "store_name, id" not in keys else "SELECT 1")
    reading = read(mysql_at, registry)
    assert tables_of(reading) == {
        "cart-store": TableSeen("state_records", 2, True, 0, "store_name", "cart-store"),
        "order-store": TableSeen("state_records", 3, True, 0, "store_name", "order-store"),
    }
    assert reading.stores[0].bytes > 10_000
    others = 2 + ("store_name, id" not in keys)
    assert unknown_of(reading) == [("state_records", others, "*"), ("state_records", 3, "ghost-store")]
    assert (reading.notes, reading.fault) == ((), "")
    assert re.fullmatch(r"MariaDB \d+\.\d+\.\d+", reading.server.product)
    assert (reading.server.role, reading.server.seen, reading.server.total) == ("primary", 1, 1)
    assert "example.com" not in document(observation_data(observation_of([reading])))


@pytest.mark.parametrize(
    ("keys", "note"),
    [
        ("PRIMARY KEY (id)", "no index begins with the column 'store_name'"),
        ("PRIMARY KEY (id), KEY (id, store_name)", "no index begins with the column 'store_name'"),
        ("PRIMARY KEY (id), KEY (store_name(10))", "no index begins with the column 'store_name'"),
        ("PRIMARY KEY (id), FULLTEXT (store_name)", "no index begins with the column 'store_name'"),
        ("PRIMARY KEY (id), KEY (store_name) IGNORED", "the server would read more than an index of the column"),
    ],
)
def test_rows_that_no_index_counts(mysql_at: MysqlAt, registry: Registry, keys: str, note: str) -> None:
    """Where no index counts the rows of stores, the table is seen, its rows are not, and this is said."""
    mysql_at.run(SHARED.format(keys))
    fill(mysql_at, "order-store")
    mysql_at.run("SET GLOBAL general_log = ON, GLOBAL log_output = 'TABLE'", "TRUNCATE mysql.general_log")
    try:
        reading = read(mysql_at, registry)
    finally:
        mysql_at.run("SET GLOBAL general_log = OFF")
    assert tables_of(reading)["order-store"] == UNCOUNTED
    (found,) = reading.notes
    assert found.startswith("the rows of stores in the table 'state_records' are not counted: ")
    assert note in found
    queries = [str(query) for (query,) in mysql_at.rows("SELECT argument FROM mysql.general_log")]
    assert not [query for query in queries if "COUNT" in query and "EXPLAIN" not in query]


def test_a_column_that_is_not_there(mysql_at: MysqlAt, registry: Registry) -> None:
    """A column that the table does not have is named."""
    mysql_at.run("CREATE TABLE app.state_records (id INT)")
    reading = read(mysql_at, registry)
    assert reading.notes == (
        "the rows of stores in the table 'state_records' are not counted: "
        "it has no column 'store_name' that the user may read",
    )


def test_what_runs(mysql_at: MysqlAt, registry: Registry) -> None:
    """All queries are about tables, or count rows by groups; none reads another column, and none can write."""
    mysql_at.run(INDEXED, "CREATE TABLE app.users (email VARCHAR(99))")
    fill(mysql_at, "order-store")
    mysql_at.run("SET GLOBAL general_log = ON, GLOBAL log_output = 'TABLE'", "TRUNCATE mysql.general_log")
    try:
        read(mysql_at, registry)
        connection = connected(mysql_at)
        with pytest.raises(RefusedError):
            connection.query("INSERT INTO app.users VALUES ('x')")
        connection.close()
    finally:
        mysql_at.run("SET GLOBAL general_log = OFF")
    logged = mysql_at.rows("SELECT argument FROM mysql.general_log WHERE command_type = 'Query' ORDER BY event_time")
    queries = [query.decode() if isinstance(query, bytes) else str(query) for (query,) in logged]
    about_rows = [query for query in queries if "FROM `app`" in query]
    count = "SELECT `store_name`, COUNT(*) FROM `app`.`state_records` GROUP BY `store_name` LIMIT 10004"
    assert about_rows == [f"EXPLAIN {count}", count]
    assert not [query for query in queries if "users" in query and "INSERT" not in query]
    before = queries[: queries.index(count)]
    assert "SET SESSION TRANSACTION READ ONLY" in before
    assert [query for query in before if query.startswith("SET SESSION max_statement_time")]


def test_tables_of_their_own(mysql_at: MysqlAt) -> None:
    """Own tables have an estimate; tables of nobody have masked names; other backends have other tables."""
    registry = registry_of(
        "x-state-stores:\n"
        "  order-store: {backend: mysql, service: Order, purpose: P}\n"
        "  audit-store: {backend: mariadb, table: audit_log, service: Order, purpose: P}\n"
        "  view-store: {backend: mysql, table: a_view, service: Order, purpose: P}\n"
        "  gone-store: {backend: mysql, service: Order, purpose: P}\n"
    )
    mysql_at.run(
        "CREATE TABLE app.order_store (id INT PRIMARY KEY)",
        "CREATE TABLE app.audit_log (id INT)",
        "CREATE TABLE app.orders_2023 (id INT)",
        "CREATE TABLE app.orders_2024 (id INT)",
        "CREATE TABLE app.`ann@example.com` (id INT)",
        "CREATE VIEW app.a_view AS SELECT 1",
        "CREATE VIEW app.another_view AS SELECT 1",
        "INSERT INTO app.order_store SELECT seq FROM app.seq_1_to_50",
        "ANALYZE TABLE app.order_store",
    )
    reading = read(mysql_at, registry)
    assert tables_of(reading) == {"order-store": TableSeen("order_store", 50), "view-store": TableSeen("a_view")}
    assert unknown_of(reading) == [("*", 0, ""), ("audit_log", 0, ""), ("orders_*", 0, "")]
    both = read(mysql_at, registry, backends=("mysql", "mariadb"))
    assert list(tables_of(both)) == ["audit-store", "order-store", "view-store"]
    assert both.server.backends == ("mysql", "mariadb")


def test_several_databases(mysql_at: MysqlAt, registry: Registry) -> None:
    """Without a database all are read: equal tables are added up, and a name may have the database in front."""
    registry = registry_of(
        REGISTRY
        + "  far-store: {backend: mysql, service: Order, purpose: P, physical: {table: other.far, column: k}}\n"
    )
    mysql_at.run("CREATE DATABASE other", INDEXED, INDEXED.replace("app.", "other."))
    mysql_at.run("CREATE TABLE other.far (k VARCHAR(20), KEY (k))", "INSERT INTO other.far VALUES ('far-store')")
    fill(mysql_at, "order-store")
    mysql_at.run("INSERT INTO other.state_records VALUES ('order-store', 'x', 'y')")
    reading = read(mysql_at, registry, database="")
    assert tables_of(reading) == {
        "order-store": TableSeen("state_records", 4, True, 0, "store_name", "order-store"),
        "far-store": TableSeen("other.far", 1, True, 0, "k", "far-store"),
    }
    assert unknown_of(reading) == []


def test_case(mysql_at: MysqlAt, registry: Registry) -> None:
    """Values are equal as the column compares them, and the column has any case."""
    mysql_at.run(
        "CREATE TABLE app.state_records (Store_Name VARCHAR(50) COLLATE utf8mb4_general_ci, KEY (Store_Name))"
    )
    mysql_at.run("INSERT INTO app.state_records VALUES ('Order-Store'), ('CART-STORE'), ('cart-store')")
    reading = read(mysql_at, registry)
    assert {store.name: store.rows for store in reading.stores} == {"order-store": 1, "cart-store": 2}
    mysql_at.run("DROP TABLE app.state_records")
    mysql_at.run("CREATE TABLE app.state_records (store_name VARCHAR(50) COLLATE utf8mb4_bin, KEY (store_name))")
    mysql_at.run("INSERT INTO app.state_records VALUES ('Order-Store'), ('CART-STORE'), ('cart-store')")
    assert {store.name: store.rows for store in read(mysql_at, registry).stores} == {"cart-store": 1}


def test_hostile_names(mysql_at: MysqlAt) -> None:
    """Names of tables and columns from a registry are never a part of a query that they end."""
    evil = "a`; DROP TABLE app.x; -- %s'\"\\"
    name = f"`{evil.replace('`', '``')}`"
    text = evil.replace("\\", "\\\\").replace('"', '\\"')
    registry = registry_of(
        f'x-state-stores:\n  s: {{backend: mysql, table: "{text}", service: A, purpose: P, '
        f'physical: {{column: "{text}", value: v}}}}\n'
    )
    mysql_at.run("CREATE TABLE app.x (id INT)", f"CREATE TABLE app.{name} ({name} VARCHAR(9), KEY ({name}))")
    mysql_at.run(f"INSERT INTO app.{name} VALUES ('v')")  # noqa: S608 - quoted
    reading = read(mysql_at, registry)
    assert tables_of(reading) == {"s": TableSeen(evil, 1, True, 0, evil, "v")}
    assert unknown_of(reading) == [("x", 0, "")]


def test_too_many_values(mysql_at: MysqlAt, registry: Registry) -> None:
    """A column with a value for each row tells no stores apart, and its values are not read to the end."""
    mysql_at.run(INDEXED, "INSERT INTO app.state_records SELECT CONCAT('u', seq), seq, '' FROM app.seq_1_to_11000")
    reading = read(mysql_at, registry)
    assert "has too many values to tell stores apart" in "".join(reading.notes)
    assert reading.unknown_tables == ()


def test_no_time(mysql_at: MysqlAt, registry: Registry) -> None:
    """What takes longer than the budget is not counted, and the reading says so."""
    mysql_at.run(INDEXED)
    fill(mysql_at, "order-store")
    connection = connected(mysql_at)
    assert connection.limit(0.2)
    with pytest.raises(RefusedError) as caught:
        connection.query("SELECT COUNT(*) FROM seq_1_to_1000000000000 WHERE seq % 7 = 3")
    assert caught.value.is_too_long
    connection.close()

    def tell(done: int, total: int) -> None:
        time.sleep(0.5)

    reading = read(mysql_at, registry, budget=Budget(9, 0.5, 1), tell=tell)
    assert reading.server.stopped == "seconds"
    assert tables_of(reading)["order-store"] == UNCOUNTED
    assert "it takes longer than 0.5 seconds" in "".join(reading.notes)


def test_a_small_budget(mysql_at: MysqlAt, registry: Registry) -> None:
    """No more tables than the budget has are looked at."""
    mysql_at.run("CREATE TABLE app.a (id INT)", "CREATE TABLE app.b (id INT)", INDEXED)
    reading = read(mysql_at, registry, budget=Budget(2, 60, 1))
    assert (reading.server.seen, reading.server.total, reading.server.stopped) == (2, 3, "keys")
    assert (reading.stores, unknown_of(reading)) == ((), [("a", 0, ""), ("b", 0, "")])


def test_an_interruption(mysql_at: MysqlAt, registry: Registry) -> None:
    """Ctrl-C ends the reading; the tables that were seen are there, without the rows of stores."""
    mysql_at.run(INDEXED)
    fill(mysql_at, "order-store")

    def tell(done: int, total: int) -> None:
        raise KeyboardInterrupt

    reading = read(mysql_at, registry, tell=tell)
    assert (reading.server.stopped, reading.is_interrupted, reading.server.seen) == ("interrupted", True, 1)
    assert tables_of(reading)["order-store"] == UNCOUNTED


def test_a_lost_connection(mysql_at: MysqlAt, registry: Registry) -> None:
    """When the connection is lost, what was seen is there, with the reason."""
    mysql_at.run(INDEXED)

    def tell(done: int, total: int) -> None:
        others = mysql_at.rows("SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID()")
        mysql_at.run(*(f"KILL {number}" for (number,) in others))

    reading = read(mysql_at, registry, tell=tell)
    assert (reading.server.stopped, reading.is_interrupted) == ("interrupted", False)
    assert "the connection is lost" in reading.fault


def test_the_documented_user(mysql_at: MysqlAt, registry: Registry) -> None:
    """The user of the documentation sees all tables, counts rows of stores, and reads no value."""
    statements = re.findall(
        r"^((?:CREATE USER|GRANT) .*statestores.*);$", HOWTO.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(statements) == 4
    mysql_at.run(INDEXED, "CREATE TABLE app.users (email VARCHAR(99))")
    mysql_at.run(*(each.replace("statestores@'%'", "reader@localhost") for each in statements))
    fill(mysql_at, "order-store")
    credentials = Credentials("reader", "PASSWORD")
    reading = read(mysql_at, registry, credentials=credentials)
    assert (reading.notes, reading.server.role) == ((), "primary")
    assert tables_of(reading)["order-store"] == TableSeen("state_records", 3, True, 0, "store_name", "order-store")
    assert reading.stores[0].bytes > 10_000
    assert unknown_of(reading) == [("users", 0, "")]
    connection = connected(mysql_at, credentials=credentials)
    for query in ("SELECT v FROM app.state_records", "SELECT * FROM app.users", "DELETE FROM app.users"):
        with pytest.raises(RefusedError, match="the user may not read it"):
            connection.query(query)
    connection.close()


def test_a_user_without_privileges(mysql_at: MysqlAt, registry: Registry) -> None:
    """A user that sees no table gets told, and so does one that may not read the column."""
    mysql_at.run(INDEXED, "CREATE USER reader@localhost IDENTIFIED BY 'pw'")
    credentials = Credentials("reader", "pw")
    reading = read(mysql_at, registry, credentials=credentials, database="")
    assert reading.notes == ("no table is visible: grant the user a privilege for the tables",)
    mysql_at.run("GRANT SHOW VIEW ON app.* TO reader@localhost")
    reading = read(mysql_at, registry, credentials=credentials)
    (note,) = reading.notes
    assert note.startswith("the rows of stores in the table 'state_records' are not counted: ")
    assert "reader" not in note


@pytest.mark.parametrize(
    ("database", "credentials", "reason"),
    [
        ("app", Credentials("reader", "wr0ng"), "the user or the password is wrong or missing"),
        ("app", Credentials("nob0dy", "wr0ng"), "the user or the password is wrong or missing"),
        ("app", Credentials("reader"), "the user or the password is wrong or missing"),
        ("app", Credentials("reader", "pw"), "the user may not read the database"),
        ("n0ne", Credentials("root"), "there is no such database"),
    ],
)
def test_who_may_not_connect(mysql_at: MysqlAt, database: str, credentials: Credentials, reason: str) -> None:
    """Why a user cannot connect is said without the user and the password."""
    mysql_at.run("CREATE USER reader@localhost IDENTIFIED BY 'pw'")
    with pytest.raises(ServerError) as caught:
        connected(mysql_at, database, credentials=credentials)
    assert str(caught.value) == reason
    assert caught.value.__suppress_context__


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    """Why a server cannot be reached is said."""
    for url, reason in [(f"unix://{tmp_path}/x", "No such file"), ("mysql://127.0.0.1:1", "Connection refused")]:
        with pytest.raises(ServerError, match=f"the server cannot be reached: {reason}"):
            MysqlServer(read_address(url, "mysql"), Credentials("u"), Budget(), needs_replica=False)


def test_a_server_without_encryption() -> None:
    """Neither a user nor a password is sent to a server that has no encryption although its address wants one."""
    # https://mariadb.com/kb/en/connection/#initial-handshake-packet, with all that MySQL 5.7 can do except TLS.
    greeting = b"".join(
        (
            *(b"\x0a5.7.44\0", b"\1\0\0\0", b"abcdefgh\0", b"\xff\xf7\x2d\2\0\xff\x81\x15", bytes(10)),
            *(b"abcdefghijkl\0", b"mysql_native_password\0"),
        )
    )
    sent: list[bytes] = []

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(len(greeting).to_bytes(3, "little") + b"\0" + greeting)
            sent.append(connection.recv(1000))

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = Thread(target=serve, args=(listening,), daemon=True)
        server.start()
        address = read_address(f"mysqls://127.0.0.1:{listening.getsockname()[1]}", "mysql")
        with pytest.raises(ServerError, match="the server has no encryption"):
            MysqlServer(address, Credentials("reader", "pw"), Budget(), needs_replica=False)
        server.join(10)
    assert sent == [b""]


def test_roles(mysql_at: MysqlAt, registry: Registry) -> None:
    """With ``--replica``, a primary and a server of unknown role are refused, and a replica is read."""
    address = read_address(mysql_at.url(), "mysql")

    def connect(credentials: Credentials) -> MysqlServer:
        return MysqlServer(address, credentials, Budget(), needs_replica=True)

    with pytest.raises(ServerError, match="wants a replica, but the server is a primary"):
        connect(ADMINISTRATOR)
    mysql_at.run("CREATE USER reader@localhost IDENTIFIED BY 'pw'", "GRANT SHOW VIEW ON app.* TO reader@localhost")
    reader = Credentials("reader", "pw")
    with pytest.raises(ServerError, match="does not say what it is: the user needs the privilege"):
        connect(reader)
    mysql_at.run("SET GLOBAL read_only = ON")
    try:
        connect(reader).close()
    finally:
        mysql_at.run("SET GLOBAL read_only = OFF")
    mysql_at.run("CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'x'")
    try:
        server = connect(ADMINISTRATOR)
        assert server.read(registry, ("mysql",), quietly).server.role == "replica"
        server.close()
    finally:
        mysql_at.run("RESET SLAVE ALL")
