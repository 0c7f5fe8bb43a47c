"""Where a text is wanted and another value is found, the message says what whoever wrote it can do."""

from __future__ import annotations

import pytest

from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.source import decode_source


def messages(purpose: str, tags: str = "[]") -> list[tuple[int, int, str]]:
    """Return line, column and message of each problem of a store with such texts."""
    text = f"x-state-stores:\n  a:\n    backend: memory\n    service: A\n    tags: {tags}\n    purpose: {purpose}\n"
    _, problems = load_sources([decode_source("f.yaml", text.encode())])
    return [(problem.location.line, problem.location.column, problem.message) for problem in problems]


@pytest.mark.parametrize(
    ("purpose", "message"),
    [
        ("{service}", "a mapping: text that begins with '{' must be in quotes"),
        ("{{ service }}", "a mapping: text that begins with '{' must be in quotes"),
        ("{}", "a mapping: text that begins with '{' must be in quotes"),
        (
            "[draft, data]",
            "a list: write only one of its items; text that begins with '[' must be in quotes",
        ),
        ("\n      Tokens: sessions", "a mapping: text that contains ': ' must be in quotes"),
        ("\n      a: b\n      c: d", "a mapping"),
        ("\n      - a\n      - b", "a list"),
    ],
)
def test_what_looks_like_a_collection(purpose: str, message: str) -> None:
    """A mapping or a list in the place of a text gets the advice that its look asks for, and no other."""
    ((_, _, found),) = messages(purpose)
    assert found == f"'purpose' of the store 'a' must be a string; found {message}"


def test_an_item_that_looks_like_a_field() -> None:
    """An item of a list of texts that holds a colon and a blank is told to be put in quotes."""
    ((line, _, message),) = messages("Fine", "\n    - hot\n    - Tokens: sessions")
    assert line == 7
    assert message.endswith("must be a string; found a mapping: text that contains ': ' must be in quotes")


def test_a_text_that_is_all_comment() -> None:
    """A text that begins with a number sign is empty for YAML, and the message says so in place of 'nothing'."""
    ((line, column, message),) = messages("#482 and more")
    assert (line, column) == (6, 13)
    assert message == (
        "'purpose' of the store 'a' is empty, since YAML reads '#482 and more' as a comment: put it in quotes"
    )


def test_a_text_that_a_comment_cuts() -> None:
    """The place of a text that is cut is the number sign, also in a later line, and what is cut off is shown."""
    assert messages("Moved\n      here (see #482)") == [
        (
            7,
            17,
            "'purpose' of the store 'a' ends here, since YAML reads '#482)' as a comment: put the text in quotes, "
            "or a space after the '#'",
        )
    ]


def test_one_message_for_a_reference() -> None:
    """Of a mapping that is a reference, nothing is said but that references are not followed, and what to do."""
    ((line, column, message),) = messages('{backend: 5, $ref: "a.yaml", backend: x}')
    assert (line, column) == (6, 27)
    assert message.startswith(
        "references ('$ref') are not followed: write here what it refers to, or name several files"
    )
