"""Sites whose source folder is not that of conf.py: another version of the site is built with today's conf.py."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

if TYPE_CHECKING:
    from pathlib import Path

_STORE = "  {name}-store: {{backend: redis, prefix: {name}, service: Auth, purpose: P}}\n"


class Page(NamedTuple):
    """What a build has made."""

    html: str
    warnings: str
    status: str


def registry(*names: str) -> str:
    """Return a registry of stores."""
    return "x-state-stores:\n" + "".join(_STORE.format(name=name) for name in names)


def write(path: Path, text: str) -> None:
    """Write a file, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def build(srcdir: Path, confdir: Path, out: Path) -> Page:
    """Run what ``sphinx-build -c CONFDIR SRCDIR OUT`` runs."""
    status, warnings = StringIO(), StringIO()
    with patch_docutils(confdir), docutils_namespace():
        app = Sphinx(srcdir, confdir, out, out / ".doctrees", "html", status=status, warning=warnings)
        app.build()
    return Page((out / "index.html").read_text(encoding="utf-8"), warnings.getvalue(), status.getvalue())


@pytest.fixture
def today(tmp_path: Path) -> Path:
    """A checkout with a registry of three stores, beside the older one in ``old``."""
    write(tmp_path / "docs/conf.py", 'extensions = ["sphinx_statestores"]\nhtml_theme = "basic"\n')
    for folder in ("docs", "old/docs"):
        write(tmp_path / folder / "index.rst", "T\n=\n\n.. statestore-totals::\n")
    write(tmp_path / "schemas/state-stores.yaml", registry("a", "b", "c"))
    return tmp_path


@pytest.mark.parametrize(
    ("setting", "place"),
    [
        ("", "schemas/state-stores.yaml"),
        ("", "docs/schemas/state-stores.yaml"),
        ('statestores_registry = "../schemas/state-stores.yaml"', "schemas/state-stores.yaml"),
        ('statestores_registry = ["../schemas/state-stores.yaml"]', "schemas/state-stores.yaml"),
        ('statestores_root = ".."', "schemas/state-stores.yaml"),
    ],
)
def test_the_registry_beside_the_sources_comes_first(today: Path, setting: str, place: str) -> None:
    """An old tree that is built with today's conf.py shows its own registry, and the build says which it is."""
    conf = today / "docs/conf.py"
    conf.write_text(f'{conf.read_text()}{setting}\nstatestores_source_url = "https://example.org/{{path}}"\n')
    write(today / "old" / place, registry("a"))
    page = build(today / "old/docs", today / "docs", today / "out")
    assert "1 store (1 Redis)" in page.html
    assert page.warnings == ""
    assert f"the registry is '{today / 'old' / place}'" in page.status


@pytest.mark.parametrize(
    "setting",
    ["", 'statestores_registry = ["../schemas/state-stores.yaml", "../schemas/more.yaml"]'],
)
def test_without_a_whole_one_it_is_that_of_conf_py(today: Path, setting: str) -> None:
    """Where the old tree has no registry, or not all of its files, it is today's, and the build says so."""
    conf = today / "docs/conf.py"
    conf.write_text(f"{conf.read_text()}{setting}\n")
    if setting:
        write(today / "old/schemas/state-stores.yaml", registry("a"))
        write(today / "schemas/more.yaml", registry("d"))
    page = build(today / "old/docs", today / "docs", today / "out")
    assert f"{4 if setting else 3} stores" in page.html
    assert f"the registry is '{today / 'schemas/state-stores.yaml'}'" in page.status


def test_a_path_that_is_absolute_stays(today: Path) -> None:
    """An absolute path leads to one file from wherever, and so does the root of the repository beside it."""
    conf = today / "docs/conf.py"
    file = today / "schemas/state-stores.yaml"
    conf.write_text(f'{conf.read_text()}statestores_registry = {str(file)!r}\nstatestores_root = ".."\n')
    write(today / "old/schemas/state-stores.yaml", registry("a"))
    assert "3 stores" in build(today / "old/docs", today / "docs", today / "out").html


def test_an_ordinary_build_is_relative_to_conf_py(today: Path) -> None:
    """Where conf.py is in the source folder nothing is said of the registry."""
    page = build(today / "docs", today / "docs", today / "out")
    assert "3 stores" in page.html
    assert "the registry is" not in page.status
