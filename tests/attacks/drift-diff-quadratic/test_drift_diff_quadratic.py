"""A comment at the top of a registry changes a line of each store in its JSON: drift is told in linear time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sphinx_statestores.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def registry(stores: int, comment: str = "") -> str:
    items = "".join(
        f'  a{n}-lock: {{backend: redis, prefix: "a{n}", service: S{n % 97}, purpose: p{n}}}\n' for n in range(stores)
    )
    return f"{comment}x-state-stores:\n{items}x-outputs:\n  - {{format: json, path: ../s.json}}\n"


def calls_of_check(stores: int, repository: Path) -> int:
    """Return how many functions are called to find that every record has drifted."""
    path = repository / "schemas/state-stores.yaml"
    path.write_text(registry(stores), encoding="utf-8")
    assert main(["generate", "outputs"]) == 0
    path.write_text(registry(stores, "# a comment\n"), encoding="utf-8")
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        assert main(["check"]) == 1
    finally:
        sys.setprofile(None)
    return calls


def test_the_work_grows_with_the_registry(repository: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Three times as many stores take about three times as many calls, and the lines are counted."""
    (repository / "schemas").mkdir()
    few = calls_of_check(300, repository)
    capsysbinary.readouterr()
    many = calls_of_check(900, repository)
    assert b"'s.json' has drifted: " in capsysbinary.readouterr().out
    assert many < 3.5 * few
