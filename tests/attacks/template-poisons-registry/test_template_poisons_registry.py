"""A template of a pull request that tries to change what the site and the other outputs say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_statestores.export.outputs import Project, Rendered, render_outputs
from sphinx_statestores.registry.loader import load

if TYPE_CHECKING:
    from conftest import Site

HERE = Path(__file__).parent


def test_a_site(site: Site) -> None:
    """The site is the same as without the templates, each of which is an error with its line, and no traceback."""
    (site.folder / ".git").mkdir()
    for path in HERE.iterdir():
        if path.suffix != ".py" and path.is_file():
            site.write(f"schemas/{path.name}", path.read_text(encoding="utf-8"))
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n   :totals:\n\n:store-service:`Auth`\n")
    built = site.build()
    text = built.text("index.html")
    assert "Redis" in text
    assert "MySQL" in text
    assert "Authentication" in text
    for number, name in ((8, "clear"), (9, "update")):
        assert any(f"state-stores.yaml:{number}: " in line and f"{name}.jinja:1: " in line for line in built.warnings)


def test_other_outputs(site: Site) -> None:
    """The outputs behind such a template are rendered, and the registry is what it was."""
    test_a_site(site)
    name = str(site.folder / "schemas/state-stores.yaml")
    registry, _ = load([name])
    found = list(render_outputs(Project(registry, {name: Path(name)})))
    assert [item.output.format for item in found if isinstance(item, Rendered)] == ["csharp"]
    assert len(found) == 3
    assert registry.backends["redis"].label == "Redis"
    assert registry.services["Auth"].title == "Authentication"
