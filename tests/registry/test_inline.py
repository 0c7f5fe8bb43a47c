"""Inline code between backticks."""

from __future__ import annotations

import pytest

from sphinx_statestores.registry.inline import Run, plain, runs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("plain", (Run("plain"),)),
        ("see `auth` first", (Run("see "), Run("auth", True), Run(" first"))),
        ("`auth`", (Run("auth", True),)),
        ("`a` `b`", (Run("a", True), Run(" "), Run("b", True))),
        ("a ` b", (Run("a ` b"),)),
        ("`a` b ` c", (Run("a", True), Run(" b ` c"))),
        ("``", (Run("``"),)),
        ("``a`b``", (Run("a`b", True),)),
        ("`` ` ``", (Run("`", True),)),
        ("`` a ``", (Run("a", True),)),
        ("` a `", (Run(" a ", True),)),
        ("``a`", (Run("``a`"),)),
        ("`a``", (Run("`a``"),)),
        ("`a``b`", (Run("a``b", True),)),
        ("```a```", (Run("a", True),)),
        ("` `", (Run(" ", True),)),
        ("`a\nb`", (Run("a\nb", True),)),
        ("*a* <b>", (Run("*a* <b>"),)),
    ],
)
def test_runs(text: str, expected: tuple[Run, ...]) -> None:
    """A run of backticks opens code that ends at the next run of the same length; without one it is text."""
    assert runs(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), ("a", "a"), ("see `auth` first", "see auth first"), ("a ` b", "a ` b"), ("``a`b``", "a`b")],
)
def test_plain(text: str, expected: str) -> None:
    """Plain text has the code without the backticks around it."""
    assert plain(text) == expected


def test_nothing_is_lost() -> None:
    """Runs contain every character of the text but the backticks of its code."""
    text = "a `b` c ``d`e`` f ` g"
    assert "".join(run.text for run in runs(text)) == "a b c d`e f ` g"


def test_backticks_without_partners_take_linear_time() -> None:
    """Very many runs of backticks, with partners or without, are no more than long to split."""
    lonely = "a".join("`" * length for length in range(1, 2000))
    assert runs(lonely) == (Run(lonely),)
    many = "`` " * 100_000 + "`"
    assert len(runs(many)) == 100_000
