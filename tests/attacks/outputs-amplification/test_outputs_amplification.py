"""A short list of outputs, each the whole registry once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sphinx_statestores.export import outputs
from sphinx_statestores.export.outputs import OUTPUT_LIMIT, Project, Rendered, check_outputs, render_outputs
from sphinx_statestores.registry.loader import load

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def project(folder: Path, number: int) -> Project:
    stores = "".join(f'  a{n}-lock: {{backend: redis, prefix: "a{n}", service: S, purpose: p}}\n' for n in range(20))
    items = "".join(f'  - {{format: json, path: "o/{n}.json"}}\n' for n in range(number))
    file = folder / "stores.yaml"
    file.write_text(f"x-state-stores:\n{stores}x-outputs:\n{items}", encoding="utf-8")
    registry, problems = load([file])
    assert problems == []
    return Project(registry, {str(file): file})


def test_no_more_than_a_hundred_are_made(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many outputs are declared, a hundred are rendered, and the next one is an error at its place."""
    made = 0
    write = vars(outputs)["write_portably"]

    def counted(*arguments: Any) -> Any:
        nonlocal made
        made += 1
        return write(*arguments)

    monkeypatch.setattr(outputs, "write_portably", counted)
    problems = check_outputs(project(repository, 1000))
    assert made == OUTPUT_LIMIT
    assert len(problems) == OUTPUT_LIMIT + 1
    assert "'x-outputs' has 1000 items: at most 100 are generated" in problems[-1].message
    assert problems[-1].location.line == 22 + OUTPUT_LIMIT + 1


def test_one_text_at_a_time(repository: Path) -> None:
    """An output is made when it is asked for, so that a check holds one text at a time."""
    found = render_outputs(project(repository, 5))
    first = next(found)
    assert isinstance(first, Rendered)
    assert first.name == "o/0.json"
    assert len(list(found)) == 4


def test_all_texts_together(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts together are limited as well: the output that goes beyond is an error, and the last one."""
    items = project(repository, 5)
    size = len(next(item.text for item in render_outputs(items) if isinstance(item, Rendered)))
    monkeypatch.setattr(outputs, "TEXT_LIMIT", 3 * size)
    (problem,) = [item for item in render_outputs(items) if not isinstance(item, Rendered)]
    assert "characters in total" in problem.message
    assert len(list(render_outputs(items))) == 4
