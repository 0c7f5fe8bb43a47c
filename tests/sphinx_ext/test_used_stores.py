"""``statestore-service``: the stores of other services that a service uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from docutils import nodes

if TYPE_CHECKING:
    from conftest import Built, Site

REGISTRY = """\
x-services: {Auth: {title: Identity}}
x-state-stores:
  auth-cache: {backend: redis, prefix: a, service: Auth, purpose: P, readers: [Auth, Item]}
  item-cache: {backend: redis, prefix: b, service: Item, purpose: Of items, readers: [Auth], writers: [Auth, Quest]}
  item-store: {backend: mysql, service: Item, purpose: Old, status: planned, writers: [Auth]}
  quest-store: {backend: mysql, service: Quest, purpose: Q}
"""


def used(built: Built, docname: str) -> list[list[str]]:
    """Return the rows of the table of what a service uses, its head included; nothing without one."""
    tree = built.resolved(docname)
    tables = [table for table in tree.findall(nodes.table) if "statestore-uses" in table["classes"]]
    return [
        [entry.astext() for entry in row.findall(nodes.entry)] for table in tables for row in table.findall(nodes.row)
    ]


@pytest.mark.parametrize("detail", ["table", "entries"])
def test_what_a_service_uses(site: Site, detail: str) -> None:
    """Stores that name the service as a reader or writer have a table of their own, without the service's own."""
    site.registry(REGISTRY)
    site.write("index.rst", f"T\n=\n\n.. statestore-service:: Auth\n   :detail: {detail}\n   :limit: 1\n")
    site.write(
        "quest.md", f"---\norphan: true\n---\n\n# Q\n\n```{{statestore-service}} Quest\n:detail: {detail}\n```\n"
    )
    site.write("item.rst", ":orphan:\n\nI\n=\n\n.. statestore-service:: Item\n   :status: !active\n")
    built = site.build("xml")
    assert built.warnings == []
    head = ["Component Name", "Service", "Access", "Purpose"]
    assert used(built, "index") == [
        head,
        ["item-cache", "Item", "reads and writes", "Of items"],
        ["item-store planned", "Item", "writes", "Old"],
    ]
    assert used(built, "quest") == [head, ["item-cache", "Item", "writes", "Of items"]]
    assert used(built, "item") == []
    assert "Stores of other services that it uses" in built.resolved("index").astext()
    assert "Stores of other services" not in built.resolved("item").astext()


def test_it_is_bound_late(site: Site) -> None:
    """A page is written again when another service lets its own use a store, and links lead to the owner."""
    site.registry(REGISTRY.replace("Quest]", "Item]"))
    site.write("index.rst", "T\n=\n\n.. statestore-service:: Quest\n\n.. toctree::\n\n   item\n")
    site.write("item.rst", "I\n=\n\n.. statestore-service:: Item\n")
    assert "statestore-uses" not in site.build().text("index.html")
    site.registry(REGISTRY)
    built = site.build()
    assert built.read == []
    assert "index" in built.written
    assert 'href="item.html#store-item-cache"' in built.text("index.html")
    assert built.files() == site.build(builddir="_new").files()


def test_the_language_of_the_site(site: Site) -> None:
    """The words of the table are those of the site's language."""
    site.registry(REGISTRY)
    site.write("index.rst", "T\n=\n\n.. statestore-service:: Auth\n")
    html = site.build(language="de").text("index.html")
    assert "liest und schreibt" in html
    assert "Zugriff" in html
