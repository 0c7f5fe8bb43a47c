"""Builds after edits: no page is read for the registry's sake, exactly those that changed are written, none is stale.

Whenever there is anything to write, Sphinx adds the root document and the pages whose toctrees list what is
written: ``index`` here.
"""

from __future__ import annotations

import os
import random
import shutil
from typing import TYPE_CHECKING

import pytest
from conftest import WRITTEN_UNSEEN
from six_services import SERVICES, as_yaml, stores, write_pages

import sphinx_statestores.sphinx_ext

if TYPE_CHECKING:
    from conftest import Built, Site
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


@pytest.fixture
def pages(site: Site) -> Site:
    """A site of ten pages about six services."""
    write_pages(site)
    return site


def clean(site: Site, number: int, parallel: int = 0) -> Built:
    """Build what is on the disk in a new folder."""
    return site.build(builddir=f"_clean{number}", parallel=parallel)


def test_unchanged_registry_writes_nothing(pages: Site) -> None:
    """A second build without an edit reads nothing and writes nothing."""
    first = pages.build()
    assert len(first.read) == len(first.written) == 11
    second = pages.build()
    assert (second.read, second.written) == ([], [])


def test_touched_registry_writes_nothing(pages: Site) -> None:
    """A registry that is written again with the same content changes nothing."""
    pages.build()
    pages.registry(as_yaml(stores()))
    second = pages.build()
    assert (second.read, second.written) == ([], [])


@pytest.mark.parametrize("parallel", [0, 2])
def test_changed_purpose(pages: Site, parallel: int) -> None:
    """After an edit of one purpose no page is read, those that show it are written, none is stale."""
    pages.build(parallel=parallel)
    registry = stores()
    registry["auth-archive"]["purpose"] = "Something else"
    pages.registry(as_yaml(registry))
    second = pages.build(parallel=parallel)
    assert second.read == []
    assert second.written == ["all", "index", "services/auth"]
    assert "Something else" in second.text("services/auth.html")
    assert second.files() == clean(pages, 1).files()


def test_changed_purpose_of_a_linked_store(pages: Site) -> None:
    """The title of a link tells the purpose, so pages that link to the store are written as well."""
    pages.build()
    registry = stores()
    registry["auth-lock"]["purpose"] = "Something else"
    pages.registry(as_yaml(registry))
    assert pages.build().written == ["all", "index", "links", "services/auth", "services/voice"]


def test_field_that_no_page_shows(pages: Site) -> None:
    """An edit of a field that is in no column writes nothing."""
    pages.build()
    registry = stores()
    registry["auth-lock"]["since"] = "2.0"
    pages.registry("# A comment moves every line.\n" + as_yaml(registry))
    second = pages.build()
    assert (second.read, second.written) == ([], WRITTEN_UNSEEN)


def test_older_file_is_noticed(pages: Site) -> None:
    """A registry replaced by an older file counts as changed: content is compared, not times."""
    pages.build()
    registry = stores()
    del registry["quest-archive"]
    pages.registry(as_yaml(registry))
    file = pages.folder / "schemas/state-stores.yaml"
    os.utime(file, (1, 1))
    second = pages.build()
    assert second.read == []
    assert second.written == ["all", "index", "links", "numbers", "services/quest"]
    assert "quest-archive" not in second.text("all.html")
    assert second.files() == clean(pages, 1).files()


def test_page_of_a_service_appears(pages: Site) -> None:
    """A new service page makes links of the plain names on pages that nobody touched."""
    registry = stores()
    registry["game-state"] = {"backend": "redis", "service": "Game", "purpose": "Games"}
    pages.registry(as_yaml(registry))
    assert "<td>Game</td>" in pages.build().text("all.html")
    pages.write("services/game.rst", ":orphan:\n\nGame\n====\n\n.. statestore-table::\n   :service: Game\n")
    second = pages.build()
    assert second.read == ["services/game"]
    assert 'href="services/game.html">Game</a>' in second.text("all.html")
    assert second.files() == clean(pages, 1).files()


