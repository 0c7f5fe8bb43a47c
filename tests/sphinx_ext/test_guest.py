"""A guest in Sphinx and in Python: nothing of the host is changed, and other extensions are at work."""

from __future__ import annotations

import atexit
import gc
import os
import re
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Built, Site
    from sphinx.application import Sphinx

PAGES = {
    "index.rst": """\
        Top
        ===

        .. statestore-table::

        :store:`auth-lock` and :store-count:`all`

        .. toctree::

           numbers
        """,
    "numbers.rst": ":store-count:`all` numbers\n==========================\n\n``auth-lock``\n",
}


@pytest.fixture
def pages(site: Site) -> Site:
    """A site of two pages."""
    for name, text in PAGES.items():
        site.write(name, text)
    return site


def of_the_host() -> dict[str, object]:
    """What a program has, and what a build in it must leave as it is."""
    mask = os.umask(0o22)
    os.umask(mask)
    return {
        "thresholds of the garbage collector": gc.get_threshold(),
        "whether it is on": gc.isenabled(),
        "values that it does not look at": gc.get_freeze_count(),
        "functions to call at the end": atexit._ncallbacks(),
        "mask of files": mask,
        "handlers of signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "environment": dict(os.environ),
        "folder": os.getcwd(),  # noqa: PTH109 - as a text
        "hook of exceptions": sys.excepthook,
        "limit of recursion": sys.getrecursionlimit(),
    }


@pytest.mark.parametrize("builder", ["html", "dirhtml", "singlehtml", "json", "text", "latex", "epub"])
@pytest.mark.parametrize("parallel", [0, 2])
def test_the_program_is_as_it_was(pages: Site, builder: str, parallel: int) -> None:
    """Builds in a program, the first one and one after an edit, leave what is the program's as it was."""
    settings: dict[str, Any] = {"version": "1", "epub_copyright": "c"}
    # What Sphinx itself and other extensions change, they change in a first build.
    alone: dict[str, Any] = {"extensions": ["myst_parser"], "suppress_warnings": ["docutils"], **settings}
    pages.build(builder, builddir="_other", parallel=2, **alone)
    for usual in ((700, 10, 10), (0, 7, 7)):
        before = gc.get_threshold()
        gc.set_threshold(*usual)
        try:
            host = of_the_host()
            pages.build(builder, parallel=parallel, **settings)
            registry = pages.folder / "schemas/state-stores.yaml"
            pages.registry(registry.read_text().replace("Locks", "Looks"))
            pages.build(builder, parallel=parallel, **settings)
            assert of_the_host() == host
        finally:
            gc.set_threshold(*before)


def shape(thing: object) -> dict[str, str]:
    """The attributes of an object itself, and what each of them is; for functions, which one."""
    found = {}
    for name, value in vars(thing).items():
        called = getattr(value, "__qualname__", "") if callable(value) else ""
        found[name] = f"{type(value).__name__} {called}"
    return found


PROBE = """
def setup(app):
    app.seen = {}
    for event in ("env-updated", "doctree-resolved", "html-page-context", "html-collect-pages", "build-finished"):
        app.connect(event, lambda app, *_, event=event: note(app, event), priority=999)

def note(app, event):
    from test_guest import shape
    things = {"app": app, "env": app.env, "builder": app.builder}
    app.seen[event] = {name: shape(thing) for name, thing in things.items()}
    for part in ("indexer", "templates", "events", "config", "registry"):
        thing = getattr(app.builder, part, None) or getattr(app, part, None)
        app.seen[event][part] = shape(thing) if thing is not None else None
    return []
"""


def seen(app: Sphinx) -> dict[str, dict[str, Any]]:
    """What the probe has seen of a build."""
    found: dict[str, dict[str, Any]] = vars(app)["seen"]
    return found


