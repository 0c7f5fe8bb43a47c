"""An address of the web in a field of the user's own is a link wherever the field is shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from docutils import nodes

if TYPE_CHECKING:
    from conftest import Site

REGISTRY = """
x-state-stores:
  auth:
    backend: redis
    prefix: auth
    service: Auth
    purpose: https://example.org/purpose
    tags: ["https://example.org/tag"]
    x-docs: https://example.org/a?b=1&c=2
    x-both: [https://example.org/one, "HTTP://example.org/two"]
    x-words: See https://example.org/words
    x-mixed: [https://example.org/three, nothing]
    x-code: "`https://example.org/code`"
    x-script: javascript:alert(1)
"""
COLUMNS = "name, purpose, tags, x-docs, x-both, x-words, x-mixed, x-code, x-script"
ADDRESSES = ["https://example.org/a?b=1&c=2", "https://example.org/one", "HTTP://example.org/two"]


@pytest.fixture
def shown(site: Site) -> Site:
    """A site that shows the fields in a table and in an entry."""
    site.registry(REGISTRY)
    site.write("index.rst", f"Top\n===\n\n.. statestore-table::\n   :columns: {COLUMNS}\n\n.. statestore:: auth\n")
    return site


def test_addresses_are_links(shown: Site) -> None:
    """What is wholly an address, or a list of them, is an external link in rows and entries; all else is text."""
    built = shown.build()
    page = BeautifulSoup(built.text("index.html"), "html.parser")
    for part in ("tbody", "dl.statestore-fields, dl.field-list"):
        links = page.select(part)[0].select("a.reference.external")
        assert [link["href"] for link in links] == ADDRESSES
        assert [link.text for link in links] == ADDRESSES
    assert "See https://example.org/words" in page.text
    assert built.warnings == []


@pytest.mark.parametrize("builder", ["xml", "latex"])
def test_nodes_have_the_links_that_rows_have(shown: Site, builder: str) -> None:
    """Builders that get nodes get references to the same addresses."""
    references = shown.build(builder).resolved("index").findall(nodes.reference)
    assert [node["refuri"] for node in references if "example.org" in node.get("refuri", "").lower()] == ADDRESSES * 2


def test_linkcheck_sees_the_addresses(shown: Site) -> None:
    """The builder that checks links is told of the addresses."""
    built = shown.build("linkcheck", linkcheck_ignore=[".*"])
    lines = built.text("output.json").splitlines()
    assert {json.loads(line)["uri"] for line in lines} == set(ADDRESSES)
