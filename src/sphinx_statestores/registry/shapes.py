"""Checks of shape: is this value the text, the list, the mapping that the format wants?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.messages import must_be
from sphinx_statestores.registry.paths import path_fault
from sphinx_statestores.registry.places import Places, places_at
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.quoting import SHOWN_LENGTH, escaped, folded, shown, unquoted
from sphinx_statestores.registry.reader import CutScalar, Mapping, Scalar, Sequence
from sphinx_statestores.registry.suggest import Suggestions
from sphinx_statestores.registry.syntax import BEGINNING, COLON

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
SERVICE_NAME_RULE = "ASCII letters, digits, '.', '_', '-', at most 128, and a letter or digit first"
SERVICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
#: Neither XML (https://www.w3.org/TR/xml/#charsets) nor TeX takes these.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
#: What ends a line for YAML 1.1 (https://yaml.org/spec/1.1/#id871856), and what no name or label has reason to hold.
_BREAK = re.compile("[\t\n\r\x85\u2028\u2029]")
# Characters without a shape, and those that turn the direction of writing (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
# The joiners U+200C and U+200D are part of some scripts and of emoji: between letters of these they are left alone.
_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
)

#: What is left of list items without the blank behind their '-': YAML makes one text of them.
_DASHES = re.compile(r"-[^\s-]\S*(?: -[^\s-]\S*)*")

#: The key of a reference in OpenAPI and JSON Schema, whose style registries have.
REFERENCE = "$ref"


class Entry(NamedTuple):
    """A field of a mapping."""

    key: Scalar
    value: Node


#: What is wanted -> what is found -> how to write what is wanted.
_WRITTEN = {
    "a list": {
        "a mapping": ": begin each item with '- '",
        "a text": ": begin each item with '- '",
        "nothing": ": begin each item with '- ', or remove the line",
    },
    "a mapping": {
        "a list": ": write 'NAME: VALUE' lines, without '- '",
        "a text": ": write 'NAME: VALUE' lines, indented below it",
        "nothing": ": write 'NAME: VALUE' lines, indented below it",
    },
    "true or false": {"a text": ": write true or false, without quotes"},
}


def shape(node: Node) -> str:
    """Say what a value is, and nothing of what it says."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return _READ_AS.get(node.kind, "a text")


