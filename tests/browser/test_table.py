"""The tools of a table in a browser: what they show and hide, what they copy, and what is there without them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect

from benchmarks.browser import measure_tools
from sphinx_statestores import sphinx_ext
from sphinx_statestores.export.csv_rows import to_csv
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Built, Server, Site
    from playwright.sync_api import Browser, Locator, Page

STATIC = Path(sphinx_ext.__file__).parent / "static"

#: Name, backend, service, purpose, more.
STORES: list[tuple[str, str, str, str, dict[str, object]]] = [
    ("auth-lock-10", "redis", "Auth", "Locks of sessions", {"tags": ["lock", "hot"]}),
    ("auth-lock-2", "redis", "Auth", "Locks of tokens", {"tags": ["lock"]}),
    ("auth-sessions", "redis", "Auth", "Sessions of players", {"tags": ["hot"]}),
    ("account-data", "mysql", "Account", "Accounts, with Café and `code | bar`", {}),
    ("account-archive", "mysql", "Account", "=SUM(A1), a formula", {"status": "deprecated"}),
    ("quest-data", "mysql", "Quest", "Quests & <b>rewards</b>", {}),
    ("quest-cache", "redis", "Quest", "A *cache* of quests", {"tags": ["hot"]}),
    ("quest-plan", "mysql", "Quest", "What is to come", {"status": "planned"}),
    ("voice-rooms", "redis", "Voice", "Rooms", {}),
    ("voice-history", "mysql", "Voice", "History of rooms", {}),
]


def registry() -> str:
    """The stores as a registry."""
    return json.dumps(
        {
            "x-state-stores": {
                name: {"backend": backend, "service": service, "purpose": purpose, **more}
                for name, backend, service, purpose, more in STORES
            }
        }
    )


def make(site: Site, *options: str) -> Built:
    """Build a page with one table."""
    site.registry(registry())
    site.write("index.md", "\n".join(["# Top", "", "```{statestore-table}", *options, "```", ""]))
    return site.build()


@pytest.fixture(scope="module")
def built(new_site: Callable[[], Site]) -> Built:
    """The table of all stores, for the tests that only look at it."""
    return make(new_site())


@pytest.fixture
def table(built: Built, opened: Callable[..., Page]) -> Page:
    """The page, ready."""
    return ready(opened((built.outdir / "index.html").as_uri()))


def ready(page: Page) -> Page:
    """Wait for the tools of the first table."""
    expect(page.locator(".statestore-interactive[data-ready]").first).to_be_attached()
    return page


def names(page: Page) -> list[str]:
    """The names in the rows that are shown."""
    return page.locator("tbody tr:not([hidden]):not(.statestore-group) > td:first-child code").all_inner_texts()


def names_in(box: Locator) -> list[str]:
    """The names in the rows that are shown in one of several tables."""
    return box.locator("tbody tr:not([hidden]):not(.statestore-group) > td:first-child code").all_inner_texts()


def facet(page: Page, field: str, value: str) -> Locator:
    """The button of a value."""
    return page.locator(f'button[data-field="{field}"][data-value="{value}"]')


def counts(page: Page, field: str) -> dict[str, int]:
    """The numbers on the buttons of a facet."""
    buttons = page.locator(f'button[data-field="{field}"]')
    return {
        each.get_attribute("data-value") or "": int(each.locator(".statestore-number").inner_text())
        for each in buttons.all()
    }


def column(page: Page, title: str) -> Locator:
    """The check box of a column."""
    return page.get_by_role("checkbox", name=title, exact=True, include_hidden=True)


def sort_button(page: Page, title: str) -> Locator:
    """The button in the head of a column."""
    return page.locator("th").get_by_role("button", name=title, exact=True)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("LOCK", ["auth-lock-10", "auth-lock-2"]),
        ("redis quest", ["quest-cache"]),
        ("quest redis cache", ["quest-cache"]),
        ("cafe", ["account-data"]),
        ("CAFÉ", ["account-data"]),
        ("<b>", ["quest-data"]),
        ("  rooms  ", ["voice-history", "voice-rooms"]),
        ("nothing of it", []),
    ],
)
def test_all_words_in_any_column(table: Page, words: str, found: list[str]) -> None:
    """A row is shown when its cells have all words, in any case and order, with and without accents."""
    table.locator("input[type=search]").fill(words)
    assert sorted(names(table)) == sorted(found)
    expect(table.get_by_role("status")).to_have_text(f"Rows: {len(found)} of 10")


def test_facets_narrow_and_count(table: Page) -> None:
    """Values of one facet add rows, facets narrow each other, and each number says what a press would show."""
    assert counts(table, "backend") == {"redis": 5, "mysql": 5}
    assert counts(table, "service") == {"Account": 2, "Auth": 3, "Quest": 3, "Voice": 2}
    assert counts(table, "status") == {"planned": 1, "active": 8, "deprecated": 1}
    assert counts(table, "tags") == {"hot": 3, "lock": 2}
    facet(table, "service", "Quest").click()
    expect(facet(table, "service", "Quest")).to_have_attribute("aria-pressed", "true")
    assert sorted(names(table)) == ["quest-cache", "quest-data", "quest-plan"]
    assert counts(table, "backend") == {"redis": 1, "mysql": 2}
    assert counts(table, "service") == {"Account": 2, "Auth": 3, "Quest": 3, "Voice": 2}
    facet(table, "service", "Auth").click()
    assert len(names(table)) == 6
    facet(table, "backend", "mysql").click()
    assert sorted(names(table)) == ["quest-data", "quest-plan"]
    assert counts(table, "service") == {"Account": 2, "Auth": 0, "Quest": 2, "Voice": 1}
    facet(table, "status", "planned").click()
    assert names(table) == ["quest-plan"]
    facet(table, "status", "planned").click()
    facet(table, "backend", "mysql").click()
    facet(table, "tags", "hot").click()
    table.locator("input[type=search]").fill("sessions")
    assert sorted(names(table)) == ["auth-lock-10", "auth-sessions"]
    assert counts(table, "tags") == {"hot": 2, "lock": 1}


def test_clear_shows_everything_again(table: Page) -> None:
    """The button is dead until something is chosen; it undoes all of it and leaves the reader in the search box."""
    everything = names(table)
    clear = table.locator("button.statestore-clear")
    expect(clear).to_be_disabled()
    facet(table, "backend", "mysql").click()
    sort_button(table, "Service").click()
    table.locator("input[type=search]").fill("a")
    table.locator("summary", has_text="Columns").click()
    column(table, "Purpose").uncheck()
    clear.click()
    assert names(table) == everything
    expect(clear).to_be_disabled()
    expect(table.locator("input[type=search]")).to_be_focused()
    expect(table.locator("input[type=search]")).to_have_value("")
    expect(table.locator("th[aria-sort]")).to_have_count(0)
    expect(table.locator('button[aria-pressed="true"]')).to_have_count(0)
    expect(table.locator("th")).to_have_text(["Component Name", "Backend", "Service", "Purpose"])
    assert "#" not in table.url


def test_sorting_is_natural_and_stable(table: Page) -> None:
    """Numbers in names count as numbers; equal cells keep their order both ways; a third press is the first order."""
    everything = names(table)
    name = sort_button(table, "Component Name")
    head = table.locator("th").first
    name.click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    up = names(table)
    assert up.index("auth-lock-2") < up.index("auth-lock-10")
    name.click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert names(table) == up[::-1]
    name.click()
    assert head.get_attribute("aria-sort") is None
    assert names(table) == everything
    backend = sort_button(table, "Backend")
    kinds = {store: kind for store, kind, *_ in STORES}
    backend.click()
    mysql, redis = ([store for store in everything if kinds[store] == kind] for kind in ("mysql", "redis"))
    assert names(table) == mysql + redis
    backend.click()
    assert names(table) == redis + mysql
    expect(table.locator("th[aria-sort]")).to_have_count(1)


def test_empty_cells_come_last(site: Site, opened: Callable[..., Page]) -> None:
    """Rows without a value are below the others, whichever way a column is sorted."""
    page = ready(opened((make(site, ":columns: name, tags").outdir / "index.html").as_uri()))
    for _ in range(2):
        sort_button(page, "Tags").click()
        tags = page.locator("tbody td:nth-child(2)").all_inner_texts()
        assert tags[4:] == [""] * 6
        assert all(tags[:4])


def test_sizes_are_sorted_by_what_they_are(site: Site, opened: Callable[..., Page]) -> None:
    """A size of another unit comes where its bytes belong."""
    sizes = {"account-data": 5_000_000, "quest-data": 900, "quest-plan": 90_000, "voice-history": 10**10}
    server = {
        "backends": [], "product": "p", "role": "", "started": "", "seconds": 0, "most_keys": 0, "most_seconds": 0,
        "total": 4, "seen": 4,
    }  # fmt: skip
    stores = [
        {"name": name, "server": 0, "table": {"name": name.replace("-", "_"), "bytes": size}}
        for name, size in sizes.items()
    ]
    site.write("observed.json", json.dumps({"version": 1, "servers": [server], "stores": stores}))
    site.conf("statestores_observed = 'observed.json'\nstatestores_lint = False\n")
    page = ready(opened((make(site, ":columns: name, seen-bytes").outdir / "index.html").as_uri()))
    sort_button(page, "Size").click()
    assert names(page)[:4] == ["quest-data", "quest-plan", "account-data", "voice-history"]


def test_the_state_is_in_the_address(built: Built, table: Page, opened: Callable[..., Page]) -> None:
    """What is chosen can be passed on: the same address shows the same rows."""
    table.locator("input[type=search]").fill("of rooms&co")
    table.locator("input[type=search]").fill("of")
    facet(table, "service", "Auth").click()
    facet(table, "service", "Voice").click()
    sort_button(table, "Component Name").click()
    sort_button(table, "Component Name").click()
    assert table.url.endswith("index.html#stores?q=of&service=Auth&service=Voice&sort=-name")
    other = ready(opened(table.url))
    assert names(other) == names(table) == ["voice-history", "auth-sessions", "auth-lock-10", "auth-lock-2"]
    expect(other.locator("input[type=search]")).to_have_value("of")
    expect(facet(other, "service", "Voice")).to_have_attribute("aria-pressed", "true")
    expect(other.locator("th").first).to_have_attribute("aria-sort", "descending")
    escaped = opened(f"{(built.outdir / 'index.html').as_uri()}#stores%3Fq%3Dof%26service%3DAuth")
    assert len(names(ready(escaped))) == 3


@pytest.mark.parametrize(
    "fragment",
    [
        "stores?",
        "stores?backend=oracle&sort=colour&hide=all",
        "stores?q=%E0%A4%A",
        "%",
        "?",
        "other?q=lock",
        "stores",
    ],
)
def test_an_address_that_fits_no_table(built: Built, opened: Callable[..., Page], fragment: str) -> None:
    """Values, columns and tables that do not exist are left out, and nothing fails."""
    page = ready(opened(f"{(built.outdir / 'index.html').as_uri()}#{fragment}"))
    assert len(names(page)) == (0 if "%E0" in fragment else 10)


def test_back_and_forward(table: Page) -> None:
    """Each choice is one step of the history, and a search is one, however many letters it has."""
    table.locator("input[type=search]").press_sequentially("lock")
    facet(table, "tags", "hot").click()
    assert names(table) == ["auth-lock-10"]
    table.go_back()
    assert len(names(table)) == 2
    expect(table.locator("input[type=search]")).to_have_value("lock")
    table.go_back()
    assert len(names(table)) == 10
    expect(table.locator("input[type=search]")).to_have_value("")
    table.go_forward()
    table.go_forward()
    assert names(table) == ["auth-lock-10"]
    expect(facet(table, "tags", "hot")).to_have_attribute("aria-pressed", "true")


def test_each_row_has_a_link_to_itself(table: Page) -> None:
    """A row has one link to itself, which can be seen, focused and named, and has no text in the cell."""
    links = table.locator("tbody tr > td a.statestore-permalink")
    expect(links).to_have_count(10)
    row = table.locator("#store-quest-data")
    link = row.get_by_role("link", name="Link to this row")
    expect(link).to_have_attribute("href", "#store-quest-data")
    row.hover()
    ink = "link => getComputedStyle(link, '::after').color"
    unseen = "rgba(0, 0, 0, 0)"
    assert link.evaluate(ink) == row.evaluate("row => getComputedStyle(row).color") != unseen
    assert links.first.evaluate(ink) == unseen
    links.first.focus()
    assert links.first.evaluate(ink) != unseen
    assert row.locator("td").first.inner_text() == "quest-data"
    link.click()
    assert table.url.endswith("#store-quest-data")
    expect(row).to_have_class("statestore-target")


def test_a_link_to_a_row_shows_it_whatever_is_filtered(
    built: Built, table: Page, opened: Callable[..., Page]
) -> None:
    """The row of an address is shown and marked beside what is filtered; Back takes it away again."""
    facet(table, "backend", "redis").click()
    filtered = names(table)
    assert "voice-history" not in filtered
    table.evaluate("location.hash = '#store-voice-history'")
    row = table.locator("#store-voice-history")
    expect(row).to_be_visible()
    expect(row).to_be_in_viewport()
    expect(row).to_have_class("statestore-target")
    expect(table.get_by_role("status")).to_have_text("Rows: 6 of 10")
    table.go_back()
    expect(row).to_be_hidden()
    assert names(table) == filtered
    table.go_forward()
    expect(row).to_be_visible()
    facet(table, "service", "Auth").click()
    expect(row).to_be_hidden()
    small = {"width": 800, "height": 200}
    fresh = ready(opened(f"{(built.outdir / 'index.html').as_uri()}#store-voice-history", viewport=small))
    expect(fresh.locator("#store-voice-history")).to_be_in_viewport()
    expect(fresh.locator("#store-voice-history")).to_have_class("statestore-target")
    assert len(names(fresh)) == 10
    facet(fresh, "service", "Auth").click()
    fresh.go_back()
    assert len(names(fresh)) == 10


TWO = """\
Top
===

