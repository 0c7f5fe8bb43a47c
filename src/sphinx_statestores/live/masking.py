"""What belongs to no store -> patterns that have no text of users.

Keys are secret: they may have names of people, addresses and tokens in them. A pattern has the words that the
registry itself has, and ``*`` for the rest. One more word is kept, because nobody can say whose a group without a
name is: the first part of keys, where it looks like the name of a group.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.live.tally import Tally
from sphinx_statestores.registry.key_index import template_values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sphinx_statestores.registry.key_index import Pattern
    from sphinx_statestores.registry.model import Registry

MASK = "*"
#: The maximum number of patterns of what belongs to no store.
GROUPS_LIMIT = 100
#: The minimum number of keys that share a first part that is kept.
SHARED_BY = 3
#: The maximum number of parts behind the first one. The rest of a key counts as one part.
_PARTS = 6
#: The number of groups with samples. Later most groups may become one.
_SAMPLED_GROUPS = 10 * GROUPS_LIMIT
#: Dapr's keys have ``||``.
_SEPARATORS = re.compile(r"([:/|]+)")
#: What may be the name of a group. Identifiers, dates and most tokens have digits, and addresses have other signs.
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,31}")
#: The same in front of an identifier.
_WORD_AND_MORE = re.compile(r"([A-Za-z][A-Za-z_-]{0,31}[_-])[A-Za-z]*\d[A-Za-z0-9_-]*")
_LETTER = re.compile(r"[^\W\d_]")
_TABLE = re.compile(r"[A-Za-z0-9_-]+")
_OF_TABLE = re.compile(r"([_-]+)")
_MASKS = re.compile(r"\*(?:(?:[:/|]+|[_-]+)?\*)+")
#: Stands for several first parts.
_SEVERAL = ""


def registry_words(registry: Registry, patterns: Iterable[Pattern] = ()) -> frozenset[str]:
    """Return the parts of names, prefixes, tables and patterns that a registry has; each has a letter."""
    texts = [text for store in registry.stores for text in (store.name, *template_values(store, registry).values())]
    texts += [text for pattern in patterns for text in pattern.parts]
    return frozenset(part for text in texts for part in _SEPARATORS.split(text)[::2] if _LETTER.search(part))


class UnknownKeys:
    """Counts keys of no store by their patterns."""

    def __init__(self, words: Collection[str]) -> None:
        self._words = words
        #: First part, or :data:`MASK`, and the pattern of the rest -> what is counted.
        self._groups: dict[tuple[str, str], Tally] = {}
        #: The rest of a key of words alone -> the first part in front of it, or :data:`_SEVERAL`.
        self._first_of_rest: dict[str, str] = {}
        #: First parts that are exchanged for one another: those in front of the same words.
        self._exchanged: set[str] = set()

    def group_of(self, key: str) -> Tally:
        """Return what a key is counted in."""
        first, *others = _SEPARATORS.split(key, maxsplit=_PARTS)
        known = first if first in self._words else _name_of_group(first)
        # The separators are in turn with the parts, and short: their number may tell something, too.
        rest = "".join(
            (part if part in self._words or not part else MASK) if position % 2 else part[:2]
            for position, part in enumerate(others)
        )
        if others and all(part in self._words or _WORD.fullmatch(part) for part in others[1::2]):
            self._compare(known, "".join(others))
        group = known, rest
        found = self._groups.get(group)
        if found is None:
            found = self._groups[group] = Tally()
            found.takes_samples = len(self._groups) <= _SAMPLED_GROUPS
        return found

    def _compare(self, first: str, rest: str) -> None:
        """Note whether other first parts are in front of the same words, as in ``ann:basket`` and ``bob:basket``."""
        before = self._first_of_rest.setdefault(rest, first)
        if before != first:
            self._exchanged.update((before, first))
            self._first_of_rest[rest] = _SEVERAL

    def groups(self) -> dict[str, Tally]:
        """Return pattern -> what was counted, at most :data:`GROUPS_LIMIT` of them: the others are all in ``*``."""
        shared: dict[str, int] = {}
        for (first, _), tally in self._groups.items():
            shared[first] = shared.get(first, 0) + tally.keys
        kept = {
            first
            for first, keys in shared.items()
            if first not in self._words and keys >= SHARED_BY and first not in self._exchanged
        }
        # So many names are no names of groups.
        kept = set() if len(kept) > GROUPS_LIMIT else kept
        merged: dict[str, Tally] = {}
        for (first, rest), tally in self._groups.items():
            text = f"{first if first in self._words or first in kept else MASK}{rest}"
            merged.setdefault(_MASKS.sub(MASK, text), Tally()).merge(tally)
        return _largest(merged)


def _name_of_group(first: str) -> str:
    """Return what may be kept of the first part of a key."""
    if _WORD.fullmatch(first):
        return first
    found = _WORD_AND_MORE.fullmatch(first)
    return f"{found[1]}{MASK}" if found else MASK


def masked_tables(tables: Iterable[tuple[str, int, int]], words: Collection[str]) -> dict[str, tuple[int, int]]:
    """Take names of tables with rows and bytes; return pattern -> sums of both, at most :data:`GROUPS_LIMIT`.

    Developers name tables, so the words of a name are kept, but no part with a digit: it may tell a customer.
    """
    found: dict[str, Tally] = {}
    for name, rows, size in tables:
        found.setdefault(_masked_table(name, words), Tally()).add_rows(rows, size)
    return {name: (tally.keys, tally.bytes) for name, tally in _largest(found).items()}


def _masked_table(name: str, words: Collection[str]) -> str:
    if name in words:
        return name
    if not _TABLE.fullmatch(name):
        return MASK
    parts = _OF_TABLE.split(name)
    masked = [part if position % 2 or part.isalpha() or not part else MASK for position, part in enumerate(parts)]
    return _MASKS.sub(MASK, "".join(masked))


def _largest(groups: dict[str, Tally]) -> dict[str, Tally]:
    """Return the largest groups, and one for the others, sorted by their patterns."""
    ranked = sorted(groups, key=lambda pattern: (pattern == MASK, -groups[pattern].keys, pattern))
    limit = GROUPS_LIMIT - 1 if len(ranked) > GROUPS_LIMIT else GROUPS_LIMIT
    found = {pattern: groups[pattern] for pattern in ranked[:limit]}
    for pattern in ranked[limit:]:
        found.setdefault(MASK, Tally()).merge(groups[pattern])
    return dict(sorted(found.items()))
