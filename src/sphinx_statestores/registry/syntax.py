"""The text and position of a YAML syntax error -> an explanation, when a scalar needs quotes.

A plain scalar may contain almost any character, so the few indicators that it must not begin with or contain are a
likely mistake (https://yaml.org/spec/1.2.2/#733-plain-style). Parsers report them in different words about tokens.
But they fail at the same position, so the text there shows the mistake.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.flow import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The message for an indicator at the beginning of a scalar.
BEGINNING = "text that begins with '{}' must be in quotes"
#: The message for a colon in a scalar.
COLON = "text that contains ': ' must be in quotes"

#: The message that quotes nothing from the text.
UNNAMED = "this text must be in quotes"

_NEVER_ENDS = "{0} is never closed: close it with {1}; if it is part of a text, put the text in quotes"
_CLOSING = {"[": "']'", "{": "'}'"}
_ENDS_WITH_COLON = "text that ends with ':' must be in quotes"
_CONTINUED_COLON = (
    "the text that begins on line {} continues on this line, which contains ': ': put the whole text in quotes, or "
    "give both lines the same indentation"
)
_NO_COLON = "this line has no ': ' after its name: write 'NAME: VALUE', or 'NAME:' above its fields"
_TAB = "a tab is used for indentation, which YAML does not allow: indent the line with spaces"
_INDENT = (
    "this line is indented by {} spaces, which matches no line above it: indent the fields of one mapping equally"
)
_IN_CONFLICT = "an unresolved merge conflict: keep one of the two sides, and remove the lines that mark it"
_COMMENT = (
    "YAML reads this '#' and the rest of the line as a comment, but the text continues on the next line: put the "
    "text in quotes"
)
_UNCLOSED = "text that begins with {0} must end with {0}: close it, or put the whole text in {1} quotes"
_GOES_ON = (
    "text that begins with {0} ends at the next {0}, on line {2}, and more text follows there: put the whole text "
    "in {1} quotes"
)
#: Quote at the beginning of a scalar -> the other kind of quotes.
_OTHER_QUOTES = {'"': "single", "'": "double"}
_ESCAPE = (
    "this backslash begins no valid escape sequence: write '\\\\' for a backslash in double quotes, or put the "
    "text in single quotes"
)
#: No plain scalar begins with these.
_NEVER_FIRST = frozenset("`@%")
#: No plain scalar begins with these, but they may follow where a value is allowed.
_NOT_FIRST = frozenset(",]}")
#: No plain scalar begins with one of these and a blank.
_NOT_FIRST_ALONE = frozenset("-?:")
_BETWEEN_VALUES = re.compile(r"\s+|[-?:](?=\s|\Z)|#[^\n]*")
_BETWEEN_FLOW_VALUES = re.compile(r"[\s,\[{]+|[-?:](?=\s|\Z)|#[^\n]*")
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?= |\r?$)", re.MULTILINE)
_BLANKS = re.compile(r"[ \t]*")
_HAS_COLON = re.compile(r":(?=\s|\Z)")
_BRACKET = re.compile(r"[\[\]{}]")
_IN_DOUBLE_QUOTES = re.compile(
    r'(?P<end>")|\\(?P<known>[0abtnvfre "/\\N_LP\t\r\n]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})?'
)
_IN_SINGLE_QUOTES = re.compile("(?P<known>'')|(?P<end>')")
_BLANK = re.compile(r"\s")
_COMMENT_OF_BLOCK = re.compile(r"[|>][-+0-9]*#")
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+){0,2}")
_BEFORE_KEY = re.compile(r"[ \t]*(?:-[ \t]+)*")
_FLOW_OR_VALUE = re.compile(r"[\[{,]|:[ \t]")


class Told(NamedTuple):
    """The last token that a parser completed before it failed."""

    #: The offset of a completed scalar, alias or flow collection.
    begin: int
    #: The offset up to which the text has been read.
    end: int
    #: ``plain``, ``quoted``, ``alias`` or ``flow``; empty for any other token.
    kind: str


def explain(text: str, told: Told, flow: int | None, place: int) -> Fault | None:
    """Return the fault when a scalar needs quotes; None for another syntax error.

    *flow* is the offset of the open flow collection, if any; *place* is the offset where the parser failed. Takes
    linear time.
    """
    if flow is not None:
        flow = _behind_properties(text, flow)
    if told.kind:
        told = told._replace(begin=_behind_properties(text, told.begin))
    return next(_faults(text, told, flow, min(place, len(text))), None)


def layout_fault(text: str, place: int | None) -> Fault | None:
    """Return what is wrong with the lines around the place where a parser has failed; None when that is not clear.

    Takes time in proportion to the text.
    """
    if conflict := _CONFLICT.search(text):
        return Fault(_IN_CONFLICT, conflict.start())
    if place is None:
        return None
    place = min(place, len(text))
    start = _line_start(text, place)
    blanks = _BLANKS.match(text, start)
    indent = blanks[0] if blanks else ""
    if (tab := indent.find("\t")) >= 0:
        return Fault(_TAB, start + tab)
    if start and place == start + len(indent) and text[place : place + 1].strip():
        above = text.rfind("\n", 0, start - 1) + 1
        key = text[above : start - 1].strip()
        # A line that is indented more is the rest of a text.
        is_name = len(text[above:start]) - len(text[above:start].lstrip(" ")) <= len(indent)
        if is_name and key and key != "..." and not key.startswith(("#", "-")) and not _HAS_COLON.search(key):
            return Fault(_NO_COLON, above + text[above:start].index(key))
        if not re.search(rf"^ {{{len(indent)}}}[^\s#]", text[:start], re.MULTILINE):
            return Fault(_INDENT.format(len(indent)), place)
    return None


def _faults(text: str, told: Told, flow: int | None, place: int) -> Iterator[Fault]:
    """Yield possible faults, the most likely first."""
    sign = text[place : place + 1]
    gap = text[told.end : place]
    begins = _skip(text, told.end, place, _BETWEEN_VALUES if flow is None else _BETWEEN_FLOW_VALUES)
    first = text[begins : begins + 1]
    is_on_one_line = "\n" not in text[begins:place]
    if (
        told.kind not in {"", "plain"}
        and not gap.strip(" \t")
        and _may_go_on(text, told, sign, in_flow=flow is not None)
    ):
        yield _goes_on(text, told)
    if told.kind == "plain" and gap[:1] in {" ", "\t"} and gap.lstrip(" \t").startswith("#") and "\n" in gap:
        comment = told.end + gap.index("#")
        if flow is not None or _indent(text, place) > _indent_around(text, told.begin):
            yield Fault(_COMMENT, comment)
    if sign in _NEVER_FIRST and sign:
        yield Fault(BEGINNING.format(sign), place)
    if first in {'"', "'"} and begins < place:
        yield from _in_quotes(text, begins, place)
    if first in {"*", "&"} and begins < place and not _BLANK.search(text, begins, place):
        yield Fault(BEGINNING.format(first), begins)
    if flow is not None:
        yield from _in_flow(text, flow, place)
        return
    if first in {"|", ">"} and begins < place and is_on_one_line and not _COMMENT_OF_BLOCK.match(text, begins):
        yield Fault(BEGINNING.format(first), begins)
    if sign == ":" and told.kind == "plain" and not gap.strip(" \t"):
        yield from _colon(text, told.begin, place)
    if text[_line_start(text, place) : place].strip(" \t-"):
        if sign in _NOT_FIRST and sign and begins == place:
            yield Fault(BEGINNING.format(sign), place)
        if (
            sign in _NOT_FIRST_ALONE
            and not text[place + 1 : place + 2].strip()
            and told.end < place
            and not gap.strip(": \t")
        ):
            yield Fault(BEGINNING.format(text[place : place + 2].rstrip("\r\n")), place)


def _behind_properties(text: str, place: int) -> int:
    """Return the offset of a value, after its anchor and its tag."""
    found = _PROPERTIES.match(text, place)
    return found.end() if found else place


def _skip(text: str, start: int, end: int, between: re.Pattern[str]) -> int:
    """Return the offset of the next value."""
    while start < end and (found := between.match(text, start, end)):
        start = found.end()
    return start


def _may_go_on(text: str, told: Told, sign: str, *, in_flow: bool) -> bool:
    """Return whether the character at which the parser failed may belong to the scalar before it."""
    if sign == ":":
        return not _is_first(text, told.begin)
    return bool(sign.strip()) and not (in_flow and sign in ",]}")


def _goes_on(text: str, told: Told) -> Fault:
    first = text[told.begin]
    if first not in _OTHER_QUOTES:
        return Fault(BEGINNING.format(first), told.begin)
    return Fault(_GOES_ON.format(first, _OTHER_QUOTES[first], _line(text, told.end)), told.begin)


def _colon(text: str, begin: int, place: int) -> Iterator[Fault]:
    if "\n" in text[begin:place]:
        if not text[_line_start(text, begin) : begin].strip():
            yield Fault(_NO_COLON, begin)
        yield Fault(_CONTINUED_COLON.format(_line(text, begin)), place)
    elif _is_first(text, begin):
        return  # a mapping key; the fault is another one
    elif text[place + 1 : text.find("\n", place) + 1 or None].strip():
        yield Fault(COLON, place)
    else:
        yield Fault(_ENDS_WITH_COLON, place)


def _in_quotes(text: str, begin: int, place: int) -> Iterator[Fault]:
    """Yield the faults of a scalar that begins with a quotation mark."""
    quote = text[begin]
    pattern = _IN_DOUBLE_QUOTES if quote == '"' else _IN_SINGLE_QUOTES
    for found in pattern.finditer(text, begin + 1):
        if found["end"]:
            if (
                place >= found.end()
                and text[place : place + 1].strip(":\r\n")
                and not text[found.end() : place].strip(" \t")
            ):
                yield _goes_on(text, Told(begin, found.end(), "quoted"))
            return
        if not found["known"] and found.start() <= place:
            yield Fault(_ESCAPE, found.start())
            return
    yield Fault(_UNCLOSED.format(quote, _OTHER_QUOTES[quote]), begin)


def _in_flow(text: str, flow: int, place: int) -> Iterator[Fault]:
    """Yield the faults of a value that begins with a bracket or a brace."""
    depth = 0
    for bracket in _BRACKET.finditer(text, flow):
        depth += 1 if bracket[0] in "[{" else -1
        if not depth:
            break
    else:
        yield Fault(_NEVER_ENDS.format(f"'{text[flow]}'", _CLOSING[text[flow]]), flow)
        return
    if text[place : place + 1] == ":" and _FLOW_OR_VALUE.search(text, _line_start(text, place), place):
        yield Fault(COLON, place)


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def _is_first(text: str, place: int) -> bool:
    """Return whether a value is where a key may be: first on its line, or first in a list item."""
    return _BEFORE_KEY.fullmatch(text, _line_start(text, place), place) is not None


def _indent(text: str, place: int) -> int:
    """Return the column of the first key on a line, counted from 0."""
    start = _line_start(text, place)
    found = _BEFORE_KEY.match(text, start)
    return found.end() - start if found else 0


def _indent_around(text: str, begin: int) -> int:
    """Return the indentation that a line must exceed, by at least one blank, to continue a scalar."""
    start = _line_start(text, begin)
    return text.rfind("-", start, begin) - start if _is_first(text, begin) else _indent(text, begin)
