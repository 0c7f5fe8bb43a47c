"""What a build says of a registry with mistakes, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Site

GOOD = "x-state-stores:\n  sound: {backend: memory, service: Auth, purpose: Sessions}\n"
BAD = "".join(f"  bad-{n:03}: {{backend: redsi, service: Auth, purpose: p}}\n" for n in range(120))
SUPPRESSED: dict[str, Any] = {"suppress_warnings": ["statestores"]}


@pytest.fixture
def page(site: Site) -> Site:
    """A site with one table."""
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
    return site


def test_errors_end_a_strict_build(page: Site) -> None:
    """With ``statestores_strict``, errors make the exit status 1 after everything else was written."""
    page.registry(GOOD + BAD.splitlines()[0] + "\n")
    built = page.build(statestores_strict=True)
    assert built.app.statuscode == 1
    assert "sound" in built.text("index.html")
    assert built.warnings[-1] == "ERROR: the registry of state stores has 1 error"


def test_suppressed_errors_end_a_strict_build(page: Site) -> None:
    """Errors are counted where their warnings are suppressed, and beyond those that would be shown."""
    page.registry(GOOD + BAD)
    built = page.build(statestores_strict=True, **SUPPRESSED)
    assert built.app.statuscode == 1
    assert built.warnings == ["ERROR: the registry of state stores has 120 errors"]


def test_an_incremental_build_is_as_strict(page: Site) -> None:
    """A build that has nothing to write ends with 1 again, and with 0 when the registry was mended."""
    page.registry(GOOD + BAD)
    page.build(statestores_strict=True, **SUPPRESSED)
    again = page.build(statestores_strict=True, **SUPPRESSED)
    assert (again.app.statuscode, again.written) == (1, [])
    page.registry(GOOD)
    assert page.build(statestores_strict=True).app.statuscode == 0


def test_warnings_do_not_end_a_strict_build(page: Site) -> None:
    """A registry that has warnings only is good enough for a strict build."""
    page.registry(GOOD + "  NotKebab: {backend: redis, service: Auth, tbale: x}\n")
    built = page.build(statestores_strict=True)
    assert len(built.warnings) == 3
    assert built.app.statuscode == 0


def test_a_build_that_is_not_strict(page: Site) -> None:
    """Without the setting, errors in the registry leave the exit status alone."""
    page.registry(GOOD + BAD)
    assert page.build().app.statuscode == 0


def test_a_hundred_of_a_kind_are_reported(page: Site) -> None:
    """The first hundred problems of a kind are warnings of their own, and one more counts the others."""
    page.registry(GOOD + BAD)
    warnings = page.build(statestores_strict=False).warnings
    kind = [line for line in warnings if "redsi" in line or "more of this kind" in line]
    assert len(kind) == 101
    assert f"{page.folder}/schemas/state-stores.yaml:103: WARNING: ... and 20 more of this kind" in kind[-1]


def test_all_problems_are_reported_when_asked(page: Site) -> None:
    """With ``statestores_all_problems``, each problem is a warning of its own."""
    page.registry(GOOD + BAD)
    warnings = page.build(statestores_all_problems=True).warnings
    assert len([line for line in warnings if "redsi" in line]) == 120
    assert not any("more of this kind" in line for line in warnings)


def test_the_size_limit_of_a_project(page: Site) -> None:
    """A registry that is larger than ``statestores_size_limit`` MiB is not read."""
    page.registry(GOOD + "#" * 2048 + "\n")
    assert page.build(statestores_size_limit=0.01).warnings == []
    built = page.build(statestores_size_limit=0.001)
    assert len(built.warnings) == 1
    assert "larger than the limit of 1,048 bytes" in built.warnings[0]


@pytest.mark.parametrize("limit", [0, -1, float("nan"), float("inf")])
def test_a_size_limit_that_is_none(page: Site, limit: float) -> None:
    """A limit that no file can have is reported, and the default is taken."""
    page.registry(GOOD)
    built = page.build(statestores_size_limit=limit)
    assert len(built.warnings) == 1
    assert f"statestores_size_limit: {limit!r} is not a valid size" in built.warnings[0]
    assert "sound" in built.text("index.html")
