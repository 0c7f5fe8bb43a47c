"""Texts of other people in messages, in logs, and on one line."""

from __future__ import annotations

import pytest

from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.quoting import LINE_BREAKS, folded, log_line, one_line, printable


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain", "plain"),
        ("a::b ::c", "a::b ::c"),
        ("# a ## b [c] #[d]", "# a ## b [c] #[d]"),
        ("::error::x", r"\x3a:error::x"),
        ("  \u3000::x", "  \u3000\\x3a:x"),
        (":x", ":x"),
        ("##[error]x", r"\x23#[error]x"),
        ("a ##vso[x]y", r"a \x23#vso[x]y"),
        ("###[x]##teamcity[y]", r"#\x23#[x]\x23#teamcity[y]"),
        ("\n::x", r"\n::x"),
        ("a\x1b[2J\u202e\udcff", r"a\x1b[2J\u202e\udcff"),
    ],
)
def test_a_line_of_a_log(text: str, line: str) -> None:
    """A line holds what a text holds, but for what a terminal obeys and what begins a command of a service."""
    assert log_line(text) == line


@pytest.mark.parametrize("line_break", [*LINE_BREAKS, "\r\n", " \n ", "\t", "\n\n\n"])
def test_folding(line_break: str) -> None:
    """What breaks a line is one blank between what it divides; other blanks stay."""
    assert folded(f"{line_break}a  b{line_break}c{line_break}") == "a  b c"
    assert folded("a  b\u00a0 c ") == "a  b\u00a0 c "


def test_one_line() -> None:
    """Every character of a text stands for itself, for a blank or for U+FFFD, and none of them ends the line."""
    text = "".join(map(chr, range(0x110000)))
    line = one_line(text)
    assert len(line) == len(text)
    assert line.splitlines() == [line]
    changed = {old: new for old, new in zip(text, line, strict=True) if old != new}
    assert set(changed.values()) == {" ", "\ufffd"}
    assert {old for old, new in changed.items() if new == " "} == {*LINE_BREAKS, "\t"}
    assert all(not old.isprintable() for old in changed)
    line.encode()


def test_all_that_splitlines_knows() -> None:
    """The line breaks that are known are those of Python, which are those of YAML and more."""
    assert {chr(code) for code in range(0x110000) if len(f"a{chr(code)}b".splitlines()) > 1} == set(LINE_BREAKS)


def test_a_place_is_printable() -> None:
    """The name of a file in a place, and so in a problem, is as harmless as elsewhere."""
    location = Location("a\n\x1b[2J\udcffb.yaml", 1)
    assert str(location) == r"a\n\x1b[2J\udcffb.yaml:1" == printable(str(location))
    assert str(Problem(Kind.NO_STORES, "m", location)).startswith(r"a\n\x1b[2J\udcffb.yaml:1: warning: m")
