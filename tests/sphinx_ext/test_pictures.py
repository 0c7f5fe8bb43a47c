"""Maps and charts: what they show, where their links lead, and what writers without pictures get."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from xml.etree import ElementTree as ET

import pytest
from conftest import WRITTEN_UNSEEN
from docutils import nodes
from nasty import VALUES
from work import counted_calls

from sphinx_statestores import sphinx_ext
from sphinx_statestores.registry.model import Registry
from sphinx_statestores.registry.query import Query
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.read.questions import ChartQuestion, MapQuestion
from sphinx_statestores.sphinx_ext.resolve.blocks import Chart, Map, as_spans, text_of
from sphinx_statestores.sphinx_ext.resolve.pictures import NODE_LIMIT, SERIES_LIMIT
from sphinx_statestores.sphinx_ext.write.latex_picture import latex_picture
from sphinx_statestores.sphinx_ext.write.picture_layout import COLOURS, TEXTURES, Box, Drawing

if TYPE_CHECKING:
    from conftest import Built, Site

    from sphinx_statestores.sphinx_ext.write.nodes import NodeMaker

STYLE_SHEET = Path(sphinx_ext.__file__).parent / "static" / "statestores-pictures.css"
USED = """\
x-services:
  Auth: {title: Sign-in}
  Gateway: {docs: "https://example.org/gateway?a=1&b=2"}
x-state-stores:
  auth-tokens: {backend: redis, service: Auth, purpose: Tokens, readers: [Account, Gateway], tags: [hot, short]}
  auth-locks: {backend: redis, service: Auth, purpose: Locks, readers: [Account], writers: [Account], tags: [hot]}
  auth-audit: {backend: mysql, service: Auth, purpose: Audit, status: deprecated, writers: [Gateway]}
  account-data: {backend: mysql, service: Account, purpose: Accounts, readers: [Auth], status: planned}
"""


def many(stores: int, services: int = 1) -> str:
    """A registry of many stores in two backends; with several services, each reads a store of another one."""
    items = ""
    for n in range(stores):
        backend, service, reader = ("redis", "mysql")[n % 2], f"S{n % services}", f"S{(n + 1) % services}"
        readers = f", readers: [{reader}]" if reader != service else ""
        items += f"  s-{n:05}: {{backend: {backend}, service: {service}, purpose: p{readers}}}\n"
    return f"x-state-stores:\n{items}"


def page(site: Site, *directives: str, name: str = "index.rst") -> None:
    """Write a page of directives."""
    site.write(name, "Top\n===\n\n" + "\n\n".join(directives) + "\n")


def answered(site: Site, question: MapQuestion | ChartQuestion) -> Any:
    """Return the picture that a question is answered with."""
    page(site)
    return current(site.build("dummy").env).answers.blocks(question)[0]


def edges(found: Map) -> set[tuple[str, str, str, int]]:
    """Return the edges of a map by the texts of their nodes."""
    return {
        (found.nodes[edge.start].text, edge.access, found.nodes[edge.end].text, edge.number) for edge in found.edges
    }


def rows(picture: Map | Chart) -> list[tuple[str, ...]]:
    """Return the texts of a picture's table."""
    return [tuple(text_of(as_spans(cell)) for cell in row) for body in picture.table.bodies for row in body.rows]


# -- what a map has -----------------------------------------------------------------------


def test_a_map_of_stores(site: Site) -> None:
    """A map leads from services to their stores and on to backends, and from users to what they read and write."""
    site.registry(USED)
    found = answered(site, MapQuestion(Query()))
    assert edges(found) == {
        ("Sign-in", "", "auth-tokens", 1),
        ("Sign-in", "", "auth-locks", 1),
        ("Sign-in", "", "auth-audit", 1),
        ("Account", "", "account-data", 1),
        ("auth-tokens", "", "Redis", 1),
        ("auth-locks", "", "Redis", 1),
        ("auth-audit", "", "MySQL", 1),
        ("account-data", "", "MySQL", 1),
        ("Account", "reads", "auth-tokens", 1),
        ("Gateway", "reads", "auth-tokens", 1),
        ("Account", "uses", "auth-locks", 1),
        ("Gateway", "writes", "auth-audit", 1),
        ("Sign-in", "reads", "account-data", 1),
    }
    notes = {node.text: node.note for node in found.nodes if node.note}
    assert notes == {"auth-audit": "deprecated", "account-data": "planned"}
    assert found.legend == (
        ("", "owns"),
        ("reads", "reads"),
        ("writes", "writes"),
        ("uses", "reads and writes"),
    )
    assert found.description == "4 stores (2 Redis, 2 MySQL) of 2 services."


def test_a_map_of_one_service(site: Site) -> None:
    """The map of a service has its stores with their users, and others' stores with the service as the only user."""
    site.registry(USED)
    found = answered(site, MapQuestion(Query(), "Account"))
    assert found.title == "State stores of Account"
    used = {edge for edge in edges(found) if edge[1]}
    assert used == {
        ("Account", "reads", "auth-tokens", 1),
        ("Account", "uses", "auth-locks", 1),
        ("Sign-in", "reads", "account-data", 1),
    }
    assert {node.text for node in found.nodes if node.kind == "store"} == {
        "account-data",
        "auth-tokens",
        "auth-locks",
    }
    # A service that owns nothing has a map of what it uses.
    assert len(answered(site, MapQuestion(Query(), "Gateway")).nodes) == 2 + 2 + 2


