"""A title or a label of several lines, or one that reads as fields of another object, in a site's ``objects.inv``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sphinx.util.inventory import InventoryFile
from unchecked import read_anything

from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.problems import Severity
from sphinx_statestores.sphinx_ext.resolve import site_index
from sphinx_statestores.sphinx_ext.resolve.blocks import Target

if TYPE_CHECKING:
    from conftest import Built, Site

FOLDER = Path(__file__).parent
REGISTRY = FOLDER / "state-stores.yaml"
PAGE = "Top\n===\n\n.. statestore-reference::\n\n.. statestore-service:: Auth\n"
#: Any of these ends a line for somebody.
BREAKS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@pytest.fixture
def reads_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry have any text."""
    read_anything(monkeypatch)


def objects(built: Built) -> dict[str, dict[str, str]]:
    """Type -> name -> the words that links show, as a project reads the inventory that links to this one."""
    with (built.outdir / "objects.inv").open("rb") as stream:
        found = InventoryFile.load(stream, "https://docs.example.org", lambda base, path: f"{base}/{path}")
    return {objtype: {name: _words(entry) for name, entry in named.items()} for objtype, named in found.items()}


def _words(entry: Any) -> str:
    # A tuple before Sphinx 8.2.
    return str(entry[3] if isinstance(entry, tuple) else entry.display_name)


def test_such_texts_are_refused() -> None:
    """A label and a title with a line break are errors at their place, and leave the default in force."""
    registry, problems = load([REGISTRY])
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    assert [(error.location.line, error.location.column) for error in errors] == [(2, 18), (4, 17)]
    assert all("line break (U+000A)" in error.message for error in errors)
    assert registry.backend_label("redis") == "Redis"
    assert registry.service_title("Auth") == "Auth"


@pytest.mark.usefixtures("reads_anything")
def test_the_reproduction(site: Site) -> None:
    """An inventory has the objects of the site and no others, also where reading refuses nothing."""
    site.registry(REGISTRY.read_text(encoding="utf-8"))
    site.write("index.rst", PAGE)
    found = objects(site.build(suppress_warnings=["statestores"]))
    assert {objtype for objtype in found if not objtype.startswith("std:")} == {
        "statestore:store",
        "statestore:service",
        "statestore:backend",
    }
    assert found["statestore:service"] == {"Auth": "Auth os.system py:function -1 //evil.example/$ os.system"}


@pytest.mark.usefixtures("reads_anything")
@pytest.mark.parametrize("line_break", BREAKS)
def test_any_line_break(site: Site, line_break: str) -> None:
    """Whatever ends a line, the words of an object are one."""
    title = f"Auth{line_break}os.system py:function -1 x y"
    escaped = "".join(f"\\u{ord(character):04x}" for character in title)
    site.registry(
        f'x-services: {{Auth: {{title: "{escaped}"}}}}\n'
        "x-state-stores: {a: {backend: redis, prefix: a, service: Auth, purpose: A}}\n"
    )
    site.write("index.rst", PAGE)
    found = objects(site.build(suppress_warnings=["statestores"]))
    assert found["statestore:service"] == {"Auth": "Auth os.system py:function -1 x y"}
    assert not [objtype for objtype in found if objtype.startswith("py:")]


@pytest.mark.parametrize("title", ["-", "   ", "\u00a0", ""])
def test_titles_that_say_nothing(site: Site, title: str) -> None:
    """A title without words, or one that stands for the name, is the name; the object is there."""
    site.registry(
        f"x-services: {{Auth: {{title: '{title}'}}}}\n"
        "x-state-stores: {a: {backend: redis, prefix: a, service: Auth, purpose: A}}\n"
    )
    site.write("index.rst", PAGE)
    found = objects(site.build(suppress_warnings=["statestores"]))
    assert found["statestore:service"]["Auth"] in {"Auth", "-"}


@pytest.mark.usefixtures("reads_anything")
@pytest.mark.parametrize("name", ["os.system py:function -1 x", "a\nb py:function 1 c -", "a\u2028b", "", "\x1b[2J"])
def test_names_that_are_none(site: Site, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be the name of a store, a service or a backend is no object, nor is one at such a place."""
    site.write("index.rst", PAGE)
    monkeypatch.setattr(site_index.SiteIndex, "store_documents", {name: "index", "a": "index"})
    monkeypatch.setattr(
        site_index.SiteIndex, "service_pages", {name: Target("index"), "Auth": Target("index", f"x {name}")}
    )
    monkeypatch.setattr(
        site_index.SiteIndex, "backend_targets", {name: Target("index"), "redis": Target(f"in\n{name}", "")}
    )
    domain = site.build("dummy", suppress_warnings=["statestores"]).env.get_domain("statestore")
    assert [entry[0] for entry in domain.get_objects()] == ["a"]
