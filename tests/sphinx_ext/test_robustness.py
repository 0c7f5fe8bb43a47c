"""What a build survives: odd values, odd places, odd outputs. Each says what is wrong and loses nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from conftest import Built, Site

TABLE = "Top\n===\n\n.. statestore-table::\n"


def said(built: Built) -> list[str]:
    """The words of the warnings, without their places and kinds."""
    # Sphinx 7 does not show the kinds.
    return [re.sub(r" \[[\w.]+\]$", "", line.partition("WARNING: ")[2]) for line in built.warnings]


@pytest.mark.parametrize("builder", ["latex", "texinfo", "man", "singlehtml"])
def test_a_page_that_the_output_does_not_have(site: Site, builder: str) -> None:
    """Where the page of a service is not in the book, its name is plain, and links land on what is in it."""
    site.write("index.rst", TABLE + "\n:store:`auth-lock` :store-service:`Auth`\n")
    site.write("auth.rst", ":orphan:\n\nAuth\n====\n\n.. statestore-table::\n   :service: Auth\n")
    built = site.build(builder, statestores_service_pages={"Auth": "auth"})
    assert built.warnings == []
    if builder == "singlehtml":
        page = BeautifulSoup(built.text("index.html"), "html.parser")
        assert [link["href"] for link in page.select("p a.reference.internal")] == ["#store-auth-lock"]
        assert len(page.select("tr#store-auth-lock")) == 1
        assert page.select("td a:not(.statestore-permalink)") == []


@pytest.mark.parametrize("builder", ["html", "text", "latex", "man", "texinfo", "xml"])
def test_a_table_without_a_column_that_exists(site: Site, builder: str) -> None:
    """A table whose columns no store has falls back to those of the project."""
    site.write("index.rst", TABLE + "   :columns: x-nothing\n")
    built = site.build(builder)
    assert said(built) == ["no store has a field 'x-nothing'"]
    assert "Component Name" in built.resolved("index").astext()


def test_columns_of_the_project_that_no_store_has(site: Site) -> None:
    """A column of ``statestores_columns`` that no store has is reported once."""
    site.write("index.rst", TABLE + "\n.. statestore-table::\n")
    built = site.build(statestores_columns=["name", "x-tem"])
    assert said(built) == ["statestores_columns: no store has a field 'x-tem'; did you mean 'x-team'?"]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (":class: 123", "'class': cannot make \"123\" into a class name"),
        (":widths: 2 1", "'widths' must be 'auto', or one number for each column; found 2 for 4 columns"),
    ],
)
def test_options(site: Site, option: str, message: str) -> None:
    """An option with a value that cannot be is a warning, and the table is there."""
    site.write("index.rst", TABLE + f"   {option}\n")
    built = site.build()
    assert said(built) == [message]
    assert "auth-lock" in built.text("index.html")


@pytest.mark.parametrize(
    "settings",
    [
        {"statestores_registry": 5},
        {"statestores_registry": [5]},
        {"statestores_service_pages": ["x"]},
        {"statestores_service_pages": {"Auth": 1}},
        {"statestores_service_pages": {"Auth": "javascript:alert(1)"}},
        {"statestores_service_pages": "vbscript:{kebab}"},
        {"statestores_columns": 5},
        {"statestores_table_presets": {"a": "name"}},
        {"statestores_table_presets": ["a"]},
        {"statestores_name_patterns": [1]},
        {"statestores_unknown_literals": "loud"},
    ],
)
def test_settings_that_cannot_be_used(site: Site, settings: dict[str, Any]) -> None:
    """A value that cannot be used is reported at ``conf.py``, and the default is taken."""
    site.write("index.rst", TABLE + "   :preset: a\n")
    built = site.build(**settings)
    [name] = settings
    assert any(f"{site.folder / 'conf.py'}:1: WARNING: {name}" in line for line in built.warnings)
    assert "auth-lock" in built.text("index.html")


@pytest.mark.parametrize("path", ["nowhere.yaml", "schemas", "../" * 30 + "nowhere.yaml"])
def test_a_registry_that_cannot_be_read(site: Site, path: str) -> None:
    """A registry that is not there is a warning that names the file, and tables are empty."""
    site.write("index.rst", TABLE)
    built = site.build(statestores_registry=path)
    assert len(built.warnings) == 1
    assert built.warnings[0].startswith(f"{(site.folder / path).resolve()}:1: WARNING: ")
    assert "No state stores." in built.text("index.html")


def test_a_path_object(site: Site) -> None:
    """The registry may be a path as well as a text."""
    site.write("index.rst", TABLE)
    site.conf("import pathlib\nstatestores_registry = pathlib.Path('schemas') / 'state-stores.yaml'")
    assert site.build().warnings == []


def test_files_of_one_name(site: Site) -> None:
    """Two files with one name in two folders are told apart: what both define is reported, with both places."""
    one = "x-state-stores:\n  one: {backend: redis, prefix: one, service: S, purpose: First}\n"
    (site.folder / ".git").mkdir()
    site.registry(one, "a/schemas/s.yaml")
    site.registry(one.replace("First", "Second") + "  bad: {}\n", "b/schemas/s.yaml")
    site.write("index.rst", TABLE)
    built = site.build(statestores_registry=["a/schemas/s.yaml", "b/schemas/s.yaml"])
    assert "First" in built.text("index.html")
    assert [line.split(": WARNING")[0] for line in built.warnings[:2]] == [
        f"{site.folder}/b/schemas/s.yaml:2",
        f"{site.folder}/b/schemas/s.yaml:3",
    ]
    assert "the definition at a/schemas/s.yaml:2" in built.warnings[0]


@pytest.mark.parametrize("builder", ["html", "latex"])
def test_only(site: Site, builder: str) -> None:
    """A table that a builder leaves out is no place to land on, and takes no id from one that it keeps."""
    site.write(
        "index.rst",
        "Top\n===\n\n:store:`auth-lock`\n\n.. toctree::\n\n   a\n   b\n",
    )
    site.write("a.rst", "A\n=\n\n.. only:: not html and not latex\n\n   .. statestore-table::\n")
    site.write(
        "b.rst",
        "B\n=\n\n.. only:: text\n\n   .. statestore-table::\n\n.. only:: html or latex\n\n   .. statestore-table::\n",
    )
    built = site.build(builder)
    assert built.warnings == []
    if builder == "html":
        page = BeautifulSoup(built.text("index.html"), "html.parser")
        assert [link["href"] for link in page.select("p > a.reference")] == ["b.html#store-auth-lock"]
        assert 'id="store-auth-lock"' in built.text("b.html")
    else:
        [tex] = built.outdir.glob("*.tex")
        assert tex.read_text().count("b:store-auth-lock}") == 2


def test_another_builder_of_one_page(site: Site) -> None:
    """Whatever a builder of one page is called, its links stay on the page."""
    site.write("index.rst", "Top\n===\n\n:store:`auth-lock`\n\n.. toctree::\n\n   a\n")
    site.write("a.rst", "A\n=\n\n.. statestore-table::\n")
    site.write(
        "one.py",
        """
        from sphinx.builders.singlehtml import SingleFileHTMLBuilder

        class One(SingleFileHTMLBuilder):
            name = "one"

        def setup(app):
            app.add_builder(One)
        """,
    )
    site.conf(f"import sys\nsys.path.insert(0, {str(site.folder)!r})\nextensions.append('one')")
    page = BeautifulSoup(site.build("one").text("index.html"), "html.parser")
    assert [link["href"] for link in page.select("p > a.reference")] == ["#store-auth-lock"]


def test_another_version_writes_everything(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another version has written is written again: the same answers may look different."""
    site.write("index.rst", TABLE)
    site.write("other.rst", ":orphan:\n\nOther\n=====\n\n.. statestore-totals::\n")
    site.build()
    assert site.build().written == []
    monkeypatch.setattr("sphinx_statestores.sphinx_ext.incremental.output_record._FORMAT", "another")
    assert site.build().written == ["index", "other"]