def test_a_map_of_services(site: Site) -> None:
    """A map of services has the number of stores on each edge, and all accesses of a user to an owner in one."""
    site.registry(USED)
    found = answered(site, MapQuestion(Query(), detail="services"))
    assert edges(found) == {
        ("Sign-in", "", "Redis", 2),
        ("Sign-in", "", "MySQL", 1),
        ("Account", "", "MySQL", 1),
        ("Account", "uses", "Sign-in", 2),
        ("Gateway", "uses", "Sign-in", 2),
        ("Sign-in", "reads", "Account", 1),
    }
    assert {node.text: node.note for node in found.nodes if node.note} == {"Sign-in": "3", "Account": "1"}


@pytest.mark.parametrize(("stores", "kind"), [(NODE_LIMIT - 3, "store"), (NODE_LIMIT - 2, "service")])
def test_the_limit_of_nodes(site: Site, stores: int, kind: str) -> None:
    """A map with more than sixty nodes shows services; an option decides otherwise."""
    site.registry(many(stores))
    found = answered(site, MapQuestion(Query()))
    assert ("store" in {node.kind for node in found.nodes}) == (kind == "store")
    assert len(answered(site, MapQuestion(Query(), detail="stores")).nodes) == stores + 3
    assert len(answered(site, MapQuestion(Query(), detail="services")).nodes) == 3


def test_the_table_of_a_map_says_the_same(site: Site) -> None:
    """Each edge of a map is in the table that other outputs get, and the table says no more."""
    site.registry(USED)
    for detail in ("stores", "services"):
        found = answered(site, MapQuestion(Query(), detail=detail))
        kinds = {node.text: node.kind for node in found.nodes}
        told = set()
        for row in rows(found):
            cells = dict(zip([column.key for column in found.table.columns], row, strict=True))
            row_name = str(cells.get("name", cells["service"])).partition(" ")[0]
            if detail == "stores":
                told |= {(cells["service"], "", row_name), (row_name, "", cells["backend"])}
            else:
                parts = re.findall(r"(\d+) (\w+)", cells["stores"].partition("(")[2])
                told |= {(row_name, "", label) for _, label in parts}
            names = {key: re.sub(r" \(\d+\)", "", cells[key]).split(", ") for key in ("readers", "writers")}
            readers, writers = ({*filter(None, names[key])} for key in ("readers", "writers"))
            told |= {(user, "reads", row_name) for user in readers - writers}
            told |= {(user, "writes", row_name) for user in writers - readers}
            told |= {(user, "uses", row_name) for user in writers & readers}
        assert told == {edge[:3] for edge in edges(found)}
        assert len(kinds) == len(found.nodes)


def test_the_order_of_a_file_does_not_matter(site: Site) -> None:
    """The same stores in another order are the same map and the same chart."""
    head, _, stores = USED.partition("x-state-stores:\n")
    questions = (MapQuestion(Query()), MapQuestion(Query(), detail="services"), ChartQuestion(Query(), "tag"))
    site.registry(USED)
    found = [answered(site, question) for question in questions]
    backwards = "".join(reversed(stores.splitlines(keepends=True)))
    site.registry(f"{head}x-state-stores:\n{backwards}")
    assert [answered(site, question) for question in questions] == found


# -- what a chart has ---------------------------------------------------------------------


def bars(found: Chart) -> list[tuple[str, tuple[int, ...]]]:
    """Return the bars of a chart."""
    return [(bar.label.text, bar.parts) for bar in found.bars]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"by": "backend"}, [("Redis", (2,)), ("MySQL", (2,))]),
        ({"by": "service"}, [("Sign-in", (3,)), ("Account", (1,))]),
        ({"by": "service", "order": "name"}, [("Account", (1,)), ("Sign-in", (3,))]),
        ({"by": "status"}, [("planned", (1,)), ("active", (2,)), ("deprecated", (1,))]),
        ({"by": "status", "order": "number"}, [("active", (2,)), ("deprecated", (1,)), ("planned", (1,))]),
        ({"by": "tag"}, [("hot", (2,)), ("short", (1,)), ("no tag", (2,))]),
        ({"by": "service", "stack": "backend"}, [("Sign-in", (2, 1)), ("Account", (0, 1))]),
        ({"by": "backend", "stack": "status"}, [("Redis", (0, 2, 0)), ("MySQL", (1, 0, 1))]),
        ({"by": "service", "stack": "tag"}, [("Sign-in", (2, 1, 1)), ("Account", (0, 0, 1))]),
        ({"by": "service", "limit": 1}, [("Sign-in", (3,))]),
    ],
)
def test_a_chart(site: Site, options: dict[str, Any], expected: list[tuple[str, tuple[int, ...]]]) -> None:
    """A chart counts stores by one field, in parts by another, in the order that is asked for."""
    site.registry(USED)
    found = answered(site, ChartQuestion(Query(), **options))
    assert bars(found) == expected
    numbers = [(row[0], *map(int, row[1:])) for row in rows(found)]
    parts = [(label, *(parts if len(parts) > 1 else ()), sum(parts)) for label, parts in expected]
    assert numbers == parts


