"""Outputs whose paths no file can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run, Site

PATHS = {
    "2100 folders": "a/" * 2100 + "x.md",
    "900 folders": "a/" * 900 + "x.md",
    "a long name": "a" * 300 + ".md",
    "a long folder": "a" * 300 + "/x.md",
    "a folder of a file": "state-stores.yaml/x.md",
    "dots": "../" * 3000 + "x.md",
    "a loop": "loop/x.md",
    "a loop itself": "loop",
}


def registry(path: str) -> str:
    return (
        "x-state-stores:\n  a-lock: {backend: redis, prefix: a, service: A, purpose: p}\n"
        f'x-outputs:\n  - {{format: markdown, path: "{path}"}}\n'
    )


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_the_command(path: str, repository: Path, run: Run) -> None:
    """The command reports the declaration with its place, in one short line, and writes nothing."""
    folder = repository / "schemas"
    folder.mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "state-stores.yaml").write_text(registry(path), encoding="utf-8")
    for command in (["check"], ["generate", "outputs"], ["generate", "outputs", "--check"]):
        done = run(*command)
        said = (done.stdout + done.stderr).decode()
        assert done.returncode in {1, 2}
        assert "Traceback" not in said
        assert "schemas/state-stores.yaml:4:" in said or "statestores: schemas/" in said
        assert max(map(len, said.splitlines())) < 500
    assert sorted(path.name for path in folder.iterdir()) == ["loop", "state-stores.yaml"]


def test_a_build(site: Site) -> None:
    """A build warns at each declaration, and shows the stores."""
    (site.folder / "schemas").mkdir(exist_ok=True)
    (site.folder / "schemas/loop").symlink_to("loop")
    items = "".join(f'  - {{format: markdown, path: "{path}"}}\n' for path in PATHS.values())
    site.registry(registry("ok.md") + items)
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n")
    built = site.build()
    assert len(built.warnings) == len(PATHS) + 1
    assert all("state-stores.yaml:" in warning for warning in built.warnings)
    assert "a-lock" in built.text("index.html")
