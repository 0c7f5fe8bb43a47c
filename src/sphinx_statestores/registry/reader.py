"""YAML text -> plain values that know their place, built from the parser's events.

`yaml.load` is of no use here: it forgets lines, keeps the last of two equal keys without a
word, and its C form overflows the stack of the interpreter when a file nests too deep. The
events of ``yaml.parse`` (https://pyyaml.org/wiki/PyYAMLDocumentation) show all of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Any, NamedTuple, TypeAlias

import yaml

from sphinx_statestores.registry.comments import Comment, possible_comments
from sphinx_statestores.registry.problems import Kind, Location, Problem

#: Deeper nesting than this is refused: the format itself needs six levels.
DEPTH_LIMIT = 32
#: How many pairs the merge keys of one file may copy.
MERGE_LIMIT = 100_000

# An alias to a long text costs as much as one to many short ones: each 128 characters count as a value.
_TEXT_SHIFT = 7
_TEXT_UNIT = 1 << _TEXT_SHIFT
_BYTE_ORDER_MARK = "\ufeff"
# https://yaml.org/spec/1.2.2/#51-character-set
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: So much of an anchor or a tag is shown.
_SHOWN_LENGTH = 60

#: libyaml where PyYAML was built with it; else pure Python, which is slower and stricter about tabs.
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_CORE_TAG = "tag:yaml.org,2002:"
_CORE_KINDS = frozenset({"str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value"})
_SURROGATE = re.compile("[\ud800-\udfff]")
_RESOLVERS: dict[str | None, list[tuple[str, Any]]] = yaml.SafeLoader.yaml_implicit_resolvers


class Scalar(NamedTuple):
    """A text, a number, a truth value or nothing, as it is written."""

    text: str
    #: How YAML 1.1 reads it: ``str``, ``int``, ``float``, ``bool``, ``null``, ``timestamp``.
    kind: str
    #: From 1.
    line: int
    #: From 1.
    column: int

    @property
    def size(self) -> int:
        """How many values this is; a long text counts for several."""
        return 1 + (len(self.text) >> _TEXT_SHIFT)

    @property
    def depth(self) -> int:
        """How many levels are inside."""
        return 0


class Sequence(NamedTuple):
    """A list."""

    items: tuple[Node, ...]
    line: int
    column: int
    #: How many values are inside when all aliases are followed.
    size: int
    #: How many levels are inside, this one included, when all aliases are followed.
    depth: int


class Mapping(NamedTuple):
    """A mapping. Equal keys are all kept; judging them is the caller's work."""

    pairs: tuple[tuple[Node, Node], ...]
    line: int
    column: int
    #: How many values are inside when all aliases are followed.
    size: int
    #: How many levels are inside, this one included, when all aliases are followed.
    depth: int


Node: TypeAlias = Scalar | Sequence | Mapping


class Document(NamedTuple):
    """The content of one file."""

    root: Node
    #: How many values are written in the file, aliases not followed; a long text counts for several.
    size: int
    #: The comments that speak to this program, in file order.
    comments: tuple[Comment, ...]
    #: Whether nothing in it reaches beyond its own lines: there are no anchors, aliases, merge keys and tags.
    is_plain: bool


class _Open:
    """A collection whose end has not been read yet."""

    __slots__ = ("anchor", "children", "column", "depth", "is_mapping", "line", "size")

    def __init__(self, anchor: str | None, line: int, column: int, *, is_mapping: bool) -> None:
        self.anchor = anchor
        self.is_mapping = is_mapping
        self.line = line
        self.column = column
        self.children: list[Node] = []
        self.size = 1
        self.depth = 1


