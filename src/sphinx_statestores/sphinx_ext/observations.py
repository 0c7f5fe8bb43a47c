"""``statestores_observed`` -> what was seen on servers, for the registry of a build, and what contradicts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.checks.lint import apply_rule_settings
from sphinx_statestores.checks.observed import check_observed
from sphinx_statestores.registry.key_index import KeyIndex
from sphinx_statestores.registry.observed_stores import for_registry, read_observations
from sphinx_statestores.registry.paths import repository_path
from sphinx_statestores.registry.problems import Problem
from sphinx_statestores.registry.report import shorten
from sphinx_statestores.registry.source import read_source

if TYPE_CHECKING:
    from pathlib import Path

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.observation import Observation
    from sphinx_statestores.sphinx_ext.config import Settings


class Observed(NamedTuple):
    """What was seen on servers."""

    #: None where no file is configured, and where one has errors.
    observation: Observation | None = None
    problems: tuple[Problem, ...] = ()
    #: Path in the places of problems -> file.
    files: tuple[tuple[str, Path], ...] = ()
    #: The digest of each file, or why it cannot be read.
    contents: tuple[tuple[str, str], ...] = ()


def read_observed(settings: Settings, registry: Registry, hint: str | None, *, is_sound: bool) -> Observed:
    """Read and compare the files; *hint* ends the counts of a shortened report, and None reports all problems.

    Nothing is compared with a registry that has errors (*is_sound*): data of stores that are left out would belong to
    no store.
    """
    if not settings.observed:
        return Observed()
    files = tuple((repository_path(path, settings.root), path) for path in settings.observed)
    read = [(name, read_source(path, settings.size_limit, settings.root)) for name, path in files]
    sources = [
        source._replace(location=source.location._replace(path=name))
        if isinstance(source, Problem)
        else source._replace(path=name)
        for name, source in read
    ]
    file, problems = read_observations(sources)
    observation = None
    if file is not None:
        index = KeyIndex(registry)
        observation = for_registry(file, registry, index).observation
        if is_sound and settings.lint is not None:
            problems += check_observed(registry, file, index)
    problems = apply_rule_settings(registry, problems, settings.lint)
    contents = ((name, source.message if isinstance(source, Problem) else source.digest) for name, source in read)
    return Observed(
        observation, tuple(problems if hint is None else shorten(problems, hint=hint)), files, tuple(contents)
    )
