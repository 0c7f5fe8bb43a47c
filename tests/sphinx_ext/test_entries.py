"""Entries: where links land, ids, the index, pages of services, links to the source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from docutils import nodes

if TYPE_CHECKING:
    from conftest import Built, Site

ENTRIES = {
    "rst": "Entries\n=======\n\n.. statestore:: auth-lock\n\n   Words.\n\n.. statestore-table::\n",
    "md": "# Entries\n\n```{statestore} auth-lock\n\nWords.\n```\n\n```{statestore-table}\n```\n",
}


def soup(built: Built, page: str) -> BeautifulSoup:
    """A page, parsed."""
    return BeautifulSoup(built.text(page), "html.parser")


def address(built: Built, page: str, words: str) -> str:
    """The address of the link with these words."""
    [link] = [link for link in soup(built, page).select("p a.reference") if link.get_text() == words]
    return str(link["href"])


@pytest.fixture
def linking(site: Site) -> Site:
    """A site whose front page has a table and a link, before anything else."""
    site.write("index.rst", "Top\n===\n\n:store:`auth-lock`\n\n.. statestore-table::\n\n.. toctree::\n\n   other\n")
    return site


@pytest.mark.parametrize("language", ["rst", "md"])
def test_a_link_lands_on_the_entry(linking: Site, language: str) -> None:
    """A store's own entry is preferred to all tables, also to those that come first, and has its id once."""
    linking.write(f"other.{language}", ENTRIES[language])
    built = linking.build()
    assert address(built, "index.html", "auth-lock") == "other.html#store-auth-lock"
    other = soup(built, "other.html")
    assert [tag.name for tag in other.select("#store-auth-lock")] == ["dt"]
    assert [tag.name for tag in other.select("#store-auth-statestore")] == ["tr"]
    assert built.warnings == []


def test_entries_of_a_service(linking: Site) -> None:
    """The entries that ``statestore-service`` makes are places to land on as well, and its page is the service's."""
    linking.write("other.rst", "Other\n=====\n\n.. statestore-service:: Auth\n   :detail: entries\n")
    built = linking.build(statestores_service_pages="nowhere/{kebab}", suppress_warnings=["statestores"])
    assert address(built, "index.html", "auth-lock") == "other.html#store-auth-lock"
    assert len(soup(built, "other.html").select("dt[id^=store-]")) == 2
    cell = next(cell for cell in soup(built, "index.html").select("td") if cell.get_text() == "Auth")
    assert [link["href"] for link in cell.select("a")] == ["other.html"]


def test_table_of_a_service(linking: Site) -> None:
    """A table that ``statestore-service`` makes is on the page of the service, and preferred to earlier tables."""
    linking.write("other.md", "# Other\n\n```{statestore-service} Auth\n:columns: name\n```\n")
    built = linking.build()
    assert address(built, "index.html", "auth-lock") == "other.html#store-auth-lock"
    table = soup(built, "other.html").select("table")[0]
    assert [cell.get_text() for cell in table.select("td")] == ["auth-lock", "auth-statestore"]
    assert built.warnings == []


@pytest.mark.parametrize("directive", [".. statestore:: auth-lock", ".. statestore-service:: Auth"])
def test_no_index(linking: Site, directive: str) -> None:
    """What has ``no-index`` is no place to land on, and makes no page of a service."""
    linking.write("other.rst", f"Other\n=====\n\n{directive}\n   :no-index:\n")
    built = linking.build()
    assert address(built, "index.html", "auth-lock") == "#store-auth-lock"
    assert soup(built, "other.html").select("[id^=store-]") == []
    assert soup(built, "index.html").select("td a:not(.statestore-permalink)") == []


def test_entry_is_described_as_sphinx_describes_objects(linking: Site) -> None:
    """An entry is a definition list with the name as its term, an object of the table of contents and the index."""
    linking.write("other.rst", ENTRIES["rst"])
    built = linking.build(html_theme="alabaster", html_sidebars={"**": ["localtoc.html"]})
    other = soup(built, "other.html")
    assert other.select("dl.statestore.store > dt > span.sig-name")[0].get_text() == "auth-lock"
    assert [link["href"] for link in other.select(".sphinxsidebar a[href='#store-auth-lock']")]
    assert "auth-lock (state store)" in built.text("genindex.html")


def test_facts_are_not_in_the_doctree(linking: Site) -> None:
    """What is pickled has the name and the author's words, and none of the facts."""
    linking.write("other.rst", ENTRIES["rst"])
    doctree = linking.build().env.get_doctree("other")
    assert "Words." in doctree.astext()
    assert "Locks for" not in doctree.pformat()


