"""Pages that contradict the registry are warned of when they are written, and never when nothing has changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.checks import prose_claims
from sphinx_statestores.registry import markdown_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Built, Site

    from sphinx_statestores.registry.markdown_blocks import Block

STORES = """\
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}
  auth-lock: {backend: redis, prefix: "lock", service: Auth, purpose: Locks}
  item-statestore: {backend: mysql, service: Item, purpose: Items}
"""
FACT = "'auth-lock' has the backend 'Redis' in the registry; found 'MySQL' [statestores.wrong_fact]"


def warned(built: Built) -> list[str]:
    """Return the warnings without their folder."""
    return [re.sub(r"^\S*[/\\]", "", line).replace("WARNING: ", "") for line in built.warnings]


@pytest.fixture
def prose_site(site: Site) -> Site:
    """A site with a right and a wrong page."""
    site.registry(STORES)
    site.write("index.md", "# Top\n\n```{toctree}\na\nb\n```\n\nSee `item-statestore` (MySQL, Item).\n")
    site.write("a.md", "# A\n\nSee `auth-lock` (MySQL) and more.\n")
    site.write("b.rst", "B\n=\n\nSee ``auth-statestore`` (prefix ``auth``) and the ``auth-lock`` store.\n")
    return site


def test_wrong_pages_are_warned_of(prose_site: Site) -> None:
    """A page that contradicts the registry is warned of at its line, with the kind as the subtype."""
    built = prose_site.build()
    assert warned(built) == [f"a.md:3: {FACT}"]
    prose_site.write("a.md", "# A\n\nSee `auth-lock` (MySQL). <!-- statestores: ignore[wrong_fact] -->\n")
    assert warned(prose_site.build()) == []


@pytest.mark.parametrize("parallel", [0, 2])
def test_every_builder_warns(prose_site: Site, parallel: int) -> None:
    """Each builder that writes pages warns once for each page, also where all are one document."""
    for number in range(12):
        prose_site.write(f"more/p{number}.md", "---\norphan: true\n---\n# P\n\n`auth-lock` (MySQL)\n")
    expected = sorted([f"a.md:3: {FACT}", *(f"p{number}.md:6: {FACT}" for number in range(12))])
    assert sorted(warned(prose_site.build(parallel=parallel))) == expected
    assert warned(prose_site.build("singlehtml")) == [f"a.md:3: {FACT}"]
    assert sorted(warned(prose_site.build("dirhtml", parallel=parallel))) == expected


def test_a_changed_registry_warns_without_reading(prose_site: Site) -> None:
    """Only what has changed is told again; a page that has become wrong is written and not read again."""
    prose_site.build()
    built = prose_site.build()
    # Sphinx itself writes the toctree of a written page.
    assert (built.warnings, built.read, built.written) == ([], [], [])
    prose_site.registry(STORES.replace("prefix: auth,", "prefix: accounts,"))
    built = prose_site.build()
    message = "'auth-statestore' has the prefix 'accounts' in the registry; found 'auth' [statestores.wrong_fact]"
    assert (warned(built), built.read, built.written) == ([f"b.rst:4: {message}"], [], ["b", "index"])
    prose_site.registry(STORES.replace("Sessions", "All sessions"))
    assert warned(prose_site.build()) == []
    prose_site.registry(STORES.replace("auth-lock:", "auth-locks:"))
    built = prose_site.build()
    message = "the registry has no store 'auth-lock'; did you mean 'auth-locks'? [statestores.dead_name]"
    assert [line for line in warned(built) if "dead" in line] == [f"b.rst:4: {message}"]
    assert built.read == []


def test_settings_of_rules_apply(prose_site: Site) -> None:
    """`statestores_lint` sets the severity or switches a rule off; with False, pages are not compared."""
    assert warned(prose_site.build(statestores_lint={"wrong_fact": "off"})) == []
    built = prose_site.build("dirhtml", statestores_lint={"wrong_fact": "info"})
    assert warned(built) == []
    assert "[statestores.wrong_fact]" in built.status
    assert warned(prose_site.build("text", statestores_lint=False)) == []
    assert warned(prose_site.build("xml", suppress_warnings=["statestores.wrong_fact"])) == []
    built = prose_site.build("singlehtml", statestores_lint={"wrong_fact": "error"}, statestores_strict=True)
    assert built.app.statuscode == 1
    assert built.warnings[-1] == "ERROR: what pages say of state stores has 1 error"


def test_a_registry_with_errors_contradicts_nothing(prose_site: Site) -> None:
    """While a part of the registry cannot be used, pages are not compared with it; broken rules leave nothing out."""
    prose_site.registry(STORES + "  broken: {service: Auth}\n")
    assert [line for line in warned(prose_site.build()) if "a.md" in line] == []
    prose_site.registry(STORES + "x-rules: {since: {require: [since], severity: error}}\n")
    assert [line for line in warned(prose_site.build()) if "a.md" in line] == [f"a.md:3: {FACT}"]


def test_the_page_of_a_service(prose_site: Site) -> None:
    """What is configured or declared as a service's page is one, whatever its title is."""
    text = "# Sessions\n\nIt has 5 state stores (5 Redis).\n\n## Stores\n\n- `auth-lock`\n- `auth-statestore`\n"
    prose_site.write("a.md", text)
    prose_site.registry(f"{STORES}  auth-new: {{backend: redis, prefix: n, service: Auth, purpose: p}}\n")
    assert warned(prose_site.build()) == []
    built = prose_site.build("dirhtml", statestores_service_pages={"Auth": "a"})
    assert [line.partition(" [")[2] for line in warned(built)] == [
        "statestores.wrong_count]",
        "statestores.incomplete_list]",
    ]
    prose_site.write("a.md", f"{text}\n## More\n\n```{{statestore-service}} Auth\n```\n")
    assert [line.partition(" [")[2] for line in warned(prose_site.build())][:1] == ["statestores.wrong_count]"]


