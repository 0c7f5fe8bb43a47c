"""Words that look like the name of a store."""

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
#: So many stores have to end alike for their end to say anything.
_STORES_THAT_END_ALIKE = 2


def usual_ends(registry: Registry) -> frozenset[str]:
    """Return the last words that names in a registry share: ``statestore``, ``lock``."""
    ends = Counter(store.name.rpartition("-")[2] for store in registry.stores if _KEBAB_CASE.fullmatch(store.name))
    return frozenset(end for end, number in ends.items() if number >= _STORES_THAT_END_ALIKE)


def service_words(registry: Registry) -> frozenset[str]:
    """Return what is a service or its package, and no store, as prose spells it: ``auth``, ``lib-auth``."""
    words: set[str] = set()
    for name in registry.services:
        words.update(cast("dict[str, str]", service_spellings(name)).values())
    return frozenset(words | {f"lib-{word}" for word in words})


class NamePatterns:
    """What looks like a store: what globs say, or without globs a word in kebab-case with a usual end.

    What other globs say is known to be none.
    """

    def __init__(self, patterns: Iterable[str], ends: Collection[str], ignored: Iterable[str]) -> None:
        self._wanted = _any_of(patterns)
        # A set and no globs: there may be as many ends as stores, and each word of a page is looked at.
        self._ends = ends
        self._ignored = _any_of(ignored)

    def look_like_a_store(self, word: str) -> bool:
        """Return whether a word fits."""
        if self._wanted is not None:
            fits = self._wanted.fullmatch(word) is not None
        else:
            fits = word.rpartition("-")[2] in self._ends and _KEBAB_CASE.fullmatch(word) is not None
        return fits and (self._ignored is None or self._ignored.fullmatch(word) is None)


def _any_of(globs: Iterable[str]) -> re.Pattern[str] | None:
    patterns = [translate(glob) for glob in globs]
    return re.compile("|".join(patterns)) if patterns else None
