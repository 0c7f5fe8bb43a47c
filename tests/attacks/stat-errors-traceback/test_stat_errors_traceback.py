"""Names that are too long and folders that may not be searched: to ask about such a path raises."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

STORES = "x-state-stores:\n  a-lock: {backend: redis, prefix: a, service: A, purpose: p}\n"
LONG = "a" * 300


@pytest.mark.parametrize(
    "command",
    [
        ["check", LONG],
        ["check", f"{LONG}/a.yaml"],
        ["list", LONG],
        ["diff", LONG, LONG],
        ["diff", f"{LONG}:a.yaml"],
        ["generate", "csv", LONG],
        ["generate", "csv", "-o", LONG],
        ["generate", "csv", "-o", LONG, "--check"],
        ["generate", "csv", "-o", f"{LONG}/x.csv"],
        ["generate", "--template", LONG],
        ["check", "--root", LONG],
    ],
)
def test_a_long_name(command: list[str], repository: Path, run: Run) -> None:
    """A name that is too long for a file is reported wherever a command line may have one."""
    (repository / "schemas").mkdir()
    (repository / "schemas/state-stores.yaml").write_text(STORES, encoding="utf-8")
    done = run(*command)
    assert done.returncode in {1, 2}
    assert b"Traceback" not in done.stderr
    assert LONG[:50].encode() in done.stdout + done.stderr


def test_a_folder_that_may_not_be_searched(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A registry in a folder without permissions cannot be read, which is its problem, and no traceback."""
    (repository / "schemas").mkdir()

    def refused(path: object, *_: object, **__: object) -> object:
        # What the system says to anybody but root.
        if "schemas" in str(path):
            raise PermissionError(13, "Permission denied", path)
        return original(path, *_, **__)

    for name in ("stat", "lstat", "open"):
        original = getattr(os, name)
        with monkeypatch.context() as patched:
            patched.setattr(os, name, refused)
            status = main(["check"])
        assert status == 1
        assert b"schemas/state-stores.yaml: error: " in capsysbinary.readouterr().out