.. statestore-table::
   :interactive: true
   :service: Auth
   :caption: Of Auth
   :name: tab-auth

.. statestore-table::
   :no-index:

.. statestore-table::
   :service: Voice
   :no-index:
"""


def test_several_tables_have_a_state_each(site: Site, opened: Callable[..., Page]) -> None:
    """Each table is filtered for itself, and the address has the states of all, by ids where they have some."""
    site.registry(registry())
    site.write("index.rst", TWO)
    built = site.build()
    page = ready(opened((built.outdir / "index.html").as_uri()))
    boxes = page.locator(".statestore-interactive")
    expect(boxes).to_have_count(2)  # the third has too few rows
    expect(page.locator("table")).to_have_count(3)
    boxes.nth(0).locator("input[type=search]").fill("lock")
    boxes.nth(1).locator('[data-value="mysql"]').click()
    expect(page).to_have_url(re.compile(r"#tab-auth\?q=lock;stores-2\?backend=mysql$"))
    again = ready(opened(page.url)).locator(".statestore-interactive")
    assert len(names_in(again.nth(0))) == 2
    assert len(names_in(again.nth(1))) == 5
    page.go_back()
    assert len(names_in(boxes.nth(0))) == 2
    assert len(names_in(boxes.nth(1))) == 10
    # The place of a table works for one that has a name, too.
    placed = ready(opened((built.outdir / "index.html").as_uri() + "#stores?q=lock")).locator(
        ".statestore-interactive"
    )
    assert len(names_in(placed.nth(0))) == 2


def test_a_number_that_docutils_gives_is_no_name(site: Site, opened: Callable[..., Page]) -> None:
    """A table with a caption and no name is addressed by its place: the number of its id moves with other tables."""
    site.registry(registry())
    site.write("index.rst", TWO.replace("   :name: tab-auth\n", ""))
    built = site.build()
    page = ready(opened((built.outdir / "index.html").as_uri()))
    page.locator(".statestore-interactive").nth(0).locator("input[type=search]").fill("lock")
    expect(page).to_have_url(re.compile(r"#stores\?q=lock$"))


def test_links_to_rows_of_two_tables(site: Site, opened: Callable[..., Page]) -> None:
    """One row at a time is marked, whichever table it is in, and an address of nothing marks none."""
    site.registry(registry())
    tables = (
        f".. statestore-table::\n   :service: {service}\n   :interactive: true\n" for service in ("Auth", "!Auth")
    )
    site.write("index.rst", "Top\n===\n\n" + "\n".join(tables))
    page = ready(opened((site.build().outdir / "index.html").as_uri()))
    marked = page.locator(".statestore-target")
    for name in ("auth-sessions", "voice-history", "auth-lock-2"):
        page.evaluate("name => { location.hash = '#store-' + name }", name)
        expect(marked).to_have_count(1)
        expect(marked).to_have_id(f"store-{name}")
    page.evaluate("location.hash = '#nothing'")
    expect(marked).to_have_count(0)


def test_csv_of_a_page_is_that_of_the_command(site: Site, server: Server, opened: Callable[..., Page]) -> None:
    """Both guard the same cells against spreadsheets, and none else."""
    purposes = ["=1", "+1", "-1", "@x", "\uff1d1", "\uff0b1", "'quoted", "plain", "a=b", "1 - 2"]
    stores = {
        f"s{number}": {"backend": "redis", "service": "A", "purpose": text} for number, text in enumerate(purposes)
    }
    text = json.dumps({"x-state-stores": stores})
    site.registry(text)
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n   :columns: name, purpose\n   :interactive: true\n")
    page = ready(opened(serve(site.build(), server), permissions=["clipboard-read", "clipboard-write"]))
    page.locator("summary", has_text="Export").click()
    shown = list(csv.reader(io.StringIO(copied(page, "Copy as CSV"))))
    exported = to_csv(load_sources([SourceText("s.yaml", text, "")])[0], ("name", "purpose"))
    assert shown[1:] == list(csv.reader(io.StringIO(exported)))[1:]


def test_heads_of_groups_survive(site: Site, opened: Callable[..., Page]) -> None:
    """A group is sorted within itself; its head is there as long as it has a row, whatever columns are shown."""
    built = make(site, ":group-by: backend", ":columns: name, service, purpose")
    page = ready(opened((built.outdir / "index.html").as_uri()))
    heads = page.locator("tr.statestore-group:not([hidden]) th")
    titles = heads.all_inner_texts()
    assert len(titles) == 2
    sort_button(page, "Component Name").click()
    sort_button(page, "Component Name").click()
    assert heads.all_inner_texts() == titles
    order = page.locator("tbody tr").evaluate_all("rows => rows.map(row => row.id.slice(6))")
    redis = ["voice-rooms", "quest-cache", "auth-sessions", "auth-lock-10", "auth-lock-2"]
    mysql = ["voice-history", "quest-plan", "quest-data", "account-data", "account-archive"]
    assert order == ["", *redis, "", *mysql]
    page.locator("input[type=search]").fill("rooms voice-rooms")
    expect(heads).to_have_count(1)
    page.locator("input[type=search]").fill("nothing")
    expect(heads).to_have_count(0)
    page.locator("button.statestore-clear").click()
    page.locator("summary", has_text="Columns").click()
    column(page, "Purpose").uncheck()
    assert [each.get_attribute("colspan") for each in heads.all()] == ["2", "2"]
    expect(page.get_by_role("status")).to_have_text("Rows: 10 of 10")


def test_columns_are_hidden_and_shown(table: Page, opened: Callable[..., Page]) -> None:
    """A column goes from head and rows and is in the address; the last one stays; a search still looks into it."""
    table.locator("summary", has_text="Columns").click()
    for title in ("Purpose", "Backend"):
        column(table, title).uncheck()
    heads = table.locator("th:not([hidden])")
    expect(heads).to_have_text(["Component Name", "Service"])
    expect(table.locator("#store-quest-data td:not([hidden])")).to_have_text(["quest-data", "Quest"])
    assert table.url.endswith("#stores?hide=backend&hide=purpose")
    table.locator("input[type=search]").fill("rewards")
    assert names(table) == ["quest-data"]
    column(table, "Component Name").uncheck()
    column(table, "Service").click()
    expect(column(table, "Service")).to_be_checked()
    expect(heads).to_have_text(["Service"])
    other = ready(opened(table.url))
    expect(other.locator("th:not([hidden])")).to_have_text(["Service"])
    column(table, "Purpose").check()
    expect(heads).to_have_text(["Service", "Purpose"])


def serve(built: Built, server: Server) -> str:
    """Serve a site; return its address."""
    for path in built.outdir.rglob("*"):
        if path.is_file():
            server.answers[f"/{path.relative_to(built.outdir).as_posix()}"] = path.read_bytes()
    return f"{server.url}index.html"


def copied(page: Page, what: str) -> str:
    """Copy by a button; return what is on the clipboard."""
    page.get_by_role("button", name=what).click()
    expect(page.get_by_role("status")).to_contain_text("Copied.")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def test_the_rows_shown_are_copied(built: Built, server: Server, opened: Callable[..., Page]) -> None:
    """CSV and Markdown have the rows and columns that are shown, in their order, as texts: no formula, no markup."""
    page = ready(opened(serve(built, server), permissions=["clipboard-read", "clipboard-write"]))
    page.locator("input[type=search]").fill("account")
    sort_button(page, "Component Name").click()
    page.locator("summary", has_text="Columns").click()
    column(page, "Backend").uncheck()
    page.locator("summary", has_text="Export").click()
    rows = list(csv.reader(io.StringIO(copied(page, "Copy as CSV"))))
    assert rows == [
        ["Component Name", "Service", "Purpose"],
        ["account-archive", "Account", "'=SUM(A1), a formula"],
        ["account-data", "Account", "Accounts, with Café and code | bar"],
    ]
    assert copied(page, "Copy as Markdown").splitlines() == [
        "| Component Name | Service | Purpose |",
        "| --- | --- | --- |",
        "| `account-archive` | Account | =SUM(A1), a formula |",
        r"| `account-data` | Account | Accounts, with Café and `code \| bar` |",
    ]
    page.locator("input[type=search]").fill("quest")
    facet(page, "status", "active").click()
    text = copied(page, "Copy as Markdown")
    assert r"A \*cache\* of quests" in text
    assert r"Quests & \<b>rewards\</b>" in text


def test_rows_have_no_stripes_while_some_are_hidden(table: Page) -> None:
    """Stripes of a theme, which count hidden rows, go while a filter is on, and come back."""
    table.add_style_tag(content="body table.docutils tbody tr:nth-child(odd) td { background-color: rgb(1, 2, 3); }")
    grounds = "rows => new Set(rows.map(row => getComputedStyle(row.cells[0]).backgroundColor)).size"
    rows = table.locator("tbody tr:not([hidden])")
    assert rows.evaluate_all(grounds) == 2
    table.locator("input[type=search]").fill("data")
    assert rows.count() == 2
    assert rows.evaluate_all(grounds) == 1
    table.locator("button.statestore-clear").click()
    assert rows.evaluate_all(grounds) == 2


def test_csv_is_a_file(table: Page) -> None:
    """The file is UTF-8 with a mark, as spreadsheets want it, and has what is shown."""
    table.locator("input[type=search]").fill("café")
    table.locator("summary", has_text="Export").click()
    with table.expect_download() as waiting:
        table.get_by_role("button", name="Download CSV").click()
    download = waiting.value
    assert download.suggested_filename == "stores.csv"
    content = Path(download.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    [_, row] = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert row == ["account-data", "MySQL", "Account", "Accounts, with Café and code | bar"]


def test_the_keyboard_does_all_of_it(table: Page) -> None:
    """Every tool is reached with Tab in the order in which they stand, and works with Enter, Space and Escape."""
    table.locator("input[type=search]").focus()
    reached = []
    for _ in range(24):
        reached.append(table.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"))
        outline = table.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", reached[-1]
        if reached[-1] == "Purpose":
            break
        table.keyboard.press("Tab")
    assert reached == [
        "", "Columns", "Export", "Redis 5", "MySQL 5", "Account 2", "Auth 3", "Quest 3", "Voice 2",
        "planned 1", "active 8", "deprecated 1", "hot 3", "lock 2", "Component Name", "Backend", "Service", "Purpose",
    ]  # fmt: skip
    table.keyboard.press("Enter")
    expect(table.locator("th").last).to_have_attribute("aria-sort", "ascending")
    expect(sort_button(table, "Purpose")).to_be_focused()
    facet(table, "backend", "mysql").focus()
    table.keyboard.press("Space")
    assert len(names(table)) == 5
    expect(facet(table, "backend", "mysql")).to_be_focused()
    table.locator("summary", has_text="Columns").focus()
    table.keyboard.press("Enter")
    table.keyboard.press("Tab")
    table.keyboard.press("Space")
    expect(table.locator("th:not([hidden])")).to_have_count(3)
    table.keyboard.press("Escape")
    expect(table.locator("summary", has_text="Columns")).to_be_focused()
    expect(column(table, "Component Name")).to_be_hidden()


def test_without_javascript_there_is_a_plain_table(built: Built, opened: Callable[..., Page]) -> None:
    """Without scripts all rows are there, and nothing that does not work."""
    page = opened((built.outdir / "index.html").as_uri(), java_script_enabled=False)
    expect(page.locator("tbody tr")).to_have_count(10)
    expect(page.locator("tbody tr").last).to_be_visible()
    expect(page.locator("main button, [role=main] button, .statestore-tools")).to_have_count(0)
    text = page.locator("table").inner_text()
    assert "words" not in text


@pytest.mark.parametrize("theme", ["basic", "furo", "alabaster"])
def test_paper_has_all_rows_and_no_tools(site: Site, opened: Callable[..., Page], theme: str) -> None:
    """What is printed does not depend on what is filtered."""
    site.conf(f"html_theme = {theme!r}\n")
    page = ready(opened((make(site).outdir / "index.html").as_uri()))
    page.locator("input[type=search]").fill("cafe")
    expect(page.locator("#store-quest-data")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator("#store-quest-data")).to_be_visible()
    expect(page.locator(".statestore-tools")).to_be_hidden()
    expect(page.locator("a.statestore-permalink").first).to_be_hidden()


@pytest.mark.parametrize("theme", ["basic", "furo", "alabaster"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tools_can_be_read_in_every_theme(
    site: Site, opened: Callable[..., Page], theme: str, scheme: str
) -> None:
    """Words of buttons have the ink of the page's text, in light and dark, and none is smaller than 24 pixels."""
    site.conf(f"html_theme = {theme!r}\n")
    page = ready(opened((make(site).outdir / "index.html").as_uri(), color_scheme=scheme))
    ink = page.locator("tbody td").last.evaluate("cell => getComputedStyle(cell).color")
    facet(page, "backend", "redis").click()
    page.locator("summary", has_text="Columns").click()
    page.locator("summary", has_text="Export").click()
    tools = page.locator(".statestore-tools").locator("button:visible, summary, input[type=search], label")
    assert tools.count() > 15
    for tool in [*tools.all(), *page.locator("th button").all()]:
        box = tool.bounding_box()
        assert box is not None
        assert box["height"] >= 24, tool.inner_text()
        if tool.evaluate("tool => !tool.closest('th')"):
            assert tool.evaluate("tool => getComputedStyle(tool).color") == ink, tool.inner_text()


