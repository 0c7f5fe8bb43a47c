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
from sphinx_statestores.sphinx_ext.incremental.registry_cache import contents_of, kept_result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.observation import Observation
    from sphinx_statestores.registry.source import SourceText
    from sphinx_statestores.sphinx_ext.config import Settings


class OwnRegistry(NamedTuple):
    """The registry of a project, without those of other sites."""

    registry: Registry
    #: Its files.
    sources: Sequence[SourceText | Problem]
    #: Whether it was loaded without errors.
    is_sound: bool


class Observed(NamedTuple):
    """What was seen on servers."""

    #: None where no file is configured, and where one has errors.
    observation: Observation | None = None
    problems: tuple[Problem, ...] = ()
    #: Path in the places of problems -> file.
    files: tuple[tuple[str, Path], ...] = ()
    #: The digest of each file, or why it cannot be read.
    contents: tuple[tuple[str, str], ...] = ()


def read_observed(settings: Settings, own: OwnRegistry, file: Path, hint: str | None) -> Observed:
    """Read and compare the files; *hint* ends the counts of a shortened report, and None reports all problems.

    Nothing is compared with a registry that has errors: data of stores that are left out would belong to no store.
    *file* is a cache: it is used if neither these files nor the registry have changed.
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
    contents, of_registry = contents_of(sources), contents_of(own.sources)
    if contents is None or of_registry is None:
        found = _compared(settings, own, sources, hint)
    else:
        rules = None if settings.lint is None else sorted(settings.lint.items())
        inputs = ("observed", contents, of_registry, rules, hint)
        found = kept_result(file, inputs, lambda: _compared(settings, own, sources, hint))
    observation, problems = found
    digests = tuple((name, source.message if isinstance(source, Problem) else source.digest) for name, source in read)
    return Observed(observation, tuple(problems), files, digests)


def _compared(
    settings: Settings, own: OwnRegistry, sources: Sequence[SourceText | Problem], hint: str | None
) -> tuple[Observation | None, list[Problem]]:
    file, problems = read_observations(sources)
    observation = None
    if file is not None:
        index = KeyIndex(own.registry)
        observation = for_registry(file, own.registry, index).observation
        if own.is_sound and settings.lint is not None:
            problems += check_observed(own.registry, file, index)
    problems = apply_rule_settings(own.registry, problems, settings.lint)
    return observation, problems if hint is None else shorten(problems, hint=hint)
