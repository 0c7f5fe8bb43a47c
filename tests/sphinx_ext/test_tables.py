"""Tables: rows, totals, groups, captions, and that HTML rows and docutils nodes say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from bs4 import BeautifulSoup
from docutils import nodes

from sphinx_statestores.sphinx_ext.resolve.blocks import Column, Table, body
from sphinx_statestores.sphinx_ext.write.html_rows import statestores_rows, table_rows

if TYPE_CHECKING:
    from conftest import Built, Site

    from sphinx_statestores.sphinx_ext.write.addresses import Addresses


def soup(built: Built, page: str = "index.html") -> BeautifulSoup:
    """A page, parsed."""
    return BeautifulSoup(built.text(page), "html.parser")


def html_table(built: Built, page: str = "index.html", position: int = 0) -> list[list[str]]:
    """The words of each cell of a table, with the head and the group headings."""
    table = soup(built, page).select("table")[position]
    return [[" ".join(cell.get_text().split()) for cell in row.select("th, td")] for row in table.select("tr")]


def node_table(built: Built, docname: str = "index", position: int = 0) -> list[list[str]]:
    """The same of a table of docutils nodes."""
    table = list(built.resolved(docname).findall(nodes.table))[position]
    return [
        [" ".join(entry.astext().split()) for entry in row.findall(nodes.entry)] for row in table.findall(nodes.row)
    ]


def page(site: Site, *directives: str) -> None:
    """Write an index page of directives."""
    site.write("index.rst", "Top\n===\n\n" + "\n\n".join(directives) + "\n")


def test_default_columns(site: Site) -> None:
    """A table without options has four columns and a row for each store, sorted by name."""
    page(site, ".. statestore-table::")
    built = site.build()
    rows = html_table(built)
    assert rows[0] == ["Component Name", "Backend", "Service", "Purpose"]
    assert [row[0] for row in rows[1:]] == [
        "account-archive deprecated",
        "account-statestore",
        "auth-lock",
        "auth-statestore",
        "character-encounter-statestore",
    ]
    assert rows[4] == ["auth-statestore", "Redis", "Auth", "Session and token state (ephemeral)"]
    assert built.warnings == []


OPTIONS = [
    "",
    ":totals:",
    ":service: Auth, Account\n   :totals:",
    ":backend: !redis",
    ":match: a*, !*-lock",
    ":status: deprecated",
    ":tag: lock",
    ":search: persistent",
    ":sort: -purpose",
    ":limit: 2",
    ":group-by: service\n   :totals:",
    ":group-by: backend",
    ":group-by: tags",
    ":columns: name, prefix, table, constant, status, tags, x-team",
    ":columns: name, replaced-by, readers, writers, keys, search, since, source",
    ":caption: All of *them*",
    ":widths: 1 2 3 4",
]


@pytest.mark.parametrize("options", OPTIONS)
def test_html_rows_and_nodes_say_the_same(site: Site, options: str) -> None:
    """Whatever the options, the fast rows of HTML have the words that ordinary nodes have elsewhere."""
    page(site, f".. statestore-table::\n   {options}")
    html, xml = site.build("html"), site.build("xml")
    assert html_table(html) == node_table(xml)
    assert html.warnings == xml.warnings == []
    html_text = soup(html).select("section")[0].get_text()
    assert "".join(html_text.replace("¶", "").split()) == "".join(xml.resolved("index").astext().split())


def test_html_rows_are_one_node(site: Site) -> None:
    """For HTML the body of a table is one node inside a table of standard nodes."""
    page(site, ".. statestore-table::")
    group = next(site.build().resolved("index").findall(nodes.tgroup))
    assert isinstance(group.parent, nodes.table)
    assert [type(child).__name__ for child in group.children] == [*["colspec"] * 4, "thead", "statestores_rows"]


def test_a_text_may_hold_any_character() -> None:
    """Texts that are escaped together come apart again, even where one holds what is put between them."""
    texts = ("a<\x1fb", "x & y", "", '"\x1f\x1f"')
    table = Table("table", (Column("title", "Title"),), (body([(text,) for text in texts], anchors=texts),))
    rows = table_rows(table, "index", cast("Addresses", None), lambda anchor: anchor)
    found = BeautifulSoup(rows["html"], "html.parser").select("tr")
    assert [(row.get("id", ""), row.get_text()) for row in found] == [(text, text) for text in texts]


def test_rows_say_what_they_show(site: Site) -> None:
    """The text of rows, which the search and other extensions read, is that of their cells, in order and apart."""
    page(site, ".. statestore-table::\n   :columns: name, backend, service, purpose\n   :group-by: backend")
    built = site.build()
    [rows] = built.resolved("index").findall(statestores_rows)
    shown = [[cell.get_text() for cell in row.select("th, td")] for row in soup(built).select("tbody tr")]
    assert rows.astext().split("\n") == [", ".join(row) for row in shown]


def test_words_of_two_cells_are_apart(site: Site) -> None:
    """Who takes the tags off a page, as the excerpts of its search do, finds no words of two cells in one."""
    page(site, ".. statestore-table::\n   :columns: name, backend, service, purpose")
    words = soup(site.build()).select("table")[0].get_text().split()
    assert {"auth-lock", "Redis", "Auth", "Locks"} <= set(words)


def test_other_builders_get_ordinary_nodes(site: Site) -> None:
    """Outside HTML a table has a body of rows and nothing raw."""
    page(site, ".. statestore-table::")
    resolved = site.build("text").resolved("index")
    assert len(list(resolved.findall(nodes.row))) == 6
    assert not list(resolved.findall(statestores_rows))


def test_total_counts_the_rows_shown(site: Site) -> None:
    """The line under a table counts what the filters let through."""
    page(site, ".. statestore-table::\n   :service: Auth, Account\n   :totals:")
    paragraph = soup(site.build()).select("p.statestore-totals")[0]
    assert paragraph.decode_contents() == "<strong>Total</strong>: 4 stores (2 Redis, 2 MySQL)"


def test_groups_have_subtotals(site: Site) -> None:
    """Each group has a body of its own, under a heading with its numbers."""
    page(site, ".. statestore-table::\n   :group-by: service\n   :columns: name")
    built = site.build()
    assert html_table(built) == [
        ["Component Name"],
        ["Account \N{EN DASH} 2 stores (2 MySQL)"],
        ["account-archive deprecated"],
        ["account-statestore"],
        ["Auth \N{EN DASH} 2 stores (2 Redis)"],
        ["auth-lock"],
        ["auth-statestore"],
        ["CharacterEncounter \N{EN DASH} 1 store (1 MySQL)"],
        ["character-encounter-statestore"],
    ]
    assert len(soup(built).select("tbody")) == 3


@pytest.mark.parametrize("builder", ["html", "text"])
def test_empty_result_is_a_sentence(site: Site, builder: str) -> None:
    """Filters that let nothing through give the text of ``empty``, no table and no warning."""
    page(
        site,
        ".. statestore-table::\n   :service: Auth\n   :backend: mysql\n   :name: nothing\n   :empty: None *here*.",
        ".. statestore-table::\n   :service: Auth\n   :backend: mysql\n   :totals:",
    )
    built = site.build(builder)
    resolved = built.resolved("index")
    assert not list(resolved.findall(nodes.table))
    section = next(resolved.findall(nodes.section))
    assert [child.astext() for child in section.children[1:]] == ["None here.", "No state stores."]
    paragraph = next(section.findall(nodes.paragraph))
    assert paragraph["ids"] == ["nothing"]
    assert isinstance(paragraph.children[1], nodes.emphasis)
    assert built.warnings == []


def test_inline_code_of_a_purpose(site: Site) -> None:
    """Backticks in a purpose are code, and everything else is text."""
    page(site, ".. statestore-table::\n   :match: auth-lock, char*")
    html = site.build().text("index.html")
    assert '<td>Locks for <code class="literal statestore-part">auth-statestore</code></td>' in html
    assert '<td>Encounter records &amp; "perspectives" &lt;of&gt; participants</td>' in html


def test_each_page_has_each_row_id_once(site: Site) -> None:
    """Five tables that show a store do not give its id twice on a page, and each page has it."""
    page(site, *[".. statestore-table::"] * 3, ".. toctree::\n\n   other")
    site.write("other.md", "# Other\n\n```{statestore-table}\n```\n\n```{statestore-table}\n:no-index:\n```\n")
    built = site.build()
    for name in ("index.html", "other.html"):
        ids = [tag["id"] for tag in soup(built, name).select("[id]")]
        assert len(ids) == len(set(ids))
        assert "store-auth-lock" in ids
    assert built.warnings == []


def test_one_page_has_each_row_id_once(site: Site) -> None:
    """In a site of one page a row's id is given once, where links land."""
    page(site, ".. statestore-table::\n   :no-index:", ":store:`auth-lock`", ".. toctree::\n\n   other")
    site.write("other.md", "# Other\n\n```{statestore-table}\n```\n")
    page_of_all = soup(site.build("singlehtml"))
    ids = [tag["id"] for tag in page_of_all.select("[id]")]
    assert len(ids) == len(set(ids))
    # One in the prose, and one in the table that links do not lead to.
    assert [link["href"] for link in page_of_all.select("a[href]") if link.get_text() == "auth-lock"] == [
        "#store-auth-lock",
        "#store-auth-lock",
    ]
    assert len(page_of_all.select("table")[1].select("tr#store-auth-lock")) == 1


