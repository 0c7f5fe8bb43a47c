"""Links: where they land, what they are called, what happens to unknown names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.util.inventory import InventoryFile

if TYPE_CHECKING:
    from conftest import Built, Site


def links(built: Built, docname: str = "index") -> list[tuple[str, str]]:
    """The words and the address of each reference in a document's paragraphs."""
    return [
        (node.astext(), node.get("refuri") or f"#{node['refid']}")
        for paragraph in built.resolved(docname).findall(nodes.paragraph)
        if not isinstance(paragraph.parent, nodes.entry)
        for node in paragraph.findall(nodes.reference)
    ]


def two_languages(site: Site, rst: str, myst: str) -> None:
    """Write the same prose on a page in each language, beside a table."""
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n\n.. toctree::\n\n   rst\n   myst\n")
    site.write("rst.rst", f"Page\n====\n\n{rst}\n")
    site.write("myst.md", f"# Page\n\n{myst}\n")


@pytest.mark.parametrize("docname", ["rst", "myst"])
def test_roles(site: Site, docname: str) -> None:
    """Each role links with its own words, an author's words, or a shorter name."""
    two_languages(
        site,
        ":store:`auth-lock` :store:`the lock <auth-lock>` :store:`~auth-statestore` :store:`!auth-lock` "
        ":statestore:store:`auth-lock` :any:`auth-lock`",
        "{store}`auth-lock` {store}`the lock <auth-lock>` {store}`~auth-statestore` {store}`!auth-lock` "
        "{statestore:store}`auth-lock` {any}`auth-lock`",
    )
    built = site.build()
    assert links(built, docname) == [
        ("auth-lock", "index.html#store-auth-lock"),
        ("the lock", "index.html#store-auth-lock"),
        ("auth", "index.html#store-auth-statestore"),
        ("auth-lock", "index.html#store-auth-lock"),
        ("auth-lock", "index.html#store-auth-lock"),
    ]
    assert built.warnings == []


@pytest.mark.parametrize("docname", ["rst", "myst"])
def test_store_name_is_code_and_its_title_tells_the_facts(site: Site, docname: str) -> None:
    """A link shows the store as code; its title has backend, service and purpose."""
    two_languages(site, ":store:`auth-lock`", "{store}`auth-lock`")
    reference = next(site.build().resolved(docname).findall(nodes.reference))
    assert isinstance(reference.children[0], nodes.literal)
    assert reference["reftitle"] == "Redis, Auth: Locks for auth-statestore"


@pytest.mark.parametrize("docname", ["rst", "myst"])
def test_services_and_backends(site: Site, docname: str) -> None:
    """Services link to their pages under their title, backends to their line in the guide under their label."""
    site.registry(
        "x-services:\n  Auth: Authentication\nx-state-stores:\n"
        "  a: {backend: redis, prefix: a, service: Auth, purpose: A}\n"
        "  b: {backend: mysql, service: Account, purpose: B}\n"
    )
    two_languages(
        site,
        ":store-service:`Auth` :store-service:`x <Auth>` :statestore:service:`Auth` :store-service:`Account` "
        ":store-backend:`mysql` :statestore:backend:`redis` :store-backend:`sqlite`",
        "{store-service}`Auth` {store-service}`x <Auth>` {statestore:service}`Auth` {store-service}`Account` "
        "{store-backend}`mysql` {statestore:backend}`redis` {store-backend}`sqlite`",
    )
    site.write("guide.rst", ":orphan:\n\nGuide\n=====\n\n.. statestore-backends::\n")
    site.write("pages/auth.rst", ":orphan:\n\nAuth\n====\n")
    site.conf("statestores_service_pages = {'Auth': 'pages/auth'}")
    built = site.build()
    assert links(built, docname) == [
        ("Authentication", "pages/auth.html"),
        ("x", "pages/auth.html"),
        ("Authentication", "pages/auth.html"),
        ("MySQL", "guide.html#state-backend-mysql"),
        ("Redis", "guide.html#state-backend-redis"),
    ]
    paragraph = next(built.resolved(docname).findall(nodes.paragraph))
    assert paragraph.astext() == "Authentication x Authentication Account MySQL Redis SQLite"
    ids = [tag["id"] for tag in BeautifulSoup(built.text("guide.html"), "html.parser").select("tr[id]")]
    assert ids == ["state-backend-redis", "state-backend-mysql"]
    assert built.warnings == []


@pytest.mark.parametrize("docname", ["rst", "myst"])
def test_count(site: Site, docname: str) -> None:
    """``:store-count:`` is the number that its filters let through, also in a heading that others quote."""
    two_languages(
        site,
        ":store-count:`all` :store-count:`service=Auth` :store-count:`service=Auth,Account backend=!redis` "
        ":statestore:count:`search='locks for'`\n\nOf :store-count:`backend=redis`\n-------------------------------",
        "{store-count}`all` {store-count}`service=Auth` {store-count}`service=Auth,Account backend=!redis` "
        "{statestore:count}`search='locks for'`\n\n## Of {store-count}`backend=redis`",
    )
    built = site.build()
    assert next(built.resolved(docname).findall(nodes.paragraph)).astext() == "5 2 2 1"
    entries = [link.get_text() for link in BeautifulSoup(built.text("index.html"), "html.parser").select("li li a")]
    assert entries == ["Of 2", "Of 2"]
    assert built.warnings == []


