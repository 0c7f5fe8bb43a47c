"""Whole numbers as people write them: in options, and in the environment of a process."""

from __future__ import annotations

#: The largest number that an option takes, unless it says otherwise.
LARGEST = 1_000_000_000


def whole_number(text: str, largest: int = LARGEST) -> int | None:
    """Return the number that a text is: plain digits, up to *largest*; None for any other text.

    `int` takes digits of all scripts, signs and ``1_000`` as well, and raises for some thousand digits.
    """
    digits = text.strip()
    if not digits.isascii() or not digits.isdecimal():
        return None
    digits = digits.lstrip("0") or "0"
    if len(digits) > len(str(largest)) or int(digits) > largest:
        return None
    return int(digits)