@pytest.mark.parametrize("theme", ["basic", "furo", "alabaster"])
def test_the_tools_fit_a_phone(site: Site, opened: Callable[..., Page], theme: str) -> None:
    """On a narrow screen the tools stay within their column, also when their lists are open."""
    site.conf(f"html_theme = {theme!r}\n")
    page = ready(opened((make(site).outdir / "index.html").as_uri(), viewport={"width": 360, "height": 740}))
    for summary in page.locator(".statestore-tools summary").all():
        summary.click()
    for tool in page.locator(".statestore-tools").locator("button, summary, input, label").all():
        box = tool.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360, tool.inner_text()


def test_a_strict_policy_and_no_request_elsewhere(built: Built, server: Server, opened: Callable[..., Page]) -> None:
    """Under a policy that allows the site's own files alone all tools work, and only those files are asked for."""
    address = serve(built, server)
    policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'"
    html = built.text("index.html")
    # Scripts and styles within the page are those of the theme.
    html = re.sub(r"<script>.*?</script>| style=\"[^\"]*\"", "", html, flags=re.DOTALL)
    head = f'<head><meta http-equiv="Content-Security-Policy" content="{policy}">'
    server.answers["/index.html"] = html.replace("<head>", head).encode()
    page = opened("about:blank")
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.goto(address)
    ready(page)
    page.locator("input[type=search]").fill("lock")
    sort_button(page, "Component Name").click()
    assert names(page) == ["auth-lock-2", "auth-lock-10"]
    page.locator("summary", has_text="Export").click()
    with page.expect_download():
        page.get_by_role("button", name="Download CSV").click()
    assert [text for text in told if "Content Security Policy" in text] == []
    assert all(url.startswith((server.url, "blob:")) for url in asked)
    assert any(url.endswith(".js") or ".js?" in url for url in asked)


