"""The lint rules in a build: what is a warning, what is a line of its output, and who sets them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from docutils import nodes

if TYPE_CHECKING:
    from conftest import Built, Site

STORES = """\
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}
  edge: {backend: redis, prefix: "auth:edge", service: Auth, purpose: Edges}
  auth-lock: {backend: redis, prefix: "auth:lock", service: Auth, purpose: Locks}
  item-statestore: {backend: redis, prefix: "item", service: Item, purpose: Items, readers: [Auht]}
"""
#: What a build says of these by default: the warnings, and the lines of its output.
NESTED = ["3 nested_prefix", "4 nested_prefix"]
WARNINGS = [*NESTED, "5 unknown_reader"]
HINTS = ["3 naming_convention"]

CONVENTIONS = {
    "index.rst": "Top\n===\n\n.. statestore-conventions::\n",
    "index.md": "# Top\n\n```{statestore-conventions}\n```\n",
}


def findings(built: Built) -> tuple[list[str], list[str]]:
    """The lines of the registry and the kinds of the warnings, and those of the hints."""
    place = r".*state-stores\.yaml:(\d+): "
    warnings = [re.fullmatch(rf"{place}WARNING: .* \[statestores\.(\w+)\]", line) for line in built.warnings]
    hints = [re.fullmatch(rf"{place}.* \[statestores\.(\w+)\]", line) for line in built.status.splitlines()]
    assert all(warnings), built.warnings
    return [f"{m[1]} {m[2]}" for m in warnings if m], [f"{m[1]} {m[2]}" for m in hints if m]


@pytest.fixture
def lint_site(site: Site) -> Site:
    """A site with a registry that breaks three rules."""
    site.registry(STORES)
    site.conf("show_warning_types = True\n")
    site.write("index.rst", "Top\n===\n")
    return site


def test_hints_and_warnings(lint_site: Site) -> None:
    """A finding of severity info is a line of the output with its place, anything worse is a warning."""
    assert findings(lint_site.build()) == (WARNINGS, HINTS)


def test_the_registry_sets_rules(lint_site: Site) -> None:
    """`x-lint` makes a warning of a hint, and nothing of a warning."""
    lint_site.registry(STORES + "x-lint: {naming-convention: error, nested_prefix: info, unknown_reader: off}\n")
    assert findings(lint_site.build()) == (HINTS, NESTED)


HIDDEN = """\
x-lint: {invisible_characters: off}
x-state-stores:
  auth-lock: {backend: redis, prefix: a, service: Auth, purpose: "One\\u202E"} # statestores: ignore
