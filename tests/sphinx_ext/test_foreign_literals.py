"""Literals that are right though the registry has no such store: stores of other projects, services, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import compress

import pytest
import sphinx
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built, Site

_WARN = 'statestores_unknown_literals = "warning"\n'
_SERVICES = (
    "x-state-stores:\n"
    "  own-lock: {backend: redis, prefix: o, service: Auth, purpose: O}\n"
    "  our-lock: {backend: redis, prefix: p, service: SessionLock, purpose: P}\n"
)


@pytest.fixture
def inventory(site: Site, tmp_path: Path) -> Path:
    """The inventory of a site with five stores."""
    site.write("index.rst", "Platform\n========\n\n.. statestore-table::\n")
    found = tmp_path / "objects.inv"
    found.write_bytes((site.build(builddir="_platform").outdir / "objects.inv").read_bytes())
    return found


def conf(inventory: Path, uri: str = "https://platform.example/") -> str:
    """Return a configuration with intersphinx."""
    return (
        f'{_WARN}extensions += ["sphinx.ext.intersphinx"]\nexclude_patterns = ["_*"]\n'
        f"intersphinx_mapping = {{'platform': ({uri!r}, {str(inventory)!r})}}\n"
    )


def addresses(built: Built, name: str = "sub/page.html") -> list[tuple[str, str]]:
    """The words and addresses of the links around code."""
    links = BeautifulSoup(built.text(name), "html.parser").select("a:has(> code)")
    return [(link.text, str(link["href"])) for link in links]


@pytest.mark.parametrize("language", ["rst", "md"])
@pytest.mark.parametrize("uri", ["https://platform.example/", "../platform"])
def test_a_store_of_another_project(site: Site, inventory: Path, language: str, uri: str) -> None:
    """A literal that an inventory has as a store is the link that the role makes; a typing error is still found."""
    site.conf(conf(inventory, uri) + "statestores_autolink = True\n")
    site.registry(_SERVICES)
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   sub/page\n")
    text = {
        "rst": "P\n=\n\n``auth-lock`` :store:`auth-lock` ``auht-lock``\n",
        "md": "# P\n\n`auth-lock` {store}`auth-lock` `auht-lock`\n",
    }
    site.write(f"sub/page.{language}", text[language])
    built = site.build()
    assert [line.split("'")[1] for line in built.warnings] == ["auht-lock"]
    base = uri if uri.endswith("/") else f"../{uri}/"
    address = f"{base}index.html#store-auth-lock"
    assert addresses(built) == [("auth-lock", address), ("auth-lock", address)]


@pytest.mark.parametrize("setting", ["", 'intersphinx_disabled_reftypes = ["*"]\n'])
def test_without_links_there_is_no_warning_either(site: Site, inventory: Path, setting: str) -> None:
    """Without autolink, or where intersphinx is told to make no links, such a literal stays as it is."""
    site.conf(conf(inventory) + (setting and f"{setting}statestores_autolink = True\n"))
    site.registry(_SERVICES)
    site.write("index.rst", "Top\n===\n\n``auth-lock``\n")
    built = site.build()
    assert built.warnings == []
    assert addresses(built, "index.html") == []


def test_an_own_store_comes_first(site: Site, inventory: Path) -> None:
    """A store that both projects have is that of this one."""
    site.conf(conf(inventory) + "statestores_autolink = True\n")
    site.write("index.rst", "Top\n===\n\n``auth-lock``\n\n.. statestore-table::\n   :columns: purpose\n")
    assert ("auth-lock", "#store-auth-lock") in addresses(site.build(), "index.html")


def test_a_new_inventory_is_noticed(site: Site, inventory: Path) -> None:
    """A page whose literal another project has come to know is written again, as in a clean build, and no other.

    Beside the one with its toctree: Sphinx writes that, too.
    """
    site.conf(conf(inventory) + "statestores_autolink = True\nintersphinx_cache_limit = 0\n")
    site.registry(_SERVICES)
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   sub/page\n   other\n")
    site.write("sub/page.rst", "P\n=\n\n``auth-lock``\n")
    site.write("other.rst", "O\n=\n\n``own-lock``\n\n.. statestore-table::\n")
    known = inventory.read_bytes()
    site.build()
    head = b"# Sphinx inventory version 2\n# Project: P\n# Version: 1\n# The remainder is compressed using zlib.\n"
    inventory.write_bytes(head + compress(b"auth-lock py:function 1 a.html -\n"))
    assert site.build().written == ["index", "sub/page"]
    inventory.write_bytes(known)
    again = site.build()
    assert again.written == ["index", "sub/page"]
    assert again.files() == site.build(builddir="_clean").files()


@pytest.mark.parametrize("patterns", ["", 'statestores_name_patterns = ["*"]\n'])
def test_services_are_no_stores(site: Site, patterns: str) -> None:
    """A service in any spelling, and the package of one, is no unknown store; what only looks like it is."""
    site.conf(_WARN + patterns)
    site.registry(_SERVICES)
    site.write(
        "index.rst", "Top\n===\n\n``session-lock`` ``lib-session-lock`` ``auth`` ``lib-auth`` ``lib-other-lock``\n"
    )
    assert [line.split("'")[1] for line in site.build().warnings] == ["lib-other-lock"]


_TABLES = {
    "rst": """\
        .. list-table::
           :header-rows: 1

           * - {head}
             - Type
           * - ``a-lock``
             - guards ``b-lock`` of ``own-lock``
        """,
    "md": """\
        | {head} | Type |
        |---|---|
        | `a-lock` | guards `b-lock` of `own-lock` |
        """,
}


@pytest.mark.parametrize("language", ["rst", "md"])
@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("Key", []),
        ("Key pattern", []),
        ("Redis keys", []),
        ("Pattern/TTL", []),
        ("Keyboard", ["a-lock", "b-lock"]),
        ("Store", ["a-lock", "b-lock"]),
    ],
)
def test_tables_of_keys(site: Site, language: str, head: str, found: list[str]) -> None:
    """What stands in a table with a head of keys or patterns is no unknown store; a store's name is linked there."""
    site.conf(_WARN + "statestores_autolink = True\n")
    site.registry(_SERVICES)
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   page\n\n.. statestore-table::\n   :columns: purpose\n")
    site.write(f"page.{language}", f"{'# P' if language == 'md' else 'P' + chr(10) + '='}\n\n")
    page = site.folder / f"page.{language}"
    site.write("table", _TABLES[language].format(head=head))
    page.write_text(page.read_text() + (site.folder / "table").read_text())
    built = site.build()
    assert [line.split("'")[1] for line in built.warnings] == found
    assert addresses(built, "page.html") == [("own-lock", "index.html#store-own-lock")]


