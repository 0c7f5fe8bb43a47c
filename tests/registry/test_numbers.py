"""Whole numbers in options."""

from __future__ import annotations

import pytest

from sphinx_statestores.registry.numbers import LARGEST, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        (" 10\n", 10),
        ("1000000000", LARGEST),
        ("0" * 5000 + "5", 5),
        ("1000000001", None),
        ("9" * 5000, None),
        ("", None),
        (" ", None),
        ("-1", None),
        ("+1", None),
        ("1_000", None),
        ("1.0", None),
        ("1e3", None),
        ("0x10", None),
        ("²", None),  # a digit that no number is made of
        ("٣", None),  # one of another script, which `int` takes
        ("1 2", None),
        ("nan", None),
    ],
)
def test_whole_numbers(text: str, number: int | None) -> None:
    """A number is plain digits, and not larger than what it counts can be."""
    assert whole_number(text) == number


def test_the_largest_number() -> None:
    """Who asks says how large a number may be."""
    assert [whole_number(text, largest=80) for text in ("79", "80", "81", "800")] == [79, 80, None, None]
