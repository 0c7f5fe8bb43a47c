"""Words of a registry in messages: quoted, short, and as harmless as they are shown."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: So many characters of a text are shown.
SHOWN_LENGTH = 60


def cut(text: str) -> str:
    """Return the beginning of a text that is too long for a message."""
    return text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "..."


def shown(text: str) -> str:
    """Quote a text for a message: one line, short, without characters that a terminal would obey."""
    return repr(cut(text))


def escaped(name: str) -> str:
    """Quote what should be an ASCII name for a message, so that a letter that only looks like one is seen."""
    return ascii(cut(name))


#: So many words of a list are named.
LISTED = 5


def listed(words: Iterable[str], number: int, last: str = "") -> str:
    """Join words for a message: ``a, b and c``, and the first ones only of very many: ``a, b and 97 more``.

    Takes the words, as they are to be shown, how many there are, and what joins the last one: a comma, or a word such
    as ``or``. No more words are taken than are named.
    """
    first = list(islice(words, LISTED))
    if number > LISTED:
        return f"{', '.join(first)} {last or 'and'} {number - len(first):,} more"
    if not last or len(first) < 2:
        return ", ".join(first)
    return f"{', '.join(first[:-1])} {last} {first[-1]}"
