"""Totals as cards, where sphinx-design is loaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from sphinx_statestores import sphinx_ext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bs4 import Tag
    from conftest import Site

_STATIC = Path(sphinx_ext.__file__).parent / "static"
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
    """The style sheet finds the links of the generated index beside the totals, whether they are cards or not."""
    site.conf('extensions.append("sphinx_design")' if design else "")
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   stores/index\n")
    built = site.build(statestores_generate_pages="stores/")
    selector = ".statestore-page > div.toctree-wrapper a"
    assert f"\n{selector} {{" in built.text("_static/statestores.css")
    assert BeautifulSoup(built.text("stores/index.html"), "html.parser").select(selector)


def _around(selector: str) -> str:
    """Return the subject of a selector and what contains it: no siblings, and nothing that it must not be or have."""
    parts = re.split(r"\s*([>+~])\s*|\s+", re.sub(r"\([^()]*\)", "", selector))
    found = [parts[-1]]
    for combinator, part in zip(parts[-2::-2], parts[-3::-2], strict=True):
        if combinator not in ("+", "~"):
            found.append(part)
    return " ".join(found)


def _selectors(sheet: str) -> Iterator[str]:
    text = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    for selectors in re.findall(r"([^{};]+)\{", text):
        if not selectors.strip().startswith("@"):
            yield from (selector.strip() for selector in re.split(r",(?![^()]*\))", selectors))


def test_what_a_selector_is_for() -> None:
    """A selector is for what is ours if that, or what contains it, has a class of ours; a sibling is none."""
    ours = (
        ".statestore-box td",
        "tr:not(:hover) > td > a.statestore-permalink",
        "dl.statestore p + p",
        ".statestore a",
    )
    for selector in ours:
        assert "statestore" in _around(selector)
    for selector in ("h1", ".statestore-totals ~ a", "p:not(.statestore-fact)", ".x:has(.statestore-box) > p"):
        assert "statestore" not in _around(selector)


def test_styles_are_for_our_own() -> None:
    """Each rule of the style sheets is for what is ours, but for one, which only pages with a table load.

    Themes made of pydata's have a box around the article, in which no head of a table would stick.
    """
    sheets = {sheet.name: sheet.read_text(encoding="utf-8") for sheet in _STATIC.glob("*.css")}
    assert len(sheets) > 3
    foreign = {
        (n, each) for n, text in sheets.items() for each in _selectors(text) if "statestore" not in _around(each)
    }
    assert foreign == {("statestores-heads.css", ".bd-content > .bd-article-container")}


def test_what_is_not_ours_is_as_it_was(site: Site) -> None:
    """The style sheet for the box of a theme is on pages with a table, an index included, and on no others."""
    site.write("index.rst", "Top\n===\n\n.. statestore-totals::\n\n.. toctree::\n\n   table\n   words\n")
    site.write("table.rst", "Table\n=====\n\n.. statestore-table::\n   :interactive: no\n")
    site.write("words.rst", "Words\n=====\n\n.. statestore-conventions::\n\n:store:`auth-lock`\n")
    built = site.build()
    with_it = [path.stem for path in built.outdir.glob("*.html") if "statestores-heads.css" in path.read_text()]
    with_box = [path.stem for path in built.outdir.glob("*.html") if 'class="statestore-box' in path.read_text()]
    assert sorted(with_it) == sorted(with_box)
    assert {"table", "statestore-stores"} <= set(with_it)
    assert not {"index", "search"} & set(with_it)


@pytest.mark.parametrize("store_pages", [True, False])
def test_pages_of_ours_have_a_class(site: Site, *, store_pages: bool) -> None:
    """The titles of generated pages and of indices, which may be long words, are in a section of ours."""
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   stores/index\n")
    built = site.build(statestores_generate_pages="stores/", statestores_generate_store_pages=store_pages)
    pages = [*built.outdir.glob("stores/**/*.html"), *built.outdir.glob("statestore-*.html")]
    assert len(pages) > 4
    for path in [*pages, built.outdir / "index.html"]:
        titles = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select(".statestore-page > h1")
        assert (path.name, len(titles)) == (
            path.name,
            0 if path.parent == built.outdir and path.stem == "index" else 1,
        )
