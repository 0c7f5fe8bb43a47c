"""Checks of shape: is this value the text, the list, the mapping that the format wants?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.places import Places, places_at
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.quoting import SHOWN_LENGTH, escaped, shown
from sphinx_statestores.registry.reader import Mapping, Scalar, Sequence
from sphinx_statestores.registry.suggest import Suggestions

if TYPE_CHECKING:
    from collections.abc import Collection

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
#: What may be a name, of a store and of a backend: it becomes part of an address, of a path and of code.
NAME = re.compile(r"(?=[._-]*[A-Za-z0-9])[A-Za-z0-9._-]{1,128}")
#: The same in words.
NAME_RULE = "ASCII letters, digits, '.', '_', '-', at most 128, and a letter or digit among them"
#: What may be the name of a service.
SERVICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
#: Neither XML (https://www.w3.org/TR/xml/#charsets) nor TeX takes these.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
# Characters without a shape, and those that turn the direction of writing (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
# The joiners U+200C and U+200D are part of some scripts and of emoji: between letters of these they are left alone.
_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
)


class Entry(NamedTuple):
    """A field of a mapping."""

    key: Scalar
    value: Node


def shape(node: Node) -> str:
    """Say what a value is, and nothing of what it says."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return _READ_AS.get(node.kind, "a text")


class Inspector:
    """Looks at the values of one file and collects what is wrong with them."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        #: How many errors there are among the problems: a caller that sees it grow leaves its value out.
        self.errors = 0
        self._suggestions = Suggestions()
        #: The names of fields that values have together, each tuple once.
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}

    def report(self, kind: Kind, message: str, node: Node | Location) -> None:
        """Add a problem at a value."""
        self.problems.append(Problem(kind, message, self.place(node)))
        self.errors += kind.severity.value == "error"

    def place(self, node: Node | Location) -> Location:
        """Return where a value stands."""
        return node if isinstance(node, Location) else Location(self.path, node.line, node.column)

    def places(self, key: Node, entries: dict[str, Entry], **inner: dict[str, Entry]) -> Places:
        """Remember where a value and its fields stand; *inner* has the fields of some of the fields."""
        found = {"": (key.line, key.column)}
        for name, (_, value) in entries.items():
            found[name] = (value.line, value.column)
        for outer, fields in inner.items():
            for name, (_, value) in fields.items():
                found[f"{outer}.{name}"] = (value.line, value.column)
        places = places_at(self.path, found)
        return places._replace(names=self._names.setdefault(places.names, places.names))

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
                self.duplicate(found[key.text].key, key, what)
            elif not key.text.isprintable() and (control := _CONTROL.search(key.text)):
                message = f"{escaped(key.text)} in {what} has the control character U+{ord(control[0]):04X}"
                self.report(Kind.INVALID_NAME, message, key)
            else:
                found[key.text] = Entry(key, value)
        return found

    def duplicate(self, first: Scalar, second: Scalar, what: str) -> None:
        """Report the second of two equal names. Nothing is left out but what it names: the first one stands."""
        message = f"{escaped(second.text)} is defined twice in {what}: first at {self.place(first)}"
        self.problems.append(Problem(Kind.DUPLICATE_NAME, message, self.place(second)))

    def items(self, node: Node, what: str) -> tuple[Node, ...]:
        """Return the items of a list."""
        if isinstance(node, Sequence):
            return node.items
        self.report(Kind.WRONG_SHAPE, f"{what} is a list, not {self.describe(node)}", node)
        return ()

    def text(self, node: Node, what: str) -> str:
        """Return a text, empty when the value is none."""
        return self._visible(node, self._text(node, what), what)

    def _text(self, node: Node, what: str) -> str:
        if isinstance(node, Scalar):
            if node.kind == "str":
                return self._sound(node, what)
            self.report(Kind.WRONG_SHAPE, f"{what} is {self._misread(node)}", node)
        else:
            self.report(Kind.WRONG_SHAPE, f"{what} is a text, not {self.describe(node)}", node)
        return ""

    def _sound(self, node: Scalar, what: str) -> str:
        if node.text.isprintable():
            return node.text
        found = _CONTROL.search(node.text)
        if found is None:
            return node.text
        self.report(Kind.INVALID_VALUE, f"{what} has the control character U+{ord(found[0]):04X}", node)
        return ""

    def _visible(self, node: Node, text: str, what: str) -> str:
        """Warn of characters in a text that a reader cannot see."""
        if not text.isascii() and (found := dict.fromkeys(_INVISIBLE.findall(text))):
            named = ", ".join(f"U+{ord(character):04X}" for character in list(found)[:3])
            message = f"{what} has characters that cannot be seen or that turn the direction of writing: {named}"
            self.report(Kind.INVISIBLE_CHARACTERS, message, node)
        return text

    def filled(self, node: Node, what: str) -> str:
        """Return a word that has to be there; empty when it was reported. What it may hold is the caller's to say."""
        text = self._text(node, what)
        if isinstance(node, Scalar) and node.kind == "str" and not node.text.strip():
            self.report(Kind.MISSING_FIELD, f"{what} is empty", node)
            return ""
        return text

    def loose_text(self, node: Node, what: str) -> str:
        """Return a text as it is written, whatever YAML makes of it: a version, a time, a number."""
        if isinstance(node, Scalar):
            return "" if node.kind == "null" else self._visible(node, self._sound(node, what), what)
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
            value = node.text.lower()
            is_true = value in {"true", "yes", "on"}
            if value not in {"true", "false"}:
                # https://yaml.org/spec/1.2.2/#1032-tag-resolution
                message = f"{what} is {node.text}, which newer YAML reads as a text: write {str(is_true).lower()}"
                self.report(Kind.YAML_1_1_BOOLEAN, message, node)
            return is_true
        self.report(Kind.WRONG_SHAPE, f"{what} is true or false, not {self.describe(node)}", node)
        return False

    def written(self, node: Node, what: str) -> str:
        """Put a user's own value into one line, as near to its YAML as one line can be."""
        if isinstance(node, Scalar):
            return "" if node.kind == "null" else self._sound(node, what)
        if isinstance(node, Sequence):
            return ", ".join(self.written(item, what) for item in node.items)
        return ", ".join(f"{self.written(key, what)}: {self.written(value, what)}" for key, value in node.pairs)

    def suggestion(self, word: str, known: Collection[str], limit: int = 3) -> str:
        """Return what was probably meant, as a part of a message; nothing once very much has been asked."""
        return self._suggestions.did_you_mean(word, known, limit)

    def unknown_fields(self, entries: dict[str, Entry], known: Collection[str], what: str) -> None:
        """Warn of fields that are not of the format, those of the user (``x-...``) aside."""
        for name, (key, _) in entries.items():
            if name not in known and not name.startswith("x-"):
                message = f"unknown field {escaped(name)} in {what}{self.suggestion(name, known)}"
                self.report(Kind.UNKNOWN_FIELD, message, key)

    @staticmethod
    def describe(node: Node) -> str:
        """Say what a value is."""
        if isinstance(node, Scalar) and node.kind == "str":
            return f"the text {shown(node.text)}"
        return shape(node)

    @staticmethod
    def _misread(scalar: Scalar) -> str:
        read_as = _READ_AS.get(scalar.kind, scalar.kind)
        if not scalar.text:
            return "empty, which YAML reads as nothing: a text is wanted"
        written = (
            scalar.text if scalar.text.isprintable() and len(scalar.text) <= SHOWN_LENGTH else shown(scalar.text)
        )
        return f"a text, but YAML reads {written} as {read_as}: put it in quotes"
