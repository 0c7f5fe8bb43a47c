"""A key in the search of a site and of a table: its stores come first; commands of entries can be copied."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Built, Server, Site
    from playwright.sync_api import Browser, Page

CASES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "keys.json").read_text(encoding="utf-8"))
OWNERS = ".statestore-owners > li"


def write(site: Site, *options: str) -> None:
    """Write a table of the stores of the cases, and two entries."""
    site.registry(json.dumps(CASES["registry"]))
    lines = ["# Top", "", "```{statestore-table}", ":interactive:", *options, "```", ""]
    lines += ["```{statestore} auth-data\n```", "", "```{statestore} orders\n```", ""]
    site.write("index.md", "\n".join(lines))


@pytest.fixture(scope="module")
def built(new_site: Callable[[], Site]) -> Built:
    """The stores of the cases, for the tests that only look at them."""
    site = new_site()
    write(site)
    return site.build()


def names(page: Page) -> list[str]:
    """The stores in the rows that are shown."""
    return page.locator(
        ".statestore-table tbody tr:not([hidden]):not(.statestore-group) > td:first-child"
    ).all_inner_texts()


def table(built: Built, opened: Callable[..., Page], fragment: str = "") -> Page:
    """Open the page of the table, and wait for its tools."""
    page = opened(f"{(built.outdir / 'index.html').as_uri()}{fragment}")
    expect(page.locator(".statestore-interactive[data-ready]")).to_be_attached()
    return page


def search(page: Page, text: str) -> None:
    """Type into the box of the table."""
    page.locator(".statestore-interactive input[type=search]").fill(text)


def test_the_script_finds_what_the_command_finds(built: Built, opened: Callable[..., Page]) -> None:
    """For each key of the cases, the script returns the same stores in the same order as the core."""
    page = table(built, opened)
    search(page, "auth:edge:token:abc")
    expect(page.locator(".statestore-table tbody tr:not([hidden])")).to_have_count(2)
    script = "async (keys) => { const find = await statestoresFindKey; return keys.map((key) => find(key)); }"
    found = page.evaluate(script, list(CASES["keys"]))
    assert dict(zip(CASES["keys"], [[each["name"] for each in one] for one in found], strict=True)) == CASES["keys"]


def test_a_key_in_the_table(built: Built, opened: Callable[..., Page]) -> None:
    """A key shows its stores, the longest prefix first; other words and a cleared box show the rows as before."""
    page = table(built, opened)
    before = names(page)
    search(page, "auth:edge:token:abc")
    expect(page.get_by_role("status").first).to_contain_text("2")
    assert names(page) == ["auth-edge", "auth-data"]
    search(page, "auth:edge:special:1 ")
    expect(page.locator(".statestore-table tbody tr:not([hidden]) >> nth=0")).to_contain_text("auth-data")
    assert names(page) == ["auth-data", "auth-edge"]
    search(page, "auth")
    assert names(page) == ["auth-data", "auth-edge", "authority", "star"]
    search(page, "nobody:1")
    assert names(page) == []
    page.locator(".statestore-clear").click()
    assert names(page) == before


def test_a_sort_order_that_the_reader_chose(built: Built, opened: Callable[..., Page]) -> None:
    """The reader's own order and the facets apply to the stores of a key as well."""
    page = table(built, opened, "#stores?q=auth:edge:1&sort=name")
    expect(page.locator(".statestore-table tbody tr:not([hidden])")).to_have_count(2)
    assert names(page) == ["auth-data", "auth-edge"]
    page.locator('button[data-field="backend"][data-value="mysql"]').click()
    assert names(page) == []


@pytest.mark.parametrize("name", ["accounts", "records"])
def test_a_table(built: Built, opened: Callable[..., Page], name: str) -> None:
    """The name of a table shows its store, also when it is one plain word that no row has."""
    page = table(built, opened)
    search(page, name)
    expect(page.locator(".statestore-table tbody tr:not([hidden])")).to_have_count(1)
    assert names(page) == CASES["keys"][name]


def test_a_key_in_the_address(built: Built, opened: Callable[..., Page]) -> None:
    """A link with a key shows its stores; a link to a row shows the row beside them."""
    page = table(built, opened, "#stores?q=auth:edge:1")
    expect(page.locator(".statestore-table tbody tr:not([hidden])")).to_have_count(2)
    assert names(page) == ["auth-edge", "auth-data"]
    page.evaluate("location.hash = '#store-files'")
    expect(page.locator("#store-files")).to_be_visible()
    assert set(names(page)) == {"auth-edge", "auth-data", "files"}


