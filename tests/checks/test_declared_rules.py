"""Lint rules that a registry declares in ``x-rules``: beside the cases, their limits, costs and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.checks import own_checks
from sphinx_statestores.checks.lint import lint
from sphinx_statestores.checks.own_checks import TERMS_LIMIT
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import RuleSetting
from sphinx_statestores.registry.own_rules import FIELDS_LIMIT, GLOB_LENGTH, GLOBS_LIMIT, RULES_LIMIT
from sphinx_statestores.registry.problems import Kind, Severity
from sphinx_statestores.registry.selection import items_of
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from sphinx_statestores.registry.fields import Field
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.problems import Problem

STORE = "  s{0}: {{backend: redis, prefix: s{0}, service: Auth, purpose: p}}\n"


def loaded(*texts: str) -> tuple[Registry, list[Problem]]:
    return load_sources([SourceText(f"{number}.yaml", text, "") for number, text in enumerate(texts)])


def with_stores(number: int, rules: str) -> str:
    return f"x-naming-conventions: []\nx-rules: {rules}\nx-state-stores:\n" + "".join(
        map(STORE.format, range(number))
    )


def test_a_setting_from_outside_comes_first() -> None:
    """The severity of a rule is its own one, that of ``x-lint`` before it, and that of the configuration first."""
    text = with_stores(1, "{own: {require: [since], severity: error}}")
    for lint_section, overrides, severity in (
        ("", {}, Severity.ERROR),
        ("x-lint: {own_rule: info}\n", {}, Severity.INFO),
        ("x-lint: {own_rule: info, own: warning}\n", {}, Severity.WARNING),
        ("x-lint: {own: warning}\n", {"own_rule": RuleSetting(Severity.INFO)}, Severity.WARNING),
        ("", {"own_rule": RuleSetting(Severity.INFO)}, Severity.INFO),
    ):
        registry, problems = loaded(lint_section + text)
        assert problems == []
        (found,) = lint(registry, overrides)
        assert (found.kind, found.rule, found.severity) == (Kind.OWN_RULE, "own", severity)
    registry, _ = loaded(f"x-lint: {{own: {{except: [s0]}}}}\n{text}")
    assert lint(registry) == []


def test_several_files_declare_together() -> None:
    """Equal rules of two files are one; of different ones the first is used, and the second is reported."""
    registry, problems = loaded(
        with_stores(1, "{a-b: {require: [since]}, c: {require: [since]}}"),
        "x-rules: {a_b: {require: [tags]}, c: {require: [since]}}\n",
    )
    assert [(problem.kind, problem.location.path) for problem in problems] == [(Kind.DUPLICATE_NAME, "1.yaml")]
    assert [(rule.name, rule.require) for rule in registry.guide.rules] == [("a-b", ("since",)), ("c", ("since",))]


def test_there_are_limits() -> None:
    """So many rules, fields and globs are read; what is more is an error at its place."""
    rules = ", ".join(f"r{number}: {{forbid: [since]}}" for number in range(RULES_LIMIT + 1))
    registry, problems = loaded(with_stores(1, f"{{{rules}}}"))
    assert (len(registry.guide.rules), len(problems)) == (RULES_LIMIT, 1)
    fields = ", ".join(f"x-{number}" for number in range(FIELDS_LIMIT + 1))
    globs = ", ".join(f"g{number}" for number in range(GLOBS_LIMIT + 1))
    for rule in (
        f"require: [{fields}]",
        f"match: {{name: [{globs}]}}",
        f"match: {{name: {'g' * (GLOB_LENGTH + 1)}}}",
        "match: {" + ", ".join(f"x-{number}: a" for number in range(FIELDS_LIMIT + 1)) + "}",
    ):
        registry, (problem,) = loaded(with_stores(1, f"{{own: {{{rule}}}}}"))
        assert problem.kind is Kind.INVALID_VALUE
        assert registry.guide.rules == ()


def test_a_hostile_glob_takes_no_time() -> None:
    """A glob with many wildcards is compared in linear time, however often it nearly matches."""
    glob = "*a" * (GLOB_LENGTH // 2)
    registry, _ = loaded(
        f"x-rules: {{own: {{match: {{purpose: '{glob}'}}}}}}\nx-state-stores:\n  s: {{backend: redis, prefix: s, "
        f"service: Auth, purpose: {'a' * 1900}b}}\n"
    )
    assert [found.rule for found in lint(registry) if found.rule] == ["own"]


def test_costs_are_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rule looks at each store that it is for once, whatever the number of stores."""
    looks: list[object] = []
    is_given = own_checks._is_given

    def counted(field: Field, store: Store, registry: Registry) -> bool:
        looks.append(store)
        return is_given(field, store, registry)

    monkeypatch.setattr(own_checks, "_is_given", counted)
    counts = []
    for number in (20, 200):
        registry, _ = loaded(with_stores(number, "{a: {require: [since]}, b: {forbid: [prefix], when: tag=x}}"))
        looks.clear()
        assert len([found for found in lint(registry) if found.rule]) == number
        counts.append(len(looks))
    assert counts == [20, 200]