def one_table(site: Site, stores: dict[str, Any], backends: dict[str, Any] | None = None) -> Path:
    """Build a site whose page is a table of stores; return the page."""
    site.registry(json.dumps({"x-state-stores": stores, "x-backends": backends or {}}))
    site.conf('suppress_warnings = ["statestores"]\n')
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
    return site.build().outdir / "index.html"


def numbered(number: int, every: int) -> dict[str, Any]:
    """So many stores in Redis, but *every* so many one in MySQL."""
    return {
        f"store-{each}": {"backend": "redis" if each % every else "mysql", "service": "Auth", "purpose": "Data"}
        for each in range(number)
    }


def test_texts_stay_texts(site: Site, opened: Callable[..., Page]) -> None:
    """Markup in services, tags, labels and purposes is shown and does nothing."""
    evil = "</script><img src=x onerror=document.title='run'>"
    stores = {
        f"store-{number}": {
            "backend": f"b{number % 2}",
            "service": "Auth",
            "purpose": evil,
            "tags": [evil, f"t{number}"],
        }
        for number in range(12)
    }
    backends = {"b0": {"label": evil}, "b1": {"label": "<b>One</b>"}}
    page = ready(opened(one_table(site, stores, backends).as_uri()))
    expect(facet(page, "backend", "b0")).to_contain_text(evil)
    expect(facet(page, "backend", "b1")).to_contain_text("<b>One</b>")
    page.locator("summary", has_text="Tags").click()
    page.locator(".statestore-tools [data-field=tags]").first.click()
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert page.title() != "run"