@pytest.mark.parametrize("docname", ["rst", "md"])
def test_source_links(site: Site, docname: str) -> None:
    """With a template, the source of an entry and in a column links to the line of the YAML."""
    text = {
        "rst": "T\n=\n\n.. statestore:: auth-lock\n\n.. statestore-table::\n   :columns: name, source\n",
        "md": "# T\n\n```{statestore} auth-lock\n```\n\n```{statestore-table}\n:columns: name, source\n```\n",
    }
    site.write(f"index.{docname}", text[docname])
    (site.folder / ".git").mkdir()
    site.registry(site.folder.joinpath("schemas/state-stores.yaml").read_text(), "schemas/my stores.yaml")
    built = site.build(
        statestores_registry="schemas/my stores.yaml",
        statestores_source_url="https://example.org/blob/{ref}/{path}#L{line}",
        statestores_source_ref="v1",
    )
    found = [
        str(link["href"]) for link in soup(built, "index.html").select("a.external[href^='https://example.org']")
    ]
    assert found[0] == "https://example.org/blob/v1/schemas/my%20stores.yaml#L7"
    assert len(found) == 6
    assert "schemas/my stores.yaml:7" in soup(built, "index.html").get_text()
    assert built.warnings == []


@pytest.mark.parametrize(
    "template",
    [
        "javascript:alert({line})",
        " JavaScript:alert({line})",
        "data:{path}",
        "//x/{path}",
        "https://x/{lines}",
        "https://x/{line:x}{line:zz}",
        "https://x/{path:{nothing}}",
        "https://x/{path.__class__}",
        "https://x/{path!r}",
        "https://x/{",
    ],
)
def test_source_template_that_is_none(site: Site, template: str) -> None:
    """An address that no page may link to, or a template that is none, is a warning, and there are no links."""
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n   :columns: source\n")
    built = site.build(statestores_source_url=template)
    assert len(built.warnings) == 1
    assert "statestores_source_url" in built.warnings[0]
    assert soup(built, "index.html").select("td a:not(.statestore-permalink)") == []


@pytest.mark.parametrize("builder", ["latex", "text", "man", "texinfo", "xml", "epub"])
def test_other_builders(linking: Site, builder: str) -> None:
    """Entries are there in every kind of output."""
    linking.write("other.rst", ENTRIES["rst"] + "\n.. statestore-service:: Account\n   :detail: entries\n")
    built = linking.build(builder, epub_copyright="c", version="1")
    assert built.warnings == []
    names = [name.astext() for name in built.resolved("other").findall(nodes.Element) if name.tagname == "desc_name"]
    assert names == ["auth-lock", "account-archive", "account-statestore"]


@pytest.fixture
def mentioning(site: Site) -> Site:
    """A site whose pages mention a store by role and as inline code, in either language."""
    site.conf("statestores_autolink = True\n")
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   z\n   a\n   entries\n")
    site.write("z.rst", "Last *letter*\n=============\n\n``auth-lock``\n")
    site.write("a.md", "# First letter\n\n{store}`auth-lock` and {store}`words <auth-lock>`\n")
    site.write("b.md", "---\norphan: true\n---\n# Elsewhere\n\n`account-archive`\n")
    site.write(
        "entries.rst",
        "Entries\n=======\n\n.. statestore:: auth-lock\n\n.. statestore-table::\n   :columns: name, backlinks\n",
    )
    return site


def test_backlinks(mentioning: Site) -> None:
    """An entry and a column list the pages that mention a store, in the order of the toctrees."""
    built = mentioning.build()
    entries = soup(built, "entries.html")
    mentioned = entries.select("dl.statestore-fields dd")[-1]
    assert [(link.get_text(), link["href"]) for link in mentioned.select("a")] == [
        ("Last letter", "z.html"),
        ("First letter", "a.html"),
    ]
    cells = {
        row.select("td code")[0].get_text(): row.select("td")[1].get_text() for row in entries.select("tbody tr")
    }
    assert cells["auth-lock"] == "Last letter, First letter"
    assert cells["account-archive"] == "Elsewhere"
    assert cells["account-statestore"] == ""
    assert built.warnings == []


def test_backlinks_follow_edits(mentioning: Site) -> None:
    """A page that mentions a store for the first time, or has another title, writes the pages that list it."""
    mentioning.build()
    mentioning.write("b.md", "---\norphan: true\n---\n# Everywhere\n\n`account-archive` `auth-lock`\n")
    second = mentioning.build()
    assert second.read == ["b"]
    assert second.written == ["b", "entries", "index"]
    assert (
        soup(second, "entries.html").select("dl.statestore-fields dd")[-1].get_text().strip().endswith("Everywhere")
    )
    assert second.files() == mentioning.build(builddir="_clean").files()


@pytest.mark.parametrize("language", ["rst", "md"])
def test_two_entries_for_one_store_are_reported(linking: Site, language: str) -> None:
    """A second entry on another page is a warning that names the first, where links lead; ``:no-index:`` ends it."""
    linking.write("index.rst", "Top\n===\n\n:store:`auth-lock`\n\n.. toctree::\n\n   z\n   a\n")
    linking.write("z.rst", "Z\n=\n\n.. statestore:: auth-lock\n")
    linking.write(f"a.{language}", ENTRIES[language])
    built = linking.build()
    assert address(built, "index.html", "auth-lock") == "z.html#store-auth-lock"
    [warning] = built.warnings
    assert f"a.{language}: WARNING: the store 'auth-lock' already has an entry in 'z'" in warning
    assert "[statestores.duplicate_entry]" in warning
    linking.write("z.rst", "Z\n=\n\n.. statestore:: auth-lock\n   :no-index:\n")
    assert linking.build().warnings == []


