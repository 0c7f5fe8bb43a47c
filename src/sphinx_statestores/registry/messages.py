"""The phrases of messages about values: one for each kind of mistake, wherever the value stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def must_be(what: str, wanted: str, found: str) -> str:
    """Say that a value is not what it has to be: ``'keys' must be a list; found a mapping``."""
    return f"{what} must be {wanted}; found {found}"


def one_of(what: str, choices: Iterable[str], found: str) -> str:
    """Say that a value is none of a few words, and which these are."""
    return must_be(what, f"one of {', '.join(choices)}", found)
