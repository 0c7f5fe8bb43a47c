"""What holds for every observation and a registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from observations import observations

from sphinx_statestores.checks.observed import check_observed
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.observation_file import ObservationFile
from sphinx_statestores.registry.observed_stores import for_registry, numbers_of
from sphinx_statestores.registry.problems import SERVER_RULES, Location
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from sphinx_statestores.registry.observation import Observation

TEXT = """
x-state-stores:
  a: {backend: redis, prefix: a, service: A, purpose: p, keys: [{pattern: "{id}", type: hash, ttl: 1h}]}
  b: {backend: mysql, service: A, purpose: p}
  a-1: {backend: redis, prefix: "0", service: A, purpose: p, status: removed}
"""
REGISTRY, _ = load_sources([SourceText("r.yaml", TEXT, "")])


def file_of(observation: Observation) -> ObservationFile:
    """Return a file that says this."""
    places = (tuple(Location("o.json", number) for number, _ in enumerate(part, 1)) for part in observation[1:])
    return ObservationFile(observation, *places)


@given(observations())
def test_owners_stay(observation: Observation) -> None:
    """What has found its store stays there, nothing is lost, and each store is there once for each server."""
    once = for_registry(file_of(observation), REGISTRY)
    assert for_registry(once, REGISTRY) == once
    seen = once.observation
    keys = sum(store.keys for store in observation.stores) + sum(group.keys for _, group in observation.unknown_keys)
    assert sum(store.keys for store in seen.stores) + sum(group.keys for _, group in seen.unknown_keys) == keys
    assert len({(store.name, store.server) for store in seen.stores}) == len(seen.stores)
    assert {store.name for store in seen.stores} <= REGISTRY.by_name.keys()


@given(observations())
def test_nothing_is_raised(observation: Observation) -> None:
    """Every observation can be compared, and each problem is a rule about servers at a place."""
    numbers_of(observation)
    for problem in check_observed(REGISTRY, file_of(observation)):
        assert problem.kind.subtype in SERVER_RULES
        assert problem.location.line