def test_many_services_are_a_list(site: Site, opened: Callable[..., Page]) -> None:
    """A facet with many values is a list to open, which can be narrowed, scrolls, and tells what is chosen."""
    stores = {
        f"store-{number:03}": {"backend": "redis", "service": f"Service{number % 60}", "purpose": "Data"}
        for number in range(120)
    }
    page = ready(opened(one_table(site, stores).as_uri()))
    service = facet(page, "service", "Service42")
    expect(service).to_be_hidden()
    summary = page.locator(".statestore-facet-list summary")
    summary.click()
    assert page.locator(".statestore-facet-list .statestore-choices").evaluate("box => box.clientHeight") < 300
    page.get_by_label("Narrow the list").fill("ice42")
    expect(page.locator('button[data-field="service"]:visible')).to_have_text(["Service42 2"])
    service.click()
    assert names(page) == ["store-042", "store-102"]
    expect(summary).to_have_text("Service: Service42")
    summary.click()
    page.locator("input[type=search]").fill("store-1")
    summary.click()
    page.get_by_label("Narrow the list").fill("")
    # Of the others, those that the search has found.
    expect(page.locator('button[data-field="service"]:visible')).to_have_count(20)


def test_a_large_table_shows_all_rows_soon(site: Site, opened: Callable[..., Page]) -> None:
    """Rows beyond the first wait until the browser has time; then all are there, in their order and counted."""
    page = ready(opened(one_table(site, numbered(1500, 2)).as_uri()))
    waiting = page.locator("tbody tr[hidden]")
    last = page.locator("tbody tr:not([hidden])").last
    expect(waiting).to_have_count(0)
    expect(last).to_be_visible()
    at_once = page.evaluate(
        """() => {
            document.querySelector('th button').click();
            return document.querySelectorAll('tbody tr[hidden]').length;
        }"""
    )
    assert at_once == 1400
    expect(waiting).to_have_count(0)
    assert names(page) == [f"store-{number}" for number in range(1500)]
    page.locator("input[type=search]").fill("mysql")
    expect(page.get_by_role("status")).to_have_text("Rows: 750 of 1,500")
    page.locator("input[type=search]").fill("")
    page.evaluate("location.hash = '#store-store-1499'")
    expect(page.locator("#store-store-1499")).to_be_in_viewport()


