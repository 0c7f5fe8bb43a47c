"""Which files make up a registry, and what they are called in a repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from sphinx_statestores.registry.paths import default_files, guide_sibling, repository_path


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
    """A path with ``..`` in it gives the same name as the straight one, in a repository and outside."""
    (tmp_path / "schemas" / "old").mkdir(parents=True)
    detour = tmp_path / "schemas" / "old" / ".." / "a.yaml"
    assert repository_path(detour) == "schemas/a.yaml"
    (tmp_path / ".git").mkdir()
    assert repository_path(detour) == "schemas/a.yaml"


def test_a_path_outside_of_repositories(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a repository a file is called by its own name and that of its folder."""
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert repository_path(Path("/anywhere/else/schemas/a.yaml")) == "schemas/a.yaml"
