"""The page about imports is what its commands do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from docs_page import play

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "import.md"


def test_the_page_is_a_session(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty repository, each command of ``docs/import.md`` prints what the page shows, and writes that file."""
    monkeypatch.chdir(repository)
    steps = play(PAGE.read_text(encoding="utf-8"), repository)
    assert len(steps) > 12
    for step in steps:
        assert step.found == step.shown
