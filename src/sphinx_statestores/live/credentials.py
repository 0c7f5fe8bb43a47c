"""The environment and a file of TOML -> the user and password for each server."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from sphinx_statestores.live.faults import ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sphinx_statestores.live.addresses import Address

_FIELDS = ("username", "password")
#: The maximum size of a file of credentials, in bytes.
_SIZE_LIMIT = 1 << 20
#: Whoever is neither the owner nor the administrator.
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PLACE = re.compile(r"\(at (line \d+, column \d+|end of document)\)")
_NO_NAME = re.compile(r"[^A-Z0-9]+")


class Credentials(NamedTuple):
    """A user and a password; None for what is not given."""

    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Return a text without them: it may become part of a message."""
        return "Credentials()"


def credentials_for(
    address: Address, sections: Mapping[str, Credentials], environment: Mapping[str, str]
) -> Credentials:
    """Return the credentials of a server: those of its section of the file, else those of the environment.

    Sections and variables are looked for by the address (a section only), by the backend, and by the protocol.
    """
    names = (*address.backends, address.protocol)
    for name in (address.text, *names):
        if name in sections:
            return sections[name]
    for name in names:
        prefix = f"STATESTORES_{_NO_NAME.sub('_', name.upper())}_"
        found = Credentials._make(environment.get(f"{prefix}{field.upper()}") for field in _FIELDS)
        if any(found):
            return found
    return Credentials()


def read_credentials(path: Path) -> dict[str, Credentials]:
    """Read a file; return section -> credentials.

    Raises ServerError when it cannot be read, when others than its owner may read it, or for anything unknown in it.
    The message does not have its name, which may be a password by mistake.
    """
    data = _read(path)
    try:
        found = tomllib.loads(data.decode())
    except UnicodeDecodeError:
        raise ServerError("not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        # The message of the parser may have a piece of the file.
        place = _PLACE.search(str(error))
        raise ServerError(f"not TOML{f': {place[1]}' if place else ''}") from None
    return {name: _section(section) for name, section in found.items()}


def _section(section: Any) -> Credentials:
    if not isinstance(section, dict) or not all(
        name in _FIELDS and isinstance(value, str) for name, value in section.items()
    ):
        raise ServerError(f"write sections such as [redis] or [mysql], each with the texts {' and '.join(_FIELDS)}")
    return Credentials(**section)


def _read(path: Path) -> bytes:
    try:
        # A pipe without a writer must not be waited for.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ServerError("not a regular file")
            if os.name == "posix" and status.st_mode & _OTHERS:
                raise ServerError("others may read it, so it is not used: run 'chmod 600' on it")
            data = stream.read(_SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        raise ServerError(f"{getattr(error, 'strerror', None) or error}") from None
    if len(data) > _SIZE_LIMIT:
        raise ServerError(f"larger than {_SIZE_LIMIT:,} bytes")
    return data
