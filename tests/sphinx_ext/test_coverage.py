"""Coverage: what the prose does not say, on a page, in files, and as a failure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Site


@pytest.fixture(params=["rst", "md"])
def covered(site: Site, request: pytest.FixtureRequest) -> Site:
    """A site that mentions some stores, in either language."""
    site.conf("statestores_service_pages = {'Auth': 'auth', 'CharacterEncounter': 'gone'}\n")
    site.registry(
        (site.folder / "schemas/state-stores.yaml").read_text()
        + "  auth-gone: {backend: redis, prefix: auth-gone, service: Auth, purpose: Gone, status: removed}\n"
    )
    site.write("index.rst", "Top\n===\n\n.. statestore-coverage::\n\n.. toctree::\n\n   auth\n   prose\n")
    site.write("auth.rst", "Auth\n====\n\n.. statestore-table::\n   :match: auth-statestore\n   :name: t\n")
    prose = {
        "rst": "Prose\n=====\n\n:store:`auth-statestore` ``account-statestore`` ``auth-gone``\n\n"
        ".. statestore:: account-archive\n",
        "md": "# Prose\n\n{store}`auth-statestore` `account-statestore` `auth-gone`\n\n"
        "```{statestore} account-archive\n```\n",
    }
    site.write(f"prose.{request.param}", prose[request.param])
    return site


def test_directive(covered: Site) -> None:
    """A page lists what no page mentions, what a service's page leaves out, what has no page, and what is gone."""
    built = covered.build("text", suppress_warnings=["statestores.missing_service_page"])
    assert built.warnings == []
    assert built.text("index.txt").split("\n\n* Auth")[0] == (
        "Top\n***\n\n3 of 5 stores are mentioned (60 %).\n\n"
        "**Stores that no page mentions (2)**\n\n"
        '* "auth-lock"\n\n* "character-encounter-statestore"\n\n'
        "**Stores that are missing from the page of their service (1)**\n\n"
        '* "auth-lock"\n\n'
        "**Services without a page (2)**\n\n* Account\n\n* CharacterEncounter\n\n"
        '**Removed stores that are still mentioned (1)**\n\n* "auth-gone": Prose'
    )


def test_builder(covered: Site) -> None:
    """The builder writes the same as text and as JSON."""
    built = covered.build("statestores-coverage", suppress_warnings=["statestores.missing_service_page"])
    assert built.warnings == []
    assert json.loads(built.text("coverage.json")) == {
        "percent": 60.0,
        "stores": 5,
        "unmentioned": ["auth-lock", "character-encounter-statestore"],
        "missing_at_home": ["auth-lock"],
        "without_page": ["Account", "CharacterEncounter"],
        "removed": {"auth-gone": ["prose"]},
    }
    assert built.text("coverage.txt").startswith(
        "60.0 % of 5 stores are mentioned\n\nstores that no page mentions (2):\n"
    )


@pytest.mark.parametrize(("wanted", "status"), [(60, 0), (60.1, 1), (0, 0)])
@pytest.mark.parametrize("builder", ["html", "statestores-coverage"])
def test_fail_under(covered: Site, builder: str, wanted: float, status: int) -> None:
    """With too little coverage a build ends with exit status 1 and one line about it; its output is there."""
    built = covered.build(
        builder, statestores_coverage_fail_under=wanted, suppress_warnings=["statestores.missing_service_page"]
    )
    assert built.app.statuscode == status
    assert len(built.warnings) == status
    assert any(built.outdir.iterdir())


def test_a_mention_changes_the_page(covered: Site) -> None:
    """The page with the coverage is written again when another page mentions a store."""
    settings: dict[str, Any] = {"suppress_warnings": ["statestores.missing_service_page"]}
    covered.build(**settings)
    covered.write("auth.rst", "Auth\n====\n\n:store:`auth-lock`\n\n.. statestore-table::\n")
    second = covered.build(**settings)
    assert second.read == ["auth"]
    assert "4 of 5 stores" in second.text("index.html")
    assert second.files() == covered.build(builddir="_clean", **settings).files()
