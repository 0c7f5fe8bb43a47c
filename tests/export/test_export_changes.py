"""Changes as text, JSON and Markdown: a case is a folder with ``old.yaml`` and ``new.yaml`` dropped into ``changes``.

``expected.FORMAT`` is what each format makes of them. Run ``UPDATE_CASES=1 pytest`` once and read what it wrote.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sphinx_statestores.export.changes import CHANGE_FORMATS, changes_to_json, changes_to_text
from sphinx_statestores.registry.diff import KINDS, Changes, compare
from sphinx_statestores.registry.loader import load

CASES = Path(__file__).parent / "changes"
NAMES = sorted(path.name for path in CASES.iterdir())


def changes_of(name: str) -> Changes:
    (old, _), (new, _) = load([CASES / name / "old.yaml"]), load([CASES / name / "new.yaml"])
    return compare(old, new)


@pytest.mark.parametrize("form", sorted(CHANGE_FORMATS))
@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, form: str) -> None:
    """Each format writes the case as it was read once, ends with a newline, and is the same every time."""
    text = CHANGE_FORMATS[form](changes_of(name))
    expected = CASES / name / f"expected.{form}"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert text.endswith("\n")


@pytest.mark.parametrize("name", NAMES)
def test_text_is_safe_for_a_terminal(name: str) -> None:
    """No character of a registry that a terminal would obey is in the text, nor one that breaks a line."""
    text = changes_to_text(changes_of(name))
    assert [char for char in text if not char.isprintable() and char != "\n"] == []
    assert len(text.splitlines()) == len(text.split("\n")) - 1


def test_paint() -> None:
    """Each line about a store is given to the painter with what happened, and the rest is left alone."""
    painted = changes_to_text(changes_of("everything"), lambda line, kind: f"<{kind}>{line}")
    lines = painted.splitlines()
    marks = {f"<{kind}>{mark}" for kind, mark in zip(KINDS, "+->~", strict=True)}
    assert {line[: line.index(">", 1) + 2] for line in lines[:-2]} == marks
    assert lines[-2] == ""
    assert lines[-1].startswith("2 added, 1 removed")


@pytest.mark.parametrize("name", NAMES)
def test_json_counts_what_it_tells(name: str) -> None:
    """The totals of the JSON agree with its lists: what came and went makes the difference."""
    content = json.loads(changes_to_json(changes_of(name)))
    assert list(content) == ["before", "after", *KINDS]
    difference = content["after"]["stores"] - content["before"]["stores"]
    assert difference == len(content["added"]) - len(content["removed"])
    for side in ("before", "after"):
        assert sum(content[side]["backends"].values()) == content[side]["stores"]
