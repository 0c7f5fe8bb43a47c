"""Files of a site that are ours alone are made when what they are made of has changed, or when they have."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from sphinx_statestores.export.published import to_published
from sphinx_statestores.sphinx_ext.write import assets, published

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Site

#: What leads to the stores, and what the search says of them.
LEADING = ("statestores.json", "_static/statestores-keys.js")
FILES = (*LEADING, "_static/statestores-notes.js")


@pytest.fixture
def made(site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return what builds the site and returns the names of the files whose texts were made."""
    site.write("index.rst", "Stores\n======\n\n.. statestore-table::\n")
    names: list[str] = []

    def noted(name: str, function: Callable[..., object]) -> Callable[..., object]:
        def called(*arguments: object) -> object:
            names.append(name)
            return function(*arguments)

        return called

    monkeypatch.setattr(f"{published.__name__}.to_published", noted(FILES[0], to_published))
    monkeypatch.setattr(assets, "_keys", noted(FILES[1], assets._keys))
    monkeypatch.setattr(assets, "_notes", noted(FILES[2], assets._notes))

    def build(**settings: Any) -> list[str]:
        names.clear()
        built = site.build(**settings)
        assert built.warnings == []
        return [name for name in FILES if name in names]

    return build


def test_nothing_is_made_again(made: Callable[..., list[str]]) -> None:
    """The first build makes all files, and one without changes makes none."""
    assert made() == list(FILES)
    assert made() == []


def test_an_edit_of_the_registry(site: Site, made: Callable[..., list[str]]) -> None:
    """A new prefix and purpose are in all files that show them."""
    made()
    site.registry("x-state-stores: {auth: {backend: redis, prefix: fresh, service: Auth, purpose: Fresh}}\n")
    assert made() == list(FILES)
    assert all("fresh" in site.build().text(name).lower() for name in FILES)


def test_another_place(site: Site, made: Callable[..., list[str]]) -> None:
    """Where another page shows the stores, the files lead there."""
    made()
    site.write("index.rst", "Stores\n======\n\n.. toctree::\n\n   other\n")
    site.write("other.rst", "Other\n=====\n\n.. statestore-table::\n")
    assert made() == list(FILES)
    assert all("other.html#store-" in site.build().text(name) for name in LEADING)


def test_other_addresses(made: Callable[..., list[str]]) -> None:
    """Addresses with another ending are in the files that have any; the name of a project is in one of them."""
    made()
    assert made(html_link_suffix=".htm") == list(FILES)
    assert made(html_link_suffix=".htm", project="Other") == [FILES[0]]


def test_another_ending_of_the_one_page(site: Site, made: Callable[..., list[str]]) -> None:
    """Where all documents are one page, its name with another ending is in the files that lead there."""
    made(builder="singlehtml")
    assert made(builder="singlehtml", html_file_suffix=".htm") == list(LEADING)
    path = site.folder / "_build/singlehtml"
    assert all("index.htm#" in (path / name).read_text(encoding="utf-8") for name in LEADING)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("fate", ["lost", "changed"])
def test_a_file_that_somebody_changed(site: Site, made: Callable[..., list[str]], name: str, fate: str) -> None:
    """A file that is gone, or was changed by another program, is made again, and the others are not."""
    site.write("other.rst", ":orphan:\n\nOther\n=====\n")
    made()
    before = site.build().text(name)
    path = site.folder / "_build/html" / name
    if fate == "lost":
        path.unlink()
    else:
        path.write_text("x", encoding="utf-8")
        os.utime(path, (1, 1))
    # Sphinx up to 8.1 writes no page, and so not this file, where no document has changed.
    site.write("other.rst", ":orphan:\n\nOther\n=====\n\nEdited.\n")
    assert made() == [name]
    assert path.read_text(encoding="utf-8") == before
