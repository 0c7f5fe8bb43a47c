"""The one piece of markup that a registry's texts may hold: inline code between backticks."""

from __future__ import annotations

import re
from typing import NamedTuple

# A run of backticks opens; a run of the same length closes, as in CommonMark (https://spec.commonmark.org/0.31.2/#code-spans).
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)


class Run(NamedTuple):
    """A stretch of text that is code, or is not."""

    text: str
    is_code: bool = False


def runs(text: str) -> tuple[Run, ...]:
    """Split *text* at its inline code. A backtick without a partner is a plain character.

    >>> runs("see `auth` first")
    (Run(text='see ', is_code=False), Run(text='auth', is_code=True), Run(text=' first', is_code=False))
    """
    if "`" not in text:
        return (Run(text),) if text else ()
    found: list[Run] = []
    end = 0
    for match in _CODE.finditer(text):
        if match.start() > end:
            found.append(Run(text[end : match.start()]))
        code = match[2]
        if len(match[1]) > 1 and code[:1] == code[-1:] == " " and code.strip():
            code = code[1:-1]
        found.append(Run(code, is_code=True))
        end = match.end()
    if end < len(text):
        found.append(Run(text[end:]))
    return tuple(found)


def plain(text: str) -> str:
    """Return *text* without the backticks of its inline code."""
    return "".join(run.text for run in runs(text)) if "`" in text else text
