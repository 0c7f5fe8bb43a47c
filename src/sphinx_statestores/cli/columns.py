"""Rows of text -> aligned columns that fit into a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The separator of columns.
GAP = "  "
#: The mark of a shortened text.
ELLIPSIS = "…"

# The minimum width of a shortened column.
_NARROWEST = 8
_MARKS = frozenset({"Mn", "Me", "Cf"})
# Medial vowels and final consonants of Hangul combine with the preceding syllable.
_HANGUL_PARTS = range(0x1160, 0x1200)


def display_width(text: str) -> int:
    """Return the width of a text in terminal columns (https://www.unicode.org/reports/tr11/)."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def cut(text: str, width: int) -> str:
    """Return a text shortened to *width* terminal columns, with an ellipsis if needed."""
    if display_width(text) <= width:
        return text
    room = width - display_width(ELLIPSIS)
    kept = []
    for char in text:
        room -= _char_width(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept).rstrip() + ELLIPSIS


def fitted(widths: Sequence[int], room: int, *, whole: int = 1) -> list[int]:
    """Return column widths that fit into *room*, including the gaps.

    The widest columns are shortened first, all to the same width. The first *whole* columns keep their width. Columns
    have a minimum width, so the sum may exceed *room*.
    """
    kept, flexible = list(widths[:whole]), list(widths[whole:])
    left = room - len(GAP) * (len(widths) - 1) - sum(kept)
    for position, width in enumerate(sorted(flexible)):
        share = left // (len(flexible) - position)
        if width > share:
            limit = max(share, _NARROWEST)
            return kept + [min(width, limit) for width in flexible]
        left -= width
    return kept + flexible


def lined_up(rows: Sequence[Sequence[str]], room: int | None) -> list[str]:
    """Return one line for each row, with aligned columns. *room* is the width of the terminal in columns, or None."""
    if not rows:
        return []
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    if room is not None:
        widths = fitted(widths, room)
    return [_line(row, widths) for row in rows]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cut(cell, width) for cell, width in zip(row, widths, strict=True)]
    padded = [cell + " " * (width - display_width(cell)) for cell, width in zip(cells, widths, strict=True)]
    return GAP.join(padded).rstrip()


def _char_width(char: str) -> int:
    if category(char) in _MARKS or ord(char) in _HANGUL_PARTS:
        return 0
    return 2 if east_asian_width(char) in "WF" else 1
