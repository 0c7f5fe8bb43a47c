"""A pull request turns a generated file, or a folder above it, into a link that leads out of the checkout."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")

STORES = "x-state-stores:\n  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}\n"
PRIVATE = "the content of somebody's .bashrc\n"


@pytest.fixture
def home(repository: Path) -> Path:
    """Make a home folder beside the repository, and a registry in it."""
    home = repository.parent / "home"
    (home / "folder").mkdir(parents=True)
    (home / ".bashrc").write_text(PRIVATE, encoding="utf-8")
    (repository / "schemas").mkdir()
    (repository / "schemas/state-stores.yaml").write_text(STORES, encoding="utf-8")
    (repository / "stores.csv").symlink_to("../home/.bashrc")
    (repository / "new.csv").symlink_to("../home/new.csv")
    (repository / "out").symlink_to("../home")
    (repository / "hop").symlink_to("out/folder")
    return home


@pytest.mark.parametrize("output", ["stores.csv", "new.csv", "out/.bashrc", "out/a/b.csv", "hop/a.csv"])
@pytest.mark.parametrize("more", [(), ("--check",)])
def test_no_file_is_reached_through_a_link(output: str, more: tuple[str, ...], home: Path, run: Run) -> None:
    """``-o`` neither writes, compares nor prints a file that a link of the checkout leads out to."""
    done = run("generate", "csv", "-o", output, *more)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(f"statestores: {output}: a link leads out of ".encode())
    assert sorted(path.name for path in home.rglob("*")) == [".bashrc", "folder"]
    assert (home / ".bashrc").read_text(encoding="utf-8") == PRIVATE


def test_links_inside_of_the_checkout(home: Path, repository: Path, run: Run) -> None:
    """A link to a file of the checkout stays a link, and its file gets the text."""
    (repository / "docs").mkdir()
    (repository / "here.csv").symlink_to("docs/stores.csv")
    assert run("generate", "csv", "-o", "here.csv").returncode == 0
    assert (repository / "here.csv").is_symlink()
    assert (repository / "docs/stores.csv").read_bytes() == run("generate", "csv").stdout


def test_a_root_that_holds_both(home: Path, repository: Path, run: Run) -> None:
    """Whoever wants a link out of the checkout to be followed gives a root that holds both ends of it."""
    assert run("generate", "csv", "-o", "new.csv", "--root", "..").returncode == 0
    assert (home / "new.csv").read_bytes() == run("generate", "csv", "--root", "..").stdout


def test_the_registry_itself(home: Path, repository: Path, run: Run) -> None:
    """A registry, or its guide, that is a link out of the checkout is not read, and nothing of it is quoted."""
    (repository / "schemas/state-stores-guide.yaml").symlink_to("../../home/.bashrc")
    done = run("check")
    assert done.returncode == 1
    assert b"schemas/state-stores-guide.yaml: error: a link leads out of " in done.stdout
    assert b"content" not in done.stdout + done.stderr
