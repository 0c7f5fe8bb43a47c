"""Pages of reStructuredText -> their headings, paragraphs and tables, as :mod:`.markdown_blocks` has them.

Cells are as in Markdown: inline code has single backticks, and a role is only its text.
"""

from __future__ import annotations

import csv
import re
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from sphinx_statestores.registry.markdown_blocks import Fence, Heading, Paragraph, RawTable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from sphinx_statestores.registry.markdown_blocks import Block

_DIRECTIVE = re.compile(r"\.\. +(?P<name>[\w:+.-]+?)::(?:\s|\Z)")
_MARKUP = re.compile(r"\.\.(?:\s|\Z)")
# What begins with two dots and is no comment: a directive, a target, a footnote, a substitution.
_NO_COMMENT = re.compile(r"\.\. +(?:[\w:+.-]+?::(?:\s|\Z)|_|__|\[|\|[^|]+\|)")
_CODE = frozenset(
    {
        *("code-block", "code", "sourcecode", "literalinclude", "parsed-literal", "highlight", "math", "raw"),
        *("doctest", "testcode", "testoutput", "testsetup", "testcleanup"),
        *("graphviz", "digraph", "graph", "productionlist"),
    }
)
_UNDERLINE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}")
_GRID_RULE = re.compile(r"\+(?:[-=]+\+)+")
_SIMPLE_RULE = re.compile(r"=+(?: +=+)+")
_ROLE = re.compile(r"(?<![\w`]):[\w:+.-]{1,100}:(?=`[^`])")
_OPTION = re.compile(r":(?P<name>[\w-]+):(?:\s+(?P<value>.*))?")
_BULLET = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
#: A cell of a list table begins with a bullet, the first one of a row with two.
_LIST_CELL = re.compile(r"(?P<row>[*+-][ \t]+)?[*+-](?:[ \t]+|\Z)(?P<text>.*)")
#: A table is no page: of a longer one, so many rows are read.
_ROWS_LIMIT = 20_000


