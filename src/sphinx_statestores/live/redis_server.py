"""An address -> a connection to a server that speaks the protocol of Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis import Connection, SSLConnection, UnixDomainSocketConnection, exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from sphinx_statestores.live.faults import RefusedError, ServerError
from sphinx_statestores.live.redis_keys import facts_in, read_redis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_statestores.live.addresses import Address
    from sphinx_statestores.live.budget import Budget
    from sphinx_statestores.live.credentials import Credentials
    from sphinx_statestores.live.reading import Progress, Reading
    from sphinx_statestores.registry.model import Registry

#: How long a reply may take, in seconds.
_TIMEOUT = 10.0
#: What the server refuses -> why, in words that have no key and no name of a user, as its own messages have.
_REFUSALS: tuple[tuple[type[exceptions.RedisError], str], ...] = (
    (exceptions.NoPermissionError, "the user may not run it"),
    (exceptions.AuthenticationError, "the user or the password is wrong or missing"),
    (exceptions.BusyLoadingError, "the server is still loading its data"),
    (exceptions.MasterDownError, "the replica has lost its primary"),
    (exceptions.ClusterDownError, "the cluster is down"),
    (exceptions.AskError, "the key is on another node of the cluster"),
)


class RedisServer:
    """A connection to a server."""

    def __init__(self, address: Address, credentials: Credentials, budget: Budget, *, needs_replica: bool) -> None:
        """Connect, and ask the server what it is.

        Raises ServerError when it cannot be reached, has no keys to read, or is no replica although it has to be one.
        """
        self._budget = budget
        self._connection = _connection(address, credentials)
        try:
            self._connection.connect()
        except (exceptions.RedisError, OSError) as error:
            raise ServerError(_fault(error, "the server cannot be reached")) from None
        info = self.ask(b"INFO")
        #: What it says of itself.
        self.facts = facts_in(info.decode("utf-8", "replace") if isinstance(info, bytes) else "")
        fault = ""
        if self.facts.mode == "sentinel":
            fault = "a sentinel has no keys: name the server that it watches"
        elif needs_replica and self.facts.role != "replica":
            found = "is a primary" if self.facts.role else "does not say what it is, because INFO is not allowed"
            fault = f"--replica wants a replica, but the server {found}"
        if fault:
            self.close()
            raise ServerError(fault)

    def ask(self, *command: bytes) -> Any:
        """Return the reply to a command, which is a RefusedError where the server refuses it.

        Raises ServerError when there is no reply.
        """
        return self.ask_all([command])[0]

    def ask_all(self, commands: Sequence[tuple[bytes, ...]]) -> list[Any]:
        """Return the replies to commands that are sent at once, as :meth:`ask` does."""
        try:
            self._connection.send_packed_command([packed(commands)])
            return [self._reply() for _ in commands]
        except (exceptions.RedisError, OSError) as error:
            raise ServerError(_fault(error, "the connection is lost")) from None

    def _reply(self) -> Any:
        try:
            return self._connection.read_response()
        except exceptions.ResponseError as error:
            return RefusedError(_reason(error))

    def read(self, registry: Registry, backends: tuple[str, ...], tell: Progress) -> Reading:
        """Read the server, as :func:`~.redis_keys.read_redis` does."""
        return read_redis(self, registry, backends, self._budget, tell)

    def close(self) -> None:
        """End the connection."""
        self._connection.disconnect()


def _connection(address: Address, credentials: Credentials) -> Any:
    options: dict[str, Any] = {
        "db": int(address.database or 0),
        "username": credentials.username,
        "password": credentials.password,
        "protocol": 2,
        "socket_timeout": _TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
    }
    kind: Any = SSLConnection if address.is_encrypted else Connection
    if address.socket:
        kind = UnixDomainSocketConnection
        return kind(path=address.socket, **options)
    options |= {"host": address.host, "port": address.port, "socket_connect_timeout": _TIMEOUT}
    if address.is_encrypted:
        options["ssl_check_hostname"] = True  # not the default of old versions of redis-py
    return kind(**options)


def packed(commands: Sequence[tuple[bytes, ...]]) -> bytes:
    """Return commands as they are sent: https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands.

    That of redis-py takes any type of argument, and four times as long.
    """
    parts: list[bytes] = []
    for command in commands:
        parts.append(b"*%d\r\n" % len(command))
        parts += [b"$%d\r\n%s\r\n" % (len(word), word) for word in command]
    return b"".join(parts)


def _reason(error: Exception) -> str:
    """Return why a server refuses a command, in words of our own: its own may have keys and names of users."""
    return next((reason for kind, reason in _REFUSALS if isinstance(error, kind)), "the server refuses it")


def _fault(error: Exception, otherwise: str) -> str:
    """Return why there is no reply."""
    if isinstance(error, exceptions.TimeoutError):
        return f"no reply within {_TIMEOUT:g} seconds"
    if any(isinstance(error, kind) for kind, _ in _REFUSALS):
        return _reason(error)
    # redis-py has a message of its own for the error of the system.
    cause = next((each for each in (error, error.__cause__, error.__context__) if isinstance(each, OSError)), None)
    return f"{otherwise}: {cause.strerror}" if cause and cause.strerror else otherwise