def test_groups_and_no_names(site: Site, opened: Callable[..., Page]) -> None:
    """The stores of a key are found in groups, and in a table without their names."""
    write(site, ":group-by: service", ":columns: purpose, backend")
    page = table(site.build(), opened)
    search(page, "mail:1")
    expect(page.locator(".statestore-table tbody tr:not([hidden]):not(.statestore-group)")).to_have_count(2)
    rows = page.locator(".statestore-table tbody tr:not([hidden]):not(.statestore-group)")
    assert [rows.nth(position).get_attribute("id") for position in range(2)] == ["store-xmail", "store-old-mail"]


@pytest.mark.parametrize("columns", ["name, purpose", "purpose, backend"])
def test_statuses_and_namespaces(site: Site, opened: Callable[..., Page], columns: str) -> None:
    """The stores of a key are found whatever their status, and with a namespace, in tables with and without names."""
    site.conf('statestores_registry = ["schemas/state-stores.yaml", ("o", "other/statestores.json")]\n')
    stores = {
        name: {"backend": "redis", "prefix": "same", "service": "Mail", "purpose": "P", "status": status}
        for name, status in (("a", "active"), ("b", "planned"), ("c", "deprecated"), ("d", "removed"))
    }
    published = {name: {**store, "prefix": "same:own"} for name, store in stores.items() if name in "bc"}
    site.registry(json.dumps({"x-state-stores": stores}))
    site.write("other/statestores.json", json.dumps({"x-published": {"project": "O"}, "x-state-stores": published}))
    site.write("index.md", f"# Top\n\n```{{statestore-table}}\n:interactive:\n:columns: {columns}\n```\n")
    page = table(site.build(), opened)
    search(page, "same:own:1")
    rows = page.locator(".statestore-table tbody tr:not([hidden])")
    expect(rows).to_have_count(6)
    assert [rows.nth(position).get_attribute("id") for position in range(6)] == [
        "store.o.b", "store.o.c", "store-a", "store-b", "store-c", "store-d"
    ]  # fmt: skip


def test_a_store_of_another_site_in_the_search(site: Site, opened: Callable[..., Page]) -> None:
    """The link of a merged store that no page shows leads to its own site; one that is shown leads to its row."""
    root = "https://other.example.org/docs/"
    site.conf('statestores_registry = ["schemas/state-stores.yaml", ("o", "other.json")]\n')
    store = {"backend": "redis", "service": "Mail", "purpose": "P"}
    published = {"project": "O", "url": root, "stores": {"far": "a.html#store-far", "near": "a.html#store-near"}}
    stores = {"far": {**store, "prefix": "x:far"}, "near": {**store, "prefix": "x", "service": "Near"}}
    site.write("other.json", json.dumps({"x-published": published, "x-state-stores": stores}))
    site.write("index.md", "# Top\n\n```{statestore-table}\n:service: Near\n```\n")
    built = site.build()
    page = opened(f"{(built.outdir / 'search.html').as_uri()}?q=x%3Afar%3A1")
    expect(page.locator(OWNERS)).to_have_count(2)
    assert page.locator(f"{OWNERS} > a").evaluate_all("(all) => all.map((link) => link.href)") == [
        f"{root}a.html#store-far",
        f"{built.outdir.as_uri()}/index.html#store-near",
    ]


def test_nothing_is_loaded_for_other_words(built: Built, opened: Callable[..., Page]) -> None:
    """The keys of all stores are loaded when somebody looks for one, once, and not before."""
    page = table(built, opened)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(re.sub(r".*/|=.*", "", request.url)))
    search(page, "auth")
    search(page, "auth data")
    page.wait_for_timeout(100)
    assert loaded == []
    search(page, "auth:edge:1")
    expect(page.locator(".statestore-table tbody tr:not([hidden])")).to_have_count(2)
    search(page, "auth:edge:2")
    assert loaded == ["statestores-find-key.js?v", "statestores-keys.js"]


@pytest.mark.parametrize("builder", ["html", "dirhtml"])
@pytest.mark.parametrize("theme", ["basic", "furo"])
def test_a_key_in_the_search_of_the_site(site: Site, opened: Callable[..., Page], builder: str, theme: str) -> None:
    """The page of results begins with the stores of a key, each with its pattern, its purpose and a link."""
    site.conf(f"html_theme = {theme!r}\n")
    write(site)
    built = site.build(builder)
    file = built.outdir / ("search.html" if builder == "html" else "search/index.html")
    page = opened(f"{file.as_uri()}?q=auth%3Aedge%3Atoken%3Aabc")
    expect(page.locator(OWNERS)).to_have_count(2)
    assert page.locator(f"{OWNERS} > a").all_inner_texts() == ["auth-edge", "auth-data"]
    assert page.locator(f"{OWNERS} > code").all_inner_texts() == ["auth:edge:*", "auth:*"]
    assert page.locator(f"{OWNERS} > p").first.inner_text() == "Redis, Auth: P"
    address = page.locator(f"{OWNERS} > a").first.evaluate("link => link.href")
    assert address == f"{built.outdir.as_uri()}/{'index.html' if builder == 'html' else ''}#store-auth-edge"
    expect(page.locator(".statestore-key")).to_have_text("Stores that the key may belong to, the best match first")


