"""The versions that documents compare -> registries, each read once in a build."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.paths import repository_root
from sphinx_statestores.registry.problems import Problem, Severity
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.revisions import read_version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.source import SourceText
    from sphinx_statestores.sphinx_ext.read.questions import Version


class RegistryVersion:
    """One version of the registry. Its files have been read; they are parsed on first use."""

    def __init__(self, name: str, sources: Sequence[SourceText | Problem]) -> None:
        self._name = name
        self._sources = sources

    @property
    def digest(self) -> tuple[str, ...]:
        """A digest of the content, or of the reason why it cannot be read."""
        return tuple(source.message if isinstance(source, Problem) else source.digest for source in self._sources)

    @property
    def registry(self) -> Registry | None:
        """The registry without parts that have errors; None when it cannot be read."""
        return self._loaded[0]

    @property
    def complaint(self) -> str:
        """The message about errors; empty when there are none."""
        return self._loaded[1]

    @cached_property
    def _loaded(self) -> tuple[Registry | None, str]:
        registry, problems = load_sources(self._sources)
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        if not errors:
            return registry, ""
        first = errors[0]
        if isinstance(self._sources[0], Problem):
            return None, f"{shown(self._name)} cannot be compared: {first.message}"
        place = f"at line {first.location.line}, {first.message}"
        if not registry.stores:
            return None, f"{shown(self._name)} cannot be compared: {place}"
        return (
            registry,
            f"{shown(self._name)} is compared without the stores that have errors ({len(errors)}): {place}",
        )


class Versions:
    """Reads versions, each once in a build: a branch may move in the meantime."""

    def __init__(self, srcdir: Path, registry_files: Sequence[Path], size_limit: int, root: Path | None) -> None:
        self._srcdir = srcdir
        #: The files of a version that is named by a revision only.
        self._registry_files = registry_files
        self._size_limit = size_limit
        #: The configured root of the repository.
        self._root = root
        self._read: dict[Version, RegistryVersion] = {}

    def read(self, version: Version) -> RegistryVersion:
        """Return a version as it was when first requested."""
        found = self._read.get(version)
        if found is None:
            folder = self._srcdir / version.folder
            # Pages are untrusted: they may name only files in the repository of the source folder.
            root = repository_root(self._srcdir / "conf.py", self._root)
            sources = read_version(
                version.text, self._registry_files, folder, self._size_limit, root, is_confined=True
            )
            found = self._read[version] = RegistryVersion(version.text, sources)
        return found
