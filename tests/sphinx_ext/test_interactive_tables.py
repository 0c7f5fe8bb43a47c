"""Which tables have tools, what a page hands to their script, and where rows have a link to themselves."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from conftest import Built, Site

FENCED = "# Top\n\n```{{statestore-table}}\n{options}\n```\n"
INDENTED = "Top\n===\n\n.. statestore-table::\n{options}\n"


def registry(number: int, **changes: dict[str, object]) -> str:
    """So many stores, some changed."""
    stores: dict[str, dict[str, object]] = {}
    for position in range(number):
        backend = "redis" if position % 2 else "mysql"
        stores[f"store-{position}"] = {"backend": backend, "service": "Auth", "purpose": f"Purpose {position}"}
    for name, change in changes.items():
        stores[name.replace("_", "-")].update(change)
    return json.dumps({"x-state-stores": stores})


def page(site: Site, *options: str, name: str = "index", language: str = "md") -> None:
    """Write a page with a table."""
    text = (
        FENCED.format(options="\n".join(options))
        if language == "md"
        else INDENTED.format(options="\n".join(f"   {option}" for option in options))
    )
    site.write(f"{name}.{language}", text)


def tools(built: Built, name: str = "index.html") -> list[dict[str, Any]]:
    """The data of the tools on a page."""
    found = BeautifulSoup(built.text(name), "html.parser").select("table > script.statestore-table-data")
    assert all(element["type"] == "application/json" for element in found)
    return [json.loads(element.get_text()) for element in found]


@pytest.mark.parametrize(
    ("configured", "rows", "options", "has_tools"),
    [
        ("", 9, [], False),
        ("", 10, [], True),
        ("statestores_interactive = 3\n", 2, [], False),
        ("statestores_interactive = 3\n", 3, [], True),
        ("statestores_interactive = True\n", 1, [], True),
        ("statestores_interactive = True\n", 20, [":status: removed"], False),
        ("statestores_interactive = False\n", 20, [], False),
        ("statestores_interactive = 0\n", 20, [], False),
        ("", 20, [":interactive: false"], False),
        ("", 1, [":interactive:"], True),
        ("statestores_interactive = False\n", 1, [":interactive: true"], True),
        ("", 20, [":limit: 9"], False),
        ("statestores_table_presets = {'p': {'interactive': False}}\n", 20, [":preset: p"], False),
        ("statestores_table_presets = {'p': {'interactive': False}}\n", 20, [":preset: p", ":interactive:"], True),
    ],
)
@pytest.mark.parametrize("language", ["rst", "md"])
def test_which_tables_have_tools(
    site: Site, configured: str, rows: int, options: list[str], language: str, *, has_tools: bool
) -> None:
    """The option of a table decides, then the number of its rows and the configuration."""
    site.registry(registry(rows))
    site.conf(configured)
    page(site, *options, language=language)
    built = site.build()
    assert built.warnings == []
    assert bool(tools(built)) == has_tools
    assert ("statestores-table.js" in built.text("index.html")) == has_tools


def test_both_languages_make_one_table(site: Site) -> None:
    """The table of a page in reStructuredText is that of a page in MyST, with all its data."""
    site.registry(registry(12, store_1={"tags": ["hot"]}))
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   one\n   two\n")
    for name, language in (("one", "rst"), ("two", "md")):
        page(site, ":interactive: true", ":no-index:", ":group-by: backend", name=name, language=language)
    built = site.build()
    bodies = [re.findall(r"<table.*?</table>", built.text(f"{name}.html"), re.DOTALL) for name in ("one", "two")]
    assert len(bodies[0]) == 1
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("option", [":interactive: perhaps", ":interactive: 3"])
def test_an_option_that_is_neither(site: Site, option: str) -> None:
    """What is neither true nor false is reported."""
    page(site, option)
    [warning] = site.build().warnings
    assert "'interactive' must be true or false" in warning
    assert "[statestores.invalid_option]" in warning


@pytest.mark.parametrize("value", ["-1", "'yes'", "[10]"])
def test_a_configuration_that_is_no_number(site: Site, value: str) -> None:
    """What is no number of rows is reported, and the default taken."""
    site.registry(registry(10))
    site.conf(f"statestores_interactive = {value}\n")
    page(site)
    built = site.build()
    assert [text for text in built.warnings if "statestores.invalid_config" in text] != []
    assert len(tools(built)) == 1


def test_what_the_script_gets(site: Site) -> None:
    """The data has columns, words, and the facets that some rows do not match; a row has positions of values."""
    site.registry(
        registry(4, store_0={"tags": ["hot", "cold"]}, store_3={"status": "planned", "tags": ["hot"]}),
    )
    page(site, ":interactive:", ":columns: name, prefix", ":sort: name")
    [data] = tools(site.build())
    assert data["columns"] == ["name", "prefix"]
    assert data["words"]["count"] == "Rows: {shown} of {all}"
    facets = {facet["field"]: (facet["title"], facet["values"], facet["rows"]) for facet in data["facets"]}
    assert facets == {
        "backend": ("Backend", [["redis", "Redis"], ["mysql", "MySQL"]], [[1], [0], [1], [0]]),
        "status": ("Status", [["planned", "planned"], ["active", "active"]], [[1], [1], [1], [0]]),
        "tags": ("Tags", [["cold", "cold"], ["hot", "hot"]], [[1, 0], [], [], [1]]),
    }


def test_rows_of_groups(site: Site) -> None:
    """In a table with groups the facets follow the rows, and a store in two groups has two."""
    site.registry(registry(2, store_0={"tags": ["a", "b"]}))
    page(site, ":interactive:", ":group-by: tags")
    [data] = tools(site.build())
    facets = {facet["field"]: facet["rows"] for facet in data["facets"]}
    assert facets["tags"] == [[0, 1], [0, 1], []]
    assert facets["backend"] == [[1], [1], [0]]


def test_labels_of_the_site(site: Site) -> None:
    """Facets are called what columns and words are called."""
    site.registry(registry(2, store_0={"status": "planned"}))
    site.conf('statestores_labels = {"status": "Life", "planned": "to come"}\n')
    page(site, ":interactive:")
    [data] = tools(site.build())
    status = next(facet for facet in data["facets"] if facet["field"] == "status")
    assert status["title"] == "Life"
    assert status["values"][0] == ["planned", "to come"]


def test_an_edit_that_only_a_facet_shows(site: Site) -> None:
    """A new tag, which no column shows, makes the pages with tools be written again, and no page be read."""
    site.registry(registry(12))
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   one\n   two\n")
    page(site, name="one")
    page(site, ":interactive: false", name="two")
    site.build()
    site.registry(registry(12, store_3={"tags": ["hot"]}))
    again = site.build()
    assert again.read == []
    assert "one" in again.written
    assert "two" not in again.written
    assert "hot" in again.text("one.html")
    assert again.files() == site.build(builddir="_clean").files()


def test_the_configuration_reads_no_page(site: Site) -> None:
    """Another number of rows writes the pages again and reads none."""
    site.registry(registry(12))
    page(site)
    assert len(tools(site.build())) == 1
    site.conf("statestores_interactive = False\n")
    again = site.build()
    assert tools(again) == []
    assert (again.read, again.written) == ([], ["index"])


def test_words_of_the_project(site: Site) -> None:
    """A project's own translation of a word is in the data, and an edit of it writes the page again."""
    site.registry(registry(12))
    site.conf('language = "de"\nlocale_dirs = ["locale"]\n')
    page(site)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    for word in ("Leeren", "Alles </script><b>weg"):
        site.write("locale/de/LC_MESSAGES/sphinx_statestores.po", f'{head}msgid "Clear"\nmsgstr "{word}"\n')
        built = site.build()
        [data] = tools(built)
        assert data["words"]["clear"] == word
        assert data["words"]["columns"] == "Spalten"
        assert "<b>weg" not in built.text("index.html")


