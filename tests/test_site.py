"""The documentation of this project, the demonstration on 124 stores: every builder, link and edit."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parent.parent
BUILDERS = (
    "html",
    "dirhtml",
    "singlehtml",
    "epub",
    "latex",
    "text",
    "man",
    "texinfo",
    "xml",
    "gettext",
    "linkcheck",
)


def run_sphinx(source: Path, outdir: Path, builder: str = "html", *options: str) -> subprocess.CompletedProcess[str]:
    """Build a site as a user would, with warnings as errors."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-b", builder, "-d", f"{outdir}.doctrees"]
    return subprocess.run(
        [*command, *options, str(source), str(outdir)],
        check=False,
        # What has no .git lies below the folder that the build is started in.
        cwd=source.parent,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the documentation and what it is made from."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("docs", "schemas"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("_build", "__pycache__"))
    # Pages show these files.
    templates = "src/sphinx_statestores/export/templates"
    shutil.copytree(ROOT / templates, folder / templates)
    shutil.copy(ROOT / "CHANGELOG.md", folder)
    return folder


@pytest.fixture(scope="module")
def html(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site in HTML."""
    outdir = tmp_path_factory.mktemp("site") / "html"
    result = run_sphinx(project / "docs", outdir)
    assert result.returncode == 0, result.stderr
    return outdir


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_builder(project: Path, tmp_path: Path, builder: str) -> None:
    """Each builder makes the whole site without a warning."""
    # Addresses outside are not this project's to promise.
    options = ["-D", "linkcheck_ignore=https?://"] if builder == "linkcheck" else []
    result = run_sphinx(project / "docs", tmp_path / "out", builder, *options)
    assert result.returncode == 0, result.stderr


@cache
def parsed(path: Path) -> BeautifulSoup:
    """A page, parsed once."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_reference_page_shows_everything(html: Path) -> None:
    """The reference page has all rows, the total, both guides, both deployments and the generated code."""
    page = parsed(html / "demo/reference.html")
    assert len(page.select("table.statestore-table tbody tr")) == 124
    assert page.select("p.statestore-totals")[0].get_text() == "Total: 124 stores (77 Redis, 47 MySQL)"
    assert len(page.select("table.statestore-conventions tbody tr")) == 3
    assert len(page.select("table.statestore-backends tbody tr")) == 4
    words = page.get_text()
    for line in (
        "Development (Shared Infrastructure)",
        "permission-statestore: bannou-redis:6379",
        "Production (Dedicated Infrastructure)",
        "connect-statestore:  connect-redis-cluster.prod:6379",
        "Name constants: StateStoreDefinitions.Auth, StateStoreDefinitions.Account, etc.",
    ):
        assert line in words
    assert len(page.select("label.sd-tab-label")) == 2


def test_reference_page_equals_the_generated_file(html: Path) -> None:
    """The table of the site and that of the generated Markdown have the same rows."""
    generated = (ROOT / "docs/GENERATED-STATE-STORES.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`{]+)` \| (\w+) \| (\w+) \| (.*) \|$", generated, re.MULTILINE)
    table = parsed(html / "demo/reference.html").select("table.statestore-table tbody tr")
    assert [tuple(cell.get_text() for cell in row.select("td")) for row in table] == rows


def test_definitions_are_definitions(html: Path) -> None:
    """No paragraph shows the colon that begins a definition in MyST."""
    assert [
        page.relative_to(html)
        for page in html.rglob("*.html")
        if any("\n: " in paragraph.get_text() for paragraph in parsed(page).select("main p, article p"))
    ] == []


def test_every_link_to_a_store_lands(html: Path) -> None:
    """Each address with the id of a store names a page and an id that exist."""
    checked = 0
    for path in html.rglob("*.html"):
        for link in parsed(path).select("a.reference.internal[href*='#store-']"):
            address, _, anchor = str(link["href"]).partition("#")
            target = (path.parent / address).resolve() if address else path
            assert len(parsed(target).select(f"[id='{anchor}']")) == 1, (path, link)
            checked += 1
    assert checked > 40


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_one_edit_writes_what_shows_it(project: Path, tmp_path: Path, jobs: str) -> None:
    """After an edit of one purpose nothing is read, few pages are written, and all is as in a clean build."""
    copied = tmp_path / "project"
    shutil.copytree(project, copied)
    first = run_sphinx(copied / "docs", tmp_path / "out", "html", "-j", jobs)
    assert first.returncode == 0, first.stderr
    before = "Edge revocation tracking for CDN/firewall layer blocking"
    # The generated page too, which would have drifted.
    for changed in ("schemas/state-stores.yaml", "docs/GENERATED-STATE-STORES.md"):
        text = (copied / changed).read_text(encoding="utf-8")
        (copied / changed).write_text(text.replace(before, "Changed for this test"), encoding="utf-8")
    second = run_sphinx(copied / "docs", tmp_path / "out", "html", "-j", jobs, "-v")
    assert second.returncode == 0, second.stderr
    assert "0 added, 0 changed, 0 removed" in second.stdout
    clean = run_sphinx(copied / "docs", tmp_path / "clean", "html")
    assert clean.returncode == 0, clean.stderr
    pages = {path.relative_to(tmp_path / "clean"): path for path in (tmp_path / "clean").rglob("*.html")}
    assert len(pages) > 30
    for name, path in pages.items():
        assert (tmp_path / "out" / name).read_bytes() == path.read_bytes(), name
    assert any("Changed for this test" in path.read_text(encoding="utf-8") for path in pages.values())


def test_changes_page_shows_every_kind(html: Path) -> None:
    """The page of changes compares with the committed older version, and has an example of each kind of change."""
    page = parsed(html / "reference/directives/changes.html")
    for kind in ("added", "removed", "renamed", "changed"):
        assert page.select(f"p.statestore-{kind}"), kind
    assert not page.select("p.statestore-empty")


#: A word of a reader, as the search reduces it to its stem -> the page that answers it.
SEARCHES = {
    "kafka": "howto/add-a-backend",
    "migrat": "howto/import",
    "csv": "howto/import",
    "readthedoc": "howto/read-the-docs",
    "hide": "howto/hide-stores",
    "permalink": "howto/links",
    "pdf": "howto/pdf",
    "translat": "howto/translate",
    "upgrad": "howto/upgrade",
    "compar": "explanation/comparison",
}


@pytest.fixture(scope="module")
def search(html: Path) -> dict[str, set[str]]:
    """Word -> the pages that the search finds for it."""
    text = (html / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text[text.index("{") : text.rindex("}") + 1])
    found: dict[str, set[str]] = {}
    for words in (index["terms"], index["titleterms"]):
        for word, pages in words.items():
            numbers = [pages] if isinstance(pages, int) else pages
            found.setdefault(word, set()).update(index["docnames"][number] for number in numbers)
    return found


@pytest.mark.parametrize("word", SEARCHES)
def test_the_search_finds_the_guide(search: dict[str, set[str]], word: str) -> None:
    """What readers search for leads to the page that answers it."""
    assert SEARCHES[word] in search[word]


def test_the_demonstration_does_not_crowd_the_search(search: dict[str, set[str]]) -> None:
    """The text of the demonstration is not searched; its stores are found by their names."""
    demo = {word for word, pages in search.items() if any(page.startswith("demo/") for page in pages)}
    assert "mysql" not in demo
    assert len(demo) < 100
