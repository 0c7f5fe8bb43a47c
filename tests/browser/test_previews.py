"""The card that a link to a store shows: when, with what, for whom, and where there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Built, Site
    from playwright.sync_api import Page

CARD = ".statestore-card"

PAGE = {
    "rst": """\
        Prose
        =====

        About :store:`auth-lock`, :store:`the accounts <account-statestore>` and ``auth-statestore``;
        see :store:`account-archive` and :ref:`genindex`.
        """,
    "md": """\
        # Prose

        About {store}`auth-lock`, {store}`the accounts <account-statestore>` and `auth-statestore`;
        see {store}`account-archive` and {ref}`genindex`.
        """,
}


def write_pages(site: Site, language: str) -> None:
    """Write a page of prose in one of the languages, a table, and a page without either."""
    site.conf("statestores_autolink = True\n")
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n\n.. toctree::\n\n   prose\n   plain\n")
    site.write(f"prose.{language}", PAGE[language])
    site.write("plain.rst", "Plain\n=====\n\nNothing.\n")


@pytest.fixture(scope="module", params=["rst", "md"])
def built(new_site: Callable[[], Site], request: pytest.FixtureRequest) -> Built:
    """Build the pages in each language, once for all tests that only look at them."""
    site = new_site()
    write_pages(site, request.param)
    return site.build()


def test_hovering_shows_the_card(built: Built, opened: Callable[..., Page]) -> None:
    """Hovering over a link shows the facts of its store; leaving takes the card away."""
    page = opened((built.outdir / "prose.html").as_uri())
    expect(page.locator(CARD)).to_have_count(0)
    page.get_by_role("link", name="auth-lock").hover()
    expect(page.locator(CARD)).to_be_visible()
    assert page.locator(f"{CARD} :is(code.statestore-card-name, p, dt, dd)").all_inner_texts() == [
        "auth-lock",
        "Locks for auth-statestore",
        "Backend",
        "Redis",
        "Service",
        "Auth",
        "Prefix",
        "auth:lock",
    ]
    page.mouse.move(2, 2)
    expect(page.locator(CARD)).to_have_count(0)


@pytest.mark.parametrize(
    ("words", "table"),
    [("the accounts", "account_statestore"), ("auth-statestore", "auth"), ("account-archive", "account_archive")],
)
def test_every_link_to_a_store_has_one(built: Built, opened: Callable[..., Page], words: str, table: str) -> None:
    """A role with words of its own, inline code and a deprecated store all show a card."""
    page = opened((built.outdir / "prose.html").as_uri())
    page.get_by_role("link", name=words).hover()
    expect(page.locator(f"{CARD} dd").last).to_have_text(table)


def test_a_deprecated_store_says_so_first(built: Built, opened: Callable[..., Page]) -> None:
    """The card of a store that is not in use says what replaces it."""
    page = opened((built.outdir / "prose.html").as_uri())
    page.get_by_role("link", name="account-archive").hover()
    expect(page.locator(f"{CARD} p").first).to_have_text("Deprecated: replaced by account-statestore.")


def test_the_pointer_may_enter_the_card(built: Built, opened: Callable[..., Page]) -> None:
    """The card stays while the pointer is on it (WCAG 2.2, success criterion 1.4.13)."""
    page = opened((built.outdir / "prose.html").as_uri())
    page.get_by_role("link", name="auth-lock").hover()
    page.locator(f"{CARD} dd").last.hover()
    page.wait_for_timeout(600)
    expect(page.locator(CARD)).to_be_visible()


def test_focus_shows_the_card_and_escape_takes_it_away(built: Built, opened: Callable[..., Page]) -> None:
    """The keyboard alone opens and closes a card, and the focus stays where it was."""
    page = opened((built.outdir / "prose.html").as_uri())
    link = page.get_by_role("link", name="auth-lock")
    link.evaluate("link => link.previousElementSibling?.focus()")
    while page.evaluate("document.activeElement.textContent") != "auth-lock":
        page.keyboard.press("Tab")
    expect(page.locator(CARD)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(CARD)).to_have_count(0)
    expect(link).to_be_focused()


def test_a_screen_reader_hears_the_facts(built: Built, opened: Callable[..., Page]) -> None:
    """A link is described by its title, and by its card while that is shown; never by neither."""
    page = opened((built.outdir / "prose.html").as_uri())
    link = page.get_by_role("link", name="auth-lock")
    expect(link).to_have_accessible_description("Redis, Auth: Locks for auth-statestore")
    link.hover()
    expect(page.get_by_role("tooltip")).to_be_visible()
    expect(link).to_have_accessible_description(
        "auth-lock Locks for auth-statestore Backend Redis Service Auth Prefix auth:lock"
    )
    assert link.get_attribute("title") is None
    page.keyboard.press("Escape")
    expect(link).to_have_accessible_description("Redis, Auth: Locks for auth-statestore")


def test_the_first_touch_shows_and_the_second_follows(built: Built, opened: Callable[..., Page]) -> None:
    """A finger gets the card first and the page then; a touch elsewhere closes the card."""
    page = opened((built.outdir / "prose.html").as_uri(), has_touch=True, viewport={"width": 360, "height": 640})
    link = page.get_by_role("link", name="auth-lock")
    link.tap()
    expect(page.locator(CARD)).to_be_visible()
    box = page.locator(CARD).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    page.touchscreen.tap(180, 600)
    expect(page.locator(CARD)).to_have_count(0)
    assert page.url.endswith("prose.html")
    link.tap()
    link.tap()
    page.wait_for_url("**/index.html#store-auth-lock")


def test_a_key_follows_at_once(built: Built, opened: Callable[..., Page]) -> None:
    """On a machine with both, the first press of a key follows a link, also after a touch."""
    page = opened((built.outdir / "prose.html").as_uri(), has_touch=True)
    page.touchscreen.tap(5, 5)
    page.get_by_role("link", name="auth-lock").press("Enter")
    page.wait_for_url("**/index.html#store-auth-lock")


def test_a_long_purpose_leaves_room_for_the_facts(site: Site, opened: Callable[..., Page]) -> None:
    """A purpose of any length is cut off where it is seen, and the facts are in the window."""
    store = {"backend": "redis", "service": "Auth", "purpose": "Lots of words. " * 200, "prefix": "auth"}
    site.registry(json.dumps({"x-state-stores": {"auth": store}}))
    site.write("index.rst", "Top\n===\n\n:store:`auth`\n\n.. statestore-table::\n")
    page = opened((site.build().outdir / "index.html").as_uri(), viewport={"width": 800, "height": 600})
    page.locator("p a.reference", has_text="auth").hover()
    expect(page.locator(f"{CARD} dd").last).to_be_in_viewport(ratio=1)
    expect(page.locator(f"{CARD} p")).to_contain_text("Lots of words. " * 199)


def test_a_card_near_the_bottom_opens_upwards(built: Built, opened: Callable[..., Page]) -> None:
    """A card is whole in the window wherever its link is."""
    page = opened((built.outdir / "prose.html").as_uri(), viewport={"width": 600, "height": 300})
    link = page.get_by_role("link", name="auth-lock")
    link.evaluate("link => { link.style.position = 'fixed'; link.style.bottom = '0'; link.style.right = '0'; }")
    link.hover()
    box = page.locator(CARD).bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 300
    assert box["x"] + box["width"] <= 600


def test_a_card_is_above_a_fixed_header(built: Built, opened: Callable[..., Page]) -> None:
    """A header that stays at the top of the window, as themes on Bootstrap have it, covers no card."""
    page = opened((built.outdir / "prose.html").as_uri(), viewport={"width": 600, "height": 300})
    page.evaluate(
        """() => {
            const header = document.createElement("header");
            header.style = "position: fixed; inset: 0 0 60px; z-index: 1030; background: red";
            document.body.prepend(header);
        }"""
    )
    link = page.get_by_role("link", name="auth-lock")
    link.evaluate("link => { link.style.position = 'fixed'; link.style.bottom = '0'; }")
    link.hover()
    expect(page.locator(CARD)).to_be_visible()
    on_top = """card => {
        const { left, top } = card.getBoundingClientRect();
        return card.contains(document.elementFromPoint(left + 10, top + 5));
    }"""
    assert page.locator(CARD).evaluate(on_top)


def test_nothing_is_asked_of_the_network(built: Built, opened: Callable[..., Page]) -> None:
    """A page that is opened as a file loads files only, also when a card is shown."""
    page = opened((built.outdir / "index.html").as_uri())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((built.outdir / "prose.html").as_uri())
    page.get_by_role("link", name="auth-lock").hover()
    expect(page.locator(CARD)).to_be_visible()
    assert asked
    assert all(url.startswith("file://") for url in asked)


def test_the_texts_of_a_registry_stay_texts(site: Site, opened: Callable[..., Page]) -> None:
    """Markup in a purpose is shown and does nothing."""
    purpose = "</script><img src=x onerror=document.title='run'> & \"quotes\""
    stores = {"auth": {"backend": "redis", "service": "Auth", "purpose": purpose, "prefix": "<b>"}}
    site.registry(json.dumps({"x-state-stores": stores}))
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n\n:store:`auth`\n")
    page = opened((site.build().outdir / "index.html").as_uri())
    page.locator("p a.reference", has_text="auth").hover()
    assert page.locator(f"{CARD} p").inner_text() == purpose
    assert page.locator(f"{CARD} dd").last.inner_text() == "<b>"
    assert page.locator("img").count() == 0
    assert page.title() != "run"


@pytest.mark.parametrize("theme", ["furo", "alabaster", "classic"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_card_can_be_read_in_every_theme(
    site: Site, opened: Callable[..., Page], theme: str, scheme: str
) -> None:
    """A card has a ground of its own and ink that stands out from it, in light and dark."""
    site.conf(f"html_theme = {theme!r}\n")
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n\n:store:`auth-lock`\n")
    page = opened((site.build().outdir / "index.html").as_uri(), color_scheme=scheme)
    page.locator("p a.reference", has_text="auth-lock").hover()
    style = page.locator(CARD).evaluate("box => [getComputedStyle(box).backgroundColor, getComputedStyle(box).color]")
    ground, ink = (luminance(colour) for colour in style)
    assert (max(ground, ink) + 0.05) / (min(ground, ink) + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """The relative luminance of an opaque colour (WCAG 2.2)."""
    channels = [float(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    assert len(channels) == 3
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def scripts(built: Built, name: str) -> list[str]:
    """The script elements of a page that are ours."""
    found = BeautifulSoup(built.text(name), "html.parser").select("script")
    return [str(tag) for tag in found if "statestores" in str(tag)]


def test_only_pages_with_a_link_have_the_script(built: Built) -> None:
    """A page without a link to a store in its text loads no script, not even when it has a table."""
    assert len(scripts(built, "prose.html")) == 2
    assert scripts(built, "plain.html") == []
    assert scripts(built, "index.html") == []


def test_cards_can_be_switched_off(site: Site) -> None:
    """``statestores_preview = False`` leaves no script on any page; pages are written again for it, none is read."""
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n\n:store:`auth-lock`\n")
    assert len(scripts(site.build(), "index.html")) == 2
    site.conf("statestores_preview = False\n")
    off = site.build()
    assert scripts(off, "index.html") == []
    assert (off.read, off.written) == ([], ["index"])


@pytest.mark.parametrize("language", ["rst", "md"])
def test_a_card_is_never_stale(site: Site, language: str) -> None:
    """A new prefix, which nothing but the card shows on a page of prose, makes that page be written again."""
    write_pages(site, language)
    site.build()
    registry = (site.folder / "schemas/state-stores.yaml").read_text(encoding="utf-8")
    site.registry(registry.replace("prefix: auth:lock", "prefix: locks"))
    again = site.build()
    assert again.read == []
    assert "prose" in again.written
    assert '"locks"' in again.text("prose.html")


def test_one_page_has_the_cards_of_all(site: Site, opened: Callable[..., Page]) -> None:
    """In ``singlehtml`` the links of every document show their cards."""
    write_pages(site, "md")
    page = opened((site.build("singlehtml").outdir / "index.html").as_uri())
    page.locator("p a.reference", has_text="the accounts").hover()
    expect(page.locator(f"{CARD} dd").last).to_have_text("account_statestore")


def test_a_book_has_no_script(site: Site) -> None:
    """EPUB and help files carry no script."""
    write_pages(site, "md")
    epub = site.build("epub")
    assert "statestores-preview" not in epub.text("prose.xhtml")
