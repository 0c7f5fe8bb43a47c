"""Generated text -> files, written atomically and inside the project, and compared with existing files.

Git may check out text with CRLF, so a file keeps its line ends, and comparisons ignore them
(https://git-scm.com/docs/gitattributes#_text).
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

# The maximum size of a compared file, in bytes: it is read whole.
_COMPARED_LIMIT = 256 * 1024 * 1024
_LINE_END = re.compile(rb"\r\n|\n|\r")


def encode(text: str) -> bytes:
    """Encode generated text as UTF-8; undecodable bytes in file names are restored."""
    return text.encode("utf-8", "surrogateescape")


def encode_for(text: str, data: bytes) -> bytes:
    """Encode generated text for a file with the content *data*, with its line ends if they are all the same."""
    encoded = encode(text)
    line_end = _line_end_of(data)
    if not line_end or _line_end_of(encoded) == line_end:
        return encoded
    return _LINE_END.sub(line_end, encoded)


def with_plain_line_ends(text: str) -> str:
    """Return a text with all line ends replaced by a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line_end_of(data: bytes) -> bytes:
    """Return the line end of all lines; an empty value for mixed line ends or none."""
    pairs = data.count(b"\r\n")
    numbers = {b"\r\n": pairs, b"\n": data.count(b"\n") - pairs, b"\r": data.count(b"\r") - pairs}
    kinds = [kind for kind, number in numbers.items() if number]
    return kinds[0] if len(kinds) == 1 else b""


def write_if_different(path: Path, text: str, *, root: Path | None = None, scratch: Path | None = None) -> bool:
    """Write *text* to *path* atomically if the content differs. Return whether it was written.

    The file keeps its line ends. *root*, *scratch* and the exceptions are those of :func:`replace_file`.
    """
    before = _read_to_compare(_resolved(path, root), text)
    data = encode_for(text, before or b"")
    if data == before:
        return False
    replace_file(path, data, root=root, scratch=scratch)
    return True


def replace_file(path: Path, data: bytes, *, root: Path | None = None, scratch: Path | None = None) -> None:
    """Write *data* to *path* atomically: a reader sees the old content or the new one.

    A symbolic link is kept and its target replaced, unless the target is outside of *root*. The temporary file is in
    the folder *scratch*, by default beside the target. A killed process may leave it there.

    Raises OSError when the file cannot be written; the old file is then unchanged.
    """
    target = _resolved(path, root)
    mode = _mode(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if scratch is not None:
        # The folders may be on different file systems, or one of them may not be writable.
        with contextlib.suppress(OSError):
            scratch.mkdir(parents=True, exist_ok=True)
            _write_by_way_of(scratch, target, data, mode)
            return
    _write_by_way_of(target.parent, target, data, mode)


def _write_by_way_of(folder: Path, target: Path, data: bytes, mode: int | None) -> None:
    temporary = folder / f".statestores-{os.urandom(8).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # The usual permissions of a new file: the system applies the umask.
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
    """Return the first *size* bytes of a file, or None when it does not exist.

    Raises OSError when the file cannot be read, is not a regular file, or is reached by a symbolic link out of
    *root*.
    """
    return _read(_resolved(path, root), size)


def drift(path: Path, text: str, *, root: Path | None = None) -> str:
    """Return the unified diff from the file at *path* to *text*; an empty text when they are equal.

    Line ends are ignored if they are the same in the whole file. A missing file counts as empty. Takes linear time.
    Raises OSError when the file cannot be read, is too large, or is reached by a symbolic link out of *root*.
    """
    data = _read_to_compare(_resolved(path, root), text) or b""
    wanted = encode_for(text, data)
    if data == wanted:
        return ""
    if len(data) > _COMPARED_LIMIT:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    before, after = (each.decode("utf-8", "replace") for each in (data, wanted))
    difference = unified_diff(before, after, str(path), f"{path} (generated)")
    # The lines may be equal while the bytes differ: a byte order mark.
    return difference or f"--- {path}\n+++ {path} (generated)\nthe bytes differ: line ends or encoding\n"


def _resolved(path: Path, root: Path | None) -> Path:
    return resolve_inside(path, Path(absolute_path(path).anchor) if root is None else root)


def _read_to_compare(path: Path, text: str) -> bytes | None:
    """Read a file as far as needed to compare it with a text; None when it does not exist."""
    # With CRLF, an equal file has at most twice as many bytes.
    return _read(path, max(_COMPARED_LIMIT, 2 * len(encode(text))) + 1)


def _mode(path: Path) -> int | None:
    """Return the mode of a file; None when it does not exist.

    Raises OSError for a pipe, which would block, and for a device, which must not be replaced.
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
    """Read up to *size* bytes; None when the file does not exist. Raises the same as :func:`_mode`."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    if _mode(path) is None:
        return None
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(size)
