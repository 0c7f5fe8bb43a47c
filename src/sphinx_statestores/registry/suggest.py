"""Near names: what a mistyped word was probably meant to be."""

from __future__ import annotations

from collections import Counter
from heapq import nlargest
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

#: Of a word and those that are known, what ends the message: near ones, if any.
Suggest: TypeAlias = "Callable[[str, Collection[str]], str]"

#: What one :class:`Suggestions` does at most, in about three seconds: a unit is a known word that is compared.
BUDGET = 400_000

#: What is longer is no mistyped name: no name of a registry is.
_LONGEST = 128
#: Two words are near when so much of them is alike: their matching blocks, as :mod:`difflib` finds them.
_SIMILARITY = 0.6
#: So many words need no index; and so many that an index gives are compared.
_COMPARED = 50
#: So many wrong words need no index either: most collections are asked for no more.
_WORDS_WITHOUT_INDEX = 1
#: So many entries of an index are counted for a word.
_ENTRIES = 4_000
#: What that takes of the budget, what a word takes to be indexed, and how many words are collected for a unit.
_ENTRIES_COST = 200
_INDEX_COST = 2
_COLLECTED = 8
#: Of the cube of a word's length, so much for a unit: at its worst, :mod:`difflib` takes as long.
_CUBED = 500

#: For each near name that is wanted, so many that have most characters in common are looked at more closely.
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
    """Return ``"; did you mean 'a', 'b' or 'c'?"``, or nothing when no name is near."""
    return _question(near(word, known, limit))


class Suggestions:
    """Finds near names for all wrong words of one load, check or build.

    A collection of known words is told by its identity, so it must not change; it is indexed when it is asked for
    more than a few words. A word that has been asked for costs nothing more. When the budget is used up, no name is
    near to any other word.
    """

    def __init__(self) -> None:
        self._left = BUDGET
        # They hold the collections: while they do, no other collection has the same identity.
        self._names: dict[int, _Names] = {}
        self._found: dict[tuple[int, str, int], list[str]] = {}

    def near(self, word: str, known: Collection[str], limit: int = 3) -> list[str]:
        """Return up to *limit* of the *known* words that are most like *word*, the best first."""
        key = (id(known), word, limit)
        found = self._found.get(key)
        if found is None:
            if self._left <= 0 or len(word) > _LONGEST:
                return []
            found = self._found[key] = self._look(word.lower(), known, limit)
        return found

    def did_you_mean(self, word: str, known: Collection[str], limit: int = 3) -> str:
        """Return ``"; did you mean 'a', 'b' or 'c'?"``, or nothing when no name is near."""
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
    """Known words, and an index of them once it is asked for candidates."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = known
        self.asked = 0
        #: In lower case -> as they are spelled.
        self._spelled: dict[str, list[str]] = {}
        for word in known:
            if len(word) <= _LONGEST:
                self._spelled.setdefault(word.lower(), []).append(word)
        #: In lower case.
        self.words = list(self._spelled)
        #: Three letters -> the positions of the words that have them in a row.
        self.index: dict[str, list[int]] | None = None
        self._sizes: list[int] = []

    def candidates(self, word: str) -> list[str]:
        """Return the words that share most with one in lower case; its rarest letters are looked at first."""
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
        # Of those that share as much, the one of about the same length.
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
    """Return what a word has in every three letters, wherever its words are divided."""
    padded = f" {word.translate(_SEPARATORS)} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def _in_common(size: int, masks: dict[str, int], other: str) -> int:
    """Return the length of the longest common subsequence of two words: matching blocks are never longer.

    The first one is given by its size and, for each character, a bit for each of its positions. One step for each
    character of the other: see Hyyrö, Bit-parallel LCS-length computation revisited (2004).
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
    # Not `repr`: a letter that only looks like one of ASCII has to be seen.
    *first, last = map(ascii, found)
    return f"; did you mean {', '.join(first)} or {last}?" if first else f"; did you mean {last}?"
