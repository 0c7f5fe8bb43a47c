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
