"""What changes do to live data, in each format: a case is a folder with two registries dropped into ``breaking``.

``expected.FORMAT`` is what each format makes of ``old.yaml`` and ``new.yaml``. Run ``UPDATE_CASES=1 pytest``
once and read what it wrote.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.checks.breaking import Consequence, Impact, consequences
from sphinx_statestores.cli.changes import consequences_to_text
from sphinx_statestores.export.breaking import CONSEQUENCE_FORMATS
from sphinx_statestores.export.changes import CHANGE_FORMATS
from sphinx_statestores.registry.diff import compare
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.problems import has_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CASES = Path(__file__).parent / "breaking"
NAMES = sorted(path.name for path in CASES.iterdir())
FORMATS: dict[str, Callable[[Sequence[Consequence]], str]] = {**CONSEQUENCE_FORMATS, "text": consequences_to_text}


def found_in(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Consequence, ...]:
    monkeypatch.chdir(CASES / name)
    old, new = (load([Path(f"{which}.yaml")]) for which in ("old", "new"))
    assert not has_errors(old[1] + new[1])
    return consequences(compare(old[0], new[0]))


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each format writes the case as it was read once, and ends with a newline."""
    text = FORMATS[form](found_in(name, monkeypatch))
    expected = CASES / name / f"expected.{form}"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert text.endswith("\n")


def test_formats_are_those_of_changes() -> None:
    """``--format`` takes the same names with and without ``--breaking``."""
    assert CONSEQUENCE_FORMATS.keys() == CHANGE_FORMATS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_text_is_safe_for_a_terminal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No character of a registry that a terminal would obey is in the text, nor one that breaks a line."""
    text = consequences_to_text(found_in(name, monkeypatch))
    assert [char for char in text if not char.isprintable() and char != "\n"] == []
    assert len(text.splitlines()) == len(text.split("\n")) - 1


def test_json_has_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON has each consequence, with its place, and the counts of all impacts."""
    found = found_in("everything", monkeypatch)
    content = json.loads(FORMATS["json"](found))
    assert sum(content["counts"].values()) == len(content["consequences"]) == len(found)
    assert content["counts"].keys() == {impact.value for impact in Impact}
    assert {item["file"] for item in content["consequences"]} == {"old.yaml", "new.yaml"}
    assert [item["key"] for item in content["consequences"] if item["change"] == "type"] == ["r:{id}"]


def test_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line about a consequence has the colour of its impact."""
    lines = consequences_to_text(found_in("everything", monkeypatch), colour=True).splitlines()
    coloured = {
        (line.partition("m")[0], line.partition("m")[2].partition(":")[0]) for line in lines if "\x1b" in line
    }
    assert coloured == {("\x1b[1;31", "breaking"), ("\x1b[1;33", "careful"), ("\x1b[32", "safe")}
