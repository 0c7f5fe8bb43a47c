"""What pages have for people with a key: commands, nested keys, and the keys of all stores for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from conftest import REGISTRY
from docutils import nodes

if TYPE_CHECKING:
    from conftest import Built, Site

PAGE = """\
Top
===

.. statestore-table::

.. toctree::

   auth
   mail
"""
AUTH = "Auth\n====\n\n.. statestore:: auth-statestore\n"
MAIL = "Mail\n====\n\n.. statestore:: account-statestore\n"


def write(site: Site) -> None:
    """Write a table, and entries on two pages."""
    site.write("index.rst", PAGE)
    site.write("auth.rst", AUTH)
    site.write("mail.rst", MAIL)


def keys(built: Built) -> list[Any]:
    """Return what scripts get."""
    text = built.text("_static/statestores-keys.js")
    assert text.startswith("window.statestoresKeys = ")
    found: list[Any] = json.loads(text.partition("=")[2].strip().removesuffix(";"))
    return found


@pytest.mark.parametrize("builder", ["html", "dirhtml", "singlehtml"])
def test_the_keys_of_all_stores(site: Site, builder: str) -> None:
    """Scripts get the patterns of each store and its address on the site, whatever the site is like."""
    write(site)
    built = site.build(builder)
    assert built.warnings == []
    page = {"html": "auth.html", "dirhtml": "auth/", "singlehtml": "index.html"}[builder]
    found = {name: (address, *patterns) for name, address, *patterns in keys(built)}
    assert found["auth-statestore"] == (f"{page}#store-auth-statestore", [["auth:", ""]])
    assert found["account-archive"][1:] == ([["account_archive"]],)
    assert len(found) == 5


def test_removed_stores_come_last(site: Site) -> None:
    """A store that is removed is behind one that has taken its prefix over, and a store on no page has no address."""
    site.registry(
        """\
        x-state-stores:
          a: {backend: redis, prefix: p, service: A, purpose: P, status: removed, keys: [{pattern: "k:{id}:x"}]}
          b: {backend: redis, prefix: p, service: A, purpose: P}
        """
    )
    site.write("index.rst", "Top\n===\n")
    assert keys(site.build()) == [["b", "", [["p:", ""]]], ["a", "", [["p:", ""]], [["p:k:", ":x"]]]]


def test_hidden_stores(site: Site) -> None:
    """A store that no page may show is not among the keys, and no page says that its keys are nested."""
    site.conf('statestores_exclude = "match=auth-lock"\n')
    write(site)
    built = site.build()
    assert "auth-lock" not in built.text("_static/statestores-keys.js")
    assert "also finds" not in built.text("auth.html")


def test_an_edit_of_a_prefix(site: Site) -> None:
    """The entry that a new prefix is nested in is written again, and no page that it does not concern."""
    site.registry(REGISTRY.replace("auth:lock", "lock"))
    write(site)
    assert "also finds" not in site.build().text("auth.html")
    site.registry(REGISTRY)
    built = site.build()
    # Sphinx writes the page with the toctree as well.
    assert built.written == ["auth", "index"]
    assert "also finds keys of" in built.text("auth.html")
    assert keys(built)[0][0] == "account-archive"
    assert ["auth:lock:", ""] in [pattern for _, _, patterns in keys(built) for pattern in patterns]


def test_many_nested_stores(site: Site) -> None:
    """Of many stores with nested keys, five are named."""
    inner = "".join(
        f"  in-{number}: {{backend: redis, prefix: 'p:{number}', service: A, purpose: P}}\n" for number in range(7)
    )
    site.registry(f"x-state-stores:\n  a: {{backend: redis, prefix: p, service: A, purpose: P}}\n{inner}")
    site.write("index.rst", "Top\n===\n\n.. statestore:: a\n")
    text = " ".join(site.build("text").text("index.txt").split())
    assert text.endswith(
        'A scan of "p:*" also finds keys of "in-0", "in-1", "in-2", "in-3", "in-4" and other stores.'
    )


def test_commands_in_other_outputs(site: Site) -> None:
    """Where there are no scripts, a command is a literal block; its button is nowhere but in a browser."""
    write(site)
    command = "redis-cli --scan --pattern 'auth:*' | head -n 20"
    assert f"\n      {command}\n" in site.build("text").text("auth.txt")
    epub = site.build("epub").text("auth.xhtml")
    assert "statestore-command" in epub
    assert "statestores-copy" not in epub


def test_scripts_are_where_they_are_needed(site: Site) -> None:
    """The script that copies is on pages with commands, and has its words; what finds keys is on no page."""
    site.conf('language = "de"\n')
    write(site)
    site.write("plain.rst", ":orphan:\n\nPlain\n=====\n\n:store:`auth-statestore`\n")
    built = site.build()
    assert 'data-copied="Kopiert." data-copy="Kopieren"' in built.text("auth.html") or (
        'data-copy="Kopieren" data-copied="Kopiert."' in built.text("auth.html")
    )
    for page in ("index.html", "plain.html", "search.html"):
        assert "statestores-copy" not in built.text(page)
    for page in ("index.html", "auth.html", "plain.html", "search.html"):
        assert 'src="_static/statestores-find-key' not in built.text(page)
        assert "statestores-keys" not in built.text(page)
    finder = built.outdir / "_static" / "statestores-find-key.js"
    address = f'data-finder="statestores-find-key.js?v={crc32(finder.read_bytes()):08x}"'
    # The address of what finds keys is on those that load it.
    has_address = {page: address in built.text(page) for page in ("index.html", "plain.html", "search.html")}
    assert has_address == {
        "index.html": "statestores-table.js" in built.text("index.html"),
        "plain.html": False,
        "search.html": True,
    }


def test_hostile_values_in_a_command(site: Site) -> None:
    """A prefix in a command is quoted for the shell, and escaped for the page."""
    site.registry(
        """\
        x-state-stores:
          a: {backend: redis, prefix: "';rm<b>&$(id)", service: A, purpose: P}
        """
    )
    site.write("index.rst", "Top\n===\n\n.. statestore:: a\n")
    built = site.build()
    assert built.warnings == []
    (block,) = [node.astext() for node in built.resolved("index").findall(nodes.literal_block)]
    assert block == "redis-cli --scan --pattern ''\"'\"';rm<b>&$(id):*' | head -n 20"
    assert "<b>" not in built.text("index.html").partition("<body")[2].partition("</article")[0]
