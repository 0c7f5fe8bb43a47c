"""A table of blocks and an output format -> the widths of its columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from docutils.utils import column_width

from sphinx_statestores.sphinx_ext.resolve.blocks import as_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sphinx_statestores.sphinx_ext.resolve.blocks import Cell, Table

#: The maximum width of a column in characters. Longer cells are wrapped.
_WIDEST = 48
#: The minimum width of a column in text output, in characters.
_NARROWEST = 8
#: A part of code, up to a position where a line may break. LaTeX output marks these positions.
CODE_PARTS = re.compile(r"[^-_:./]*[-_:./]+|[^-_:./]+")
#: A part of a word, up to a hyphen where :mod:`textwrap` breaks a line: one between two words of several characters.
_WORD_PARTS = re.compile(r".+?(?:(?<=\w[^0-9\W]-)(?=\w+[^0-9\W])|$)")


class _Line(NamedTuple):
    """The line that a table has to fit on. All numbers are in characters."""

    width: int
    #: What each column needs besides its content.
    gap: int
    #: The parts of code that are not divided.
    parts: re.Pattern[str]
    #: What code has around it.
    quotes: int
    #: What a single column of code is wider than one of text, in percent.
    code_excess: int = 0


#: Output format -> its line. Other formats do without, or decide for themselves.
_LINES = {
    # A line of 455 pt has about 87 average letters of 10 pt, and 12 pt separate two columns.
    "latex": _Line(87, 3, CODE_PARTS, 0, 15),
    # Eighty columns, less the indentation of an entry. Borders and blanks take three for each column.
    "text": _Line(76, 3, _WORD_PARTS, 2),
    # https://www.gnu.org/software/texinfo/manual/texinfo/html_node/fill_002dcolumn.html and the indentation
    "texinfo": _Line(68, 1, _WORD_PARTS, 2),
}


def column_widths(table: Table, given: Sequence[int], output_format: str) -> list[int]:
    """Return the widths of the columns: the given shares, or what their content needs, in characters.

    If the content does not fit on a line, the widest columns are narrowed. Text output takes widths in characters, so
    given shares are scaled. Other outputs take widths as shares of a line.
    """
    if given and output_format != "text":
        return list(given)
    line = _LINES.get(output_format, _Line(0, 0, _WORD_PARTS, 2))
    wanted = [
        min(width, _WIDEST) if width > head else head
        for head, width in _widest(table, lambda cell: _length(cell, line))
    ]
    room = line.width - line.gap * len(wanted)
    if given:
        # With narrower columns, the text builder of older Sphinx versions does not terminate.
        share = min(sum(wanted), max(room, 0))
        return [max(_NARROWEST, share * part // sum(given)) for part in given]
    if line.width and sum(wanted) > room:
        wanted = _fitted(wanted, [max(widths) for widths in _widest(table, lambda cell: _longest(cell, line))], room)
    return [width + line.gap for width in wanted] if output_format == "latex" else wanted


def _fitted(wanted: Sequence[int], longest: Sequence[int], room: int) -> list[int]:
    """Return widths for a line with *room*: the widest columns are narrowed, first down to their longest words.

    If these do not fit either, long words are divided.
    """
    widths = list(wanted)
    for least in (longest, [_NARROWEST] * len(widths)):
        # No column is wider than the room.
        widest = min(max(widths, default=0), max(room, _NARROWEST) + 1)
        while sum(widths) > room and widest > _NARROWEST:
            widest -= 1
            widths = [min(width, max(widest, floor)) for width, floor in zip(widths, least, strict=True)]
    return widths


def _widest(table: Table, measure: Callable[[Cell], int]) -> Iterator[tuple[int, int]]:
    """Yield for each column the measure of its title and the largest one of its cells."""
    filled = [body.columns for body in table.bodies if body.columns]
    for position, column in enumerate(table.columns):
        cells = (cell for columns in filled for cell in columns[position])
        yield measure(column.title), max(map(measure, cells), default=0)


def _length(cell: Cell, line: _Line) -> int:
    spans = as_spans(cell)
    widths = [_weighed(_width(span.text), span.style, line) for span in spans]
    if spans and spans[-1].style == "emphasis":
        # The word after a link, behind a blank, may be on a line of its own.
        return max(sum(widths[:-2]), widths[-1])
    return sum(widths)


def _longest(cell: Cell, line: _Line) -> int:
    return max((_weighed(width, style, line) for width, style in _undivided(cell, line)), default=0)


def _undivided(cell: Cell, line: _Line) -> Iterable[tuple[int, str]]:
    """Yield the width and the style of each part of a cell that stays on one line."""
    for span in as_spans(cell):
        parts = line.parts if span.style == "code" else _WORD_PARTS
        for word in span.text.split():
            # A character of two columns is a part of its own: Chinese and Japanese have no blanks.
            if _width(word) != len(word):
                yield 2, span.style
            else:
                yield max(map(len, parts.findall(word)), default=0), span.style


def _weighed(width: int, style: str, line: _Line) -> int:
    if style == "code":
        return width + line.quotes + width * line.code_excess // 100
    # Text output puts emphasis between asterisks.
    return width + line.quotes if style == "emphasis" else width


def _width(text: str) -> int:
    """Return the width of a text on a terminal: Chinese, Japanese and Korean characters take two columns."""
    return len(text) if text.isascii() else column_width(text)
