"""Prose full of literals that look like stores of a large registry, and are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import WRITTEN_UNSEEN

from sphinx_statestores.registry import suggest

if TYPE_CHECKING:
    from conftest import Built, Site

SERVICES = ("auth", "account", "character", "inventory", "location", "matchmaking", "orchestrator", "storyline")


def registry(stores: int) -> str:
    items = "".join(
        f"  {SERVICES[number % 8]}-{number}-statestore: "
        f'{{backend: redis, prefix: "a{number}", service: A{number % 50}, purpose: p}}\n'
        for number in range(stores)
    )
    return f"x-state-stores:\n{items}"


def page(literals: int) -> str:
    words = "".join(f"``{SERVICES[number % 8]}-x{number}-statestore``\n\n" for number in range(literals))
    return f"T\n=\n\n.. statestore-totals::\n\n{words}"


class Counter:
    """Counts how many names are compared with a word."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = 0
        self._compare = suggest._in_common
        monkeypatch.setattr(suggest, "_in_common", self._counted)

    def _counted(self, size: int, masks: dict[str, int], other: str) -> int:
        self.number += 1
        return self._compare(size, masks, other)

    def taken(self) -> int:
        """Return the number since it was last asked for."""
        number, self.number = self.number, 0
        return number


def complaints(built: Built) -> int:
    return sum("looks like a state store" in line for line in (*built.warnings, *built.status.splitlines()))


def test_the_cost_of_unknown_literals(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each unknown literal is compared with few names; four times as many stores cost no more than once more."""
    counter = Counter(monkeypatch)
    site.conf("statestores_autolink = True\n")
    site.write("index.rst", page(40))
    for stores in (500, 2000):
        site.registry(registry(stores))
        assert complaints(site.build()) == 40
        assert counter.taken() <= stores + 40 * 50


def test_one_literal_on_many_pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word that is unknown on every page is looked for once, and a fingerprint does not look for it."""
    counter = Counter(monkeypatch)
    site.registry(registry(300))
    site.write("index.rst", "T\n=\n\n``auth-x-statestore``\n")
    assert complaints(site.build()) == 1
    once = counter.taken()
    for number in range(10):
        site.write(f"page{number}.rst", ":orphan:\n\nT\n=\n\n``auth-x-statestore`` ``auth-x-statestore``\n")
    assert complaints(site.build()) == 20 + len(WRITTEN_UNSEEN)  # the first page has the word once
    assert counter.taken() <= once
    # What nobody has to write again needs no fingerprint of its own.
    site.registry(registry(301))
    site.build()
    assert counter.taken() <= once + len(WRITTEN_UNSEEN)  # of one store more


@pytest.mark.parametrize("level", ["info", "warning"])
def test_the_first_ones_get_a_suggestion(site: Site, monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    """With the budget of a build used up, literals are still reported, and without a suggestion."""
    monkeypatch.setattr(suggest, "BUDGET", 3000)
    site.conf(f"statestores_unknown_literals = {level!r}\n")
    site.registry(registry(200))
    site.write("index.rst", page(60))
    built = site.build()
    lines = [line for line in (*built.warnings, *built.status.splitlines()) if "looks like a state store" in line]
    near = ["did you mean" in line for line in lines]
    assert len(lines) == 60
    assert near[0]
    assert not near[-1]
    assert near == sorted(near, reverse=True)


def test_roles_and_filters_share_the_budget(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown names in roles, filters and entries are looked for as unknown literals are."""
    counter = Counter(monkeypatch)
    site.registry(registry(1000))
    roles = " ".join(f":store:`auth-x{number}-statestore` :store-service:`B{number}`" for number in range(30))
    tables = "".join(f".. statestore-table::\n   :service: C{number}\n\n" for number in range(30))
    entries = "".join(f".. statestore:: auth-y{number}-statestore\n\n" for number in range(30))
    site.write("index.rst", f"T\n=\n\n{roles}\n\n{tables}{entries}")
    built = site.build()
    assert sum("unknown" in line for line in built.warnings) == 120
    assert counter.taken() <= 1000 + 120 * 50
