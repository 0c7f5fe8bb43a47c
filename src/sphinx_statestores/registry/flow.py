"""Text between brackets and braces: how deep it nests, and what in it only one of the parsers would take.

A parser reads ahead in such text and may fail there before it tells of what was opened. And the parsers differ: pure
Python takes every ``?`` for the sign of a key, and libyaml refuses a colon directly before a comma or a bracket
(https://pyyaml.org/wiki/PyYAMLDocumentation). Whatever is found here is refused with both.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# All faults but too deep nesting look so, and so does other text.
_SUSPECT = re.compile(r"\?|:[,\[\]{}]|![^\s,\[\]{}]*+,")
# One of what may stand before a bracket that opens a value: signs of the outer collection, comments, properties.
_BEFORE_VALUE = re.compile(r"\s+|[-?:](?=\s)|#[^\n]*|[&!]\S*")
# Without groups that repeat, but for one that is sure of each step: a step that may be undone takes memory, and
# before Python 3.11.5, what cannot be undone (`*+`) goes wrong (https://github.com/python/cpython/issues/106052).
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
    "?": "a '?' between brackets or braces, outside of quotes: put the text that it belongs to in quotes",
    ":": "a ':' directly before a comma or a bracket: put a blank behind it, or the text in quotes",
    "!": "a tag directly before a comma: write '' behind it for an empty text",
}


class Fault(NamedTuple):
    """What is wrong in a text, and where."""

    message: str
    #: How many characters are before it.
    offset: int


class Watch:
    """Goes through a text beside its parser, and tells which collections in brackets or braces may have a fault."""

    def __init__(self, text: str) -> None:
        self._text = text
        #: Where the next thing is that may be a fault; the length of the text when there is none.
        self.suspect = self._find(0)
        self._is_suspect = False
        self._quotes_end = 0

    def _find(self, start: int) -> int:
        found = _SUSPECT.search(self._text, start)
        return found.start() if found else len(self._text)

    def begin(self, start: int) -> None:
        """Take note of where an outermost collection begins."""
        self._is_suspect = False
        if self.suspect < start:
            self.suspect = self._find(start)

    def skip(self, start: int, end: int) -> None:
        """Take note of a text in quotes or in a block; those that end before :attr:`suspect` need not be told."""
        self._look_up_to(start)
        if self.suspect < end:
            self.suspect = self._find(end)
        self._quotes_end = end

    def end(self, end: int) -> bool:
        """Return whether the outermost collection that ends here may have a fault."""
        self._look_up_to(end)
        return self._is_suspect

    def _look_up_to(self, end: int) -> None:
        # A colon directly behind quotes is what it looks like.
        if self.suspect == self._quotes_end < end and self._text[self.suspect] == ":":
            self.suspect = self._find(self.suspect + 1)
        if self.suspect < end:
            self._is_suspect = True
            self.suspect = self._find(end)


def next_flow(text: str, start: int, end: int) -> int | None:
    """Return where the value that comes next begins when it is in brackets or braces, before *end*; else None."""
    place = start
    while place < end and (before := _BEFORE_VALUE.match(text, place)):
        place = before.end()
    return place if place < end and text[place : place + 1] in {"[", "{"} else None


def find_fault(text: str, start: int, end: int, levels: int, too_deep: str) -> Fault | None:
    """Return the first fault in the collection in brackets or braces that begins at *start*; None when it has none.

    Looks at nothing from *end* on, and at nothing behind the collection. More collections than *levels* within each
    other, the outermost included, are the fault *too_deep*. Takes time in proportion to the text.
    """
    depth = 0
    place = start
    # A parser may say that it has failed behind the text.
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
