"""The example sites: each is built as it is, without a warning, and its registry has no problem."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sphinx_statestores.registry.lock import LOCK_NAME, read_lock

EXAMPLES = Path(__file__).parent.parent / "examples"
SITES = sorted(str(conf.parent.parent.relative_to(EXAMPLES)) for conf in EXAMPLES.glob("**/docs/conf.py"))


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the examples: builds write generated pages beside the others."""
    folder = tmp_path_factory.mktemp("work") / "examples"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("_build", "__pycache__"))
    return folder


def _run(folder: Path, *command: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", *command],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


@pytest.mark.parametrize("builder", ["html", "latex", "text"])
@pytest.mark.parametrize("site", SITES)
def test_an_example_is_built(examples: Path, site: str, builder: str) -> None:
    """A site builds with warnings as errors, for a browser, for paper and as text."""
    _run(examples / site, "sphinx", "-W", "--keep-going", "-q", "-b", builder, "docs", f"build/{builder}")


@pytest.mark.parametrize("site", SITES)
def test_the_registry_of_an_example(examples: Path, site: str) -> None:
    """A registry of an example has nothing that the command line complains about, hints included."""
    assert _run(examples / site, "sphinx_statestores", "check").startswith("no problems in ")


def test_life_cycles_are_shown(examples: Path) -> None:
    """The site in reStructuredText shows a store that is planned, one that is deprecated and one that is gone."""
    _run(examples / "rst-site", "sphinx", "-q", "-b", "text", "docs", "build/words")
    page = (examples / "rst-site/build/words/life-cycles.txt").read_text(encoding="utf-8")
    parts = [page.index(f"\n{heading}\n") for heading in ("Planned", "Deprecated", "Removed")]
    names = [
        page.index(name)
        for name in ("basket-shared-statestore", "checkout-archive-statestore", "checkout-session-statestore")
    ]
    assert parts[0] < names[0] < parts[1] < names[1] < parts[2] < names[2]


FEDERATED = {"identity": ("shop",), "shop": ("identity",), "portal": ("identity", "shop")}


def test_what_the_federated_sites_pin(examples: Path) -> None:
    """The lock of each site pins what the others publish (``update_locks.py`` writes it)."""
    published = {}
    for site in ("identity", "shop"):
        folder = examples / "federated" / site
        _run(folder, "sphinx", "-q", "docs", "build/published")
        published[f"https://{site}.example.org/statestores.json"] = (
            folder / "build/published/statestores.json"
        ).read_bytes()
    for site, others in FEDERATED.items():
        lock, problems = read_lock(EXAMPLES / "federated" / site / "docs" / LOCK_NAME)
        assert problems == []
        assert lock.documents == {
            url: published[url] for other in others if (url := f"https://{other}.example.org/statestores.json")
        }


def test_the_portal_shows_all_stores(examples: Path) -> None:
    """The portal lists its own store and those of both sites, two of them with a namespace."""
    _run(examples / "federated/portal", "sphinx", "-q", "-b", "text", "docs", "build/words")
    text = (examples / "federated/portal/build/words/index.txt").read_text(encoding="utf-8")
    # A name in a narrow column continues on the next line.
    page = re.sub(r"-\s*\|.*\n\|\s*", "-", text)
    assert "7 stores" in page
    for name in ("gateway", "account", "cart", "identity:audit", "shop:audit"):
        assert f"{name}-statestore" in page
