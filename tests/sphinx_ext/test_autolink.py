"""Inline literals: those that name a store become links, those that only look like it are found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from docutils import nodes

if TYPE_CHECKING:
    from conftest import Built, Site

TABLE = "Top\n===\n\n.. statestore-table::\n\n.. toctree::\n   :glob:\n\n   prose*\n"

PROSE = {
    "rst": """\
        Prose about ``auth-lock``
        =========================

        A paragraph with ``auth-lock``.

        * a list with ``account-archive``

        +----------------------------------+
        | a table with ``auth-statestore`` |
        +----------------------------------+

        :code:`auth-lock`, :literal:`auth-lock`, `auth-lock`:literal:, :ref:`x <genindex>`,
        ``auth-lock `` and ``not-there``.

        .. rubric:: ``auth-lock``

        .. code-block:: text

           ``auth-lock``
        """,
    "md": """\
        # Prose about `auth-lock`

        A paragraph with `auth-lock`.

        - a list with `account-archive`

        | a table with |
        |---|
        | `auth-statestore` |

        {code}`auth-lock`, {literal}`auth-lock`, {ref}`x <genindex>`, [`auth-lock`](index.rst) and `not-there`.

        ~~~{rubric} `auth-lock`
        ~~~

        ```text
        `auth-lock`
        ```
        """,
}


def linked(built: Built, docname: str) -> list[tuple[str, str]]:
    """The words and addresses of the links to stores that are code."""
    return [
        (node.astext(), node.get("refuri") or f"#{node['refid']}")
        for node in built.resolved(docname).findall(nodes.reference)
        if "#store-" in (node.get("refuri") or f"#{node['refid']}") and isinstance(node.children[0], nodes.literal)
    ]


@pytest.mark.parametrize("language", ["rst", "md"])
@pytest.mark.parametrize("builder", ["html", "latex"])
def test_literals_become_links(site: Site, language: str, builder: str) -> None:
    """In paragraphs, lists and tables a literal that names a store is a link, kept as code; elsewhere it stays."""
    site.write("index.rst", TABLE)
    site.write(f"prose.{language}", PROSE[language])
    built = site.build(builder, statestores_autolink=True)
    assert [words for words, _ in linked(built, "prose")] == ["auth-lock", "account-archive", "auth-statestore"]
    if builder == "html":
        assert linked(built, "prose")[0] == ("auth-lock", "index.html#store-auth-lock")
    assert built.warnings == []


@pytest.mark.parametrize("language", ["rst", "md"])
def test_without_the_setting_nothing_is_linked(site: Site, language: str) -> None:
    """Literals are text unless the project wants otherwise."""
    site.write("index.rst", TABLE)
    site.write(f"prose.{language}", PROSE[language])
    assert linked(site.build(), "prose") == []


@pytest.mark.parametrize("language", ["rst", "md"])
def test_a_page_can_be_left_alone(site: Site, language: str) -> None:
    """A field of its metadata keeps a page's literals as they are."""
    site.write("index.rst", TABLE)
    if language == "rst":
        site.write("prose.rst", ":statestores-autolink: off\n\nP\n=\n\n``auth-lock`` and ``other-lock`` \n")
    else:
        site.write("prose.md", "---\nstatestores-autolink: off\n---\n# P\n\n`auth-lock` and `other-lock`\n")
    built = site.build(statestores_autolink=True, statestores_unknown_literals="warning")
    assert linked(built, "prose") == []
    assert built.warnings == []


def test_one_page_of_all_documents(site: Site) -> None:
    """In one page of all documents each literal leads to the row, wherever it stands."""
    site.write("index.rst", TABLE)
    site.write("prose.md", "# P\n\n`auth-lock`\n")
    built = site.build("singlehtml", statestores_autolink=True)
    assert built.text("index.html").count('<a class="reference internal" href="#store-auth-lock"') == 1


def test_hover_tells_the_status(site: Site) -> None:
    """What is not in use says so, and what replaces it; without a place to land on it is an explained word."""
    site.write(
        "index.rst", "Top\n===\n\n.. statestore-table::\n   :status: !removed\n\n``account-archive`` ``gone-lock``\n"
    )
    site.registry(
        (site.folder / "schemas/state-stores.yaml").read_text()
        + "  gone-lock: {backend: redis, prefix: gone-lock, service: Auth, purpose: Gone, status: removed}\n"
    )
    built = site.build(statestores_autolink=True)
    html = built.text("index.html")
    assert 'title="Deprecated: replaced by account-statestore. MySQL, Account: Accounts that were closed"' in html
    assert '<abbr title="Removed. Redis, Auth: Gone"><code' in html


@pytest.mark.parametrize("language", ["rst", "md"])
def test_unknown_literals(site: Site, language: str) -> None:
    """A literal that ends as stores do and is none is a warning at its line, with the near names."""
    site.write("index.rst", TABLE)
    text = {
        "rst": "P\n=\n\nOne.\n\nTwo ``auth-old-statestore``\n",
        "md": "# P\n\nOne.\n\nTwo `auth-old-statestore`\n",
    }
    site.write(f"prose.{language}", text[language])
    built = site.build(statestores_unknown_literals="warning")
    line = 6 if language == "rst" else 5
    assert [warning.split("_build")[-1].split("/")[-1].split(" [")[0] for warning in built.warnings] == [
        f"prose.{language}:{line}: WARNING: 'auth-old-statestore' looks like a state store, but there is no store "
        "of that name; did you mean 'auth-statestore' or 'account-statestore'?"
    ]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, ["new-statestore"]),
        ({"statestores_ignored_names": ["new-*"]}, []),
        ({"statestores_name_patterns": ["*_store", "pack*"]}, ["a_store", "package-lock"]),
        ({"statestores_unknown_literals": "off"}, []),
        ({"suppress_warnings": ["statestores.unknown_literal"]}, []),
    ],
)
def test_patterns(site: Site, options: dict[str, Any], found: list[str]) -> None:
    """The patterns come from the ends that stores share, or from the project, which may except names."""
    site.write("index.rst", "Top\n===\n\n``new-statestore`` ``a_store`` ``package-lock`` ``--statestore`` ``x``\n")
    settings: dict[str, Any] = {"statestores_unknown_literals": "warning", **options}
    built = site.build(**settings)
    assert [line.split("'")[1] for line in built.warnings] == found


def test_info(site: Site) -> None:
    """By default what looks like a store is mentioned, which is no warning."""
    site.write("index.rst", "Top\n===\n\n``new-statestore``\n")
    built = site.build()
    assert built.warnings == []
    assert "index.rst:4: 'new-statestore' looks like a state store" in built.status


def test_a_new_store_gains_its_links(site: Site) -> None:
    """A store that is added to the registry is linked where it was mentioned before, and no page is read."""
    site.write("index.rst", TABLE)
    site.write("prose.md", "# P\n\n`new-store`\n")
    site.write("prose2.md", "# P\n\nNothing.\n")
    first = site.build(statestores_autolink=True)
    assert linked(first, "prose") == []
    registry = site.folder / "schemas/state-stores.yaml"
    site.registry(
        registry.read_text() + "  new-store: {backend: redis, prefix: new-store, service: Auth, purpose: New}\n"
    )
    second = site.build(statestores_autolink=True)
    assert second.read == []
    assert second.written == ["index", "prose"]
    assert linked(second, "prose") == [("new-store", "index.html#store-new-store")]
    assert second.files() == site.build(builddir="_clean", statestores_autolink=True).files()
