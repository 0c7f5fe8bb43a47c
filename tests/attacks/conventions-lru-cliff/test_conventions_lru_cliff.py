"""More naming conventions than any project has."""

from __future__ import annotations

import pytest
from work import counted_calls

from sphinx_statestores.checks.lint import lint
from sphinx_statestores.registry.conventions import adherence
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.source import SourceText

#: Patterns of which a number makes many.
PATTERNS = (
    "zz{number}-{{service}}-{{feature}}",
    "{{service}}-zz{number}-{{feature}}",
    "{{service}}-{{feature}}-zz{number}",
    "{{feature}}-zz{number}-{{feature}}",
    "{{service}}{{service}}-{number}",
    "{{service}}-{number}",
)


def source(pattern: str, conventions: int, stores: int) -> SourceText:
    patterns = "".join(f'- {{pattern: "{pattern.format(number=number)}"}}\n' for number in range(conventions))
    items = "".join(
        f'  a{number}-lock: {{backend: redis, prefix: "a{number}", service: S, purpose: p}}\n'
        for number in range(stores)
    )
    return SourceText("f.yaml", f"x-naming-conventions:\n{patterns}x-state-stores:\n{items}", "")


def calls_of_the_rules(pattern: str, conventions: int, stores: int) -> int:
    registry, problems = load_sources([source(pattern, conventions, stores)])
    with counted_calls() as calls:
        found = lint(registry, None, problems)
        assert adherence(registry).unconventional == registry.stores
    assert [problem.kind for problem in found] == [Kind.NAMING_CONVENTION] * stores
    return calls[0]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_work_grows_with_the_file(pattern: str) -> None:
    """Four times as many conventions and stores take about four times the calls, and not sixteen times."""
    few = calls_of_the_rules(pattern, 100, 100)
    assert calls_of_the_rules(pattern, 400, 400) < 5 * few


def test_there_is_no_cliff() -> None:
    """Ten patterns more take a little more work, wherever a cache might end."""
    before = calls_of_the_rules(PATTERNS[0], 250, 200)
    assert calls_of_the_rules(PATTERNS[0], 260, 200) < 1.2 * before


@pytest.mark.parametrize("pattern", [pattern for pattern in PATTERNS if not pattern.startswith("{{feature}}")])
def test_the_last_of_many_is_found(pattern: str) -> None:
    """A store that follows the thousandth pattern follows it."""
    name = pattern.format(number=999).replace("{service}", "auth").replace("{feature}", "a-b")
    text = source(pattern, 1000, 0).text + f"  {name}: {{backend: memory, service: Auth, purpose: p}}\n"
    registry, _ = load_sources([SourceText("f.yaml", text, "")])
    assert adherence(registry).followers == (0,) * 999 + (1,)


def test_messages_are_short() -> None:
    """What says that a name follows no convention names the first patterns, and how many more there are."""
    registry, problems = load_sources([source(PATTERNS[0], 300, 1)])
    (found,) = lint(registry, None, problems)
    assert found.message.endswith(": rename it to 'zz0-s-{feature}', 'zz1-s-{feature}', 'zz2-s-{feature}', "
                                  "'zz3-s-{feature}', 'zz4-s-{feature}' or 295 more")  # fmt: skip
