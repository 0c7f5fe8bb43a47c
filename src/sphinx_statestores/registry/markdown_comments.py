"""Markdown text -> its HTML comments: not those in code, and not what is escaped.

See https://spec.commonmark.org/0.31.2/. A comment at the start of a line is a block, in which backticks are no code;
any other one is a part of a paragraph, in which what begins first wins.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_START, _END = "<!--", "-->"
# The marks of quotes, and what is behind them.
_LINE = re.compile(r"((?:[ \t]*>[ \t]?)*)([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_ITEM = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]+(?=\S)")
_FENCE = re.compile(r"[ \t]*(?:(`{3,})[^`]*|(~{3,}).*)")
# A row or a heading: no inline code begins before it and ends in it.
_OWN_LINE = re.compile(r"[ \t]*(?:[|]|#{1,6}(?:[ \t]|$))")
# So far is a line indented that is code.
_CODE_INDENT = 4
_TICKS = re.compile("`+")
_TOKEN = re.compile(rf"\\.|`+|{_START}", re.DOTALL)


class Comment(NamedTuple):
    """An HTML comment."""

    #: Offsets in the text: of its first character, and behind its last one.
    start: int
    end: int
    #: What is between ``<!--`` and ``-->``.
    text: str
    #: Whether it is closed. If not, it ends with its paragraph or with the text.
    is_closed: bool


def comments(text: str) -> Iterator[Comment]:
    """Yield the comments of a page, in order. Takes linear time."""
    last_end = text.rfind(_END)
    done = 0  # what a comment has taken
    paragraph = -1  # where it begins, or -1
    fence, depth = "", 0
    items: list[int] = []  # how far the content of each open list item is indented
    was_blank, was_code = True, False
    for line in _LINE.finditer(text):
        if line.start() < done:
            continue
        offset, end = line.span(2)
        content = line[2]
        stripped = content.strip()
        depth_before, depth = depth, line[1].count(">")
        if fence and depth >= depth_before:
            depth = depth_before
            if len(stripped) >= len(fence) and not stripped.strip(fence[0]):
                fence, was_blank, was_code = "", True, False
            continue
        fence = ""
        indent = _width(content) - _width(content.lstrip(" \t")) if stripped else 0
        while stripped and paragraph < 0 and items and indent < items[-1]:
            items.pop()
        is_code = bool(stripped) and (was_blank or was_code) and indent >= (items or [0])[-1] + _CODE_INDENT
        is_apart = depth != depth_before
        width = 0
        while not is_code and (item := _ITEM.match(text, offset, end)):
            items = items if is_apart else [each for each in items if each <= indent]
            is_apart = True
            offset = item.end()
            width += _width(item[0])
            items.append(width)
        rest = text[offset:end]
        opening = None if is_code else _FENCE.fullmatch(rest)
        is_comment = not is_code and rest.lstrip().startswith(_START)
        is_apart = is_apart or is_comment or _OWN_LINE.match(rest) is not None
        if paragraph >= 0 and (not stripped or is_code or opening or is_apart):
            yield from _of_paragraph(text, paragraph, line.start())
            paragraph = -1
        was_blank, was_code = not stripped, is_code or (was_code and not stripped)
        if opening:
            fence = opening[1] or opening[2]
        elif is_comment:
            done = line.end()
            found = text.find(_START, offset)
            while 0 <= found < done:
                comment = _comment(text, found, len(text), last_end)
                yield comment
                # The rest of the line in which it ends is a part of the block.
                if comment.end > done and (after := _LINE.match(text, comment.end)):
                    done = after.end()
                found = text.find(_START, comment.end, done)
        elif stripped and not is_code and paragraph < 0:
            paragraph = offset
    if paragraph >= 0:
        yield from _of_paragraph(text, paragraph, len(text))


def _width(text: str) -> int:
    return len(text.expandtabs(_CODE_INDENT))


def _of_paragraph(text: str, start: int, end: int) -> Iterator[Comment]:
    if text.find(_START, start, end) < 0:
        return
    runs: dict[int, list[int]] = {}
    for ticks in _TICKS.finditer(text, start, end):
        runs.setdefault(len(ticks[0]), []).append(ticks.start())
    last_end = text.rfind(_END, start, end)
    done = start
    for token in _TOKEN.finditer(text, start, end):
        if token.start() < done:
            continue
        if token[0] == _START:
            comment = _comment(text, token.start(), end, last_end)
            yield comment
            done = comment.end
        elif token[0][0] == "`":
            closing = runs.get(len(token[0]), [])
            position = bisect_left(closing, token.end())
            if position < len(closing):
                done = closing[position] + len(token[0])


def _comment(text: str, start: int, limit: int, last_end: int) -> Comment:
    """Return the comment that begins at an offset; *last_end* is that of the last ``-->`` before *limit*."""
    # "<!-->" and "<!--->" are comments.
    first = start + len(_START) - 2
    inside = start + len(_START)
    if first > last_end:
        return Comment(start, limit, text[inside:limit], is_closed=False)
    end = text.index(_END, first)
    return Comment(start, end + len(_END), text[inside:end], is_closed=True)
