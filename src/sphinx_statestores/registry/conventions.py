"""Naming conventions and stores -> the convention that each store follows."""

from __future__ import annotations

import re
from functools import cached_property
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.naming import kebab_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sphinx_statestores.registry.model import Convention, Registry, Store


#: The maximum number of ``{feature}`` fields in a pattern.
FEATURE_LIMIT = 2

_SERVICE, _FEATURE = "{service}", "{feature}"
_SERVICE_BACKWARDS = _SERVICE[::-1]
_WORDS = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
#: The maximum length of a store's name.
_NAME_LENGTH = 128
#: The maximum number of patterns that are compared with one name, after the index narrowed them. Far more than people
#: write.
COMPARED = 20
#: Up to this number of patterns, comparing all of them is as fast as using the index.
_FEW = 8
#: The maximum length of a pattern in a message.
_SHOWN_LENGTH = 200

#: The dictionary key for patterns that apply to all backends.
_ANY_BACKEND = ""


class Adherence(NamedTuple):
    """The number of stores that follow each convention, and the stores that follow none."""

    #: One number for each convention of the guide, in its order.
    followers: tuple[int, ...]
    #: The stores that follow no convention, sorted by name.
    unconventional: tuple[Store, ...]


class Conventions:
    """The naming conventions of a registry, indexed once for all names.

    In a pattern, ``{service}`` stands for the store's own service in kebab-case, ``{feature}`` for one or more words.
    """

    def __init__(self, conventions: Sequence[Convention]) -> None:
        self._conventions = conventions
        self._patterns = [convention.pattern.split(_FEATURE) for convention in conventions]
        # Backend -> positions of its conventions without legacy patterns; and all backends that have conventions.
        self._preferred: dict[str, list[int]] = {}
        self._backends: set[str] = set()
        for position, convention in enumerate(conventions):
            backends = convention.backends or (_ANY_BACKEND,)
            self._backends.update(backends)
            if not convention.prefer:
                for backend in backends:
                    self._preferred.setdefault(backend, []).append(position)

    def followed_by(self, store: Store) -> int | None:
        """Return the position of the first convention whose pattern and backend match a store, or None."""
        return self._first(self._for_backends, store)

    def form_of(self, store: Store) -> int | None:
        """Return the position of the first convention for any backend that matches a store's name, or None."""
        return self._first(self._for_any, store)

    def are_for(self, backend: str) -> bool:
        """Return whether any convention applies to stores in a backend."""
        return backend in self._backends or _ANY_BACKEND in self._backends

    def preferred_for(self, backend: str, limit: int) -> tuple[list[Convention], int]:
        """Return the first *limit* conventions for a backend without legacy patterns, and their total number."""
        own, general = self._preferred.get(backend, []), self._preferred.get(_ANY_BACKEND, [])
        first = [self._conventions[position] for position in islice(merge(own, general), limit)]
        return first, len(own) + len(general)

    @cached_property
    def _for_backends(self) -> _Index:
        return _Index(self._patterns, [convention.backends for convention in self._conventions])

    @cached_property
    def _for_any(self) -> _Index:
        return _Index(self._patterns, [()] * len(self._patterns))

    def _first(self, index: _Index, store: Store) -> int | None:
        service = kebab_case(store.service)
        for position in index.candidates(store.backend, store.name, service):
            if _features(self._patterns[position], store.name, service) is not None:
                return position
        return None


class _Index:
    """Finds the patterns that a name may match by their beginning, or by their end when too many begin alike."""

    def __init__(self, patterns: Sequence[Sequence[str]], backends: Sequence[Sequence[str]]) -> None:
        self._backends = backends
        #: Backend -> positions of its patterns. Used when there are few patterns.
        self._few: dict[str, list[int]] | None = {} if len(patterns) <= _FEW else None
        self._beginnings, self._ends = _Beginnings(_SERVICE), _Beginnings(_SERVICE_BACKWARDS)
        for position, (parts, keys) in enumerate(zip(patterns, backends, strict=True) if self._few is None else ()):
            # Each field matches at least one character.
            if sum(len(part.replace(_SERVICE, "s")) for part in parts) + len(parts) - 1 <= _NAME_LENGTH:
                self._beginnings.add(parts[0], keys or (_ANY_BACKEND,), position)
                self._ends.add(parts[-1][::-1], keys or (_ANY_BACKEND,), position)

    def candidates(self, backend: str, name: str, service: str) -> Iterable[int]:
        """Return the positions of patterns that a name may match, in ascending order, limited to :data:`COMPARED`."""
        if self._few is not None:
            few = self._few.get(backend)
            if few is None:
                few = [place for place, keys in enumerate(self._backends) if not keys or backend in keys]
                self._few[backend] = few
            return few
        found = self._beginnings.of(backend, name, service)
        if _number(found) > _FEW:
            found = min(found, self._ends.of(backend, name[::-1], service[::-1]), key=_number)
        return islice(merge(*found), COMPARED)


