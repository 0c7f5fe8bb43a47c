"""Every builder that Sphinx has makes something of every directive and role, and none of them dies."""

from __future__ import annotations

import json
import pickle
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import sphinx
from conftest import REGISTRY
from everything import MARKDOWN, REFERENCE, RST, write_everything
from sphinx.errors import SphinxError

from sphinx_statestores.sphinx_ext.read.directives import DIRECTIVES
from sphinx_statestores.sphinx_ext.read.roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Built, Site

#: Builder -> where its output shows stores; nothing for what tells of other things.
BUILDERS = {
    "html": "index.html",
    "dirhtml": "index.html",
    "singlehtml": "index.html",
    "json": "index.fjson",
    "pickle": "index.fpickle",
    "epub": "*.epub",
    "htmlhelp": "index.html",
    "devhelp": "index.html",
    "qthelp": "index.html",
    "applehelp": "*/Contents/Resources/*/index.html",
    "latex": "*.tex",
    "text": "index.txt",
    "man": "*.1",
    "texinfo": "*.texi",
    "xml": "index.xml",
    "pseudoxml": "index.pseudoxml",
    "gettext": "index.pot",
    "changes": "",
    "linkcheck": "",
    "dummy": "",
    "coverage": "",
    "doctest": "",
    "statestores-coverage": "coverage.txt",
}
CONF = """
    extensions += ["sphinx.ext.coverage", "sphinx.ext.doctest"]
    project, copyright, author, version, release = "Stores", "2026, Someone", "Someone", "1", "1"
    epub_identifier = "https://example.org/stores"
    applehelp_bundle_id = "org.example.stores"
    applehelp_disable_external_tools = True
    man_pages = [("index", "stores", "Stores", ["Someone"], 1)]
    source_encoding = "utf-8"
    """


@pytest.fixture
def full(site: Site) -> Site:
    """A site that uses everything there is, in both languages."""
    site.conf(CONF)
    write_everything(site)
    return site


def text_of(path: Path) -> str:
    """Return what an output file says, of a book what its files say."""
    if path.suffix == ".epub":
        with zipfile.ZipFile(path) as book:
            return "\n".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xhtml"))
    return path.read_bytes().decode("utf-8", "replace")


def test_everything_is_used() -> None:
    """The pages of these tests use every directive and every role."""
    text = RST + MARKDOWN + REFERENCE
    assert [name for name in DIRECTIVES if f".. {name}::" not in text] == []
    assert [name for name in ROLES if f":{name}:`" not in text] == []


def test_every_builder_is_tried(full: Site) -> None:
    """There is no builder that these tests do not try."""
    assert set(full.build("dummy").app.registry.builders) == set(BUILDERS)


@pytest.mark.parametrize("parallel", [0, 2])
@pytest.mark.parametrize("builder", BUILDERS)
def test_every_builder(full: Site, builder: str, parallel: int) -> None:
    """No builder has a word to say, and each that shows texts shows the stores."""
    built = full.build(builder, parallel=parallel)
    assert (built.warnings, built.app.statuscode) == ([], 0)
    if BUILDERS[builder]:
        (path,) = built.outdir.glob(BUILDERS[builder])
        # LaTeX and man pages have marks in names, at which a line may break.
        text = re.sub(r"\\allowbreak *\{\}|\\(?=-)|\\[%:]|\{\}", "", text_of(path))
        assert ("auth-statestore" if builder == "gettext" else "character-encounter-statestore") in text


@pytest.mark.parametrize("registry", [None, "x-state-stores: {}\n", "x-state-stores: [\n"])
@pytest.mark.parametrize("builder", BUILDERS)
def test_every_builder_without_stores(full: Site, builder: str, registry: str | None) -> None:
    """No builder dies of a registry that is not there, empty or broken."""
    path = full.folder / "schemas" / "state-stores.yaml"
    if registry is None:
        path.unlink()
    else:
        path.write_text(registry, encoding="utf-8")
    built = full.build(builder)
    assert built.app.statuscode == 0
    unresolved = ("'any' reference target", "'myst' cross-reference target", "unknown ")
    others = [line for line in built.warnings if "[statestores." not in line and not any(map(line.count, unresolved))]
    assert others == []


def outputs(built: Built) -> dict[str, object]:
    """Return what a serialising builder has made, without what Sphinx makes new each time.

    Pickles of equal values differ where some of them share an object.
    """
    return {
        name: repr(pickle.loads(content)) if name.endswith("pickle") else content  # noqa: S301 - our own
        for name, content in built.files().items()
        if not name.startswith(("environment.pickle", "last_build", "searchindex", "_static/"))
    }