def listed_places(entries: dict[str, Entry], field: str) -> dict[str, Entry]:
    """Return the items of a list as if they were fields, so that each has its place; nothing for what is no list."""
    node = entries[field].value if field in entries else None
    if not isinstance(node, Sequence):
        return {}
    return {item.text: Entry(item, item) for item in node.items if isinstance(item, Scalar)}


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
            self._wrong_shape(node, what, "a mapping")
            return None
        found: dict[str, Entry] = {}
        before, errors = len(self.problems), self.errors
        for key, value in node.pairs:
            if not isinstance(key, Scalar):
                self.report(Kind.WRONG_SHAPE, f"a name in {what} must be a text; found {self.describe(key)}", key)
            elif key.kind != "str":
                self.report(Kind.WRONG_SHAPE, f"a name in {what} {self._misread(key)}", key)
            elif key.text in found:
                self.duplicate(found[key.text].key, key, what)
            elif (key.text.isascii() and key.text.isprintable()) or self._is_sound(key, what):
                found[key.text] = Entry(key, value)
        if REFERENCE in found:
            # Whatever else is wrong with a mapping that is meant to be elsewhere, this is what to mend first.
            del self.problems[before:]
            self.errors = errors
            self.report_reference(found[REFERENCE].key)
            return None
        return found

    def report_reference(self, key: Node) -> None:
        """Report a key that is meant to lead to another file, or to another place of this one."""
        message = (
            f"references ({REFERENCE!r}) are not followed: write here what it leads to, or name several files, "
            "which are merged (statestores_registry in conf.py, FILE ... on the command line)"
        )
        self.report(Kind.REFERENCE, message, key)

    def _wrong_shape(self, node: Node, what: str, wanted: str, hint: str = "") -> None:
        """Report a value of another shape than is wanted, and how that is written; of a reference, that it is one."""
        pairs = node.pairs if isinstance(node, Mapping) else ()
        reference = next((key for key, _ in pairs if isinstance(key, Scalar) and key.text == REFERENCE), None)
        if reference is None:
            hint = hint or _WRITTEN.get(wanted, {}).get(shape(node), "")
            self.report(Kind.WRONG_SHAPE, must_be(what, wanted, f"{self.describe(node)}{hint}"), node)
        else:
            self.report_reference(reference)

    def _is_sound(self, key: Scalar, what: str) -> bool:
        """Return whether the name of a field can be used; report what is wrong with its characters."""
        if fault := _fault(key.text):
            self.report(Kind.INVALID_NAME, f"{escaped(key.text)} in {what} {fault}", key)
            return False
        self._visible(key, key.text, f"the name {escaped(key.text)} in {what}")
        return True

    def report_missing(self, field: str, what: str, node: Node, others: Collection[str] = ()) -> None:
        """Report that a value lacks a field; *others* are its fields that are unknown, one of which may be meant."""
        found = self._suggestions.near(field, others, limit=1)
        hint = f"; found {escaped(found[0])}: rename it to {field!r}?" if found else f": add '{field}: ...' to it"
        self.report(Kind.MISSING_FIELD, f"{what} has no {field!r}{hint}", node)

    def duplicate(self, first: Scalar, second: Scalar, what: str) -> None:
        """Report the second of two equal names. Nothing is left out but what it names: the first one stands."""
        message = f"{escaped(second.text)} is defined twice in {what}: first at {self.place(first)}, which is kept"
        self.problems.append(Problem(Kind.DUPLICATE_NAME, message, self.place(second)))

    def items(self, node: Node, what: str) -> tuple[Node, ...]:
        """Return the items of a list."""
        if isinstance(node, Sequence):
            return node.items
        self._wrong_shape(node, what, "a list")
        return ()

    # -- texts ------------------------------------------------------------------------

    def line(self, node: Node, what: str, *, loose: bool = False, is_name: bool = False) -> str:
        """Return a text that is one line, such as a name, a title, a path or a pattern; empty when it is none.

        A line break and a tab are errors. With *loose*, the value may be anything that YAML makes a number, a date or
        nothing of: it is taken as it is written. With *is_name*, it is one word if it is right.
        """
        text = self._text(node, what, loose=loose)
        if isinstance(node, CutScalar) and (" " in text or (text and not is_name and node.comment[1:2].isdigit())):
            # Behind a single word, such as that of a status, a word that begins with '#' is likely to be a comment.
            self._report_cut(node, what)
        if text.isascii() and text.isprintable():
            return text
        if fault := _fault(text):
            self.report(Kind.INVALID_VALUE, f"{what} {fault}", node)
            return ""
        return self._visible(node, text, what)

    def check_path(self, node: Node, path: str, what: str) -> None:
        """Report a path that not every system reads alike."""
        if fault := path_fault(path):
            self.report(Kind.INVALID_VALUE, f"{what} is {shown(path)}: {fault}", node)

    def prose(self, node: Node, what: str, *, loose: bool = False) -> str:
        """Return words that may be on several lines, with blanks for the line breaks; empty when they are no text."""
        text = self._whole_text(node, what, loose=loose)
        return text if text.isascii() and text.isprintable() else folded(self._visible(node, text, what))

    def lines(self, node: Node, what: str) -> str:
        """Return a text that keeps its lines, each ended by a line feed but for the last; empty when it is none."""
        return "\n".join(self._visible(node, self._whole_text(node, what), what).splitlines())

    def filled(self, node: Node, what: str) -> str:
        """Return a line that has to be there; empty when it was reported. What it may hold is the caller's to say."""
        text = self.line(node, what, is_name=True)
        if isinstance(node, Scalar) and node.kind == "str" and not node.text.strip():
            self.report(Kind.MISSING_FIELD, f"{what} is empty", node)
            return ""
        return text

    def words(self, node: Node, what: str) -> tuple[str, ...]:
        """Return a list of words, none of which has a comma; a single text with commas is taken for such a list."""
        texts = self.texts(node, what)
        if not isinstance(node, Scalar) or not texts:
            return texts
        if "," in node.text:
            parts, found = node.text.split(","), "a text with commas"
        elif _DASHES.fullmatch(node.text):
            parts, found = node.text.replace("-", " -").split(" -"), "a text with '-' and no blank behind it"
        else:
            return texts
        words = tuple(dict.fromkeys(word for part in parts if (word := part.strip())))
        written = unquoted(", ".join(words))
        self.report(
            Kind.TEXT_FOR_LIST, must_be(what, "a list", f"{found}, which is taken for one: write [{written}]"), node
        )
        return words

    def texts(self, node: Node, what: str) -> tuple[str, ...]:
        """Return a list of lines; a single line is a list of one."""
        if isinstance(node, Scalar):
            text = self.line(node, what, is_name=True)
            return (text,) if text else ()
        texts = (self.line(item, f"an item of {what}", is_name=True) for item in self.items(node, what))
        return tuple(dict.fromkeys(text for text in texts if text))

    def written(self, node: Node, what: str) -> str:
        """Put a user's own value into one line, as near to its YAML as one line can be."""
        if isinstance(node, Scalar):
            return self.prose(node, what, loose=True)
        if isinstance(node, Sequence):
            return ", ".join(self.written(item, what) for item in node.items)
        return ", ".join(f"{self.written(key, what)}: {self.written(value, what)}" for key, value in node.pairs)

    def _whole_text(self, node: Node, what: str, *, loose: bool = False) -> str:
        """Return :meth:`_text` of what may be any words; report what looks like more of it and is none."""
        text = self._text(node, what, loose=loose)
        if text and isinstance(node, CutScalar):
            self._report_cut(node, what)
        return text

    def _report_cut(self, node: CutScalar, what: str) -> None:
        message = (
            f"{what} ends here, since YAML takes {shown(node.comment)} for a comment: put the text in quotes, or a "
            "blank behind the '#'"
        )
        self.report(Kind.TEXT_CUT, message, Location(self.path, *node.comment_place))

    def _text(self, node: Node, what: str, *, loose: bool = False) -> str:
        """Return a text as it is; empty when it is none, or has control characters that are no line breaks."""
        if not isinstance(node, Scalar):
            self._wrong_shape(node, what, "a text", _quotes_hint(node))
        elif node.kind == "str" or (loose and node.kind != "null"):
            control = None if node.text.isprintable() else _CONTROL.search(node.text)
            if control is None:
                return node.text
            self.report(Kind.INVALID_VALUE, f"{what} {_has_control(control[0])}", node)
        elif not loose:
            self.report(Kind.WRONG_SHAPE, f"{what} {self._misread(node)}", node)
        elif isinstance(node, CutScalar):
            self.report(Kind.TEXT_CUT, f"{what} {self._misread(node)}", Location(self.path, *node.comment_place))
        return ""

    def _visible(self, node: Node, text: str, what: str) -> str:
        """Warn of characters in a text that a reader cannot see."""
        if not text.isascii() and (found := dict.fromkeys(_INVISIBLE.findall(text))):
            named = ", ".join(f"U+{ord(character):04X}" for character in list(found)[:3])
            message = f"{what} has characters that cannot be seen or that turn the direction of writing: {named}"
            self.report(Kind.INVISIBLE_CHARACTERS, message, node)
        return text

    # -- other values -----------------------------------------------------------------

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
        self._wrong_shape(node, what, "true or false")
        return False

    def suggestion(self, word: str, known: Collection[str], limit: int = 3) -> str:
        """Return what was probably meant, as a part of a message; nothing once very much has been asked."""
        return self._suggestions.did_you_mean(word, known, limit)

    def other_fields(
        self, entries: dict[str, Entry], known: Collection[str], what: str
    ) -> tuple[tuple[str, str], ...]:
        """Return the fields that are not of the format, each in one line; warn of those that are not ``x-...``.

        Whether they are of use or not, what is wrong with their texts is reported.
        """
        found = []
        for name, (key, value) in entries.items():
            if name in known:
                continue
            if not name.startswith("x-"):
                message = f"unknown field {escaped(name)} in {what}{self.suggestion(name, known)}"
                self.report(Kind.UNKNOWN_FIELD, message, key)
            found.append((name, self.written(value, f"{escaped(name)} of {what}")))
        return tuple(found)

    @staticmethod
    def describe(node: Node) -> str:
        """Say what a value is."""
        if isinstance(node, Scalar) and node.kind == "str":
            return f"the text {shown(node.text)}"
        return shape(node)

    @staticmethod
    def _misread(scalar: Scalar) -> str:
        read_as = _READ_AS.get(scalar.kind, scalar.kind)
        if not scalar.text and isinstance(scalar, CutScalar):
            return f"is empty, since YAML takes {shown(scalar.comment)} for a comment: put it in quotes"
        if not scalar.text:
            return "must be a text; found nothing: write one, or remove the line"
        written = (
            scalar.text if scalar.text.isprintable() and len(scalar.text) <= SHOWN_LENGTH else shown(scalar.text)
        )
        return f"must be a text; YAML reads {written} as {read_as}: put it in quotes"


