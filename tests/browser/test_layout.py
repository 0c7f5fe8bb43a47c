"""Tables and entries in wide and narrow windows: what fits is whole, and nothing scrolls sideways."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Built, Site
    from playwright.sync_api import Page

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 360, "height": 800}
#: One theme has a box for wide tables, the other has none. Both are there wherever the tests are.
THEMES = ("furo", "alabaster")
INDICES = ("statestore-stores", "statestore-services", "statestore-backends")
PAGES = ("index", "five", "short", "few", "many", "entries", "guide", *INDICES)

#: A table as an author writes it, whose text is the measure for ours.
ORDINARY = """
.. csv-table::
   :header: One, Two
   :class: ordinary

   ``some-code``, words
"""

SERVICE = "CharacterEncounterHistoryArchiveCoordinator"
NAMES = (
    "auth-statestore",
    "character-personality-statestore",
    "seed-type-definitions-statestore",
    "storyline-scenario-idempotency",
    "voice-rooms",
)


def registry() -> str:
    """Stores with long names, a long service, a long table, keys, and one of each status."""
    stores: dict[str, dict[str, object]] = {
        name: {
            "backend": "redis",
            "prefix": f"{name.replace('-', ':')}:of:the:game",
            "service": "Auth",
            "purpose": "What a reader wants to know of it in one sentence that is long enough to be broken",
        }
        for name in NAMES
    }
    stores["encounters"] = {
        "backend": "mysql",
        "table": "character_encounter_history_archive_coordinator",
        "service": SERVICE,
        "purpose": "Encounters",
        "readers": ["Auth"],
        "keys": [{"pattern": "encounter:{accountIdentifier}:{sessionIdentifier}:archive", "purpose": "One of them"}],
    }
    stores["few"] = {
        "backend": "mysql",
        "service": "Auth",
        "purpose": "What is written at length with ``a-few-words-in-code-that-are-many`` and with words after it",
    }
    for status in ("planned", "deprecated"):
        stores[f"store-{status}"] = {
            "backend": "mysql",
            "service": "Auth",
            "purpose": "Its status is to be seen",
            "status": status,
        }
    code = {
        "language": "csharp",
        "path": "services/Generated/CharacterEncounterHistoryArchiveDefinitions.cs",
        "class": "CharacterEncounterHistoryArchiveDefinitions",
    }
    return json.dumps({"x-state-stores": stores, "x-generated-code": code})


@pytest.fixture(scope="module", params=THEMES)
def built(request: pytest.FixtureRequest, new_site: Callable[[], Site]) -> Built:
    """A site with tables of several widths and with entries, in one theme."""
    site = new_site()
    site.registry(registry())
    others = "".join(f"   {name}\n" for name in PAGES if name not in ("index", *INDICES))
    site.write("index.rst", f"T\n=\n\n.. statestore-table::\n{ORDINARY}\n.. toctree::\n\n{others}")
    columns = "name, backend, service, prefix, purpose"
    site.write(
        "five.rst",
        f"F\n=\n\n.. statestore-table::\n   :caption: What is stored\n   :interactive:\n   :columns: {columns}\n",
    )
    site.write(
        "few.rst",
        "Few\n===\n\n.. statestore-table::\n   :match: few*\n   :interactive:\n   :columns: name, purpose, backend\n",
    )
    columns = "name, backend, status, since"
    site.write("short.rst", f"S\n=\n\n.. statestore-table::\n   :columns: {columns}\n")
    columns = "name, backend, service, table, prefix, status, readers, purpose"
    site.write("many.rst", f"M\n=\n\n.. statestore-table::\n   :columns: {columns}\n   :interactive: no\n")
    site.write("entries.rst", f"E\n=\n\n.. statestore-service:: {SERVICE}\n   :detail: entries\n{ORDINARY}")
    site.write("guide.rst", "G\n=\n\n.. statestore-reference::\n")
    return site.build(html_theme=request.param)


def address(built: Built, name: str) -> str:
    """The address of a page."""
    return (built.outdir / f"{name}.html").as_uri()


@pytest.mark.parametrize("window", [WIDE, NARROW], ids=["wide", "narrow"])
def test_no_page_scrolls_sideways(built: Built, opened: Callable[..., Page], window: dict[str, int]) -> None:
    """No table, entry or index makes a page wider than the window, whether it is a desktop's or a telephone's."""
    for name in PAGES:
        page = opened(address(built, name), viewport=window)
        widths = "() => [document.scrollingElement.scrollWidth, document.documentElement.clientWidth]"
        needed, there = page.evaluate(widths)
        assert (name, needed) == (name, there)


def lines_of_names(page: Page, names: str = "td:first-child code") -> dict[str, int]:
    """Return name -> number of lines in the first column of a table, or in what a selector finds."""
    lines = """names => names.map(name => {
        const range = document.createRange();
        range.selectNodeContents(name);
        return [name.textContent, new Set(Array.from(range.getClientRects(), each => Math.round(each.top))).size];
    })"""
    return dict(page.locator(f"table.statestore-table :is({names})").evaluate_all(lines))


def test_names_beside_short_columns_are_whole(built: Built, opened: Callable[..., Page]) -> None:
    """A name has all the room that the words of the other columns leave, whatever the number of the columns."""
    found = lines_of_names(opened(address(built, "short"), viewport=WIDE))
    assert set(NAMES) <= set(found)
    assert set(found.values()) == {1}


@pytest.mark.parametrize("window", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_title_of_short_names(built: Built, opened: Callable[..., Page], window: dict[str, int]) -> None:
    """The title above names that are shorter than it is on one line, whatever room the sentences would take."""
    page = opened(address(built, "few"), viewport=window)
    heights = "titles => titles.map(title => title.offsetHeight)"
    several, *_, one = page.locator("table.statestore-table thead th > p").evaluate_all(heights)
    assert several == one > 0


def test_code_in_a_sentence_is_in_its_line(built: Built, opened: Callable[..., Page]) -> None:
    """Code with words around it is broken as they are: only code alone in a cell is a block."""
    page = opened(address(built, "few"), viewport=WIDE)
    display = "code => getComputedStyle(code).display"
    assert page.locator("table.statestore-table td:nth-child(2) > code").evaluate(display) == "inline"
    assert page.locator("table.statestore-table td:first-child code").evaluate(display) == "inline-block"


def test_names_that_are_links_look_like_links(built: Built, opened: Callable[..., Page]) -> None:
    """The name of a store is underlined if other links of its table are."""
    page = opened(address(built, "index"), viewport=WIDE)
    page.add_style_tag(content="td a { text-decoration: underline; }")
    names = page.locator("table.statestore-table td:first-child > a > code")
    assert names.count() > 0
    assert set(names.evaluate_all("names => names.map(name => getComputedStyle(name).textDecorationLine)")) == {
        "underline"
    }


def test_names_that_fit_are_whole(built: Built, opened: Callable[..., Page]) -> None:
    """In a wide window the short names of a table are on one line each, and its sentences are in sight."""
    page = opened(address(built, "index"), viewport=WIDE)
    found = lines_of_names(page)
    assert {name for name, number in found.items() if number > 1} <= set(NAMES[1:4])
    box = page.locator(".statestore-box").bounding_box()
    purpose = page.locator("table.statestore-table td:last-child").first.bounding_box()
    assert box is not None
    assert purpose is not None
    assert purpose["width"] > 140
    assert purpose["x"] + purpose["width"] <= box["x"] + box["width"] + 1


@pytest.mark.parametrize("name", ["index", "five", "many", "entries"])
def test_a_narrow_row_is_a_card(built: Built, opened: Callable[..., Page], name: str) -> None:
    """In a narrow window each cell of a row is in sight, below the name, with the title of its column beside it."""
    page = opened(address(built, name), viewport=NARROW)
    cells = page.locator("[class*=statestore-]:is(table) tbody td:not(:empty)")
    sides = (
        "cells => cells.map(cell => { const { left, right } = cell.getBoundingClientRect(); return [left, right]; })"
    )
    assert all(0 <= left <= right <= NARROW["width"] for left, right in cells.evaluate_all(sides))
    label = "cell => getComputedStyle(cell, '::before').content"
    titles = page.locator("table[class*=statestore-] thead th").all_text_contents()
    row = page.locator("table[class*=statestore-] tbody tr").first.locator("td")
    labels = [json.loads(each) for each in row.evaluate_all(f"cells => cells.map({label})") if each != "none"]
    assert labels == [title.strip() for title in titles[1 : row.count()]]


def test_code_and_caption_of_cards_are_whole(built: Built, opened: Callable[..., Page]) -> None:
    """In a card, a prefix that fits is on one line, and so is the caption of the table."""
    page = opened(address(built, "five"), viewport=NARROW)
    found = lines_of_names(page, "td:nth-child(4) code, .caption-text")
    short = {text: lines for text, lines in found.items() if len(text) < 25}
    assert short == {"What is stored": 1, "voice:rooms:of:the:game": 1}


def test_text_is_as_large_as_in_other_tables(built: Built, opened: Callable[..., Page]) -> None:
    """Text and code of our tables are as large as those of the author's own tables."""
    page = opened(address(built, "index"), viewport=WIDE)
    sizes = """selector => Array.from(document.querySelectorAll(selector), each => getComputedStyle(each).fontSize)"""
    for part in ("td", "td code"):
        assert set(page.evaluate(sizes, f".statestore-table {part}")) == set(
            page.evaluate(sizes, f".ordinary {part}")
        )


