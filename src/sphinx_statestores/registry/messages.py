"""The phrases of messages about values: one for each kind of mistake, wherever the value stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


#: The number of names that a message lists; a list of built-in options is shown as a whole.
_NAMES, _OPTIONS = 18, 40


def columns_are(what: str, names: Sequence[str]) -> str:
    """Return the end of a message about a name that is like none: ``; the columns are name, backend and x-...``."""
    more = len(names) - _NAMES
    return f"; the {what} are {', '.join(names[:_NAMES])}{f', {more:,} more' if more > 0 else ''} and x-..."


def options_are(names: Iterable[str]) -> str:
    """Return the end of a message about an option that is like none: ``; the options are class, name``."""
    found = sorted(names)
    more = len(found) - _OPTIONS
    return f"; the options are {', '.join(found[:_OPTIONS])}{f' and {more:,} more' if more > 0 else ''}"


def must_be(what: str, wanted: str, found: str) -> str:
    """Say that a value is not what it has to be: ``'keys' must be a list; found a mapping``."""
    return f"{what} must be {wanted}; found {found}"


def one_of(what: str, choices: Iterable[str], found: str) -> str:
    """Say that a value is none of a few words, and which these are."""
    return must_be(what, f"one of {', '.join(choices)}", found)
