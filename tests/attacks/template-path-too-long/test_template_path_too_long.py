"""Paths of templates that the system cannot even be asked about."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run, Site

REGISTRY = """\
x-state-stores:
  a-lock: {{backend: redis, prefix: a, service: A, purpose: p}}
x-outputs:
- {{format: template, path: x, template: "{}"}}
"""
PATHS = {
    "a long name": "a" * 5000,
    "a name that is a little too long": "a" * 256,
    "a long path": "a/" * 5000,
    "a loop": "../loop",
    "a folder that is a loop": "../loop/a",
    "a file as a folder": "state-stores.yaml/a",
    "a folder": "../schemas",
}

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")


@pytest.fixture(params=list(PATHS.values()), ids=list(PATHS))
def attacked(site: Site, request: pytest.FixtureRequest) -> Site:
    """A site whose registry names such a template."""
    (site.folder / ".git").mkdir()
    (site.folder / "loop").symlink_to("loop")
    site.registry(REGISTRY.format(request.param))
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n")
    return site


def test_a_site(attacked: Site) -> None:
    """The build has one warning, short and with its place, and the site is built."""
    built = attacked.build()
    (warning,) = built.warnings
    assert "state-stores.yaml:4: WARNING: " in warning
    assert len(warning.replace(str(attacked.folder), "")) < 300
    assert "a-lock" in built.text("index.html")


def test_the_command(attacked: Site, run: Run) -> None:
    """The command has one error with its place, and no traceback."""
    done = run("check", cwd=attacked.folder)
    assert done.returncode == 1
    assert done.stdout.count(b"[invalid_value]") == 1
    assert b"schemas/state-stores.yaml:4:" in done.stdout
    assert len(done.stdout) < 400
    assert done.stderr == b"1 error in 1 store\n"


@pytest.mark.parametrize("path", [*PATHS.values(), "../" * 2000 + "a"], ids=[*PATHS, "a long way back"])
def test_a_template_that_a_person_names(site: Site, run: Run, path: str) -> None:
    """A path that a person names is an error of one short line."""
    (site.folder / "loop").symlink_to("loop")
    done = run("generate", "--template", path, "state-stores.yaml", cwd=site.folder / "schemas")
    assert done.returncode == 2
    assert done.stdout == b""
    (line,) = done.stderr.splitlines()
    assert len(line) < 500
