"""Pictures in a browser: their texts fit, the keyboard reaches their links, and they follow the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from nasty import VALUES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Site
    from playwright.sync_api import Page

STATUSES = ("deprecated", "removed", "planned", "active")
NAMES = ["MMMMMWWWWW", "iiiiiiiiii", "WorkflowManagement", "状態管理サービス", "x" * 80, *list(VALUES.values())[:20]]
REGISTRY = "x-services:\n" + "".join(
    f"  S{n}: {{title: '{' '.join(name.split()).replace(chr(39), '')}'}}\n" for n, name in enumerate(NAMES)
)
REGISTRY += "x-state-stores:\n" + "".join(
    f"  s{n}-{'m' * (n + 2)}: {{backend: {('redis', 'mysql')[n % 2]}, service: S{n}, purpose: p, "
    f"status: {STATUSES[n % 4]}, readers: [S{(n + 1) % len(NAMES)}]}}\n"
    for n, _ in enumerate(NAMES)
)
PAGE = """
Top
===

.. statestore-map::
   :detail: stores
   :caption: All

.. statestore-map::
   :detail: services

.. statestore-chart::
   :by: service
   :stack: backend

.. statestore-table::
   :interactive: false
"""

#: For each text in a box: whether it leaves the box.
OUTSIDE = """() => [...document.querySelectorAll(".statestore-picture a, .statestore-picture g")].flatMap((group) => {
  const box = group.querySelector("rect")?.getBBox();
  return [...group.querySelectorAll("text")].filter((text) => box && !group.querySelector(".statestore-bar")
    && (text.getBBox().x < box.x || text.getBBox().x + text.getBBox().width > box.x + box.width))
    .map((text) => text.textContent);
})"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def address(site: Site) -> str:
    """The address of a page with pictures."""
    site.registry(REGISTRY)
    site.conf("html_theme = 'furo'")
    site.write("index.rst", PAGE)
    outdir: Path = site.build(suppress_warnings=["statestores"]).outdir
    return (outdir / "index.html").as_uri()


def test_texts_fit(address: str, opened: Callable[..., Page]) -> None:
    """No text is wider than its box, whatever its letters."""
    assert opened(address).evaluate(OUTSIDE) == []


def test_on_a_phone(address: str, opened: Callable[..., Page]) -> None:
    """A picture scrolls within its box, with the keyboard, and the page does not scroll sideways because of it."""
    page = opened(address, viewport={"width": 360, "height": 700})
    picture = page.locator(".statestore-picture").first
    # Not the table, which is not what this is about.
    page.locator("table").evaluate_all("(tables) => tables.forEach((table) => table.remove())")
    assert page.evaluate(SIDEWAYS) == 0
    picture.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.statestore-picture').scrollLeft > 0")


def test_the_keyboard_reaches_links(address: str, opened: Callable[..., Page]) -> None:
    """Each link of a picture can have the focus, which is visible, and leads where it says."""
    page = opened(address)
    picture = page.locator(".statestore-picture").first
    links = picture.locator("a")
    assert links.count() == len(NAMES)
    picture.focus()
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.evaluate("(link) => link.closest('svg') !== null")
    assert focused.evaluate("(link) => getComputedStyle(link).outlineStyle") == "solid"
    name = str(focused.locator("text").first.text_content())
    page.keyboard.press("Enter")
    assert page.evaluate("() => location.hash") == f"#store-{name}"


def test_colours_follow_the_theme(address: str, opened: Callable[..., Page]) -> None:
    """In the light and in the dark, texts have the colour of the page's text, and lines have colours of their own."""
    read = """() => {
      const color = (name) => getComputedStyle(document.querySelector(`.statestore-picture ${name}`));
      const text = getComputedStyle(document.querySelector("figcaption")).color;
      return [color(".statestore-head").fill === text, color(".statestore-stored-in").stroke];
    }"""
    found = [opened(address, color_scheme=scheme).evaluate(read) for scheme in ("light", "dark")]
    assert [is_same for is_same, _ in found] == [True, True]
    assert found[0][1] != found[1][1]


def test_the_status_of_a_store(address: str, opened: Callable[..., Page]) -> None:
    """The box of a deprecated or removed store is empty; that of a planned or removed one has a dashed outline."""
    read = """(status) => {
      const style = getComputedStyle(document.querySelector(`rect.statestore-store${status}`));
      return [Number(style.fillOpacity) === 0, style.strokeDasharray !== "none"];
    }"""
    page = opened(address)
    found = {status: page.evaluate(read, f".statestore-{status}") for status in STATUSES[:3]}
    assert found == {"deprecated": [True, False], "removed": [True, True], "planned": [False, True]}
    others = "".join(f":not(.statestore-{status})" for status in STATUSES)
    assert page.evaluate(read, others) == [False, False]
