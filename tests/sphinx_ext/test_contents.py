"""Entries of stores in tables of contents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from conftest import Built, Site

PAGE = """\
Top
===

.. toctree::

   auth

{first}

Below
-----

{second}

.. only:: never

   .. statestore-service:: CharacterEncounter
      :detail: entries
"""
ENTRIES = ".. statestore-service:: Account\n   :detail: entries"


def listed(built: Built, name: str = "index", within: str = "div.sphinxsidebar") -> list[tuple[str, str]]:
    """The names and the addresses of stores in the table of contents of a page."""
    page = BeautifulSoup(built.text(f"{name}.html"), "html.parser")
    links = page.select(f"{within} a.reference")
    return [(link.get_text(), str(link["href"])) for link in links if "#store-" in str(link["href"])]


@pytest.fixture
def entered(site: Site) -> Site:
    """A site with entries on two pages."""
    site.write("index.rst", PAGE.format(first=ENTRIES, second=".. statestore-table::\n   :no-index:"))
    site.write("auth.rst", "A\n=\n\n.. statestore-service:: Auth\n   :detail: entries\n")
    return site


def test_entries_are_in_the_contents(entered: Site) -> None:
    """The table of contents of a page has its entries below their heading, and no rows of tables."""
    built = entered.build()
    names = [("account-archive", "#store-account-archive"), ("account-statestore", "#store-account-statestore")]
    assert listed(built) == names
    items = BeautifulSoup(built.text("index.html"), "html.parser").select("div.sphinxsidebar ul > li > ul > li")
    assert [item.get_text(strip=True) for item in items][:3] == ["account-archive", "account-statestore", "Below"]
    assert [name for name, _ in listed(built, "auth")] == ["auth-lock", "auth-statestore"]
    assert built.warnings == []


def test_entries_below_a_lower_heading(entered: Site) -> None:
    """Entries below a heading of the second level are in its part of the table of contents."""
    entered.write("index.rst", PAGE.format(first="Text.", second=ENTRIES))
    page = BeautifulSoup(entered.build().text("index.html"), "html.parser")
    items = page.select("div.sphinxsidebar li li li")
    assert [item.get_text(strip=True) for item in items] == ["account-archive", "account-statestore"]


@pytest.mark.parametrize(
    "page",
    [
        ".. py:function:: firsty()\n\nE1\n==\n\n{first}\n\nE2\n==\n\n{second}\n",
        "E1\n==\n\n.. py:function:: firsty()\n\n{first}\n\nE2\n==\n\n{second}\n",
        ".. only:: html\n\n   .. c:function:: int firsty(void)\n\nE1\n==\n\n{first}\n\nE2\n==\n\n{second}\n",
        ".. py:class:: C\n\n   .. py:method:: firsty()\n\nE1\n==\n\n{first}\n\nE2\n==\n\n{second}\n",
    ],
)
def test_entries_beside_object_descriptions(page: str, site: Site) -> None:
    """Entries are below their own heading, also where an object description is the first entry of the contents."""
    second = ".. statestore-service:: Auth\n   :detail: entries"
    site.write("index.rst", page.format(first=ENTRIES, second=second))
    contents = BeautifulSoup(site.build().text("index.html"), "html.parser").select_one("div.sphinxsidebar")
    assert contents is not None
    above: dict[str, str] = {}
    for link in contents.select("a.reference"):
        if "#store-" in str(link["href"]):
            heading = link.find_parent("ul").find_parent("li")  # type: ignore[union-attr]
            assert heading is not None
            assert heading.a is not None
            above[link.get_text()] = heading.a.get_text()
    assert above == {
        "account-archive": "E1",
        "account-statestore": "E1",
        "auth-lock": "E2",
        "auth-statestore": "E2",
    }


def test_contents_that_are_not_wanted(entered: Site) -> None:
    """``toc_object_entries`` and ``:no-index:`` keep entries out, as those of other object descriptions."""
    assert listed(entered.build(toc_object_entries=False)) == []
    entered.write("index.rst", PAGE.format(first=f"{ENTRIES}\n   :no-index:", second="Text."))
    assert listed(entered.build()) == []


def test_contents_follow_the_registry(entered: Site) -> None:
    """A new store is in the contents of its page and of the pages that show them, without reading a page again."""
    entered.build()
    registry = entered.folder / "schemas/state-stores.yaml"
    entered.registry(
        registry.read_text() + "  auth-cache: {backend: redis, prefix: cache, service: Auth, purpose: New}\n"
    )
    second = entered.build()
    assert second.read == []
    assert [name for name, _ in listed(second, "auth")] == ["auth-cache", "auth-lock", "auth-statestore"]
    assert "auth.html#store-auth-cache" in [address for _, address in listed(second, within="div.toctree-wrapper")]
    assert second.files() == entered.build(builddir="_clean").files()


def test_contents_without_entries(entered: Site) -> None:
    """A service without stores leaves no empty list behind."""
    entered.write(
        "index.rst", PAGE.format(first=".. statestore-service:: Auth\n   :detail: entries\n   :tag: none", second="")
    )
    page = BeautifulSoup(entered.build().text("index.html"), "html.parser")
    assert [each for each in page.select("div.sphinxsidebar ul") if not each.select("li")] == []


def test_generated_pages_have_contents(site: Site) -> None:
    """The generated page of a service lists its stores in its table of contents."""
    site.write("index.rst", "T\n=\n\n.. toctree::\n\n   stores/index\n")
    built = site.build(statestores_generate_pages="stores/")
    assert [name for name, _ in listed(built, "stores/auth")] == ["auth-lock", "auth-statestore"]


def test_contents_that_are_collected_later(entered: Site) -> None:
    """A theme that collects the contents of a document after the others have read it, as Material does, is built."""
    entered.write(
        "late_contents.py",
        """\
        from docutils import nodes
        def setup(app):
            app.connect("doctree-read", lambda app, doctree: app.env.tocs.pop(app.env.docname, None))
            app.connect("doctree-read", restore, priority=900)
        def restore(app, doctree):
            app.env.tocs[app.env.docname] = nodes.bullet_list()
        """,
    )
    # The handlers of the first extension come first.
    path = f"import sys\nsys.path.insert(0, {str(entered.folder)!r})\n"
    entered.conf(f"{path}extensions.insert(0, 'late_contents')\n")
    built = entered.build()
    assert "store-auth-lock" in built.text("auth.html")
    assert listed(built, "auth") == []