def test_a_chart_in_words(site: Site) -> None:
    """The description of a chart has its numbers and those of the parts, for the first twenty bars."""
    site.registry(USED)
    found = answered(site, ChartQuestion(Query(), "service", "backend"))
    assert found.description == "Sign-in: 3 (2 Redis, 1 MySQL), Account: 1 (1 MySQL)"
    found = answered(site, ChartQuestion(Query(), "status", "tag"))
    assert found.description == (
        "planned: 1 (1 no tag), active: 3 (2 hot, 1 short), deprecated: 1 (1 no tag) "
        "A store with several tags counts for each of them."
    )
    assert answered(site, ChartQuestion(Query(), "service")).description == "Sign-in: 3, Account: 1"
    site.registry(many(42, services=21))
    found = answered(site, ChartQuestion(Query(), "service"))
    assert found.description.startswith("S0: 2, S1: 2, S10: 2, ")
    assert found.description.count(": 2") == 20
    assert found.description.endswith(", \N{HORIZONTAL ELLIPSIS}")


def test_many_parts_of_bars(site: Site) -> None:
    """More parts than can be told apart are the largest ones and one for all others."""
    site.registry(many(100, services=30))
    found = answered(site, ChartQuestion(Query(), "backend", "service"))
    assert len(found.series) == SERIES_LIMIT
    assert found.series[-1][0] == f"{30 - SERIES_LIMIT + 1} others"
    assert sum(sum(bar.parts) for bar in found.bars) == 100


@pytest.mark.parametrize(("by", "stack"), [("service", "backend"), ("backend", "tag"), ("status", "service")])
def test_the_smallest_parts_are_one(site: Site, by: str, stack: str) -> None:
    """The parts that are put together are the smallest ones, in whatever order parts are; no tag is none of them."""
    sizes = {f"v{n:02}": size for n, size in enumerate([1, 9, 2, 8, 1, 7, 1, 6, 1, 5, 9, 4, 8, 3, 7, 6])}
    own = "x-backends: {" + ", ".join(f"{name}: {{label: {name}}}" for name in sizes) + "}\n"
    field = {"backend": "backend", "tag": "tags", "service": "service"}[stack]
    items = [
        f"backend: {name if field == 'backend' else 'redis'}, service: {name if field == 'service' else 'A'}, "
        f"purpose: p{f', tags: [{name}]' if field == 'tags' else ''}"
        for name, size in sizes.items()
        for _ in range(size)
    ]
    if stack == "tag":
        items.append("backend: redis, service: A, purpose: p")
    lines = "".join(f"  s-{n}: {{{item}}}\n" for n, item in enumerate(items))
    site.registry(f"{own}x-state-stores:\n{lines}")
    found = answered(site, ChartQuestion(Query(), by, stack))
    names = [name for name, _ in found.series]
    shown = [name for name in names if name in sizes]
    apart = ["no tag"] if stack == "tag" else []
    number = SERIES_LIMIT - 1 - len(apart)
    assert names == [*shown, *apart, f"{len(sizes) - number} others"]
    assert len(shown) == number
    assert min(sizes[name] for name in shown) >= max(size for name, size in sizes.items() if name not in shown)
    # Backends are in their own order, other parts in that of their numbers.
    assert shown == sorted(shown, key=lambda name: (0 if stack == "backend" else -sizes[name], name))
    [bar] = found.bars
    assert sum(bar.parts) == len(items)
    # Each part has a colour of its own, also beside those of backends that are not shown.
    positions = [position for _, position in found.series]
    assert len(set(positions)) == SERIES_LIMIT
    if stack == "backend":
        assert positions[-1] == len(sizes)


def test_notes_below_a_chart(site: Site) -> None:
    """A chart says what it does not show, and that a store may count several times."""
    site.registry(USED)
    page(site, ".. statestore-chart::\n   :by: tag\n   :limit: 2")
    text = site.build("text").text("index.txt")
    expected = "Not shown: 1 more, with 2 stores. A store with several tags counts for each of them."
    assert expected in " ".join(text.split())


# -- HTML ---------------------------------------------------------------------------------


def pictures(built: Built, name: str = "index.html") -> list[ET.Element]:
    """Return the pictures of a page, which are well-formed XML."""
    found = re.findall(r'<div [^>]*class="statestore-picture .*?</svg></div>', built.text(name), re.DOTALL)
    return [ET.fromstring(text) for text in found]  # noqa: S314 - our own


def tag(name: str) -> str:
    return f"{{http://www.w3.org/2000/svg}}{name}"