def test_several_processes_write_the_same(site: Site) -> None:
    """A parallel build hands over the same data."""
    site.registry(registry(12))
    site.write("index.rst", "Top\n===\n\n.. toctree::\n   :glob:\n\n   p*\n")
    for number in range(8):
        page(site, name=f"p{number}", language=("rst", "md")[number % 2])
    serial = site.build(builddir="_serial").files()
    parallel = site.build(builddir="_parallel", parallel=2).files()
    assert serial == parallel
    assert b"statestore-table-data" in serial["p3.html"]


@pytest.mark.parametrize("builder", ["html", "dirhtml", "singlehtml", "json"])
def test_rows_link_to_themselves(site: Site, builder: str) -> None:
    """Each row with an id has one link to it, with a name and without a text; rows without an id have none."""
    site.registry(registry(3))
    page(site)
    page(site, ":no-index:", ":columns: purpose, name", name="other")
    site.write("other.rst", "")
    built = site.build(builder)
    name = {"json": "index.fjson"}.get(builder, "index.html")
    text = json.loads(built.text(name))["body"] if builder == "json" else built.text(name)
    rows = BeautifulSoup(text, "html.parser").select("tr[id^=store-]")
    assert len(rows) == 3
    for row in rows:
        [link] = row.select("a.statestore-permalink")
        assert link["href"] == f"#{row['id']}"
        assert link["aria-label"] == "Link to this row"
        assert link.get_text() == ""
        assert link.parent is row.td


def test_rows_without_an_id_have_no_link(site: Site) -> None:
    """Where links to stores do not lead, there is nothing to link to."""
    page(site, ":no-index:")
    assert "statestore-permalink" not in site.build().text("index.html")


def test_permalinks_can_be_switched_off(site: Site) -> None:
    """Sphinx's own setting for headings is that of rows."""
    page(site)
    assert "statestore-permalink" not in site.build(html_permalinks=False).text("index.html")


@pytest.mark.parametrize(("builder", "name"), [("epub", "index.xhtml"), ("text", "index.txt"), ("latex", None)])
def test_other_outputs_have_neither(site: Site, builder: str, name: str | None) -> None:
    """Books, texts and PDFs have neither tools nor links from rows to themselves."""
    site.registry(registry(12))
    page(site)
    built = site.build(builder)
    text = built.text(name) if name else next(built.outdir.glob("*.tex")).read_text(encoding="utf-8")
    for word in ("permalink", "statestore-table-data", "statestores-table", "Link to this row", "Search the table"):
        assert word not in text


def test_the_search_does_not_find_the_tools(site: Site) -> None:
    """The search index has the words of the rows, and none of the tools or of the links."""
    site.registry(registry(12))
    page(site)
    built = site.build()
    content = built.text("searchindex.js").removeprefix("Search.setIndex(").removesuffix(")")
    terms = set(json.loads(content)["terms"])
    assert "purpos" in terms
    assert terms & {"clear", "export", "markdown", "csv", "permalink", "shown", "link", "browser"} == set()


def test_an_entry_has_the_link_of_a_heading(site: Site) -> None:
    """An entry has the link that Sphinx gives to every description."""
    site.write("index.rst", "Top\n===\n\n.. statestore:: auth-lock\n")
    [link] = BeautifulSoup(site.build().text("index.html"), "html.parser").select("dt > a.headerlink")
    assert link["href"] == "#store-auth-lock"
