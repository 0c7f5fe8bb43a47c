"""Which naming convention a store follows."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.naming import kebab_case

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Convention, Registry, Store


class Adherence(NamedTuple):
    """How a registry's stores divide over its conventions."""

    #: One number for each convention of the guide, in its order.
    followers: tuple[int, ...]
    #: How many stores follow none.
    unconventional: int


@lru_cache(maxsize=16384)
def _pattern(pattern: str, service: str) -> re.Pattern[str]:
    parts = re.split(r"(\{service\}|\{feature\})", pattern)
    known = {"{service}": re.escape(service), "{feature}": r"[a-z0-9]+(?:[-_.][a-z0-9]+)*"}
    return re.compile("".join(known.get(part) or re.escape(part) for part in parts))


def convention_of(store: Store, conventions: tuple[Convention, ...]) -> int | None:
    """Return the position of the first convention that a store's name and backend follow, or None.

    ``{service}`` stands for the store's own service in kebab-case, ``{feature}`` for one or more words.
    """
    service = kebab_case(store.service)
    for position, convention in enumerate(conventions):
        if convention.backends and store.backend not in convention.backends:
            continue
        if _pattern(convention.pattern, service).fullmatch(store.name):
            return position
    return None


def adherence(registry: Registry) -> Adherence:
    """Count the stores that follow each convention of a registry's guide."""
    conventions = registry.guide.conventions
    found = [convention_of(store, conventions) for store in registry.stores]
    return Adherence(
        tuple(found.count(position) for position in range(len(conventions))),
        found.count(None),
    )
