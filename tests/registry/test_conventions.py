"""Which naming convention a store follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from sphinx_statestores.registry.conventions import Adherence, Conventions, adherence
from sphinx_statestores.registry.guide import DEFAULT_CONVENTIONS
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.model import Convention, Guide, Registry, Store
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