def rst_blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a page, in order, their lines with their indentation.

    A directive is a fence without lines, and its content follows. Left out are comments and code.
    """
    lines = text.split("\n")
    styles: list[str] = []
    position = 0
    while position < len(lines):
        stripped = lines[position].strip()
        directive = _DIRECTIVE.match(stripped)
        if not stripped:
            position += 1
        elif directive and directive["name"] in {"list-table", "csv-table"}:
            end = _end_of_body(lines, position)
            yield from table_of_directive(directive["name"], lines[position + 1 : end], position + 2)
            position = end
        elif directive and directive["name"] not in _CODE:
            yield Fence(f"{{{directive['name']}}}", (), position + 1)
            # The text may begin in its line.
            indent = _indent(lines[position]) + directive.end()
            lines[position] = " " * indent + lines[position][indent:]
        elif directive or (_MARKUP.match(stripped) and not _NO_COMMENT.match(stripped)):
            position = _end_of_body(lines, position)
        elif _GRID_RULE.fullmatch(stripped) or _SIMPLE_RULE.fullmatch(stripped):
            position = yield from _drawn_table(lines, position)
        else:
            position = yield from _paragraph(lines, position, styles)


def from_rst(text: str) -> str:
    """Convert a line of reStructuredText to one with inline code as Markdown has it; roles are only their text."""
    return _ROLE.sub("", text).replace("``", "`")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _end_of_body(lines: Sequence[str], position: int, indent: int = -1) -> int:
    """Return where the lines end that are indented more than one, or by more than *indent*."""
    indent = _indent(lines[position]) if indent < 0 else indent
    end = position + 1
    while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > indent):
        end += 1
    return end


def _paragraph(lines: Sequence[str], first: int, styles: list[str]) -> Generator[Heading | Paragraph, None, int]:
    """Yield a heading or a paragraph; return where what follows it begins, behind a literal block."""
    end = first
    while end < len(lines) and lines[end].strip():
        end += 1
    found = lines[first:end]
    over = len(found) > 2 and _UNDERLINE.fullmatch(found[0].strip()) and found[0].strip() == found[2].strip()
    title = 1 if over else 0
    under = found[title + 1].strip() if len(found) > title + 1 else ""
    if _UNDERLINE.fullmatch(under) and not _UNDERLINE.fullmatch(found[title].strip()):
        style = f"{over and under[0]}{under[0]}"
        if style not in styles:
            styles.append(style)
        yield Heading(styles.index(style) + 1, from_rst(found[title].strip()), first + title + 1)
        return first + title + 2
    yield Paragraph(tuple(found), first + 1)
    if not found[-1].rstrip().endswith("::"):
        return end
    following = next((n for n in range(end, len(lines)) if lines[n].strip()), -1)
    if following < 0:
        return end
    bullet = _BULLET.match(found[-1])
    indent = bullet.end() if bullet else _indent(found[-1])
    return _end_of_body(lines, following, indent) if _indent(lines[following]) > indent else end


def table_of_directive(name: str, body: Sequence[str], line: int) -> Iterator[RawTable]:
    """Take the name of a directive and its lines; yield the table in it. *line* is the number of its first line."""
    first = 0
    options = {}
    while first < len(body) and (option := _OPTION.fullmatch(body[first].strip())):
        options[option["name"]] = option["value"] or ""
        first += 1
    rows = list((_list_rows if name == "list-table" else _csv_rows)(body[first:], line + first))
    head: tuple[str, ...] = ()
    if header := options.get("header"):
        head = tuple(next(_csv_rows([header], line), (0, ()))[1])
    elif options.get("header-rows", "").strip() not in {"", "0"} and rows:
        head, rows = rows[0][1], rows[1:]
    if head and rows:
        yield RawTable(head, tuple(rows), line)


def _list_rows(body: Sequence[str], line: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    cells: list[str] = []
    start = line
    number = 0
    for offset, text in enumerate(body):
        cell = _LIST_CELL.fullmatch(text.strip())
        if cell and cell["row"]:
            if cells:
                yield start, tuple(map(from_rst, cells))
            cells, start = [cell["text"]], line + offset
            number += 1
        elif cell and cells:
            cells.append(cell["text"])
        elif cells and text.strip():
            cells[-1] = f"{cells[-1]} {text.strip()}"
        if number > _ROWS_LIMIT:
            return
    if cells:
        yield start, tuple(map(from_rst, cells))


def _csv_rows(body: Iterable[str], line: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = csv.reader((text.strip() for text in body), skipinitialspace=True)
    try:
        for number, cells in enumerate(reader):
            if number > _ROWS_LIMIT:
                return
            if cells:
                yield line + reader.line_num - 1, tuple(from_rst(cell.strip()) for cell in cells)
    except csv.Error:
        return


def _drawn_table(lines: Sequence[str], first: int) -> Generator[RawTable, None, int]:
    """Yield a grid or a simple table; return where what follows it begins."""
    indent = _indent(lines[first])
    rule = lines[first].strip()
    is_grid = rule.startswith("+")
    end = first + 1
    rules = [first]
    while end < len(lines) and end - first <= _ROWS_LIMIT:
        stripped = lines[end].strip()
        if is_grid and not stripped.startswith(("+", "|")):
            break
        if (_GRID_RULE if is_grid else _SIMPLE_RULE).fullmatch(stripped):
            rules.append(end)
            if not is_grid and len(rules) > 1 and not "".join(lines[end + 1 : end + 2]).strip():
                end += 1
                break
        end += 1
    if len(rules) <= 2:
        return end
    inside = [(number + 1, lines[number][indent:].rstrip()) for number in range(first, end)]
    if is_grid:
        ends = [0, *accumulate(len(part) + 1 for part in rule[1:-1].split("+"))]
    else:
        ends = [match.start() for match in re.finditer("=+", rule)]
    rows: list[tuple[int, list[str]]] = []
    is_new = True
    for line, text in inside[1:]:
        if (_GRID_RULE if is_grid else _SIMPLE_RULE).fullmatch(text.strip()):
            is_new = True
            continue
        cells = _cut(text, ends, is_grid=is_grid)
        # In a simple table, a line without a first cell goes on with the row above it.
        if rows and ((is_grid and not is_new) or (not is_grid and not is_new and not cells[0])):
            rows[-1] = rows[-1][0], [" ".join(filter(None, pair)) for pair in zip(rows[-1][1], cells, strict=True)]
        elif any(cells):
            rows.append((line, cells))
        is_new = False
    if len(rows) > 1:
        found = [(line, tuple(map(from_rst, cells))) for line, cells in rows]
        yield RawTable(found[0][1], tuple(found[1:]), first + 1)
    return end


def _cut(text: str, starts: Sequence[int], *, is_grid: bool) -> list[str]:
    """Return the cells of a line; *starts* are the columns where they begin, in a grid with their end."""
    if is_grid:
        return [text[start + 1 : end].strip() for start, end in pairwise(starts)]
    ends = (*starts[1:], None)
    return [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]
