"""Comments in YAML text that speak to this program: ``# statestores: ...``.

The parser's events (https://pyyaml.org/wiki/PyYAMLDocumentation) say nothing of comments, but they say where
texts begin and end: what looks like a comment and is in no text is one.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

_MARKER = "statestores:"
# A comment is separated from what stands before it (https://yaml.org/spec/1.1/#id863539).
_COMMENT = re.compile(rf"(?<![^ \t\n])#[ \t]*+{_MARKER}[^\r\n]*")


class Comment(NamedTuple):
    """A comment, from its ``#`` to the end of its line."""

    text: str
    #: How many characters are before it.
    offset: int
    #: From 1.
    line: int
    #: From 1.
    column: int
    #: Whether its line holds nothing else.
    stands_alone: bool


def possible_comments(text: str, limit: int) -> list[Comment]:
    """Find what would be a comment to this program if it is in no text: the first *limit*, in the order of the file.

    Lines end with LF or CRLF.
    """
    if _MARKER not in text:
        return []
    found: list[Comment] = []
    line, counted = 1, 0
    for match in islice(_COMMENT.finditer(text), limit):
        start = match.start()
        line += text.count("\n", counted, start)
        counted = start
        # There is one comment in a line at most, so that no line is looked at twice.
        line_start = text.rfind("\n", 0, start) + 1
        stands_alone = not text[line_start:start].strip(" \t")
        found.append(Comment(match[0], start, line, start - line_start + 1, stands_alone))
    return found
