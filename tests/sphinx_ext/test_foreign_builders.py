"""Builders of other projects: their writers know the nodes of docutils and Sphinx, and nothing of this extension."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from docutils import nodes
from everything import write_everything
from foreign_builder import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Built, Site


@pytest.fixture
def full(site: Site) -> Site:
    """A site that uses everything there is, and a builder of another project."""
    site.conf('extensions += ["foreign_builder"]\n')
    write_everything(site)
    return site


def texts_of(built: Built) -> dict[str, str]:
    """Return what the foreign builder has written, by document."""
    return {path.stem: path.read_text(encoding="utf-8") for path in built.outdir.glob("*.txt")}


@pytest.mark.parametrize("parallel", [0, 2])
def test_a_foreign_builder(full: Site, parallel: int) -> None:
    """It meets known nodes only, and a heading's number is there."""
    built = full.build("foreign", parallel=parallel)
    assert built.warnings == []
    texts = texts_of(built)
    assert texts["index"].count("Stores of Auth: 5") >= 2  # named before anything was written, and written
    assert "character-encounter-statestore" in texts["reference"]


def test_links_have_anchors(full: Site) -> None:
    """Where a link to a store, a backend or a label leads, a writer that looks for labels finds one."""
    full.write("labels.rst", ":orphan:\n\nX\n=\n\n:ref:`all-stores` :ref:`X <facts>` :store:`account-archive`\n")
    full.write("facts.rst", ":orphan:\n\nX\n=\n\n.. statestore-totals::\n   :name: facts\n")
    texts = texts_of(full.build("foreign"))
    anchors = {name: set(re.findall(r"^\[([^\]]+)\]$", text, re.MULTILINE)) for name, text in texts.items()}
    links = {
        (docname if page == "" else page.removesuffix(".txt"), anchor)
        for docname, text in texts.items()
        for page, anchor in re.findall(r"^<([^#>]*)#([^>]+)>$", text, re.MULTILINE)
    }
    wanted = {"all-stores", "facts", "store-account-archive", "store-auth-statestore", "state-backend-redis"}
    assert wanted <= {anchor for _, anchor in links}
    assert [link for link in sorted(links) if link[1] not in anchors[link[0]]] == []


def test_titles_after_an_edit(full: Site) -> None:
    """Who asks a doctree of an earlier build for its title gets the number of this build, and no page is read."""
    full.build("foreign")
    registry = full.folder / "schemas/state-stores.yaml"
    full.registry(registry.read_text() + "  more: {backend: redis, prefix: more, service: Auth, purpose: More}\n")
    built = full.build("foreign")
    assert built.read == []
    assert texts_of(built)["index"].count("Stores of Auth: 6") >= 2
    assert next(built.env.get_doctree("index").findall(nodes.title)).astext() == "Stores of Auth: 6"


@pytest.mark.parametrize("builder", ["xml", "pseudoxml"])
def test_no_internals_in_xml(full: Site, builder: str) -> None:
    """What prints the tree itself prints no node, class or question of this extension's own."""
    built = full.build(builder)
    text = "\n".join(path.read_text(encoding="utf-8") for path in built.outdir.glob(f"*.{builder}"))
    assert "character-encounter-statestore" in text
    assert re.findall(r"<statestores_\w+|\bquestion=|Question\(|\bis_read=", text) == []


@pytest.mark.parametrize("builder", ["text", "latex", "man", "texinfo", "xml", "gettext"])
def test_known_nodes_only(full: Site, builder: str) -> None:
    """Outside of HTML, all that a writer gets are nodes of docutils and Sphinx, headings included."""
    built = full.build(builder)
    for docname in built.env.found_docs:
        trees = (built.resolved(docname), built.env.titles[docname], built.env.tocs[docname])
        assert {type(node).__module__ for tree in trees for node in tree.findall()} <= KNOWN


QUOTING = """
from docutils import nodes

def keep(app, doctree):
    kept = [next(doctree.findall(kind)).astext() for kind in (nodes.title, nodes.paragraph)]
    with open(app.srcdir / "quoted.txt", "a", encoding="utf-8") as file:
        print(*kept, sep="|", file=file)

def setup(app):
    app.connect("doctree-read", keep, priority=PRIORITY)
"""


@pytest.mark.parametrize("suffix", ["rst", "md"])
@pytest.mark.parametrize("priority", [401, 500, 900])
def test_titles_quoted_when_a_page_is_read(site: Site, suffix: str, priority: int) -> None:
    """An extension that takes texts while pages are read gets those of this build; ids have no part of them."""
    site.conf(f"PRIORITY = {priority}\n{QUOTING}")
    site.registry((site.folder / "schemas/state-stores.yaml").read_text() + "x-services: {Auth: Sign-in}\n")
    page = {
        "rst": "Now :store-count:`all` of :store-service:`Auth`\n" + "=" * 60 + "\n\n"
        "We have :store-count:`backend=redis`.\n",
        "md": "# Now {store-count}`all` of {store-service}`Auth`\n\nWe have {store-count}`backend=redis`.\n",
    }
    site.write(f"index.{suffix}", page[suffix])
    built = site.build()
    assert (site.folder / "quoted.txt").read_text() == "Now 5 of Sign-in|We have 2.\n"
    assert built.warnings == []
    # Ids are made of what does not depend on the registry.
    assert next(built.resolved("index").findall(nodes.section))["ids"] == ["now-of-auth"]


def test_labels_do_not_depend_on_the_registry(site: Site) -> None:
    """Labels that Sphinx makes of headings are those of any number."""
    site.conf("extensions += ['sphinx.ext.autosectionlabel']\nsuppress_warnings = ['autosectionlabel']\n")
    site.write("index.rst", "Now :store-count:`all`\n======================\n\n.. toctree::\n\n   page\n")
    site.write("page.md", "# Page\n\n## All {store-count}`all`\n")
    first = set(site.build().env.get_domain("std").data["labels"])
    registry = site.folder / "schemas/state-stores.yaml"
    site.registry(registry.read_text() + "  more: {backend: redis, prefix: more, service: Auth, purpose: More}\n")
    clean = site.build(builddir="_clean")
    assert set(clean.env.get_domain("std").data["labels"]) == first


def documents_in(value: object, seen: set[int]) -> Iterator[nodes.document]:
    """Yield the documents that a value holds on to."""
    if id(value) in seen or isinstance(value, (str, int, type(None))):
        return
    seen.add(id(value))
    if isinstance(value, nodes.document):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from documents_in(each, seen)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from documents_in(each, seen)
    elif isinstance(value, nodes.Node):
        if value.document is not None:
            yield value.document
        yield from documents_in(value.children, seen)


def test_the_environment_keeps_no_document(full: Site) -> None:
    """What is kept of headings and captions does not keep the pages that they stand in."""
    env = full.build("dummy").env
    kept: list[Any] = [
        [headings.parts, headings.captions] for headings in env.get_domain("statestore").data["headings"].values()
    ]
    assert len(kept) > 0
    assert list(documents_in(kept, set())) == []
