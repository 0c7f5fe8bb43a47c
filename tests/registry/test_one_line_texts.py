"""Texts that are one line, words that may be on several, and texts that keep their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.problems import Kind, Problem
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Registry

#: What YAML lets into a text with an escape, and what ends a line for YAML 1.1 itself.
BREAKS = ["\\n", "\\r", "\\r\\n", "\\N", "\\L", "\\P"]
CONTROLS = [
    f"\\x{code:02x}" for code in [*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)] if code != 0x85
]


def registry_of(text: str) -> tuple[Registry, list[Problem]]:
    return load_sources([SourceText("a.yaml", text, "")])


def with_title(title: str) -> str:
    return (
        f'x-services:\n  Auth:\n    title: "{title}"\n'
        "x-state-stores:\n  a: {backend: memory, service: Auth, purpose: A}\n"
    )


@pytest.mark.parametrize("character", [*BREAKS, "\\t", *CONTROLS])
@pytest.mark.parametrize("text", ["a{}b", "{}a", "a{}"])
def test_a_line_has_none_of_them(text: str, character: str) -> None:
    """A line break, a tab or a control character anywhere in a line is an error at its place, and is not used."""
    registry, problems = registry_of(with_title(text.format(character)))
    assert [(problem.kind, problem.location.line, problem.location.column) for problem in problems] == [
        (Kind.INVALID_VALUE, 3, 12)
    ]
    assert problems[0].message.startswith("'title' of the service 'Auth' ")
    assert "U+" in problems[0].message
    assert registry.service_title("Auth") == "Auth"


@pytest.mark.parametrize(
    ("block", "advice"),
    [("|\n      Title\n", "begin its block with '>-'"), ("|-\n      Two\n      lines\n", "write it on one line")],
)
def test_a_message_says_what_to_do(block: str, advice: str) -> None:
    """Who writes a line as a block is told how to write it."""
    _, problems = registry_of(with_title("X").replace('"X"\n', block))
    assert [problem.message.endswith(advice) or advice in problem.message for problem in problems] == [True]


def test_a_line_may_be_folded() -> None:
    """A line that YAML folds, without anything left at its end, is a line."""
    registry, problems = registry_of(with_title("X").replace('"X"', ">-\n      A\n      title"))
    assert problems == []
    assert registry.service_title("Auth") == "A title"


@pytest.mark.parametrize("character", [*BREAKS, "\\t", " \\n\\n "])
def test_words_on_several_lines(character: str) -> None:
    """Purposes, descriptions, use cases, reasons and fields of one's own are folded, whatever breaks their lines."""
    words = f'"One{character}two{character}"'
    registry, problems = registry_of(
        f"x-naming-conventions: [{{pattern: a, description: {words}}}]\n"
        f"x-backend-guide: [{{useCase: {words}, backend: redis, rationale: {words}}}]\n"
        f"x-reference: {{closing: {{label: L, href: a, text: {words}}}}}\n"
        f"x-state-stores:\n  a: {{backend: memory, service: A, purpose: {words}, x-note: {words},"
        f" x-list: [{words}, b], keys: [{{pattern: k, purpose: {words}}}]}}\n"
    )
    assert problems == []
    [store] = registry.stores
    assert store.purpose == "One two"
    assert dict(store.extra) == {"x-note": "One two", "x-list": "One two, b"}
    assert store.keys[0].purpose == "One two"
    assert registry.guide.conventions[0].description == "One two"
    [choice] = registry.guide.backend_choices
    assert (choice.use_case, choice.rationale) == ("One two", "One two")
    assert registry.guide.reference.closing_text == "One two"


@pytest.mark.parametrize("character", BREAKS)
def test_texts_that_keep_their_lines(character: str) -> None:
    """A note and the paragraph before the examples keep their lines, which end with a line feed each."""
    registry, problems = registry_of(
        f'x-deployments: [{{title: A, note: "One{character}two{character}", stores: {{a: b}}}}]\n'
        f'x-reference: {{deployments: "One{character}two{character}"}}\n'
        "x-state-stores: {a: {backend: memory, service: A, purpose: A}}\n"
    )
    assert problems == []
    assert registry.guide.deployments[0].note == "One\ntwo"
    assert registry.guide.reference.deployments == "One\ntwo"


@pytest.mark.parametrize("character", CONTROLS)
def test_control_characters_are_nowhere(character: str) -> None:
    """Neither words nor texts that keep their lines may have a control character."""
    text = f'"a{character}b"'
    _, problems = registry_of(
        f"x-deployments: [{{title: A, note: {text}, stores: {{a: b}}}}]\n"
        f"x-reference: {{deployments: {text}}}\n"
        f"x-state-stores:\n  a: {{backend: memory, service: A, purpose: {text}}}\n"
        f"  b: {{backend: memory, service: A, purpose: A, x-note: [{text}]}}\n"
        f"  c: {{backend: memory, service: A, purpose: A, {text}: 1}}\n"
    )
    assert [(problem.kind.severity.value, problem.location.line) for problem in problems] == [
        ("error", line) for line in (1, 2, 4, 5, 6)
    ]


def test_other_blanks_stay() -> None:
    """Blanks that break no line are what they were, in fields of one's own and in descriptions."""
    registry, _ = registry_of(
        'x-naming-conventions: [{pattern: a, description: "a  b\\_c"}]\n'
        'x-state-stores: {a: {backend: memory, service: A, purpose: A, x-note: " a  b\\_c "}}\n'
    )
    assert registry.stores[0].extra == (("x-note", " a  b\u00a0c "),)
    assert registry.guide.conventions[0].description == "a  b\u00a0c"
