"""Near names: what a mistyped word was probably meant to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Names have at most 128 characters: a much longer word is near to none, and to find that out would take memory.
_LONGEST_WORD = 300


def near(word: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """Return up to *limit* of the *known* words that are most like *word*, the best first.

    Case counts least: ``REDIS`` is nearer to ``redis`` than to anything else.
    """
    if len(word) > _LONGEST_WORD:
        return []
    from difflib import get_close_matches  # noqa: PLC0415 - start-up: only a wrong word needs it

    by_lower: dict[str, list[str]] = {}
    for candidate in known:
        by_lower.setdefault(candidate.lower(), []).append(candidate)
    matches = get_close_matches(word.lower(), by_lower, n=limit, cutoff=0.6)
    return [candidate for match in matches for candidate in by_lower[match]][:limit]


def did_you_mean(word: str, known: Iterable[str], limit: int = 3) -> str:
    """Return ``"; did you mean 'a', 'b' or 'c'?"``, or nothing when no name is near."""
    # Not `repr`: a letter that only looks like one of ASCII has to be seen.
    found = [ascii(candidate) for candidate in near(word, known, limit)]
    if not found:
        return ""
    *first, last = found
    return f"; did you mean {', '.join(first)} or {last}?" if first else f"; did you mean {last}?"