@pytest.mark.parametrize(("builder", "loads"), [("json", json.loads), ("pickle", pickle.loads)])
def test_serialised_pages(full: Site, builder: str, loads: Callable[[bytes], Any]) -> None:
    """A serialised page has the data of its previews, and the site's context has the files that pages load."""
    built = full.build(builder)
    suffix = {"json": ".fjson", "pickle": ".fpickle"}[builder]
    page = loads((built.outdir / f"index{suffix}").read_bytes())
    (data,) = re.findall(r'<script type="application/json" id="statestores-preview">(.*)</script>', page["body"])
    cards = json.loads(data)
    assert set(cards) <= set(re.findall(r'href="([^"]*)"', page["body"]))
    assert {card["name"] for card in cards.values()} >= {"auth-statestore", "auth-lock", "account-statestore"}
    site = loads((built.outdir / f"globalcontext.{builder}").read_bytes())
    files = [name for key in ("css_files", "script_files") for name in site[key] if "statestores" in name]
    styles = (".css", "-preview.css", "-table.css", "-pictures.css")
    wanted = (*styles, "-preview.js", "-table.js", "-copy.js")
    assert files == [f"_static/statestores{end}" for end in wanted]
    assert all((built.outdir / name).is_file() for name in files)
    index = loads((built.outdir / f"statestore-stores{suffix}").read_bytes())
    assert "auth-statestore" in repr(index["content"])
    assert "statestores-notes" not in repr(loads((built.outdir / f"search{suffix}").read_bytes()))


def test_serialised_pages_without_previews(full: Site) -> None:
    """Without previews there is nothing of them."""
    built = full.build("json", statestores_preview=False)
    assert all("preview" not in path.read_text(encoding="utf-8") for path in built.outdir.glob("*json"))


@pytest.mark.parametrize("builder", ["json", "pickle"])
def test_serialised_pages_are_always_the_same(full: Site, builder: str) -> None:
    """Two processes write what one writes, and so does a build of what an edit of the registry affects."""
    full.registry(REGISTRY.replace("Locks for", "Edited for"))
    full.build(builder)
    full.registry(REGISTRY)
    incremental = full.build(builder)
    assert len(incremental.written) > 0
    whole = full.build(builder, builddir="whole")
    parallel = full.build(builder, builddir="parallel", parallel=2)
    assert outputs(incremental) == outputs(whole)
    assert outputs(parallel) == outputs(whole)


def edit_for_older_sphinx(site: Site) -> None:
    """Give Sphinx something to write: before 8.2 a build that writes no page makes no search page either."""
    if sphinx.version_info < (8, 2):
        path = site.folder / "reference.rst"
        path.write_text(path.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")


@pytest.mark.parametrize("builder", ["html", "dirhtml"])
def test_notes_of_the_search_that_cannot_be_written(full: Site, builder: str) -> None:
    """Where the file with what stores are for cannot be written, the search page goes without, and says so."""
    name = {"html": "search.html", "dirhtml": "search/index.html"}[builder]
    script = {"html": "_static/statestores-search.js", "dirhtml": "../_static/statestores-search.js"}[builder]
    built = full.build(builder)
    assert re.findall(r'src="([^"]*statestores-search.js)\?v=[0-9a-f]{8}"', built.text(name)) == [script]
    notes = built.outdir / "_static" / "statestores-notes.js"
    notes.unlink()
    (notes / "inside").mkdir(parents=True)
    edit_for_older_sphinx(full)
    built = full.build(builder)
    (warning,) = built.warnings
    assert "search results do not show purposes of stores" in warning
    assert warning.endswith("_static/statestores-notes.js: Is a directory [statestores.unwritable_file]")
    assert "statestores" not in built.text(name)
    (notes / "inside").rmdir()
    notes.rmdir()
    edit_for_older_sphinx(full)
    assert (full.build(builder).warnings, notes.is_file()) == ([], True)


def test_the_coverage_that_cannot_be_written(full: Site) -> None:
    """The builder whose result cannot be written ends with one line."""
    outdir = full.build("statestores-coverage").outdir
    (outdir / "coverage.json").unlink()
    (outdir / "coverage.json").mkdir()
    with pytest.raises(SphinxError, match=r"coverage\.json: Is a directory"):
        full.build("statestores-coverage")
