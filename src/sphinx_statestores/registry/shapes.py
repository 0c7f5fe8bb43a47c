"""Checks of shape: is this value the text, the list, the mapping that the format wants?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.places import Places, mark
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.reader import Mapping, Scalar, Sequence
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.registry.reader import Node

_READ_AS = {
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
    "timestamp": "a date",
    "merge": "a merge key",
    "value": "a default value",
}
#: What may be a name: of a store, and of a backend.
NAME = re.compile(r"[A-Za-z0-9._-]{1,128}")
_SHOWN_LENGTH = 60
#: Neither XML (https://www.w3.org/TR/xml/#charsets) nor TeX takes these.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


class Entry(NamedTuple):
    """A field of a mapping."""

    key: Scalar
    value: Node


def shown(text: str) -> str:
    """Quote a text for a message: one line, short, without characters that a terminal would obey."""
    return repr(text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "...")


class Inspector:
    """Looks at the values of one file and collects what is wrong with them."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        #: How many errors there are among the problems: a caller that sees it grow leaves its value out.
        self.errors = 0

    def report(self, kind: Kind, message: str, node: Node | Location) -> None:
        """Add a problem at a value."""
        self.problems.append(Problem(kind, message, self.place(node)))
        self.errors += kind.severity.value == "error"

    def place(self, node: Node | Location) -> Location:
        """Return where a value stands."""
        return node if isinstance(node, Location) else Location(self.path, node.line, node.column)

    def places(self, key: Node, entries: dict[str, Entry], **inner: dict[str, Entry]) -> Places:
        """Remember where a value and its fields stand; *inner* has the fields of some of the fields."""
        marks = {"": mark(key.line, key.column)}
        for name, (_, value) in entries.items():
            marks[name] = mark(value.line, value.column)
        for outer, fields in inner.items():
            for name, (_, value) in fields.items():
                marks[f"{outer}.{name}"] = mark(value.line, value.column)
        return Places(self.path, marks)

    def entries(self, node: Node, what: str) -> dict[str, Entry] | None:
        """Return the fields of a mapping by name. Of two equal ones the first stands."""
        if not isinstance(node, Mapping):
            self.report(Kind.WRONG_SHAPE, f"{what} is a mapping, not {self.describe(node)}", node)
            return None
        found: dict[str, Entry] = {}
        for key, value in node.pairs:
            if not isinstance(key, Scalar):
                self.report(Kind.WRONG_SHAPE, f"a name in {what} is a text, not {self.describe(key)}", key)
            elif key.kind != "str":
                self.report(Kind.WRONG_SHAPE, f"a name in {what} is {self._misread(key)}", key)
            elif key.text in found:
                first = found[key.text].key
                place = Location(self.path, first.line, first.column)
                message = f"{shown(key.text)} is defined twice in {what}: first at {place}"
                self.problems.append(Problem(Kind.DUPLICATE_NAME, message, self.place(key)))
            else:
                found[key.text] = Entry(key, value)
        return found

    def items(self, node: Node, what: str) -> tuple[Node, ...]:
        """Return the items of a list."""
        if isinstance(node, Sequence):
            return node.items
        self.report(Kind.WRONG_SHAPE, f"{what} is a list, not {self.describe(node)}", node)
        return ()

    def text(self, node: Node, what: str) -> str:
        """Return a text, empty when the value is none."""
        if isinstance(node, Scalar):
            if node.kind == "str":
                return self._sound(node, what)
            self.report(Kind.WRONG_SHAPE, f"{what} is {self._misread(node)}", node)
        else:
            self.report(Kind.WRONG_SHAPE, f"{what} is a text, not {self.describe(node)}", node)
        return ""

    def _sound(self, node: Scalar, what: str) -> str:
        found = _CONTROL.search(node.text)
        if found is None:
            return node.text
        self.report(Kind.INVALID_VALUE, f"{what} has the control character U+{ord(found[0]):04X}", node)
        return ""

    def filled(self, node: Node, what: str) -> str:
        """Return a text that has to say something; empty when it was reported."""
        text = self.text(node, what)
        if isinstance(node, Scalar) and node.kind == "str" and not node.text.strip():
            self.report(Kind.MISSING_FIELD, f"{what} is empty", node)
            return ""
        return text

    def loose_text(self, node: Node, what: str) -> str:
        """Return a text as it is written, whatever YAML makes of it: a version, a time, a number."""
        if isinstance(node, Scalar):
            return "" if node.kind == "null" else self._sound(node, what)
        return self.text(node, what)

    def texts(self, node: Node, what: str) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one."""
        if isinstance(node, Scalar):
            text = self.text(node, what)
            return (text,) if text else ()
        texts = (self.text(item, f"an item of {what}") for item in self.items(node, what))
        return tuple(dict.fromkeys(text for text in texts if text))

    def flag(self, node: Node, what: str) -> bool:
        """Return true or false."""
        if isinstance(node, Scalar) and node.kind == "bool":
            return node.text.lower() in {"true", "yes", "on"}
        self.report(Kind.WRONG_SHAPE, f"{what} is true or false, not {self.describe(node)}", node)
        return False

    def unknown_fields(self, entries: dict[str, Entry], known: Iterable[str], what: str) -> None:
        """Warn of fields that are not of the format, those of the user (``x-...``) aside."""
        for name, (key, _) in entries.items():
            if name not in known and not name.startswith("x-"):
                message = f"unknown field {shown(name)} in {what}{did_you_mean(name, known)}"
                self.report(Kind.UNKNOWN_FIELD, message, key)

    @staticmethod
    def describe(node: Node) -> str:
        """Say what a value is."""
        if isinstance(node, Mapping):
            return "a mapping"
        if isinstance(node, Sequence):
            return "a list"
        return _READ_AS.get(node.kind, f"the text {shown(node.text)}")

    @staticmethod
    def _misread(scalar: Scalar) -> str:
        read_as = _READ_AS.get(scalar.kind, scalar.kind)
        if not scalar.text:
            return "empty, which YAML reads as nothing: a text is wanted"
        written = (
            scalar.text if scalar.text.isprintable() and len(scalar.text) <= _SHOWN_LENGTH else shown(scalar.text)
        )
        return f"a text, but YAML reads {written} as {read_as}: put it in quotes"