def test_new_table_moves_the_links(pages: Site) -> None:
    """When a page gains a table that links prefer, the pages with the links are written again."""
    pages.write("services/auth.md", "# Auth\n")
    assert "all.html#store-auth-lock" in pages.build().text("links.html")
    pages.write("services/auth.md", "# Auth\n\n```{statestore-table}\n:service: Auth\n```\n")
    second = pages.build()
    assert second.read == ["services/auth"]
    assert "services/auth.html#store-auth-lock" in second.text("links.html")
    assert second.files() == clean(pages, 1).files()


def test_edited_prose(pages: Site) -> None:
    """An edit of prose reads and writes its page alone."""
    pages.build()
    pages.write("prose.rst", "Prose\n=====\n\nStill nothing about stores.\n")
    second = pages.build()
    assert (second.read, second.written) == (["prose"], ["index", "prose"])


def test_changed_configuration(pages: Site) -> None:
    """Other columns for the whole project write the tables that have none of their own; nothing is read."""
    pages.build()
    second = pages.build(statestores_columns=["name"])
    assert second.read == []
    assert second.written == ["all", "index", *(f"services/{name.lower()}" for name in sorted(SERVICES))]


def test_registry_deleted_and_restored(pages: Site) -> None:
    """Without its registry a site is built with a warning; when it is back, so is everything else."""
    first = pages.build().files()
    file = pages.folder / "schemas/state-stores.yaml"
    saved = file.read_bytes()
    file.unlink()
    without = pages.build(suppress_warnings=["statestores.unknown_store", "statestores.unknown_service"])
    assert any("there is no registry at" in line for line in without.warnings)
    assert "No state stores." in without.text("all.html")
    file.write_bytes(saved)
    assert pages.build().files() == first


def test_interrupted_build(pages: Site) -> None:
    """A build that stops while it writes leaves nothing stale, even if the registry goes back to what it was."""
    first = pages.build().files()
    registry = stores()
    for fields in registry.values():
        fields["purpose"] = "Changed"
    pages.registry(as_yaml(registry))
    pages.write(
        "stop.py",
        """
        def setup(app):
            seen = []

            def stop(app, doctree, docname):
                seen.append(docname)
                if len(seen) > 3:
                    raise KeyboardInterrupt

            app.connect("doctree-resolved", stop)
        """,
    )
    pages.write(
        "conf.py", f"import sys\nsys.path.insert(0, {str(pages.folder)!r})\n" + (pages.folder / "conf.py").read_text()
    )
    with pytest.raises(KeyboardInterrupt):
        pages.build(extensions=["sphinx_statestores", "myst_parser", "stop"])
    changed = [path for path in (pages.folder / "_build/html").rglob("*.html") if "Changed" in path.read_text()]
    assert changed
    pages.registry(as_yaml(stores()))
    resumed = pages.build().files()
    assert {name: text for name, text in resumed.items() if name.endswith(".html")} == {
        name: text for name, text in first.items() if name.endswith(".html")
    }


def test_two_builders_share_doctrees(pages: Site) -> None:
    """What HTML has been written with says nothing about text: each output folder is brought up to date."""
    pages.build("html")
    pages.build("text")
    registry = stores()
    registry["auth-archive"]["purpose"] = "Something else"
    pages.registry(as_yaml(registry))
    assert pages.build("html").written == ["all", "index", "services/auth"]
    assert pages.build("text").written == ["all", "index", "services/auth"]
    assert "Something else" in (pages.folder / "_build/text/all.txt").read_text()


def test_a_book_after_a_site(pages: Site) -> None:
    """LaTeX after HTML, over the same doctrees, is what LaTeX alone would be, also after an edit of the registry."""
    pages.build("html")
    registry = stores()
    registry["auth-archive"]["purpose"] = "Something else"
    pages.registry(as_yaml(registry))
    shared = pages.build("latex")
    assert shared.read == []
    [alone] = pages.build("latex", builddir="_alone").outdir.glob("*.tex")
    assert shared.text(alone.name) == alone.read_text()
    assert "Something else" in alone.read_text()


