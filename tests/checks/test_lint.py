"""The lint rules as a call: whose settings win, what becomes of the problems of loading, in which order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from sphinx_statestores.checks.lint import apply_rule_settings, lint
from sphinx_statestores.registry import reader, suggest
from sphinx_statestores.registry.loader import load, load_sources
from sphinx_statestores.registry.model import RuleSetting
from sphinx_statestores.registry.problems import GUARDED_RULES, RULES, Kind, Location, Problem, Severity
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.registry.model import Registry

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "schemas"

STORES = """\
x-lint:
  nested_prefix: {severity: error, except: [auth-edge]}
  naming_convention: off
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}
  auth-edge: {backend: redis, prefix: "auth:edge", service: Auth, purpose: Edges}
  auth-lock: {backend: redis, prefix: "auth:lock", service: Auth, purpose: Locks}
  tokens: {backend: redis, prefix: tokens, service: Auth, purpose: Tokens}
"""


def registry_of(*texts: str) -> tuple[Registry, list[Problem]]:
    return load_sources([SourceText(f"{name}.yaml", text, "") for name, text in zip("abc", texts, strict=False)])


def short(problems: Iterable[Problem]) -> list[str]:
    return [f"{problem.severity.value} {problem.kind.subtype} {problem.store}" for problem in problems]


def test_the_schemas_of_this_repository() -> None:
    """The registry of this repository and its guide give no finding whatever."""
    registry, problems = load([SCHEMAS / "state-stores.yaml", SCHEMAS / "state-stores-guide.yaml"])
    assert len(registry.stores) == 124
    assert lint(registry, None, problems) == []


def test_the_exceptions_of_this_repository_are_needed() -> None:
    """Without its guide, the registry has findings of two rules, at their own severities."""
    registry, problems = load([SCHEMAS / "state-stores.yaml"])
    found = lint(registry, None, problems)
    assert {(problem.kind, problem.severity) for problem in found} == {
        (Kind.NAMING_CONVENTION, Severity.INFO),
        (Kind.NESTED_PREFIX, Severity.WARNING),
    }


def test_the_registry_sets_its_rules() -> None:
    """What `x-lint` says holds: a severity, an exception, and off."""
    registry, _ = registry_of(STORES)
    assert short(lint(registry)) == ["error nested_prefix auth-lock"]


def test_overrides_win_rule_by_rule() -> None:
    """A setting from outside replaces that of its rule as a whole, and leaves the other rules as they are."""
    registry, _ = registry_of(STORES)
    overrides = {"nested_prefix": RuleSetting(exceptions=("*-lock",))}
    assert short(lint(registry, overrides)) == ["warning nested_prefix auth-edge"]
    overrides = {"naming_convention": RuleSetting(), "nested_prefix": RuleSetting(is_off=True)}
    assert short(lint(registry, overrides)) == ["info naming_convention tokens"]


HIDDEN = """\
x-lint:
  invisible_characters: off
x-state-stores:
  a: {backend: memory, service: A, purpose: "One\\u202E"} # statestores: ignore
