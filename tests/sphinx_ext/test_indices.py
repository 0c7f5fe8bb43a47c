"""Indices: by name, by service, by backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from conftest import WRITTEN_UNSEEN

if TYPE_CHECKING:
    from conftest import Built, Site


def rows(built: Built, name: str) -> list[tuple[str, str]]:
    """The words and the address of each row of an index; headings have no address."""
    page = BeautifulSoup(built.text(f"statestore-{name}.html"), "html.parser")
    found = []
    for row in page.select("table.statestore-index tbody tr"):
        words = " ".join(row.get_text(" ").split())
        if words:
            link = row.select("a")
            found.append((words, str(link[0]["href"]) if link else ""))
    return found


@pytest.fixture
def indexed(site: Site) -> Site:
    """A site that shows some of the stores."""
    site.write("index.rst", "Top\n===\n\n:ref:`statestore-services`\n\n.. toctree::\n\n   a\n")
    site.write("a.md", "# A\n\n```{statestore-table}\n:service: Auth, Account\n:columns: name\n```\n")
    return site


def test_indices(indexed: Site) -> None:
    """Each store that a page shows is in three indices, with a link to it; and the indices can be linked to."""
    built = indexed.build()
    assert [words for words, _ in rows(built, "stores")][:2] == [
        "A",
        "account-archive deprecated MySQL Account",
    ]
    assert ("auth-lock Redis", "a.html#store-auth-lock") in rows(built, "services")
    assert [words for words, address in rows(built, "services") if not address] == ["Account", "Auth"]
    assert [words for words, address in rows(built, "backends") if not address] == ["MySQL", "Redis"]
    assert 'href="statestore-services.html"' in built.text("index.html")
    assert built.warnings == []


def test_indices_follow_the_registry(indexed: Site) -> None:
    """An index changes with the registry also where no page shows what has changed."""
    indexed.build()
    registry = indexed.folder / "schemas/state-stores.yaml"
    indexed.registry(
        registry.read_text().replace(
            "mysql\n    service: Account\n    purpose: Acc", "redis\n    service: Account\n    purpose: Acc"
        )
    )
    second = indexed.build()
    assert second.read == []
    assert second.written == WRITTEN_UNSEEN
    assert ("account-archive deprecated Redis Account", "a.html#store-account-archive") in rows(second, "stores")
    assert second.files() == indexed.build(builddir="_clean").files()


EMPTY = "x-state-stores:\n"
PAGES = ("statestore-stores", "statestore-services", "statestore-backends")


def names(built: Built) -> set[str]:
    """The pages of indices that are in the output folder, by name, and the folders that are made for them."""
    return {path.stem for path in built.outdir.rglob("statestore-*") if "_static" not in path.parts}


@pytest.mark.parametrize("builder", ["html", "dirhtml", "epub", "htmlhelp", "qthelp"])
def test_indices_of_a_registry_that_became_empty_go(indexed: Site, builder: str) -> None:
    """A build without any stores removes the pages of indices that the build before has written."""
    settings: dict[str, Any] = {"version": "1", "epub_copyright": "c"}
    assert names(indexed.build(builder, **settings)) == set(PAGES)
    indexed.registry(EMPTY)
    second = indexed.build(builder, **settings)
    assert names(second) == set()
    clean = indexed.build(builder, builddir="_clean", **settings)
    assert second.files().keys() == clean.files().keys()
    indexed.registry("x-state-stores: {auth-lock: {backend: redis, prefix: a, service: Auth, purpose: A}}\n")
    assert names(indexed.build(builder, **settings)) == set(PAGES)


@pytest.mark.parametrize("wanted", [None, ["statestore-services"], []])
@pytest.mark.parametrize("builder", ["html", "epub"])
def test_indices_that_are_switched_off_go(indexed: Site, builder: str, wanted: list[str] | None) -> None:
    """A build removes the pages of indices that ``html_domain_indices`` does not name any more."""
    settings: dict[str, Any] = {"version": "1", "epub_copyright": "c"}
    indexed.build(builder, **settings)
    second = indexed.build(builder, html_domain_indices=wanted or False, **settings)
    assert names(second) == set(wanted or ())


def test_indices_go_when_no_page_shows_stores(indexed: Site) -> None:
    """The pages go as well when the last table does, and the registry is what it was."""
    indexed.build()
    indexed.write("a.md", "# A\n")
    second = indexed.build()
    assert names(second) == set()
    assert second.files() == indexed.build(builddir="_clean").files()


def test_pages_of_others_stay(indexed: Site) -> None:
    """A document, a file and a page of an extension stay, though they are called like the page of an index."""
    indexed.write("statestore-stores.rst", ":orphan:\n\nState stores\n============\n\nindextitle\n")
    indexed.write("extra/statestore-services.html", "<p>State stores by service</p>")
    indexed.conf(
        """\
        html_extra_path = ["extra"]
        exclude_patterns = ["extra", "_build", "_clean"]
        html_domain_indices = False
        def setup(app):
            page = ("statestore-backends", {"body": "", "title": "t"}, "page.html")
            app.connect("html-collect-pages", lambda app: [page])
        """
    )
    first = indexed.build()
    assert names(first) >= set(PAGES)
    second = indexed.build()
    assert names(second) >= set(PAGES)
    assert "indextitle" in second.text("statestore-stores.html")


@pytest.mark.parametrize("docnames", [None, ["a"]])
@pytest.mark.parametrize(
    ("name", "beside"), [("stores", "MySQL, Account"), ("services", "MySQL"), ("backends", "Account")]
)
def test_an_entry_says_what_it_does_not_stand_under(
    indexed: Site, name: str, beside: str, docnames: list[str] | None
) -> None:
    """In books and help files, an entry has beside it what its heading does not say."""
    domain = indexed.build("latex").env.get_domain("statestore")
    [index] = [index for index in domain.indices if index.name == name]
    content, _ = index(domain).generate(docnames)
    [entry] = [entry for _, entries in content for entry in entries if entry.name == "account-archive"]
    assert entry.extra == beside


OWN = "Who owns what\n=============\n\n.. statestore-table::\n   :group-by: service\n   :no-index:\n"


@pytest.fixture
def listed(indexed: Site) -> Site:
    """The same site with a document in place of an index, which a table of contents lists."""
    indexed.write("statestore-services.rst", OWN)
    indexed.write(
        "index.rst", "Top\n===\n\n:ref:`statestore-services`\n\n.. toctree::\n\n   a\n   statestore-services\n"
    )
    return indexed


@pytest.mark.parametrize("theme", ["alabaster", "basic", "furo"])
@pytest.mark.parametrize(
    ("builder", "page", "address"),
    [("html", "a.html", "statestore-services.html"), ("dirhtml", "a/index.html", "../statestore-services/")],
)
def test_a_document_takes_the_place_of_an_index(
    listed: Site, builder: str, page: str, address: str, theme: str
) -> None:
    """The navigation of a theme has the page of an index that is a document, which Sphinx does not write over."""
    if theme == "furo":
        pytest.importorskip("furo")
    built = listed.build(
        builder, html_theme=theme, html_sidebars={"**": ["globaltoc.html"]} if theme == "basic" else {}
    )
    assert built.warnings == []
    links = BeautifulSoup(built.text(page), "html.parser").select(f'a.reference.internal[href="{address}"]')
    assert [link.get_text() for link in links] == ["Who owns what"]
    own = next(path for path in built.outdir.rglob("*.html") if "statestore-services" in path.as_posix()).read_text()
    assert "statestore-index" not in own
    assert "statestore-table" in own
    other = BeautifulSoup((built.outdir / page.replace("a", "statestore-stores", 1)).read_text(), "html.parser")
    beside = [link.get_text() for link in other.select(".statestore-indices a")]
    assert beside == ["State stores by service", "State stores by backend"]


@pytest.mark.parametrize("builder", ["epub", "singlehtml", "latex", "text"])
def test_a_document_in_place_of_an_index_is_in_every_output_once(listed: Site, builder: str) -> None:
    """Books have the document, and not the index as well; a reference to the index leads to the document."""
    built = listed.build(builder, version="1", epub_copyright="c")
    assert built.warnings == []
    if builder == "latex":
        book = next(built.outdir.glob("*.tex")).read_text()
        assert "State stores by backend" in book
        assert book.count(r"\renewcommand{\indexname}{State stores by service}") == 0
        assert r"\hyperref[\detokenize{statestore-services" in book
    if builder == "epub":
        assert (
            built.text("content.opf").count('idref="epub-')
            == len(set(built.text("content.opf").split('idref="'))) - 1
        )


def test_an_index_comes_and_goes_with_the_document_in_its_place(indexed: Site) -> None:
    """A build after the document was added or removed has the files of a clean build."""
    indexed.build()
    indexed.write("statestore-services.rst", f":orphan:\n\n{OWN}")
    second = indexed.build()
    assert "Who owns what" in second.text("statestore-services.html")
    assert second.files() == indexed.build(builddir="_clean").files()
    (indexed.folder / "statestore-services.rst").unlink()
    third = indexed.build()
    assert "statestore-index" in third.text("statestore-services.html")
    assert third.files() == indexed.build(builddir="_clean").files()


def test_a_book_without_the_document_keeps_its_index(listed: Site) -> None:
    """A book made of other documents has the index that a document of the site takes the place of."""
    domain = listed.build("latex").env.get_domain("statestore")
    [index] = [index for index in domain.indices if index.name == "services"]
    assert index(domain).generate(iter(["a"]))[0]
    assert index(domain).generate(iter(["a", "statestore-services"])) == ([], False)
