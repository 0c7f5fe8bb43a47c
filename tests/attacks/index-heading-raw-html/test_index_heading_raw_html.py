"""Titles and labels that are markup, as headings of index pages: what renders them with Sphinx's template."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from jinja2 import Environment

from sphinx_statestores.sphinx_ext.write.html_text import Html

if TYPE_CHECKING:
    from conftest import Built, Site

FOLDER = Path(__file__).parent
TITLE = '<img src=x onerror="window.pwned=2">'
LABEL = "Redis<script>window.pwned=1</script>"
#: Builders of HTML, with what their pages end with; the first two write index pages of our own.
BUILDERS = {
    "html": ".html",
    "dirhtml": ".html",
    "singlehtml": ".html",
    "epub": ".xhtml",
    "htmlhelp": ".html",
    "devhelp": ".html",
    "qthelp": ".html",
}
#: Titles and labels stand in headings too, which tables of contents quote.
PAGES = {
    "index.rst": "Of :store-service:`Auth`\n========================\n\n.. statestore-reference::\n\n"
    ".. toctree::\n\n   b\n",
    "b.rst": ":store-service:`Auth` in :store-backend:`redis`\n===============================================\n\n"
    ".. statestore-service:: Auth\n   :detail: entries\n",
}


def build(site: Site, builder: str, registry: str) -> Built:
    site.registry((FOLDER / registry).read_text(encoding="utf-8"))
    for name, text in PAGES.items():
        site.write(name, text)
    settings: dict[str, Any] = {"version": "1", "epub_copyright": "c", "suppress_warnings": ["statestores"]}
    built = site.build(builder, **settings)
    assert built.warnings == []
    return built


def pages(built: Built, suffix: str) -> dict[str, BeautifulSoup]:
    return {
        path.stem if path.stem != "index" else path.parent.name: BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in built.outdir.rglob(f"*{suffix}")
        if "_static" not in path.parts
    }


@pytest.mark.parametrize("builder", BUILDERS)
def test_no_title_is_an_element(site: Site, builder: str) -> None:
    """No page of a builder has an element or an attribute that a title or a label spells."""
    built = build(site, builder, "state-stores.yaml")
    found = pages(built, BUILDERS[builder])
    for page in found.values():
        assert page.select("[onerror]") == []
        scripts = [script for script in page.select("script") if script.get("type") != "application/json"]
        assert not [script for script in scripts if "pwned" in script.get_text()]
    if builder != "singlehtml":
        assert TITLE in found["statestore-services"].get_text()
        assert LABEL in found["statestore-backends"].get_text()


@pytest.mark.parametrize("builder", BUILDERS)
def test_an_ampersand_is_escaped_once(site: Site, builder: str) -> None:
    """`R&D` is `R&amp;D` wherever it stands: neither as it is, nor escaped twice."""
    built = build(site, builder, "benign.yaml")
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in built.outdir.rglob("*")
        if path.suffix in {".html", ".xhtml", ".opf", ".ncx", ".hhc", ".hhk", ".qhp"} and "_static" not in path.parts
    }
    assert not [path for path, text in texts.items() if "R&D" in text or "amp;amp;" in text]
    if builder != "singlehtml":
        assert [path for path, text in texts.items() if "statestore-services" in str(path) and "R&amp;D" in text]


@pytest.mark.parametrize("registry", ["state-stores.yaml", "benign.yaml"])
def test_a_book_is_well_formed(site: Site, registry: str) -> None:
    """Every page of an EPUB, its navigation and its manifest are well-formed XML."""
    built = build(site, "epub", registry)
    paths = [path for path in built.outdir.rglob("*") if path.suffix in {".xhtml", ".opf", ".ncx"}]
    assert len(paths) > 6
    for path in paths:
        ET.fromstring(path.read_bytes())  # noqa: S314 - our own


def test_a_template_that_escapes_does_so_once() -> None:
    """A heading is HTML for a template: one that escapes what it is given leaves it as it is."""
    template = Environment(autoescape=True).from_string("{{ letter }}{{ letter | e }}")
    assert template.render(letter=Html("R&amp;D")) == "R&amp;DR&amp;D"
