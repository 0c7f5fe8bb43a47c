"""Which naming convention a store follows."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from sphinx_statestores.registry.conventions import (
    COMPARED,
    FEATURE_LIMIT,
    Adherence,
    Conventions,
    adherence,
    preferred_name,
)
from sphinx_statestores.registry.guide import DEFAULT_CONVENTIONS
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.model import Convention, Guide, Registry, Store
from sphinx_statestores.registry.naming import kebab_case
from sphinx_statestores.registry.places import Places

NOWHERE = Places("")
ROOT = Path(__file__).resolve().parents[2]


def followed_by(store: Store, conventions: tuple[Convention, ...]) -> int | None:
    return Conventions(conventions).followed_by(store)


@pytest.mark.parametrize(
    ("name", "backend", "service", "expected"),
    [
        ("auth-statestore", "redis", "Auth", 0),
        ("auth-statestore", "mysql", "Auth", 0),
        ("auth-statestore", "memory", "Auth", None),
        ("character-encounter-statestore", "mysql", "CharacterEncounter", 0),
        ("auth-lock", "redis", "Auth", 1),
        ("auth-session-cache.v2", "redis", "Auth", 1),
        ("auth-lock", "mysql", "Auth", None),
        ("auth-statestore-old", "mysql", "Auth", None),
        ("mail-lock", "redis", "Auth", None),
        ("auth-", "redis", "Auth", None),
        ("auth--lock", "redis", "Auth", None),
        ("authority-lock", "redis", "Auth", None),
        ("Auth-lock", "redis", "Auth", None),
        ("mysql-auth-statestore", "mysql", "Auth", 2),
        ("mysql-auth-statestore", "redis", "Auth", None),
        ("a-b-lock", "redis", "A.b", None),
    ],
)
def test_the_default_conventions(name: str, backend: str, service: str, expected: int | None) -> None:
    """A store follows the first convention whose pattern is its whole name and whose backends have its own."""
    assert followed_by(Store(name, backend, service, "", NOWHERE), DEFAULT_CONVENTIONS) == expected


def test_a_convention_without_backends_is_for_all() -> None:
    """A convention that names no backends is followed with any."""
    conventions = (Convention("{service}-{feature}", (), "", "", NOWHERE),)
    assert followed_by(Store("auth-lock", "s3", "Auth", "", NOWHERE), conventions) == 0


def test_a_pattern_is_no_regular_expression() -> None:
    """Characters of a pattern beside its two fields mean themselves."""
    conventions = (Convention("a.*{service}", (), "", "", NOWHERE),)
    assert followed_by(Store("a.*auth", "redis", "Auth", "", NOWHERE), conventions) == 0
    assert followed_by(Store("a-x-auth", "redis", "Auth", "", NOWHERE), conventions) is None


def test_adherence_counts_every_store_once() -> None:
    """Each store is counted at one convention or as unconventional."""
    names = ("auth-statestore", "auth-lock", "auth-cache", "other")
    stores = tuple(Store(name, "redis", "Auth", "", NOWHERE) for name in names)
    registry = Registry(stores, guide=Guide(conventions=DEFAULT_CONVENTIONS))
    assert adherence(registry) == Adherence((1, 2, 0), (stores[3],))


def test_adherence_of_the_repository() -> None:
    """Over the repository's own registry the numbers add up to its stores."""
    registry, _ = load([ROOT / "schemas" / "state-stores.yaml"])
    found = adherence(registry)
    assert sum(found.followers) + len(found.unconventional) == 124
    assert found.followers[0] > 0
    assert found.followers[1] > 0


def test_adherence_without_conventions() -> None:
    """Where there are no conventions, nobody follows one."""
    registry = Registry((Store("a", "redis", "A", "", NOWHERE),))
    assert adherence(registry) == Adherence((), registry.stores)


def by_regular_expression(store: Store, conventions: tuple[Convention, ...], *, any_backend: bool) -> int | None:
    """Find the first convention that a store follows with one regular expression for each."""
    known = {"{service}": re.escape(kebab_case(store.service)), "{feature}": r"([a-z0-9]+(?:[-_.][a-z0-9]+)*)"}
    for position, convention in enumerate(conventions):
        parts = re.split(r"(\{service\}|\{feature\})", convention.pattern)
        pattern = "".join(known.get(part) or re.escape(part) for part in parts)
        is_for = any_backend or not convention.backends or store.backend in convention.backends
        if is_for and re.fullmatch(pattern, store.name):
            return position
    return None


