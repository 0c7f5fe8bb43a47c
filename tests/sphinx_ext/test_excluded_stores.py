"""``statestores_exclude``: stores that no page, index, count, search or inventory has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Site

REGISTRY = """\
x-deployments:
  - title: One
    stores: {auth-cache: "redis:6379", hidden-cache: "redis:6380"}
x-generated-code: {language: C#, class: Stores, names: [hidden-cache, auth-cache]}
x-state-stores:
  auth-cache: {backend: redis, prefix: a, service: Auth, purpose: P, status: deprecated, replacedBy: hidden-cache}
  hidden-cache: {backend: redis, prefix: b, service: Secret, purpose: P, tags: [internal], readers: [Auth]}
  item-tmp: {backend: mysql, service: Item, purpose: P}
  other-tmp: {backend: redis, prefix: c, service: Auth, purpose: P, status: planned}
"""
PAGE = """\
T
=

Of :store-count:`all`.

.. statestore-reference::

.. statestore-coverage::

.. statestore-service:: Auth

.. statestore-map::

.. statestore-map:: Auth
   :detail: services

.. statestore-chart::
   :by: tag
   :stack: status
"""


def test_nothing_of_it_is_shown(site: Site) -> None:
    """No file of the output has the name of an excluded store, or of a service that is known by it alone."""
    site.registry(REGISTRY)
    site.write("old.yaml", REGISTRY.replace("tags: [internal]", "tags: []"))
    changes = "\n.. statestore-changes::\n   :from: /old.yaml\n"
    site.write("index.rst", PAGE + changes)
    site.conf("statestores_generate_pages = 'g'\nstatestores_generate_store_pages = True\nhtml_copy_source = False\n")
    built = site.build(statestores_exclude=["tag=internal", "status=planned"], statestores_root=".")
    assert not [line for line in built.warnings if "toctree" not in line and "in_use" not in line]
    texts = {name: content for name, content in built.files().items() if not name.endswith(".yaml")}
    assert any(b"auth-cache" in content for content in texts.values())
    for word in (b"hidden-cache", b"Secret", b"other-tmp"):
        assert [name for name, content in texts.items() if word in content] == []
    objects = built.env.get_domain("statestore").get_objects()
    assert sorted(name for name, _, kind, *_ in objects if kind == "store") == ["auth-cache", "item-tmp"]
    assert "Of 2." in built.resolved("index").astext()


def test_who_names_it_is_told(site: Site) -> None:
    """A role, an entry and an inline literal that name an excluded store are reported as such."""
    site.registry(REGISTRY)
    text = (
        "T\n=\n\n:store:`hidden-cache` and ``hidden-cache``\n\n.. statestore:: hidden-cache\n\n:store:`hidden-cach`\n"
    )
    site.write("index.rst", text)
    built = site.build(statestores_exclude="tag=internal", statestores_unknown_literals="warning")
    said = [line.partition("WARNING: ")[2] for line in built.warnings if "index.rst" in line]
    excluded = "the store 'hidden-cache' is excluded by statestores_exclude, so no page shows it"
    assert sorted(said) == [
        f"{excluded} [statestores.unknown_literal]",
        f"{excluded} [statestores.unknown_store]",
        f"{excluded} [statestores.unknown_store]",
        "unknown store 'hidden-cach' [statestores.unknown_store]",
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("tga=internal", "statestores_exclude: unknown filter 'tga'; did you mean 'tag'?"),
        ("service=Secrt", "statestores_exclude: unknown service 'Secrt'; did you mean 'Secret'?"),
        (["x-team=a"], "statestores_exclude: no store has a field 'x-team'"),
        ("all", "statestores_exclude: 'all' has no filter, so it excludes nothing"),
        (5, "statestores_exclude"),
        ([5], "statestores_exclude: each item must be a string; found 5"),
    ],
)
def test_what_is_no_query(site: Site, value: object, message: str) -> None:
    """A faulty value is reported, and excludes no store that it does not name."""
    site.registry(REGISTRY)
    site.write("index.rst", ":store-count:`all`\n")
    built = site.build(statestores_exclude=value)
    assert any(message in line for line in built.warnings)
    assert built.resolved("index").astext() == "4"


def test_a_change_of_it_is_bound_late(site: Site) -> None:
    """Pages that show other stores than before are written again, with the outcome of a new build."""
    site.registry(REGISTRY)
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n\n.. toctree::\n\n   m\n")
    site.write("m.rst", "M\n=\n\n:store-count:`backend=mysql`\n")
    site.build()
    built = site.build(statestores_exclude="status=planned")
    assert (built.read, built.written) == ([], ["index"])
    assert built.files() == site.build(builddir="_new", statestores_exclude="status=planned").files()


def test_addresses_of_two_repositories(site: Site) -> None:
    """``{repo}`` is the name of the folder that is the root of the repository of a file."""
    for name in ("one", "two"):
        site.write(f"{name}/.git/HEAD", "")
        store = f"x-state-stores:\n  {name}-store: {{backend: mysql, service: S, purpose: P}}\n"
        site.registry(store, f"{name}/stores.yaml")
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n   :columns: source\n")
    template = "https://example.org/{repo}/{path}#L{line}"
    html = site.build(statestores_registry=["one/stores.yaml", "two/stores.yaml"], statestores_source_url=template)
    for name in ("one", "two"):
        assert f'"https://example.org/{name}/stores.yaml#L2"' in html.text("index.html")


def test_a_misspelt_field_hides_more(site: Site) -> None:
    """Where a query names a field that the registry does not declare, that is told, and the rest of it hides."""
    site.registry("x-fields: {tier: [low, high]}\n" + REGISTRY)
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n")
    built = site.build(statestores_exclude=["service=Auth teir=low"])
    (warning,) = [line for line in built.warnings if "statestores_exclude" in line]
    assert "unknown filter 'teir'; did you mean 'tier'" in warning
    texts = {name: content for name, content in built.files().items() if name.endswith((".html", ".json", ".js"))}
    assert any(b"hidden-cache" in content for content in texts.values())
    assert [name for name, content in texts.items() if b"auth-cache" in content or b"other-tmp" in content] == []
