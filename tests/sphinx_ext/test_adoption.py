"""An existing site gains its links by three lines of configuration, and without an edit of its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from conftest import Site

PAGES = 100
CONFIGURATION = """\
extensions = ["myst_parser", "sphinx_statestores"]
statestores_registry = "schemas/state-stores.yaml"
statestores_autolink = True
"""


def store(number: int) -> str:
    """The name of a store that the pages mention."""
    return f"part-{number}-statestore"


def test_a_hundred_pages_gain_their_links(site: Site) -> None:
    """Three lines of conf.py give a hundred MyST pages a working link at every mention of a store, and no warning."""
    sections = "".join(
        f"  {store(n)}: {{backend: redis, prefix: part{n}, service: Part{n % 10}, purpose: Part {n}}}\n"
        for n in range(PAGES)
    )
    site.registry(f"x-state-stores:\n{sections}")
    site.write("index.md", "# Top\n\n```{toctree}\n:glob:\n\npage*\nstores\n```\n")
    site.write("stores.md", "# Stores\n\n```{statestore-table}\n```\n")
    for n in range(PAGES):
        site.write(
            f"page{n}.md",
            f"# Page {n}\n\nUses `{store(n)}`, `other-code` and, in lists,\n\n- `{store((n + 1) % PAGES)}`\n\n"
            f"| table |\n|---|\n| `{store((n + 2) % PAGES)}` |\n",
        )
    # The site as it was before: it builds, and has no links.
    site.write("stores.md", "# Stores\n\nTo come.\n")
    site.write("conf.py", 'extensions = ["myst_parser"]\n')
    before = site.build()
    assert before.warnings == []
    assert "store-part" not in before.text("page7.html")

    site.write("stores.md", "# Stores\n\n```{statestore-table}\n```\n")
    site.write("conf.py", CONFIGURATION)
    built = site.build()
    assert built.warnings == []
    targets = {str(tag["id"]) for tag in BeautifulSoup(built.text("stores.html"), "html.parser").select("tr[id]")}
    found = 0
    for n in range(PAGES):
        mentioned = [store((n + step) % PAGES) for step in range(3)]
        links = BeautifulSoup(built.text(f"page{n}.html"), "html.parser").select("a.reference.internal:has(code)")
        addresses = {link.get_text(): str(link["href"]) for link in links}
        assert addresses == {name: f"stores.html#store-{name}" for name in mentioned}
        assert {f"store-{name}" for name in mentioned} <= targets
        found += len(links)
    assert found == 3 * PAGES