@pytest.mark.parametrize("docname", ["rst", "myst"])
def test_unknown_names(site: Site, docname: str) -> None:
    """An unknown name is a warning at the line of the role, with near names, and stays as text."""
    two_languages(
        site,
        ":store:`auth-lok`\n:store-service:`auth`\n:store-backend:`redsi`",
        "{store}`auth-lok`\n{store-service}`auth`\n{store-backend}`redsi`",
    )
    built = site.build()
    suffix = "rst.rst:4: " if docname == "rst" else "myst.md:3: "
    messages = [line.split("WARNING: ")[1].split(" [")[0] for line in built.warnings if suffix in line]
    assert messages == [
        "unknown store 'auth-lok'; did you mean 'auth-lock'?",
        "unknown service 'auth'; did you mean 'Auth'?",
        "unknown backend 'redsi'; did you mean 'redis'?",
    ]
    assert links(built, docname) == []
    assert next(built.resolved(docname).findall(nodes.paragraph)).astext() == "auth-lok\nauth\nredsi"


@pytest.mark.parametrize("silenced", ["statestores.unknown_store", "statestores"])
def test_warnings_can_be_suppressed(site: Site, silenced: str) -> None:
    """Each warning has the type ``statestores`` and a subtype of its own."""
    two_languages(site, ":store:`auth-lok`", "{store}`auth-lok`")
    assert site.build(suppress_warnings=[silenced]).warnings == []


@pytest.mark.parametrize("nitpicky", [True, False])
@pytest.mark.parametrize(
    "ignored",
    [
        {"nitpick_ignore": [("statestore:store", "auth-lok"), ("statestore:service", "Auht")]},
        {"nitpick_ignore_regex": [("statestore:.*", "au(th-lok|ht)|Auht")]},
    ],
    ids=list,
)
def test_nitpick_ignore(site: Site, ignored: dict[str, Any], nitpicky: bool) -> None:
    """A name in ``nitpick_ignore`` is not warned of, whether the project is nitpicky or not; others are."""
    two_languages(site, ":store:`auth-lok` :store-service:`Auht`", "{store}`auth-lok` {store}`auth-loc`")
    [warning] = site.build(nitpicky=nitpicky, **ignored).warnings
    assert "unknown store 'auth-loc'" in warning


def test_count_that_is_not_understood(site: Site) -> None:
    """A misspelt filter is a warning that says what was meant; the others count."""
    two_languages(site, ":store-count:`servce=Auth backend=redis`", "{store-count}`servce=Auth backend=redis`")
    built = site.build()
    assert len(built.warnings) == 2
    assert all("unknown filter 'servce'; did you mean 'service'" in line for line in built.warnings)
    assert next(built.resolved("rst").findall(nodes.paragraph)).astext() == "2"


def test_landing_prefers_the_page_of_the_service(site: Site) -> None:
    """A link lands in the table on the service's page, not in the one that comes first."""
    two_languages(site, ":store:`auth-lock` :store:`account-archive`", "x")
    site.write("pages/auth.md", "---\norphan: true\n---\n# Auth\n\n```{statestore-table}\n:service: Auth\n```\n")
    site.conf("statestores_service_pages = {'Auth': 'pages/auth'}")
    assert links(site.build(), "rst") == [
        ("auth-lock", "pages/auth.html#store-auth-lock"),
        ("account-archive", "index.html#store-account-archive"),
    ]


def test_landing_follows_the_toctree(site: Site) -> None:
    """Without a page of the service a link lands in the first table in toctree order, not in that of file names."""
    site.write("index.rst", "Top\n===\n\n:store:`auth-lock`\n\n.. toctree::\n\n   z\n   a\n")
    for name in "az":
        site.write(f"{name}.rst", f"{name}\n=\n\n.. statestore-table::\n")
    assert links(site.build())[0] == ("auth-lock", "z.html#store-auth-lock")


def test_landing_passes_over_tables_without_index(site: Site) -> None:
    """A table with ``no-index`` has no ids and is no place to land."""
    site.write("index.rst", "Top\n===\n\n:store:`auth-lock`\n\n.. statestore-table::\n   :no-index:\n")
    built = site.build()
    assert links(built) == []
    assert 'id="store-' not in built.text("index.html")
    assert [line.split("WARNING: ")[1].split(" [")[0] for line in built.warnings] == [
        "no page shows the store 'auth-lock', so the link has no target: add a table or an entry that shows it"
    ]