@pytest.mark.parametrize("builder", ["html", "dirhtml", "text"])
def test_no_attribute_is_replaced(site: Site, builder: str) -> None:
    """At each step of a build, application, environment and builder have the attributes that they have without us."""
    test_module = __name__
    site.conf("import sys, types\n" + PROBE.replace("from test_guest import", f"from {test_module} import"))
    site.write("index.rst", "Top\n===\n\nText\n\n.. toctree::\n\n   a\n")
    site.write("a.rst", "A\n=\n\n``auth-lock``\n")
    without = seen(site.build(builder, builddir="_without", extensions=["myst_parser"]).app)
    for number in range(2):
        # Older versions of Sphinx end a build early that has nothing to write.
        os.utime(site.folder / "a.rst", (2e9 + 5 * number, 2e9 + 5 * number))
        with_it = seen(site.build(builder, builddir="_with").app)
        assert with_it["build-finished"].keys() == without["build-finished"].keys()
        for event in without.keys() & with_it.keys():
            for name, attributes in without[event].items():
                if attributes is None:
                    continue
                found = with_it[event][name]
                if name == "config":
                    found = {key: value for key, value in found.items() if not key.startswith("statestores_")}
                # Without a page to write, Sphinx sets fewer.
                assert found.items() <= attributes.items(), (event, name)


NEIGHBOUR = """
import pathlib

from docutils import nodes
from sphinx.domains import Domain, ObjType

FACTS = pathlib.Path(__file__).parent / "facts.txt"

class Neighbour(Domain):
    name = label = "neighbour"
    object_types = {"thing": ObjType("thing")}

    def get_objects(self):
        for name in FACTS.read_text().split():
            yield name, name, "thing", "index", name, 1

    def merge_domaindata(self, docnames, otherdata):
        pass

def setup(app):
    app.add_domain(Neighbour)
    app.connect("env-updated", lambda app, env: resolve(app))
    app.connect("doctree-resolved", extend)
    app.connect("html-collect-pages", collect)
    app.connect("build-finished", lambda app, exception: resolve(app))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

def resolve(app):
    # As builders of feeds and of books do.
    for docname in sorted(app.env.found_docs):
        tree = app.env.get_doctree(docname)
        app.env.apply_post_transforms(tree, docname)
        app.emit("doctree-resolved", tree, docname)

def extend(app, doctree, docname):
    doctree += nodes.paragraph("", FACTS.read_text())

def collect(app):
    app.builder.finish_tasks.add_task(write, app.outdir)
    return []

def write(outdir):
    (pathlib.Path(outdir) / "neighbour.txt").write_text(FACTS.read_text())
"""


def neighbour(site: Site) -> None:
    """Add another extension to a site."""
    site.write("neighbour.py", NEIGHBOUR)
    site.conf(f"import sys\nsys.path.insert(0, {str(site.folder)!r})\nextensions.append('neighbour')\n")


def facts(site: Site, built: Built) -> tuple[bool, ...]:
    """Whether the files of a site have what the other extension says now."""
    from sphinx.util.inventory import InventoryFile  # noqa: PLC0415 - private in older versions

    words = (site.folder / "facts.txt").read_text().split()
    with (built.outdir / "objects.inv").open("rb") as stream:
        objects = InventoryFile.load(stream, "", lambda _, path: path)
    named = objects.data if hasattr(objects, "data") else objects
    return (
        sorted(named["neighbour:thing"]) == sorted(words),
        (built.outdir / "neighbour.txt").read_text().split() == words,
        all(word in built.text("searchindex.js") for word in words),
        all(word in built.text("numbers.html") for word in words),
    )


