"""``--observed``: what was seen on running servers, from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.observed_stores import facts_of, for_registry, read_observations
from sphinx_statestores.registry.source import read_source

if TYPE_CHECKING:
    import argparse

    from sphinx_statestores.cli.arguments import Loaded
    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.observation_file import ObservationFile
    from sphinx_statestores.registry.problems import Problem


def read_observed(options: argparse.Namespace, loaded: Loaded) -> tuple[ObservationFile | None, list[Problem]]:
    """Return what the named files say, or those of the settings file, and the problems of the files.

    That is None where no file is named, and where one has errors.
    """
    files = options.observed or ([] if loaded.is_named else loaded.settings.observed) or []
    if not files:
        return None, []
    return read_observations([read_source(file, options.size_limit, loaded.root) for file in files])


def with_seen(options: argparse.Namespace, loaded: Loaded, registry: Registry) -> tuple[Registry, list[Problem]]:
    """Return a registry with what was seen of its stores, and the problems of the files."""
    file, problems = read_observed(options, loaded)
    if file is None:
        return registry, problems
    seen = facts_of(for_registry(file, loaded.registry).observation)
    return registry._replace(facts={**registry.facts, **seen}), problems