"""


def test_hidden_characters_are_silenced_by_the_configuration_alone(lint_site: Site) -> None:
    """Neither `x-lint` nor a comment silences a warning of hidden characters: `statestores_lint` does."""
    lint_site.registry(HIDDEN)
    assert findings(lint_site.build())[0] == ["1 unknown_rule", "3 invisible_characters"]
    lint_site.conf("statestores_lint = False\n")
    assert findings(lint_site.build())[0] == ["1 unknown_rule", "3 invisible_characters"]
    lint_site.conf("statestores_lint = {'invisible_characters': 'off'}\n")
    assert findings(lint_site.build())[0] == ["1 unknown_rule"]


def test_a_comment_silences(lint_site: Site) -> None:
    """A comment in the registry silences what a build would report."""
    lint_site.registry(STORES.replace("Edges}", "Edges}  # statestores: ignore"))
    assert findings(lint_site.build()) == (WARNINGS[1:], [])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, (WARNINGS, [])),
        (False, ([], [])),
        ({}, (WARNINGS, [])),
        ({"unknown-reader": "off", "nested_prefix": "Info"}, ([], NESTED)),
        ({"unknown_reader": {"except": ["item-*"]}}, (NESTED, [])),
        ({"naming_convention": {"severity": "warning", "except": "auth-*"}}, ([*HINTS, *WARNINGS], [])),
    ],
)
def test_the_project_sets_rules(lint_site: Site, value: Any, expected: tuple[list[str], list[str]]) -> None:
    """`statestores_lint` wins over `x-lint` rule by rule, and turns all of it off."""
    lint_site.registry(STORES + "x-lint: {naming_convention: off}\n")
    assert findings(lint_site.build(statestores_lint=value)) == expected


@pytest.mark.parametrize(
    ("value", "messages"),
    [
        ({"a": 1}, ["statestores_lint: each item must be a string or a dictionary; found 1"]),
        ({"nested": "off"}, ["statestores_lint: unknown rule 'nested'; did you mean 'nested_prefix'?"]),
        (
            {"nested_prefix": "loud"},
            [
                "statestores_lint: the severity of 'nested_prefix' must be one of off, info, warning, error; "
                "found 'loud'"
            ],
        ),
        (
            {"nested_prefix": {"severity": None, "exept": [], "except": [1]}},
            [
                "statestores_lint: unknown field 'exept' of the rule 'nested_prefix'; did you mean 'except'?",
                "statestores_lint: the severity of 'nested_prefix' must be one of off, info, warning, error; "
                "found 'None'",
                "statestores_lint: 'except' of the rule 'nested_prefix' must be a list of globs; found [1]",
            ],
        ),
    ],
)
def test_values_that_cannot_be_used(lint_site: Site, value: Any, messages: list[str]) -> None:
    """What `statestores_lint` cannot mean is reported at conf.py, and the rules are checked as they are."""
    built = lint_site.build(statestores_lint=value)
    said = [line for line in built.warnings if "conf.py" in line]
    assert [re.sub(r".*WARNING: (.*) \[statestores\.invalid_config\]", r"\1", line) for line in said] == messages
    built.warnings = [line for line in built.warnings if line not in said]
    assert findings(built) == (WARNINGS, HINTS)


def test_rules_of_the_registry_are_set_in_conf_py(lint_site: Site) -> None:
    """`statestores_lint` sets a rule that the registry declares, and reports a name that it does not declare."""
    rules = "x-rules: {has-since: {require: [since], when: match=edge}}\n"
    lint_site.registry(STORES + rules)
    assert "3 own_rule" in findings(lint_site.build())[0]
    for name in ("has-since", "has_since"):
        assert findings(lint_site.build(statestores_lint={name: "info"})) == (WARNINGS, [*HINTS, "3 own_rule"])
    assert findings(lint_site.build(statestores_lint={"has-since": {"except": ["edge"]}})) == (WARNINGS, HINTS)
    built = lint_site.build(statestores_lint={"has-sinse": "off"})
    said = [line for line in built.warnings if "conf.py" in line]
    assert re.sub(".*WARNING: ", "", said[0]) == (
        "statestores_lint: unknown rule 'has-sinse'; did you mean 'has-since'? [statestores.invalid_config]"
    )
    assert len(said) == 1


@pytest.mark.parametrize("page", CONVENTIONS)
def test_the_stores_that_follow_no_pattern_are_links(lint_site: Site, page: str) -> None:
    """Under the conventions, each store that follows none is named, as a link where a page shows it."""
    lint_site.registry(STORES.replace("auth-lock:", "lock:"))
    (lint_site.folder / "index.rst").unlink()
    lint_site.write(page, CONVENTIONS[page])
    lint_site.write("table.rst", ":orphan:\n\nAll\n===\n\n.. statestore-table::\n   :match: lock\n")
    paragraph = lint_site.build().resolved("index").children[0].children[-1]
    assert paragraph.astext() == "2 stores match none of these patterns: edge, lock."
    [link] = paragraph.findall(nodes.reference)
    assert (link.astext(), link["refuri"]) == ("lock", "table.html#store-lock")


def test_the_page_follows_the_registry(lint_site: Site) -> None:
    """A store that breaks the conventions from now on appears under them without a page being read again."""
    lint_site.write("index.rst", CONVENTIONS["index.rst"])
    lint_site.build()
    lint_site.registry(STORES.replace("auth-lock:", "lock:"))
    built = lint_site.build()
    assert (built.read, built.written) == ([], ["index"])
    assert "2 stores match none of these patterns: edge, lock." in built.resolved("index").astext()


@pytest.mark.parametrize(("severity", "status"), [("warning", 0), ("error", 1)])
def test_a_rule_that_is_an_error_counts_in_a_strict_build(lint_site: Site, severity: str, status: int) -> None:
    """A strict build fails for a rule that the project has made an error, and not for a warning."""
    built = lint_site.build(statestores_strict=True, statestores_lint={"unknown-reader": severity})
    assert built.app.statuscode == status


def test_warnings_of_loading_are_rules_as_well(lint_site: Site) -> None:
    """A build that checks no lint rules still reports what two stores share, unless `x-lint` says otherwise."""
    lint_site.registry(STORES.replace("auth:lock", "auth"))
    assert findings(lint_site.build(statestores_lint=False)) == (["4 same_prefix"], [])
    assert findings(lint_site.build(statestores_lint={"same-prefix": "off"})) == ([NESTED[0], WARNINGS[-1]], HINTS)
    lint_site.registry(STORES.replace("auth:lock", "auth") + "x-lint: {same_prefix: off}\n")
    assert findings(lint_site.build(statestores_lint=False)) == ([], [])
