"""A registry -> what its code uses, from caches beside the doctrees for files that have not changed."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from sphinx_statestores.checks.code_files import repositories, scan
from sphinx_statestores.checks.code_usage import Usage, find_usage
from sphinx_statestores.sphinx_ext.incremental.files import keep, read_kept

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

    from sphinx_statestores.registry.model import Registry


def read_code(
    own: Registry, whole: Registry, files: Mapping[str, Path], root: Path | None, kept: Path, foreign: Container[str]
) -> Usage | None:
    """Take a registry and the same with stores of other sites; return what code uses; None without ``x-code``.

    *files* and *root* are those of :func:`~.code_files.repositories`, *foreign* the stores of other sites. *kept* is
    the folder of the caches; one that cannot be read or written is ignored.
    """
    if not own.guide.code:
        return None
    scans = []
    for repository in repositories(own, files, root):
        name = blake2b(str(repository.root).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
        file = kept / f"code-{name}.json"
        found = scan(repository, read_kept(file) or b"")
        if found.cache is not None:
            keep(file, found.cache)
        scans.append(found)
    return find_usage(whole, scans, lambda root, path: str(root / path), foreign)