class _Refused(Exception):  # noqa: N818 - control flow inside this module, never seen outside
    def __init__(self, kind: Kind, message: str, line: int, column: int, word: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.line = line
        self.column = column
        #: The word of the file that it is about.
        self.word = word


def parser_name() -> str:
    """Return which parser reads YAML here, with the version of PyYAML."""
    return f"{PARSER.__name__} {yaml.__version__}"


def read_document(text: str, path: str, *, may_quote: bool = True) -> tuple[Document | None, list[Problem]]:
    """Read the first document of *text*; *path* is what messages call its file.

    Returns nothing when the text is empty or cannot be read to its end, and every problem. Without
    *may_quote*, no message repeats a word of the text. Takes no recursion and time in proportion to
    the text, whatever it holds.

    Values, and whether there is a problem, are the same with libyaml and with pure Python but for two
    things: pure Python refuses a tab where YAML allows one between tokens, and a comment directly behind
    the ``|`` or ``>`` of a block. Where an empty value stands may differ, and where and in which words a
    syntax error is reported.
    """
    # The parsers disagree on what a mark inside the text is: https://yaml.org/spec/1.2.2/#52-character-encodings
    if _BYTE_ORDER_MARK in text:
        message = "a byte order mark stands here, inside the file"
        return None, [_at_character(text, text.index(_BYTE_ORDER_MARK), message, path)]
    try:
        return _parse(text), []
    except (yaml.YAMLError, UnicodeEncodeError, _Refused) as error:
        # One parser looks at all characters first, the other as it comes to them.
        if forbidden := _FORBIDDEN.search(text):
            message = f"the character U+{ord(forbidden[0]):04X} is not allowed in YAML"
            return None, [_at_character(text, forbidden.start(), message, path)]
        if isinstance(error, _Refused):
            named = f": {error.word[:_SHOWN_LENGTH]!r}" if may_quote and error.word else ""
            return None, [Problem(error.kind, f"{error}{named}", Location(path, error.line, error.column))]
        return None, [_from_parser(error, path, may_quote=may_quote)]


def _parse(text: str) -> Document:
    parser = PARSER(text)
    try:
        return _Reader(possible_comments(text)).read(parser)
    finally:
        parser.dispose()


class _Reader:
    """Turns events into values; keeps the collections that are open on a list, not on the call stack."""

    def __init__(self, comments: list[Comment]) -> None:
        self._comments = comments
        self._offsets = [comment.offset for comment in comments]
        #: Positions in the list of those that are none.
        self._in_texts: set[int] = set()
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._pending_anchors: set[str] = set()
        self._merged = 0
        self._root: Node | None = None
        self._size = 0
        self._is_plain = True

    def read(self, parser: Any) -> Document:
        get_event = parser.get_event
        documents = 0
        while True:
            event = get_event()
            event_type = type(event)
            if event_type is yaml.ScalarEvent:
                if self._comments and event.style:
                    self._drop_comments_in(event)
                self._add_scalar(self._scalar(event), event.anchor)
            elif event_type is yaml.MappingEndEvent or event_type is yaml.SequenceEndEvent:
                self._close()
            elif event_type is yaml.MappingStartEvent or event_type is yaml.SequenceStartEvent:
                self._begin(event, is_mapping=event_type is yaml.MappingStartEvent)
            elif event_type is yaml.AliasEvent:
                self._alias(event)
            elif event_type is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    mark = event.start_mark
                    message = "a second document begins here; a registry file holds one"
                    raise _Refused(Kind.WRONG_SHAPE, message, mark.line + 1, mark.column + 1)
            elif event_type is yaml.StreamEndEvent:
                break
        if self._root is None or (isinstance(self._root, Scalar) and self._root.kind == "null"):
            raise _Refused(Kind.EMPTY_FILE, "the file holds nothing", 0, 0)
        comments = (comment for n, comment in enumerate(self._comments) if n not in self._in_texts)
        return Document(self._root, self._size, tuple(comments), self._is_plain)

    def _scalar(self, event: Any) -> Scalar:
        mark = event.start_mark
        text: str = event.value
        if not text.isascii() and _SURROGATE.search(text):
            # Escaped: libyaml refuses the escape, pure Python makes one of it.
            message = "half of a surrogate pair is no character"
            raise _Refused(Kind.NOT_YAML, message, mark.line + 1, mark.column + 1)
        if event.tag is not None:
            self._is_plain = False
            # "!" alone is a text, however it is spelt: https://yaml.org/spec/1.2.2/#3332-resolved-tags
            kind = "str" if event.tag == "!" else self._explicit_kind(event)
        elif event.implicit[0]:
            kind = _plain_kind(text)
        else:
            kind = "str"
        return Scalar(text, kind, mark.line + 1, mark.column + 1)

    def _drop_comments_in(self, event: Any) -> None:
        """Forget what looks like a comment and is part of a quoted text or of a block (``|``, ``>``)."""
        start, end = event.start_mark, event.end_mark
        # Behind the sign that begins a block, there is room for a comment and for nothing else.
        head = start.line + 1 if event.style in "|>" else 0
        first, last = bisect_left(self._offsets, start.index), bisect_left(self._offsets, end.index)
        self._in_texts.update(n for n in range(first, last) if self._comments[n].line != head)

    @staticmethod
    def _explicit_kind(event: Any) -> str:
        tag: str = event.tag
        kind = tag.removeprefix(_CORE_TAG)
        if kind == tag or kind not in _CORE_KINDS:
            mark = event.start_mark
            shown = f"!!{kind}" if kind != tag else tag
            message = "a registry holds plain values only, and this tag asks for another"
            raise _Refused(Kind.NOT_YAML, message, mark.line + 1, mark.column + 1, shown)
        return kind

    def _begin(self, event: Any, *, is_mapping: bool) -> None:
        mark = event.start_mark
        if event.tag is not None:
            self._is_plain = False
            if event.tag != "!":
                self._explicit_kind(event)
        if len(self._open) >= DEPTH_LIMIT:
            message = f"nested deeper than {DEPTH_LIMIT} levels"
            raise _Refused(Kind.NOT_YAML, message, mark.line + 1, mark.column + 1)
        if event.anchor is not None:
            self._is_plain = False
            self._pending_anchors.add(event.anchor)
        self._open.append(_Open(event.anchor, mark.line + 1, mark.column + 1, is_mapping=is_mapping))

    def _close(self) -> None:
        top = self._open.pop()
        node: Node
        if top.is_mapping:
            pairs = list(zip(top.children[::2], top.children[1::2], strict=True))
            if any(isinstance(key, Scalar) and key.kind == "merge" for key, _ in pairs):
                pairs = self._merge(pairs)
            node = Mapping(tuple(pairs), top.line, top.column, top.size, top.depth)
        else:
            node = Sequence(tuple(top.children), top.line, top.column, top.size, top.depth)
        if top.anchor is not None:
            self._pending_anchors.discard(top.anchor)
        self._add(node, top.anchor)

    def _add_scalar(self, node: Scalar, anchor: str | None) -> None:
        # As `_add`, and `node.size`, in one step: nothing is called as often.
        size = 1 if len(node.text) < _TEXT_UNIT else node.size
        self._size += size
        if anchor is not None:
            self._is_plain = False
            self._anchors[anchor] = node
        if self._open:
            parent = self._open[-1]
            parent.children.append(node)
            parent.size += size
        else:
            self._root = node

    def _add(self, node: Node, anchor: str | None) -> None:
        # The values inside a collection have been counted one by one.
        self._size += 1
        if anchor is not None:
            self._anchors[anchor] = node
        self._place(node)

    def _place(self, node: Node) -> None:
        if self._open:
            parent = self._open[-1]
            parent.children.append(node)
            parent.size += node.size
            parent.depth = max(parent.depth, node.depth + 1)
        else:
            self._root = node

    def _alias(self, event: Any) -> None:
        mark = event.start_mark
        self._is_plain = False
        if event.anchor in self._pending_anchors:
            message = "an alias stands inside its own anchor"
            raise _Refused(Kind.NOT_YAML, message, mark.line + 1, mark.column + 1, f"*{event.anchor}")
        if event.anchor not in self._anchors:
            message = "an alias has no anchor before it"
            raise _Refused(Kind.NOT_YAML, message, mark.line + 1, mark.column + 1, f"*{event.anchor}")
        node = self._anchors[event.anchor]
        if len(self._open) + node.depth > DEPTH_LIMIT:
            message = f"with its aliases followed, this is nested deeper than {DEPTH_LIMIT} levels"
            raise _Refused(Kind.NOT_YAML, message, mark.line + 1, mark.column + 1)
        self._size += 1
        self._place(node)

    def _merge(self, pairs: list[tuple[Node, Node]]) -> list[tuple[Node, Node]]:
        """Apply merge keys (https://yaml.org/type/merge.html): own keys win, then earlier sources."""
        self._is_plain = False
        own = [pair for pair in pairs if not (isinstance(pair[0], Scalar) and pair[0].kind == "merge")]
        present = {key.text for key, _ in own if isinstance(key, Scalar)}
        for key, value in pairs:
            if not (isinstance(key, Scalar) and key.kind == "merge"):
                continue
            for source in value.items if isinstance(value, Sequence) else (value,):
                if not isinstance(source, Mapping):
                    message = "'<<' merges a mapping or a list of mappings"
                    raise _Refused(Kind.NOT_YAML, message, key.line, key.column)
                self._merged += len(source.pairs)
                if self._merged > MERGE_LIMIT:
                    message = f"the merge keys of this file copy more than {MERGE_LIMIT:,} pairs"
                    raise _Refused(Kind.NOT_YAML, message, key.line, key.column)
                for merged in source.pairs:
                    name = merged[0]
                    if isinstance(name, Scalar) and name.text not in present:
                        present.add(name.text)
                        own.append(merged)
        return own


def _plain_kind(text: str) -> str:
    """Resolve an unquoted scalar as YAML 1.1 does (https://yaml.org/spec/1.1/#id864510)."""
    resolvers = _RESOLVERS.get(text[:1])
    if resolvers is not None:
        for tag, pattern in resolvers:
            if pattern.match(text):
                return tag.removeprefix(_CORE_TAG)
    return "str"


def _from_parser(error: Exception, path: str, *, may_quote: bool) -> Problem:
    message = "not well-formed YAML"
    if may_quote:
        # Never the lines that PyYAML shows, but its sentences too may quote a character or a tag.
        said = getattr(error, "problem", None) or "this is not YAML"
        context = getattr(error, "context", None)
        message += f": {said}" + (f" ({context})" if context else "")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(Kind.NOT_YAML, message, Location(path))
    return Problem(Kind.NOT_YAML, message, Location(path, mark.line + 1, mark.column + 1))


def _at_character(text: str, position: int, message: str, path: str) -> Problem:
    line = text.count("\n", 0, position) + 1
    return Problem(Kind.NOT_YAML, message, Location(path, line, position - text.rfind("\n", 0, position)))
