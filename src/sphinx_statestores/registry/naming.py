"""How names are spelled in other places: services as parts of a path, stores as constants."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypedDict

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class ServiceSpellings(TypedDict):
    """The fields of a page template such as ``"services/{kebab}"``."""

    name: str
    kebab: str
    kebab_upper: str
    snake: str
    lower: str


@lru_cache(maxsize=4096)
def kebab_case(pascal: str) -> str:
    """Spell a PascalCase name with hyphens: ``CharacterEncounter`` is ``character-encounter``."""
    return _WORD_START.sub("-", pascal).replace("_", "-").lower()


@lru_cache(maxsize=4096)
def service_spellings(name: str) -> ServiceSpellings:
    """Return all spellings of a service's name."""
    kebab = kebab_case(name)
    return {
        "name": name,
        "kebab": kebab,
        "kebab_upper": kebab.upper(),
        "snake": kebab.replace("-", "_"),
        "lower": name.lower(),
    }


def constant_name(store: str) -> str:
    """Return the PascalCase constant of a store, without a final ``Statestore``.

    ``account-lock`` is ``AccountLock``, ``auth-statestore`` is ``Auth``,
    ``item-instance-store`` is ``ItemInstanceStore``. What could not begin an identifier gets a ``_``:
    ``3d-models`` is ``_3dModels``.
    """
    # Of all names of a registry, in each build: a pattern would take twice as long.
    words = [word for word in store.replace("_", "-").replace(".", "-").split("-") if word]
    if len(words) > 1 and words[-1].lower() == "statestore":
        words.pop()
    constant = "".join([word[:1].upper() + word[1:] for word in words])
    return constant if constant[:1].isalpha() else f"_{constant}"
