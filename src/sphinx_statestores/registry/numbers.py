"""Text of an option or an environment variable -> a whole number; a number of bytes -> text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: The default maximum of an option.
LARGEST = 1_000_000_000


def whole_number(text: str, largest: int = LARGEST) -> int | None:
    """Take a text; return its number if it consists of ASCII digits and is at most *largest*, otherwise None.

    `int` also accepts the digits of all scripts, signs and ``1_000``, and raises ValueError for thousands of digits.
    """
    digits = text.strip()
    if not digits.isascii() or not digits.isdecimal():
        return None
    digits = digits.lstrip("0") or "0"
    if len(digits) > len(str(largest)) or int(digits) > largest:
        return None
    return int(digits)


_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def size_text(number: int, written: Callable[[int], str] = str) -> str:
    """Take a number of bytes; return it with a unit and without a fraction. *written* makes a text of the number."""
    unit = 0
    # Two digits are exact enough.
    while number >= 10 * 1024 and unit < len(_UNITS) - 1:
        number, unit = (number + 512) // 1024, unit + 1
    return f"{written(number)} {_UNITS[unit]}"
