"""Files -> text with a digest. Only regular UTF-8 files up to a maximum size are read."""

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
#: The number of bytes in a MiB, the unit of limits in a project's configuration.
MIB = 1024 * 1024
#: The default maximum size of a registry file, in bytes.
SIZE_LIMIT = 64 * MIB

# Byte order marks and first bytes of other encodings: https://yaml.org/spec/1.2.2/#52-character-encodings
_OTHER_ENCODINGS = (
    (re.compile(rb"\x00\x00\xfe\xff|\xff\xfe\x00\x00|\x00\x00\x00[^\x00]|[^\x00]\x00\x00\x00", re.DOTALL), "UTF-32"),
    (re.compile(rb"\xfe\xff|\xff\xfe|\x00[^\x00]|[^\x00]\x00", re.DOTALL), "UTF-16"),
)


class SourceText(NamedTuple):
    """The content of one file."""

    #: The path as it was given.
    path: str
    text: str
    #: The digest of the bytes. It identifies the content; modification times are ignored.
    digest: str


def size_in_bytes(mib: float) -> int:
    """Take a size in MiB; return it in bytes. Raises ValueError for a size that a file cannot have."""
    if not 0 < mib < sys.maxsize // MIB:
        raise ValueError(f"{mib!r} is not a valid size in MiB")
    return int(mib * MIB)


def read_source(path: str | Path, size_limit: int = SIZE_LIMIT, root: Path | None = None) -> SourceText | Problem:
    """Take the path of a registry file; return its text, or the problem that prevented reading it.

    *size_limit* is the maximum size in bytes. Only regular files are read: a named pipe or a device could block the
    build. No symbolic link is followed out of the repository, whose configured root is *root*.
    """
    name = str(path)

    def refused(reason: str) -> Problem:
        return Problem(Kind.UNREADABLE_FILE, reason, Location(name))

    try:
        real = resolve_inside(path, repository_root(Path(path), root))
        # Without O_NONBLOCK, opening a named pipe waits for a writer.
        descriptor = os.open(real, os.O_RDONLY | _open_flags("O_NONBLOCK", "O_BINARY", "O_NOFOLLOW"))
    except OutsideError as error:
        return refused(f"{error.strerror}: name the target of the link, or set a root that contains it")
    except FileNotFoundError:
        return refused("this is a link whose target does not exist" if _is_link(name) else "there is no such file")
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ELOOP:
            return refused("this is a link to itself")
        return refused(f"the file cannot be opened: {getattr(error, 'strerror', None) or error}")
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            return refused("this is a directory, not a file: name the registry file in it")
        if not stat.S_ISREG(mode):
            return refused("this is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return read_stream(stream, name, size_limit)
    except OSError as error:
        return refused(f"the file cannot be read: {error.strerror}")
    finally:
        os.close(descriptor)


def _open_flags(*names: str) -> int:
    """Take names of flags for :func:`os.open`; return those that this system has."""
    return sum(getattr(os, name, 0) for name in names)


def read_stream(stream: BinaryIO, name: str, size_limit: int = SIZE_LIMIT) -> SourceText | Problem:
    """Read a registry from an open file; *name* is its name in messages and *size_limit* the maximum size in bytes.

    Returns the text, or the problem with it. Raises OSError when the stream cannot be read.
    """
    data = _read_up_to(size_limit, stream)
    if len(data) > size_limit:
        message = (
            f"the file is larger than the limit of {size_limit:,} bytes: raise it with '--size-limit' or "
            "'statestores_size_limit'"
        )
        return Problem(Kind.UNREADABLE_FILE, message, Location(name))
    return decode_source(name, data)


def _read_up_to(size_limit: int, stream: BinaryIO) -> bytes:
    """Read a file to its end, or slightly past the limit, which shows that it is too large."""
    # Read in chunks: one read would allocate memory for the whole limit.
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
    """Take the name of a file for messages, and its bytes; return the text, or the problem with it."""
    for beginning, encoding in _OTHER_ENCODINGS:
        if beginning.match(data):
            message = f"the file is encoded in {encoding}: save it as UTF-8"
            return Problem(Kind.UNREADABLE_FILE, message, Location(name))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Not `data`: the decoder's offset does not include the byte order mark.
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"the byte 0x{error.object[error.start]:02x} is not valid UTF-8: save the file as UTF-8"
        return Problem(Kind.UNREADABLE_FILE, message, Location(name, line, column))
    return SourceText(name, text, blake2b(data, digest_size=16).hexdigest())
