"""Service pages: templates and dictionaries, pages that are missing, pages that appear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from docutils import nodes

if TYPE_CHECKING:
    from conftest import Built, Site


def service_links(built: Built) -> dict[str, str | None]:
    """Service -> the address in its cell of the first table."""
    table = next(built.resolved("index").findall(nodes.table))
    found: dict[str, str | None] = {}
    for row in list(table.findall(nodes.row))[1:]:
        entry = row.children[2]
        references = list(entry.findall(nodes.reference))
        found[entry.astext()] = references[0]["refuri"] if references else None
    return found


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ("services/{kebab}", "services/character-encounter"),
        ("plugins/{kebab_upper}", "plugins/CHARACTER-ENCOUNTER"),
        ("{snake}", "character_encounter"),
        ("s/{lower}/index", "s/characterencounter/index"),
        ("{name}", "CharacterEncounter"),
    ],
)
def test_template(site: Site, template: str, page: str) -> None:
    """Every field of a template spells the service as documented."""
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
    site.write(f"{page}.rst", ":orphan:\n\nPage\n====\n")
    built = site.build("xml", statestores_service_pages=template, suppress_warnings=["statestores"])
    assert service_links(built) == {"Account": None, "Auth": None, "CharacterEncounter": page}
    html = site.build(statestores_service_pages=template)
    assert f'<a href="{page}.html">CharacterEncounter</a>' in html.text("index.html").replace("<wbr/>", "")


def test_missing_page_is_one_warning_for_the_service(site: Site) -> None:
    """However many rows a service has, its missing page is one warning, and its name is plain text."""
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n\n.. statestore-table::\n")
    site.write("services/auth.rst", ":orphan:\n\nAuth\n====\n\n.. statestore-table::\n")
    built = site.build("xml", statestores_service_pages="services/{kebab}")
    registry = site.folder / "schemas/state-stores.yaml"
    assert [line.split(" [")[0] for line in built.warnings] == [
        f"{registry}:15: WARNING: the page of the service 'Account' is 'services/account', but there is no such "
        "document: write it, or name another one",
        f"{registry}:27: WARNING: the page of the service 'CharacterEncounter' is "
        "'services/character-encounter', but there is no such document: write it, or name another one",
    ]
    assert service_links(built) == {"Account": None, "Auth": "services/auth", "CharacterEncounter": None}


def test_dictionary(site: Site) -> None:
    """A service that is not in the dictionary has no page, and nothing is said about it."""
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
    site.write("a.rst", ":orphan:\n\nA\n=\n")
    site.conf("statestores_service_pages = {'Auth': 'a'}")
    built = site.build()
    assert '<a href="a.html">Auth</a>' in built.text("index.html")
    assert "<td>Account</td>" in built.text("index.html")
    assert built.warnings == []


def test_page_of_the_registry(site: Site) -> None:
    """``docs`` in ``x-services`` is a document, or an address outside."""
    site.registry(
        "x-services:\n  A: {title: The A, docs: a}\n  B: {docs: 'https://example.org/b?x=1&y=2'}\nx-state-stores:\n"
        "  a: {backend: redis, prefix: a, service: A, purpose: A}\n"
        "  b: {backend: redis, prefix: b, service: B, purpose: B}\n"
    )
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n\n:store-service:`B`\n")
    site.write("a.rst", ":orphan:\n\nA\n=\n")
    built = site.build()
    html = built.text("index.html")
    assert '<a href="a.html">The A</a>' in html
    assert html.count('<a class="reference external" href="https://example.org/b?x=1&amp;y=2">') == 2
    assert built.warnings == []


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("services/{keba}", "unknown field 'keba' in 'services/{keba}'; did you mean 'kebab'"),
        ("services/{kebab", "'services/{kebab' is not a valid template"),
        ("services/{}", "unknown field '' in 'services/{}'"),
    ],
)
def test_template_that_is_none(site: Site, template: str, message: str) -> None:
    """A template that cannot be used is a warning, and services have no pages."""
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
    built = site.build(statestores_service_pages=template)
    assert len(built.warnings) == 1
    assert message in built.warnings[0]
    assert "<td>Auth</td>" in built.text("index.html")
