"""The end of a build: files that are made of all stores are left when nothing has changed, and only then.

These files are the search index, the inventory, the notes for the search and the pages of the indices.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from conftest import WRITTEN_UNSEEN
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.search import IndexBuilder

from sphinx_statestores.sphinx_ext import indices, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built, Site

#: Takes comments out of pages.
MINIFIER = """
import re

def setup(app):
    app.connect("html-page-context", take)

def take(app, pagename, templatename, context, doctree):
    context["body"] = re.sub("<!--.*?-->", "", context.get("body", ""))
"""
INDICES = ("statestore-stores.html", "statestore-services.html", "statestore-backends.html")
FILES = ("searchindex.js", "objects.inv", "_static/statestores-notes.js", *INDICES)


@pytest.fixture
def pages(site: Site) -> Site:
    """A site of three pages."""
    site.conf("suppress_warnings = ['statestores']\n")
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n\n.. toctree::\n\n   prose\n   more\n")
    site.write("prose.md", "# Prose\n\nWords about {store}`auth-lock`.\n")
    site.write("more.rst", "More\n====\n\n.. py:function:: first\n")
    return site


def stamps(built: Built) -> dict[str, int]:
    """Return when each of the files was written."""
    return {name: (built.outdir / name).stat().st_mtime_ns for name in FILES}


def rewritten(site: Site, before: Built, **settings: Any) -> set[str]:
    """Build again, and return which of the files have been written again; all are those of a clean build.

    Of the pages themselves that is not always so: Sphinx writes none again when the title of its neighbour changes.
    """
    earlier = stamps(before)
    built = site.build(**settings)
    later = stamps(built)
    found = {name for name in FILES if later[name] != earlier[name]}
    shutil.rmtree(site.folder / "_clean", ignore_errors=True)
    clean = site.build(builddir="_clean", **settings).files()
    assert {name: built.files().get(name) for name in FILES} == {name: clean.get(name) for name in FILES}
    return found


def test_nothing_changed(pages: Site) -> None:
    """A build that reads and writes nothing leaves all of them."""
    assert rewritten(pages, pages.build()) == set()


# Without its search index Sphinx itself cannot go on when there is nothing to be written.
@pytest.mark.parametrize("name", FILES[1:])
def test_a_missing_file_comes_back(pages: Site, name: str) -> None:
    """A file that somebody has deleted is made again, and the others are left."""
    first = pages.build()
    (first.outdir / name).unlink()
    second = pages.build()
    assert second.read == []
    assert second.files() == first.files()


def test_nobody_needs_the_registry(pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that changes nothing does not even put the registry together."""
    pages.build()
    asked: list[object] = []
    monkeypatch.setattr(snapshot.Read, "registry", property(asked.append))
    assert pages.build().written in ([], ["index"])  # older versions of Sphinx write the root document in any case
    assert asked == []