"""


@pytest.mark.parametrize("rule", sorted(GUARDED_RULES))
def test_guarded_rules_are_set_by_configuration_only(rule: str) -> None:
    """No section and no comment of a registry silences such a rule, in whichever file; the configuration does."""
    guide = f"x-lint: {{{rule.replace('_', '-')}: {{severity: info, except: ['*']}}}}\n"
    registry, loaded = registry_of(HIDDEN, guide)
    found = lint(registry, None, loaded)
    assert f"warning {rule} a" in short(found)
    assert [problem.location.path for problem in found if problem.kind is Kind.UNKNOWN_RULE] == ["a.yaml", "b.yaml"]
    # Whatever a registry holds, and however it was made.
    guide_with_it = registry.guide._replace(lint={rule: RuleSetting(is_off=True)})
    [ignore] = registry.ignores
    forced = registry._replace(guide=guide_with_it, ignores=(ignore._replace(rules=(rule,)),))
    assert f"warning {rule} a" in short(lint(forced, None, loaded))
    assert f"warning {rule} a" in short(apply_rule_settings(forced, loaded))
    for setting, expected in ((RuleSetting(Severity.ERROR), ["error"]), (RuleSetting(is_off=True), [])):
        found = lint(registry, {rule: setting}, loaded)
        assert [problem.severity.value for problem in found if problem.kind.subtype == rule] == expected


def test_all_rules_off() -> None:
    """Nothing is found when every rule is off."""
    registry, _ = registry_of(STORES + "  more: {backend: redis, service: A, purpose: P} # statestores: ignore\n")
    assert lint(registry, {rule: RuleSetting(is_off=True) for rule in RULES}) == []


def test_problems_of_loading_are_judged_when_they_are_rules() -> None:
    """Of what loading reports, rules get their settings and heed comments; all else stays as it is."""
    text = STORES.replace("prefix: tokens,", "prefix: tokens, # statestores: ignore[foreign_prefix]\n   ")
    registry, _ = registry_of(text)
    loaded = [
        Problem(Kind.NESTED_PREFIX, "excepted", Location("a.yaml", 5, 1), store="auth-edge"),
        Problem(Kind.FOREIGN_PREFIX, "silenced", Location("a.yaml", 8, 20), store="tokens"),
        Problem(Kind.FOREIGN_PREFIX, "elsewhere", Location("a.yaml", 9, 20), store="auth-lock"),
        Problem(Kind.UNKNOWN_FIELD, "no rule", Location("a.yaml", 8, 20), store="tokens"),
        Problem(Kind.NESTED_PREFIX, "of no store", Location("a.yaml", 1, 1)),
    ]
    wanted = ["warning foreign_prefix auth-lock", "warning unknown_field tokens", "error nested_prefix "]
    assert short(apply_rule_settings(registry, loaded)) == wanted
    assert short(apply_rule_settings(registry, loaded, {"foreign_prefix": RuleSetting(is_off=True)})) == wanted[1:]
    with_findings = lint(registry, None, loaded)
    assert short(with_findings) == [
        "error nested_prefix ",
        "error nested_prefix auth-lock",
        "warning unknown_field tokens",
        "warning foreign_prefix auth-lock",
    ]


def test_problems_of_loading_name_their_store() -> None:
    """What is wrong in one store is known to be about it, so that exceptions and comments can be for it."""
    text = "x-state-stores:\n  auth: {backend: redis, service: Auth, prefx: a, prefix: b}\n  item: 1\nx-lint: 1\n"
    _, problems = registry_of(text)
    assert short(problems) == [
        "warning missing_purpose auth",
        "warning unknown_field auth",
        "error wrong_shape item",
        "error wrong_shape ",
    ]


def test_findings_come_in_file_order() -> None:
    """Findings stand between the problems of loading, file by file; a file that cannot be read comes first."""
    registry, problems = load_sources(
        [
            SourceText(
                "z.yaml", "x-state-stores:\n  auth:\n    backend: redis\n    service: Auth\n    prefix: auth\n", ""
            ),
            Problem(Kind.UNREADABLE_FILE, "there is no such file", Location("m.yaml")),
            SourceText(
                "a.yaml", "x-state-stores:\n  auth: {}\n  b: {backend: mysql, service: B, readers: [C]}\n", ""
            ),
        ]
    )
    assert [f"{problem.location.path}:{problem.location.line} {problem.kind.subtype}" for problem in problems] == [
        "z.yaml:2 missing_purpose",
        "m.yaml:0 unreadable_file",
        "a.yaml:2 duplicate_name",
        "a.yaml:3 missing_purpose",
    ]
    found = lint(registry, None, problems)
    assert [f"{problem.location.path}:{problem.location.line} {problem.kind.subtype}" for problem in found] == [
        "m.yaml:0 unreadable_file",
        "z.yaml:2 missing_purpose",
        "z.yaml:2 naming_convention",
        "a.yaml:2 duplicate_name",
        "a.yaml:3 missing_purpose",
        "a.yaml:3 naming_convention",
        "a.yaml:3 unknown_reader",
    ]


def test_settings_of_several_files_come_together() -> None:
    """Each file may set rules; of one that two files set, the first setting stands and the second is an error."""
    registry, problems = registry_of(
        STORES, "x-lint: {naming-convention: error, legacy-name: warning, nested_prefix: 'OFF'}\n"
    )
    assert registry.guide.lint == {
        "nested_prefix": RuleSetting(Severity.ERROR, exceptions=("auth-edge",)),
        "naming_convention": RuleSetting(is_off=True),
        "legacy_name": RuleSetting(Severity.WARNING),
    }
    assert [str(problem.location) for problem in problems] == ["b.yaml:1:10", "b.yaml:1:58"]
    assert {problem.kind for problem in problems} == {Kind.DUPLICATE_NAME}


def test_an_ignore_may_stand_in_another_file() -> None:
    """What is reported in the guide is silenced there, or at the name of the store that it is about."""
    stores = "x-state-stores:\n  auth-old: {{backend: redis, service: Auth, purpose: Old, status: removed}}{}\n"
    guide = "x-deployments:\n  - title: All\n    stores:\n      auth-old: redis{}\n"
    comment = " # statestores: ignore[removed-in-use]"
    registry, _ = registry_of(stores.format(""), guide.format(""))
    assert short(lint(registry)) == ["warning removed_in_use auth-old"]
    for texts in ((stores.format(comment), guide.format("")), (stores.format(""), guide.format(comment))):
        registry, _ = registry_of(*texts)
        assert lint(registry) == []


def test_suggestions_are_given_to_the_first_unknown_readers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry full of unknown readers costs no more than the budget for suggestions."""
    monkeypatch.setattr(suggest, "BUDGET", 100)
    readers = ", ".join(f"Auht{number}" for number in range(60))
    registry, _ = registry_of(
        f"x-state-stores:\n  auth-lock: {{backend: redis, service: Auth, purpose: P, readers: [{readers}]}}\n"
    )
    found = [problem.message for problem in lint(registry) if problem.kind is Kind.UNKNOWN_READER]
    near = [("did you mean" in message) for message in found]
    assert near == sorted(near, reverse=True)
    assert 10 < sum(near) < 50


