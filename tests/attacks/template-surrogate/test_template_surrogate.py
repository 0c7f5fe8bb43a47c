"""A template that makes what is no text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run, Site

HERE = Path(__file__).parent


def write(site: Site, template: str) -> None:
    (site.folder / ".git").mkdir()
    site.registry((HERE / "state-stores.yaml").read_text(encoding="utf-8"))
    site.write("schemas/t.jinja", template)
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n")


@pytest.mark.parametrize("template", [(HERE / "t.jinja").read_text(encoding="utf-8"), '{{ "a\\udcffb" | md }}'])
def test_a_site(site: Site, template: str) -> None:
    """The build has one warning that says what is wrong with the template, and the site is built."""
    write(site, template)
    built = site.build()
    (warning,) = built.warnings
    assert "state-stores.yaml:4: WARNING: " in warning
    assert "t.jinja: it generates a lone surrogate, which is not a valid character" in warning
    assert "auth-statestore" in built.text("index.html")


def test_the_command(site: Site, run: Run) -> None:
    """The command says the same, with its exit status."""
    write(site, (HERE / "t.jinja").read_text(encoding="utf-8"))
    for arguments, status in (
        (("check",), 1),
        (("generate", "outputs"), 1),
        (("generate", "--template", "schemas/t.jinja"), 2),
    ):
        done = run(*arguments, cwd=site.folder)
        assert done.returncode == status
        assert b"it generates a lone surrogate" in done.stdout + done.stderr
        assert b"Traceback" not in done.stderr
