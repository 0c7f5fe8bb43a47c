"""Comments in YAML text that speak to this program: ``# statestores: ...``.

The parser's events (https://pyyaml.org/wiki/PyYAMLDocumentation) say nothing of comments, but they say where
texts begin and end: what looks like a comment and is in no text is one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MARKER = "statestores:"
# YAML 1.1 ends lines with all of these (https://yaml.org/spec/1.1/#id871136), and so does the parser.
_BREAKS = "\r\n\x85\u2028\u2029"
_LINE_BREAK = re.compile(f"\r\n|[{_BREAKS}]")
# A comment is separated from what stands before it (https://yaml.org/spec/1.1/#id863539).
_COMMENT = re.compile(rf"(?<![^ \t{_BREAKS}])#[ \t]*{_MARKER}[^{_BREAKS}]*")


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


def possible_comments(text: str) -> list[Comment]:
    """Find what would be a comment to this program if it is in no text; in the order of the file."""
    if _MARKER not in text:
        return []
    found: list[Comment] = []
    line, line_start = 1, 0
    breaks = _LINE_BREAK.finditer(text)
    following = next(breaks, None)
    for match in _COMMENT.finditer(text):
        while following is not None and following.end() <= match.start():
            line, line_start = line + 1, following.end()
            following = next(breaks, None)
        stands_alone = not text[line_start : match.start()].strip(" \t")
        found.append(Comment(match[0], match.start(), line, match.start() - line_start + 1, stands_alone))
    return found