@pytest.mark.parametrize("parallel", [0, 2])
def test_registry_edited_while_a_build_runs(pages: Site, parallel: int) -> None:
    """A build uses the registry as it was when it began, on its first page and on its last; the next one the new."""
    extension = f"edit_{parallel}"
    edited = stores()
    for fields in edited.values():
        fields["purpose"] = "Edited meanwhile"
    pages.write(
        f"{extension}.py",
        f"""
        import pathlib

        REGISTRY = pathlib.Path({str(pages.folder / "schemas/state-stores.yaml")!r})

        def setup(app):
            app.connect("env-before-read-docs", lambda *_: REGISTRY.write_text({as_yaml(edited)!r}))
            app.connect("doctree-resolved", lambda *_: REGISTRY.write_text("x-state-stores: {{}}"))
            return {{"parallel_read_safe": True, "parallel_write_safe": True}}
        """,
    )
    conf = (pages.folder / "conf.py").read_text()
    pages.write("conf.py", f"import sys\nsys.path.insert(0, {str(pages.folder)!r})\n{conf}")
    expected = pages.build(builddir="_before").files()
    pages.registry(as_yaml(stores()))
    extensions = ["sphinx_statestores", "myst_parser", extension]
    built = pages.build(builddir="_during", parallel=parallel, extensions=extensions)
    assert built.files() == expected
    assert (pages.folder / "schemas/state-stores.yaml").read_text() == "x-state-stores: {}"
    pages.registry(as_yaml(edited))
    after = pages.build(builddir="_during")
    assert "Edited meanwhile" in after.text("all.html")
    assert after.files() == pages.build(builddir="_after").files()


