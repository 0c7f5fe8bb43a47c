"""Changes as text, JSON and Markdown: a case is a folder with ``old.yaml`` and ``new.yaml`` dropped into ``changes``.

``expected.FORMAT`` is what each format makes of them. Run ``UPDATE_CASES=1 pytest`` once and read what it wrote.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.cli.changes import changes_to_text
from sphinx_statestores.export.changes import CHANGE_FORMATS, changes_to_json
from sphinx_statestores.export.json_document import to_json
from sphinx_statestores.registry.diff import KINDS, Changes, compare
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.problems import has_errors

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = Path(__file__).parent / "changes"
NAMES = sorted(path.name for path in CASES.iterdir())
FORMATS: dict[str, Callable[[Changes], str]] = {**CHANGE_FORMATS, "text": changes_to_text}


def changes_of(name: str) -> Changes:
    old, new = (load([CASES / name / f"{which}.yaml"]) for which in ("old", "new"))
    assert not has_errors(old[1] + new[1])
    return compare(old[0], new[0])


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, form: str) -> None:
    """Each format writes the case as it was read once, ends with a newline, and is the same every time."""
    text = FORMATS[form](changes_of(name))
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


def test_colours() -> None:
    """Each line about a store has the colour of what happened, and the totals have none."""
    lines = changes_to_text(changes_of("everything"), colour=True).splitlines()
    colours = {line[:6] + line[-4:] for line in lines[:-2]}
    assert colours == {f"\x1b[{code}m{mark}\x1b[0m" for code, mark in ((32, "+"), (31, "-"), (36, ">"), (33, "~"))}
    assert lines[-2] == ""
    assert lines[-1].startswith("2 added, 1 removed")


def test_width() -> None:
    """In a terminal a line about a store is cut to its width; what changed in a field is shown in full."""
    lines = changes_to_text(changes_of("everything"), width=48).splitlines()
    assert [line for line in lines if line[:1] in {"+", "-"} and len(line) > 48] == []
    assert "+ realm-statestore  MySQL   Realms and…" in lines[0]
    assert "~ account-statestore: purpose: Persistent account data → Persistent `account` data" in lines


@pytest.mark.parametrize("name", NAMES)
def test_json_counts_what_it_tells(name: str) -> None:
    """The totals of the JSON agree with its lists: what came and went makes the difference."""
    content = json.loads(changes_to_json(changes_of(name)))
    assert list(content) == ["version", "before", "after", *KINDS]
    difference = content["after"]["stores"] - content["before"]["stores"]
    assert difference == len(content["added"]) - len(content["removed"])
    for side in ("before", "after"):
        assert sum(content[side]["backends"].values()) == content[side]["stores"]


@pytest.mark.parametrize("name", NAMES)
def test_json_has_stores_as_the_export_has_them(name: str) -> None:
    """A store that came is what the JSON of the whole registry says of it, but for the places where it stands."""
    new, _ = load([CASES / name / "new.yaml"])
    exported = {store["name"]: store for store in json.loads(to_json(new))["stores"]}
    for store in json.loads(changes_to_json(changes_of(name)))["added"]:
        whole = exported[store["name"]]
        for part in (whole, *whole["keys"]):
            del part["source"]
        assert store == whole
