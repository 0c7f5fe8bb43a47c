"""Numbers and titles in headings: right wherever Sphinx quotes the heading, in every build."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from docutils import nodes

if TYPE_CHECKING:
    from conftest import Built, Site

PAGE = {
    "rst": ".. _top:\n\nAll :store-count:`all` stores\n=================================\n\n.. _sub:\n\n"
    "Of :store-count:`service=Auth`\n------------------------------\n",
    "md": "(top)=\n# All {store-count}`all` stores\n\n(sub)=\n## Of {store-count}`service=Auth`\n",
}


@pytest.fixture(params=["rst", "md"])
def quoting(site: Site, request: pytest.FixtureRequest) -> Site:
    """A site with a number in two headings, and pages that quote them in each way."""
    site.conf("html_theme = 'alabaster'\nsuppress_warnings = ['statestores']\n")
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   numbers\n   quotes\n")
    site.write(f"numbers.{request.param}", PAGE[request.param])
    site.write("quotes.rst", "Quotes\n======\n\n:doc:`numbers` and :ref:`top` and :ref:`sub`\n")
    return site


def says(built: Built, number: int, of_auth: int) -> None:
    """Check every place where a heading is quoted."""
    for page in ("index", "quotes"):
        assert f"All {number} stores" in built.text(f"{page}.html")
    paragraph = built.text("quotes.html").split('<section id="quotes">')[1].split("</section>")[0]
    assert paragraph.count(f"All {number} stores") == 2
    assert f"Of {of_auth}" in paragraph
    assert f"<title>All {number} stores" in built.text("numbers.html")
    assert f'"All {number} stores"' in built.text("searchindex.js")


def test_everywhere(quoting: Site) -> None:
    """Navigation, links to a page and a section, the browser's title and the search index say the number."""
    built = quoting.build()
    says(built, 5, 2)
    assert built.warnings == []
    epub = quoting.build("epub", epub_copyright="c", version="1")
    assert "All 5 stores" in epub.text("nav.xhtml")


def test_after_an_edit(quoting: Site) -> None:
    """When the number changes all of them say the new one, as after a clean build, and no page is read."""
    quoting.build()
    registry = quoting.folder / "schemas/state-stores.yaml"
    quoting.registry(registry.read_text() + "  more: {backend: redis, prefix: more, service: Auth, purpose: More}\n")
    second = quoting.build()
    assert second.read == []
    says(second, 6, 3)
    assert second.files() == quoting.build(builddir="_clean").files()


@pytest.mark.parametrize(
    "page",
    [
        ("rst", "Of :store-service:`Auth` on :store-backend:`redis`\n" + "=" * 60 + "\n\n:store-service:`None`\n"),
        ("md", "# Of {store-service}`Auth` on {store-backend}`redis`\n\n{store-service}`None`\n"),
    ],
    ids=["rst", "md"],
)
def test_titles_of_services(site: Site, page: tuple[str, str]) -> None:
    """Navigation calls a service and a backend what the heading calls them, also after an edit."""
    site.conf("html_theme = 'alabaster'\n")
    registry = site.folder / "schemas/state-stores.yaml"
    site.registry(registry.read_text() + "x-services: {Auth: Sign-in}\n")
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   page\n\n:doc:`page`\n")
    site.write(f"page.{page[0]}", page[1])
    built = site.build()
    assert "<title>Of Sign-in on Redis" in built.text("page.html")
    quotes = BeautifulSoup(built.text("index.html"), "html.parser").select("a.reference[href='page.html']")
    assert len(quotes) >= 2  # in the toctree and in the text
    assert {quote.get_text() for quote in quotes} == {"Of Sign-in on Redis"}
    assert 'id="of-auth-on-redis"' in built.text("page.html")
    [warning] = built.warnings
    assert "unknown service 'None'" in warning
    site.registry(registry.read_text().replace("Sign-in", "Login"))
    second = site.build()
    assert second.read == []
    assert "Of Login on Redis" in second.text("index.html")
    assert "Sign-in" not in second.text("index.html")
    assert second.files() == site.build(builddir="_clean").files()