def test_the_message_is_on_one_line() -> None:
    """A message of several lines, and a name that is hostile, are printable."""
    registry, _ = loaded(with_stores(1, '{own: {require: [since], message: "a\\u202e\\nb"}}'))
    (found,) = [found for found in lint(registry) if found.rule]
    assert found.message.isprintable()


def test_a_rule_with_problems_has_a_name() -> None:
    """A rule with a problem checks nothing, and its name is known in ``x-lint`` and in comments."""
    for rule in (
        "{require: []}",
        "{require: [teir]}",
        "{match: {name: []}}",
        "{when: all}",
        "[tier]",
        "{severity: info}",
    ):
        text = with_stores(1, f"\n  own-r: {rule}").replace("purpose: p}", "purpose: p} # statestores: ignore[own_r]")
        registry, problems = loaded("x-lint: {own-r: error}\n" + text)
        assert len(problems) == 1
        assert problems[0].kind is not Kind.UNKNOWN_RULE
        assert registry.guide.rules == ()
        assert list(registry.guide.lint) == ["own-r"]


def test_a_rule_with_a_wrong_word_is_reported() -> None:
    """A query for a word that a choice does not have is a wrong query: a warning or an error, and not a hint."""
    registry, _ = loaded(
        "x-fields: {tier: [low, high]}\n" + with_stores(1, "{r: {when: tier=hihg, require: [since]}}")
    )
    (found,) = [found for found in lint(registry) if found.kind is Kind.INVALID_QUERY]
    assert found.severity is not Severity.INFO


def test_queries_are_short() -> None:
    """A query of a registry with more terms than the limit, over all of its filters, is wrong and selects nothing."""
    for number, kinds in ((TERMS_LIMIT, [Kind.OWN_RULE]), (TERMS_LIMIT + 1, [Kind.INVALID_QUERY])):
        unwanted = ",".join(f"!w{term}" for term in range(number - 2))
        when = f"backend=redis match=s* x-a={unwanted}"
        registry, _ = loaded(
            with_stores(1, f"{{r: {{when: '{when}', require: [since]}}}}").replace("p}", "p, x-a: v}")
        )
        assert [found.kind for found in lint(registry)] == kinds


def test_the_values_of_a_field_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rules ask for a field, its values are taken from each store once; each filter gets one hint."""
    reads: list[object] = []

    def counted(texts: Iterable[str]) -> set[str]:
        found = list(texts)
        reads.extend(found)
        return items_of(found)

    for module in ("query_check", "selection"):
        monkeypatch.setattr(f"sphinx_statestores.registry.{module}.items_of", counted)
    for rules in (1, 20):
        reads.clear()
        asked = ", ".join(f"r{number}: {{when: x-a=none{number}, forbid: [x-b]}}" for number in range(rules))
        text = with_stores(30, f"{{{asked}}}")
        for number in range(30):
            text = text.replace(f"prefix: s{number},", f"prefix: s{number}, x-a: v{number},")
        registry, _ = loaded(text)
        hints = [found for found in own_checks.check_own(registry) if found.kind is Kind.INVALID_QUERY]
        assert len(hints) == rules
        # Once for all checks, and then by each query that selects stores.
        assert len(reads) == 30 + 30 * rules
