"""Which files may be at the root of the repository."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Everything else belongs in a folder.
EXPECTED = {
    ".ci",
    ".gitignore",
    ".pre-commit-hooks.yaml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "benchmarks",
    "docs",
    "examples",
    "pyproject.toml",
    "schemas",
    "src",
    "tests",
}


def test_nothing_is_left_lying_about() -> None:
    """The root holds the files and folders that it is known for, and none that somebody forgot there."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no checkout, and only git knows which files are part of the project")
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = {name.partition("/")[0] for name in listed.split("\0") if name and (ROOT / name).exists()}
    assert found - EXPECTED == set()
