"""Whole numbers: those of options, and those that people read."""

from __future__ import annotations

from gettext import NullTranslations

import pytest

from sphinx_statestores.registry.numbers import LARGEST, whole_number
from sphinx_statestores.registry.phrases import number_text


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


class _Words(NullTranslations):
    """The words of a language that writes a thousand in a way of its own."""

    def __init__(self, thousand: str) -> None:
        super().__init__()
        self._thousand = thousand

    def gettext(self, message: str) -> str:
        """Return the thousand, and all other messages as they are."""
        return self._thousand if message == "1,000" else message


@pytest.mark.parametrize(
    ("thousand", "written"),
    [
        ("1,000", "1,234,567"),
        ("1.000", "1.234.567"),
        ("1\u202f000", "1\u202f234\u202f567"),
        ("1000", "1234567"),
        ("", "1234567"),
    ],
)
def test_thousands(thousand: str, written: str) -> None:
    """A number has the separators of a language, and a small one has none."""
    assert number_text(1234567, _Words(thousand)) == written
    assert number_text(999, _Words(thousand)) == "999"
    assert number_text(1234567) == "1,234,567"