#: What readers do where rows of a large table may be missing -> how.
SIGNS: dict[str, Callable[[Page], object]] = {
    "scroll": lambda page: page.mouse.wheel(0, 100_000),
    "search": lambda page: page.keyboard.press("Control+f"),
    "menu": lambda page: page.evaluate("window.dispatchEvent(new Event('blur'))"),
    "link": lambda page: page.evaluate("location.hash = '#store-store-2199'"),
}


@pytest.fixture
def very_large(site: Site) -> str:
    """The address of a page with 2,200 stores."""
    return one_table(site, numbered(2200, 40)).as_uri()


@pytest.mark.parametrize("sign", SIGNS)
def test_a_very_large_table_shows_all_rows_to_who_reads_on(
    very_large: str, opened: Callable[..., Page], sign: str
) -> None:
    """Of more than two thousand rows, the browser lays out the others when the reader comes near or searches."""
    page = ready(opened(very_large))
    waiting = page.locator("tbody tr[hidden]")
    page.mouse.wheel(0, 300)
    page.keyboard.press("a")
    page.wait_for_timeout(700)
    expect(waiting).to_have_count(2100)
    sort_button(page, "Component Name").click()
    sort_button(page, "Component Name").click()
    page.wait_for_timeout(700)
    expect(waiting).to_have_count(2100)
    SIGNS[sign](page)
    expect(waiting).to_have_count(0)
    assert names(page) == [f"store-{number}" for number in reversed(range(2200))]


