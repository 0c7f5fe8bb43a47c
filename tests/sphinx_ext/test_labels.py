"""``statestores_labels``: what pages call columns, fields and the words of fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Site

PAGE = """\
T
=

.. statestore-table::
   :columns: name, status, x-team, backlinks
   :group-by: status

.. statestore:: account-archive
"""
LABELS = {
    "name": "Store <b>",
    "backend": "Kept in",
    "x-team": "Owned by",
    "deprecated": "going",
    "backlinks": "Seen in",
}


def test_labels_in_tables_and_entries(site: Site) -> None:
    """Headers, fields, values and headings of groups have the labels, as text; a change rewrites what shows them."""
    site.write("index.rst", PAGE)
    site.write("plain.rst", ":orphan:\n\nP\n=\n\n:store-count:`all`\n")
    site.build()
    built = site.build(statestores_labels=LABELS)
    assert built.warnings == []
    assert (built.read, built.written) == ([], ["index"])
    html = built.text("index.html")
    for text in ("Store &lt;b&gt;", "Kept in", "Owned by", "Seen in", "<strong>going</strong>"):
        assert text in html
    for text in ("Component Name", "Mentioned In", "Store <b>"):
        assert text not in html
    assert built.files() == site.build(builddir="_new", statestores_labels=LABELS).files()


def test_labels_that_are_none(site: Site) -> None:
    """A key that is no column and no word is reported with the near ones, and so is an empty label."""
    site.write("index.rst", PAGE)
    built = site.build(statestores_labels={"nmae": "Store", "status": " ", "backend": "Kept in"})
    assert [line.partition("WARNING: ")[2] for line in built.warnings] == [
        "statestores_labels: the label of 'status' is empty [statestores.invalid_config]",
        "statestores_labels: unknown column or word 'nmae'; did you mean 'name'? [statestores.invalid_config]",
    ]
    assert "Kept in" in built.text("index.html")
    assert "account-archive" in site.build(statestores_labels={"name": 5}).text("index.html")