class _Beginnings:
    """Finds the texts that a name begins with. A text may hold ``{service}``; a second one ends the comparison."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._positions: dict[tuple[str, str], list[int]] = {}
        #: Position of the first ``{service}``, or None -> the lengths of the texts.
        self._lengths: dict[int | None, set[int]] = {}

    def add(self, text: str, backends: Iterable[str], position: int) -> None:
        """Add the text of a pattern for some backends; *position* is that of the pattern."""
        before, mark, after = text.partition(self._mark)
        key = before + mark + after.partition(self._mark)[0]
        self._lengths.setdefault(len(before) if mark else None, set()).add(len(key))
        for backend in backends:
            self._positions.setdefault((backend, key), []).append(position)

    def of(self, backend: str, name: str, service: str) -> list[list[int]]:
        """Return lists of positions, each in ascending order, of the texts that a name begins with."""
        found = []
        for place, lengths in self._lengths.items():
            if place is None:
                form = name
            elif name.startswith(service, place):
                form = f"{name[:place]}{self._mark}{name[place + len(service) :]}"
            else:
                continue
            for length in lengths:
                if length <= len(form):
                    for key in (backend, _ANY_BACKEND):
                        if positions := self._positions.get((key, form[:length])):
                            found.append(positions)
        return found


def _number(lists: list[list[int]]) -> int:
    return sum(map(len, lists))


def _features(parts: Sequence[str], name: str, service: str) -> tuple[str, ...] | None:
    """Return the values of the ``{feature}`` fields in a name; None when the name does not match.

    Takes the parts of the pattern around the fields. Of two fields, the first matches as much as possible.
    """
    head = parts[0].replace(_SERVICE, service)
    if len(parts) == 1:
        return () if name == head else None
    if not name.startswith(head):
        return None
    tail = parts[-1].replace(_SERVICE, service)
    if not name.endswith(tail):
        return None
    inner = name[len(head) : len(name) - len(tail)]
    if len(parts) > FEATURE_LIMIT:
        return _divided(inner, parts[1].replace(_SERVICE, service))
    return (inner,) if _WORDS.fullmatch(inner) else None


def _divided(text: str, middle: str) -> tuple[str, str] | None:
    """Split a text at *middle* into two features; None when that is not possible. Takes linear time."""
    first, last = _WORDS.match(text), _WORDS.match(text[::-1])
    if first is None or last is None:
        return None
    size = len(middle)
    # The first feature is a prefix of the longest match at the start of the text; the second is a suffix of the
    # longest match at its end.
    earliest = max(len(text) - last.end() - size, 1)
    place = text.rfind(middle, earliest, first.end() + size)
    while place >= 0:
        end = place + size
        if text[place - 1].isalnum() and text[end : end + 1].isalnum():
            return text[:place], text[end:]
        place = text.rfind(middle, earliest, end - 1)
    return None


def preferred_name(store: Store, convention: Convention) -> str:
    """Return the name of a store that follows a legacy convention, rewritten to the convention's preferred pattern.

    A ``{feature}`` field stays if the legacy pattern has no value for it.
    """
    features = _features(convention.pattern.split(_FEATURE), store.name, kebab_case(store.service))
    name = name_by(convention.prefer, store)
    for feature in features or ():
        name = name.replace(_FEATURE, feature, 1)
    return name


def name_by(pattern: str, store: Store) -> str:
    """Return a pattern with ``{service}`` replaced by a store's service, short enough for a message."""
    return pattern[:_SHOWN_LENGTH].replace(_SERVICE, kebab_case(store.service))


def adherence(registry: Registry) -> Adherence:
    """Take a registry; return which of its stores follow the conventions of its guide."""
    conventions = Conventions(registry.guide.conventions)
    followers = [0] * len(registry.guide.conventions)
    unconventional = []
    for store in registry.stores:
        position = conventions.followed_by(store)
        if position is None:
            unconventional.append(store)
        else:
            followers[position] += 1
    return Adherence(tuple(followers), tuple(unconventional))