def test_a_very_large_table_shows_what_is_found_without_gaps(very_large: str, opened: Callable[..., Page]) -> None:
    """Before the reader goes on, the rows that are laid out are the first ones, whatever was found before."""
    page = ready(opened(very_large))
    order = [
        row.removeprefix("store-store-") for row in page.locator("tbody tr").evaluate_all("all => all.map(r => r.id)")
    ]
    for words, found in (
        ("mysql", [n for n in order if int(n) % 40 == 0]),
        ("", order),
        ("store-21", None),
        ("", order),
    ):
        page.locator("input[type=search]").fill(words)
        shown = [name.removeprefix("store-") for name in names(page)]
        expected = [n for n in order if words in f"store-{n}"] if found is None else found
        assert shown == expected[:100]
    expect(facet(page, "backend", "redis")).to_have_text("Redis 2,145")
    page.locator("input[type=search]").fill("store-1000")
    page.mouse.wheel(0, 50)
    page.locator("input[type=search]").fill("")
    page.wait_for_timeout(700)
    assert len(names(page)) == 100, "a reader who scrolls a short result has not gone on"
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [f"store-{n}" for n in order]


def test_changes_touch_what_changes(site: Site, opened: Callable[..., Page]) -> None:
    """A filter writes to the rows that come or go, whatever the size of the table."""
    touched = []
    for size in (40, 160):
        page = ready(opened(one_table(site, numbered(size, 8)).as_uri()))
        facet(page, "backend", "mysql").click()
        touched.append(
            page.evaluate(
                """async () => {
                    let number = 0;
                    const watch = new MutationObserver((changes) => (number += changes.length));
                    watch.observe(document.querySelector('tbody'),
                                  { attributes: true, childList: true, subtree: true });
                    const box = document.querySelector('input[type=search]');
                    box.value = 'store-8';
                    box.dispatchEvent(new Event('input'));
                    await Promise.resolve();
                    return number - (document.querySelectorAll('tbody tr').length / 8 - names().length);
                    function names() { return document.querySelectorAll('tbody tr:not([hidden])'); }
                }"""
            )
        )
    assert touched == [0, 0]