def test_caption_is_numbered_and_named(site: Site) -> None:
    """A table with a caption and a name is numbered, and references find it."""
    page(site, ".. statestore-table::\n   :caption: All stores\n   :name: all", "See :numref:`all` and :ref:`all`.")
    built = site.build(numfig=True)
    html = soup(built)
    assert html.select("table#all caption")[0].get_text() == "Table 1 All stores¶"
    links = [link.get_text() for link in html.select('a.reference[href="#all"]')]
    assert links == ["Table 1", "All stores"]
    assert built.warnings == []


def test_caption_is_translatable(site: Site) -> None:
    """The words that authors write into a directive are offered for translation."""
    page(site, ".. statestore-table::\n   :caption: All stores\n   :empty: No such store")
    catalogue = site.build("gettext").text("index.pot")
    assert 'msgid "All stores"' in catalogue


def test_widths_are_given_where_columns_need_them(site: Site) -> None:
    """LaTeX and text get widths from the content or the option; a browser fits columns itself."""
    page(site, ".. statestore-table::\n   :columns: name, purpose", ".. statestore-table::\n   :widths: 1 2 3 4")
    # LaTeX output has no quotation marks, but wider letters for code, and a space between columns.
    length = len("character-encounter-statestore")
    for builder, needed in (("text", length + 2), ("latex", length * 115 // 100 + 3)):
        automatic, given = site.build(builder).resolved("index").findall(nodes.table)
        assert "colwidths-given" in automatic["classes"]
        name, purpose = [spec["colwidth"] for spec in automatic.findall(nodes.colspec)]
        assert name == needed
        assert name < purpose <= 60
    assert [spec["colwidth"] for spec in given.findall(nodes.colspec)] == [1, 2, 3, 4]
    text = site.build("text")
    widths = [
        spec["colwidth"] for spec in list(text.resolved("index").findall(nodes.table))[1].findall(nodes.colspec)
    ]
    assert min(widths) >= 8
    assert widths == sorted(set(widths))
    assert max(len(line) for line in text.text("index.txt").splitlines()) > 60
    html = site.build("html")
    given = list(html.resolved("index").findall(nodes.table))[1]
    assert [spec["colwidth"] for spec in given.findall(nodes.colspec)] == [1, 2, 3, 4]
    assert html.text("index.html").count("<colgroup>") == 1


def test_presets(site: Site) -> None:
    """A preset gives options that the directive's own options override."""
    site.conf("""
        statestores_table_presets = {"keys": {"backend": ["redis"], "columns": "name, prefix", "totals": True}}
    """)
    page(
        site,
        ".. statestore-table::\n   :preset: keys",
        ".. statestore-table::\n   :preset: keys\n   :columns: name\n   :totals: no",
    )
    built = site.build()
    assert html_table(built)[1:] == [["auth-lock", "auth:lock"], ["auth-statestore", "auth"]]
    assert html_table(built, position=1) == [["Component Name"], ["auth-lock"], ["auth-statestore"]]
    assert built.text("index.html").count("statestore-totals") == 1


def test_columns_of_the_project(site: Site) -> None:
    """``statestores_columns`` is what a table without ``columns`` has."""
    page(site, ".. statestore-table::")
    assert html_table(site.build(statestores_columns="name, constant"))[0] == ["Component Name", "Constant"]


def test_totals(site: Site) -> None:
    """``statestore-totals`` counts by backend, or by service."""
    page(
        site,
        ".. statestore-totals::",
        ".. statestore-totals::\n   :by: service",
        ".. statestore-totals::\n   :match: auth-lock",
        ".. statestore-totals::\n   :tag: none",
    )
    section = next(site.build("text").resolved("index").findall(nodes.section))
    assert [child.astext() for child in section.children[1:]] == [
        "5 stores (2 Redis, 3 MySQL)",
        "5 stores (2 Account, 2 Auth, 1 CharacterEncounter)",
        "1 store (1 Redis)",
        "0 stores",
    ]


def test_search_finds_words_of_rows(site: Site) -> None:
    """The search index has the words of fast rows, one by one."""
    page(site, ".. statestore-table::")
    index = site.build().text("searchindex.js")
    for word in ("ephemer", "encount", "redi", "mysql"):
        assert f'"{word}"' in index or f"{word}:" in index


def test_stylesheet_only_where_it_is_needed(site: Site) -> None:
    """Pages with a table and the search have the stylesheet; pages with words in a line, and others, have not."""
    page(site, ".. statestore-table::")
    site.write("words.rst", ":orphan:\n\nWords\n=====\n\n``auth-lock`` :store:`auth-lock` :store-count:`all`\n")
    site.write("other.rst", ":orphan:\n\nOther\n=====\n")
    for builder, with_it in (("html", ["index.html", "search.html"]), ("singlehtml", ["index.html"])):
        built = site.build(builder)
        pages = [path for path in built.outdir.glob("*.html") if not path.name.startswith("statestore-")]
        assert sorted(path.name for path in pages if "statestores.css" in path.read_text()) == with_it


TITLED_TABLE = {
    "rst": "Other\n=====\n\n.. statestore-table::\n",
    "md": "# Other\n\n```{statestore-table}\n```\n",
}


@pytest.mark.parametrize("language", ["rst", "md"])
def test_a_name_links_to_where_its_store_is(site: Site, language: str) -> None:
    """In a table the names are links to their stores, but not in the row that such a link leads to."""
    page(site, ".. statestore-table::", ".. toctree::\n\n   auth\n   other")
    site.write("auth.rst", "Auth\n====\n\n.. statestore-table::\n   :service: Auth\n")
    site.write(f"other.{language}", TITLED_TABLE[language])
    site.conf('statestores_service_pages = "{kebab}"\nsuppress_warnings = ["statestores.missing_service_page"]\n')
    auth, rest = AUTH, REST

    def addresses(built: Built, docname: str) -> dict[str, str]:
        links = soup(built, f"{docname}.html").select("tbody td:first-child a:not(.statestore-permalink)")
        return {link.get_text(): str(link["href"]) for link in links}

    built = site.build()
    assert addresses(built, "auth") == {}
    assert addresses(built, "index") == {name: f"auth.html#store-{name}" for name in auth}
    assert addresses(built, "other") == {
        **{name: f"auth.html#store-{name}" for name in auth},
        **{name: f"index.html#store-{name}" for name in rest},
    }

    def in_nodes(built: Built, docname: str) -> dict[str, str]:
        rows = list(built.resolved(docname).findall(nodes.row))
        links = [link for row in rows for link in row.children[0].findall(nodes.reference)]
        return {link["refuri"].partition("#store-")[2]: link["refuri"] for link in links}

    latex = site.build("latex")
    assert in_nodes(latex, "auth") == {}
    assert in_nodes(latex, "index") == {name: f"%auth#store-{name}" for name in auth}
    assert in_nodes(latex, "other").keys() == {*auth, *rest}


AUTH = ("auth-lock", "auth-statestore")
REST = ("account-archive", "account-statestore", "character-encounter-statestore")


@pytest.mark.parametrize("language", ["rst", "md"])
def test_code_in_a_purpose_is_linked(site: Site, language: str) -> None:
    """With ``statestores_autolink`` the inline code of a purpose links the other stores that it names."""
    page(site, ".. toctree::\n\n   other")
    site.write(f"other.{language}", TITLED_TABLE[language])

    def linked(built: Built) -> list[tuple[str, str]]:
        links = soup(built, "other.html").select("td:last-child a[href]")
        return [(link.get_text(), str(link["href"])) for link in links]

    assert linked(site.build(statestores_autolink=True)) == [("auth-statestore", "#store-auth-statestore")]
    off = site.build()
    assert linked(off) == []
    assert off.read == []


def test_labels_of_rows_in_latex(site: Site) -> None:
    """In LaTeX the label of a row is inside of its first paragraph: before it, it would push the name a line down."""
    page(site, ".. statestore-table::")
    [table] = site.build("latex").resolved("index").findall(nodes.table)
    cells = [next(row.findall(nodes.entry)) for body in table.findall(nodes.tbody) for row in body.findall(nodes.row)]
    assert [[type(child) for child in cell.children] for cell in cells] == [[nodes.paragraph]] * 5
    labels = [[label["ids"] for label in cell.findall(nodes.target)] for cell in cells]
    assert labels[:2] == [[["store-account-archive"]], [["store-account-statestore"]]]
