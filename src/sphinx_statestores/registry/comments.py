"""YAML text -> the comments that are for this program: ``# statestores: ...``.

The parser emits no events for comments (https://pyyaml.org/wiki/PyYAMLDocumentation), but the events have the start
and end of each scalar. So whatever looks like a comment outside of all scalars is one.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

_MARKER = "statestores:"
# A blank must separate a comment from other tokens (https://yaml.org/spec/1.1/#id863539).
_COMMENT = re.compile(rf"(?<![^ \t\n])#[ \t]*+{_MARKER}[^\r\n]*")


class Comment(NamedTuple):
    """A comment, from ``#`` to the end of the line."""

    text: str
    #: Its offset in characters.
    offset: int
    #: From 1.
    line: int
    #: From 1.
    column: int
    #: Whether there is nothing else on its line.
    stands_alone: bool


def possible_comments(text: str, limit: int) -> list[Comment]:
    """Return the first *limit* comments for this program, in file order. Some may be inside of scalars.

    Lines must end with LF or CRLF.
    """
    if _MARKER not in text:
        return []
    found: list[Comment] = []
    line, counted = 1, 0
    for match in islice(_COMMENT.finditer(text), limit):
        start = match.start()
        line += text.count("\n", counted, start)
        counted = start
        # A line has at most one comment, so each line is scanned only once.
        line_start = text.rfind("\n", 0, start) + 1
        stands_alone = not text[line_start:start].strip(" \t")
        found.append(Comment(match[0], start, line, start - line_start + 1, stands_alone))
    return found
