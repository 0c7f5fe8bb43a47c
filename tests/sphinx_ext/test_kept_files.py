"""What the extension keeps beside the doctrees may be lost, damaged or in the way: a build is right all the same."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.sphinx_ext.incremental import files
from sphinx_statestores.sphinx_ext.incremental.files import keep, read_kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Site

STATE, CACHE = "html-*.json", "registry.pickle"


def with_text(text: bytes) -> Callable[[Path], None]:
    """Return what writes a text in the place of a file."""
    return lambda path: (path.write_bytes(text), None)[1]


def with_state(**values: object) -> Callable[[Path], None]:
    """Return what writes other values into a state file."""

    def change(path: Path) -> None:
        path.write_text(json.dumps({**json.loads(path.read_bytes()), **values}), encoding="utf-8")

    return change


def cut(path: Path) -> None:
    """Leave half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def folder(path: Path) -> None:
    """Put a folder with something in it in the place of a file."""
    path.unlink()
    (path / "inside").mkdir(parents=True)


def pipe(path: Path) -> None:
    """Put a named pipe in the place of a file: who opens it waits for the other end."""
    path.unlink()
    os.mkfifo(path)


def circle(path: Path) -> None:
    """Put a link that leads back to itself in the place of a file."""
    path.unlink()
    path.symlink_to(path)


def device(path: Path) -> None:
    """Put a link to a file without end in the place of a file."""
    path.unlink()
    path.symlink_to("/dev/zero")


def file_for_folder(path: Path) -> None:
    """Put a file in the place of the folder."""
    shutil.rmtree(path.parent)
    path.parent.write_bytes(b"")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "gone": Path.unlink,
    "empty": with_text(b""),
    "half": cut,
    "no text": with_text(b"\xff\xfe\x00" * 100),
    "a folder": folder,
    "a circle": circle,
    "a device": device,
    "a file for the folder": file_for_folder,
    "unreadable": lambda path: path.chmod(0),
    **({"a pipe": pipe} if hasattr(os, "mkfifo") else {}),
}
STATES = {
    "nested": with_text(b"[" * 100_000),
    "nested in a value": with_text(b'{"format": ' + b"[" * 100_000),
    "a long number": with_text(b"9" * 5000),
    "not a number": with_text(b"NaN"),
    "nothing": with_text(b"null"),
    "numbers for digests": with_state(inputs=1e308),
    "nested digests": with_state(inputs=[[[[]]]] * 9),
    "a list of documents": with_state(pages=["index"]),
    "documents without digests": with_state(pages={"index": None}),
    "a document with four digests": with_state(pages={"index": ["a", "b", [], "c"]}),
    "documents that are numbers": with_state(pages={"index": ["a", "b", 10**4000]}),
    "another format": with_state(format=None),
}


@pytest.fixture
def page(site: Site) -> Site:
    """A site of one page."""
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n\n:store:`auth-lock`\n")
    return site


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *[
            pytest.param(name, damage, id=f"{name}-{what}")
            for name in (STATE, CACHE)
            for what, damage in DAMAGES.items()
        ],
        *[pytest.param(STATE, damage, id=what) for what, damage in STATES.items()],
    ],
)
def test_kept_files_in_any_state(page: Site, name: str, damage: Callable[[Path], None]) -> None:
    """Whatever stands where a file is kept, a build says nothing of it, and its output is that of a clean build."""
    built = page.build()
    (path,) = Path(built.app.doctreedir, "statestores").glob(name)
    damage(path)
    same = page.build()
    assert (same.warnings, same.app.statuscode) == ([], 0)
    page.registry("x-state-stores:\n  auth-lock: {backend: redis, prefix: auth, service: Auth, purpose: Edited}\n")
    edited = page.build()
    assert (edited.warnings, edited.app.statuscode) == ([], 0)
    assert edited.files() == page.build(builddir="clean").files()


@pytest.mark.parametrize("damage", [with_text(b""), folder])
def test_a_kept_file_is_kept_again(page: Site, damage: Callable[[Path], None]) -> None:
    """What was damaged is replaced, where that can be; after it, a build writes only what has to be written."""
    built = page.build()
    (path,) = Path(built.app.doctreedir, "statestores").glob(STATE)
    damage(path)
    assert page.build().written == ["index"]
    assert (page.build().written == []) == path.is_file()


def test_what_cannot_be_kept_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file cannot be written, what it held is gone too: it would be taken for the truth."""
    path = tmp_path / "kept"
    keep(path, b"old")
    assert read_kept(path) == b"old"

    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(files, "replace_file", refuse)
    keep(path, b"new")
    assert (read_kept(path), list(tmp_path.iterdir())) == (None, [])