def test_a_picture_can_be_reached(site: Site) -> None:
    """A picture has a name, a description, a place for the keyboard, and links to stores, services and backends."""
    site.registry(USED)
    site.conf('statestores_service_pages = {"Auth": "auth"}\n')
    page(site, ".. statestore-map::\n   :name: the-map\n   :class: wide", ".. toctree::\n\n   auth\n   guide")
    site.write("auth.rst", "Auth\n====\n\n.. statestore-service:: Auth\n")
    site.write("guide.rst", "Guide\n=====\n\n.. statestore-backends::\n")
    built = site.build()
    assert built.warnings == []
    [found] = pictures(built)
    assert (found.get("tabindex"), found.get("role"), found.get("id")) == ("0", "group", "the-map")
    assert str(found.get("class")).split() == ["statestore-picture", "statestore-picture-map", "wide"]
    # Nothing around it repeats them.
    text = built.text("index.html")
    assert text.count('id="the-map"') == len(re.findall(r'class="[^"]*\bwide\b', text)) == 1
    [svg] = found.findall(tag("svg"))
    assert found.get("aria-label") == svg.findtext(tag("title")) == "Map of state stores"
    assert re.fullmatch(r"0 0 [\d.]+ [\d.]+", str(svg.get("viewBox")))
    assert svg.findtext(tag("desc")) == "4 stores (2 Redis, 2 MySQL) of 2 services."
    links = {link.findtext(tag("text")): link.get("href") for link in svg.iter(tag("a"))}
    assert links == {
        "auth-tokens": "auth.html#store-auth-tokens",
        "auth-locks": "auth.html#store-auth-locks",
        "auth-audit": "auth.html#store-auth-audit",
        "Sign-in": "auth.html",
        "Gateway": "https://example.org/gateway?a=1&b=2",
        "Redis": "guide.html#state-backend-redis",
        "MySQL": "guide.html#state-backend-mysql",
    }
    for address in links.values():
        name, _, anchor = str(address).partition("#")
        assert name.startswith("https:") or f'id="{anchor}"' in built.text(name) or not anchor


@pytest.mark.parametrize("engine", ["svg", "graphviz", "mermaid"])
def test_link_targets_of_pictures(with_mermaid: Site, engine: str) -> None:
    """The name, the classes and the labels of a picture are on the page once, with and without a caption."""
    site = with_mermaid
    site.conf('extensions += ["sphinx.ext.graphviz", "sphinxcontrib.mermaid"]\nsuppress_warnings = ["graphviz"]\n')
    options = f"   :engine: {engine}\n   :class: odd even"
    page(
        site,
        f".. _before-a:\n.. _before-b:\n\n.. statestore-map::\n{options}\n   :name: bare",
        f".. _before-c:\n\n.. statestore-map::\n{options}\n   :name: captioned\n   :caption: All",
        ".. statestore-chart::\n   :class: only\n   :name: bars",
    )
    text = site.build().text("index.html")
    for anchor in ("bare", "captioned", "bars", "before-a", "before-b", "before-c"):
        assert text.count(f'id="{anchor}"') == 1, anchor
    classes = [found.split() for found in re.findall(r'class="([^"]*)"', text)]
    assert [sum(name in found for found in classes) for name in ("odd", "even", "only")] == [2, 2, 1]


def test_the_name_of_a_picture(site: Site) -> None:
    """The text of ``alt`` is the name of a picture, whatever is in it."""
    page(site, '.. statestore-chart::\n   :alt: "All" <b> & more')
    [found] = pictures(site.build())
    assert found.get("aria-label") == '"All" <b> & more'
    assert found.findtext(f"{tag('svg')}/{tag('title')}") == '"All" <b> & more'


def test_nothing_of_a_registry_is_markup(site: Site) -> None:
    """The texts of a picture are those of the registry, cut where they are long, and no attribute comes from them."""
    stores = "".join(f"  s-{n}: {{backend: own, service: S{n}, purpose: p}}\n" for n in range(len(VALUES)))
    titles = {f"S{n}": {"title": text} for n, text in enumerate(VALUES.values())}
    site.registry(
        f"x-services: {titles_yaml(titles)}\nx-backends: {{own: {{label: '<i>\"&'}}}}\nx-state-stores:\n{stores}"
    )
    page(site, ".. statestore-map::\n   :detail: stores", ".. statestore-chart::\n   :by: service")
    drawn = pictures(site.build(suppress_warnings=["statestores"]))
    assert len(drawn) == 2
    for found in drawn:
        texts = {"".join(text.itertext()) for text in found.iter(tag("text"))}
        hints = {"".join(text.itertext()) for text in found.iter(tag("title"))}
        for title in VALUES.values():
            assert title in texts or any(title in hint for hint in hints)
        assert {element.tag for element in found.iter()} <= {
            "div",
            *map(tag, ("svg", "title", "desc", "g", "a", "rect", "path", "text")),
        }


def titles_yaml(titles: dict[str, dict[str, str]]) -> str:
    """Write titles as YAML."""
    return "{" + ", ".join(f"{name}: {{title: {quoted(found['title'])}}}" for name, found in titles.items()) + "}"


