"""``statestores diff`` in a hook: git tells a hook about its repository in the environment."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a hook is a shell script here")

NAME = "schemas/state-stores.yaml"
DIFF = f"{shlex.quote(sys.executable)} -m sphinx_statestores diff"
CHANGE = "~ a-lock: purpose: Persistent → Durable\n"


def registry(purpose: str) -> str:
    """The text of a registry of one store."""
    return f"x-state-stores:\n  a-lock: {{backend: redis, prefix: a, service: A, purpose: {purpose}}}\n"


@pytest.fixture
def repository(git_repository: Repository) -> Repository:
    """A repository with a registry."""
    git_repository.write(NAME, registry("Persistent"))
    git_repository.write("docs/index.rst", "")
    git_repository.commit("v1.0")
    return git_repository


@pytest.fixture(params=["repository", "worktree", "submodule"])
def checkout(request: pytest.FixtureRequest, repository: Repository, tmp_path: Path) -> tuple[Path, Path]:
    """A checkout whose registry has changed, and the folder of its hooks."""
    root, hooks = repository.folder, repository.folder / ".git/hooks"
    if request.param == "worktree":
        root = tmp_path / "worktree"
        repository.git("worktree", "add", "--quiet", str(root))
    elif request.param == "submodule":
        around = Repository(tmp_path / "around")
        around.write(NAME, registry("Other"))
        around.commit("v1.0")
        around.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository.folder), "sub")
        root, hooks = around.folder / "sub", around.folder / ".git/modules/sub/hooks"
    (root / NAME).write_text(registry("Durable"), encoding="utf-8")
    hooks.mkdir(exist_ok=True)
    return root, hooks


@pytest.mark.parametrize("commit", [("--all",), ("--", NAME)], ids=["all", "one-file"])
def test_a_hook_compares_with_its_own_repository(
    commit: tuple[str, ...], checkout: tuple[Path, Path], repository: Repository
) -> None:
    """In a hook, a revision and the index are those of the commit that is being made, from any folder."""
    root, hooks = checkout
    commands = [
        f"{DIFF} HEAD",
        f"{DIFF} HEAD:{NAME}",
        f"{DIFF} v1.0:./{NAME} :{NAME}",
        f"cd docs && {DIFF} HEAD:{NAME} :{NAME}",
    ]
    script = "\n".join(["#!/bin/sh", f"exec > {shlex.quote(str(hooks))}/log 2>&1", *commands])
    (hooks / "pre-commit").write_text(script, encoding="utf-8")
    (hooks / "pre-commit").chmod(0o755)
    repository.git("-C", str(root), "commit", "--quiet", "--message=x", *commit)
    log = (hooks / "log").read_text(encoding="utf-8")
    assert log.count(CHANGE) == len(commands), log


def test_the_repository_of_the_environment_is_not_asked(repository: Repository, tmp_path: Path, run: Run) -> None:
    """A repository that the environment names is not the one that is compared with."""
    other = Repository(tmp_path / "other")
    other.write(NAME, registry("Other"))
    other.commit("v1.0")
    for folder in (".git", str(other.folder / ".git")):
        env = {
            "GIT_DIR": folder,
            "GIT_WORK_TREE": str(other.folder),
            "GIT_INDEX_FILE": str(other.folder / ".git/index"),
        }
        for version in ("v1.0", f"v1.0:{NAME}", f":{NAME}"):
            done = run("diff", version, cwd=repository.folder, env=env)
            assert (done.stdout, done.stderr) == (b"No changes.\n", b"")
