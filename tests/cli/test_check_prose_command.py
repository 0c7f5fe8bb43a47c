"""``statestores check --prose``: pages that contradict the registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run

STORES = "x-state-stores:\n  auth-statestore: {backend: redis, prefix: auth-statestore, service: Auth, purpose: p}\n"


@pytest.fixture(autouse=True)
def pages(repository: Path) -> None:
    """Write a registry and pages."""
    (repository / "schemas").mkdir()
    (repository / "schemas/state-stores.yaml").write_text(STORES, encoding="utf-8")
    (repository / "docs/deep").mkdir(parents=True)
    (repository / "docs/deep/a.md").write_text("`auth-statestore` (MySQL)\n", encoding="utf-8")
    (repository / "docs/b.md").write_text("`auth-statestore` (Redis, Auth)\n", encoding="utf-8")
    (repository / "docs/c.rst").write_text("``auth-statestore`` (MySQL)\n", encoding="utf-8")


def test_pages_are_compared(run: Run) -> None:
    """Every page of a pattern is compared once; ``-W`` fails, and other runs do not look at pages."""
    message = "1:1: warning: 'auth-statestore' has the backend 'Redis' in the registry; found 'MySQL' [wrong_fact]"
    done = run("check", "--prose", "docs/**/*.md", "--prose", "docs/c.rst", "--prose", "docs/deep/a.md")
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == [
        f"{Path('docs/deep/a.md')}:{message}",
        f"{Path('docs/c.rst')}:{message}",
    ]
    assert run("check", "-W", "--prose", "docs/**/*.md").returncode == 1
    assert run("check", "-W").returncode == 0


def test_pages_that_cannot_be_compared(run: Run) -> None:
    """A pattern without files cannot be used; a page that is no text is an error; half a registry tells nothing."""
    done = run("check", "--prose", "nowhere/*.md")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"statestores: --prose: no file matches 'nowhere/*.md'\n"
    Path("docs/b.md").write_bytes(b"\xff")
    assert b"docs/b.md:1:1: error: the byte 0xff" in run("check", "--prose", "docs/*.md").stdout
    Path("schemas/state-stores.yaml").write_text(STORES + "  b: {}\n", encoding="utf-8")
    assert b"[wrong_fact]" not in run("check", "--prose", "docs/**/*.md").stdout


def test_settings_apply_to_pages(run: Run) -> None:
    """Severities, exceptions, `off` and comments of a registry hold for pages; such a comment is never unused."""
    page = "docs/deep/a.md"

    def found(text: str, *options: str) -> str:
        Path("schemas/state-stores.yaml").write_text(text, encoding="utf-8")
        return run("check", *options).stdout.decode()

    assert " error: " in found(f"{STORES}x-lint: {{wrong-fact: error}}\n", "--prose", page)
    for setting in ("off", "{except: ['auth-*']}"):
        assert found(f"{STORES}x-lint: {{wrong_fact: {setting}}}\n", "--prose", page) == ""
    silenced = STORES.replace("purpose: p}", "purpose: p} # statestores: ignore[wrong_fact]")
    assert found(silenced, "--prose", page) == ""
    assert found(silenced) == ""
    Path("statestores.toml").write_text('[lint]\nwrong_fact = "info"\n', encoding="utf-8")
    assert " info: " in found(f"{STORES}x-lint: {{wrong_fact: error}}\n", "--prose", page)
    Path("statestores.toml").write_text("lint = false\n", encoding="utf-8")
    assert " warning: " in found(STORES, "--prose", page)


def test_a_file_with_brackets_in_its_name(run: Run) -> None:
    """A name with brackets is that of a file, if there is one, and a pattern otherwise."""
    wrong = b"`auth-statestore` (MySQL)\n"
    Path("docs/[id].md").write_bytes(wrong)
    Path("docs/d.md").write_bytes(wrong)
    assert run("check", "--prose", "docs/[id].md").stdout.startswith(f"{Path('docs/[id].md')}:1:1: ".encode())
    Path("docs/[id].md").unlink()
    assert run("check", "--prose", "docs/[id].md").stdout.startswith(f"{Path('docs/d.md')}:1:1: ".encode())
