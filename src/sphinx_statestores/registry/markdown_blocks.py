"""Markdown pages -> their tables, with the headings and paragraphs before each; cells -> a registry's text."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

# https://github.github.com/gfm/#tables-extension-: a bar behind a backslash is a part of its cell.
_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
#: The pattern takes quadratic time on a line of blanks.
_RULE_LIMIT = 10_000
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})([^`]*)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_COMMENT_START, _COMMENT_END = "<!--", "-->"
_TICKS = re.compile("`+")
_LINK = re.compile(
    r"!?(?<!\\)\[((?:[^\[\]\\]|\\.){0,500})\](?:\([^()\s]{0,2000}(?:[ \t]+\"[^\"]{0,500}\")?\)|\[[^\[\]]{0,500}\])"
)
_ADDRESS = re.compile(r"(?<!\\)<((?:https?|ftp|mailto):[^<>\s]{0,2000})>")
LINE_BREAK = re.compile(r"(?<!\\)<br */?>", re.IGNORECASE)
_QUOTE = re.compile(r"[ \t]*>[ \t>]*")
_HTML_TABLE = re.compile(r"<table(?=[\s>]|$)", re.IGNORECASE)
#: Directives of MyST that hold a table.
_TABLE_DIRECTIVES = ("{table}", "{list-table}", "{csv-table}")
_STRONG = re.compile(r"(?<!\\)\*\*(?=\S)([^*\n]+)(?<=\S)\*\*|(?<![\\\w])__(?=\S)([^_\n]+)(?<=\S)__(?!\w)")
_EMPHASIS = re.compile(r"(?<![\\\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])|(?<![\\\w])_(?=\S)([^_\n]+)(?<=\S)_(?!\w)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# No text holds this: it is no character.
_BAR_IN_CODE = "\uffff"
# What inline code is called while the markup around it is looked at; no character either.
_CODE = "\ufffe"
#: A cell is no page: what is longer keeps its markup.
_CELL_LIMIT = 20_000


class Table(NamedTuple):
    """A table, its cells as they are written."""

    head: tuple[str, ...]
    #: Each with its line.
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    line: int
    #: The nearest heading, and those around it, the outermost first.
    headings: tuple[str, ...]
    #: The last paragraph between the heading and the table, its lines joined; empty when there is none.
    before: str


class Heading(NamedTuple):
    """A heading."""

    level: int
    text: str
    line: int


class Paragraph(NamedTuple):
    """Lines of a page that are no other block: prose, or a list."""

    lines: tuple[str, ...]
    line: int

    @property
    def text(self) -> str:
        """Its lines, joined."""
        return " ".join(line.strip() for line in self.lines)


class Fence(NamedTuple):
    """A block of code."""

    language: str
    lines: tuple[str, ...]
    line: int


class RawTable(NamedTuple):
    """The lines of a table."""

    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    line: int


#: A part of a page.
Block: TypeAlias = Heading | Paragraph | Fence | RawTable


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a page, in order. What is commented out is left out."""
    lines = text.split("\n")
    position = 0
    if lines and lines[0].strip() == "---":
        # Front matter: https://jekyllrb.com/docs/front-matter/
        end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() in {"---", "..."}), 0)
        position = end + 1 if end else 0
    paragraph: list[str] = []
    start = position

    def flush() -> Iterator[Paragraph]:
        nonlocal paragraph
        if paragraph:
            yield Paragraph(tuple(paragraph), start + 1)
            paragraph = []

    while position < len(lines):
        line = lines[position].rstrip("\r")
        stripped = line.strip()
        if stripped.startswith(_COMMENT_START):
            yield from flush()
            while position < len(lines) and _COMMENT_END not in lines[position]:
                position += 1
        elif fence := _FENCE.fullmatch(line):
            yield from flush()
            first = position
            position += 1
            inside = []
            while position < len(lines) and not _closes(lines[position].strip(), fence[1]):
                inside.append(lines[position].rstrip("\r"))
                position += 1
            yield Fence(fence[2].strip(), tuple(inside), first + 1)
        elif not stripped:
            yield from flush()
        elif stripped.startswith("#") and (heading := _HEADING.fullmatch(line)):
            yield from flush()
            yield Heading(len(heading[1]), heading[2] or "", position + 1)
        elif paragraph and _UNDERLINE.fullmatch(line) and len(paragraph) == 1:
            level = 1 if stripped.startswith("=") else 2
            yield Heading(level, paragraph.pop().strip(), position)
        elif "|" in line and position + 1 < len(lines) and _is_rule(line, lines[position + 1].rstrip("\r")):
            yield from flush()
            first = position
            position += 2
            rows = []
            while position < len(lines) and (row := lines[position].rstrip("\r")).strip() and "|" in row:
                rows.append((position + 1, _row_cells(row, len(cells(line)))))
                position += 1
            yield RawTable(cells(line), tuple(rows), first + 1)
            continue
        else:
            if not paragraph:
                start = position
            paragraph.append(line)
        position += 1
    yield from flush()


def _closes(line: str, fence: str) -> bool:
    return len(line) >= len(fence) and not line.strip(fence[0])


