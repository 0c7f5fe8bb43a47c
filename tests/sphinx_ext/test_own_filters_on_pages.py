"""Filters by readers, writers and ``x-`` fields, on pages in both languages, in presets and in roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Site

REGISTRY = """\
x-state-stores:
  a-cache: {backend: redis, prefix: a, service: Auth, purpose: P, x-team: payments, readers: [Item]}
  b-cache: {backend: redis, prefix: b, service: Auth, purpose: P, x-team: TEAM}
  c-cache: {backend: redis, prefix: c, service: Item, purpose: P, x-costCentre: 42, writers: [Auth]}
"""
RST = """\
T
=

:store-count:`x-team=payments reader=Item` of :store-count:`x-team=payments`

.. statestore-table::
   :x-team: payments
   :columns: name
"""
MYST = "# M\n\n```{statestore-totals}\n:x-costCentre: 42\n:writer: Auth\n```\n"


def test_all_outlets(site: Site) -> None:
    """Directives in both languages, counts and presets take them, and a page is written again when they differ."""
    site.registry(REGISTRY.replace("TEAM", "core"))
    site.write("index.rst", RST)
    site.write("m.md", MYST)
    site.write("p.rst", ":orphan:\n\nP\n=\n\n.. statestore-table::\n   :preset: core\n   :columns: name\n")
    site.write("s.rst", ":orphan:\n\nS\n=\n\n.. statestore-totals::\n   :X-CostCentre: 42\n")
    site.write("o.rst", ":orphan:\n\nO\n=\n\n.. toctree::\n\n   m\n")
    site.conf('statestores_table_presets = {"core": {"x-team": ["core", "none"]}}\n')
    built = site.build()
    (warning,) = built.warnings
    assert "'none' matches no value of 'x-team'" in warning
    assert "1 of 1" in built.resolved("index").astext()
    assert "a-cache" in built.resolved("index").astext()
    assert "b-cache" not in built.resolved("index").astext()
    assert "1 store (1 Redis)" in built.resolved("m").astext()
    assert "1 store (1 Redis)" in built.resolved("s").astext()
    assert "b-cache" in built.resolved("p").astext()
    assert "a-cache" not in built.resolved("p").astext()

    site.registry(REGISTRY.replace("TEAM", "payments"))
    built = site.build()
    assert (built.read, built.written) == ([], ["index", "p"])
    assert "1 of 2" in built.resolved("index").astext()
    assert built.files() == site.build(builddir="_new").files()


def test_what_is_unknown(site: Site) -> None:
    """A field that no store has is a warning where it is asked for, and so is an option of what takes no filters."""
    site.registry(REGISTRY)
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n   :x-taem: a\n\n.. statestore-code::\n   :x-team: a\n")
    built = site.build()
    assert [line.partition("WARNING: ")[2] for line in built.warnings] == [
        "unknown option 'x-team' of 'statestore-code'; the options are class, name, no-index "
        "[statestores.unknown_option]",
        "no store has a field 'x-taem'; did you mean 'x-team'? [statestores.unknown_column]",
    ]


def test_changes_between_versions(site: Site) -> None:
    """A comparison filters by the fields of both versions, and one that only the older has is known."""
    site.write("old.yaml", REGISTRY.replace("x-team", "x-squad"))
    site.registry(REGISTRY)
    page = "T\n=\n\n.. statestore-changes::\n   :from: /old.yaml\n   :x-squad: payments\n   :reader: Item\n"
    site.write("index.rst", page)
    assert site.build(statestores_root=".").warnings == []
