"""YAML text -> values with line and column, built from the parser's events.

`yaml.load` does not fit: it discards lines, silently keeps the last of two equal keys, and its C implementation
overflows the interpreter's stack for deeply nested files. The events of ``yaml.parse``
(https://pyyaml.org/wiki/PyYAMLDocumentation) contain everything.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import yaml

from sphinx_statestores.registry.comments import Comment, possible_comments
from sphinx_statestores.registry.flow import Fault, Watch, find_fault, next_flow
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.syntax import BEGINNING, UNNAMED, Told, explain, layout_fault

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The maximum nesting depth. The format itself needs six levels.
DEPTH_LIMIT = 32
#: The maximum number of pairs that merge keys copy in one file. A source without pairs counts as one.
MERGE_LIMIT = 100_000
#: The maximum number of values in a file: without a limit, a large file could take gigabytes of memory.
VALUE_LIMIT = 4_000_000
#: The maximum number of comments for this program in a file.
COMMENT_LIMIT = 100_000

# An alias to a long text costs as much as aliases to many short ones, so each 128 characters count as one value.
_TEXT_SHIFT = 7
_TEXT_UNIT = 1 << _TEXT_SHIFT
# Characters that YAML parsers treat differently: as part of the text or not, as a line break or not
# (https://yaml.org/spec/1.2.2/#52-character-encodings and #54-line-break-characters).
_STRAY = re.compile("[\ufeff\x85\u2028\u2029]|\r(?!\n)")
_LINE_END = (
    "the line break U+{} is not understood by every program: end lines with LF, or write '\\{}' in double quotes"
)
_STRAY_MESSAGES = {
    "\ufeff": "a byte order mark is here, inside the file: remove it",
    "\r": "a carriage return is without a line feed: end lines with LF or CRLF, or write '\\r' in double quotes",
    "\x85": _LINE_END.format("0085", "N"),
    "\u2028": _LINE_END.format("2028", "L"),
    "\u2029": _LINE_END.format("2029", "P"),
}
# A line that may precede a document: a comment, or a directive that both parsers accept in the same way.
_HEAD_LINE = re.compile(r" *(?:#[^\r\n]*)?\r?\n|%(?:YAML +1\.[12](?: +(?:#[^\r\n]*)?)?|TAG [^\r\n]*)\r?\n")
# The beginning of a block scalar, with the node properties and comments before it.
_BLOCK_SIGN = re.compile(r"(?:(?:[&!]\S*|#[^\n]*)\s+){0,8}[|>][-+]?(?P<indent>[0-9]?)[-+]?")
_NOT_BLANK = re.compile(r"[^ \r\n]")
# A comment after a plain scalar without a blank after the '#': it may be meant as text. Not lines of punctuation, nor
# comments for this program.
_CUT = re.compile(r"[ \t]+(#(?![\s#=*~_!-]|statestores:)[^\r\n]*)")
# https://yaml.org/spec/1.2.2/#51-character-set
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: The maximum length of an anchor or a tag in a message.
_SHOWN_LENGTH = 60
#: The maximum length of a parser's message: it may quote words of any length.
_SAID_LENGTH = 100

#: libyaml if PyYAML was built with it; otherwise pure Python, which is slower and rejects more tabs.
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TOO_DEEP = f"nested deeper than {DEPTH_LIMIT} levels"
_CORE_TAG = "tag:yaml.org,2002:"
_CORE_KINDS = frozenset({"str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value"})
_SURROGATE = re.compile("[\ud800-\udfff]")
_RESOLVERS: dict[str | None, list[tuple[str, Any]]] = yaml.SafeLoader.yaml_implicit_resolvers


class Scalar(NamedTuple):
    """A scalar: a text, a number, a boolean or null, as written."""

    text: str
    #: The type that YAML 1.1 resolves it to: ``str``, ``int``, ``float``, ``bool``, ``null``, ``timestamp``.
    kind: str
    #: From 1.
    line: int
    #: From 1.
    column: int

    @property
    def size(self) -> int:
        """The number of values that it counts for; a long text counts for several."""
        return 1 + (len(self.text) >> _TEXT_SHIFT)

    @property
    def depth(self) -> int:
        """The number of nested levels."""
        return 0


class CutScalar(Scalar):
    """A plain scalar that ends at a ``#`` which the author may have meant as text: ``Moved (see #482)``."""

    #: The rest of the line, from the ``#``.
    comment: str
    #: Line and column of the ``#``, both from 1.
    comment_place: tuple[int, int]


