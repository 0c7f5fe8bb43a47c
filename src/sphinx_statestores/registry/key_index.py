"""Stores -> the patterns of their keys and tables; a key -> the stores that it may belong to, likely ones first."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.layout import KEY_PATTERNS, WILDCARD, ResolvedLayout, filled
from sphinx_statestores.registry.phrases import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sphinx_statestores.registry.layout import Layout
    from sphinx_statestores.registry.model import Key, Registry, Store

#: What a pattern of a store's ``keys`` has where keys differ: ``{id}``, ``<id>`` or ``*``.
VARIABLE = re.compile(r"\{[^{}]*\}|<[^<>]*>|\*")
_REMOVED = "removed"


class Pattern(NamedTuple):
    """A pattern of the keys of a store, or the name of its table or index."""

    #: The texts between the wildcards. One text alone is a whole key or name.
    parts: tuple[str, ...]
    #: ``keys``, ``locks``, ``index`` or ``table``.
    what: str = "keys"
    #: The item of the store's ``keys`` that the pattern is made of; None for a pattern of the whole store.
    key: Key | None = None

    @property
    def start(self) -> str:
        """The text that all keys begin with."""
        return self.parts[0]

    @property
    def is_of_keys(self) -> bool:
        """Whether it is a pattern of keys, and no name of a table or index."""
        return self.what in KEY_PATTERNS

    @property
    def is_prefix(self) -> bool:
        """Whether all keys that begin with :attr:`start` match."""
        return len(self.parts) > 1 and not any(self.parts[1:])

    @property
    def text(self) -> str:
        """The pattern as people write it: ``auth:*``."""
        return WILDCARD.join(self.parts)

    def matches(self, key: str) -> bool:
        """Return whether a key has the texts between the wildcards, in this order."""
        first, *others = self.parts
        if not others:
            return key == first
        if not key.startswith(first):
            return False
        position = len(first)
        for part in others[:-1]:
            found = key.find(part, position)
            if found < 0:
                return False
            position = found + len(part)
        return len(key) - len(others[-1]) >= position and key.endswith(others[-1])


class Match(NamedTuple):
    """A store that a key may belong to."""

    store: Store
    pattern: Pattern


#: The title of :func:`physical_table`.
PHYSICAL_TABLE = gettext_noop("Physical Table")


class Place(NamedTuple):
    """Where the data of one store lie."""

    patterns: tuple[Pattern, ...]
    #: The table, or an empty text.
    table: str
    #: The column that tells the stores of the table apart, and the value of this one; both empty for an own table.
    column: str
    value: str
    #: The name of the search index; may be empty.
    search: str


def template_values(store: Store, registry: Registry) -> dict[str, str]:
    """Return the values of the fields of templates for a store. Its name is that in its own registry."""
    name = store.resolved.name if store.resolved else store.name
    return {
        "name": name,
        "prefix": store.prefix,
        "table": registry.table_of(store),
        "service": store.service,
        "snake": name.replace("-", "_"),
    }


def place_of(store: Store, registry: Registry) -> Place:
    """Take a store; return where its data lie. A template whose field the store has no value for is left out.

    The patterns of the whole store come first, those of its ``keys`` last. A pattern that begins with a wildcard is
    left out: nothing can be found by it.
    """
    _, keys, locks, search, table, column, value = resolved_layout(store, registry)
    own = [Pattern(parts) for parts in keys]
    # Not behind the locks: these are no place for the other keys of the store.
    described = [pattern for key in store.keys for general in own for pattern in _of_key(key, general)]
    own += [Pattern(locks, "locks")] if locks else ()
    own += [Pattern((name,), what) for name, what in ((search, "index"), (table, "table")) if name]
    return Place((*own, *described), table, column, value, search)


def location_in_table(store: Store, registry: Registry) -> tuple[str, str, str]:
    """Take a store; return its table, and the column and value that tell it apart there; empty for none."""
    backend = registry.backends.get(store.backend)
    # Most stores have no layout.
    if store.resolved is None and not any(store.physical) and (backend is None or not any(backend.layout)):
        return registry.table_of(store), "", ""
    resolved = resolved_layout(store, registry)
    return resolved.table, resolved.column, resolved.value


def physical_table(store: Store, registry: Registry) -> tuple[str, str]:
    """Take a store; return the table that has its data, and what tells it apart there, such as ``store = order``.

    Both are empty for a store that has the table of its field ``table`` to itself.
    """
    table, column, value = location_in_table(store, registry)
    if (table, column) == (registry.table_of(store), ""):
        return "", ""
    return table, f"{column} = {value}" if column else ""


def resolved_layout(store: Store, registry: Registry) -> ResolvedLayout:
    """Take a store; return its layout with all fields filled in, which stays the same in another registry."""
    if store.resolved is not None:
        return store.resolved
    values = template_values(store, registry)
    layout = _layout(store, registry)
    keys = tuple(parts for template in layout.keys if (parts := _parts(template, values)))
    search = (layout.search and filled(layout.search, values)) or ""
    table = (layout.table and filled(layout.table, values)) or values["table"]
    column = (table and layout.column and filled(layout.column, values)) or ""
    value = (column and filled(layout.value or "{name}", values)) or ""
    return ResolvedLayout(
        store.name,
        keys,
        _parts(layout.locks, values) if layout.locks else (),
        search,
        table,
        column if value else "",
        value,
    )


def _layout(store: Store, registry: Registry) -> Layout:
    """Return the templates of a store: its own, those of its backend, and the default ones, of keys alone."""
    backend = registry.backends.get(store.backend)
    if backend is None:
        return store.physical
    layout = store.physical.over(backend.layout)
    if any(layout):
        layout = layout.without(backend.foreign_parts)
    if not layout.keys and "prefix" not in backend.foreign_fields:
        layout = layout._replace(keys=(f"{{prefix}}{backend.separator}{WILDCARD}",))
    if layout.search and not (store.enable_search or store.physical.search):
        layout = layout._replace(search="")
    return layout


def _parts(template: str, values: dict[str, str]) -> tuple[str, ...]:
    """Return the texts between the wildcards of a template; none if it has no value for a field or no start."""
    # Divided first: an asterisk in a value is no wildcard.
    parts = [filled(part, values) for part in template.split(WILDCARD)]
    return tuple(part or "" for part in parts) if parts[0] and None not in parts else ()


def _of_key(key: Key, general: Pattern) -> Iterator[Pattern]:
    """Yield the pattern of an item of ``keys``, which may be written with or without the prefix of the store."""
    if not general.is_prefix:
        return
    # The prefix is a text as it is, whatever signs it has.
    first, *others = VARIABLE.split(key.pattern.removeprefix(general.start))
    yield Pattern((f"{general.start}{first}", *others), general.what, key)


class KeyIndex:
    """Finds the stores of a key by the texts that their keys begin with.

    A search takes one look-up in a sorted list, and one comparison for each text there around the one that is found.
    """

    def __init__(self, registry: Registry) -> None:
        #: Start of keys -> the stores with it, the likely owner first.
        self._found: dict[str, list[Match]] = {}
        #: Backend -> the starts of keys and their stores, sorted.
        self._sorted: dict[str, list[tuple[str, str]]] = {}
        self._places: dict[str, Place] = {}
        #: Store -> start of keys -> the patterns of its ``keys`` with it, the most exact first.
        self._described: dict[str, dict[str, list[Pattern]]] = {}
        for store in registry.stores:
            place = self._places[store.name] = place_of(store, registry)
            for pattern in place.patterns:
                if pattern.start:
                    self._found.setdefault(pattern.start, []).append(Match(store, pattern))
                    if pattern.key is not None:
                        described = self._described.setdefault(store.name, {})
                        described.setdefault(pattern.start, []).append(pattern)
                if pattern.start and pattern.is_of_keys and pattern.key is None:
                    self._sorted.setdefault(store.backend, []).append((pattern.start, store.name))
        for matches in self._found.values():
            matches.sort(key=_precedence)
        for described in self._described.values():
            for patterns in described.values():
                patterns.sort(key=_exactness, reverse=True)
        for starts in self._sorted.values():
            starts.sort()
        self._ordered = sorted(self._found)
        #: Start of keys -> the longest other one that it begins with, or an empty text.
        self._around: dict[str, str] = {}
        around: list[str] = []
        for start in self._ordered:
            while around and not start.startswith(around[-1]):
                around.pop()
            self._around[start] = around[-1] if around else ""
            around.append(start)

    @property
    def starts(self) -> Collection[str]:
        """The texts that keys begin with; the whole names of tables and indices."""
        return self._found.keys()

    def likely(self, start: str) -> Match:
        """Take one of :attr:`starts`; return the store that most likely has it."""
        return self._found[start][0]

    def place(self, store: Store) -> Place:
        """Return where the data of a store of the registry lie."""
        return self._places[store.name]

    def matches(self, key: str) -> Iterator[Match]:
        """Yield the stores that a key may belong to, each once: those of the longest start first.

        Of equal starts, a whole key or name comes before a pattern, the pattern of a store before one of its
        ``keys``, and a store that is removed last; then they are in the order of their names.
        """
        seen: set[str] = set()
        for start in self._starts_of(key):
            for match in self._found[start]:
                if match.store.name not in seen and match.pattern.matches(key):
                    seen.add(match.store.name)
                    yield match

    def owners(self, key: str) -> tuple[Match, ...]:
        """Return the stores that own a key: the first match, and those that are as likely. Most keys have one."""
        found: list[Match] = []
        for match in self.matches(key):
            if found and _rank(match) != _rank(found[0]):
                break
            found.append(match)
        return tuple(found)

    def described(self, match: Match, key: str) -> Key | None:
        """Return the item of a store's ``keys`` that describes a key most exactly; None for no item."""
        pattern = self.described_by(match, key)
        return pattern and pattern.key

    def described_by(self, match: Match, key: str) -> Pattern | None:
        """Return the pattern of the item that :meth:`described` returns."""
        described = self._described.get(match.store.name, {})
        # No pattern of the store with a longer start matches.
        start = match.pattern.start if described else ""
        while start:
            for pattern in described.get(start, ()):
                if pattern.matches(key):
                    return pattern
            start = self._around[start]
        return None

    def _starts_of(self, key: str) -> Iterator[str]:
        """Yield the texts that a key begins with and that keys of stores may begin with, the longest first."""
        position = bisect_right(self._ordered, key)
        # Whatever is sorted between a beginning of the key and the key has this beginning as well.
        start = self._ordered[position - 1] if position else ""
        while start:
            if key.startswith(start):
                yield start
            start = self._around[start]

    def nested(self, store: Store, pattern: Pattern, limit: int) -> list[str]:
        """Return up to *limit* other stores of the same backend with keys that a scan for a pattern finds as well."""
        if not pattern.is_prefix or not pattern.is_of_keys:
            return []
        starts = self._sorted.get(store.backend, [])
        first = bisect_left(starts, (pattern.start, ""))
        return list(islice(_distinct(islice(starts, first, None), pattern.start, store.name), limit))


def _distinct(starts: Iterable[tuple[str, str]], start: str, own: str) -> Iterator[str]:
    seen = {own}
    for text, name in starts:
        if not text.startswith(start):
            return
        if name not in seen:
            seen.add(name)
            yield name


def _rank(match: Match) -> tuple[int, bool, bool, bool]:
    pattern = match.pattern
    return -len(pattern.start), len(pattern.parts) > 1, pattern.key is not None, match.store.status == _REMOVED


def _precedence(match: Match) -> tuple[object, ...]:
    return (*_rank(match), match.store.name)


def _exactness(pattern: Pattern) -> tuple[int, int]:
    return sum(map(len, pattern.parts)), -len(pattern.parts)