def test_the_head_stays(built: Built, opened: Callable[..., Page]) -> None:
    """The head of a table stays in the window while its rows are scrolled."""
    page = opened(address(built, "index"), viewport={"width": 1280, "height": 300})
    page.locator("table.statestore-table tbody tr").nth(6).evaluate(
        "row => window.scrollTo({ top: row.getBoundingClientRect().top + scrollY - 100, behavior: 'instant' })"
    )
    top = page.locator("table.statestore-table thead").evaluate("head => head.getBoundingClientRect().top")
    assert 0 <= top < 100


def test_facts_stay_in_their_column(built: Built, opened: Callable[..., Page]) -> None:
    """The facts of an entry stand beside their names, and break rather than overflow."""
    page = opened(address(built, "entries"), viewport=NARROW)
    facts = page.locator("dl.statestore-fields > dd")
    assert facts.count() > 3
    over = """facts => facts.filter(fact =>
        fact.scrollWidth > fact.clientWidth || fact.getBoundingClientRect().right > 360).length"""
    assert facts.evaluate_all(over) == 0
    beside = """list => Array.from(list.querySelectorAll("dt"), name => {
        const [one, other] = [name, name.nextElementSibling].map(each => each.getBoundingClientRect());
        return other.left > one.left && other.top < one.bottom;
    })"""
    assert set(page.locator("dl.statestore-fields").first.evaluate(beside)) == {True}


def test_a_status_is_a_word(built: Built) -> None:
    """A store that is not in use says so beside its name, also in the indices; a column of its own replaces that."""

    def marked(name: str) -> list[str]:
        page = BeautifulSoup(built.text(f"{name}.html"), "html.parser")
        return [each.get_text() for each in page.select("table.statestore-table td:first-child > em")]

    assert marked("index") == marked("five") == marked("statestore-stores") == ["deprecated", "planned"]
    assert marked("many") == []