def quoted(text: str) -> str:
    """Write a text as a scalar in double quotes."""
    escapes = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escapes) + '"'


def test_the_style_sheet_is_where_pictures_are(site: Site) -> None:
    """Only pages with a picture load the style sheet of pictures."""
    page(site, ".. statestore-table::", ".. toctree::\n\n   drawn")
    page(site, ".. statestore-chart::", name="drawn.rst")
    built = site.build()
    assert "statestores-pictures.css" not in built.text("index.html")
    assert "statestores-pictures.css" in built.text("drawn.html")
    assert (built.outdir / "_static" / "statestores-pictures.css").is_file()


def classes_of(text: str) -> set[str]:
    """Return the classes of the elements of a text."""
    return {name for found in re.findall(r'class="([^"]*)"', text) for name in found.split()}


def test_classes_of_pictures(site: Site) -> None:
    """What is in a picture has no class that means something else on the page or in the other style sheets."""
    site.registry(USED)
    page(
        site,
        ".. statestore-map::",
        ".. statestore-map::\n   :detail: services",
        ".. statestore-chart::\n   :by: tag\n   :stack: status",
        ".. statestore-table::",
    )
    text = site.build().text("index.html")
    drawn = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    classes = {name for name in classes_of(drawn) if name.startswith("statestore-")}
    assert {"statestore-number", "statestore-note", "statestore-deprecated"} <= classes
    others = re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)
    assert not classes & classes_of(others)
    for sheet in STYLE_SHEET.parent.glob("*.css"):
        if sheet != STYLE_SHEET:
            assert not classes & set(re.findall(r"^\s*\.([\w-]+)", sheet.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("builder", ["html", "latex", "text", "epub"])
def test_numbered_captions(site: Site, builder: str) -> None:
    """A picture with a caption is a numbered figure, whose number and title references show."""
    site.conf('numfig = True\nversion = copyright = "1"\nsuppress_warnings = ["epub"]\n')
    page(
        site,
        ".. statestore-map::\n   :caption: All *stores*\n   :name: first",
        ".. statestore-chart::",
        ".. statestore-chart::\n   :caption: Numbers\n   :name: second",
        ":numref:`second`, :ref:`first`",
    )
    built = site.build(builder)
    assert built.warnings == []
    document = built.resolved("index")
    links = [node.astext() for node in document.findall(nodes.reference)][-2:]
    assert builder == "latex" or links == ["Fig. 2", "All stores"]
    titles = [node.astext() for node in document.findall(nodes.caption)]
    titles += [node.astext() for node in document.findall(nodes.title) if isinstance(node.parent, nodes.table)]
    assert titles == ["All stores", "Numbers"]


# -- other outputs ------------------------------------------------------------------------


@pytest.mark.parametrize("builder", ["text", "man", "texinfo", "xml", "epub", "htmlhelp", "qthelp", "gettext"])
def test_outputs_without_pictures(site: Site, builder: str) -> None:
    """They get tables of ordinary nodes."""
    site.registry(USED)
    page(site, ".. statestore-map::\n   :caption: All", ".. statestore-chart::\n   :by: status")
    site.conf('version = copyright = "1"\nsuppress_warnings = ["epub"]\n')
    built = site.build(builder)
    assert built.warnings == []
    document = built.resolved("index")
    for mark in list(document.findall(nodes.raw)):
        # Where a line may break in code.
        assert len(mark.astext()) <= 2
        mark.parent.remove(mark)
    assert len(list(document.findall(nodes.table))) == 2
    text = document.astext()
    assert all(name in text for name in ("auth-tokens", "Sign-in", "Redis", "Gateway", "deprecated"))


def test_a_picture_in_a_table(site: Site) -> None:
    """Inside of a table, outputs whose tables hold no tables get lists."""
    site.registry(USED)
    page(site, ".. list-table::\n\n   * - .. statestore-map:: Account\n     - .. statestore-chart::")
    text = site.build("text").text("index.txt")
    assert "account-data" in text
    assert "MySQL, 2" in text


# -- edits --------------------------------------------------------------------------------


def test_edits(site: Site) -> None:
    """An edit writes exactly the pages whose pictures change, and the site equals that of a clean build."""
    site.registry(USED)
    names = ("auth", "account", "chart", "status")
    page(site, ".. toctree::\n\n   " + "\n   ".join(names))
    page(site, ".. statestore-map:: Gateway", name="auth.rst")
    page(site, ".. statestore-map::\n   :service: Account", name="account.rst")
    page(site, ".. statestore-chart::", name="chart.rst")
    page(site, ".. statestore-chart::\n   :by: service\n   :stack: status", name="status.rst")
    site.build()
    for change, expected in (
        (("purpose: Tokens", "purpose: All tokens"), WRITTEN_UNSEEN),
        (("status: deprecated", "status: removed"), ["auth", "index", "status"]),
        (("title: Sign-in", "title: Sign-on"), ["account", "auth", "index", "status"]),
        (("readers: [Auth]", "writers: [Auth]"), ["account", "index"]),
        (("account-data: {backend: mysql", "account-data: {backend: redis"), ["account", "chart", "index"]),
    ):
        site.registry((site.folder / "schemas/state-stores.yaml").read_text().replace(*change))
        built = site.build()
        # Sphinx writes the page with the toctree, too.
        assert (built.read, built.written) == ([], expected), change
        assert built.files() == site.build(builddir="_clean").files()
        shutil.rmtree(site.folder / "_clean")


def test_two_processes(site: Site) -> None:
    """Two processes draw what one draws."""
    site.registry(many(80, services=12))
    names = [f"p{n}" for n in range(8)]
    page(site, ".. toctree::\n\n   " + "\n   ".join(names))
    for name in names:
        page(site, ".. statestore-map::", f".. statestore-map:: S{name[1:]}", name=f"{name}.rst")
    alone = site.build().files()
    assert site.build(builddir="_parallel", parallel=2).files() == alone


# -- LaTeX --------------------------------------------------------------------------------


def latex(site: Site) -> str:
    built = site.build("latex", project="Pictures")
    return built.text("pictures.tex")


def test_a_picture_in_latex(site: Site) -> None:
    """LaTeX gets a picture of its own, with links, and nothing of SVG."""
    site.registry(USED)
    page(site, ".. statestore-map::\n   :name: the-map", ".. statestore-chart::", ".. statestore-table::")
    text = latex(site)
    assert text.count(r"\begin{picture}") == text.count(r"\end{picture}") == 2
    drawn = text.partition(r"\begin{picture}")[2].partition(r"\end{picture}")[0]
    assert r"\hyperref[\detokenize{index:store-auth-tokens}]" in drawn
    assert r"\label{\detokenize{index:the-map}}" in text
    assert "<svg" not in text
    # A picture may be within an argument, where a parameter would be an error.
    assert "#" not in drawn


@pytest.mark.parametrize("detail", ["stores", "services"])
def test_pages_of_latex(site: Site, detail: str) -> None:
    """A picture that is higher than a page is several, which have all of its names; the last one is in the figure."""
    site.registry(many(90, services=45))
    page(
        site, f".. statestore-map::\n   :detail: {detail}\n   :caption: All", ".. statestore-chart::\n   :by: service"
    )
    text = latex(site)
    drawn = re.findall(r"\\begin{picture}.*?\\end{picture}", text, re.DOTALL)
    assert len(drawn) >= 5
    heights = [float(re.findall(r"\((?:[\d.]+),([\d.]+)\)", part)[0]) for part in drawn]
    assert max(heights) < 1200
    # Each of the 90 stores, or each of the 45 services, is drawn; a service is in the chart, too.
    names = re.findall(r"\bs\\sphinxhyphen\{\}\\allowbreak\{\}(\d{5})", "".join(drawn))
    services = re.findall(r"\\strut (S\d+)", "".join(drawn))
    assert len(set(names)) == (90 if detail == "stores" else 0)
    assert len(set(services)) == 45
    figure = text.partition(r"\begin{figure}")[2].partition(r"\end{figure}")[0]
    assert figure.count(r"\begin{picture}") == 1
    assert r"\caption{All}" in figure


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no LaTeX")
def test_latex_sets_pictures(site: Site, tmp_path: Path) -> None:
    """LaTeX sets pictures without an error, also in lists and tables, whatever is in the registry."""
    titles = {f"S{n}": {"title": text} for n, text in enumerate(VALUES.values()) if text.isascii()}
    items = "".join(f"  s-{name}: {{backend: own, service: {name}, purpose: p, tags: [a_b]}}\n" for name in titles)
    backends = "x-backends: {own: {label: '#$%&~_^{}\\'}}"
    site.registry(f"x-services: {titles_yaml(titles)}\n{backends}\nx-state-stores:\n{items}")
    pages = (
        ".. statestore-map::\n   :detail: stores\n   :caption: All",
        ".. statestore-map::\n   :detail: services",
        ".. statestore-chart::\n   :by: service\n   :stack: tag",
        "* In a list:\n\n  .. statestore-map:: S0\n     :caption: Of S0",
        ".. list-table::\n\n   * - .. statestore-map:: S1\n     - .. statestore-chart::",
        ".. note::\n\n   .. statestore-map:: S2\n      :caption: Of S2",
    )
    page(site, *pages)
    built = site.build("latex", project="Pictures", suppress_warnings=["statestores"])
    done = subprocess.run(
        [str(shutil.which("pdflatex")), "-interaction=nonstopmode", "-halt-on-error", "pictures.tex"],
        cwd=built.outdir,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-3000:]
    assert (built.outdir / "pictures.pdf").is_file()


def test_colours_are_those_of_the_style_sheet() -> None:
    """LaTeX has the colours that the style sheet has, in the same order."""
    sheet = STYLE_SHEET.read_text(encoding="utf-8").partition("@media")[0]
    found = re.findall(r"--statestore-colour-(\d+): #(\w+);", sheet)
    assert found == [(str(position), colour.lower()) for position, colour in enumerate(COLOURS)]


@pytest.mark.parametrize("width", [1.0, 7.5, 12.0, 13.0, 100.0])
@pytest.mark.parametrize("colour", range(5))
def test_textures_of_latex(width: float, colour: int) -> None:
    """The dashes and gaps of a texture are those of SVG, and within their box."""
    drawing = Drawing(width + 20, 40, (Box(10, 10, width, 20, "part", 0, colour),))
    text = latex_picture(drawing, cast("NodeMaker", None)).astext()
    number = r"([\d.]+)"
    dashes = sorted(
        (float(x) + place * float(step) - 10, float(length))
        for x, step, times, length in re.findall(
            rf"\\multiput\({number},{number[1:-1]}\)\({number},0\){{{number}}}{{\\rule{{{number}", text
        )
        for place in range(int(times))
    )
    lengths = TEXTURES[colour] or (width, 0)
    assert list(dashes[0]) == [0, min(lengths[0], width)]
    assert width - sum(lengths) < sum(dashes[-1]) <= width
    for place, (one, following) in enumerate(pairwise(dashes)):
        found = [one[1], following[0] - sum(one)]
        assert found == list(lengths[2 * place % len(lengths) :][:2])


# -- other engines ------------------------------------------------------------------------

MERMAID = """
from docutils import nodes

class mermaid(nodes.General, nodes.Inline, nodes.Element):
    pass

def visit(self, node):
    self.body.append("<pre class='mermaid'></pre>")
    raise nodes.SkipNode

def setup(app):
    app.add_node(mermaid, html=(visit, None), latex=(visit, None), text=(visit, None))
"""
WITH_MERMAID = 'import sys\nsys.path.insert(0, ".")\nextensions += ["sphinxcontrib.mermaid"]\n'


@pytest.fixture
def with_mermaid(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site with an extension that is called as Mermaid's, and draws nothing."""
    site.write("sphinxcontrib/mermaid.py", MERMAID)
    monkeypatch.syspath_prepend(str(site.folder))
    monkeypatch.delitem(sys.modules, "sphinxcontrib.mermaid", raising=False)
    site.conf('extensions += ["sphinxcontrib.mermaid"]\n')
    return site


def code_of(built: Built) -> str:
    """Return the code of the one node of another engine."""
    [found] = [node for node in built.resolved("index").findall(nodes.Element) if "code" in node.attributes]
    return str(found["code"])


HOSTILE = """\
x-services:
  Auth: {title: 'A "b" \\N [x] {y} #1; %% <img src=x onerror=alert(1)> &lt; `c` 1. end',
    docs: 'https://e.org/?"];x\u3000\u00a0y'}
x-state-stores:
  auth-tokens: {backend: redis, service: Auth, purpose: Tokens, readers: [Gateway], status: deprecated}
"""


def test_graphviz(site: Site) -> None:
    """Graphviz gets a graph whose texts are escaped, with links; LaTeX keeps its own picture."""
    site.conf('extensions += ["sphinx.ext.graphviz"]\nsuppress_warnings = ["statestores"]\n')
    site.registry(HOSTILE)
    page(site, '.. statestore-map::\n   :engine: graphviz\n   :alt: <b>"', ".. statestore-table::")
    built = site.build()
    lines = code_of(built).splitlines()
    assert lines[4] == (
        'n0 [label="A \\"b\\" \\\\N [x] {y} #1; %% <img src=x onerror=alert(1)> &amp;lt; `c` 1. end", shape=box, '
        'style="rounded", URL="https://e.org/?%22]%3Bx%E3%80%80%C2%A0y", target="_top"]'
    )
    assert 'label="auth-tokens (deprecated)", shape=box, URL="#store-auth-tokens"' in lines[5]
    assert lines[-2] == 'n3 -> n1 [style=dotted, dir=back, label="reads"]'
    [found] = [node for node in built.resolved("index").findall(nodes.Element) if "code" in node.attributes]
    assert found["alt"] == "&lt;b&gt;&quot;"
    assert r"\begin{picture}" in latex(site)


def test_mermaid(with_mermaid: Site) -> None:
    """Mermaid gets a flow chart whose texts are nothing but letters and character numbers, with links."""
    site = with_mermaid
    site.registry(HOSTILE)
    page(site, ".. statestore-map::\n   :engine: mermaid", ".. statestore-table::")
    built = site.build(suppress_warnings=["statestores"])
    assert built.warnings == []
    lines = code_of(built).splitlines()
    label = re.fullmatch(r'  n0\("(.*)"\)', lines[1])
    assert label is not None
    assert re.fullmatch(r"(?:[\w ,:/-]|#\d+;)*", label[1])
    read = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label[1])
    assert read == 'A "b" \\N [x] {y} #1; %% <img src=x onerror=alert(1)> &lt; `c` 1. end'
    assert lines[2] == '  click n0 href "https://e.org/?%22]%3Bx%E3%80%80%C2%A0y"'
    assert '  click n1 href "#store-auth-tokens"' in lines
    assert lines[-1] == '  n1 -.->|"reads"| n3'


@pytest.mark.parametrize(
    ("engine", "reads", "writes", "uses"),
    [
        ("graphviz", "{user} -> {store} [style=dotted, dir=back", "{user} -> {store} [style=dashed, l", ", dir=both"),
        ("mermaid", '{store} -.->|"reads"| {user}', '{user} -.->|"writes"| {store}', "{user} <-.->"),
    ],
)
@pytest.mark.parametrize("detail", ["stores", "services"])
def test_arrows_of_engines(with_mermaid: Site, engine: str, reads: str, writes: str, uses: str, detail: str) -> None:
    """Arrows lead to where the data goes: to the service that reads, to the store that is written, or both ways."""
    site = with_mermaid
    site.conf('extensions += ["sphinx.ext.graphviz", "sphinxcontrib.mermaid"]\nsuppress_warnings = ["graphviz"]\n')
    site.registry(
        "x-state-stores:\n"
        "  a-read: {backend: redis, service: A, purpose: p, readers: [Reader]}\n"
        "  b-written: {backend: redis, service: B, purpose: p, writers: [Writer]}\n"
        "  c-used: {backend: redis, service: C, purpose: p, readers: [User], writers: [User]}\n"
    )
    page(site, f".. statestore-map::\n   :engine: {engine}\n   :detail: {detail}")
    text = code_of(site.build())
    ends = ("A", "B", "C") if detail == "services" else ("a-read", "b-written", "c-used")
    for user, end, expected in zip(("Reader", "Writer", "User"), ends, (reads, writes, uses), strict=True):
        assert expected.format(user=node_of(text, user), store=node_of(text, end)) in text
    lines = [line for line in text.splitlines() if node_of(text, "User") in line][1:]
    assert len(lines) == 1
    assert uses.format(user=node_of(text, "User")) in lines[0]


def node_of(text: str, label: str) -> str:
    """Return the name of the node with a label, which may be followed by a number."""
    found = re.search(rf'(n\d+)\W+(?:label=)?"{label}[" ]', text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("engine", "extension"), [("graphviz", "sphinx.ext.graphviz"), ("mermaid", "sphinxcontrib.mermaid")]
)
def test_an_engine_without_its_extension(site: Site, engine: str, extension: str) -> None:
    """Without the extension of an engine, a warning says what to do, and the map is SVG; LaTeX does not need it."""
    page(site, f".. statestore-map::\n   :engine: {engine}")
    built = site.build()
    [warning] = built.warnings
    assert warning.endswith(
        f"index.rst:4: WARNING: 'engine' is {engine}, but the map is drawn as SVG: "
        f"add '{extension}' to 'extensions' in conf.py [statestores.invalid_option]"
    )
    assert len(pictures(built)) == 1
    assert site.build("latex").warnings == []


def test_a_map_that_is_too_large_for_mermaid(with_mermaid: Site) -> None:
    """Mermaid draws no more than 500 edges: a larger map is SVG, with a warning."""
    site = with_mermaid
    site.registry(many(251))
    page(site, ".. statestore-map::\n   :engine: mermaid\n   :detail: stores")
    built = site.build()
    [warning] = built.warnings
    assert "the map is too large for mermaid: select fewer stores, or write ':detail: services'" in warning
    assert len(pictures(built)) == 1


# -- costs --------------------------------------------------------------------------------


def test_work_grows_with_the_stores(site: Site) -> None:
    """Twice the stores are twice the work, for each kind of picture."""
    work: list[list[int]] = []
    for stores in (500, 1000):
        site.registry(many(stores, services=stores // 10))
        page(site)
        built = site.build("dummy")
        answers = current(built.env).answers
        questions = (
            MapQuestion(Query()),
            MapQuestion(Query(), detail="stores"),
            ChartQuestion(Query(), "service", "backend"),
            ChartQuestion(Query(), "backend", "service"),
        )
        # Indexes and titles of services are made once for all pictures.
        answers.blocks(ChartQuestion(Query(), "tag", "service"))
        found = []
        for question in questions:
            with counted_calls() as count:
                answers.blocks(question)
            found.append(count[0])
        work.append(found)
    assert [larger < 2.4 * smaller for smaller, larger in zip(*work, strict=True)] == [True] * 4


def test_services_are_ranked_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of services is found once for a map, not again for the users of each store."""
    names = [f"S{n}" for n in range(30)]
    users = f"readers: [{', '.join(names)}], writers: [{', '.join(names)}]"
    items = "".join(f"  s-{name}: {{backend: redis, service: {name}, purpose: p, {users}}}\n" for name in names)
    site.registry(f"x-state-stores:\n{items}")
    page(site)
    answers = current(site.build("dummy").env).answers
    asked = []
    title = Registry.service_title

    def counted(registry: Registry, name: str) -> str:
        asked.append(name)
        return title(registry, name)

    monkeypatch.setattr(Registry, "service_title", counted)
    found = answers.blocks(MapQuestion(Query(), detail="stores"))[0]
    assert isinstance(found, Map)
    # For each edge, a node and two cells of the table need the title.
    assert len(asked) < 3.5 * len(found.edges)
