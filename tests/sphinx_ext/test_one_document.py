"""Builders that put documents together: each node still belongs to its own, and each id is there once."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from docutils import nodes

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Site

_CONF = """\
statestores_autolink = True
numfig = True
tags.add("here")
project, author = "Parts", "Someone"
man_pages = [("index", "parts", "Parts", ["Someone"], 1)]
latex_appendices = texinfo_appendices = ["appendix"]
"""
_PAGES = {
    "index": """\
Top
===

``auth-lock`` :store:`account-archive` :store:`account-statestore` :store:`character-encounter-statestore`
:ref:`totals <facts>` :ref:`changes <changed>` :ref:`named <named>`

.. only:: not here

   .. toctree::

      excluded

.. toctree::

   off
   bare
   tables
   entry

.. only:: here

   .. toctree::

      sub/included
""",
    # Were it there, links would lead to its rows and its entry.
    "excluded": "Excluded\n========\n\n.. statestore:: auth-lock\n\n.. statestore-table::\n",
    "off": ":statestores-autolink: off\n\nOff\n===\n\nKept ``auth-lock``\n\n"
    "Sub\n---\n\n.. note:: Kept ``auth-lock``\n",
    "bare": ":statestores-autolink: off\n\nKept ``auth-lock`` bare\n\n.. statestore-table::\n   :service: Auth\n",
    "tables": """\
Tables
======

.. statestore-table::
   :name: named
   :caption: All

.. _facts:

.. statestore-totals::

.. _changed:

.. statestore-changes::
   :from: /older.yaml

.. statestore-totals::
   :name: named-facts

.. statestore-service:: Account
   :detail: entries