def test_nobody_needs_the_search_index(pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that writes no page does not read the search index either; one that writes a page does."""
    pages.build()
    loaded: list[object] = []
    load = IndexBuilder.load

    def counted(indexer: IndexBuilder, *arguments: Any) -> None:
        loaded.append(arguments)
        load(indexer, *arguments)

    monkeypatch.setattr(IndexBuilder, "load", counted)
    written = pages.build().written
    assert len(loaded) == (1 if written else 0)  # older versions of Sphinx write the root document in any case
    loaded.clear()
    pages.write("prose.md", "# Prose\n\nZebras about {store}`auth-lock`.\n")
    pages.build()
    assert len(loaded) == 1


def test_changed_registry(pages: Site) -> None:
    """An edit of a purpose changes what tells it; where links lead is the same."""
    first = pages.build()
    registry = pages.folder / "schemas/state-stores.yaml"
    pages.registry(registry.read_text().replace("Accounts that were closed", "Zebras"))
    assert rewritten(pages, first) == {"searchindex.js", "_static/statestores-notes.js"}
    assert "zebra" in (first.outdir / "searchindex.js").read_text()


def test_renamed_store(pages: Site) -> None:
    """Another name is in all indices."""
    first = pages.build()
    registry = pages.folder / "schemas/state-stores.yaml"
    pages.registry(registry.read_text().replace("account-archive:", "account-attic:"))
    assert set(INDICES) <= rewritten(pages, first)


def test_comment_in_the_registry(pages: Site) -> None:
    """An edit that no page shows writes nothing, and what Sphinx makes in each build is the same."""
    first = pages.build()
    registry = pages.folder / "schemas/state-stores.yaml"
    pages.registry("# A comment\n" + registry.read_text())
    rewritten(pages, first)


def test_edited_prose(pages: Site) -> None:
    """After an edit of prose the indices are left, and the words are found."""
    first = pages.build()
    pages.write("prose.md", "# Prose\n\nZebras about {store}`auth-lock`.\n")
    assert rewritten(pages, first) == {"searchindex.js", "objects.inv"}
    assert "zebra" in (first.outdir / "searchindex.js").read_text()


def test_new_heading(pages: Site) -> None:
    """A new heading may be in the navigation of any page: the indices are made again."""
    first = pages.build(html_theme="alabaster")
    pages.write("prose.md", "# Zebras\n\nWords about {store}`auth-lock`.\n")
    assert set(INDICES) <= rewritten(pages, first, html_theme="alabaster")
    assert "Zebras" in (first.outdir / INDICES[0]).read_text()


def test_another_domain_has_an_object(pages: Site) -> None:
    """An object of another domain comes into the inventory and the search."""
    first = pages.build()
    pages.write("more.rst", "More\n====\n\n.. py:function:: second\n")
    assert {"searchindex.js", "objects.inv"} <= rewritten(pages, first)
    assert "second" in (first.outdir / "searchindex.js").read_text()


def test_everything_is_asked_for(pages: Site) -> None:
    """Pages that are written though nothing has changed are the same, and so is everything else."""
    first = pages.build()
    (first.outdir / "prose.html").unlink()
    second = pages.build()
    assert second.written == ["index", "prose"]
    assert second.files() == first.files()
    assert pages.build().files() == first.files()


def test_removed_document(pages: Site) -> None:
    """A page that has gone is found no more."""
    first = pages.build()
    (pages.folder / "more.rst").unlink()
    pages.write("index.rst", "Top\n===\n\n.. statestore-table::\n\n.. toctree::\n\n   prose\n")
    assert "searchindex.js" in rewritten(pages, first)


def test_configuration(pages: Site) -> None:
    """A setting that all pages show is in the indices as well, also when only one page was asked for."""
    pages.build()
    pages.build(filenames=[pages.folder / "prose.md"], html_title="Another title")
    built = pages.build(html_title="Another title")
    clean = pages.build(builddir="_clean", html_title="Another title")
    for name in INDICES:
        assert "Another title" in built.text(name)
        assert built.text(name) == clean.text(name)


def test_builders_share_doctrees(pages: Site) -> None:
    """What another builder has read counts: the files of this one are of before."""
    first = pages.build("html")
    pages.write("prose.md", "# Prose\n\nZebras about {store}`auth-lock`.\n")
    pages.write("more.rst", "More\n====\n\n.. py:function:: second\n")
    pages.build("dirhtml")
    assert {"searchindex.js", "objects.inv"} <= rewritten(pages, first)


def test_another_builder_has_read_and_a_purpose_is_edited(pages: Site) -> None:
    """The inventory is of all documents, whichever build has read them, also after an edit that changes no name."""
    first = pages.build("html")
    pages.write("more.rst", "More\n====\n\n.. py:function:: second\n")
    pages.build("dirhtml")
    registry = pages.folder / "schemas/state-stores.yaml"
    pages.registry(registry.read_text().replace("Accounts that were closed", "Zebras"))
    assert {"searchindex.js", "objects.inv"} <= rewritten(pages, first)


def interrupt(site: Site, monkeypatch: pytest.MonkeyPatch, place: object, attribute: str, number: int = 1) -> None:
    """Build, and be interrupted at a call, counted from 1."""
    calls = iter(range(1, 1000))
    original = getattr(place, attribute)

    def interrupted(*arguments: Any, **named: Any) -> Any:
        if next(calls) == number:
            raise KeyboardInterrupt
        return original(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(place, attribute, interrupted)
        with pytest.raises(KeyboardInterrupt):
            site.build()


@pytest.mark.parametrize(("method", "number"), [("write_doc", 2), ("write_genindex", 1), ("gen_additional_pages", 1)])
def test_interrupted_after_an_edit_of_a_template(
    pages: Site, monkeypatch: pytest.MonkeyPatch, method: str, number: int
) -> None:
    """What was not reached before an interruption is made by the next build."""
    template = '{% extends "!layout.html" %}{% block footer %}TEXT{% endblock %}'
    pages.conf("suppress_warnings = ['statestores']\ntemplates_path = ['_templates']\n")
    pages.write("_templates/layout.html", template.replace("TEXT", "Before"))
    built = pages.build()
    pages.write("_templates/layout.html", template.replace("TEXT", "After"))
    later = (built.outdir / "index.html").stat().st_mtime + 2
    os.utime(pages.folder / "_templates/layout.html", (later, later))
    interrupt(pages, monkeypatch, StandaloneHTMLBuilder, method, number)
    for path in built.outdir.glob("*.html"):
        if "After" in path.read_text():
            os.utime(path, (later + 2, later + 2))
    pages.build()
    for name in INDICES:
        assert "After" in built.text(name)


def test_interrupted_before_an_index_has_its_rows(pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of an index that lacks its rows is made again."""
    built = pages.build()
    files = built.files()
    # Before version 8.2 Sphinx makes no index when no page is to be written.
    later = (built.outdir / "more.html").stat().st_mtime + 2
    os.utime(pages.folder / "more.rst", (later, later))
    (built.outdir / INDICES[1]).unlink()
    interrupt(pages, monkeypatch, indices, "_fill")
    assert pages.build().files() == files


def test_an_index_without_its_mark(pages: Site) -> None:
    """Where a page is written without comments, its rows are there all the same."""
    pages.conf(MINIFIER)
    built = pages.build()
    assert "<!--" not in built.text(INDICES[0])
    assert built.text(INDICES[0]).index("auth-lock") < built.text(INDICES[0]).index("</body>")


def test_words_of_a_page_that_was_read_for_another(pages: Site) -> None:
    """A build that was asked for one page reads all that have changed; the next build makes what is made of them."""
    pages.write("prose.md", "---\norphan: true\n---\n# Prose\n")
    pages.write("index.rst", "Top\n===\n\n.. statestore-table::\n\n.. toctree::\n\n   more\n")
    first = pages.build()
    pages.write("index.rst", "Top\n===\n\nZebras\n\n.. statestore-table::\n\n.. toctree::\n\n   more\n")
    pages.build(filenames=[pages.folder / "prose.md"])
    # Before version 8.2 Sphinx has written what it has read, and nothing is left to do.
    assert ("searchindex.js" in rewritten(pages, first)) is not bool(WRITTEN_UNSEEN)
    assert "zebra" in first.text("searchindex.js")


def test_a_page_that_goes_and_comes_back(pages: Site) -> None:
    """Sphinx may not save that a page has gone; when it is back as it was, its objects are as well."""
    first = pages.build()
    files = {name: first.files()[name] for name in FILES}
    page = pages.folder / "more.rst"
    page.rename(pages.folder / "away")
    gone = pages.build()
    assert gone.files()["objects.inv"] != files["objects.inv"]
    (pages.folder / "away").rename(page)
    back = pages.build()
    # Before version 8.2 it has saved that, with the document that keeps such a build going.
    assert back.read == (["more"] if WRITTEN_UNSEEN else [])
    assert {name: back.files()[name] for name in ("objects.inv", *INDICES)} == {
        name: files[name] for name in ("objects.inv", *INDICES)
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (".. toctree::\n", ".. toctree::\n   :caption: Zebras\n"),
        ("   more\n", "   Zebras <more>\n"),
        ("   more\n", "   more\n   Zebras <https://zebras.example>\n"),
    ],
)
def test_other_navigation(pages: Site, old: str, new: str) -> None:
    """What a toctree shows may be beside any page: the indices are made again."""
    first = pages.build(html_theme="alabaster")
    text = (pages.folder / "index.rst").read_text()
    assert old in text
    pages.write("index.rst", text.replace(old, new))
    assert set(INDICES) <= rewritten(pages, first, html_theme="alabaster")
    assert all("Zebras" in first.text(name) for name in INDICES)


