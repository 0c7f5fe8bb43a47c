"""The files of a repository that may be read as code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry.tracked_files import Reader, list_files

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Repository


def test_git_says_which_files_there_are(git_repository: Repository) -> None:
    """In a checkout only tracked files are listed, those of a folder relative to it, whatever their names are."""
    for name in ("a.py", "sub/b c.py", "sub/ü\n.py", ".hidden/c.py", "subway/d.py"):
        git_repository.write(name, "x")
    git_repository.commit("one")
    git_repository.write("secret.py", "x")
    root = git_repository.folder
    assert list_files(root).paths == (".hidden/c.py", "a.py", "sub/b c.py", "sub/ü\n.py", "subway/d.py")
    assert list_files(root / "sub").paths == ("b c.py", "ü\n.py")


def test_without_git_what_is_hidden_is_left_out(tmp_path: Path) -> None:
    """Elsewhere all files are listed that are neither hidden nor behind a link to a folder."""
    for name in ("a.py", "b/c.py", ".env", ".secret/d.py"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/e.py").write_text("x", encoding="utf-8")
    (tmp_path / "in/link").symlink_to(tmp_path / "out")
    listing = list_files(tmp_path / "in")
    assert (listing.paths, listing.fault) == (("a.py", "b/c.py"), "")


def test_a_checkout_that_git_cannot_read_has_no_files(repository: Path) -> None:
    """Where git should know the files and does not, none is read: it could be one that is not tracked."""
    (repository / "a.py").write_text("x", encoding="utf-8")
    listing = list_files(repository)
    assert listing.paths == ()
    assert listing.fault.startswith("the files of the repository are not known: ")


def test_too_many_files(tmp_path: Path, git_repository: Repository) -> None:
    """A limit holds with git and without it, and the listing says so."""
    for number in range(4):
        (tmp_path / f"{number}.py").write_text("x", encoding="utf-8")
        git_repository.write(f"{number}.py", "x")
    git_repository.commit("one")
    (tmp_path / "repository").rename(tmp_path / ".repository")
    for root in (tmp_path, tmp_path / ".repository"):
        listing = list_files(root, limit=3)
        assert (len(listing.paths), listing.fault) == (3, "the repository has more than 3 files")


def test_what_is_no_text_is_empty(tmp_path: Path) -> None:
    """Binary and large files have no text; a byte order mark is none of it; an older encoding hides nothing."""
    for name, data in {
        "text": "\ufeffä".encode(),
        "binary": b"a\x00b",
        "late": b"a" * 20_000 + b"\x00",
        "latin": "ä".encode("latin-1"),
        "large": b"a" * 30_001,
    }.items():
        (tmp_path / name).write_bytes(data)
    reader = Reader(tmp_path)
    assert [name for name in ("binary", "large", "late", "latin", "text") if reader.text(name, 30_000)] == [
        *("latin", "text")
    ]
    assert reader.text("text", 30_000) == reader.text("latin", 30_000) == "ä"
    assert reader.text("nowhere", 30_000) == ""
    assert [name for name in ("binary", "large", "late", "latin", "text", "nowhere") if reader.is_binary(name)] == [
        "binary"
    ]


def test_no_link_is_followed(tmp_path: Path) -> None:
    """A link to a file, a folder behind a link and a pipe are no files; nothing waits for a writer."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.py").write_text("x", encoding="utf-8")
    root = tmp_path / "in"
    root.mkdir()
    (root / "real.py").write_text("x", encoding="utf-8")
    (root / "file.py").symlink_to(tmp_path / "out/a.py")
    (root / "own.py").symlink_to(root / "real.py")
    (root / "folder").symlink_to(tmp_path / "out")
    os.mkfifo(root / "pipe.py")
    reader = Reader(root)
    names = ("real.py", "file.py", "own.py", "folder/a.py", "pipe.py", "../out/a.py", "none.py", "a\0b")
    assert [name for name in names if reader.state(name)] == ["real.py"]
    assert [name for name in ("file.py", "own.py", "pipe.py", "a\0b") if reader.text(name, 100)] == []


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links")
def test_a_root_behind_a_link(tmp_path: Path) -> None:
    """The root itself may be reached by a link."""
    (tmp_path / "real/sub").mkdir(parents=True)
    (tmp_path / "real/sub/a.py").write_text("x", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    reader = Reader(tmp_path / "link")
    assert list_files(tmp_path / "link").paths == ("sub/a.py",)
    assert reader.state("sub/a.py") is not None
    assert reader.text("sub/a.py", 10) == "x"
