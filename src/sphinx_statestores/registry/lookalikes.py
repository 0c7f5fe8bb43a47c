"""A registry and a word -> whether the word looks like the name of a store."""

from __future__ import annotations

import re
from collections import Counter
from fnmatch import translate
from typing import TYPE_CHECKING, cast

from sphinx_statestores.registry.naming import service_spellings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sphinx_statestores.registry.model import Registry

_KEBAB_CASE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
#: The number of stores that must share their last word before it marks other words as names.
_STORES_THAT_END_ALIKE = 2


def usual_ends(registry: Registry) -> frozenset[str]:
    """Take a registry; return the last words that several names share: ``statestore``, ``lock``."""
    ends = Counter(store.name.rpartition("-")[2] for store in registry.stores if _KEBAB_CASE.fullmatch(store.name))
    return frozenset(end for end, number in ends.items() if number >= _STORES_THAT_END_ALIKE)


def service_words(registry: Registry) -> frozenset[str]:
    """Return the names of services and their packages in prose, without store names: ``auth``, ``lib-auth``."""
    words: set[str] = set()
    for name in registry.services:
        words.update(cast("dict[str, str]", service_spellings(name)).values())
    return frozenset(words | {f"lib-{word}" for word in words})


class NamePatterns:
    """Recognizes words that look like store names: by globs, or without globs by a usual last word in kebab-case.

    Words that match the globs *ignored* never look like store names.
    """

    def __init__(self, patterns: Iterable[str], ends: Collection[str], ignored: Iterable[str]) -> None:
        self._wanted = _any_of(patterns)
        # A set, not a regular expression: there may be as many last words as stores, and every word of a page is
        # tested.
        self._ends = ends
        self._ignored = _any_of(ignored)

    def look_like_a_store(self, word: str) -> bool:
        """Return whether a word looks like the name of a store."""
        if self._wanted is not None:
            fits = self._wanted.fullmatch(word) is not None
        else:
            fits = word.rpartition("-")[2] in self._ends and _KEBAB_CASE.fullmatch(word) is not None
        return fits and not self.is_ignored(word)

    def is_ignored(self, word: str) -> bool:
        """Return whether a word never looks like the name of a store."""
        return self._ignored is not None and self._ignored.fullmatch(word) is not None


def _any_of(globs: Iterable[str]) -> re.Pattern[str] | None:
    patterns = [translate(glob) for glob in globs]
    return re.compile("|".join(patterns)) if patterns else None
