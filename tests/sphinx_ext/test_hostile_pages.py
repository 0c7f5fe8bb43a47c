"""Pages that hold anything anywhere: no builder ends with an exception of ours, and references lead somewhere."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import pytest
import sphinx
from conftest import REGISTRY
from docutils import nodes

from sphinx_statestores.sphinx_ext.read.directives import DIRECTIVES

if TYPE_CHECKING:
    from conftest import Site

BUILDERS = ("html", "latex", "text", "json")
BOOKS = ("singlehtml", "epub", "man", "texinfo", "xml")
VALUES = {
    "nothing": "",
    "digits": "9" * 5000,
    "long": "x" * 2_000,
    "controls": "\x01\x02\x1b[31m\x7f",
    "separators": "a\u2028b\u2029c\u202ed",
    "markup": "*a* ``b`` :store:`auth-lock` :store-count:`all` |words| <script>",
    "unclosed": "*a :store:`x ``y",
    "quotes": "\"'`$\\{}%&#_^~",
    "commas": ",,,;;!!!",
    "glob": "[!*?]]][",
    "emoji": "🎲 e\u0301",
    "name": "auth-lock",
}
BLOCKS = """\
.. statestore-table::
   :caption: Of :store:`auth-lock` and :store-count:`all` |words|

.. statestore-service:: Auth
   :detail: entries
   :class: special

.. statestore:: auth-statestore

   .. statestore-reference::

.. statestore-reference::
   :class: special

.. statestore-changes::
   :from: /schemas/state-stores.yaml

.. statestore-coverage::

