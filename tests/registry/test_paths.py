"""Which files make up a registry, and what they are called in a repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sphinx_statestores.registry.paths import (
    OutsideError,
    default_files,
    exists,
    find_checkout,
    guide_sibling,
    is_file,
    repository_path,
    repository_root,
    resolve_inside,
)


@pytest.mark.parametrize(
    ("path", "guide"),
    [
        ("schemas/state-stores.yaml", "schemas/state-stores-guide.yaml"),
        ("a.yml", "a-guide.yml"),
        ("stores", "stores-guide"),
        ("a.b.yaml", "a.b-guide.yaml"),
    ],
)
def test_the_sibling_of_a_registry(path: str, guide: str) -> None:
    """The guide stands beside its registry, with ``-guide`` before the suffix."""
    assert guide_sibling(Path(path)) == Path(guide)


def test_a_guide_is_taken_when_it_is_there(tmp_path: Path) -> None:
    """The default files are the registry, there or not, and its guide if that is a file."""
    path = tmp_path / "state-stores.yaml"
    guide = tmp_path / "state-stores-guide.yaml"
    assert default_files(path) == [path]
    guide.mkdir()
    assert default_files(path) == [path]
    guide.rmdir()
    guide.write_text("")
    assert default_files(path) == [path, guide]


def test_a_path_in_a_repository(tmp_path: Path) -> None:
    """A file is called by its path from the nearest folder above it with ``.git``."""
    (tmp_path / ".git").mkdir()
    assert repository_path(tmp_path / "schemas" / "a.yaml") == "schemas/a.yaml"
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".git").write_text("gitdir: elsewhere\n")
    assert repository_path(tmp_path / "sub" / "schemas" / "a.yaml") == "schemas/a.yaml"


def test_a_relative_path_in_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path is taken from the current folder."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path / "docs")
    assert repository_path(Path("a.yaml")) == "docs/a.yaml"
    assert repository_path(Path("../schemas/a.yaml")) == "schemas/a.yaml"


def test_a_detour_does_not_change_the_name(tmp_path: Path) -> None:
    """A path with ``..`` in it gives the same name as the straight one."""
    (tmp_path / "schemas" / "old").mkdir(parents=True)
    detour = tmp_path / "schemas" / "old" / ".." / "a.yaml"
    assert repository_path(detour) == "a.yaml"
    (tmp_path / ".git").mkdir()
    assert repository_path(detour) == "schemas/a.yaml"


def test_the_root_without_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ``.git`` the root is the current folder for a file below it, and else the file's own folder."""
    file = tmp_path / "project/schemas/a.yaml"
    file.parent.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    assert repository_root(file) == repository_root(Path("schemas/a.yaml")) == tmp_path / "project"
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert repository_root(file) == tmp_path / "project/schemas"


def test_a_root_that_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A root that somebody gives is the root of the files below it, with and without a checkout, and of no others."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "all/one/schemas/a.yaml"
    for checkout in (None, tmp_path / "all/one", tmp_path / "all"):
        if checkout is not None:
            (checkout / ".git").mkdir(parents=True)
        assert repository_root(file, tmp_path / "all") == repository_root(file, Path("all")) == tmp_path / "all"
        assert repository_path(file, tmp_path / "all") == "one/schemas/a.yaml"
    assert repository_root(tmp_path / "other/a.yaml", tmp_path / "all") == tmp_path


@pytest.mark.parametrize("name", ["a" * 300, "/".join(["a"] * 3000), "a\0b"])
def test_a_name_that_no_file_can_have(name: str, tmp_path: Path) -> None:
    """A name that the system refuses leads nowhere, and nothing is raised."""
    path = tmp_path / name
    assert not is_file(path)
    assert not exists(path)
    assert default_files(path) == [path]
    assert repository_root(path, tmp_path) == tmp_path
    assert find_checkout(path) is None


posix = pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")


@posix
def test_links_stay_inside(tmp_path: Path) -> None:
    """A link is followed to what it leads to inside of the root; one that leads out of it is refused."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root / "a", outside):
        folder.mkdir(parents=True)
    (root / "in").symlink_to("a")
    (root / "out").symlink_to("../outside")
    (root / "hop").symlink_to("a/next")
    (root / "a/next").symlink_to(outside)
    assert resolve_inside(root / "in/x", root) == (root / "a/x").resolve()
    for name in ("out", "out/x", "hop/x", "a/../out", "in/../../outside"):
        with pytest.raises(OutsideError, match="leads out of"):
            resolve_inside(root / name, root)
    (tmp_path / "alias").symlink_to("root")
    assert resolve_inside(tmp_path / "alias/a", tmp_path / "alias") == (root / "a").resolve()
    with pytest.raises(OSError, match="not a valid file name"):
        resolve_inside(root / "a\0b", root)


@posix
def test_a_link_to_another_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link out of a checkout is no way into another one: the root stays that of the checkout with the link."""
    for name in ("ours/.git", "ours/sub/.git", "theirs/.git"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "ours/evil").symlink_to("../theirs")
    (tmp_path / "ours/sub/evil").symlink_to(tmp_path / "theirs")
    assert find_checkout(tmp_path / "ours/sub") == tmp_path / "ours/sub"
    assert repository_root(tmp_path / "ours/evil/a.yaml") == tmp_path / "ours"
    assert repository_root(tmp_path / "ours/sub/evil/a.yaml") == tmp_path / "ours/sub"
    assert repository_root(tmp_path / "theirs/a.yaml") == tmp_path / "theirs"
    with pytest.raises(OutsideError):
        resolve_inside(tmp_path / "ours/evil/a.yaml", repository_root(tmp_path / "ours/evil/a.yaml"))
