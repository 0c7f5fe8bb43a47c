"""The path of a registry file -> the files beside it, its name in messages, and the root of its repository."""

from __future__ import annotations

import errno
import os
from pathlib import Path

#: The message for a path with a backslash. Only Windows treats a backslash as a separator.
PATH_RULE = "it has a backslash: write paths with '/' on every system"


def path_fault(path: str) -> str:
    """Take a path from a registry or from ``conf.py``; return why it is not portable, or an empty text."""
    return PATH_RULE if "\\" in path else ""


def guide_sibling(path: Path) -> Path:
    """Return the path of a registry file's guide: ``state-stores-guide.yaml`` for ``state-stores.yaml``."""
    return path.with_name(f"{path.stem}-guide{path.suffix}")


def default_files(path: Path) -> list[Path]:
    """Take the path of a registry file; return it, followed by its guide if that exists."""
    guide = guide_sibling(path)
    return [path, guide] if is_file(guide) else [path]


def is_file(path: str | Path) -> bool:
    """Return whether a path is a regular file; False when the system cannot check it.

    `Path.is_file` raises OSError for a name that is too long and for a folder without search permission.
    """
    return os.path.isfile(path)  # noqa: PTH113 - see above


def is_folder(path: str | Path) -> bool:
    """Return whether a path is a folder; False when the system cannot check it."""
    return os.path.isdir(path)  # noqa: PTH112 - `Path.is_dir` raises as `Path.is_file` does


def exists(path: str | Path) -> bool:
    """Return whether a path exists; False when the system cannot check it."""
    return os.path.exists(path)  # noqa: PTH110 - `Path.exists` raises as `Path.is_file` does


def find_checkout(folder: Path) -> Path | None:
    """Return the nearest folder, *folder* itself or one above it, that holds ``.git``; None when there is none.

    In a linked worktree and in a submodule, ``.git`` is a file. If *folder* is in a checkout and a symbolic link on
    its path leads out of that checkout, the folders behind the link are ignored: a pull request can add such a link.
    """
    absolute = absolute_path(folder)
    found = [each for each in (absolute, *absolute.parents) if exists(each / ".git")]
    while len(found) > 1 and not _is_inside(found[0], found[1]):
        found.pop(0)
    return found[0] if found else None


def repository_root(path: Path, given: Path | None = None) -> Path:
    """Take the path of a registry file and the configured root; return the root of the repository.

    Outputs and templates are relative to the root, and no symbolic link may lead out of it. It is *given* if the file
    is below it; otherwise the checkout of the file; otherwise the current folder if the file is below it; otherwise
    the folder of the file.
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
    """Return the path of a file relative to its :func:`repository_root`, with ``/`` as separator."""
    return absolute_path(path).relative_to(repository_root(path, given)).as_posix()


def absolute_path(path: str | Path) -> Path:
    """Return the absolute path, without ``..``; symbolic links are kept.

    When the current folder has been removed, a relative path starts at the root of the file system.
    """
    try:
        return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links
    except OSError:
        return Path(os.path.normpath(Path("/") / path))


def current_folder() -> Path | None:
    """Return the current folder; None when it has been removed or may not be searched."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _is_inside(path: Path, root: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


class OutsideError(OSError):
    """A symbolic link leads out of the folder that a path must stay in."""


def resolve_inside(path: str | Path, root: Path) -> Path:
    """Return a path with all symbolic links resolved; the file need not exist.

    Raises :exc:`OutsideError` when the result is outside of *root*, and OSError when the path is not valid.
    """
    try:
        real, real_root = (Path(os.path.realpath(each)) for each in (path, root))
    except ValueError as error:
        raise OSError(errno.EINVAL, "this is not a valid file name", str(path)) from error
    if not real.is_relative_to(real_root):
        raise OutsideError(errno.EPERM, f"a link leads out of {str(root)!r}", str(path))
    return real
