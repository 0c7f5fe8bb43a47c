"""Which naming convention a store follows."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.naming import kebab_case

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Convention, Registry, Store


#: So often may ``{feature}`` be in a pattern: each one more takes the length of a name times as long to match.
FEATURE_LIMIT = 2

_FEATURE = r"[a-z0-9]+(?:[-_.][a-z0-9]+)*"


class Adherence(NamedTuple):
    """How a registry's stores divide over its conventions."""

    #: One number for each convention of the guide, in its order.
    followers: tuple[int, ...]
    #: The stores that follow none, by name.
    unconventional: tuple[Store, ...]


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    """Compile a convention for a service in kebab-case and a name, with a line end between them."""
    parts = re.split(r"(\{service\}|\{feature\})", pattern)
    # A reference back to the service: a compiled pattern for each service would take longer than all else.
    known = {"{service}": r"(?:\1)", "{feature}": f"({_FEATURE})"}
    return re.compile(r"([^\n]*)\n" + "".join(known.get(part) or re.escape(part) for part in parts))


def _subject(store: Store) -> str:
    return f"{kebab_case(store.service)}\n{store.name}"


def _match(convention: Convention, store: Store) -> re.Match[str] | None:
    return _pattern(convention.pattern).fullmatch(_subject(store))


def convention_of(store: Store, conventions: tuple[Convention, ...]) -> int | None:
    """Return the position of the first convention that a store's name and backend follow, or None.

    ``{service}`` stands for the store's own service in kebab-case, ``{feature}`` for one or more words.
    """
    subject = _subject(store)
    for position, convention in enumerate(conventions):
        if is_for(convention, store) and _pattern(convention.pattern).fullmatch(subject):
            return position
    return None


def form_of(store: Store, conventions: tuple[Convention, ...]) -> int | None:
    """Return the position of the first convention whose form a store's name has, whatever backend it is for."""
    subject = _subject(store)
    for position, convention in enumerate(conventions):
        if _pattern(convention.pattern).fullmatch(subject):
            return position
    return None


def is_for(convention: Convention, store: Store) -> bool:
    """Return whether a convention has anything to say of stores in the backend of this one."""
    return not convention.backends or store.backend in convention.backends


def preferred_name(store: Store, convention: Convention) -> str:
    """Return what a store that follows a legacy convention would be called by the one to prefer.

    A ``{feature}`` stays one where the legacy pattern has none that could be taken over.
    """
    match = _match(convention, store)
    features = match.groups()[1:] if match else ()
    name = name_by(convention.prefer, store)
    for feature in features:
        name = name.replace("{feature}", feature, 1)
    return name


def name_by(pattern: str, store: Store) -> str:
    """Return a pattern with a store's own service put in."""
    return pattern.replace("{service}", kebab_case(store.service))


def adherence(registry: Registry) -> Adherence:
    """Divide a registry's stores over the conventions of its guide."""
    conventions = registry.guide.conventions
    followers = [0] * len(conventions)
    unconventional = []
    for store in registry.stores:
        position = convention_of(store, conventions)
        if position is None:
            unconventional.append(store)
        else:
            followers[position] += 1
    return Adherence(tuple(followers), tuple(unconventional))
