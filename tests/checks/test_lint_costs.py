"""What the rules cost for registries of any shape, and how long their messages are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from work import Word, counted_calls

from sphinx_statestores.checks import lint_rules
from sphinx_statestores.checks.lint import lint
from sphinx_statestores.checks.lint_rules import check_prefixes
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import Registry, Store
from sphinx_statestores.registry.naming import service_spellings
from sphinx_statestores.registry.places import NOWHERE
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sphinx_statestores.registry.naming import ServiceSpellings
    from sphinx_statestores.registry.problems import Problem

LETTERS = "abcdefghijklmnop"


def registry_text(stores: Iterable[str], before: str = "") -> str:
    return f"{before}x-state-stores:\n" + "".join(f"  {store}\n" for store in stores)


def spelled(number: int) -> str:
    """A name for each number; all of them are one in lower case."""
    return "".join(letter.upper() if number >> place & 1 else letter for place, letter in enumerate(LETTERS))


def in_flow(items: Iterable[str]) -> str:
    return ", ".join(items)


#: Registries that grow with a number.
GROWING: dict[str, Callable[[int], str]] = {
    "unknown readers": lambda n: registry_text(
        f"s{i}: {{backend: memory, service: Svc{i}, purpose: p, readers: [Svx{i}]}}" for i in range(n)
    ),
    "unknown readers of one store": lambda n: registry_text(
        [f"s: {{backend: memory, service: A, purpose: p, readers: [{in_flow(f'Reader{i}' for i in range(n))}]}}"]
    ),
    "prefixes inside of one that many share": lambda n: registry_text(
        f"s{i}: {{backend: redis, service: Svc{i}, purpose: p, prefix: '{'a' if i % 2 else f'a:b{i}'}'}}"
        for i in range(n)
    ),
    "nested prefixes": lambda n: registry_text(
        f"s{i}: {{backend: redis, service: Svc{i}, purpose: p, prefix: 'a{':a' * i}'}}" for i in range(n)
    ),
    "services of one spelling": lambda n: registry_text(
        (f"s{i}: {{backend: redis, service: Other, purpose: p, prefix: '{LETTERS}:x{i}'}}" for i in range(n)),
        f"x-services: {{{in_flow(spelled(i) for i in range(n))}}}\n",
    ),
    "backends of their own": lambda n: registry_text(
        (f"s{i}: {{backend: own{i}, service: S{i}, purpose: p}}" for i in range(n)),
        f"x-backends: {{{in_flow(f'own{i}: Own {i}' for i in range(n))}}}\n",
    ),
    "stores that replace each other": lambda n: registry_text(
        f"s{i}: {{backend: memory, service: A, purpose: p, status: deprecated, replacedBy: s{(i + 1) % n}}}"
        for i in range(n)
    ),
}


def rules(text: str) -> tuple[list[Problem], int]:
    """Return what the rules find in a registry, and how many calls they take."""
    registry, problems = load_sources([SourceText("f.yaml", text, "")])
    with counted_calls() as calls:
        found = lint(registry, None, problems)
    return found, calls[0]


@pytest.mark.parametrize("name", GROWING)
def test_the_work_of_the_rules_grows_with_the_file(name: str) -> None:
    """Four times the text takes at most about four times the calls, and no message grows with it."""
    small, few = rules(GROWING[name](200))
    large, many = rules(GROWING[name](800))
    assert many < 5 * few + 1000
    assert max((len(problem.message) for problem in large), default=0) < 400
    assert len(small) <= len(large)


def test_a_prefix_of_very_many_parts() -> None:
    """A prefix that begins as another service is called is compared with its owner's name and no further."""
    for parts in (10, 100_000):
        before = "x-services: {Auth: Auth}\n"
        text = registry_text(
            [
                f"s: {{backend: redis, service: Other, purpose: p, prefix: 'auth{':a' * parts}'}}",
                "t: {backend: redis, service: Auth, purpose: p, prefix: q}",
            ],
            before,
        )
        found, calls = rules(text)
        assert [problem.kind for problem in found if problem.kind is Kind.FOREIGN_PREFIX]
        assert calls < 1000


