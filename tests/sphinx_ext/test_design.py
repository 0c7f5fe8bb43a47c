"""Totals as cards, where sphinx-design is loaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from sphinx_statestores import sphinx_ext

if TYPE_CHECKING:
    from bs4 import Tag
    from conftest import Site

_STORES = [("auth-a", "memory", "Auth"), ("auth-b", "mysql", "Auth"), ("cart-a", "mysql", "Cart")]
_WORDS = "3 stores (2 MySQL, 1 Memory)"


def _totals(site: Site, more: str = "", *, design: bool = True) -> Tag:
    stores = [*_STORES, *((f"many-{number}", "mysql", f"Service{number}") for number in range(20 if more else 0))]
    lines = (f"  {name}: {{backend: {key}, service: {owner}, purpose: A}}\n" for name, key, owner in stores)
    site.registry("x-state-stores:\n" + "".join(lines))
    site.conf('extensions.append("sphinx_design")' if design else "")
    site.write("index.rst", f"Top\n===\n\n.. statestore-totals::\n{more}")
    built = site.build("html")
    assert built.warnings == []
    (found,) = BeautifulSoup(built.text("index.html"), "html.parser").select(".statestore-totals")
    return found


def _words(node: Tag) -> str:
    return " ".join(node.get_text(" ").split())


def test_totals_are_cards(site: Site) -> None:
    """With sphinx-design, each number has a card: the total first, then the parts in their order."""
    cards = _totals(site).select(".sd-card")
    assert [_words(card) for card in cards] == ["3 stores", "2 MySQL", "1 Memory"]
    assert [_words(card.strong) for card in cards if card.strong] == ["3", "2", "1"]


def test_totals_without_sphinx_design(site: Site) -> None:
    """Without sphinx-design, the same numbers are a sentence."""
    found = _totals(site, design=False)
    assert found.name == "p"
    assert _words(found) == _WORDS


def test_many_numbers_are_a_sentence(site: Site) -> None:
    """A card for each of many services would fill the page."""
    found = _totals(site, "   :by: service\n")
    assert found.name == "p"
    assert _words(found).startswith("23 stores (2 Auth, 1 Cart, ")


@pytest.mark.parametrize("builder", ["text", "latex", "epub"])
def test_other_outputs_have_a_sentence(site: Site, builder: str) -> None:
    """Cards are for browsers."""
    _totals(site)
    assert _WORDS in site.build(builder).resolved("index").astext()


@pytest.mark.parametrize("design", [True, False])
def test_totals_before_the_pages_of_services(site: Site, *, design: bool) -> None:
    """The style sheet finds the links of the generated index behind the totals, whether they are cards or not."""
    site.conf('extensions.append("sphinx_design")' if design else "")
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   stores/index\n")
    built = site.build(statestores_generate_pages="stores/")
    selector = ".statestore-totals ~ div.toctree-wrapper a"
    assert f"\n{selector} {{" in built.text("_static/statestores.css")
    assert BeautifulSoup(built.text("stores/index.html"), "html.parser").select(selector)


def test_styles_are_for_our_own() -> None:
    """Each rule of the style sheets is for what is ours, but for two.

    Long words in headings are broken where they would not fit, and the box of a theme does not scroll. The checker of
    EPUB does not know ``:has``.
    """
    shared = {"h1", "h2", "h3", ".bd-content > .bd-article-container"}
    for sheet in (Path(sphinx_ext.__file__).parent / "static").glob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        for selectors in re.findall(r"([^{};]+)\{", text):
            if not selectors.strip().startswith("@"):
                each = {selector.strip() for selector in re.split(r",(?![^()]*\))", selectors)}
                foreign = {selector for selector in each if "statestore" not in selector}
                assert (sheet.name, foreign - shared) == (sheet.name, set())
