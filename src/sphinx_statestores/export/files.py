"""Generated files: never written or read outside of their project, never half there, and compared with a text.

Git may check out text with the line ends of Windows, so a file keeps the line ends that it has, and lines are equal
whatever ends them (https://git-scm.com/docs/gitattributes#_text).
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from pathlib import Path

from sphinx_statestores.export.line_diff import unified_diff
from sphinx_statestores.registry.paths import absolute_path, resolve_inside

# A file that is compared line by line is read whole.
_COMPARED_LIMIT = 256 * 1024 * 1024
_LINE_END = re.compile(rb"\r\n|\n|\r")


def encode(text: str) -> bytes:
    """Encode generated text; what was no text in a file's name is written as it was."""
    return text.encode("utf-8", "surrogateescape")


def encode_for(text: str, data: bytes) -> bytes:
    """Encode generated text for a file that holds *data*: with its line ends, where it has one kind of them."""
    encoded = encode(text)
    line_end = _line_end_of(data)
    if not line_end or _line_end_of(encoded) == line_end:
        return encoded
    return _LINE_END.sub(line_end, encoded)


def with_plain_line_ends(text: str) -> str:
    """Return a text whose lines end with a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line_end_of(data: bytes) -> bytes:
    """Return what ends all lines; empty where there are several kinds, or none."""
    pairs = data.count(b"\r\n")
    numbers = {b"\r\n": pairs, b"\n": data.count(b"\n") - pairs, b"\r": data.count(b"\r") - pairs}
    kinds = [kind for kind, number in numbers.items() if number]
    return kinds[0] if len(kinds) == 1 else b""


def write_if_different(path: Path, text: str, *, root: Path | None = None, scratch: Path | None = None) -> bool:
    """Write *text* to *path* in one step, unless it is there already. Return whether it was written.

    The file keeps the line ends that it has. Takes and raises what :func:`replace_file` does.
    """
    before = _read_to_compare(_resolved(path, root), text)
    data = encode_for(text, before or b"")
    if data == before:
        return False
    replace_file(path, data, root=root, scratch=scratch)
    return True


def replace_file(path: Path, data: bytes, *, root: Path | None = None, scratch: Path | None = None) -> None:
    """Write *data* to *path* in one step: a reader sees the old content or the new, and never a part.

    A link stays a link: what it leads to is replaced, unless that is outside of *root*. Until it is whole, the new
    file is in the folder *scratch*, by default beside the old one: a process that is killed may leave it there.

    Raises OSError when the file cannot be written; the old one is then untouched.
    """
    target = _resolved(path, root)
    mode = _mode(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if scratch is not None:
        # The two folders may be on two file systems, and something may be in the way of one.
        with contextlib.suppress(OSError):
            scratch.mkdir(parents=True, exist_ok=True)
            _write_by_way_of(scratch, target, data, mode)
            return
    _write_by_way_of(target.parent, target, data, mode)


def _write_by_way_of(folder: Path, target: Path, data: bytes, mode: int | None) -> None:
    temporary = folder / f".statestores-{os.urandom(8).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # A new file gets the permissions that any program's would have: the system takes the mask off these.
    descriptor = os.open(temporary, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        if mode is not None:
            temporary.chmod(stat.S_IMODE(mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_beginning(path: Path, size: int, *, root: Path | None = None) -> bytes | None:
    """Return at most *size* bytes of a file, None when there is none.

    Raises OSError when it cannot be read, is no regular file, or when a link leads out of *root*.
    """
    return _read(_resolved(path, root), size)


def drift(path: Path, text: str, *, root: Path | None = None) -> str:
    """Return the unified diff from the file to *text*, empty when they are equal.

    Lines are equal whatever ends them, where one kind of line end is used in the whole file.

    A file that does not exist is an empty one. Raises OSError when it cannot be read, is too large to be compared, or
    when a link leads out of *root*. Takes time in proportion to the two texts.
    """
    data = _read_to_compare(_resolved(path, root), text) or b""
    wanted = encode_for(text, data)
    if data == wanted:
        return ""
    if len(data) > _COMPARED_LIMIT:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    before, after = (each.decode("utf-8", "replace") for each in (data, wanted))
    difference = unified_diff(before, after, str(path), f"{path} (generated)")
    # Bytes may differ where lines do not: a byte order mark.
    return difference or f"--- {path}\n+++ {path} (generated)\nthe bytes differ: line ends or encoding\n"


def _resolved(path: Path, root: Path | None) -> Path:
    return resolve_inside(path, Path(absolute_path(path).anchor) if root is None else root)


def _read_to_compare(path: Path, text: str) -> bytes | None:
    """Read a file as far as it takes to see how it differs from a text; None when nothing is there."""
    # With the longest line ends, it has at most twice as many bytes.
    return _read(path, max(_COMPARED_LIMIT, 2 * len(encode(text))) + 1)


def _mode(path: Path) -> int | None:
    """Return the mode of a file; None when nothing is there.

    A pipe would block, and a device must not be replaced: both raise OSError.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return mode


def _read(path: Path, size: int) -> bytes | None:
    """Read at most *size* bytes; None when nothing is there. Raises what :func:`_mode` does."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    if _mode(path) is None:
        return None
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(size)