@pytest.mark.parametrize("builder", ["html", "dirhtml", "singlehtml"])
def test_every_link_lands_on_an_id_that_exists(site: Site, builder: str) -> None:
    """Whatever page a role stands on, the row it links to is there."""
    two_languages(site, ":store:`auth-lock` :store:`account-archive`", "{store}`auth-lock` {store-backend}`redis`")
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   rst\n   myst\n   pages/auth\n   pages/all\n")
    site.write("pages/auth.md", "# Auth\n\n```{statestore-table}\n:service: Auth\n```\n")
    site.write("pages/all.md", "# All\n\n```{statestore-reference}\n```\n")
    built = site.build(builder, statestores_service_pages="pages/{kebab}", suppress_warnings=["statestores"])
    checked = 0
    for page in built.outdir.rglob("*.html"):
        for link in BeautifulSoup(page.read_text(), "html.parser").select("a.reference.internal"):
            address, _, anchor = str(link["href"]).partition("#")
            target = (page.parent / address) if address else page
            target = target / "index.html" if target.is_dir() else target
            if anchor.startswith(("store-", "state-backend")):
                ids = [tag["id"] for tag in BeautifulSoup(target.read_text(), "html.parser").select("[id]")]
                assert ids.count(anchor) == 1, (page, link)
                checked += 1
    assert checked >= 4


def test_inventory(site: Site) -> None:
    """``objects.inv`` has stores, services and backends, where their links land."""
    two_languages(site, "x", "y")
    site.write("pages/auth.rst", ":orphan:\n\nAuth\n====\n\n.. statestore-backends::\n")
    site.conf("statestores_service_pages = {'Auth': 'pages/auth'}")
    built = site.build()
    with (built.outdir / "objects.inv").open("rb") as stream:
        inventory = InventoryFile.load(stream, "", lambda base, path: base + path)
    found = {
        (kind, name, getattr(item, "uri", None) or item[2])
        for kind, items in inventory.items()
        if kind.startswith("statestore:")
        for name, item in items.items()
    }
    assert ("statestore:store", "auth-lock", "index.html#store-auth-lock") in found
    assert ("statestore:service", "Auth", "pages/auth.html") in found
    assert ("statestore:backend", "redis", "pages/auth.html#state-backend-redis") in found
    assert len(found) == 5 + 1 + 2


def test_myst_links(site: Site) -> None:
    """MyST's own links find a store by its name, and follow the registry as roles do."""
    site.write("index.md", "# Top\n\n```{statestore-table}\n```\n\n```{toctree}\nlinks\n```\n")
    site.write("links.md", "# Links\n\n[](#auth-lock) [words](#auth-lock) <project:#auth-lock>\n")
    built = site.build()
    assert links(built, "links") == [
        ("auth-lock", "index.html#store-auth-lock"),
        ("words", "index.html#store-auth-lock"),
        ("auth-lock", "index.html#store-auth-lock"),
    ]
    assert built.warnings == []
    registry = site.folder / "schemas/state-stores.yaml"
    site.registry(registry.read_text().replace("Locks for", "Changed for"))
    second = site.build()
    assert (second.read, second.written) == ([], ["index", "links"])
    assert "Changed for" in second.text("links.html")


def test_intersphinx(site: Site) -> None:
    """Another project finds stores, services and backends through ``objects.inv``, in either language."""
    site.write("index.rst", "Top\n===\n\n.. statestore-reference::\n")
    site.write("auth.rst", ":orphan:\n\nAuth\n====\n")
    site.conf("statestores_service_pages = {'Auth': 'auth'}")
    inventory = site.build().outdir / "objects.inv"
    site.close()
    other = type(site)(site.folder.parent / "other")
    other.conf(f"""
        extensions.append("sphinx.ext.intersphinx")
        intersphinx_mapping = {{"backend": ("https://example.org/", {str(inventory)!r})}}
        """)
    other.registry("x-state-stores: {own-store: {backend: redis, prefix: own-store, service: Own, purpose: Own}}\n")
    other.write(
        "index.rst",
        "Top\n===\n\n:store:`auth-lock` :external+backend:statestore:store:`auth-lock` :store-service:`Auth` "
        ":external+backend:statestore:backend:`redis`\n\n.. statestore-table::\n",
    )
    other.write(
        "m.md", "---\norphan: true\n---\n# M\n\n{store}`auth-lock` [](inv:backend:statestore:store#auth-lock)\n"
    )
    built = other.build()
    store = ("auth-lock", "https://example.org/index.html#store-auth-lock")
    backend = ("Redis", "https://example.org/index.html#state-backend-redis")
    assert links(built) == [store, store, ("Auth", "https://example.org/auth.html"), backend]
    assert links(built, "m") == [store, store]
    assert built.warnings == []
    other.close()


def test_search_finds_stores_first(site: Site) -> None:
    """For the search box a store is an object that comes before all pages, and is called a state store."""
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
    built = site.build()
    domain = built.env.get_domain("statestore")
    priorities = {name: priority for name, _, kind, *_, priority in domain.get_objects() if kind == "store"}
    assert priorities["auth-lock"] == 0
    assert '"state store"' in built.text("searchindex.js")
