"""Registries of blank lines, of one very long list, of one very long line: memory in proportion, and with a limit."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry import reader
from sphinx_statestores.registry.loader import STORES_SECTION, load_sources
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Callable

STORE = "  a-lock: {backend: redis, prefix: a, service: A, purpose: p}\n"


def peak(work: Callable[[], object]) -> int:
    """Return how many bytes are allocated at once."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_whole_file() -> None:
    """A registry of blank lines is empty, and reading four times as many lines takes no more memory for each."""
    peaks = []
    for number in (50_000, 200_000):
        source = SourceText("a.yaml", f"{STORES_SECTION}:\n" + "\n" * number, "")
        assert [problem.kind for problem in load_sources([source])[1]] == [Kind.NO_STORES]
        peaks.append(peak(lambda source=source: load_sources([source])) / number)  # type: ignore[misc]
    assert peaks[1] <= peaks[0] * 1.2


@pytest.mark.parametrize("text", ["x-other: [%s]\n", "x-other: {%s}\n", "x-other:\n- [%s]\n"])
def test_a_limit_for_values(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with more values than the limit is refused at the value that is one too many, and none is kept."""
    monkeypatch.setattr(reader, "VALUE_LIMIT", 1000)
    for number, is_refused in ((400, False), (1200, True)):
        items = ",\n".join(f"a{n}" for n in range(number))
        source = SourceText("a.yaml", (text % items) + f"{STORES_SECTION}:\n{STORE}", "")
        registry, problems = load_sources([source])
        assert bool(problems) is is_refused
        assert registry.names == (() if is_refused else ("a-lock",))
        if is_refused:
            assert "1,000" in problems[0].message
            assert 400 < problems[0].location.line < 1010


def test_a_long_line() -> None:
    """In one line of a million characters, a problem at its end has its column and a short message."""
    text = f"{STORES_SECTION}: {{{', '.join(f'a{n}: 1' for n in range(100_000))}, \x01}}\n"
    _, (problem,) = load_sources([SourceText("a.yaml", text, "")])
    assert (problem.location.line, problem.location.column) == (1, len(text) - 2)
    assert len(problem.message) < 200
