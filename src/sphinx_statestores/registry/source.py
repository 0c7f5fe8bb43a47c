"""Files -> text: regular files only, bounded, UTF-8, with a digest of what was read."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.paths import OutsideError, repository_root, resolve_inside
from sphinx_statestores.registry.problems import Kind, Location, Problem

if TYPE_CHECKING:
    from typing import BinaryIO

_CHUNK = 1 << 20
#: The unit in which projects give a limit.
MIB = 1024 * 1024
#: The largest file that is read unless a project says otherwise, in bytes.
SIZE_LIMIT = 64 * MIB

# How the encodings of YAML are told apart: https://yaml.org/spec/1.2.2/#52-character-encodings
_OTHER_ENCODINGS = (
    (re.compile(rb"\x00\x00\xfe\xff|\xff\xfe\x00\x00|\x00\x00\x00[^\x00]|[^\x00]\x00\x00\x00", re.DOTALL), "UTF-32"),
    (re.compile(rb"\xfe\xff|\xff\xfe|\x00[^\x00]|[^\x00]\x00", re.DOTALL), "UTF-16"),
)


class SourceText(NamedTuple):
    """One file as it was at the moment of reading."""

    #: The path as it was given.
    path: str
    text: str
    #: Of the bytes: two files are the same when this is, whatever their times say.
    digest: str


def size_in_bytes(mib: float) -> int:
    """Return a limit that is given in MiB in bytes. Raises `ValueError` when it is no size of a file."""
    if not 0 < mib < sys.maxsize // MIB:
        raise ValueError(f"{mib!r} is no size of a file in MiB")
    return int(mib * MIB)


def read_source(path: str | Path, size_limit: int = SIZE_LIMIT, root: Path | None = None) -> SourceText | Problem:
    """Read a registry file.

    Only a regular file of at most *size_limit* bytes is read, so that a named pipe or a device never
    blocks a build, and only where no link leads out of the repository, whose root somebody may have said to be
    *root*. Returns the text, or the problem that kept it from being read; raises nothing.
    """
    name = str(path)

    def refused(reason: str) -> Problem:
        return Problem(Kind.UNREADABLE_FILE, reason, Location(name))

    try:
        real = resolve_inside(path, repository_root(Path(path), root))
        # Without O_NONBLOCK the open itself waits for the other end of a named pipe.
        descriptor = os.open(real, os.O_RDONLY | _open_flags("O_NONBLOCK", "O_BINARY", "O_NOFOLLOW"))
    except OutsideError as error:
        return refused(f"{error.strerror}: name the file that it leads to, or a root that holds both")
    except FileNotFoundError:
        return refused("this is a link to nothing" if _is_link(name) else "there is no such file")
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ELOOP:
            return refused("this is a link that leads back to itself")
        return refused(f"the file cannot be opened: {getattr(error, 'strerror', None) or error}")
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            return refused("this is a directory, not a file")
        if not stat.S_ISREG(mode):
            return refused("this is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return read_stream(stream, name, size_limit)
    except OSError as error:
        return refused(f"the file cannot be read: {error.strerror}")
    finally:
        os.close(descriptor)


def _open_flags(*names: str) -> int:
    """Return flags of :func:`os.open`, as far as this system has them."""
    return sum(getattr(os, name, 0) for name in names)


def read_stream(stream: BinaryIO, name: str, size_limit: int = SIZE_LIMIT) -> SourceText | Problem:
    """Read a registry from an open file; *name* is what messages call it. Raises OSError when it cannot be read."""
    data = _read_up_to(size_limit, stream)
    if len(data) > size_limit:
        message = f"the file is larger than {size_limit:,} bytes, which is the limit"
        return Problem(Kind.UNREADABLE_FILE, message, Location(name))
    return decode_source(name, data)


def _read_up_to(size_limit: int, stream: BinaryIO) -> bytes:
    """Read a file to its end, or a little more than the limit: enough to see that it is too large."""
    # Not all at once: that would set memory aside for the limit, however small the file is.
    data = bytearray()
    while len(data) <= size_limit and (chunk := stream.read(_CHUNK)):
        data += chunk
    return bytes(data)


def _is_link(path: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(path).st_mode)
    except OSError:
        return False


def decode_source(name: str, data: bytes) -> SourceText | Problem:
    """Decode the bytes of a registry file; *name* is what messages call it."""
    for beginning, encoding in _OTHER_ENCODINGS:
        if beginning.match(data):
            message = f"the file is {encoding}; a registry is UTF-8"
            return Problem(Kind.UNREADABLE_FILE, message, Location(name))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Not `data`: the decoder counts without the byte order mark.
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"the byte 0x{error.object[error.start]:02x} here is not UTF-8"
        return Problem(Kind.UNREADABLE_FILE, message, Location(name, line, column))
    return SourceText(name, text, blake2b(data, digest_size=16).hexdigest())