@pytest.mark.parametrize("parser", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_comments_are_those_of_findings(end: str, parser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment is for its line whatever ends the lines, and whatever stands before it."""
    monkeypatch.setattr(reader, "PARSER", getattr(yaml, parser, yaml.SafeLoader))
    lines = [
        "x-state-stores:",
        "  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: 'Sessions, \U0001f511 and more'}",
        "  auth-edge: {backend: redis, prefix: 'auth:edge', service: Auth,",
        "    purpose: 'Kanten \U0001f5dd\ufe0f'} # statestores: ignore",
        "  auth-lock: {backend: redis, service: Auth, purpose: '\U0001f5dd # statestores: ignore',",
        "    prefix: 'auth:lock'} # statestores: ignore",
        "",
    ]
    registry, problems = registry_of(end.join(lines))
    assert problems == []
    assert [(str(problem.location), problem.kind.subtype) for problem in lint(registry)] == [
        ("a.yaml:3:39", "nested_prefix"),
        ("a.yaml:4:27", "unused_ignore"),
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "registry" / "cases").glob("*.yaml")), ids=lambda p: p.stem)
def test_whatever_is_left_of_a_registry_is_checked(path: Path) -> None:
    """However broken a registry is, what is left of it is checked, and no problem of loading is lost or doubled."""
    registry, problems = load([path])
    found = lint(registry, None, problems)
    of_loading = {problem.kind for problem in problems}
    assert [problem for problem in found if problem.kind in of_loading] == problems
