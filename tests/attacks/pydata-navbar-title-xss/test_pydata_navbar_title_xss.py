"""Titles of pages in themes that print them as they are, and in the search of Sphinx before version 9."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sphinx
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from conftest import Built, Site

FOLDER = Path(__file__).parent
TITLE = "Auth <img src=x onerror=window.pwned=1>"
#: What pydata-sphinx-theme 0.24 and sphinx-book-theme 1.4 do: titles as they are, but for formulas.
THEME = r"""
from docutils import nodes

def give(app, pagename, templatename, context, doctree):
    def printed(docname):
        return "".join(
            rf'<span class="math notranslate nohighlight">\({n.astext()}\)</span>'
            if isinstance(n, nodes.math)
            else n.astext()
            for n in app.env.titles[docname].children
        )

    def generate_header_nav_html(n_links_before_dropdown=5, dropdown_text="More"):
        return "".join(
            f'<li>\n  <a class="nav-link" href="{docname}.html">\n    {printed(docname)}\n  </a>\n</li>\n'
            for docname in sorted(app.env.titles)
        )

    context["generate_header_nav_html"] = generate_header_nav_html
    if pagename in app.env.titles:
        context["pagetitle"] = app.env.titles[pagename].astext()

def setup(app):
    app.connect("html-page-context", give)
"""
LAYOUT = """\
{%- extends "!layout.html" %}
{%- block header %}
<ul id="nav">{{ generate_header_nav_html(n_links_before_dropdown=3) }}</ul>
<h1 id="raw">{{ pagetitle }}</h1><h1 id="escaped">{{ pagetitle | e }}</h1>
{%- endblock %}
"""
PAGES = {
    "index.rst": "T\n=\n\n.. toctree::\n   :glob:\n\n   *\n   stores/*\n",
    "math.rst": ":math:`x < y` of :store-service:`Auth`\n======================================\n",
    "own.rst": "Own <b>markup</b> & more\n========================\n",
    "role.rst": "Of :store-service:`Auth`\n========================\n",
}


@pytest.fixture
def titled(site: Site) -> Site:
    """A site whose headings have a title that is markup, in generated pages and in others."""
    site.registry((FOLDER / "state-stores.yaml").read_text(encoding="utf-8"))
    for name, text in PAGES.items():
        site.write(name, text)
    return site


def with_theme(site: Site) -> Built:
    site.write("printing_theme.py", THEME)
    site.write("templates/layout.html", LAYOUT)
    site.conf(
        """\
        import sys, pathlib
        sys.path.insert(0, str(pathlib.Path(__file__).parent))
        sys.modules.pop("printing_theme", None)
        extensions.append("printing_theme")
        templates_path = ["templates"]
        exclude_patterns = ["templates", "_build"]
        statestores_generate_pages = "stores"
        """
    )
    return site.build()


def page(built: Built, name: str) -> BeautifulSoup:
    return BeautifulSoup(built.text(name), "html.parser")


def test_navigation_that_prints_titles(titled: Site) -> None:
    """On every page, a title that the registry gives is text in the navigation; one of the author's is left alone."""
    built = with_theme(titled)
    for path in built.outdir.rglob("*.html"):
        found = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        assert found.select("img[onerror]") == [], path
    nav = page(built, "index.html").select_one("#nav")
    assert nav is not None
    links = {str(link["href"]): " ".join(link.get_text().split()) for link in nav.select("a")}
    assert links["stores/auth.html"] == TITLE
    assert links["role.html"] == f"Of {TITLE}"
    assert links["math.html"] == rf"\(x < y\) of {TITLE}"
    assert nav.select_one("span.math") is not None
    assert links["own.html"] == "Own markup & more"
    assert built.warnings == []


def test_templates_that_print_titles(titled: Site) -> None:
    """A title in the context of a page is HTML that says it, also for a template that escapes it."""
    built = with_theme(titled)
    for name in ("stores/auth.html", "role.html"):
        for selector in ("#raw", "#escaped"):
            [heading] = page(built, name).select(selector)
            assert heading.get_text().endswith(TITLE)
    # Nothing else is escaped twice.
    assert "&amp;lt;" not in built.text("stores/auth.html")
    assert "<title>Auth &lt;img src=x onerror=window.pwned=1&gt;" in built.text("stores/auth.html")


def test_other_themes_show_the_title(titled: Site) -> None:
    """A theme that escapes titles shows what the registry says."""
    built = titled.build(html_theme="furo", statestores_generate_pages="stores")
    found = page(built, "stores/auth.html")
    heading = found.select_one("h1")
    assert heading is not None
    assert heading.find(string=True) == TITLE
    assert TITLE in found.select_one(".sidebar-tree").get_text()  # type: ignore[union-attr] # it is there
    assert found.select("img[onerror]") == []


@pytest.mark.skipif(find_spec("pydata_sphinx_theme") is None, reason="pydata-sphinx-theme is not here")
def test_the_theme_itself(titled: Site) -> None:
    """The navigation of pydata-sphinx-theme says the title."""
    built = titled.build(html_theme="pydata_sphinx_theme", statestores_generate_pages="stores")
    found = page(built, "index.html")
    assert found.select("img[onerror]") == []
    assert TITLE in [link.get_text().strip() for link in found.select("a.nav-link")]


def test_the_search(titled: Site) -> None:
    """The search shows a heading that it finds as text: Sphinx escapes it from version 9 on, before that we do."""
    built = titled.build(statestores_generate_pages="stores")
    index = re.sub(r"^Search\.setIndex\(|\)$", "", built.text("searchindex.js"))
    titles = json.loads(index)["alltitles"]
    assert (TITLE in titles) is (sphinx.version_info >= (9,))
    assert ("Auth &lt;img src=x onerror=window.pwned=1&gt;" in titles) is (sphinx.version_info < (9,))
    assert "Auth &lt;img src=x" in built.text("stores/auth.html")
    assert "&amp;lt;" not in built.text("stores/auth.html")