def test_doctrees_of_an_older_version(pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Doctrees that another version of the extension has made are made anew, and so is what it kept beside them."""
    setup = sphinx_statestores.sphinx_ext.setup
    first = pages.build()

    def newer(app: Sphinx) -> ExtensionMetadata:
        return {**setup(app), "env_version": 99}

    monkeypatch.setattr(sphinx_statestores.sphinx_ext, "setup", newer)
    second = pages.build()
    assert (second.read, second.written) == (first.read, first.written)
    assert len(second.read) >= 10
    assert second.files() == first.files()
    assert pages.build().read == []


def test_damaged_state(pages: Site) -> None:
    """What remembers the last build may be damaged or deleted: everything is written again."""
    pages.build()
    [state] = (pages.folder / "_build/doctrees/statestores").glob("html-*.json")
    for damage in (b"{", b"[]", b'{"format": 1, "inputs": 2, "documents": 3}', b"\xff"):
        state.write_bytes(damage)
        second = pages.build()
        assert second.read == []
        assert len(second.written) == 10
    shutil.rmtree(state.parent)
    assert len(pages.build().written) == 10


def test_number_in_a_heading(pages: Site) -> None:
    """A number in a heading is quoted by navigation: the pages that quote it are written, too."""
    pages.conf("html_theme = 'alabaster'\nsuppress_warnings = ['statestores']\n")
    pages.write("numbers.md", "# All {store-count}`all` stores\n")
    assert "All 18 stores" in pages.build().text("prose.html")
    registry = stores()
    del registry["auth-archive"]
    pages.registry(as_yaml(registry))
    second = pages.build()
    assert second.read == []
    assert "All 17 stores" in second.text("prose.html")
    assert second.files() == clean(pages, 1).files()


def test_specific_files(pages: Site) -> None:
    """A page that a build was not asked to write is not forgotten by the next one."""
    pages.build()
    registry = stores()
    registry["auth-archive"]["purpose"] = "Something else"
    pages.registry(as_yaml(registry))
    pages.build(filenames=[pages.folder / "all.rst"])
    third = pages.build()
    assert third.written == ["index", "services/auth"]
    assert third.files() == clean(pages, 1).files()


def test_serial_equals_parallel(pages: Site) -> None:
    """Two processes give what one gives, byte for byte."""
    assert clean(pages, 1, parallel=0).files() == clean(pages, 2, parallel=2).files()


def test_registry_stays_out_of_doctrees_and_environment(pages: Site) -> None:
    """What is pickled holds questions: neither a purpose nor a backend is in it."""
    registry = stores()
    registry["auth-lock"]["purpose"] = "Zebra crossing"
    pages.registry(as_yaml(registry))
    built = pages.build()
    assert "Zebra crossing" in built.text("all.html")
    kept = [path for path in (pages.folder / "_build/doctrees").rglob("*") if path.is_file()]
    assert {".doctree", ".pickle", ".json"} <= {path.suffix for path in kept}
    for path in kept:
        # The cache is the registry itself, so that it need not be parsed again.
        assert path.name == "registry.pickle" or b"Zebra crossing" not in path.read_bytes(), path


@pytest.mark.parametrize("seed", range(4))
def test_random_edits(pages: Site, seed: int) -> None:
    """After each of a row of random edits the incremental build equals a clean one, serial or parallel."""
    chance = random.Random(seed)
    registry = stores()
    pages.write("conf.py", (pages.folder / "conf.py").read_text() + "statestores_autolink = True\n")
    pages.write(
        "entries.md",
        """\
        ---
        orphan: true
        ---
        # Entries

        ```{statestore} realm-lock
        ```

        `voice-lock` `added-1` `auth-lock-new` {store}`quest-lock`

        ```{statestore-service} Quest
        :detail: entries
        ```
        """,
    )
    pages.build()
    for number in range(6):
        name = chance.choice(sorted(registry))
        edit = chance.choice(["purpose", "backend", "service", "rename", "remove", "add", "prose"])
        if edit == "purpose":
            registry[name]["purpose"] = f"Purpose {chance.random()}"
        elif edit == "backend":
            registry[name]["backend"] = chance.choice(["redis", "mysql", "memory"])
        elif edit == "service":
            registry[name]["service"] = chance.choice([*SERVICES, "New"])
        elif edit == "rename":
            registry[f"{name}-new"] = registry.pop(name)
        elif edit == "remove":
            del registry[name]
        elif edit == "add":
            registry[f"added-{number}"] = {"backend": "redis", "service": "Auth", "purpose": "Added"}
        else:
            pages.write("prose.rst", f"Prose\n=====\n\n:store:`{name}` and {chance.random()}.\n")
        pages.registry(as_yaml(registry))
        built = pages.build(parallel=2 * (number % 2))
        assert built.read == (["prose"] if edit == "prose" else [])
        expected = clean(pages, number).files()
        assert built.files() == expected, (edit, name)
        again = pages.build()
        assert (again.read, again.files()) == ([], expected), (edit, name)


@pytest.mark.parametrize("field", ["table: t_other", "prefix: other", "since: '2'", "tags: [hot]", "x-team: red"])
def test_each_field_reaches_the_pages_that_show_it(site: Site, field: str) -> None:
    """Another value of a field rewrites a table with its column and the entry of the store, and no other page."""
    text = "x-state-stores:\n  a-store:\n    backend: {}\n    service: A\n    purpose: P\n    x-team: blue\n{}"
    backend = "redis" if field.startswith("prefix") else "mysql"
    column = field.partition(":")[0]
    site.registry(text.format(backend, "    prefix: a\n" if backend == "redis" else ""))
    site.write("index.rst", "Top\n===\n")
    site.write("column.rst", f":orphan:\n\nT\n=\n\n.. statestore-table::\n   :columns: name, {column}\n")
    site.write("entry.rst", ":orphan:\n\nT\n=\n\n.. statestore:: a-store\n")
    site.write("others.rst", ":orphan:\n\nT\n=\n\n.. statestore-table::\n   :columns: name, service\n   :no-index:\n")
    site.build()
    changed = (
        text.format(backend, "").replace("    x-team: blue\n", "") if column == "x-team" else text.format(backend, "")
    )
    site.registry(f"{changed}    {field}\n")
    built = site.build()
    assert built.read == []
    assert set(built.written) - {"index"} == {"column", "entry"}
