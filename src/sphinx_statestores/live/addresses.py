"""An argument of the command line -> the address of a server, which has no credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from sphinx_statestores.live.faults import ServerError
from sphinx_statestores.registry.numbers import whole_number

if TYPE_CHECKING:
    from urllib.parse import SplitResult

#: Protocol -> scheme -> whether the connection is encrypted.
SCHEMES = {
    "redis": {"redis": False, "rediss": True},
    "mysql": {"mysql": False, "mysqls": True, "mariadb": False},
}
_PORTS = {"redis": 6379, "mysql": 3306}
#: Protocol -> the form of its addresses, for messages.
FORMS = {
    "redis": "redis://HOST:PORT/DB, rediss://HOST:PORT/DB or unix:///SOCKET?db=DB",
    "mysql": "mysql://HOST:PORT/DATABASE, mysqls://HOST:PORT/DATABASE or unix:///SOCKET?db=DATABASE",
}
_SOCKET = "unix"
_HIGHEST_PORT = 65_535
_BACKENDS = re.compile(r"([\w.-]+(?:,[\w.-]+)*)=(?=\w+://)")
_HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]+")


class Address(NamedTuple):
    """Where a server is."""

    #: ``redis`` or ``mysql``.
    protocol: str
    #: The backends of the registry whose stores it has; empty for the default.
    backends: tuple[str, ...] = ()
    host: str = ""
    port: int = 0
    #: The path of a socket, instead of host and port.
    socket: str = ""
    #: The number of a database of Redis, or the name of one of MySQL; empty for the default.
    database: str = ""
    is_encrypted: bool = False

    @property
    def text(self) -> str:
        """The address as a URL, which messages and the names of credentials have."""
        if self.socket:
            return f"{_SOCKET}://{quote(self.socket)}{f'?db={quote(self.database)}' if self.database else ''}"
        scheme = next(name for name, encrypts in SCHEMES[self.protocol].items() if encrypts == self.is_encrypted)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}{f'/{quote(self.database)}' if self.database else ''}"


def read_address(text: str, protocol: str) -> Address:
    """Take ``URL`` or ``BACKEND=URL``, and the protocol; return the address.

    Raises ServerError, whose message never repeats the text: it may have a password, also where it is no URL.
    """
    if "@" in text or "password=" in text.lower():
        raise ServerError(
            "an address must have no user and no password, which others can see in the list of processes: change the "
            f"password, and give it in STATESTORES_{protocol.upper()}_PASSWORD or with --credentials"
        )
    found = _BACKENDS.match(text)
    backends = tuple(dict.fromkeys(found[1].split(","))) if found else ()
    try:
        parts = urlsplit(text[found.end() :] if found else text)
        address = _address(parts, protocol)._replace(backends=backends)
    except ValueError:
        raise ServerError(f"not an address of a server: write {FORMS[protocol]}") from None
    if protocol == "redis" and address.database and whole_number(address.database) is None:
        raise ServerError("the database of an address of Redis must be a number: redis://HOST:PORT/0")
    return address


def _address(parts: SplitResult, protocol: str) -> Address:
    """Return the address of a URL. Raises ValueError."""
    fields = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    database = fields.pop("db", "")
    if fields or parts.fragment:
        raise ValueError
    if parts.scheme == _SOCKET:
        if parts.netloc or not parts.path.strip("/"):
            raise ValueError
        return Address(protocol, socket=unquote(parts.path), database=database)
    host = parts.hostname or ""
    if parts.scheme not in SCHEMES[protocol] or not _HOST.fullmatch(host) or (database and parts.path.strip("/")):
        raise ValueError
    port = _PORTS[protocol] if parts.port is None else parts.port
    if not 0 < port <= _HIGHEST_PORT:
        raise ValueError
    return Address(
        protocol,
        host=host,
        port=port,
        database=database or unquote(parts.path.strip("/")),
        is_encrypted=SCHEMES[protocol][parts.scheme],
    )
