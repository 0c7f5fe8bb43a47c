"""Templates whose mistakes would write commands into the log of a build."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Run, Site

HERE = Path(__file__).parent / "template"


def write(site: Site) -> None:
    (site.folder / ".git").mkdir()
    shutil.copytree(HERE, site.folder / "schemas", dirs_exist_ok=True)
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n")


def test_a_site(site: Site) -> None:
    """Each mistake is one line of the log, which begins with its place, and holds nothing that is obeyed."""
    write(site)
    built = site.build()
    assert len(built.warnings) == 4
    for line in built.warnings:
        assert "state-stores.yaml:" in line
        assert line.isprintable()
    assert not [line for line in built.status.splitlines() if line.startswith("::")]


def test_the_command(site: Site, run: Run) -> None:
    """So it is for the command."""
    write(site)
    said = run("check", cwd=site.folder).stdout.decode()
    lines = [line for line in said.splitlines() if "PWNED" in line or "jinja" in line]
    assert len(lines) == 4
    assert all(line.startswith("schemas/state-stores.yaml:") and line.isprintable() for line in lines)