def random_pattern(chosen: random.Random) -> str:
    parts: list[str] = []
    for _ in range(chosen.randrange(1, 6)):
        part = chosen.choice(["{service}", "{feature}", "a", "b", "-", "_", ".", "a-b", "aa", "A", "--", "-a", ""])
        if part != "{feature}" or parts.count(part) < FEATURE_LIMIT:
            parts.append(part)
    return "".join(parts)


def random_name(chosen: random.Random, conventions: tuple[Convention, ...], service: str) -> str:
    if chosen.random() < 0.5:
        return "".join(chosen.choices(["a", "b", "-", "_", "A", ".", "ab"], k=chosen.randrange(1, 9)))
    name = chosen.choice(conventions).pattern.replace("{service}", kebab_case(service))
    while "{feature}" in name:
        name = name.replace("{feature}", chosen.choice(["a", "b-a", "a.b", "ab", "a-a-a", "a--a"]), 1)
    return name or "a"


@pytest.mark.parametrize("most", [3, 18])
def test_names_are_compared_as_regular_expressions_would(most: int) -> None:
    """Few patterns and many give what a regular expression for each of them gives, tried in their order."""
    chosen = random.Random(most)
    followed = 0
    for _ in range(300):
        patterns = tuple(
            Convention(random_pattern(chosen), chosen.choice([(), ("redis",), ("mysql", "redis")]), "", "", NOWHERE)
            for _ in range(chosen.randrange(1, most))
        )
        conventions = Conventions(patterns)
        for _ in range(8):
            service = chosen.choice(["A", "Ab", "AaB", "B", "a-b"])
            name = random_name(chosen, patterns, service)
            store = Store(name, chosen.choice(["redis", "mysql", "memory"]), service, "", NOWHERE)
            expected = by_regular_expression(store, patterns, any_backend=False)
            assert conventions.followed_by(store) == expected, (store, patterns)
            assert conventions.form_of(store) == by_regular_expression(store, patterns, any_backend=True)
            followed += expected is not None
    assert followed > 300


def test_features_of_a_legacy_name() -> None:
    """The first of two features is as long as it can be, and both are taken over."""
    prefer = "{service}-{feature}-{feature}-{feature}"
    legacy = Convention("{feature}-of-{feature}.{service}", (), "", prefer, NOWHERE)
    store = Store("a-of-b-of-c.auth", "redis", "Auth", "", NOWHERE)
    assert preferred_name(store, legacy) == "auth-a-of-b-c-{feature}"


def test_what_conventions_are_for() -> None:
    """Of the conventions for a backend, the first that are no legacy patterns are shown, and all are counted."""
    patterns = tuple(
        Convention(f"{number}", (("redis",), (), ("mysql",))[number % 3], "", "x" if number == 1 else "", NOWHERE)
        for number in range(12)
    )
    conventions = Conventions(patterns)
    assert [conventions.are_for(backend) for backend in ("redis", "mysql", "memory")] == [True] * 3
    first, number = conventions.preferred_for("redis", 3)
    assert ([convention.pattern for convention in first], number) == (["0", "3", "4"], 7)
    only_redis = Conventions(patterns[:1])
    assert [only_redis.are_for(backend) for backend in ("redis", "mysql")] == [True, False]
    assert only_redis.preferred_for("mysql", 3) == ([], 0)


@pytest.mark.parametrize(
    ("patterns", "followed"),
    [
        # Many begin alike, and many end alike; none are tried that do not do both.
        ([f"{{service}}-{{feature}}-x{number}" for number in range(500)], 499),
        ([f"x{number}-{{feature}}" for number in range(500)], None),
        (["{feature}-"] * COMPARED + ["{service}-{feature}-x499"], 20),
        # A longer name there is not.
        (["{service}" * 200 + "{feature}", "a" * 100_000, "{service}-{feature}-x499"] * 9, 2),
    ],
)
def test_very_many_patterns(patterns: list[str], followed: int | None) -> None:
    """A pattern is found among many by how names begin or end."""
    conventions = Conventions([Convention(pattern, (), "", "", NOWHERE) for pattern in patterns])
    assert conventions.followed_by(Store("auth-a-b-x499", "redis", "Auth", "", NOWHERE)) == followed


def test_patterns_that_cannot_be_told_apart_are_limited() -> None:
    """Of patterns that all begin and end as a name does, the first ones are tried and the others are not."""
    patterns = [*(f"{{feature}}-{number}-{{feature}}" for number in range(500)), "{feature}-b-{feature}"]
    conventions = Conventions([Convention(pattern, (), "", "", NOWHERE) for pattern in patterns])
    assert conventions.followed_by(Store("a-19-a", "redis", "Auth", "", NOWHERE)) == 19
    assert conventions.followed_by(Store("a-b-a", "redis", "Auth", "", NOWHERE)) is None
