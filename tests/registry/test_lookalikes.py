"""Words that look like stores."""

from __future__ import annotations

import pytest

from sphinx_statestores.registry.lookalikes import NamePatterns, service_words, usual_ends
from sphinx_statestores.registry.model import Registry, Service, Store
from sphinx_statestores.registry.places import NOWHERE


def registry(*names: str) -> Registry:
    return Registry(tuple(Store(name, "redis", "A", "", NOWHERE) for name in names))


def test_usual_ends() -> None:
    """An end is usual when two names in kebab-case or more have it."""
    names = (
        "auth-lock",
        "mail-lock",
        "auth-cache",
        "mail_cache",
        "a-b-store",
        "b-store",
        "store",
        "Auth-x",
        "mail-x",
    )
    assert usual_ends(registry(*names)) == {"lock", "store"}


@pytest.mark.parametrize(
    ("word", "fits"),
    [
        ("realm-lock", True),
        ("a-b-c-lock", True),
        ("package-lock", False),
        ("lock", False),
        ("-lock", False),
        ("a--lock", False),
        ("Realm-lock", False),
        ("realm-locks", False),
        ("realm-lock-", False),
        ("realm", False),
    ],
)
def test_words_with_a_usual_end(word: str, fits: bool) -> None:
    """Without globs, a word in kebab-case with a usual end looks like a store, if it is not known to be none."""
    assert NamePatterns((), {"lock", "store"}, ("package-*",)).look_like_a_store(word) is fits


def test_globs_take_the_place_of_ends() -> None:
    """With globs, what they say looks like a store and nothing else does."""
    patterns = NamePatterns(("*_store", "x*"), {"lock"}, ())
    words = ("a_store", "A_store", "xy", "auth-lock", "a_stores")
    assert [word for word in words if patterns.look_like_a_store(word)] == ["a_store", "A_store", "xy"]


class Ends(frozenset[str]):
    """Ends that count how often one is looked up."""

    looked_up = 0

    def __contains__(self, end: object) -> bool:
        """Look up, and count."""
        Ends.looked_up += 1
        return super().__contains__(end)

    def __iter__(self) -> None:  # type: ignore[override]
        """Refuse."""
        raise AssertionError("nobody goes through all ends for one word")


def test_very_many_ends() -> None:
    """However many ends are usual, each word takes one look."""
    patterns = NamePatterns((), Ends(f"end{number}" for number in range(1000)), ())
    assert [patterns.look_like_a_store(f"a-end{number}") for number in (0, 999, 1000)] == [True, True, False]
    assert Ends.looked_up == 3


def test_service_words() -> None:
    """A service is known by each spelling of its name, and so is its package."""
    services = {name: Service(name, name, "", NOWHERE) for name in ("Auth", "CharacterEncounter")}
    words = service_words(Registry(services=services))
    assert {"auth", "lib-auth", "character-encounter", "lib-character-encounter", "character_encounter"} <= words
    assert not {"lib-account", "account", "lib", "character"} & words
