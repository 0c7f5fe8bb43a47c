"""Every file of ``lint_cases`` is one registry: ``NAME.yaml`` and, in ``NAME.problems``, what is found in it.

A line of ``.problems`` is a problem as the command line prints it, without the path; no such file means that nothing
is found. Run ``UPDATE_CASES=1 pytest`` once after adding a case, and read what it wrote.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from sphinx_statestores.registry import reader
from sphinx_statestores.registry.lint import is_same_to_rules, lint
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.model import Key
from sphinx_statestores.registry.places import NOWHERE
from sphinx_statestores.registry.problems import RULES

CASES = Path(__file__).parent / "lint_cases"
NAMES = sorted(path.stem for path in CASES.glob("*.yaml"))
PARSERS = [
    pytest.param("CSafeLoader", marks=pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML lacks libyaml")),
    "SafeLoader",
]


def expected(name: str) -> str:
    path = CASES / f"{name}.problems"
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, parser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry gives the findings that stand beside it, in file order, whichever parser reads it."""
    loader: Any = getattr(yaml, parser)
    monkeypatch.setattr(reader, "PARSER", loader)
    monkeypatch.chdir(CASES)
    path = f"{name}.yaml"
    registry, problems = load([path])
    found = "".join(f"{problem}\n".removeprefix(f"{path}:") for problem in lint(registry, None, problems))
    if os.environ.get("UPDATE_CASES") and found:
        (CASES / f"{name}.problems").write_text(found, encoding="utf-8")
    assert found == expected(name)


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_cases(rule: str) -> None:
    """Each rule is hit twice or more here, unless loading reports it: then the cases of loading show it."""
    by_loading = any(
        f" {rule}\n" in path.read_text(encoding="utf-8") for path in (CASES.parent / "cases").glob("*.problems")
    )
    assert by_loading or sum(expected(name).count(f"[{rule}]\n") for name in NAMES) >= 2


def test_no_case_is_forgotten() -> None:
    """Every expectation belongs to a registry, and some registries have no finding."""
    assert {path.stem for path in CASES.iterdir()} == set(NAMES)
    assert [name for name in NAMES if not expected(name)]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_only_told_is_not_judged(name: str) -> None:
    """Other purposes, versions and fields of a registry's own give the same findings in the same places."""
    registry, loaded = load([CASES / f"{name}.yaml"])
    told = registry._replace(
        stores=tuple(
            store._replace(
                purpose="Another", since="7", extra=(("x-own", "1"),), enable_search=not store.enable_search
            )
            for store in registry.stores
        )
    )
    assert is_same_to_rules(registry, told)
    assert lint(told, {}, loaded) == lint(registry, {}, loaded)


@pytest.mark.parametrize("field", ["prefix", "status", "replaced_by", "keys", "places", "readers"])
def test_what_is_judged(field: str) -> None:
    """Another value of a field that a rule looks at, and another place, may give other findings."""
    registry, _ = load([CASES / f"{NAMES[0]}.yaml"])
    store = registry.stores[0]
    others: dict[str, Any] = {"keys": (Key("p", "", "", "", NOWHERE),), "places": NOWHERE, "readers": ("New",)}
    changed = registry._replace(stores=(store._replace(**{field: others.get(field, "new")}), *registry.stores[1:]))
    assert not is_same_to_rules(registry, changed)
