"""The root of a repository -> the files in it that may be read as code, and their texts.

A registry comes from many hands, and it names the files. So nothing outside of the root is read, no symbolic link is
followed, and in a checkout nothing that git does not track: such files may hold secrets.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.git import GitError, open_checkout
from sphinx_statestores.registry.paths import find_checkout

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The maximum number of files that are listed.
FILES_LIMIT = 200_000
#: The maximum size of what git lists, in bytes.
_LIST_LIMIT = 64 * 1024 * 1024
#: The maximum length of a path.
_PATH_LENGTH = 1000
_BINARY = b"\x00"
#: So much of a file shows whether it is binary, in bytes.
_BEGINNING = 8192


class Listing(NamedTuple):
    """The files of a repository."""

    #: Relative to the root, with ``/``, sorted.
    paths: tuple[str, ...]
    #: Why some or all files are missing; may be empty.
    fault: str = ""


class FileState(NamedTuple):
    """What tells whether a file has changed."""

    size: int
    mtime_ns: int


def list_files(root: Path, limit: int = FILES_LIMIT) -> Listing:
    """Return the files below a root: in a checkout those that git tracks; elsewhere all that are not hidden."""
    if find_checkout(root) is None:
        found: list[str] = []
        for path in _walk(Path(os.path.realpath(root))):
            found.append(path)
            if len(found) > limit:
                break
    else:
        try:
            checkout = open_checkout(root)
            output = checkout.ask("ls-files", "-z", limit=_LIST_LIMIT)
            below = checkout.path_of(root, ".")
        except GitError as error:
            return Listing((), f"the files of the repository are not known: {error}")
        if output is None or below is None or len(output) >= _LIST_LIMIT:
            return Listing((), "git cannot list the files of the repository, or there are too many")
        start = f"{below}/" if below else ""
        listed = map(os.fsdecode, filter(None, output.split(b"\0")))
        # In a conflict, a file is listed several times.
        found = list(dict.fromkeys(path[len(start) :] for path in listed if path.startswith(start)))
    fault = f"the repository has more than {limit:,} files" if len(found) > limit else ""
    return Listing(tuple(sorted(path for path in found[:limit] if len(path) <= _PATH_LENGTH)), fault)


def _walk(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        start = Path(folder).relative_to(root).as_posix()
        for name in files:
            if not name.startswith("."):
                yield name if start == "." else f"{start}/{name}"


class Reader:
    """Reads files below a root, none of them by way of a symbolic link."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        #: Folder -> whether no link leads to it.
        self._is_plain: dict[str, bool] = {"": True}

    def state(self, path: str) -> FileState | None:
        """Take a path relative to the root; return the state of the file; None for what is no regular file."""
        try:
            found = os.lstat(self._full(path))
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(found.st_mode) or not self._stands_in_plain_folders(path):
            return None
        return FileState(found.st_size, found.st_mtime_ns)

    def text(self, path: str, size: int) -> str:
        """Take a path relative to the root and the size of the file; return its text.

        Empty for a file that cannot be read, is larger or is binary. What is not UTF-8 is read as Latin-1: names of
        stores are ASCII, and older encodings of programs contain that.
        """
        data = self._bytes(path, size + 1)
        if len(data) > size or _BINARY in data:
            return ""
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return data.decode("latin-1")

    def is_binary(self, path: str) -> bool:
        """Take a path relative to the root; return whether the file is surely no text. Only its beginning is read."""
        return _BINARY in self._bytes(path, _BEGINNING)

    def _bytes(self, path: str, size: int) -> bytes:
        """Return the first bytes of a regular file, of a binary one only its beginning; empty if that fails."""
        flags = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_BINARY", "O_NOFOLLOW"))
        try:
            descriptor = os.open(self._full(path), flags)
            with os.fdopen(descriptor, "rb") as stream:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    return b""
                data = stream.read(min(size, _BEGINNING))
                return data if _BINARY in data else data + stream.read(size - len(data))
        except (OSError, ValueError):
            return b""

    def _full(self, path: str) -> str:
        return os.path.join(self._root, path)  # noqa: PTH118 - of many thousand files

    def _stands_in_plain_folders(self, path: str) -> bool:
        folder = path.rpartition("/")[0]
        found = self._is_plain.get(folder)
        if found is None:
            full = self._full(folder.replace("/", os.sep))
            # Neither a link nor '..', which a damaged index may have.
            found = self._is_plain[folder] = os.path.realpath(full) == full
        return found