def _quotes_hint(node: Node) -> str:
    """Say what to do where a value is a text for whoever wrote it, and begins or goes on like another."""
    if isinstance(node, Mapping):
        # A mapping that is written in lines begins where its first key does.
        offset = node.pairs[0][0].column - node.column if node.pairs else 1
        if offset == 1:
            return f": {BEGINNING.format('{')}"
        if not offset and len(node.pairs) == 1 and node.line == node.pairs[0][1].line:
            return f": {COLON}"
    if isinstance(node, Sequence) and node.items and node.items[0].column == node.column + 1:
        one = ": write one of them, or not a list: " if len(node.items) > 1 else ": "
        return f"{one}{BEGINNING.format('[')}"
    return ""


def _fault(text: str) -> str:
    """Say why a text cannot be a name or another text of one line; nothing when it can."""
    if text.isprintable():
        return ""
    if control := _CONTROL.search(text):
        return _has_control(control[0])
    if found := _BREAK.search(text):
        if found[0] == "\t":
            return "has a tab (U+0009) in it: write blanks"
        if found[0] == "\n" and found.end() == len(text):
            return "ends with a line break (U+000A): begin its block with '>-', or write it on one line"
        return f"has a line break (U+{ord(found[0]):04X}) in it: write it on one line"
    return ""


def _has_control(character: str) -> str:
    return f"has the control character U+{ord(character):04X}"
