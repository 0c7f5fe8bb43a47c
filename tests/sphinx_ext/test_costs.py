"""What pages cost that ask the same, or too much; and how long the complaints about them are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from sphinx_statestores.sphinx_ext.read import headings
from sphinx_statestores.sphinx_ext.resolve import coverage, guide, site_index
from sphinx_statestores.sphinx_ext.resolve.answers import Answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Built, Site


class Calls:
    """Counts the calls of functions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.number = 0

    def of(self, place: object, name: str) -> Calls:
        """Count those of a function of a module or of a class."""
        function: Callable[..., Any] = getattr(place, name)

        def counted(*arguments: Any, **options: Any) -> Any:
            self.number += 1
            return function(*arguments, **options)

        self._monkeypatch.setattr(place, name, counted)
        return self

    def taken(self) -> int:
        """Return the number since it was last asked for."""
        number, self.number = self.number, 0
        return number


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What counts calls."""
    return Calls(monkeypatch)


def registry(stores: int) -> str:
    items = "".join(f"  s{n}-store: {{backend: mysql, service: S{n}, purpose: p}}\n" for n in range(stores))
    return f"x-state-stores:\n{items}"


def said(built: Built) -> list[str]:
    """The words of the warnings, without their places and kinds."""
    return [re.sub(r" \[[\w.]+\]$", "", line.partition("WARNING: ")[2]) for line in built.warnings]


def test_headings_of_many_pages(site: Site, calls: Calls) -> None:
    """To know what an edit changes, what headings ask is answered once for all pages."""
    calls.of(Answers, "words")
    made = {}
    for pages in (10, 40):
        site.registry(registry(pages))
        for number in range(pages):
            site.write(f"p{number}.rst", f":orphan:\n\n:store-service:`S{number}`\n=====================\n\nText\n")
        site.write("index.rst", "T\n=\n\n.. statestore-table::\n")
        site.build()
        calls.taken()
        site.registry(registry(pages) + "  more: {backend: mysql, service: S1, purpose: p}\n")
        site.build()
        made[pages] = calls.taken()
    assert made[40] < 5 * made[10]


def test_contents_of_many_sections(site: Site, calls: Calls) -> None:
    """The contents of a page are searched once, however many of its sections have entries."""
    calls.of(headings, "_sections_in")
    for sections in (5, 20):
        entries = "".join(
            f"P{n}\n--\n\n.. statestore-service:: S{n}\n   :detail: entries\n\n" for n in range(sections)
        )
        site.registry(registry(sections))
        site.write("index.rst", f"T\n=\n\n{entries}")
        assert site.build().text("index.html").count("#store-s") > sections
        assert calls.taken() == 1


def test_an_edit_of_what_a_heading_counts(site: Site) -> None:
    """When a heading says something else, the pages that may quote it are written again, and no page is stale."""
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   a\n   b\n")
    site.write("a.rst", ":store-count:`search=session` stores\n===================================\n")
    site.write("b.rst", "Other\n=====\n")
    site.build()
    path = site.folder / "schemas/state-stores.yaml"
    path.write_text(path.read_text().replace("Locks for", "Session locks for"))
    assert set(site.build().written) == {"a", "b", "index"}
    path.write_text(path.read_text().replace("Persistent account data", "Persistent accounts"))
    assert site.build().written in ([], ["index"])


@pytest.mark.parametrize(
    ("place", "name", "directive"),
    [
        (coverage, "_blocks", "statestore-coverage"),
        (guide, "adherence", "statestore-conventions"),
    ],
)
def test_one_answer_for_all_pages(site: Site, calls: Calls, place: object, name: str, directive: str) -> None:
    """What takes all documents or all stores to know is found out once, on however many pages it stands."""
    calls.of(place, name)
    for number in range(6):
        site.write(f"page{number}.rst", f":orphan:\n\nT\n=\n\n.. {directive}::\n")
    site.write("index.rst", "T\n=\n")
    site.build()
    assert calls.taken() == 1


def test_a_number_that_is_asked_for_often(site: Site, calls: Calls) -> None:
    """The same stores are counted once, on however many lines their number stands."""
    calls.of(site_index, "filtered")
    site.write("index.rst", "T\n=\n\n" + ":store-count:`search=account`\n\n" * 20)
    site.build()
    assert calls.taken() == 1


def test_the_coverage_of_pages_with_all_stores(site: Site, calls: Calls) -> None:
    """Which stores a page lists is looked at on the pages of services alone, and there it is."""
    site.conf("statestores_service_pages = {'Auth': 'auth', 'Account': 'account'}\n")
    site.write("auth.rst", ":orphan:\n\nT\n=\n\n.. statestore-table::\n   :match: *-lock\n")
    site.write("account.rst", ":orphan:\n\nT\n=\n\n.. statestore-table::\n   :service: Auth\n")
    for number in range(6):
        site.write(f"page{number}.rst", ":orphan:\n\nT\n=\n\n.. statestore-table::\n")
    site.write("index.rst", "T\n=\n\n.. statestore-coverage::\n\nAnd ``account-statestore``.\n")
    calls.of(site_index.SiteIndex, "select")
    built = site.build("text")
    # Those of the tables themselves, once for link targets, and for the coverage those of the two pages.
    assert calls.taken() == 8 + 8 + 2
    missing = built.text("index.txt").partition("of their service (3)")[2].partition("Services without")[0]
    assert set(re.findall(r'"([\w-]+)"', missing)) == {"auth-statestore", "account-statestore", "account-archive"}


def test_columns_that_are_named_twice(site: Site) -> None:
    """A table has each column once, and so many columns as somebody may read."""
    site.registry(
        "x-state-stores:\n  a: {backend: mysql, service: A, purpose: p, "
        + ", ".join(f"x-f{number}: v{number}" for number in range(100))
        + "}\n"
    )
    columns = ["name"] * 10_000 + [f"x-f{number}" for number in range(100)]
    site.write("index.rst", f"T\n=\n\n.. statestore-table::\n   :columns: {', '.join(columns)}\n")
    built = site.build()
    assert said(built) == ["a table has at most 50 columns: 51 are ignored"]
    assert built.text("index.html").count("<th ") == 50


def test_sections_that_are_named_twice(site: Site) -> None:
    """A reference has each section once."""
    site.write("index.rst", f"T\n=\n\n.. statestore-reference::\n   :sections: {'components ' * 1000}\n")
    built = site.build()
    assert built.warnings == []
    assert built.text("index.html").count("State Store Components</") == 1


LONG = "y" * 100_000

#: Pages that are full of long words.
PAGES = {
    "a filter": f".. statestore-table::\n   :service: {LONG}\n   :backend: {LONG}\n   :status: {LONG}\n",
    "a column": f".. statestore-table::\n   :columns: {LONG}, x-{LONG}\n",
    "a preset": f".. statestore-table::\n   :preset: {LONG}\n",
    "an order": f".. statestore-table::\n   :sort: {LONG[:150]}\n   :group-by: {LONG}\n",
    "an option": f".. statestore-table::\n   :{LONG}: 1\n",
    "a flag": f".. statestore-table::\n   :totals: {LONG}\n",
    "totals": f".. statestore-totals::\n   :by: {LONG}\n",
    "details": f".. statestore-service:: {LONG}\n   :detail: {LONG}\n",
    "an entry": f".. statestore:: {LONG}\n",
    "sections": f".. statestore-reference::\n   :sections: {LONG}\n",
    "changes": f".. statestore-changes::\n   :show: {LONG}\n",
    "a class": f".. statestore-table::\n   :class: {'.' * 100_000}\n",
    "a number": f":store-count:`{LONG}` :store-count:`service={LONG[:5000]}`\n",
}


@pytest.mark.parametrize("name", PAGES)
def test_complaints_about_pages_are_short(site: Site, name: str) -> None:
    """A complaint about a long word shows its beginning."""
    site.write("index.rst", f"T\n=\n\n{PAGES[name]}")
    built = site.build()
    assert built.warnings
    assert max(map(len, said(built))) < 300