def test_nested_markup(site: Site) -> None:
    """A number inside other markup of a heading is a number in a heading."""
    site.conf("html_theme = 'alabaster'\n")
    site.write("index.md", "# Top\n\n```{toctree}\nnumbers\n```\n")
    site.write("numbers.md", "# **Bold {store-count}`all`** stores\n")
    site.build()
    registry = site.folder / "schemas/state-stores.yaml"
    site.registry(registry.read_text() + "  more: {backend: redis, prefix: more, service: Auth, purpose: More}\n")
    second = site.build()
    assert "Bold 6" in second.text("index.html")
    assert second.files() == site.build(builddir="_clean").files()


def test_caption(site: Site) -> None:
    """A number in a caption is quoted by references to the table."""
    site.write(
        "index.rst",
        "Top\n===\n\n:ref:`t`\n\n.. _t:\n\n.. table:: Of :store-count:`all`\n\n   ===  ===\n   a    b\n   ===  ===\n",
    )
    built = site.build()
    assert ">Of 5</span></a></p>" in built.text("index.html")


def test_backlinks_quote_headings(site: Site) -> None:
    """A page that is listed as mentioning a store is called what its heading says now."""
    site.write("index.rst", "All :store-count:`all` stores\n=============================\n\n:store:`auth-lock`\n")
    site.write("entry.rst", ":orphan:\n\nEntry\n=====\n\n.. statestore:: auth-lock\n")
    assert ">All 5 stores</span></a>" in site.build().text("entry.html")
    registry = site.folder / "schemas/state-stores.yaml"
    site.registry(registry.read_text() + "  more: {backend: redis, prefix: more, service: Auth, purpose: More}\n")
    assert ">All 6 stores</span></a>" in site.build().text("entry.html")


def test_glossary_terms(site: Site) -> None:
    """A term is found by what does not change in it; a number in one is a warning that says what to do."""
    site.registry((site.folder / "schemas/state-stores.yaml").read_text() + "x-services: {Auth: Sign-in}\n")
    terms = (
        ":store:`auth-lock`",
        ":store:`words <account-archive>`",
        ":store-service:`Auth`",
        ":store-backend:`redis`",
    )
    text = "\n".join(f"   {term}\n      About it.\n" for term in (*terms, "Of :store-count:`all` stores"))
    names = ("auth-lock", "words", "Auth", "redis")
    links = " ".join(f":term:`{name}`" for name in names)
    outside = ":store-count:`all` term\n   :store-count:`all`\n\n.. statestore-table::\n"
    site.write("index.rst", f"Top\n===\n\n.. glossary::\n\n{text}\n\n{links}\n\n{outside}")
    built = site.build()
    assert len(built.warnings) == 1, built.warnings
    [warning] = built.warnings
    assert "move the number into the definition [statestores.number_in_term]" in warning
    resolved = built.resolved("index")
    linked = {
        node["refid"] for node in resolved.findall(nodes.reference) if node.get("refid", "").startswith("term-")
    }
    assert linked == {"term-auth-lock", "term-words", "term-Auth", "term-redis"}
    index = BeautifulSoup(built.text("genindex.html"), "html.parser")
    assert set(names) <= {link.get_text() for link in index.select("a[href*=term]")}


def test_headings_that_other_processes_have_read(site: Site) -> None:
    """Whichever process has read a page, the number in its heading is quoted on others, and follows the registry."""
    names = [f"page{number}" for number in range(12)]
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n" + "".join(f"   {name}\n" for name in names))
    for name in names:
        site.write(f"{name}.rst", f":store-count:`all` stores of {name}\n" + "=" * 40 + "\n")
    first = site.build(parallel=2)
    assert [name for name in names if f">5 stores of {name}<" not in first.text("index.html")] == []
    site.registry("x-state-stores: {a: {backend: mysql, service: A, purpose: p}}\n")
    second = site.build(parallel=2)
    assert second.read == []
    assert [name for name in names if f">1 stores of {name}<" not in second.text("index.html")] == []
