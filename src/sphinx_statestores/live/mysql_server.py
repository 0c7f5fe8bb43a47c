"""An address -> a connection to a server that speaks the protocol of MySQL, in which nothing can be changed."""

from __future__ import annotations

import re
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.cursors import Cursor, DictCursor

from sphinx_statestores.live.faults import RefusedError, ServerError
from sphinx_statestores.live.mysql_tables import Facts, read_mysql

if TYPE_CHECKING:
    from sphinx_statestores.live.addresses import Address
    from sphinx_statestores.live.budget import Budget
    from sphinx_statestores.live.credentials import Credentials
    from sphinx_statestores.live.reading import Progress, Reading
    from sphinx_statestores.registry.model import Registry

#: How long a connection and a reply may take, in seconds; a query has the time of the budget as well.
_TIMEOUT = 10.0
_VERSION = re.compile(r"\d+(?:\.\d+)*")
#: What the server refuses -> why, in words that have no name of a user or host, as its own messages have.
#: https://mariadb.com/kb/en/mariadb-error-codes/
_REFUSALS = {
    1040: "the server has too many connections",
    1044: "the user may not read the database",
    1045: "the user or the password is wrong or missing",
    1049: "there is no such database",
    1142: "the user may not read it",
    1143: "the user may not read it",
    1227: "the user may not run it",
    1698: "the user or the password is wrong or missing",
    2002: "the server cannot be reached",
    2003: "the server cannot be reached",
    2006: "the connection is lost",
    2013: "the connection is lost, or there is no reply in time",
    2026: "the server has no encryption",
}
#: Errors of the connection.
_LOST = frozenset({0, 2006, 2013, 2014, 2055})
#: A query that took longer than it may: of MySQL, and of MariaDB.
_TOO_LONG = frozenset({3024, 1969})


class MysqlServer:
    """A connection to a server, in which nothing can be changed."""

    def __init__(self, address: Address, credentials: Credentials, budget: Budget, *, needs_replica: bool) -> None:
        """Connect, and ask the server what it is.

        Raises ServerError when it cannot be reached, or is no replica although it has to be one.
        """
        self._budget = budget
        #: The database to read; empty for all.
        self.database = address.database
        where = {"unix_socket": address.socket} if address.socket else {"host": address.host, "port": address.port}
        options: dict[str, Any] = {
            "user": credentials.username,
            "password": credentials.password or "",
            "database": address.database or None,
            "connect_timeout": _TIMEOUT,
            "read_timeout": budget.seconds + _TIMEOUT,
            "write_timeout": _TIMEOUT,
            "charset": "utf8mb4",
            "autocommit": True,
            **where,
            **({"ssl": ssl.create_default_context()} if address.is_encrypted else {}),
        }
        try:
            self._connection: pymysql.Connection[Cursor] = pymysql.connect(**options)
        except (pymysql.MySQLError, OSError, RuntimeError, ValueError) as error:
            raise ServerError(_fault(error, "the server cannot be reached")) from None
        try:
            self._prepare()
            fault = ""
        except RefusedError as error:
            fault = str(error)
        if not fault and needs_replica and self.facts.role != "replica":
            hint = "does not say what it is: the user needs the privilege REPLICATION CLIENT or REPLICA MONITOR"
            found = "is a primary" if self.facts.role else hint
            fault = f"--replica wants a replica, but the server {found}"
        if fault:
            self.close()
            raise ServerError(fault)

    def _prepare(self) -> None:
        """Make sure that nothing can be changed, and ask the server what it is. Raises RefusedError."""
        # Each query is a transaction of its own: a long one would keep old versions of rows.
        self.query("SET SESSION TRANSACTION READ ONLY")
        with suppress(RefusedError):
            self.query(f"SET SESSION lock_wait_timeout = {_TIMEOUT:.0f}")
        ((version, is_read_only),) = self.query("SELECT VERSION(), @@global.read_only")
        found = _VERSION.match(str(version))
        name = "MariaDB" if "mariadb" in str(version).lower() else "MySQL"
        #: What it says of itself.
        self.facts = Facts(f"{name} {found[0]}" if found else name, self._role(is_read_only=bool(is_read_only)))

    def query(self, text: str, values: tuple[object, ...] = ()) -> tuple[tuple[Any, ...], ...]:
        """Return the rows of a query.

        Raises RefusedError when the server refuses it, and ServerError when there is no reply.
        """
        found: tuple[tuple[Any, ...], ...] = self._run(text, values, Cursor)
        return found

    def query_by_name(self, text: str) -> tuple[dict[str, Any], ...]:
        """Return the rows of a query, each as column -> value. Raises the same as :meth:`query`."""
        found: tuple[dict[str, Any], ...] = self._run(text, (), DictCursor)
        return found

    def limit(self, seconds: float) -> bool:
        """Set the longest time of queries; return whether the server knows such a limit."""
        try:
            if self.facts.product.startswith("MariaDB"):
                self.query(f"SET SESSION max_statement_time = {max(seconds, 0.001):.3f}")
            else:
                self.query(f"SET SESSION max_execution_time = {max(seconds * 1000, 1):.0f}")
        except RefusedError:
            return False
        return True

    def read(self, registry: Registry, backends: tuple[str, ...], tell: Progress) -> Reading:
        """Read the server, as :func:`~.mysql_tables.read_mysql` does."""
        return read_mysql(self, registry, backends, self._budget, tell)

    def close(self) -> None:
        """End the connection."""
        with suppress(pymysql.MySQLError):
            self._connection.close()

    def _run(self, text: str, values: tuple[object, ...], kind: type[Cursor]) -> Any:
        try:
            with self._connection.cursor(kind) as cursor:
                # No value: a per cent sign of a name is no mark of one.
                cursor.execute(text, values or None)
                return cursor.fetchall()
        except (pymysql.MySQLError, OSError) as error:
            number = _number(error)
            if number is None or number in _LOST:
                raise ServerError(_fault(error, "the connection is lost")) from None
            reason = _REFUSALS.get(number, f"error {number} of the server")
            raise RefusedError(reason, is_too_long=number in _TOO_LONG) from None

    def _role(self, *, is_read_only: bool) -> str:
        """Return what the server is. One that does not say so is taken for a replica if nobody can write to it."""
        for query in ("SHOW REPLICA STATUS", "SHOW SLAVE STATUS"):  # the older name is the only one of older servers
            with suppress(RefusedError):
                return "replica" if self.query(query) else "primary"
        return "replica" if is_read_only else ""


def _number(error: Exception) -> int | None:
    """Return the number of an error; None for one of the connection."""
    number = error.args[0] if error.args else None
    return number if isinstance(number, int) and isinstance(error, pymysql.MySQLError) else None


def _fault(error: Exception, otherwise: str) -> str:
    """Return why there is no reply."""
    # PyMySQL has an error of its own around that of the system.
    causes = (error, getattr(error, "original_exception", None))
    cause = next((each for each in causes if isinstance(each, OSError)), None)
    reason = _REFUSALS.get(_number(error) or 0, otherwise)
    return f"{reason}: {cause.strerror}" if cause and cause.strerror else reason
