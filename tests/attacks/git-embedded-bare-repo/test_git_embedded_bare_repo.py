"""A pull request puts the files of a bare git repository beside a page or a registry, where git would be run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Repository, Run, Site

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the commands are those of a shell")

UNKNOWN = "1" * 40
STORES = "x-state-stores:\n  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}\n"

#: How the configuration of a partial clone names a command that git runs to fetch what is missing.
REMOTES = {
    "uploadpack": 'url = .\nuploadpack = "COMMAND"',
    "sshCommand": 'url = a@b:c\n[core]\nsshCommand = "COMMAND"',
    "ext": 'url = "ext::sh -c SCRIPT"\n[protocol "ext"]\nallow = always',
}


@pytest.fixture(params=REMOTES)
def bare_files(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The files of a bare repository: data that a pull request may contain."""
    command = f"id > {tmp_path}/pwned; false"
    remote = REMOTES[request.param].replace("COMMAND", command).replace("SCRIPT", command.replace(" ", "% "))
    return {
        "HEAD": "ref: refs/heads/main\n",
        "config": "[core]\nrepositoryformatversion = 1\nbare = true\n[extensions]\npartialClone = origin\n"
        f'[remote "origin"]\npromisor = true\npartialclonefilter = blob:none\n{remote}\n',
        "objects/.keep": "",
        "refs/tags/v1.0": f"{UNKNOWN}\n",
    }


@pytest.fixture
def victim(site: Site, git_repository: Repository) -> Site:
    """A site in a repository, which compares with a revision of its registry."""
    site.folder.rename(git_repository.folder / "docs")
    site.folder = git_repository.folder / "docs"
    site.conf('statestores_registry = "../schemas/state-stores.yaml"\n')
    git_repository.write("schemas/state-stores.yaml", STORES)
    changes = "```{statestore-changes}\n:from: v1.0\n```\n"
    site.write("index.md", f"# Victim\n\n{changes}\n```{{toctree}}\nevil/page\n```\n")
    site.write("evil/page.md", "# Page\n")
    git_repository.commit("v1.0")
    return site


def test_beside_a_page(victim: Site, git_repository: Repository, bare_files: dict[str, str], tmp_path: Path) -> None:
    """A page that names a revision asks the repository of the site, not the files beside the page."""
    victim.write("evil/page.md", f"# Evil\n\n```{{statestore-changes}}\n:from: {UNKNOWN}:x.yaml\n```\n")
    for name, text in bare_files.items():
        victim.write(f"evil/{name}", text)
    git_repository.commit("pull-request")
    built = victim.build()
    assert built.warnings == [
        f"{victim.folder}/evil/page.md:3: WARNING: '{UNKNOWN}:x.yaml' cannot be compared: "
        f"there is no revision '{UNKNOWN}' [statestores.missing_revision]"
    ]
    assert "The comparison is not available." in built.text("evil/page.html")
    assert not (tmp_path / "pwned").exists()


def test_beside_a_registry(
    victim: Site, git_repository: Repository, bare_files: dict[str, str], run: Run, tmp_path: Path
) -> None:
    """The registry is compared with its revision in the real repository, by a build and by the command."""
    for name, text in bare_files.items():
        git_repository.write(f"schemas/{name}", text)
    git_repository.commit("pull-request")
    built = victim.build()
    assert built.warnings == []
    assert "No changes" in built.text("index.html")
    for folder, version in (
        (".", "v1.0"),
        (".", "v1.0:schemas/state-stores.yaml"),
        ("schemas", "v1.0:./state-stores.yaml"),
    ):
        new = str(git_repository.folder / "schemas/state-stores.yaml")
        done = run("diff", version, new, cwd=git_repository.folder / folder)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"No changes.\n", b"")
    done = run("diff", f"{UNKNOWN}:x.yaml", cwd=git_repository.folder / "schemas")
    assert done.returncode == 1
    assert f"there is no revision '{UNKNOWN}'".encode() in done.stderr
    assert not (tmp_path / "pwned").exists()


def test_without_a_repository_around(bare_files: dict[str, str], run: Run, tmp_path: Path) -> None:
    """Where there is no ``.git`` at all, the files of a bare repository are no repository either."""
    folder = tmp_path / "unpacked"
    for name, text in {**bare_files, "schemas/state-stores.yaml": STORES}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for version in ("v1.0", f"{UNKNOWN}:x.yaml", ":x.yaml"):
        done = run("diff", version, cwd=folder)
        assert done.returncode == 1
        assert b"this is not a git repository" in done.stderr
    assert not (tmp_path / "pwned").exists()
