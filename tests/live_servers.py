"""Redis and MariaDB servers for tests: on sockets in folders of their own, without a port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pymysql
import pytest
import redis

from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.registry.model import Registry

#: Where Debian has servers, also for users without them in their PATH.
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
#: How long a server may take to start, in seconds: the machine may be busy.
_PATIENCE = 60

#: Laid out as the system that the demo stands for.
REGISTRY = """\
x-physical:
  redis: {keys: ["{prefix}:*", "{prefix}:set:*"], locks: "{name}:lock:*", index: "idx:{prefix}"}
  mysql: {table: state_records, column: store_name}
x-state-stores:
  auth-store:
    backend: redis
    prefix: auth
    service: Auth
    purpose: Sessions
    enableSearch: true
    keys: [{pattern: "session:{id}", type: hash, ttl: 1h}, {pattern: "user:{id}:cart", type: string}]
  edge-store: {backend: redis, prefix: "auth:edge", service: Auth, purpose: Tokens}
  twin-a: {backend: redis, prefix: twin, service: Auth, purpose: A}
  twin-b: {backend: redis, prefix: twin, service: Auth, purpose: B}
  idle-store: {backend: redis, prefix: idle, service: Auth, purpose: Nothing yet}
  order-store: {backend: mysql, service: Order, purpose: Orders}
  cart-store: {backend: mysql, service: Order, purpose: Carts}
  empty-store: {backend: mysql, service: Order, purpose: Nothing yet}
  audit-store: {backend: mariadb, table: audit_log, service: Order, purpose: Who did what}
"""


def registry_of(text: str) -> Registry:
    """Return the registry of a text without errors."""
    registry, problems = load_sources([SourceText("a.yaml", text, "")])
    assert [problem for problem in problems if problem.severity.value == "error"] == []
    return registry


@pytest.fixture
def registry() -> Registry:
    """The registry of most tests."""
    return registry_of(REGISTRY)


def _program(name: str) -> str:
    """Return the path of a program; skip the test where it is missing."""
    found = shutil.which(name, path=_PATH)
    if found is None:
        pytest.skip(f"this test starts {name}, which is not installed ('make servers' installs it on Debian)")
    return found


@contextmanager
def _running(command: list[str], socket: Path, connect: Any) -> Iterator[Any]:
    """Start a server; return a connection to it when it answers."""
    log = socket.with_suffix(".log")
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            end = time.monotonic() + _PATIENCE
            while True:
                try:
                    connection = connect()
                    break
                except (redis.RedisError, pymysql.MySQLError):
                    if process.poll() is not None or time.monotonic() > end:
                        pytest.fail(f"{command[0]} does not start: {log.read_text(errors='replace')[-2000:]}")
                    time.sleep(0.05)
            yield connection
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE)


@contextmanager
def _folder() -> Iterator[Path]:
    # The path of a socket has at most 107 bytes, which those of pytest's folders may exceed.
    folder = Path(tempfile.mkdtemp(prefix="live-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class RedisAt:
    """A running server."""

    def __init__(self, socket: Path, client: Any) -> None:
        self.socket = socket
        #: Of the administrator.
        self.client = client

    def url(self, database: int = 0) -> str:
        """The address of one of its databases."""
        return f"unix://{self.socket}{f'?db={database}' if database else ''}"


@contextmanager
def started_redis(*options: str) -> Iterator[RedisAt]:
    """Start a Redis server."""
    program = _program("redis-server")
    with _folder() as folder:
        socket = folder / "redis.sock"
        command = [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder), *options]

        def connect() -> Any:
            client = redis.Redis(unix_socket_path=str(socket))
            client.ping()
            return client

        with _running(command, socket, connect) as client:
            yield RedisAt(socket, client)
            client.close()


@pytest.fixture(scope="session")
def _redis_session() -> Iterator[RedisAt]:
    with started_redis() as server:
        yield server


@pytest.fixture
def redis_at(_redis_session: RedisAt) -> RedisAt:
    """A Redis server without keys in its first database, and with its first user alone."""
    client = _redis_session.client
    client.flushdb()
    for user in client.acl_users():
        if user not in {"default", b"default"}:
            client.acl_deluser(user)
    client.config_resetstat()
    return _redis_session


class MysqlAt:
    """A running server."""

    def __init__(self, socket: Path, connection: Any) -> None:
        self.socket = socket
        self._connection = connection

    def run(self, *statements: str) -> None:
        """Run statements as the administrator."""
        with self._connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def url(self, database: str = "app") -> str:
        """The address of one of its databases; of all for an empty name."""
        return f"unix://{self.socket}{f'?db={database}' if database else ''}"


@pytest.fixture(scope="session")
def _mysql_session() -> Iterator[MysqlAt]:
    server, install = _program("mariadbd"), _program("mariadb-install-db")
    with _folder() as folder:
        socket, data = folder / "mysql.sock", folder / "data"
        as_root = ["--user=root"] if os.geteuid() == 0 else []
        subprocess.run(
            [
                *(install, "--no-defaults", *as_root, f"--datadir={data}", "--skip-test-db"),
                *("--auth-root-authentication-method=normal", "--skip-name-resolve"),
            ],
            check=True,
            capture_output=True,
            timeout=_PATIENCE,
        )
        options = ["--skip-networking", "--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0"]

        def connect() -> Any:
            return pymysql.connect(unix_socket=str(socket), user="root", autocommit=True)

        command = [server, "--no-defaults", *as_root, f"--datadir={data}", f"--socket={socket}", *options]
        with _running(command, socket, connect) as connection:
            yield MysqlAt(socket, connection)
            connection.close()


@pytest.fixture
def mysql_at(_mysql_session: MysqlAt, monkeypatch: pytest.MonkeyPatch) -> MysqlAt:
    """A MariaDB server with an empty database ``app``, which the administrator reads without a password."""
    monkeypatch.setenv("STATESTORES_MYSQL_USERNAME", "root")
    _mysql_session.run(
        "DROP DATABASE IF EXISTS app",
        "DROP DATABASE IF EXISTS other",
        "DROP USER IF EXISTS reader@localhost",
        "CREATE DATABASE app",
    )
    return _mysql_session
