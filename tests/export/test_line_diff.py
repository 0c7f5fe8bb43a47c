"""The difference of two texts: it is one, it is short, and it takes time in proportion to the texts."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_statestores.export import line_diff
from sphinx_statestores.export.line_diff import unified_diff


def applied(before: str, difference: str) -> str:
    """Apply a unified diff as ``patch`` does: each hunk at its place, and only where the old lines stand."""
    old = before.splitlines(keepends=True)
    new: list[str] = []
    at = 0
    lines = difference.splitlines(keepends=True)[2:]
    for number, line in enumerate(lines):
        if line.startswith("@@"):
            start, _, length = line.split()[1][1:].partition(",")
            first = int(start) - (length != "0")
            new += old[at:first]
            at = first
        elif not line.startswith("\\"):
            is_cut = lines[number + 1 : number + 2] == ["\\ No newline at end of file\n"]
            text = line[1:].removesuffix("\n") if is_cut else line[1:]
            if line[0] != "+":
                assert old[at] == text
                at += 1
            if line[0] != "-":
                new.append(text)
    return "".join([*new, *old[at:]])


TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "-x\n", "+y\n", "@@\n", " z\n"]), max_size=40).flatmap(
    lambda lines: st.sampled_from(["".join(lines), "".join(lines).removesuffix("\n")])
)


@given(TEXTS, TEXTS)
def test_it_leads_from_one_text_to_the_other(before: str, after: str) -> None:
    """Applied to the first text, the difference gives the second; equal texts have none."""
    found = unified_diff(before, after, "a", "b")
    assert (found == "") == (before == after)
    assert applied(before, found) == after


@pytest.mark.parametrize("size", [10, 3000])
def test_a_small_edit_is_a_small_difference(size: int) -> None:
    """An edit of one line in a long text, whose other lines repeat, is one line out and one in."""
    lines = [f"{{\n  name: {n}\n}}\n" for n in range(size)]
    edited = [*lines]
    edited[size // 2] = "{\n  name: new\n}\n"
    found = unified_diff("".join(lines), "".join(edited), "a", "b").splitlines()
    assert [line for line in found[2:] if line[0] in "+-"] == [f"-  name: {size // 2}", "+  name: new"]


def test_other_characters_end_no_line() -> None:
    """Only a line feed ends a line: what ``str.splitlines`` takes for an end is part of a line."""
    found = unified_diff("a\x85b\u2028c\rd\n", "a\x85b\u2028c\re\n", "a", "b")
    assert found == "--- a\n+++ b\n@@ -1 +1 @@\n-a\x85b\u2028c\rd\n+a\x85b\u2028c\re\n"


def shifted(size: int) -> tuple[str, str]:
    """Return what a comment at the top of a registry does to its JSON: every record has one line that differs."""
    before, after = (
        "".join(f'{{\n "name": "store-{n}",\n "line": {n + more}\n}},\n' for n in range(size)) for more in (0, 1)
    )
    return before, after


def shuffled(size: int) -> tuple[str, str]:
    """Return the same lines in another order."""
    lines = [f"line {n}\n" for n in range(size)]
    before = "".join(lines)
    random.Random(size).shuffle(lines)
    return before, "".join(lines)


def alike(size: int) -> tuple[str, str]:
    """Return lines of which none is there only once."""
    return "x\ny\n" * size, "y\nz\nx\n" * size


@pytest.mark.parametrize("texts", [shifted, shuffled, alike])
def test_the_work_grows_with_the_texts(texts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """For texts that are four times as long, not much more than four times as many lines are looked at."""
    looked_at = 0
    equal_lines = line_diff._equal_lines

    def counted(part: Any, *lines: Any) -> Any:
        nonlocal looked_at
        looked_at += part.old_end - part.old + part.new_end - part.new
        return equal_lines(part, *lines)

    monkeypatch.setattr(line_diff, "_equal_lines", counted)
    numbers = []
    for size in (1000, 4000):
        looked_at = 0
        before, after = texts(size)
        unified_diff(before, after, "a", "b")
        numbers.append(looked_at)
    assert numbers[0] > 0
    assert numbers[1] <= 5 * numbers[0]