def uses_of_names(stores: int) -> int:
    """Return how often names of services are compared, where half of the prefixes are inside of a shared one."""
    registry = Registry(
        tuple(
            Store(f"s{i}", "redis", Word(f"S{i}"), "", NOWHERE, prefix="a" if i % 2 else f"a:b{i}")
            for i in range(stores)
        )
    )
    Word.used = 0
    assert len(list(check_prefixes(registry))) == stores // 2
    return Word.used


def test_a_prefix_that_many_share() -> None:
    """A store whose prefix is inside that of many others is not compared with each of them."""
    assert uses_of_names(400) < 5 * uses_of_names(100)


def test_the_spellings_of_services_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many backends a registry has, each of its services is spelled once."""
    spelled_services: list[str] = []

    def counted(name: str) -> ServiceSpellings:
        spelled_services.append(name)
        return service_spellings(name)

    monkeypatch.setattr(lint_rules, "service_spellings", counted)
    rules(GROWING["backends of their own"](50))
    assert len(spelled_services) == 50


def loaded(text: str) -> Registry:
    registry, _ = load_sources([SourceText("f.yaml", text, "")])
    return registry


LONG = "x" * 100_000

#: Registries whose texts and lists are long.
LONG_TEXTS = {
    "readers of a store that is deprecated": registry_text(
        [
            "s: {backend: memory, service: A, purpose: p, status: deprecated, "
            f"readers: [{in_flow(f'R{i}' for i in range(2000))}]}}"
        ]
    ),
    "conventions": registry_text(
        ["s: {backend: memory, service: A, purpose: p}"],
        "x-naming-conventions:\n" + "".join(f"- {{pattern: 'p{i}-{LONG}'}}\n" for i in range(50)),
    ),
    "a legacy pattern": registry_text(
        ["s: {backend: memory, service: A, purpose: p}"],
        f"x-naming-conventions:\n- {{pattern: 's', prefer: '{{service}}{LONG}'}}\n",
    ),
    "labels": registry_text(
        ["s: {backend: own, service: A, purpose: p}", "a-x: {backend: memory, service: A, purpose: p}"],
        f"x-backends: {{own: {LONG}, {in_flow(f'b{i}: B{LONG[:100]}' for i in range(500))}}}\n"
        f"x-naming-conventions:\n- {{pattern: '{{service}}-x', backends: [{in_flow(f'b{i}' for i in range(500))}]}}\n"
        "- {pattern: 'q', backends: [own, memory]}\n",
    ),
    "prefixes": registry_text(
        [
            f"s: {{backend: redis, service: A, purpose: p, prefix: 'a:{LONG}'}}",
            f"t: {{backend: redis, service: B, purpose: p, prefix: 'a:{LONG}:b'}}",
        ]
    ),
    "keys and names": registry_text(
        [
            f"s: {{backend: memory, service: A, purpose: p, readers: [R{LONG[:100]}], "
            f"keys: [{{pattern: {LONG}}}], replacedBy: {LONG}, status: removed}}",
            f"t: {{backend: memory, service: A, purpose: p, replacedBy: s, keys: [{{pattern: {LONG}}}]}}",
        ],
        f"x-deployments: [{{title: {LONG}, stores: {{s: x}}}}]\n",
    ),
}


@pytest.mark.parametrize("name", LONG_TEXTS)
def test_messages_are_short(name: str) -> None:
    """No message of a rule repeats a long text or a long list."""
    registry = loaded(LONG_TEXTS[name])
    assert registry.stores
    found = lint(registry)
    assert found
    assert max(len(problem.message) for problem in found) < 500
    assert all(len(message) < 1000 for message in [str(problem) for problem in found])


def test_a_long_list_says_how_long_it_is() -> None:
    """Of very many readers the first are named, and the others counted."""
    found = lint(loaded(LONG_TEXTS["readers of a store that is deprecated"]))
    (message,) = [problem.message for problem in found if problem.kind is Kind.DEPRECATED_IN_USE]
    assert message == ("the store 's' is deprecated, but read by 'R0', 'R1', 'R2', 'R3', 'R4' and 1,995 more")
