"""Merge keys whose sources are empty: each of them takes a step, and counts."""

from __future__ import annotations

import pytest

from sphinx_statestores.registry import reader
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.reader import MERGE_LIMIT, read_document


def text(sources: int, merges: int, source: str = "{}") -> str:
    return f"x-l: &l [{', '.join([source] * sources)}]\nx-m:\n" + "- {<<: *l}\n" * merges


@pytest.mark.parametrize("source", ["{}", "{a: 1}", "{a: 1, b: 2}"])
@pytest.mark.parametrize("times", [1, 4])
def test_every_source_counts(source: str, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many sources and pairs as the limit says are merged, and not one more, however they are divided."""
    each = max(1, source.count(":"))
    monkeypatch.setattr(reader, "MERGE_LIMIT", 120 * each)
    sources, merges = 30 // times, 4 * times
    assert read_document(text(sources, merges, source), "a.yaml")[1] == [] or sources * merges > 120
    _, (problem,) = read_document(text(sources, merges + 1 + (sources * merges < 120) * 2, source), "a.yaml")
    assert problem.kind is Kind.NOT_YAML
    assert "merge keys of this file" in problem.message


def test_a_billion_steps() -> None:
    """A file of 0.4 MB that stands for a billion steps is refused once the limit is reached."""
    _, (problem,) = read_document(text(100_000, 10_000), "a.yaml")
    assert f"{MERGE_LIMIT:,}" in problem.message
    # The first merge reaches the limit, the second goes beyond it.
    assert problem.location.line == 4