def test_names_that_others_report(prose_site: Site) -> None:
    """A name is reported once: in a role, and where it only looks like a store, by the checks of links."""
    prose_site.write("a.md", "# A\n\n{store}`gone-statestore`, `other-statestore`, the `third-statestore` store.\n")
    built = prose_site.build(statestores_ignored_names=["third-*"])
    assert [line.rpartition(" ")[2] for line in warned(built)] == ["[statestores.unknown_store]"]
    prose_site.write("a.md", "# A\n\nThe `other-statestore` store, and `auth-lock` (Redis).\n")
    built = prose_site.build("dirhtml")
    assert [line.rpartition(" ")[2] for line in warned(built)] == ["[statestores.dead_name]"]
    built = prose_site.build("singlehtml", statestores_unknown_literals="warning")
    assert [line.rpartition(" ")[2] for line in warned(built)] == ["[statestores.unknown_literal]"]
    prose_site.write("a.md", "# A\n\nStore: other-statestore\n\nSee `auth-lock` (Redis).\n")
    built = prose_site.build("text", statestores_unknown_literals="warning")
    assert [line.rpartition(" ")[2] for line in warned(built)] == ["[statestores.dead_name]"]
    prose_site.write("a.md", "# A\n\nThe `other-statestore` store, and `auth-lock` (Redis).\n")
    built = prose_site.build("text", statestores_exclude="match=auth-lock")
    assert "dead_name" not in "".join(line for line in built.warnings if "auth-lock" in line)


def test_pages_are_divided_once(prose_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build divides each page that may say something of stores once, and another registry divides none."""
    divided: list[str] = []
    blocks = markdown_blocks.blocks

    def counted(text: str) -> Iterator[Block]:
        divided.append(text)
        return blocks(text)

    monkeypatch.setattr(prose_claims, "blocks", counted)
    for number in range(100):
        prose_site.write(f"p{number}.md", f"---\norphan: true\n---\n# Page {number}\n\n" + "Only words.\n\n" * 5)
    prose_site.build()
    assert len(divided) == 2
    prose_site.registry(STORES.replace("prefix: auth,", "prefix: accounts,"))
    assert prose_site.build().warnings
    assert len(divided) == 2


def test_sources_that_others_change(prose_site: Site) -> None:
    """What other extensions make of a source is compared."""
    prose_site.conf(
        """
        def changed(app, docname, source):
            source[0] = source[0].replace("(MySQL)", "(Redis)")

        def setup(app):
            app.connect("source-read", changed)
        """
    )
    assert warned(prose_site.build()) == []
