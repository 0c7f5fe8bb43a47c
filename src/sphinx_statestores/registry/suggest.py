"""A mistyped word and the known words -> the known words that are most similar."""

from __future__ import annotations

from collections import Counter
from heapq import nlargest
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

#: Takes a word and the known words; returns the end of a message with similar words, or an empty text.
Suggest: TypeAlias = "Callable[[str, Collection[str]], str]"

#: The budget of one :class:`Suggestions`, about three seconds. A unit is one comparison with a known word.
BUDGET = 400_000

#: The maximum length of a compared word. No name in a registry is longer.
_LONGEST = 128
#: The minimum similarity: the ratio of matching blocks, as in :mod:`difflib`.
_SIMILARITY = 0.6
#: Up to this number of known words no index is used, and this number of words from an index are compared.
_COMPARED = 50
#: The number of wrong words that are compared without an index: most collections are used for no more.
_WORDS_WITHOUT_INDEX = 1
#: The maximum number of index entries that are counted for one word.
_ENTRIES = 4_000
#: The costs in units of the budget: counting index entries for one word, indexing one known word. The last number is
#: how many known words are collected for one unit.
_ENTRIES_COST = 200
_INDEX_COST = 2
_COLLECTED = 8
#: The part of the cube of a word's length that costs one unit: in the worst case, :mod:`difflib` takes cubic time.
_CUBED = 500

#: The number of candidates for each wanted result that are compared with :mod:`difflib`.
_BEST = 3

_SEPARATORS = str.maketrans("", "", "-_.:/ ")


def near(word: str, known: Iterable[str], limit: int = 3, similarity: float = _SIMILARITY) -> list[str]:
    """Return up to *limit* of the *known* words that are most like *word*, the best first.

    *similarity* is how much of both words has to be alike, from 0 to 1. Case counts least: ``REDIS`` is nearer to
    ``redis`` than to anything else. Who asks for many words, or of many known ones, asks :class:`Suggestions`.
    """
    names = _Names(known)
    return names.nearest(word.lower(), names.words, limit, similarity)


def did_you_mean(word: str, known: Iterable[str], limit: int = 3) -> str:
    """Return ``"; did you mean 'a', 'b' or 'c'?"``; an empty text when no known word is similar."""
    return _question(near(word, known, limit))


