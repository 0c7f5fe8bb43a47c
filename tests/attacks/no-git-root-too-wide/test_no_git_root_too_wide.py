"""A project without ``.git``, in somebody's home: its outputs and templates name files beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

REGISTRY = """\
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}
x-outputs:
  - {format: template, template: ../.ssh/id_rsa, path: out.txt}
  - {format: markdown, path: ../.bashrc}
  - {format: markdown, path: ../notes.md}
"""


@pytest.mark.parametrize("folder", [".", ".."])
def test_nothing_beside_the_project(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """Neither is a file beside the project written, nor one read, wherever the command is run below the project."""
    home = tmp_path / "home"
    (home / "project/sub").mkdir(parents=True)
    (home / ".ssh").mkdir()
    (home / ".ssh/id_rsa").write_text("PRIVATE KEY\n", encoding="utf-8")
    (home / "project/stores.yaml").write_text(REGISTRY, encoding="utf-8")
    monkeypatch.chdir(home / "project/sub")
    monkeypatch.chdir(folder)
    name = "stores.yaml" if folder == ".." else "../stores.yaml"
    for command in (["generate", "outputs", name], ["generate", "outputs", "--check", name], ["check", name]):
        done = run(*command)
        said = done.stdout + done.stderr
        assert done.returncode == 1
        assert said.count(b"is outside the repository") == 3
        assert b"PRIVATE" not in said
    assert sorted(path.name for path in home.iterdir()) == [".ssh", "project"]
    assert sorted(path.name for path in (home / "project").iterdir()) == ["stores.yaml", "sub"]