def test_a_table_without_a_head_is_none_of_keys(site: Site) -> None:
    """The word in a cell does not make a head of it."""
    site.conf(_WARN)
    site.registry(_SERVICES)
    site.write("index.rst", "Top\n===\n\n.. list-table::\n\n   * - Key\n   * - ``a-lock``\n\n``c-lock``\n")
    assert [line.split("'")[1] for line in site.build().warnings] == ["a-lock", "c-lock"]


_MODULE = '''\
"""M.

Here is ``module-lock``.
"""


def f(x):
    """F.

    Then ``text-lock``.

    :param x: as ``field-lock``
    """


def g(x):
    """:param x: as ``only-lock``"""
'''


@pytest.mark.parametrize("level", ["warning", "info"])
def test_places_of_literals(site: Site, level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A literal is reported in the file that its line belongs to: a docstring, an included file, or the page."""
    monkeypatch.syspath_prepend(site.folder)
    site.conf(f'extensions += ["sphinx.ext.autodoc"]\nstatestores_unknown_literals = "{level}"\n')
    site.registry(_SERVICES)
    site.write(f"places_{level}.py", _MODULE)
    site.write("part.txt", "\nIn a part ``part-lock``.\n\n* and ``item-lock``\n")
    site.write("part.md.txt", "\nIn `markdown-lock`.\n")
    site.write(
        "index.rst",
        f"""\
        Top
        ===

        .. automodule:: places_{level}
           :members:

        .. include:: part.txt

        .. include:: part.md.txt
           :parser: myst_parser.docutils_

        Own ``page-lock``.

        .. py:function:: h(x)

           :param x: ``described-lock``
        """,
    )
    built = site.build()
    lines = built.warnings if level == "warning" else built.status.splitlines()
    places = {
        line.split("'")[1]: line.partition(" '")[0].rsplit("/", 1)[-1] for line in lines if "looks like" in line
    }
    said = ": WARNING:" if level == "warning" else ":"
    # Newer versions of Sphinx do not keep the line of a field that stands alone.
    keeps_lines = sphinx.version_info < (8,)
    module = f"places_{level}.py:docstring of places_{level}"
    assert places == {
        "module-lock": f"{module}:3{said}",
        "text-lock": f"{module}.f:3{said}",
        "field-lock": f"{module}.f:3{said}",
        "only-lock": f"{module}.g:1{said}" if keeps_lines else f"index.rst{said}",
        "part-lock": f"part.txt:2{said}",
        "item-lock": f"part.txt:4{said}",
        "markdown-lock": f"part.md.txt:2{said}",
        "page-lock": f"index.rst:12{said}",
        "described-lock": f"index.rst:14{said}",
    }
    assert any(f"(in the description of 'places_{level}.g')" in line for line in lines) != keeps_lines