def _is_rule(head: str, line: str) -> bool:
    return _is_like_a_rule(line) and len(cells(line)) == len(cells(head))


def _is_like_a_rule(line: str) -> bool:
    return "-" in line and len(line) < _RULE_LIMIT and _RULE.fullmatch(line) is not None


def cells(line: str) -> tuple[str, ...]:
    """Divide a line of a table; what is behind a backslash divides nothing."""
    row = line.strip().removeprefix("|")
    if row.endswith("|") and not row.endswith("\\|"):
        row = row[:-1]
    return tuple(cell.strip().replace("\\|", "|") for cell in _BAR.split(row))


def _row_cells(line: str, width: int) -> tuple[str, ...]:
    """Divide a row; where bars in inline code make too many cells of it, as if these were escaped.

    GitHub divides at such a bar, and other programs do not.
    """
    found = cells(line)
    if len(found) > width and "`" in line:
        parts = code_and_words(line.replace("\\|", _BAR_IN_CODE))
        whole = "".join(part.replace("|", _BAR_IN_CODE) if is_code else part for part, is_code in parts)
        divided = tuple(cell.replace(_BAR_IN_CODE, "|") for cell in cells(whole))
        if len(divided) == width:
            return divided
    return found


def tables(text: str) -> list[Table]:
    """Return the tables of a page."""
    found = []
    headings: list[Heading] = []
    before = ""
    for block in blocks(text):
        if isinstance(block, Heading):
            headings = [heading for heading in headings if heading.level < block.level] + [block]
            before = ""
        elif isinstance(block, Paragraph):
            before = block.text
        elif isinstance(block, RawTable):
            around = tuple(heading.text for heading in headings)
            found.append(Table(block.head, block.rows, block.line, around, before))
            before = ""
        else:
            before = ""
    return found


def unread_tables(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and message for each table of a page that :func:`tables` does not return."""
    for block in blocks(text):
        if isinstance(block, Fence):
            if block.language.startswith(_TABLE_DIRECTIVES):
                directive = block.language.partition("}")[0] + "}"
                yield block.line, f"the table in {directive} is not read: write it as a table of Markdown"
        elif isinstance(block, Paragraph):
            for position, line in enumerate(block.lines):
                if _HTML_TABLE.search(line):
                    yield block.line + position, "a table of HTML is not read: write it as a table of Markdown"
                elif (quoted := _QUOTE.match(line)) and "|" in line and _is_like_a_rule(line[quoted.end() :]):
                    yield block.line + position - 1, "a table in a quote is not read: remove the '>' before its lines"


def from_markdown(markdown: str) -> str:
    """Convert a line of Markdown to text of a registry: keep inline code in backticks, remove other markup.

    The opposite of :func:`sphinx_statestores.export.markdown_text.as_line`.
    """
    if len(markdown) > _CELL_LIMIT:
        return markdown
    parts = list(code_and_words(markdown.replace(_CODE, "\ufffd")))
    code = [_registry_code(part) for part, is_code in parts if is_code]
    # Emphasis may be around inline code.
    words = _without_markup("".join(_CODE if is_code else part for part, is_code in parts)).split(_CODE)
    if len(words) != len(code) + 1:
        return markdown
    return "".join(text for pair in zip(words, [*code, ""], strict=True) for text in pair).strip()


def _registry_code(markdown: str) -> str:
    """Return inline code as a registry writes it: with as few backticks as can be around it."""
    size = len(markdown) - len(markdown.lstrip("`"))
    code = markdown[size:-size]
    if code[:1] == code[-1:] == " " and code.strip():
        code = code[1:-1]
    inside = {len(ticks) for ticks in _TICKS.findall(code)}
    is_padded = "`" in {code[:1], code[-1:]}
    fence = "`" * next(number for number in count(2 if is_padded else 1) if number not in inside)
    return f"{fence} {code} {fence}" if is_padded else f"{fence}{code}{fence}"


def code_and_words(text: str) -> Iterator[tuple[str, bool]]:
    """Divide a line into inline code with its backticks, and what is between."""
    ticks = [match.span() for match in _TICKS.finditer(text)]
    by_length: dict[int, list[int]] = {}
    for start, end in ticks:
        by_length.setdefault(end - start, []).append(start)
    done = 0
    for first, end in ticks:
        if first < done:
            continue
        backslashes = first - done - len(text[done:first].rstrip("\\"))
        start = first + backslashes % 2
        size = end - start
        closing = by_length.get(size, [])
        position = bisect_right(closing, end - 1)
        if not size or position == len(closing):
            continue
        if start > done:
            yield text[done:start], False
        done = closing[position] + size
        yield text[start:done], True
    yield text[done:], False


def _without_markup(words: str) -> str:
    if not any(mark in words for mark in "\\&[<*_"):
        return words
    words = _LINK.sub(lambda match: match[1], words)
    words = LINE_BREAK.sub(" ", _ADDRESS.sub(r"\1", words))
    for pattern in (_STRONG, _EMPHASIS):
        words = pattern.sub(lambda match: match[1] or match[2], words)
    return _ESCAPE.sub(lambda match: match[1] or html.unescape(match[0]), words)
