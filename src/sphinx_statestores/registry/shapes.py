"""YAML nodes -> typed values, and problems for nodes of the wrong type."""

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
    from collections.abc import Callable, Collection

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
#: A valid name of a store or a backend, which becomes part of URLs, paths and code.
NAME = re.compile(r"(?=[._-]*[A-Za-z0-9])[A-Za-z0-9._-]{1,128}")
#: A namespace, which tells the stores of one site from those of others with the same names.
NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
#: A name of a store, with the namespaces of the sites that it comes through: ``identity:auth-statestore``.
QUALIFIED_NAME = re.compile(rf"(?:{NAMESPACE.pattern}:){{0,4}}{NAME.pattern}")
#: The rule in words, for messages.
NAME_RULE = "use up to 128 ASCII letters, digits, '.', '_' and '-', with at least one letter or digit"
#: What may be the name of a service.
SERVICE_NAME_RULE = "use up to 128 ASCII letters, digits, '.', '_' and '-', and begin with a letter or digit"
SERVICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
#: XML (https://www.w3.org/TR/xml/#charsets) and TeX reject these.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
#: Line breaks of YAML 1.1 (https://yaml.org/spec/1.1/#id871856) and the tab; names and labels need none of them.
_BREAK = re.compile("[\t\n\r\x85\u2028\u2029]")
# Invisible characters and bidirectional formatting characters
# (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing). Some scripts and emoji need the joiners U+200C
# and U+200D, which are allowed between their letters.
_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
)

#: What is left of list items without the blank behind their '-': YAML makes one text of them.
_DASHES = re.compile(r"-[^\s-]\S*(?: -[^\s-]\S*)*")

#: The key of a reference in OpenAPI and JSON Schema, whose style registries have.
REFERENCE = "$ref"
# An item of a flow sequence that surely needs no quotes.
_PLAIN_ITEM = re.compile(r"[A-Za-z0-9][\w. /-]*")


class Entry(NamedTuple):
    """A field of a mapping."""

    key: Scalar
    value: Node


#: What is wanted -> what is found -> how to write what is wanted.
_WRITTEN = {
    "a list": {
        "a mapping": ": begin each item with '- '",
        "a string": ": begin each item with '- '",
        "nothing": ": begin each item with '- ', or remove the line",
    },
    "a mapping": {
        "a list": ": write 'NAME: VALUE' lines, without '- '",
        "a string": ": write 'NAME: VALUE' lines, indented below it",
        "nothing": ": write 'NAME: VALUE' lines, indented below it",
    },
    "true or false": {"a string": ": write true or false, without quotes"},
}


