"""Every file of ``cases`` is one registry: ``NAME.yaml``, the expected ``NAME.problems`` and ``NAME.stores``.

A line of ``.problems`` is ``line:column severity kind``; no such file means that there is no problem. ``.stores``
names the stores that survive; without it they are not looked at.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from sphinx_statestores.registry import loader, reader
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.problems import Kind

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.stem for path in CASES.glob("*.yaml"))
PARSERS = [
    pytest.param("CSafeLoader", marks=pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML lacks libyaml")),
    "SafeLoader",
]


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, parser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry gives the problems and keeps the stores that stand beside it, whichever parser reads it."""
    events: Any = getattr(yaml, parser)
    monkeypatch.setattr(reader, "PARSER", events)
    registry, problems = load([CASES / f"{name}.yaml"])
    assert all(problem.message.isprintable() for problem in problems)
    reported = [
        f"{problem.location.line}:{problem.location.column} {problem.kind.severity.value} {problem.kind.subtype}"
        for problem in problems
    ]
    assert reported == lines(CASES / f"{name}.problems")
    if (CASES / f"{name}.stores").exists():
        assert list(registry.names) == lines(CASES / f"{name}.stores")


def kinds_of_the_loader() -> set[str]:
    """The kinds that the code names which makes a registry of files: the loader and all that it imports."""
    folder = Path(loader.__file__).parent
    waiting, seen, kinds = ["loader"], {"problems"}, set()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        for node in ast.walk(ast.parse((folder / f"{module}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("sphinx_statestores.registry."):
                waiting.append(str(node.module).rpartition(".")[2])
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Kind":
                kinds.add(Kind[node.attr].subtype)
    return kinds


def test_cases_show_every_kind() -> None:
    """Each kind of problem that a registry can have is shown by at least one case."""
    shown = {line.split()[-1] for path in CASES.glob("*.problems") for line in lines(path)}
    assert shown == kinds_of_the_loader()


def test_cases_agree_with_the_severities() -> None:
    """Each expected line names a kind together with the severity that this kind has."""
    severities = {kind.subtype: kind.severity.value for kind in Kind}
    for path in CASES.glob("*.problems"):
        for line in lines(path):
            _, severity, kind = line.split()
            assert severities[kind] == severity, path.name


def test_no_case_is_forgotten() -> None:
    """Every expectation belongs to a registry, and there are enough of them to mean something."""
    assert {path.stem for path in CASES.iterdir()} == set(NAMES)
    assert len(NAMES) >= 150