class Suggestions:
    """Finds similar names for all wrong words of one load, check or build, within one budget.

    A collection of known words is identified by its `id`, so it must not change. It is indexed when it is used for
    more than a few words. Results are cached. When the budget is used up, other words get no suggestions.
    """

    def __init__(self) -> None:
        self._left = BUDGET
        # These keep the collections alive, so that no other collection gets the same `id`.
        self._names: dict[int, _Names] = {}
        self._found: dict[tuple[int, str, int], list[str]] = {}

    def near(self, word: str, known: Collection[str], limit: int = 3) -> list[str]:
        """Return up to *limit* of the *known* words that are most similar to *word*, the best first."""
        key = (id(known), word, limit)
        found = self._found.get(key)
        if found is None:
            if self._left <= 0 or len(word) > _LONGEST:
                return []
            found = self._found[key] = self._look(word.lower(), known, limit)
        return found

    def did_you_mean(self, word: str, known: Collection[str], limit: int = 3) -> str:
        """Return ``"; did you mean 'a', 'b' or 'c'?"``; an empty text when no known word is similar."""
        return _question(self.near(word, known, limit))

    def _look(self, word: str, known: Collection[str], limit: int) -> list[str]:
        names = self._names.get(id(known))
        if names is None:
            if not self._has_paid(1 + len(known) // _COLLECTED):
                return []
            names = self._names[id(known)] = _Names(known)
        names.asked += 1
        size = len(names.words)
        if size <= _COMPARED or names.asked <= _WORDS_WITHOUT_INDEX:
            candidates = names.words
        elif self._has_paid(_ENTRIES_COST if names.index is not None else size * _INDEX_COST):
            candidates = names.candidates(word)
        else:
            return []
        cost = len(candidates) + _BEST * limit * len(word) ** 3 // _CUBED
        return names.nearest(word, candidates, limit) if self._has_paid(cost) else []

    def _has_paid(self, units: int) -> bool:
        self._left -= units
        return self._left >= 0


class _Names:
    """Known words, with an index that is built on first use."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = known
        self.asked = 0
        #: Word in lower case -> its spellings.
        self._spelled: dict[str, list[str]] = {}
        for word in known:
            if len(word) <= _LONGEST:
                self._spelled.setdefault(word.lower(), []).append(word)
        #: The words in lower case.
        self.words = list(self._spelled)
        #: Trigram -> positions of the words that contain it.
        self.index: dict[str, list[int]] | None = None
        self._sizes: list[int] = []

    def candidates(self, word: str) -> list[str]:
        """Return the known words that share most trigrams with a lower-case word. Rare trigrams are counted first."""
        if self.index is None:
            self.index = {}
            for position, known in enumerate(self.words):
                grams = _grams(known)
                self._sizes.append(len(grams))
                for gram in grams:
                    self.index.setdefault(gram, []).append(position)
        grams = _grams(word)
        shared: Counter[int] = Counter()
        left = _ENTRIES
        for positions in sorted((self.index[gram] for gram in grams if gram in self.index), key=len):
            shared.update(positions[:left])
            left -= len(positions)
            if left <= 0:
                break
        size, sizes = len(grams), self._sizes
        # Of words with equally many shared trigrams, prefer the one of similar length.
        ranked = [(number, -abs(size - sizes[position]), -position) for position, number in shared.items()]
        return [self.words[-negative] for _, _, negative in nlargest(_COMPARED, ranked)]

    def nearest(self, word: str, candidates: Iterable[str], limit: int, least: float = _SIMILARITY) -> list[str]:
        """Return those of the candidates that are near to a word in lower case, as they are spelled."""
        size = len(word)
        if not 0 < size <= _LONGEST:
            return []
        masks: dict[str, int] = {}
        for position, character in enumerate(word):
            masks[character] = masks.get(character, 0) | 1 << position
        found = []
        for candidate in candidates:
            total = size + len(candidate)
            if 2 * min(size, len(candidate)) >= least * total:
                similarity = 2 * _in_common(size, masks, candidate) / total
                if similarity >= least:
                    found.append((similarity, candidate))
        near: list[str] = []
        if found:
            closest = [candidate for _, candidate in nlargest(_BEST * limit, found)]
            ranked = _by_matching_blocks(word, closest, least)
            for candidate in ranked[:limit]:
                near += self._spelled[candidate][: limit - len(near)]
        return near


def _grams(word: str) -> set[str]:
    """Return the trigrams of a word, ignoring separators."""
    padded = f" {word.translate(_SEPARATORS)} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def _in_common(size: int, masks: dict[str, int], other: str) -> int:
    """Return the length of the longest common subsequence of two words, an upper bound for matching blocks.

    The first word is given by its size and a bit mask of positions for each character. Takes one step for each
    character of *other*: see Hyyrö, Bit-parallel LCS-length computation revisited (2004).
    """
    whole = row = (1 << size) - 1
    for character in other:
        matches = row & masks.get(character, 0)
        row = (row + matches) | (row - matches)
    return size - (row & whole).bit_count()


def _by_matching_blocks(word: str, candidates: Iterable[str], least: float) -> list[str]:
    """Return the candidates that are like a word, those first that are most like it."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - start-up: only a wrong word needs it

    matcher = SequenceMatcher(b=word)
    found = []
    for candidate in candidates:
        matcher.set_seq1(candidate)
        if (similarity := matcher.ratio()) >= least:
            found.append((similarity, candidate))
    return [candidate for _, candidate in sorted(found, reverse=True)]


def _question(found: list[str]) -> str:
    if not found:
        return ""
    # Not `repr`: it would not show that a letter only looks like an ASCII letter.
    *first, last = map(ascii, found)
    return f"; did you mean {', '.join(first)} or {last}?" if first else f"; did you mean {last}?"
