"""Which files make up a registry when only one is named, and what they are called in a repository."""

from __future__ import annotations

import os
from pathlib import Path


def guide_sibling(path: Path) -> Path:
    """Return where the guide of a registry file is kept: ``state-stores.yaml``, ``state-stores-guide.yaml``."""
    return path.with_name(f"{path.stem}-guide{path.suffix}")


def default_files(path: Path) -> list[Path]:
    """Return a registry file and, when there is one, its guide."""
    guide = guide_sibling(path)
    return [path, guide] if guide.is_file() else [path]


def repository_root(path: Path) -> Path:
    """Return the root of the repository that a file is in: the nearest folder above that holds ``.git``.

    In a worktree that is a file of that name. Without one, the folder above that of the file, since a registry
    is kept in a folder of its own.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links
    for folder in absolute.parents:
        if (folder / ".git").exists():
            return folder
    return absolute.parents[min(1, len(absolute.parents) - 1)]


def repository_path(path: Path) -> str:
    """Return a file's path from the root of the repository it is in, with ``/``.

    Without a repository that is its own name and that of its folder: enough to recognise it, and the same on
    every machine.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links
    return absolute.relative_to(repository_root(absolute)).as_posix()