def test_other_words_in_the_search_of_the_site(built: Built, opened: Callable[..., Page]) -> None:
    """Words that are no key have no stores above the results."""
    for query in ("zzz", "zzz+auth:1", "nobody%3A1", ""):
        page = opened(f"{(built.outdir / 'search.html').as_uri()}?q={query}")
        page.wait_for_timeout(200)
        expect(page.locator(OWNERS)).to_have_count(0)
        expect(page.locator(".statestore-key")).to_have_count(0)


def test_copying_a_command(built: Built, opened: Callable[..., Page]) -> None:
    """Each command has a button that copies exactly it, and says so."""
    page = table(built, opened)
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (text) => {window.copied = text}}})"
    )
    buttons = page.locator(".statestore-command > button")
    expect(buttons).to_have_count(4)
    buttons.last.click()
    expect(buttons.last).to_have_text("Copied.")
    assert page.evaluate("window.copied") == "SELECT * FROM `records` WHERE `store` = 'orders' LIMIT 10;"


def test_commands_without_scripts(built: Built, browser: Browser) -> None:
    """Without scripts, the command is there to be read and selected, and no button is."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((built.outdir / "index.html").as_uri())
    expect(page.locator(".statestore-command pre").first).to_have_text(
        "redis-cli --scan --pattern 'auth:*' | head -n 20\n", use_inner_text=False
    )
    expect(page.locator(".statestore-command button")).to_have_count(0)
    context.close()


def test_a_button_of_the_theme(site: Site, opened: Callable[..., Page]) -> None:
    """Where a theme has put a button on the code, there is no second one."""
    site.conf(
        'html_js_files = [(None, {"body": SCRIPT})]\n'.replace(
            "SCRIPT",
            repr(
                "document.addEventListener('DOMContentLoaded', () => document.querySelectorAll('.highlight').forEach("
                "(code) => code.append(document.createElement('button'))))"
            ),
        )
    )
    write(site)
    page = table(site.build(), opened)
    page.wait_for_timeout(100)
    expect(page.locator(".statestore-command button")).to_have_count(4)
    expect(page.locator(".statestore-copy")).to_have_count(0)


def test_a_command_on_a_telephone(built: Built, opened: Callable[..., Page]) -> None:
    """A long command is all in sight on a narrow screen, beside its button."""
    page = table(built, opened)
    page.set_viewport_size({"width": 360, "height": 800})
    widths = page.locator(".statestore-command pre").evaluate_all(
        "(all) => all.map((each) => each.scrollWidth - each.clientWidth)"
    )
    assert widths == [0, 0, 0, 0]


@pytest.mark.parametrize("where", ["index.html", "search.html"])
def test_a_browser_that_keeps_files_has_the_newest_keys(
    site: Site, server: Server, opened: Callable[..., Page], where: str
) -> None:
    """A key that has changed is found, although the browser keeps files and the page is as it was."""

    def put(prefix: str) -> None:
        store = {"backend": "redis", "prefix": prefix, "service": "A", "purpose": "P"}
        site.registry(
            json.dumps({"x-state-stores": {"first-store": store, "second-store": {**store, "prefix": "x"}}})
        )
        built = site.build()
        for path in built.outdir.rglob("*.*"):
            server.answers[f"/{path.relative_to(built.outdir).as_posix()}"] = path.read_bytes()

    def owners(key: str) -> str:
        page.goto(f"{server.url}{where}?q={key}#stores?q={key}")
        if where == "search.html":
            return page.locator(OWNERS).inner_text()
        expect(page.locator(".statestore-table tbody tr:not([hidden])")).to_have_count(1)
        return names(page)[0]

    server.headers = {"Cache-Control": "max-age=86400"}
    site.write("index.md", "# Top\n\n```{statestore-table}\n:interactive:\n:columns: name, purpose\n```\n")
    put("old")
    page = opened(f"{server.url}{where}")
    assert "first-store" in owners("old:1")
    server.asked()
    assert "first-store" in owners("old:2")
    assert sum("statestores-keys.js" in path for path in server.asked()) == 1
    put("new")
    page.goto("about:blank")
    assert "first-store" in owners("new:1")


def test_a_page_may_not_fetch(built: Built, server: Server, opened: Callable[..., Page]) -> None:
    """Where a policy forbids a page to fetch files, its scripts still find keys."""
    for path in built.outdir.rglob("*.*"):
        server.answers[f"/{path.relative_to(built.outdir).as_posix()}"] = path.read_bytes()
    server.headers = {"Content-Security-Policy": "connect-src 'none'"}
    page = opened(f"{server.url}index.html#stores?q=auth:edge:1")
    expect(page.locator(".statestore-table tbody tr:not([hidden])")).to_have_count(2)
    assert names(page) == ["auth-edge", "auth-data"]
