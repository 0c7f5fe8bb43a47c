"""Texts that libyaml and pure Python read differently: both give the same stores and problems at the same places."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sphinx_statestores.registry import reader
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.source import SourceText

FOLDER = Path(__file__).parent
PARSERS = [getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader]

HEAD = "x-state-stores:\n  a-lock: {backend: redis, prefix: a, service: A, purpose: p"
#: What the braces of a store go on with -> the column of the fault; None where both parsers read it.
FLOW = {
    ", since: 1.2:, tags: [a:b, c:]}\n": 73,
    ", tags: [?, a]}\n": 70,
    ", tags: [a ?b]}\n": 72,
    ", x-a: {b:}}\n": 70,
    ", x-a: [!!str, b]}\n": 69,
    ', x-a: {"b":c}}\n': None,
    ', x-a: "why? [{ a:, ?"}\n': None,
    ", x-a: 'b:, c?'} # why? [a:]\n": None,
    ", tags: [a:b, 'c:', http://example.org/]}\n": None,
}
#: What follows a sound registry -> line and column of the fault.
LINES = {
    "\rx-b: 1\n": (2, 62),
    "\x85x-b: 1\n": (2, 62),
    " # a\u2028b\n": (2, 66),
    "\n# a\u2029b\n": (3, 4),
    "\n\ufeffx-b: 1\n": (3, 1),
    "\n---\na: b\n": (3, 1),
    "\nx-c: |#c\n  p\n": (3, 7),
}


def read(
    text: str, parser: object, monkeypatch: pytest.MonkeyPatch
) -> tuple[tuple[str, ...], list[tuple[str, int, int]]]:
    """Return the names of the stores, and kind, line and column of each problem."""
    monkeypatch.setattr(reader, "PARSER", parser)
    registry, problems = load_sources([SourceText("a.yaml", text, "")])
    return registry.names, [(found.kind.subtype, found.location.line, found.location.column) for found in problems]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("end", FLOW)
def test_between_brackets(end: str, parser: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ``?``, a lone colon or a tag that only one parser takes is refused with both; in quotes both take it."""
    names, problems = read(HEAD + end, parser, monkeypatch)
    column = FLOW[end]
    assert (names, problems) == (((), [("not_yaml", 2, column)]) if column else (("a-lock",), []))


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("end", LINES)
def test_line_ends_and_more(end: str, parser: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one parser or an editor takes for a line end and another does not is refused at its line and column."""
    names, problems = read(f"{HEAD}}}{end}", parser, monkeypatch)
    assert names == ()
    assert [(line, column) for _, line, column in problems] == [LINES[end]]


@pytest.mark.parametrize("parser", PARSERS)
def test_lines_are_those_of_an_editor(parser: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """With CRLF, and behind characters of any kind in quotes, lines are counted as an editor does."""
    text = (
        f'{HEAD}, x-a: "\\u2028\\x85"}}\r\n# \U0001f511\r\n  b-lock: {{backend: redsi, service: B, purpose: p}}\r\n'
    )
    names, problems = read(text, parser, monkeypatch)
    assert names == ("a-lock",)
    assert problems[-1] == ("unknown_backend", 4, 21)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_files(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file gives the same with both parsers."""
    found = [read(file.read_text(encoding="utf-8"), parser, monkeypatch) for parser in PARSERS]
    assert found[0] == found[1]
    assert found[0][1]


TOO_DEEP = {
    "x-a: " + "[" * 40 + "]" * 40 + "\n": (1, 37),
    "x-a: " + "[" * 2000: (1, 37),
    "x-a: " + "{a: " * 2000: (1, 5 + 4 * 31 + 1),
    "x-a:\n" + "".join(f"{' ' * n}-\n" for n in range(1, 60)): (33, 33),
    "".join(f"{' ' * n}a:\n" for n in range(60)): (33, 33),
}
NOT_DEEP = ("x-a: '" + "[" * 2000 + "'\n", "x-a: # " + "[" * 2000 + "\n", "x-a: |\n  " + "[" * 2000 + "\n")


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("text", [*TOO_DEEP, *NOT_DEEP], ids=range(8))
def test_our_limit_comes_first(text: str, parser: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nesting is refused by a limit of ours, at the same place with each parser; brackets in texts are no nesting."""
    monkeypatch.setattr(reader, "PARSER", parser)
    _, problems = load_sources([SourceText("a.yaml", text, "")])
    message = f"nested deeper than {reader.DEPTH_LIMIT} levels"
    places = [(found.location.line, found.location.column) for found in problems if found.message == message]
    assert places == ([TOO_DEEP[text]] if text in TOO_DEEP else [])
