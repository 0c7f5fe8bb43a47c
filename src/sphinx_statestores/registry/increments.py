"""What of a registry file need not be parsed again: the entries whose text is that of the registry that is kept.

An entry of ``x-state-stores`` is cut out of the text by its lines alone, which is quick and may be wrong: a line
that looks like the beginning of an entry may stand in a quoted text. So nothing here is believed before the parser
has said the same. The entries that are kept become comments and the rest is parsed. Where that shows an entry at each
line at which something was cut, what is between has been cut well, too. Else the file is parsed wholly.

Why a text that is equal stands for an equal store: at the key of an entry, the parser of a block mapping knows
nothing but its indentation, which is part of the text
(https://yaml.org/spec/1.2.2/#82-block-collection-styles). An entry ends before the next line that is indented no
further, whatever that line holds. What could reach beyond that is left to the parser: anchors, aliases, merge keys
and tags anywhere in the file; and in an entry comments to this program, tabs, and keys that begin with ``?``, whose
empty values stand where the next entry does.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from functools import cached_property
from hashlib import blake2b
from itertools import groupby, islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry import reader
from sphinx_statestores.registry.places import NOWHERE
from sphinx_statestores.registry.problems import Problem
from sphinx_statestores.registry.reader import Scalar, parser_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sphinx_statestores.registry.backends import Backend
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.reader import Document
    from sphinx_statestores.registry.source import SourceText

#: Digest of the text of an entry -> position of its store in :attr:`Registry.stores`.
Table = dict[bytes, int]

_DIGEST_SIZE = 16
# The first line that is neither empty nor a comment. No more than one line is matched: to match them all and then to
# undo it would take memory for each of them.
_FIRST_LINE = re.compile(r"^( *+)(?=[^ #\r\n])", re.MULTILINE)
_ENTRY_START = re.compile(r"[A-Za-z0-9]")
_SECTION_END = re.compile(r"\n(?=[^ #\r\n])")
#: What an entry must not hold to be taken for its store.
_UNSURE = ("statestores:", "\t", "?")
_NAME = re.compile(r" +[A-Za-z0-9][A-Za-z0-9._-]*:(?=[ \r\n]|\Z)")
# The value of such a key, when it has none, stands where the next key is.
_EXPLICIT_KEY = re.compile(r"^[ \t?:-]*\?(?=\s|\Z)", re.MULTILINE)
#: Files that are divided into more entries are parsed wholly: to remember each entry takes memory.
_ENTRY_LIMIT = 500_000


class Kept(NamedTuple):
    """A registry that was read, and of which texts its stores were made."""

    registry: Registry
    #: By the path of their file, those of one file each.
    tables: dict[str, Table]
    #: Parsers differ in little, but do: https://pyyaml.org/wiki/PyYAMLDocumentation
    parser: str


class Layout(NamedTuple):
    """How the section of the stores is divided, from the looks of it.

    A *chunk* is those lines that are, from the looks of them, one entry.
    """

    #: Of the section's name, from 1.
    line: int
    #: In which the entries begin, from 1.
    column: int
    #: The line behind the section, from 1; 0 when nothing is behind it.
    end_line: int
    #: Where the chunks begin, and where the last one ends.
    bounds: tuple[int, ...]
    #: The lines in which the chunks begin, from 1, and the line behind the last one.
    lines: tuple[int, ...]
    #: Of the texts of the chunks; empty where others have the same text.
    digests: tuple[bytes, ...]


class Plan(NamedTuple):
    """What of a text is parsed."""

    #: The text with a comment in place of each line that is not parsed.
    text: str
    #: The stores that are not parsed, in their order in the file, each at its place there.
    stores: tuple[Store, ...]
    #: The lines at which entries must begin, lest the text is divided otherwise than it looks.
    first_lines: tuple[int, ...]


class Uncertain(Exception):  # noqa: N818 - control flow, never seen outside of a load
    """Only reading all of it shows what a registry is."""


class Increments:
    """What one load takes from a registry that is kept, and what it keeps for the next one.

    Nothing when there are no *sources* to cut.
    """

    def __init__(self, section: str, sources: Iterable[SourceText | Problem] = (), kept: Kept | None = None) -> None:
        self._section = section
        paths = Counter(source.path for source in sources if not isinstance(source, Problem))
        # Places could not tell one file from the other.
        self._paths = {path for path, times in paths.items() if times == 1}
        self._before = kept if kept and kept.parser == parser_name() else None
        self._plans: dict[str, Plan] = {}
        #: Path -> what it takes to know which entries can be kept.
        self._divided: dict[str, tuple[str, Layout, frozenset[int]]] = {}
        #: Path -> line -> the name of the store whose entry begins there.
        self._sound: dict[str, dict[int, str]] = {}

    def text_of(self, source: SourceText) -> str:
        """Return what is to be parsed of a file."""
        if source.path not in self._paths or (layout := divide(source.text, self._section)) is None:
            return source.text
        self._divided[source.path] = (source.text, layout, frozenset())
        plan = None
        if self._before and _values_at_most(source.text) <= reader.VALUE_LIMIT:
            plan = _plan(source.text, layout, self._before, source.path)
        if plan is None:
            return source.text
        self._plans[source.path] = plan
        self._sound[source.path] = {store.places.line: store.name for store in plan.stores}
        return plan.text

    def compare(self, source: SourceText, document: Document | None) -> None:
        """Compare a file with what the parser has made of it. Raises :exc:`Uncertain`."""
        if source.path not in self._divided:
            return
        text, layout, _ = self._divided.pop(source.path)
        lines = None if document is None else _lines_of_entries(document, layout)
        plan = self._plans.get(source.path)
        if plan is not None:
            if lines is None or not lines.issuperset(plan.first_lines) or _EXPLICIT_KEY.search(plan.text):
                raise Uncertain
            lines |= self._sound[source.path].keys()
        if lines is not None:
            self._divided[source.path] = (text, layout, lines)

    def check_backends(self, backends: Mapping[str, Backend]) -> None:
        """Compare the backends of a registry with those by which stores that are kept were read."""
        if (
            self._before
            and self._plans
            and _without_places(backends) != _without_places(self._before.registry.backends)
        ):
            raise Uncertain

    def check_name(self, name: str) -> None:
        """Compare the name of an entry with those of the stores that are kept: which one stands is not seen here."""
        if name in self._names:
            raise Uncertain

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(store.name for plan in self._plans.values() for store in plan.stores)

    def stores_of(self, path: str) -> tuple[Store, ...]:
        """Return the stores of a file that are kept, in their order there."""
        return self._plans[path].stores if path in self._plans else ()

    def add_sound(self, store: Store) -> None:
        """Take note of a store that was read, and of which nothing was reported."""
        self._sound.setdefault(store.places.path, {})[store.places.line] = store.name

    def kept(self, registry: Registry) -> Kept:
        """Return what the next load can take from this one."""
        positions = {store.name: position for position, store in enumerate(registry.stores)}
        tables = {}
        for path, (text, layout, lines) in self._divided.items():
            sound = {line: positions[name] for line, name in self._sound.get(path, {}).items()}
            tables[path] = _table(text, layout, lines, sound)
        return Kept(registry, tables, parser_name())


def _values_at_most(text: str) -> int:
    """Return a number of values that a text does not exceed. What is not parsed could not be counted."""
    # Each value is that of a sign, of the beginning of a line, or of a part of a long text; some signs begin several.
    weights = {"[": 3, "{": 3, "?": 3, ",": 2, "-": 2, "\n": 2, ":": 1}
    if len(text) < reader.VALUE_LIMIT // 2:
        return len(text)
    return len(text) // 128 + sum(weight * text.count(sign) for sign, weight in weights.items())


def _without_places(backends: Mapping[str, Backend]) -> dict[str, Backend]:
    return {key: backend._replace(places=NOWHERE) for key, backend in backends.items()}


def divide(text: str, section: str) -> Layout | None:
    """Divide a file at the entries of a section, by its looks; None when that is not to be seen."""
    header = re.compile(rf"^{section}:[ ]*(?:(?<= )#.*)?\r?$", re.MULTILINE)
    places = (place for place in _found(text, f"{section}:") if header.match(text, place))
    place, second = next(places, None), next(places, None)
    if place is None or second is not None:
        return None
    name_end = text.find("\n", place)
    first = _FIRST_LINE.search(text, name_end + 1) if name_end >= 0 else None
    if first is None or not first[1] or not _ENTRY_START.match(text, first.end()):
        return None
    behind = _SECTION_END.search(text, first.start())
    end = behind.end() if behind else len(text)
    indent = len(first[1])
    beginning = re.compile(rf"^ {{{indent}}}(?=[^ #\r\n])", re.MULTILINE)
    begins = [found.start() for found in islice(beginning.finditer(text, first.start(), end), _ENTRY_LIMIT + 1)]
    if len(begins) > _ENTRY_LIMIT:
        return None
    bounds = [*begins, end]
    lines = [text.count("\n", 0, begins[0]) + 1]
    digests: list[bytes] = []
    for begin, stop in pairwise(bounds):
        digests.append(blake2b(text[begin:stop].encode("utf-8", "surrogatepass"), digest_size=_DIGEST_SIZE).digest())
        lines.append(lines[-1] + text.count("\n", begin, stop))
    repeated = {digest for digest, times in Counter(digests).items() if times > 1}
    return Layout(
        text.count("\n", 0, place) + 1,
        indent + 1,
        lines[-1] if behind else 0,
        tuple(bounds),
        tuple(lines),
        tuple(b"" if digest in repeated else digest for digest in digests) if repeated else tuple(digests),
    )


def _plan(text: str, layout: Layout, kept: Kept, path: str) -> Plan | None:
    """Say what of a file is to be parsed when a registry is kept; None for all of it."""
    table = kept.tables.get(path, {})
    positions = [table.get(digest) for digest in layout.digests]
    known = kept.registry.stores
    stores = tuple(
        known[position].moved(line - known[position].places.line)
        for position, line in zip(positions, layout.lines, strict=False)
        if position is not None
    )
    if not stores:
        return None
    pieces = [text[: layout.bounds[0]]]
    first_lines: list[int] = []
    first = 0
    for is_parsed, run in groupby(positions, lambda position: position is None):
        last = first + len(list(run))
        if is_parsed:
            first_lines.append(layout.lines[first])
            pieces.append(text[layout.bounds[first] : layout.bounds[last]])
        else:
            # Comments, since they end a block of text, to which empty lines may belong.
            pieces.append("#\n" * (layout.lines[last] - layout.lines[first]))
        first = last
    pieces.append(text[layout.bounds[-1] :])
    return Plan("".join(pieces), stores, tuple(first_lines))


def _lines_of_entries(document: Document, layout: Layout) -> frozenset[int] | None:
    """Return the lines at which the entries of the section begin; None when it is not what its text looks like."""
    root = document.root
    if not document.is_plain or not isinstance(root, reader.Mapping) or not _is_block(root, 1):
        return None
    places = [(key.line, key.column) for key, _ in root.pairs]
    # In a block mapping, which begins where its first key does, each line at the margin begins a key.
    if (layout.line, 1) not in places:
        return None
    position = places.index((layout.line, 1))
    key, value = root.pairs[position]
    names = [other.text for other, _ in root.pairs if isinstance(other, Scalar)]
    if not isinstance(key, Scalar) or names.count(key.text) > 1:
        return None
    if places[position + 1 :][:1] != ([(layout.end_line, 1)] if layout.end_line else []):
        return None
    if isinstance(value, Scalar):
        return frozenset() if value.kind == "null" and not value.text else None
    if not isinstance(value, reader.Mapping) or not _is_block(value, layout.column):
        return None
    lines = [key.line for key, _ in value.pairs if isinstance(key, Scalar) and key.column == layout.column]
    if len(lines) != len(value.pairs) or any(one >= other for one, other in pairwise(lines)):
        return None
    return frozenset(lines)


def _is_block(mapping: reader.Mapping, column: int) -> bool:
    """Return whether a mapping is written in lines, without brackets: it begins where its first key does."""
    if mapping.column != column or not mapping.pairs:
        return False
    key = mapping.pairs[0][0]
    return (key.line, key.column) == (mapping.line, mapping.column)


def _table(text: str, layout: Layout, lines: frozenset[int], sound: Mapping[int, int]) -> Table:
    """Return which stores of a registry need not be parsed again while their text stays.

    *lines* are those at which entries begin, and *sound* has of those of which nothing was reported the position of
    the store in the registry.
    """
    unsure = _unsure(text, layout.bounds)
    table: Table = {}
    followers = [*layout.lines[1:-1], 0]
    for number, (line, follower, digest) in enumerate(zip(layout.lines, followers, layout.digests, strict=False)):
        position = sound.get(line)
        if (
            position is not None
            and line in lines
            and (follower in lines or not follower)
            and digest
            and number not in unsure
            and _NAME.match(text, layout.bounds[number])
        ):
            table[digest] = position
    return table


def _unsure(text: str, bounds: Sequence[int]) -> set[int]:
    """Return the positions of chunks that hold what may reach beyond them."""
    found: set[int] = set()
    for fragment in _UNSURE:
        place = text.find(fragment, bounds[0], bounds[-1])
        while place >= 0:
            number = bisect_right(bounds, place) - 1
            found.add(number)
            # However many there are in it, a chunk is looked at once.
            place = text.find(fragment, bounds[number + 1], bounds[-1])
    return found


def _found(text: str, fragment: str) -> Iterator[int]:
    place = text.find(fragment)
    while place >= 0:
        yield place
        place = text.find(fragment, place + 1)
