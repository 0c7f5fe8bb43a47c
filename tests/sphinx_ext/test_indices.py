"""Indices: by name, by service, by backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from conftest import WRITTEN_UNSEEN

if TYPE_CHECKING:
    from conftest import Built, Site


def rows(built: Built, name: str) -> list[tuple[str, str]]:
    """The words and the address of each row of an index; headings have no address."""
    page = BeautifulSoup(built.text(f"statestore-{name}.html"), "html.parser")
    found = []
    for row in page.select("table.statestore-index tbody tr"):
        words = " ".join(row.get_text(" ").split())
        if words:
            link = row.select("a")
            found.append((words, str(link[0]["href"]) if link else ""))
    return found


@pytest.fixture
def indexed(site: Site) -> Site:
    """A site that shows some of the stores."""
    site.write("index.rst", "Top\n===\n\n:ref:`statestore-services`\n\n.. toctree::\n\n   a\n")
    site.write("a.md", "# A\n\n```{statestore-table}\n:service: Auth, Account\n:columns: name\n```\n")
    return site


def test_indices(indexed: Site) -> None:
    """Each store that a page shows is in three indices, with a link to it; and the indices can be linked to."""
    built = indexed.build()
    assert [words for words, _ in rows(built, "stores")][:2] == [
        "A",
        "account-archive MySQL Account",
    ]
    assert ("auth-lock Redis", "a.html#store-auth-lock") in rows(built, "services")
    assert [words for words, address in rows(built, "services") if not address] == ["Account", "Auth"]
    assert [words for words, address in rows(built, "backends") if not address] == ["MySQL", "Redis"]
    assert 'href="statestore-services.html"' in built.text("index.html")
    assert built.warnings == []


def test_indices_follow_the_registry(indexed: Site) -> None:
    """An index changes with the registry also where no page shows what has changed."""
    indexed.build()
    registry = indexed.folder / "schemas/state-stores.yaml"
    indexed.registry(
        registry.read_text().replace(
            "mysql\n    service: Account\n    purpose: Acc", "redis\n    service: Account\n    purpose: Acc"
        )
    )
    second = indexed.build()
    assert second.read == []
    assert second.written == WRITTEN_UNSEEN
    assert ("account-archive Redis Account", "a.html#store-account-archive") in rows(second, "stores")
    assert second.files() == indexed.build(builddir="_clean").files()
