"""Words that look like the name of a store."""

from __future__ import annotations

import re
from collections import Counter
from fnmatch import translate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.registry.model import Registry

_KEBAB_CASE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
#: So many stores have to end alike for their end to say anything.
_STORES_THAT_END_ALIKE = 2


def usual_patterns(registry: Registry) -> tuple[str, ...]:
    """Return globs for the last words that names in a registry share: ``*-statestore``, ``*-lock``."""
    ends = Counter(store.name.rpartition("-")[2] for store in registry.stores if _KEBAB_CASE.fullmatch(store.name))
    return tuple(sorted(f"*-{end}" for end, number in ends.items() if number >= _STORES_THAT_END_ALIKE))


class NamePatterns:
    """Globs of what looks like a store, less those of what is known to be none."""

    def __init__(self, patterns: Iterable[str], ignored: Iterable[str], *, in_kebab_case: bool) -> None:
        self._wanted = _any_of(patterns)
        self._ignored = _any_of(ignored)
        self._in_kebab_case = in_kebab_case

    def look_like_a_store(self, word: str) -> bool:
        """Return whether a word fits."""
        if self._in_kebab_case and not _KEBAB_CASE.fullmatch(word):
            return False
        return self._wanted.fullmatch(word) is not None and self._ignored.fullmatch(word) is None


def _any_of(globs: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(glob) for glob in globs) or r"(?!)")