class Sequence(NamedTuple):
    """A sequence."""

    items: tuple[Node, ...]
    line: int
    column: int
    #: The number of values inside, with aliases expanded.
    size: int
    #: The number of nested levels with this one, with aliases expanded.
    depth: int


class Mapping(NamedTuple):
    """A mapping with all pairs, including equal keys, which the caller checks."""

    pairs: tuple[tuple[Node, Node], ...]
    line: int
    column: int
    #: The number of values inside, with aliases expanded.
    size: int
    #: The number of nested levels with this one, with aliases expanded.
    depth: int


Node: TypeAlias = Scalar | Sequence | Mapping


class Document(NamedTuple):
    """The content of one file."""

    root: Node
    #: The number of values in the file, without expanding aliases; a long text counts for several.
    size: int
    #: The comments for this program, in file order.
    comments: tuple[Comment, ...]


class _Open:
    """A collection whose end event has not been read yet."""

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
        #: The word of the file that the message quotes.
        self.word = word


class _Misread(Exception):  # noqa: N818 - control flow inside this module, never seen outside
    """Text that the parsers read differently, or at which one of them fails before it emits an event for it."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class _Unquoted(_Misread):
    """A scalar that needs quotes."""


def parser_name() -> str:
    """Return the name of the YAML parser, with the version of PyYAML."""
    return f"{PARSER.__name__} {yaml.__version__}"


def read_document(text: str, path: str, *, may_quote: bool = True) -> tuple[Document | None, list[Problem]]:
    """Take YAML text; return its first document and all problems. *path* is the file's name in messages.

    The document is None when the text is empty or cannot be read to its end. Without *may_quote*, no message quotes
    the text. Uses no recursion and takes linear time.

    Documents and the presence of problems are the same with libyaml and with pure Python, with one exception: pure
    Python rejects tabs that YAML allows between tokens. The locations of empty values, and the location and text of a
    syntax error, may differ.
    """
    if fault := _stray_character(text) or _stray_directive(text):
        return None, [_at_offset(text, fault, path)]
    try:
        return _parse(text), []
    except (yaml.YAMLError, UnicodeEncodeError, _Refused, _Misread) as error:
        # One parser checks all characters first, the other as it reads them.
        if forbidden := _FORBIDDEN.search(text):
            message = f"the character U+{ord(forbidden[0]):04X} is not allowed in YAML"
            return None, [_at_offset(text, Fault(message, forbidden.start()), path)]
        if isinstance(error, _Misread):
            is_shown = may_quote or not isinstance(error, _Unquoted)
            fault = error.fault if is_shown else error.fault._replace(message=UNNAMED)
            return None, [_at_offset(text, fault, path)]
        if isinstance(error, _Refused):
            named = f": {error.word[:_SHOWN_LENGTH]!r}" if may_quote and error.word else ""
            return None, [Problem(error.kind, f"{error}{named}", Location(path, error.line, error.column))]
        return None, [_from_parser(error, text, path, may_quote=may_quote)]


def _stray_character(text: str) -> Fault | None:
    """Return the first character that YAML parsers treat differently; None when there is none."""
    # A quick check: the regular expression is slower, and nearly no file has such a character.
    if text.count("\r") == text.count("\r\n") and not any(break_ in text for break_ in "\ufeff\x85\u2028\u2029"):
        return None
    found = _STRAY.search(text)
    return Fault(_STRAY_MESSAGES[found[0]], found.start()) if found else None


def _stray_directive(text: str) -> Fault | None:
    """Return the first line before the document that begins with ``%`` and is no directive for both parsers."""
    if not text.startswith("%") and "\n%" not in text:
        return None
    place = 0
    while line := _HEAD_LINE.match(text, place):
        place = line.end()
    if not text.startswith("%", place):
        place = text.find("\n%", place) + 1
        if not place:
            return None
    message = (
        "a line that begins with '%' is a YAML directive, and this one is not supported: only '%YAML 1.1', '%YAML "
        "1.2' and '%TAG' are, at the start of a file"
    )
    return Fault(message, place)


def _parse(text: str) -> Document:
    comments = possible_comments(text, COMMENT_LIMIT + 1)
    if len(comments) > COMMENT_LIMIT:
        message = f"the file has more than {COMMENT_LIMIT:,} comments that begin with 'statestores:'"
        raise _Refused(Kind.NOT_YAML, message, comments[-1].line, comments[-1].column)
    parser = PARSER(text)
    try:
        return _Reader(text, comments).read(parser)
    finally:
        parser.dispose()


class _Reader:
    """Builds values from events. Open collections are on an explicit stack, not on the call stack."""

    def __init__(self, text: str, comments: list[Comment]) -> None:
        self._text = text
        self._comments = comments
        self._offsets = [comment.offset for comment in comments]
        #: Positions in the list of comments that are inside of scalars.
        self._in_texts: set[int] = set()
        self._open: list[_Open] = []
        #: The offset of the outermost open flow collection, and the number of collections around it.
        self._flow: tuple[int, int] | None = None
        self._watch = Watch(text)
        self._anchors: dict[str, Node] = {}
        self._pending_anchors: set[str] = set()
        #: Whether the file may contain a merge key: ``<<``, or any tagged scalar.
        self._may_merge = "<<" in text
        self._may_be_cut = _CUT.search(text) is not None
        #: The offset of the last outermost flow collection.
        self._flow_start = 0
        self._merged = 0
        self._root: Node | None = None
        self._size = 0

    def read(self, parser: Any) -> Document:
        get_event = parser.get_event
        scalar, ends = yaml.ScalarEvent, (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        documents = 0
        event: Any = None
        try:
            while True:
                event = get_event()
                event_type = type(event)
                if event_type is scalar:
                    if event.style:
                        self._pass_text(event)
                    self._add_scalar(event)
                elif event_type in ends:
                    self._close(event)
                elif event_type is yaml.MappingStartEvent or event_type is yaml.SequenceStartEvent:
                    self._begin(event, is_mapping=event_type is yaml.MappingStartEvent)
                elif event_type is yaml.AliasEvent:
                    self._alias(event)
                elif event_type is yaml.DocumentStartEvent:
                    documents += 1
                    if documents > 1:
                        raise _second_document(event.start_mark)
                elif event_type is yaml.StreamEndEvent:
                    break
        except _Refused:
            self._check_flow(event.end_mark.index, DEPTH_LIMIT)
            raise
        except yaml.YAMLError as error:
            self._check_unread(event.end_mark.index if event else 0, error)
            if fault := self._explain(event, error):
                raise _Unquoted(fault) from error
            if fault := layout_fault(self._text, _mark_of(error)):
                raise _Misread(fault) from error
            raise
        except (ValueError, OverflowError) as error:
            # Pure Python passes any escaped number to `chr`.
            message = "this escape sequence is not a valid character"
            line, column = getattr(parser, "line", -1), getattr(parser, "column", -1)
            raise _Refused(Kind.NOT_YAML, message, line + 1, column + 1) from error
        if self._root is None or (isinstance(self._root, Scalar) and self._root.kind == "null"):
            message = (
                "the file is empty: add a section such as 'x-state-stores', or delete the file, and remove it from "
                "the list of registries if one names it"
            )
            raise _Refused(Kind.EMPTY_FILE, message, 0, 0)
        comments = (comment for n, comment in enumerate(self._comments) if n not in self._in_texts)
        return Document(self._root, self._size, tuple(comments))

    def _check_unread(self, read: int, error: yaml.YAMLError) -> None:
        """Check the text that the parser read without an event before it failed. Raises :exc:`_Misread`."""
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        if mark is None:
            return
        end = mark.index + 1
        if self._flow is None and (start := next_flow(self._text, read, end)) is not None:
            self._flow = start, len(self._open)
        self._check_flow(end, DEPTH_LIMIT)

    def _explain(self, event: Any, error: yaml.YAMLError) -> Fault | None:
        """Return the fault when a scalar needs quotes; *event* is the last event before the error."""
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        if mark is None or event is None:
            return None
        begin, end, kind = event.start_mark.index, event.end_mark.index, ""
        if isinstance(event, yaml.ScalarEvent):
            kind = "quoted" if event.style in {"'", '"'} else "" if event.style else "plain"
        elif isinstance(event, yaml.AliasEvent):
            kind = "alias"
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)) and begin < end:
            begin, kind = self._flow_start, "flow"
        return explain(self._text, Told(begin, end, kind), self._flow[0] if self._flow else None, mark.index)

    def _check_flow(self, end: int, depth_limit: int) -> None:
        """Check the open flow collection, if any, up to *end*. Raises :exc:`_Misread`."""
        if self._flow is None:
            return
        start, around = self._flow
        if fault := find_fault(self._text, start, end, depth_limit - around, _TOO_DEEP):
            raise _Misread(fault)

    def _add_scalar(self, event: Any) -> None:
        # Like `_add` and `Scalar.size`, but inlined: nothing is called more often.
        mark = event.start_mark
        text: str = event.value
        if not text.isascii() and _SURROGATE.search(text):
            # Escaped: libyaml refuses the escape, pure Python makes one of it.
            message = "a lone surrogate is not a valid character"
            raise _Refused(Kind.NOT_YAML, message, mark.line + 1, mark.column + 1)
        if event.tag is not None:
            # "!" alone is a text, however it is spelt: https://yaml.org/spec/1.2.2/#3332-resolved-tags
            kind = "str" if event.tag == "!" else self._explicit_kind(event)
        elif event.implicit[0]:
            kind = plain_kind(text)
        else:
            kind = "str"
        node = Scalar(text, kind, mark.line + 1, mark.column + 1)
        if self._may_be_cut and not event.style and (kind == "str" or not text):
            node = self._cut(node, event.end_mark)
        size = 1 if len(text) < _TEXT_UNIT else node.size
        self._size = total = self._size + size
        if total > VALUE_LIMIT:
            raise _too_many(node)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        if self._open:
            parent = self._open[-1]
            parent.children.append(node)
            parent.size += size
        else:
            self._root = node

    def _cut(self, node: Scalar, end: Any) -> Scalar:
        """Return a plain scalar; a :class:`CutScalar` when a comment follows that looks like part of its text."""
        found = _CUT.match(self._text, end.index)
        if found is None:
            return node
        cut = CutScalar(*node)
        cut.comment = found[1]
        cut.comment_place = end.line + 1, end.column + 1 + found.start(1) - end.index
        return cut

    def _pass_text(self, event: Any) -> None:
        """Ignore comments and faults inside of a quoted or block scalar."""
        start, end = event.start_mark, event.end_mark
        if self._watch.suspect <= end.index:
            self._watch.skip(start.index, end.index)
        is_block = event.style in "|>"
        if is_block:
            self._check_block(start.index, end.index)
        if not self._comments:
            return
        # Only a comment may follow the header of a block scalar on its line.
        head_line = start.line + 1 if is_block else 0
        first, last = bisect_left(self._offsets, start.index), bisect_left(self._offsets, end.index)
        self._in_texts.update(n for n in range(first, last) if self._comments[n].line != head_line)

    def _check_block(self, start: int, end: int) -> None:
        """Check the beginning of a block scalar for syntax that only one parser accepts. Raises :exc:`_Misread`."""
        sign = _BLOCK_SIGN.match(self._text, start)
        if sign is None:
            return
        if self._text.startswith("#", sign.end()):
            message = "a comment is directly after the '|' or '>' of a block: put a space before its '#'"
            raise _Misread(Fault(message, sign.end()))
        first = _NOT_BLANK.search(self._text, self._text.find("\n", sign.end(), end), end)
        if first and first[0] == "\t" and not sign["indent"]:
            raise _Misread(
                Fault("a tab is before the first text of a block: indent the block with spaces", first.start())
            )

    def _explicit_kind(self, event: Any) -> str:
        self._may_merge = True
        tag: str = event.tag
        kind = tag.removeprefix(_CORE_TAG)
        if kind == tag or kind not in _CORE_KINDS:
            mark = event.start_mark
            shown = f"!!{kind}" if kind != tag else tag
            message = f"tags are not supported ({BEGINNING.format('!')})"
            raise _Refused(Kind.NOT_YAML, message, mark.line + 1, mark.column + 1, shown)
        return kind

    def _begin(self, event: Any, *, is_mapping: bool) -> None:
        mark = event.start_mark
        if event.tag is not None and event.tag != "!":
            self._explicit_kind(event)
        if event.flow_style and self._flow is None:
            self._flow = mark.index, len(self._open)
            self._flow_start = mark.index
            self._watch.begin(mark.index)
        if len(self._open) >= DEPTH_LIMIT:
            raise _Refused(Kind.NOT_YAML, _TOO_DEEP, mark.line + 1, mark.column + 1)
        if event.anchor is not None:
            self._pending_anchors.add(event.anchor)
        self._open.append(_Open(event.anchor, mark.line + 1, mark.column + 1, is_mapping=is_mapping))

    def _close(self, event: Any) -> None:
        top = self._open.pop()
        if self._flow is not None and len(self._open) == self._flow[1]:
            end = event.end_mark.index
            if self._watch.end(end):
                # The depth was checked from the events.
                self._check_flow(end, len(self._text))
            self._flow = None
        node: Node
        if top.is_mapping:
            pairs = tuple(zip(top.children[::2], top.children[1::2], strict=True))
            if self._may_merge and any(isinstance(key, Scalar) and key.kind == "merge" for key, _ in pairs):
                pairs = self._merge(pairs)
            node = Mapping(pairs, top.line, top.column, top.size, top.depth)
        else:
            node = Sequence(tuple(top.children), top.line, top.column, top.size, top.depth)
        if top.anchor is not None:
            self._pending_anchors.discard(top.anchor)
        self._add(node, top.anchor)

    def _add(self, node: Node, anchor: str | None) -> None:
        # The values inside of a collection have been counted already.
        self._size += 1
        if self._size > VALUE_LIMIT:
            raise _too_many(node)
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
        if event.anchor in self._pending_anchors:
            message = "an alias refers to the value that contains it"
            raise _Refused(Kind.NOT_YAML, message, mark.line + 1, mark.column + 1, f"*{event.anchor}")
        if event.anchor not in self._anchors:
            message = f"an alias has no anchor before it ({BEGINNING.format('*')})"
            raise _Refused(Kind.NOT_YAML, message, mark.line + 1, mark.column + 1, f"*{event.anchor}")
        node = self._anchors[event.anchor]
        if len(self._open) + node.depth > DEPTH_LIMIT:
            message = f"with its aliases expanded, this is nested deeper than {DEPTH_LIMIT} levels"
            raise _Refused(Kind.NOT_YAML, message, mark.line + 1, mark.column + 1)
        self._size += 1
        if self._size > VALUE_LIMIT:
            raise _too_many(node._replace(line=mark.line + 1, column=mark.column + 1))
        self._place(node)

    def _merge(self, pairs: Iterable[tuple[Node, Node]]) -> tuple[tuple[Node, Node], ...]:
        """Apply merge keys (https://yaml.org/type/merge.html): the mapping's own keys win, then earlier sources."""
        own = [pair for pair in pairs if not (isinstance(pair[0], Scalar) and pair[0].kind == "merge")]
        present = {key.text for key, _ in own if isinstance(key, Scalar)}
        for key, value in pairs:
            if not (isinstance(key, Scalar) and key.kind == "merge"):
                continue
            for source in value.items if isinstance(value, Sequence) else (value,):
                if not isinstance(source, Mapping):
                    message = "the value of the merge key '<<' must be a mapping or a list of mappings"
                    raise _Refused(Kind.NOT_YAML, message, key.line, key.column)
                # A source without pairs costs time, too.
                self._merged += len(source.pairs) or 1
                if self._merged > MERGE_LIMIT:
                    message = f"the merge keys of this file copy more than {MERGE_LIMIT:,} pairs"
                    raise _Refused(Kind.NOT_YAML, message, key.line, key.column)
                for merged in source.pairs:
                    name = merged[0]
                    if isinstance(name, Scalar) and name.text not in present:
                        present.add(name.text)
                        own.append(merged)
        return tuple(own)


def _second_document(mark: Any) -> _Refused:
    message = (
        "a second document begins here, but a registry file has only one: remove this line, or move the document "
        "to a file of its own"
    )
    return _Refused(Kind.WRONG_SHAPE, message, mark.line + 1, mark.column + 1)


def _too_many(last: Node) -> _Refused:
    message = f"the file has more than {VALUE_LIMIT:,} values"
    return _Refused(Kind.NOT_YAML, message, last.line, last.column)


def plain_kind(text: str) -> str:
    """Resolve an unquoted scalar as YAML 1.1 does (https://yaml.org/spec/1.1/#id864510)."""
    resolvers = _RESOLVERS.get(text[:1])
    if resolvers is not None:
        for tag, pattern in resolvers:
            if pattern.match(text):
                return tag.removeprefix(_CORE_TAG)
    return "str"


def _mark_of(error: Exception) -> int | None:
    """Return where a parser has failed; None when it does not tell."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return None if mark is None else mark.index


def _from_parser(error: Exception, text: str, path: str, *, may_quote: bool) -> Problem:
    message = "not well-formed YAML"
    if may_quote:
        # Without the lines that PyYAML quotes; but its messages may quote a character or a tag, too.
        said = getattr(error, "problem", None) or "this is not well-formed YAML"
        context = getattr(error, "context", None)
        message += f": {said[:_SAID_LENGTH]}" + (f" ({context[:_SAID_LENGTH]})" if context else "")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(Kind.NOT_YAML, message, Location(path))
    if mark.line > text.count("\n"):
        # libyaml counts a line after the last one.
        return _at_offset(text, Fault(message, len(text)), path)
    return Problem(Kind.NOT_YAML, message, Location(path, mark.line + 1, mark.column + 1))


def _at_offset(text: str, fault: Fault, path: str) -> Problem:
    line = text.count("\n", 0, fault.offset) + 1
    column = fault.offset - text.rfind("\n", 0, fault.offset)
    return Problem(Kind.NOT_YAML, fault.message, Location(path, line, column))
