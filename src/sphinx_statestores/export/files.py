"""Writing a generated file so that it is never half there, and telling whether it has drifted."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def encode(text: str) -> bytes:
    """Encode generated text; what was no text in a file's name is written as it was."""
    return text.encode("utf-8", "surrogateescape")


def write_if_different(path: Path, text: str) -> bool:
    """Write *text* to *path* in one step, unless it is there already. Return whether it was written.

    Raises OSError when the file cannot be written; the old one is then untouched.
    """
    data = encode(text)
    if _read(path) == data:
        return False
    replace_file(path, data)
    return True


def replace_file(path: Path, data: bytes) -> None:
    """Write *data* to *path* in one step: a reader sees the old content or the new, and never a part.

    Raises OSError when the file cannot be written; the old one is then untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A link stays a link: what it points to is replaced.
    target = path.resolve()
    import tempfile  # noqa: PLC0415 - start-up: only a file that is written needs it

    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(temporary).chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def drift(path: Path, text: str) -> str:
    """Return the unified diff from the file to *text*, empty when they are equal.

    A file that does not exist is an empty one. Raises OSError when it cannot be read.
    """
    data = _read(path) or b""
    if data == encode(text):
        return ""
    from difflib import unified_diff  # noqa: PLC0415 - start-up: only a file that has drifted needs it

    lines = unified_diff(
        data.decode("utf-8", "replace").splitlines(keepends=True),
        text.splitlines(keepends=True),
        fromfile=str(path),
        tofile=f"{path} (generated)",
    )
    ended = [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    # Bytes may differ where lines do not: line ends, a byte order mark.
    return "".join(ended) or f"--- {path}\n+++ {path} (generated)\nthe bytes differ: line ends or encoding\n"


def _read(path: Path) -> bytes | None:
    """Return what is there, None when nothing is. A pipe would block, and a device must not be replaced."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return path.read_bytes()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
