"""A registry -> who uses its stores in code, with a cache in the repository."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from sphinx_statestores.checks.code_files import CACHE_FOLDER, FILES_LIMIT, repositories, scan
from sphinx_statestores.checks.code_usage import Usage, find_usage
from sphinx_statestores.cli.output import complain
from sphinx_statestores.export.files import read_beginning, replace_file, write_if_different
from sphinx_statestores.registry.problems import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from sphinx_statestores.cli.arguments import Loaded
    from sphinx_statestores.registry.model import Registry

_FILE = "code.json"
#: The maximum size of the cache, in bytes.
_CACHE_LIMIT = 256 * 1024 * 1024


def find_code(loaded: Loaded, *, use_cache: bool = True) -> Usage:
    """Take a registry; return who uses its stores in code.

    With *use_cache*, unchanged files are not read again. A cache that cannot be read or written is ignored.
    """
    scans = []
    for repository in repositories(loaded.registry, loaded.files, loaded.root):
        found = scan(repository, _read(repository.root) if use_cache else b"")
        if use_cache and found.cache is not None:
            _write(repository.root, found.cache)
        scans.append(found)
    return find_usage(loaded.registry, scans, place_of)


def with_uses(loaded: Loaded) -> Registry:
    """Take a registry; return it with what its code uses. Complains of code that is not known."""
    registry = loaded.registry
    usage = find_code(loaded)
    report_unread(usage)
    return registry._replace(facts=usage.facts(registry))


def report_unread(usage: Usage) -> None:
    """Write to standard error why some of the code is not known."""
    for problem in usage.problems:
        if problem.kind is Kind.UNREAD_CODE:
            complain(str(problem))


@lru_cache(maxsize=FILES_LIMIT)
def place_of(root: Path, path: str) -> str:
    """Return the path of a file as a terminal opens it, from the current folder."""
    try:
        return os.path.relpath(root / path)
    except (OSError, ValueError):  # no current folder, or another drive
        return str(root / path)


def _read(root: Path) -> bytes:
    try:
        return read_beginning(root / CACHE_FOLDER / _FILE, _CACHE_LIMIT, root=root) or b""
    except OSError:
        return b""


def _write(root: Path, data: bytes) -> None:
    with suppress(OSError):
        # The folder keeps itself out of the repository.
        write_if_different(root / CACHE_FOLDER / ".gitignore", "*\n", root=root)
        replace_file(root / CACHE_FOLDER / _FILE, data, root=root)
