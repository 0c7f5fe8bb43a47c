"""Comments on a page that silence rules -> the lines on which they do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry.problems import PAGE_RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_IGNORE = re.compile(r"\s*statestores:\s*ignore(?:\[(?P<kinds>[^\[\]]*)\])?\s*")
_RST_COMMENT = re.compile(r"[ \t]*\.\.(?P<text>[ \t]+statestores:[ \t]*ignore[^\n]*)")
_ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,3}[.)])[ \t]")
_DIRECTIVE = re.compile(r"[ \t]*\.\. +[\w:+.-]+?::(?:\s|\Z)")
#: Begins and ends code, also in quotes.
FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
#: The kinds that a comment can silence; an empty one stands for all.
_SILENCED = frozenset({"", *PAGE_RULES})


def rst_comments(lines: Iterable[str]) -> list[tuple[int, str]]:
    """Take the lines of a page of reStructuredText; return its comments that may silence rules, with their lines."""
    return [(n, match["text"]) for n, line in enumerate(lines, 1) if (match := _RST_COMMENT.match(line))]


def silenced(lines: Sequence[str], comments: Iterable[tuple[int, str]], *, is_rst: bool) -> Iterator[tuple[int, str]]:
    """Take the lines of a page and its comments, in order; yield lines with a kind that is silenced there.

    An empty kind stands for all.
    """
    found = [(number, match) for number, text in comments if (match := _IGNORE.fullmatch(text))]
    ends = _ends(lines, [number for number, _ in found], is_rst=is_rst)
    done: dict[str, int] = {}
    for number, match in found:
        last = ends.get(number, number)
        named = {kind.strip() for kind in (match["kinds"] or "").split(",")}
        for kind in _SILENCED & named:
            yield from ((each, kind) for each in range(max(number, done.get(kind, 0) + 1), last + 1))
            done[kind] = max(last, done.get(kind, 0))


def _ends(lines: Sequence[str], numbers: Sequence[int], *, is_rst: bool) -> dict[int, int]:
    """Return the last line of the block behind each comment that is alone on its line.

    Comments above each other are for the same block, and a block ends before the next comment.
    """
    ends: dict[int, int] = {}
    following = len(lines)
    for number in reversed(numbers):
        line = lines[number - 1].strip()
        if not is_rst and not (line.startswith("<!--") and line.endswith("-->")):
            continue
        first = next((n for n in range(number, following) if lines[n].strip()), following)
        is_above = first == following
        ends[number] = ends.get(first + 1, number) if is_above else _end(lines, first, following, is_rst=is_rst)
        following = number - 1
    return ends


def _end(lines: Sequence[str], first: int, limit: int, *, is_rst: bool) -> int:
    """Return how many lines there are up to the end of the block that begins at *first*: *limit* at most."""
    if not is_rst and (fence := FENCE.match(lines[first])):
        closing = (n for n in range(first + 1, limit) if lines[n].strip(" \t>").startswith(fence[1]))
        return next(closing, limit - 1) + 1
    indent = _indent(lines[first])
    is_list = _ITEM.match(lines[first]) is not None
    has_body = is_list or (is_rst and _DIRECTIVE.match(lines[first]) is not None)
    last = first
    for number in range(first + 1, limit):
        line = lines[number]
        if not line.strip():
            continue
        if number > last + 1:
            # Behind an empty line, what is indented belongs to the block, and so does the next item of a list.
            is_inside = has_body and _indent(line) > indent
            if not is_inside and not (is_list and _indent(line) == indent and _ITEM.match(line)):
                break
        last = number
    return last + 1


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