def test_service_pages_that_are_mistaken(site: Site) -> None:
    """A service that there is not, and a page of the registry that there is not, are reported."""
    site.registry(
        "x-services: {B: {docs: nowhere}, C: {docs: 'https://example.org/c/'}}\nx-state-stores:\n"
        "  a: {backend: redis, prefix: a, service: Auth, purpose: A}\n"
        "  b: {backend: redis, prefix: b, service: B, purpose: B}\n"
        "  c: {backend: redis, prefix: c, service: C, purpose: C}\n"
    )
    site.write("index.rst", TABLE)
    assert said(site.build(statestores_service_pages={"Auht": "index"})) == [
        "the page of the service 'B' is 'nowhere', but there is no such document: write it, or name another one",
        "statestores_service_pages: unknown service 'Auht'; did you mean 'Auth'?",
    ]
    built = site.build(statestores_service_pages="s/{kebab}", suppress_warnings=["statestores"])
    assert 'href="https://example.org/c/">C</a>' in built.text("index.html")


def test_a_substitution_that_nobody_uses(site: Site) -> None:
    """A number in a substitution is asked for where it is used, and complained about once for each use."""
    site.conf('rst_prolog = ".. |n| replace:: :store-count:`servic=Auth`"\n')
    site.write("index.rst", "Top\n===\n\n|n|\n")
    site.write("other.rst", ":orphan:\n\nOther\n=====\n")
    site.build()
    registry = site.folder / "schemas/state-stores.yaml"
    site.registry(registry.read_text() + "  more: {backend: redis, prefix: more, service: Auth, purpose: More}\n")
    assert site.build().written == ["index"]


def test_hostile_texts(site: Site) -> None:
    """Whatever a registry says is text: nothing of it is markup in any output."""
    nasty = r"""<script>alert(1)</script> \textbf{x} $x$ %y _z_ **b** |q| :ref:`w` &amp; "'" \u202e"""
    quoted = nasty.replace("'", "''")
    site.registry(
        f"x-state-stores:\n  a-store:\n    backend: redis\n    prefix: a\n    service: S\n    purpose: '{quoted}'\n"
    )
    site.write("index.rst", TABLE + "\n.. statestore:: a-store\n\n:store:`a-store`\n")
    built = site.build()
    page = BeautifulSoup(built.text("index.html"), "html.parser")
    # Its inline code aside: ``:ref:`w` `` is the text ``:ref:`` and the code ``w``.
    assert page.select("td")[3].get_text() == " ".join(nasty.split()).replace("`", "")
    assert not [
        script for script in page.select("script:not([type='application/json'])") if "alert(1)" in script.get_text()
    ]
    assert built.warnings == []
    for builder in ("latex", "text", "xml", "man", "texinfo"):
        assert site.build(builder).warnings == []
    [tex] = (site.folder / "_build/latex").glob("*.tex")
    assert r"\textbf{x}" not in tex.read_text()
