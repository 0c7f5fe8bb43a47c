"""YAML flow collections (``[...]``, ``{...}``) -> faults: too deep nesting, and syntax that one parser rejects.

A parser reads ahead inside a flow collection and may fail before it emits the event for its start. The parsers
differ: pure Python takes every ``?`` for a key indicator, and libyaml rejects a colon directly before a comma or a
bracket (https://pyyaml.org/wiki/PyYAMLDocumentation). What is found here is rejected with both parsers.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Every fault except too deep nesting matches this; valid text may match too.
_SUSPECT = re.compile(r"\?|:[,\[\]{}]|![^\s,\[\]{}]*+,")
# One token that may precede a flow collection as a value: a block indicator, a comment, a node property.
_BEFORE_VALUE = re.compile(r"\s+|[-?:](?=\s)|#[^\n]*|[&!]\S*")
# No repeated groups, except where no step needs backtracking: backtracking takes memory, and possessive quantifiers
# (`*+`) on groups are wrong before Python 3.11.5 (https://github.com/python/cpython/issues/106052).
_TOKEN = re.compile(
    r"""
    (?P<opening> [\[{] )
    | (?P<closing> [\]}] )
    | (?P<tag> !<[^>\n]*> | ![^\s,\[\]{}?]* )
    | (?P<plain> [^\s,\[\]{}:?\#"'&*!] [^,\[\]{}:?\#]* )
    | "[^"\\]*+ (?: \\. [^"\\]*+ )*+ "?
    | '[^']* '?
    | \#[^\n]*
    | [&*][^\s,\[\]{}?]*
    | \?(?=\s+[^\s:?,\]}\#])
    | [\s,:]+
    """,
    re.VERBOSE | re.DOTALL,
)
_MORE_PLAIN = re.compile(r"(?: :(?![\s,\[\]{}?]) | (?<=\S)\# ) [^,\[\]{}:?\#]*", re.VERBOSE)
_AFTER_PLAIN = re.compile(r"\?|:(?=[,\[\]{}?])")
_MESSAGES = {
    "?": "a '?' inside brackets or braces must be in quotes: put the text around it in quotes",
    ":": "a ':' is directly before a comma or a bracket: put a space after it, or the text in quotes",
    "!": "a tag is directly before a comma: write '' after it for an empty string",
}


class Fault(NamedTuple):
    """A fault in a text."""

    message: str
    #: The offset of the fault in characters.
    offset: int


class Watch:
    """Follows a text beside its parser and finds the flow collections that may have a fault."""

    def __init__(self, text: str) -> None:
        self._text = text
        #: The offset of the next possible fault; the length of the text when there is none.
        self.suspect = self._find(0)
        self._is_suspect = False
        self._quotes_end = 0

    def _find(self, start: int) -> int:
        found = _SUSPECT.search(self._text, start)
        return found.start() if found else len(self._text)

    def begin(self, start: int) -> None:
        """Record the offset of an outermost collection."""
        self._is_suspect = False
        if self.suspect < start:
            self.suspect = self._find(start)

    def skip(self, start: int, end: int) -> None:
        """Skip a quoted or block scalar. Those that end before :attr:`suspect` need not be passed."""
        self._look_up_to(start)
        if self.suspect < end:
            self.suspect = self._find(end)
        self._quotes_end = end

    def end(self, end: int) -> bool:
        """Return whether the outermost collection that ends here may have a fault."""
        self._look_up_to(end)
        return self._is_suspect

    def _look_up_to(self, end: int) -> None:
        # A colon directly after a quoted scalar is a real indicator.
        if self.suspect == self._quotes_end < end and self._text[self.suspect] == ":":
            self.suspect = self._find(self.suspect + 1)
        if self.suspect < end:
            self._is_suspect = True
            self.suspect = self._find(end)


def next_flow(text: str, start: int, end: int) -> int | None:
    """Return the offset of the next value when it is a flow collection before *end*; None otherwise."""
    place = start
    while place < end and (before := _BEFORE_VALUE.match(text, place)):
        place = before.end()
    return place if place < end and text[place : place + 1] in {"[", "{"} else None


def find_fault(text: str, start: int, end: int, levels: int, too_deep: str) -> Fault | None:
    """Return the first fault in the flow collection that begins at *start*; None when there is none.

    Reads up to *end* or to the end of the collection. More than *levels* nested collections, the outermost included,
    are a fault with the message *too_deep*. Takes linear time.
    """
    depth = 0
    place = start
    # A parser may report a position after the end of the text.
    end = min(end, len(text))
    while place < end:
        token = _TOKEN.match(text, place)
        if token is None:
            return Fault(_MESSAGES["?"], place)
        kind, place = token.lastgroup, token.end()
        if kind == "opening":
            depth += 1
            if depth > levels:
                return Fault(too_deep, token.start())
        elif kind == "closing":
            depth -= 1
            if depth <= 0:
                break
        elif kind == "plain":
            while more := _MORE_PLAIN.match(text, place):
                place = more.end()
            if sign := _AFTER_PLAIN.match(text, place):
                return Fault(_MESSAGES[sign[0]], place)
        elif kind == "tag" and text.startswith(",", place):
            return Fault(_MESSAGES["!"], token.start())
    return None