def test_directories_as_pages(pages: Site) -> None:
    """The builder of directories makes the same indices, with its own addresses."""
    built = pages.build("dirhtml")
    assert 'href="../#store-auth-lock"' in built.text("statestore-stores/index.html")
    path = built.outdir / "statestore-stores/index.html"
    stamp = path.stat().st_mtime_ns
    pages.build("dirhtml")
    assert path.stat().st_mtime_ns == stamp


@pytest.mark.parametrize(
    ("setting", "made"),
    [(True, set(INDICES)), (False, set()), (["statestore-services"], {"statestore-services.html"})],
)
def test_setting_of_indices(pages: Site, setting: object, made: set[str]) -> None:
    """``html_domain_indices`` says which indices there are, as for any domain."""
    built = pages.build(html_domain_indices=setting)
    assert {path.name for path in built.outdir.glob("statestore-*.html")} == made
    assert built.warnings == []


def test_no_stores_no_indices(pages: Site) -> None:
    """Where links to stores lead nowhere there is no index."""
    pages.write("index.rst", "Top\n===\n\n.. toctree::\n\n   prose\n   more\n")
    built = pages.build()
    assert list(built.outdir.glob("statestore-*.html")) == []


def test_stems_are_remembered(pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search index has the words that Sphinx alone would have found, and each was reduced once."""
    from sphinx.search.en import SearchEnglish  # noqa: PLC0415

    words: list[str] = []
    stem = SearchEnglish.stem

    def counted(self: SearchEnglish, word: str) -> str:
        words.append(word)
        return stem(self, word)

    monkeypatch.setattr(SearchEnglish, "stem", counted)
    with_memory = pages.build().text("searchindex.js")
    assert len(words) == len(set(words))
    monkeypatch.setattr("sphinx_statestores.sphinx_ext.remember_stems", lambda _: None)
    words.clear()
    assert pages.build(builddir="_clean").text("searchindex.js") == with_memory
    assert len(words) > len(set(words))


def test_search_in_another_language(pages: Site) -> None:
    """A language without stems of its own, and one with, are indexed as ever."""
    for language in ("de", "ja"):
        built = pages.build(builddir=f"_{language}", html_search_language=language)
        assert "redis" in built.text("searchindex.js")


def built_files(folder: Path) -> set[str]:
    """Return the names of all files below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_builders_of_books_make_their_own_indices(pages: Site) -> None:
    """What puts all documents together has the indices that Sphinx makes of entries."""
    epub = pages.build("epub", version="1", epub_copyright="-")
    assert "statestore-stores.xhtml" in built_files(epub.outdir)
    assert "indextable" in epub.text("statestore-stores.xhtml")
    latex = pages.build("latex")
    [text] = [path.read_text() for path in latex.outdir.glob("*.tex")]
    assert r"\renewcommand{\indexname}{State stores by service}" in text
