"""Text of an option or an environment variable -> a whole number."""

from __future__ import annotations

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
