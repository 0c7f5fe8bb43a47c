"""Builders that write pages for other programs: their templates get another ``pathto`` than those of a site."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Site


@pytest.mark.parametrize("builder", ["json", "pickle"])
@pytest.mark.parametrize("page", ["T\n=\n", "T\n=\n\n.. statestore-table::\n"], ids=["plain", "table"])
def test_a_site(site: Site, builder: str, page: str) -> None:
    """A site builds without a warning, with and without a table of stores."""
    site.write("index.rst", page)
    built = site.build(builder)
    assert built.warnings == []
    if builder == "json":
        body = json.loads(built.text("index.fjson"))["body"]
        assert ("auth-statestore" in body) == ("table" in page)
