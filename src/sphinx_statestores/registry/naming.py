"""Names of services and stores -> their spellings in paths and in code."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypedDict

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

#: The members of generated C# that are beside the constants of stores.
CODE_MEMBERS = ("Configurations", "Metadata")


class ServiceSpellings(TypedDict):
    """The fields of a page template such as ``"services/{kebab}"``."""

    name: str
    kebab: str
    kebab_upper: str
    snake: str
    lower: str


@lru_cache(maxsize=4096)
def kebab_case(pascal: str) -> str:
    """Take a PascalCase name; return it in kebab-case: ``CharacterEncounter`` becomes ``character-encounter``."""
    return _WORD_START.sub("-", pascal).replace("_", "-").lower()


@lru_cache(maxsize=4096)
def service_spellings(name: str) -> ServiceSpellings:
    """Take the name of a service; return its spellings, one for each field of a template."""
    kebab = kebab_case(name)
    return {
        "name": name,
        "kebab": kebab,
        "kebab_upper": kebab.upper(),
        "snake": kebab.replace("-", "_"),
        "lower": name.lower(),
    }


def constant_name(store: str) -> str:
    """Take the name of a store; return its PascalCase constant, without a final ``Statestore``.

    ``account-lock`` becomes ``AccountLock``, ``auth-statestore`` becomes ``Auth``, ``item-instance-store`` becomes
    ``ItemInstanceStore``. A name that cannot begin an identifier gets a leading ``_``: ``3d-models`` becomes
    ``_3dModels``.
    """
    # Runs for every name in each build; a regular expression takes twice as long.
    words = [word for word in store.replace("_", "-").replace(".", "-").replace(":", "-").split("-") if word]
    if len(words) > 1 and words[-1].lower() == "statestore":
        words.pop()
    constant = "".join([word[:1].upper() + word[1:] for word in words])
    return constant if constant[:1].isalpha() else f"_{constant}"