:store:`auth-lock` :store-service:`Auth` :store-count:`all` ``auth-lock`` |words|
"""
#: What stands around blocks; the number says how far these are indented.
PLACES = {
    "admonition": (".. note::\n\n{}\n", 3),
    "nested admonitions": (".. note::\n\n   .. tip::\n\n      .. warning::\n\n{}\n", 9),
    "table": (".. list-table::\n\n   * - a\n     -\n{}\n", 7),
    "footnote": ("A note [#f]_.\n\n.. [#f]\n{}\n", 3),
    "citation": ("A book [B]_.\n\n.. [B]\n{}\n", 3),
    "definition": ("term :store:`auth-lock`\n{}\n", 3),
    "field": (":field:\n{}\n", 3),
    "glossary": (".. glossary::\n\n   term\n{}\n", 6),
    # Before 8.2, Sphinx itself fails at the description of an object in an ``only`` in an ``only``.
    "only": (".. only:: html\n\n   .. only:: not nothing\n\n{}\n", 6)
    if sphinx.version_info >= (8, 2)
    else (".. only:: html\n\n{}\n", 3),
    "nowhere": (".. only:: nothing\n\n{}\n", 3),
    "raw": (".. raw:: html\n\n{}\n", 3),
    "comment": ("..\n\n{}\n", 3),
    "code": ("::\n\n{}\n", 3),
    "quote": ("text\n\n{}\n", 3),
    "topic": (".. topic:: Of :store:`auth-lock`\n\n{}\n", 3),
    "figure": (".. figure:: none.png\n\n   Of :store:`auth-lock`\n\n{}\n", 3),
    "class": (".. rst-class:: special\n\n{}\n", 0),
    "target": (".. _here:\n\n{}\n\n:ref:`words <here>`\n", 0),
    "version": (".. versionadded:: 1\n\n{}\n", 3),
    "function": (".. py:function:: f()\n\n{}\n", 3),
    "twice": ("{0}\n\nAgain\n-----\n\n{0}\n", 0),
}


@pytest.fixture
def pages(site: Site) -> Site:
    """A site in which ``|words|`` are a link and a number."""
    site.conf(
        """
        rst_prolog = ".. |words| replace:: :store:`auth-lock` of :store-count:`all`\\n"
        exclude_patterns = ["included.txt"]
        numfig = True
        statestores_autolink = True
        man_pages = [("index", "stores", "Stores", ["Someone"], 1)]
        copyright, version = "2026", "1"
        """
    )
    site.write("index.rst", "Top\n===\n\n.. toctree::\n   :glob:\n\n   page-*\n")
    return site


@pytest.mark.parametrize(
    ("directive", "builder"),
    [*((name, "html") for name in DIRECTIVES), ("statestore-table", "latex")],
)
def test_options_with_anything(pages: Site, directive: str, builder: str) -> None:
    """No value of any option, nor of an argument, ends a build; only warnings tell of them."""
    takes = {"statestore": " {}", "statestore-service": " {}"}.get(directive, "")
    for number, (what, value) in enumerate(VALUES.items()):
        text = f"{what}\n{'=' * len(what)}\n\n"
        for option in (*DIRECTIVES[directive].option_spec, "unheard-of"):
            text += f".. {directive}::{takes.format('Auth')}\n   :{option}: {value}\n\n"
        if takes:
            text += f".. {directive}::{takes.format(value)}\n"
        if what != "unclosed":
            text += f"\n:store:`{value}` :store-service:`{value}` :store-count:`{value}` ``{value}`` :any:`{value}`\n"
        pages.write(f"page-{number}.rst", text)
    built = pages.build(builder)
    assert built.app.statuscode == 0
    assert max(map(len, built.warnings)) < 6_000


@pytest.mark.parametrize("builder", [*BUILDERS, *BOOKS])
def test_blocks_anywhere(pages: Site, builder: str) -> None:
    """Directives and roles stand wherever pages may have blocks or words, and builds say nothing unusual."""
    for number, (what, (around, depth)) in enumerate(PLACES.items()):
        body = around.format(indent(BLOCKS, " " * depth))
        pages.write(f"page-{number}.rst", f"{what} :store-service:`Auth`\n{'=' * 60}\n\n{body}")
    pages.write("included.txt", BLOCKS)
    pages.write("page-included.rst", "Included\n========\n\n" + ".. include:: included.txt\n\n" * 2)
    built = pages.build(builder)
    assert built.app.statuscode == 0
    usual = "statestores|image file not readable|Duplicate|duplicate|citation is not referenced|already defined"
    assert [line for line in built.warnings if not re.search(rf"\[statestores|{usual}", line)] == []


@pytest.mark.parametrize("builder", BUILDERS)
def test_nothing_is_shown_where_something_is_named(pages: Site, builder: str) -> None:
    """A block that shows nothing may have classes and a name, and what refers to it still leads there."""
    pages.conf("")
    pages.registry("x-state-stores: {}\n")
    text = "".join(
        f".. rst-class:: other\n\n.. statestore-{kind}::\n   :class: special\n   :name: the-{kind}\n\n"
        for kind in ("totals", "conventions", "backends", "deployments", "code", "coverage", "table")
    )
    refers = "".join(f":ref:`{kind} <the-{kind}>` " for kind in ("totals", "coverage", "code"))
    text += ".. statestore-reference::\n   :class: special\n"
    pages.write("index.rst", f"Top\n===\n\n{refers}\n\n{text}")
    built = pages.build(builder)
    assert [line for line in built.warnings if "no_stores" not in line] == []
    document = built.resolved("index")
    ids = {name for node in document.findall(nodes.Element) for name in node["ids"]}
    assert {"the-totals", "the-coverage", "the-code", "the-table"} <= ids


NAMES = (b"no-\xff-text", b"a\nline", b"per%cent", b"quo\"te'", b"brack[et]", b"co:lon")


@pytest.mark.parametrize(
    ("builder", "name"),
    [*((builder, NAMES[0]) for builder in (*BUILDERS, *BOOKS)), *(("html", name) for name in NAMES[1:])],
)
def test_a_registry_of_any_name(site: Site, builder: str, name: bytes) -> None:
    """Whatever a registry is called, every builder shows its name, with escapes for what is no text."""
    path = os.fsdecode(name + b".yaml")
    try:
        (site.folder / path).write_text(REGISTRY, encoding="utf-8")
    except OSError:
        pytest.skip("this file system has no such names")
    site.write(
        "index.rst", "Top\n===\n\n.. statestore-table::\n   :columns: name, source\n\n.. statestore-reference::\n"
    )
    settings: dict[str, Any] = {
        "statestores_registry": path,
        "statestores_source_url": "https://example.org/{path}#L{line}",
    }
    built = site.build(builder, copyright="2026", version="1", **settings)
    assert (built.warnings, built.app.statuscode) == ([], 0)
    if builder == "html":
        page = built.text("index.html")
        assert 'href="https://example.org/' in page
        assert ("%FF" in page) == (name == b"no-\xff-text") == (r"no-\udcff-text.yaml" in page)


@pytest.mark.parametrize(
    ("builder", "name"),
    [*((builder, NAMES[0]) for builder in BUILDERS), *(("html", name) for name in NAMES[1:])],
)
def test_a_site_in_a_folder_of_any_name(pages: Site, builder: str, name: bytes) -> None:
    """Whatever the folder of a site is called, it is built, and the next build finds nothing to be done."""
    if name == NAMES[0] and sphinx.version_info < (8, 2):
        pytest.skip("Sphinx before 8.2 reads no conf.py in a folder whose name is no text")
    folder = pages.folder.parent / os.fsdecode(name)
    pages.write(
        "page-1.rst", "Page\n====\n\n" + BLOCKS.replace(".. statestore-reference::\n   :class: special\n", "")
    )
    pages.close()
    try:
        shutil.move(pages.folder, folder)
    except OSError:
        pytest.skip("this file system has no such names")
    pages.folder = folder
    assert pages.build(builder).app.statuscode == 0
    again = pages.build(builder)
    assert (again.read, again.written) == ([], [] if builder != "latex" else again.written)
    assert list(Path(again.app.doctreedir, "statestores").iterdir()) != []
