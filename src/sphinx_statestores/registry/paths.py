"""Which files make up a registry when only one is named, what they are called, and the root that they belong to."""

from __future__ import annotations

import errno
import os
from pathlib import Path

#: Said of a path that is not, wherever it is: only Windows would read it as a path.
PATH_RULE = "paths are written with '/' on every system, and this one has a backslash"


def path_fault(path: str) -> str:
    """Say why a path of a registry or a configuration is none that every system reads alike; nothing when it is."""
    return PATH_RULE if "\\" in path else ""


def guide_sibling(path: Path) -> Path:
    """Return where the guide of a registry file is kept: ``state-stores.yaml``, ``state-stores-guide.yaml``."""
    return path.with_name(f"{path.stem}-guide{path.suffix}")


def default_files(path: Path) -> list[Path]:
    """Return a registry file and, when there is one, its guide."""
    guide = guide_sibling(path)
    return [path, guide] if is_file(guide) else [path]


def is_file(path: str | Path) -> bool:
    """Return whether a path leads to a regular file; a path that cannot be asked about leads to none.

    `Path.is_file` raises for a name that is too long, and for a folder that may not be searched.
    """
    return os.path.isfile(path)  # noqa: PTH113 - see above


def is_folder(path: str | Path) -> bool:
    """Return whether a path leads to a folder; a path that cannot be asked about leads to none."""
    return os.path.isdir(path)  # noqa: PTH112 - `Path.is_dir` raises as `Path.is_file` does


def exists(path: str | Path) -> bool:
    """Return whether a path leads anywhere; a path that cannot be asked about leads nowhere."""
    return os.path.exists(path)  # noqa: PTH110 - `Path.exists` raises as `Path.is_file` does


def find_checkout(folder: Path) -> Path | None:
    """Return the nearest folder, *folder* itself or one above it, that holds ``.git``; None when there is none.

    In a linked worktree or a submodule that is a file of this name. A folder that a link leads to, out of a checkout
    around the link, is none of that checkout and does not count: a pull request can bring such a link.
    """
    absolute = absolute_path(folder)
    found = [each for each in (absolute, *absolute.parents) if exists(each / ".git")]
    while len(found) > 1 and not _is_inside(found[0], found[1]):
        found.pop(0)
    return found[0] if found else None


def repository_root(path: Path, given: Path | None = None) -> Path:
    """Return the folder that a registry file's outputs and templates belong to, and that no link may lead out of.

    That is *given*, which a command line or a project's configuration names, where the file lies below it; else the
    checkout that the file is in; else the current folder where the file lies below it; else the file's own folder.
    """
    absolute = absolute_path(path)
    if given is not None and absolute.is_relative_to(root := absolute_path(given)):
        return root
    checkout = find_checkout(absolute.parent)
    if checkout is not None:
        return checkout
    current = current_folder()
    return current if current is not None and absolute.is_relative_to(current) else absolute.parent


def repository_path(path: Path, given: Path | None = None) -> str:
    """Return a file's path from its :func:`repository_root`, with ``/``."""
    return absolute_path(path).relative_to(repository_root(path, given)).as_posix()


def absolute_path(path: str | Path) -> Path:
    """Return a path from the root of the file system, without ``..``; links stay as they are written.

    Where the current folder has been removed, a relative path leads nowhere; it counts from the root then.
    """
    try:
        return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links
    except OSError:
        return Path(os.path.normpath(Path("/") / path))


def current_folder() -> Path | None:
    """Return the folder that relative paths begin at; None when it has been removed, or may not be looked for."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _is_inside(path: Path, root: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


class OutsideError(OSError):
    """A link leads out of the folder that a path has to stay in."""


def resolve_inside(path: str | Path, root: Path) -> Path:
    """Return what a path leads to, with all links followed; there need not be anything.

    Raises :exc:`OutsideError` when that is not in *root*, and OSError when no file can have such a name.
    """
    try:
        real, real_root = (Path(os.path.realpath(each)) for each in (path, root))
    except ValueError as error:
        raise OSError(errno.EINVAL, "no file can have this name", str(path)) from error
    if not real.is_relative_to(real_root):
        raise OutsideError(errno.EPERM, f"a link leads out of {str(root)!r}", str(path))
    return real