@pytest.mark.parametrize("language", ["de", "ja"])
def test_the_tools_speak_the_language_of_the_site(site: Site, opened: Callable[..., Page], language: str) -> None:
    """Words and numbers of the tools are those of the language."""
    site.conf(f"language = {language!r}\n")
    page = ready(opened((make(site).outdir / "index.html").as_uri()))
    words = {"de": ("Tabelle durchsuchen", "Zeilen: 1 von 10"), "ja": ("表を検索", "行数: 10 行中 1 行")}[language]
    page.get_by_placeholder(words[0]).fill("cafe")
    expect(page.get_by_role("status")).to_have_text(words[1])


def test_one_page_has_the_tools_of_all(site: Site, opened: Callable[..., Page]) -> None:
    """In ``singlehtml`` a table of any document has its tools, and links to rows work."""
    site.registry(registry())
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   stores\n")
    site.write("stores.md", "# Stores\n\n```{statestore-table}\n```\n")
    page = ready(opened((site.build("singlehtml").outdir / "index.html").as_uri() + "#store-quest-data"))
    expect(page.locator("#store-quest-data")).to_have_class("statestore-target")
    page.locator("input[type=search]").fill("lock")
    assert len(names(page)) == 2


def test_the_files_are_small() -> None:
    """Script and style sheet have at most 10 KB together as they are sent, and need no browser newer than 2018."""
    files = [STATIC / f"statestores-table.{kind}" for kind in ("js", "css")]
    assert sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in files) <= 10_000
    script = files[0].read_text(encoding="utf-8")
    assert (
        re.findall(r"\?\.[a-z\[(]|\?\?|replaceAll|\.at\(|\?\?=|\.flat\(|fetch\(|XMLHttpRequest|https?:", script) == []
    )


def data_of(built: Built, name: str) -> list[str]:
    """The files of the tools that a page loads."""
    found = BeautifulSoup(built.text(name), "html.parser").select("script[src], link[href]")
    return [str(tag) for tag in found if "statestores-table" in str(tag)]


def test_only_pages_with_tools_load_them(site: Site) -> None:
    """A page without a table, or with a plain one, loads neither script nor style sheet."""
    site.registry(registry())
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   plain\n   prose\n\n.. statestore-table::\n")
    site.write("plain.md", "# Plain\n\n```{statestore-table}\n:interactive: false\n```\n")
    site.write("prose.md", "# Prose\n\n{store}`quest-data`\n")
    built = site.build()
    assert len(data_of(built, "index.html")) == 2
    assert data_of(built, "plain.html") == data_of(built, "prose.html") == data_of(built, "genindex.html") == []


def test_what_ten_thousand_rows_take(site: Site, browser: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    """The times of a large table are told, and not asserted: they depend on the machine."""
    stores = {
        f"store-{number}": {
            "backend": "redis" if number % 3 else "mysql",
            "service": f"Service{number % 500}",
            "purpose": f"What service {number % 500} keeps of sessions, tokens and players in place {number}",
            "tags": ["hot"] if number % 7 else [],
        }
        for number in range(10_000)
    }
    found = measure_tools(browser, one_table(site, stores))
    assert len(found) > 5
    with capsys.disabled():
        print("\n10,000 rows:", ", ".join(f"{name} {value:.0f}" for name, value in found.items()))  # noqa: T201
