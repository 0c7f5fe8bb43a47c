"""Text of a registry -> its parts with and without inline code. Backticks are the only markup in a registry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BACKTICKS = re.compile("`+")


class Run(NamedTuple):
    """A part of a text: inline code, or not."""

    text: str
    is_code: bool = False


def runs(text: str) -> tuple[Run, ...]:
    """Take a text; return its parts, split at inline code. An unmatched backtick is a plain character.

    >>> runs("see `auth` first")
    (Run(text='see ', is_code=False), Run(text='auth', is_code=True), Run(text=' first', is_code=False))
    """
    if "`" not in text:
        return (Run(text),) if text else ()
    found: list[Run] = []
    end = 0
    for opening, closing in _pairs([match.span() for match in _BACKTICKS.finditer(text)]):
        if opening[0] > end:
            found.append(Run(text[end : opening[0]]))
        code = text[opening[1] : closing[0]]
        if opening[1] - opening[0] > 1 and code[:1] == code[-1:] == " " and code.strip():
            code = code[1:-1]
        found.append(Run(code, is_code=True))
        end = closing[1]
    if end < len(text):
        found.append(Run(text[end:]))
    return tuple(found)


def _pairs(ticks: list[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield pairs of backtick runs that open and close inline code.

    The next run of the same length closes, as in CommonMark (https://spec.commonmark.org/0.31.2/#code-spans). The
    closing runs are found in one pass from the end: a search from each opening run takes quadratic time when many
    have no match.
    """
    partner: list[int] = [0] * len(ticks)
    next_of_length: dict[int, int] = {}
    for position in reversed(range(len(ticks))):
        start, end = ticks[position]
        partner[position] = next_of_length.get(end - start, 0)
        next_of_length[end - start] = position
    position = 0
    while position < len(ticks):
        if partner[position]:
            yield ticks[position], ticks[partner[position]]
            position = partner[position]
        position += 1


def plain(text: str) -> str:
    """Take a text; return it without the backticks of its inline code."""
    return "".join(run.text for run in runs(text)) if "`" in text else text