""",
    "entry": "Entry\n=====\n\n.. statestore:: auth-lock\n\n.. statestore-table::\n",
    "sub/included": "Included\n========\n\nLinked ``auth-lock``\n\n"
    ".. statestore-table::\n   :service: CharacterEncounter\n",
    "appendix": ":orphan:\n\nAppendix\n========\n\nLinked ``auth-lock``\n",
}


@pytest.fixture
def parts(site: Site) -> Site:
    """A site of several pages, with and without sections, on conditions, with entries, tables and labels."""
    site.conf(_CONF)
    site.write("older.yaml", "x-state-stores: {}\n")
    for name, text in _PAGES.items():
        site.write(f"{name}.rst", text)
    return site


def output(site: Site, builder: str, pattern: str) -> str:
    """Build, and return what the one file holds."""
    built = site.build(builder)
    no_title = "'bare' that doesn't have a title"
    assert [line for line in built.warnings if no_title not in line and "no_stores" not in line] == []
    paths: list[Path] = list(built.outdir.glob(pattern))
    assert len(paths) == 1
    return paths[0].read_text(encoding="utf-8")


def test_one_page(parts: Site) -> None:
    """On the one page of ``singlehtml`` ids are there once, and links lead to what is there."""
    page = BeautifulSoup(output(parts, "singlehtml", "index.html"), "html.parser")
    ids = Counter(tag["id"] for tag in page.select("[id]"))
    assert [name for name, times in ids.items() if times > 1] == []
    literals = {
        p.get_text(" ", strip=True): p.select_one("a") is not None for p in page.select("p") if p.select("code")
    }
    assert [text for text, linked in literals.items() if text.startswith("Kept") and linked] == []
    assert literals["Linked auth-lock"]
    links = {link["href"] for link in page.select("a.reference.internal[href*=store-]") if not link.find_parent("li")}
    assert {"#store-auth-lock", "#store-account-archive", "#store-character-encounter-statestore"} <= links
    assert {link for link in links if str(link).removeprefix("#") not in ids} == set()
    entry = page.find(id="store-auth-lock")
    assert entry is not None
    assert entry.name == "dt"


def test_latex(parts: Site) -> None:
    """No label is defined twice, and links to stores and blocks have one."""
    text = output(parts, "latex", "*.tex")
    labels = Counter(re.findall(r"\\label\{\\detokenize\{([^}]*)\}\}", text))
    assert [name for name, times in labels.items() if times > 1] == []
    linked = set(re.findall(r"\\hyperref\[\\detokenize\{([^}]*)\}", text))
    wanted = {
        "entry:store-auth-lock",
        "tables:store-account-archive",
        "tables:facts",
        "tables:changed",
        "tables:named",
    }
    assert wanted <= linked
    assert "tables:named-facts" in labels
    assert {name for name in linked - labels.keys() if not name.endswith("::doc")} == set()
    assert "excluded::doc" not in linked
    kept = [line for line in text.splitlines() if line.startswith("Kept")]
    assert len(kept) == 3
    assert "hyperref" not in "".join(kept)
    assert len([line for line in text.splitlines() if line.startswith("Linked") and "hyperref" in line]) == 2


def test_texinfo(parts: Site) -> None:
    """No anchor is defined twice, and what is linked has one."""
    text = output(parts, "texinfo", "*.texi")
    anchors = Counter(re.findall(r"@anchor\{([^}]*)\}", text))
    assert [name for name, times in anchors.items() if times > 1] == []
    assert {"entry store-auth-lock", "tables store-account-archive", "tables facts", "tables named-facts"} <= set(
        anchors
    )
    assert not any(name.startswith("excluded") for name in anchors)
    assert re.findall(r"Kept.*@ref", text) == []


def test_man(parts: Site) -> None:
    """A manual page has names, and no addresses: there is nothing to follow."""
    text = output(parts, "man", "*.1")
    assert "auth\\-lock" in text
    assert re.findall(r"<[^>]*store[^>]*>|<>", text) == []


def test_targets_are_what_is_put_together(parts: Site) -> None:
    """Links lead to no page that a false ``only`` keeps out; in a site that is a page as any other."""
    built = parts.build("latex")
    documents = built.env.get_domain("statestore").answers.site.store_documents  # type: ignore[attr-defined]
    assert documents["auth-lock"] == "entry"
    assert set(documents.values()) <= {"bare", "tables", "entry", "sub/included"}
    built = parts.build("html")
    documents = built.env.get_domain("statestore").answers.site.store_documents  # type: ignore[attr-defined]
    assert "excluded" in documents.values()


def test_an_only_that_cannot_be_evaluated(site: Site) -> None:
    """Sphinx warns of it and shows what is below, and so a table there is a place to land on."""
    site.write("index.rst", "Top\n===\n\n:store:`auth-lock`\n\n.. only:: (((\n\n   .. statestore-table::\n")
    built = site.build()
    assert any("only directive expression" in line for line in built.warnings)
    assert not any("[statestores" in line for line in built.warnings)
    assert [node["refid"] for node in built.resolved("index").findall(nodes.reference)] == ["store-auth-lock"]


@pytest.mark.parametrize("builder", ["html", "singlehtml", "latex", "man", "texinfo", "text", "epub", "xml"])
def test_caption_of_a_table_without_rows(site: Site, builder: str) -> None:
    """A table without rows keeps its caption, its name and its number."""
    site.conf("numfig = True\nversion = '1'\ncopyright = '2026, Someone'\n")
    site.write(
        "index.rst",
        "Top\n===\n\n:numref:`none` and :numref:`some` and :ref:`none`\n\n"
        ".. statestore-table::\n   :status: removed\n   :caption: None of :store-count:`all`\n   :name: none\n"
        "   :columns: name, backend, service, purpose, prefix, table, tags, status\n\n"
        ".. statestore-table::\n   :caption: Some\n   :name: some\n",
    )
    built = site.build(builder)
    assert built.warnings == []
    tables = list(built.resolved("index").findall(nodes.table))
    assert [table["ids"] for table in tables] == [["none"], ["some"]]
    assert [next(table.findall(nodes.title)).astext() for table in tables] == ["None of 5", "Some"]
    quotes = next(built.resolved("index").findall(nodes.paragraph)).astext()
    if builder in {"html", "epub", "xml"}:
        assert quotes == "Table 1 and Table 2 and None of 5"