@pytest.mark.parametrize("parallel", [0, 2])
def test_another_extension_is_at_work(pages: Site, parallel: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks, objects and pages of an extension beside this one are fresh after each build, whatever else changed."""
    monkeypatch.delitem(sys.modules, "neighbour", raising=False)
    neighbour(pages)
    (pages.folder / "facts.txt").write_text("lion")
    assert all(facts(pages, pages.build(parallel=parallel)))
    # Nothing that this extension could see has changed.
    (pages.folder / "facts.txt").write_text("zebra")
    os.utime(pages.folder / "numbers.rst", (2e9, 2e9))
    assert all(facts(pages, pages.build(parallel=parallel)))
    registry = pages.folder / "schemas/state-stores.yaml"
    pages.registry(registry.read_text().replace("Locks for", "Looks for"))
    (pages.folder / "facts.txt").write_text("zebra okapi")
    os.utime(pages.folder / "numbers.rst", (2e9 + 5, 2e9 + 5))
    assert all(facts(pages, pages.build(parallel=parallel)))
    assert pages.build().files() == pages.build(builddir="_clean").files()
    monkeypatch.delitem(sys.modules, "neighbour", raising=False)


def test_a_page_counts_as_written_when_its_file_is(pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another extension resolves a page that this build does not write, the next build writes it."""
    monkeypatch.delitem(sys.modules, "neighbour", raising=False)
    neighbour(pages)
    (pages.folder / "facts.txt").write_text("lion")
    pages.write("more.rst", ":orphan:\n\nMore\n====\n\n.. statestore-table::\n   :no-index:\n")
    pages.build()
    registry = pages.folder / "schemas/state-stores.yaml"
    pages.registry(registry.read_text().replace("Locks for", "Looks for"))
    numbers = pages.build(filenames=[pages.folder / "numbers.rst"])
    assert "Looks" not in numbers.text("more.html")
    last = pages.build()
    assert "Looks" in last.text("more.html")
    assert last.files() == pages.build(builddir="_clean").files()
    monkeypatch.delitem(sys.modules, "neighbour", raising=False)


def without_assets(built: Built) -> dict[str, bytes]:
    """The files of a build; Sphinx gives what the last page of a build has loaded to all pages of the next."""
    return {
        name: re.sub(rb"\s*<(link|script)[^>]*statestores[^>]*>(</script>)?", b"", content)
        for name, content in built.files().items()
    }


@pytest.mark.parametrize("generated", ["", "stores"])
def test_one_application_builds_again(pages: Site, generated: str) -> None:
    """What watches a site and builds it time and again in one application shows the registry as it is each time."""
    pages.write("index.rst", PAGES["index.rst"] + "           stores/index\n" * bool(generated))
    built = pages.build(statestores_generate_pages=generated, show_warning_types=False)
    registry = pages.folder / "schemas/state-stores.yaml"
    for number in range(3):
        name = f"zebra-{number}"
        pages.registry(
            registry.read_text()
            + f"  {name}: {{backend: redis, prefix: z{number}, service: Zebra{number}, purpose: Stripes}}\n"
        )
        built.app.build()
        assert f"store-{name}" in built.text("index.html")
        assert f"{6 + number} numbers" in built.text("index.html")
        assert name in built.text("searchindex.js")
        if generated:
            assert f"store-{name}" in built.text(f"stores/zebra{number}.html")
    files = without_assets(built)
    clean = pages.build(builddir="_clean", statestores_generate_pages=generated, show_warning_types=False)
    assert files == without_assets(clean)


def test_only_the_object_of_a_build_remembers_stems(pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search index has the words that Sphinx alone would have found, and the language is left as it was."""
    built = pages.build()
    indexer: Any = built.app.builder.indexer  # type: ignore[attr-defined] # of builders of HTML
    assert "stem" not in vars(indexer.lang)
    monkeypatch.setattr("sphinx_statestores.sphinx_ext.remember_stems", lambda *_: None)
    assert pages.build(builddir="_clean").text("searchindex.js") == built.text("searchindex.js")


def test_stems_are_made_once_a_build(pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word on many pages is reduced to its stem once."""
    from sphinx.search.en import SearchEnglish  # noqa: PLC0415 - beside the test that needs it

    words: list[str] = []
    stem = SearchEnglish.stem

    def counted(self: SearchEnglish, word: str) -> str:
        words.append(word)
        return stem(self, word)

    monkeypatch.setattr(SearchEnglish, "stem", counted)
    pages.build()
    assert words
    assert len(words) == len(set(words))


@pytest.mark.parametrize("language", ["de", "ja"])
def test_search_in_another_language(pages: Site, language: str) -> None:
    """A language without stems of its own, and one with, are indexed as ever."""
    assert "redis" in pages.build(html_search_language=language).text("searchindex.js")


def test_the_installed_path_is_in_no_page(pages: Site) -> None:
    """Where the package is installed decides nothing that Sphinx compares from build to build."""
    built = pages.build()
    information = getattr(built.app.builder, "build_info", None)
    assert information is not None
    without = pages.build(builddir="_without", extensions=["myst_parser"], suppress_warnings=["docutils", "ref"])
    assert information.config_hash == without.app.builder.build_info.config_hash  # type: ignore[attr-defined] # HTML
