"""Columns that line up in a terminal: how wide a text is there, and what goes when there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Between two columns.
GAP = "  "
#: What stands for the rest of a text that was cut.
ELLIPSIS = "…"

# A column is not cut below this: it would say nothing.
_NARROWEST = 8
_MARKS = frozenset({"Mn", "Me", "Cf"})
# Vowels and finals of Hangul are drawn into the syllable before them.
_HANGUL_PARTS = range(0x1160, 0x1200)


def display_width(text: str) -> int:
    """Return how many columns a text takes (https://www.unicode.org/reports/tr11/): wide characters take two."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def cut(text: str, width: int) -> str:
    """Return a text that takes *width* columns at most, with an ellipsis where its end is missing."""
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
    """Return widths that fit into *room*, the gaps between them included.

    The widest columns give first, all to the same width. The first *whole* columns stay as they are, and none gets
    too narrow to say anything: then the sum may be wider than *room*.
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
    """Return one line a row, its columns padded to equal width, and cut where *room* (None: no limit) is short."""
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