def shape(node: Node) -> str:
    """Say what a value is, and nothing of what it says."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return _READ_AS.get(node.kind, "a string")


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
        #: Whether a site has published the file: names in it may have a namespace.
        self.is_published = False
        #: The number of errors so far. A caller that sees it grow leaves out the value.
        self.errors = 0
        self._suggestions = Suggestions()
        #: Tuples of field names that values share; each tuple is stored once.
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}

    def report(self, kind: Kind, message: str, node: Node | Location) -> None:
        """Add a problem at the location of a value."""
        self.problems.append(Problem(kind, message, self.place(node)))
        self.errors += kind.severity.value == "error"

    def place(self, node: Node | Location) -> Location:
        """Return the location of a value."""
        return node if isinstance(node, Location) else Location(self.path, node.line, node.column)

    def places(self, key: Node, entries: dict[str, Entry], **inner: dict[str, Entry]) -> Places:
        """Return the places of a value and its fields; *inner* has the nested fields of some fields."""
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
                self.report(Kind.WRONG_SHAPE, f"a name in {what} must be a string; found {self.describe(key)}", key)
            elif key.kind != "str":
                self.report(Kind.WRONG_SHAPE, f"a name in {what} {self._misread(key)}", key)
            elif key.text in found:
                self.duplicate(found[key.text].key, key, what)
            elif (key.text.isascii() and key.text.isprintable()) or self._is_sound(key, what):
                found[key.text] = Entry(key, value)
        if REFERENCE in found:
            # A reference to another place is the main fault; other problems of the mapping would distract from it.
            del self.problems[before:]
            self.errors = errors
            self.report_reference(found[REFERENCE].key)
            return None
        return found

    def report_reference(self, key: Node) -> None:
        """Report a key that refers to another file or to another place in this one."""
        message = (
            f"references ({REFERENCE!r}) are not followed: write here what it refers to, or name several files, "
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
        """Return whether the name of a field is valid; report invalid characters."""
        if fault := _fault(key.text):
            self.report(Kind.INVALID_NAME, f"{escaped(key.text)} in {what} {fault}", key)
            return False
        self._visible(key, key.text, f"the name {escaped(key.text)} in {what}")
        return True

    def report_missing(
        self, field: str, what: str, node: Node, others: Collection[str] = (), synonyms: tuple[str, ...] = ()
    ) -> None:
        """Report that a value lacks a field.

        *others* are its unknown fields, one of which may be misspelt; *synonyms* are other words for the field.
        """
        found = synonyms or self._suggestions.near(field, others, limit=1)
        hint = f"; found {escaped(found[0])}: rename it to {field!r}?" if found else f": add '{field}: ...' to it"
        self.report(Kind.MISSING_FIELD, f"{what} has no {field!r}{hint}", node)

    def duplicate(self, first: Scalar, second: Scalar, what: str) -> None:
        """Report the second of two equal names. Nothing is left out but what it names: the first one stands."""
        message = f"{escaped(second.text)} is defined twice in {what}; the definition at {self.place(first)} is used"
        self.problems.append(Problem(Kind.DUPLICATE_NAME, message, self.place(second)))

    def items(self, node: Node, what: str) -> tuple[Node, ...]:
        """Return the items of a list."""
        if isinstance(node, Sequence):
            return node.items
        self._wrong_shape(node, what, "a list")
        return ()

    # -- texts ------------------------------------------------------------------------

    def line(self, node: Node, what: str, *, loose: bool = False, is_name: bool = False) -> str:
        """Return a single line of text, such as a name, a title, a path or a pattern; empty when it is not valid.

        Line breaks and tabs are errors. With *loose*, a number, a date or null is taken as written. With *is_name*, a
        valid value is a single word.
        """
        text = self._text(node, what, loose=loose)
        if isinstance(node, CutScalar) and (" " in text or (text and not is_name and node.comment[1:2].isdigit())):
            # After a single word, such as a status, a '#' most likely begins a comment.
            self._report_cut(node, what)
        if text.isascii() and text.isprintable():
            return text
        if fault := _fault(text):
            self.report(Kind.INVALID_VALUE, f"{what} {fault}", node)
            return ""
        return self._visible(node, text, what)

    def check_path(self, node: Node, path: str, what: str) -> None:
        """Report a path that is not portable."""
        if fault := path_fault(path):
            self.report(Kind.INVALID_VALUE, f"{what} is {shown(path)}: {fault}", node)

    def prose(self, node: Node, what: str, *, loose: bool = False) -> str:
        """Return a text, with blanks for its line breaks; empty when it is not valid."""
        text = self._whole_text(node, what, loose=loose)
        return text if text.isascii() and text.isprintable() else folded(self._visible(node, text, what))

    def lines(self, node: Node, what: str) -> str:
        """Return a text with its line breaks, without the last one; empty when it is not valid."""
        return "\n".join(self._visible(node, self._whole_text(node, what), what).splitlines())

    def filled(self, node: Node, what: str) -> str:
        """Return a required line of text; empty when a problem was reported. The caller checks its content."""
        text = self.line(node, what, is_name=True)
        if isinstance(node, Scalar) and node.kind == "str" and not node.text.strip():
            self.report(Kind.MISSING_FIELD, f"{what} is empty", node)
            return ""
        return text

    def words(self, node: Node, what: str) -> tuple[str, ...]:
        """Return a list of words, none of which has a comma; a single text with commas is taken for such a list."""
        if isinstance(node, Scalar) and node.kind == "bool":
            # In quotes, it would be a word that says nothing.
            self.report(Kind.WRONG_SHAPE, must_be(what, "a list of words", f"{node.text}: name them"), node)
            return ()
        texts = self.texts(node, what)
        if not isinstance(node, Scalar) or not texts:
            return texts
        if "," in node.text:
            parts, found = node.text.split(","), "a string with commas"
        elif _DASHES.fullmatch(node.text):
            parts, found = node.text.replace("-", " -").split(" -"), "a string with '-' and no space after it"
        else:
            return texts
        words = tuple(dict.fromkeys(word for part in parts if (word := part.strip())))
        items = [word if _PLAIN_ITEM.fullmatch(word) else f'"{word}"' for word in words]
        advice = f"write [{unquoted(', '.join(items))}]" if items else "remove the line"
        self.report(Kind.TEXT_FOR_LIST, must_be(what, "a list", f"{found}, which is read as a list: {advice}"), node)
        return words

    def texts(self, node: Node, what: str) -> tuple[str, ...]:
        """Return a list of lines; a single line is a list of one."""
        if isinstance(node, Scalar):
            text = self.line(node, what, is_name=True)
            return (text,) if text else ()
        texts = (self.line(item, f"an item of {what}", is_name=True) for item in self.items(node, what))
        return tuple(dict.fromkeys(text for text in texts if text))

    def written(self, node: Node, what: str) -> str:
        """Return the value of a custom field on one line, close to its YAML source."""
        if isinstance(node, Scalar):
            return self.prose(node, what, loose=True)
        if isinstance(node, Sequence):
            return ", ".join(self.written(item, what) for item in node.items)
        return ", ".join(f"{self.written(key, what)}: {self.written(value, what)}" for key, value in node.pairs)

    def _whole_text(self, node: Node, what: str, *, loose: bool = False) -> str:
        """Return a text as :meth:`_text` does; warn if a comment looks like the rest of the text."""
        text = self._text(node, what, loose=loose)
        if text and isinstance(node, CutScalar):
            self._report_cut(node, what)
        return text

    def _report_cut(self, node: CutScalar, what: str) -> None:
        message = (
            f"{what} ends here, since YAML reads {shown(node.comment)} as a comment: put the text in quotes, or a "
            "space after the '#'"
        )
        self.report(Kind.TEXT_CUT, message, Location(self.path, *node.comment_place))

    def _text(self, node: Node, what: str, *, loose: bool = False) -> str:
        """Return a text as it is; empty when it is none, or has control characters that are no line breaks."""
        if not isinstance(node, Scalar):
            self._wrong_shape(node, what, "a string", _quotes_hint(node))
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
        """Return a text; warn of invisible characters in it."""
        if not text.isascii() and (found := dict.fromkeys(_INVISIBLE.findall(text))):
            named = ", ".join(f"U+{ord(character):04X}" for character in list(found)[:3])
            message = f"{what} has characters that are invisible or that change the direction of the text: {named}"
            self.report(Kind.INVISIBLE_CHARACTERS, message, node)
        return text

    # -- other values -----------------------------------------------------------------

    def flag(self, node: Node, what: str) -> bool:
        """Return a boolean; False when the value is not valid."""
        if isinstance(node, Scalar) and node.kind == "bool":
            value = node.text.lower()
            is_true = value in {"true", "yes", "on"}
            if value not in {"true", "false"}:
                # https://yaml.org/spec/1.2.2/#1032-tag-resolution
                message = f"{what} is {node.text}, which YAML 1.2 reads as a string: write {str(is_true).lower()}"
                self.report(Kind.YAML_1_1_BOOLEAN, message, node)
            return is_true
        self._wrong_shape(node, what, "true or false")
        return False

    def suggestion(self, word: str, known: Collection[str], limit: int = 3) -> str:
        """Return the end of a message with similar words; empty when the budget is used up."""
        return self._suggestions.did_you_mean(word, known, limit)

    def other_fields(
        self, entries: dict[str, Entry], known: Collection[str], what: str, hint: Callable[[str], str] | None = None
    ) -> tuple[tuple[str, str], ...]:
        """Return the custom and unknown fields, each on one line; warn of unknown fields without ``x-``.

        *hint* takes an unknown field and returns the end of the message; by default, similar known names. Problems
        with values are reported in any case.
        """
        found = []
        for name, (key, value) in entries.items():
            if name in known:
                continue
            if not name.startswith("x-"):
                end = (hint(name) if hint else "") or self.suggestion(name, known)
                message = f"unknown field {escaped(name)} in {what}{end}"
                self.report(Kind.UNKNOWN_FIELD, message, key)
            found.append((name, self.written(value, f"{escaped(name)} of {what}")))
        return tuple(found)

    @staticmethod
    def describe(node: Node) -> str:
        """Return a description of a value for a message."""
        if isinstance(node, Scalar) and node.kind == "str":
            return f"the string {shown(node.text)}"
        return shape(node)

    @staticmethod
    def _misread(scalar: Scalar) -> str:
        read_as = _READ_AS.get(scalar.kind, scalar.kind)
        if not scalar.text and isinstance(scalar, CutScalar):
            return f"is empty, since YAML reads {shown(scalar.comment)} as a comment: put it in quotes"
        if not scalar.text:
            return "must be a string; found nothing: write one, or remove the line"
        written = (
            scalar.text if scalar.text.isprintable() and len(scalar.text) <= SHOWN_LENGTH else shown(scalar.text)
        )
        return f"must be a string; YAML reads {written} as {read_as}: put it in quotes"


def _quotes_hint(node: Node) -> str:
    """Return a hint when the author meant a text, and it begins or continues like another type."""
    if isinstance(node, Mapping):
        # A block mapping begins at its first key.
        offset = node.pairs[0][0].column - node.column if node.pairs else 1
        if offset == 1:
            return f": {BEGINNING.format('{')}"
        if not offset and len(node.pairs) == 1 and node.line == node.pairs[0][1].line:
            return f": {COLON}"
    if isinstance(node, Sequence) and node.items and node.items[0].column == node.column + 1:
        one = ": write only one of its items; " if len(node.items) > 1 else ": "
        return f"{one}{BEGINNING.format('[')}"
    return ""


def _fault(text: str) -> str:
    """Return why a text is not valid as a name or a line; an empty text when it is."""
    if text.isprintable():
        return ""
    if control := _CONTROL.search(text):
        return _has_control(control[0])
    if found := _BREAK.search(text):
        if found[0] == "\t":
            return "contains a tab (U+0009): write spaces"
        if found[0] == "\n" and found.end() == len(text):
            return "ends with a line break (U+000A): begin its block with '>-', or write it on one line"
        return f"contains a line break (U+{ord(found[0]):04X}): write it on one line"
    return ""


def _has_control(character: str) -> str:
    return f"contains the control character U+{ord(character):04X}: remove it"
