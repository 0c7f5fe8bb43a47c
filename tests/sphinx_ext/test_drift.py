"""Generated files that a registry declares, seen by a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.cli import main

if TYPE_CHECKING:
    import pytest
    from conftest import Site

OUTPUTS = "x-outputs:\n- {format: markdown, path: ../docs/STORES.txt}\n"


def stores(site: Site) -> str:
    return (site.folder / "schemas/state-stores.yaml").read_text(encoding="utf-8")


def test_a_build_warns_of_drift(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A declared file that is missing or old is a warning at its declaration; the build writes nothing."""
    monkeypatch.chdir(site.folder)
    site.write("index.rst", "Stores\n======\n")
    site.registry(OUTPUTS, "schemas/state-stores-guide.yaml")
    (warning,) = site.build().warnings
    assert warning.startswith(
        f"{site.folder / 'schemas/state-stores-guide.yaml'}:2: WARNING: 'docs/STORES.txt' is missing"
    )
    assert not (site.folder / "docs").exists()
    assert main(["generate", "outputs"]) == 0
    assert site.build().warnings == []
    site.registry(stores(site).replace("Persistent", "Lasting"))
    (warning,) = site.build().warnings
    assert "has drifted: 1 line to add, 1 line to remove; 'statestores generate outputs' regenerates it" in warning
    assert site.build(suppress_warnings=["statestores.drift"]).warnings == []


def test_a_broken_registry_is_not_compared(site: Site) -> None:
    """While the registry has an error, what is generated from the rest of it is compared with nothing."""
    site.write("index.rst", "Stores\n======\n")
    site.registry(OUTPUTS, "schemas/state-stores-guide.yaml")
    site.registry(f"{stores(site)}  broken: {{backend: redis}}\n")
    assert not [warning for warning in site.build().warnings if "STORES.md" in warning]
