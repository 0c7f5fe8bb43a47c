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

from sphinx_statestores.checks.lint import lint
from sphinx_statestores.registry import reader
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.problems import CODE_RULES, EXTERNAL_RULES, RULES

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


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in CODE_RULES | EXTERNAL_RULES])
def test_each_rule_has_cases(rule: str) -> None:
    """Each rule is hit twice or more here, unless loading reports it: then the cases of loading show it.

    Rules about code are hit by the tests of code.
    """
    by_loading = any(
        f" {rule}\n" in path.read_text(encoding="utf-8")
        for path in (CASES.parents[1] / "registry" / "cases").glob("*.problems")
    )
    assert by_loading or sum(expected(name).count(f"[{rule}]\n") for name in NAMES) >= 2


def test_no_case_is_forgotten() -> None:
    """Every expectation belongs to a registry, and some registries have no finding."""
    assert {path.stem for path in CASES.iterdir()} == set(NAMES)
    assert [name for name in NAMES if not expected(name)]