@pytest.mark.parametrize("language", ["rst", "md"])
def test_two_entries_on_one_page_are_reported(linking: Site, language: str) -> None:
    """So is a second entry on the same page; links lead to the first, and no id is there twice."""
    linking.write(f"other.{language}", ENTRIES[language] + "\n" + ENTRIES[language].partition("\n\n")[2])
    built = linking.build()
    [warning] = built.warnings
    assert "the store 'auth-lock' already has an entry on this page" in warning
    assert "[statestores.duplicate_entry]" in warning
    assert len(soup(built, "other.html").select("#store-auth-lock")) == 1


def test_an_entry_is_for_one_store(linking: Site) -> None:
    """Several lines are one name, which the registry does not have: no store gets a place without its facts."""
    linking.write("a.rst", "A\n=\n\n.. statestore:: auth-lock\n                auth-statestore\n")
    built = linking.build()
    assert any("unknown store 'auth-lock auth-statestore'; did you mean" in line for line in built.warnings)
    assert not soup(built, "a.html").select("#store-auth-lock")


@pytest.mark.parametrize("words", ["Store auth-lock\n---------------", ".. _store-auth-lock:\n\nA paragraph."])
@pytest.mark.parametrize("table", [".. statestore-table::", ".. statestore-service:: Auth\n   :detail: entries"])
@pytest.mark.parametrize("builder", ["html", "latex"])
def test_a_heading_or_label_may_have_the_id_of_a_store(linking: Site, builder: str, words: str, table: str) -> None:
    """Then the row or the entry has none: an id is there once."""
    linking.write("a.rst", f"A\n=\n\n{words}\n\n{table}\n")
    doctree = linking.build(builder).resolved("a")
    ids = [identifier for node in doctree.findall(nodes.Element) for identifier in node["ids"]]
    if builder == "html":
        ids += re.findall(r'<tr id="([^"]*)"', doctree.astext())
    assert ids.count("store-auth-lock") == 1


@pytest.mark.parametrize("language", ["rst", "md"])
def test_an_own_entry_is_preferred_to_a_list_of_entries(linking: Site, language: str) -> None:
    """Of an entry by itself and one among those of a service the first is where links land, without a warning."""
    linking.write("index.rst", "Top\n===\n\n:store:`auth-lock`\n\n.. toctree::\n\n   a\n   b\n")
    linking.write("a.rst", "A\n=\n\n.. statestore-service:: Auth\n   :detail: entries\n")
    linking.write(f"b.{language}", ENTRIES[language])
    built = linking.build()
    assert address(built, "index.html", "auth-lock") == "b.html#store-auth-lock"
    assert built.warnings == []


@pytest.mark.parametrize("language", ["rst", "md"])
def test_a_generated_entry_gives_way(linking: Site, language: str) -> None:
    """Of a generated entry and a written one the written one is where links land, without a warning."""
    linking.write("index.rst", "Top\n===\n\n:store:`auth-lock`\n\n.. toctree::\n\n   stores/index\n   b\n")
    linking.write(f"b.{language}", ENTRIES[language])
    built = linking.build(statestores_generate_pages="stores/", statestores_generate_store_pages=True)
    assert (built.outdir / "stores/auth/auth-lock.html").is_file()
    assert address(built, "index.html", "auth-lock") == "b.html#store-auth-lock"
    assert built.warnings == []


def test_an_entry_that_no_store_can_have(site: Site) -> None:
    """A name that no store can have is reported, and gets no id and no line in the general index."""
    site.write("index.rst", 'T\n=\n\n.. statestore:: " onmouseover="alert(1)" x=\'\n')
    built = site.build()
    assert [warning for warning in built.warnings if "unknown store" in warning]
    assert "onmouseover" not in built.text("genindex.html")


def test_the_table_that_has_the_data(site: Site) -> None:
    """An entry shows the table that really has the data, where layouts say that it is another or a shared one."""
    stores = """\
x-state-stores:
  orders: {backend: mysql, service: Order, purpose: O}
  carts: {backend: mysql, service: Order, purpose: C, table: cart, physical: {table: carts_v2}}
  hot: {backend: redis, prefix: hot, service: Order, purpose: H}
"""
    site.registry(stores)
    site.write("index.rst", "T\n=\n\n.. statestore:: orders\n\n.. statestore:: carts\n\n.. statestore:: hot\n")

    def places() -> list[str]:
        words = soup(site.build(), "index.html").get_text(" ", strip=True)
        return [" ".join(each.split()) for each in re.findall("Physical Table : (.*?) Source", words, re.DOTALL)]

    assert places() == ["carts_v2"]
    site.registry(f"x-physical: {{mysql: {{table: records, column: store}}}}\n{stores}")
    assert places() == ["records : store = orders", "carts_v2 : store = carts"]
