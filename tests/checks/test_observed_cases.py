"""Every registry of ``observed_cases`` is compared with the files beside it: ``NAME.yaml`` and ``NAME.1.json``, ...

A line of ``NAME.problems`` is a problem as the command line prints it; no such file means that nothing is found. Run
``UPDATE_CASES=1 pytest`` once after adding a case, and read what it wrote.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sphinx_statestores.checks.lint import apply_rule_settings
from sphinx_statestores.checks.observed import check_observed, promises_to_expire, types_of
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.observed_stores import read_observations
from sphinx_statestores.registry.problems import SERVER_RULES, has_errors
from sphinx_statestores.registry.source import read_source

CASES = Path(__file__).parent / "observed_cases"
NAMES = sorted(path.stem for path in CASES.glob("*.yaml"))


def expected(name: str) -> str:
    path = CASES / f"{name}.problems"
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry and what was seen give the findings that stand beside them."""
    monkeypatch.chdir(CASES)
    registry, loaded = load([f"{name}.yaml"])
    assert not has_errors(loaded)
    file, problems = read_observations(map(read_source, sorted(Path().glob(f"{name}.*.json"))))
    if file is not None:
        problems += check_observed(registry, file)
    found = "".join(f"{problem}\n" for problem in apply_rule_settings(registry, problems))
    if os.environ.get("UPDATE_CASES") and found:
        (CASES / f"{name}.problems").write_text(found, encoding="utf-8")
    assert found == expected(name)


@pytest.mark.parametrize("rule", sorted(SERVER_RULES))
def test_each_rule_has_cases(rule: str) -> None:
    """Each rule is hit here."""
    assert any(f"[{rule}]\n" in expected(name) for name in NAMES)


def test_no_case_is_forgotten() -> None:
    """Every expectation and every file belongs to a registry, and some registries have no finding."""
    assert {path.name.partition(".")[0] for path in CASES.iterdir()} == set(NAMES)
    assert [name for name in NAMES if not expected(name)]


@pytest.mark.parametrize(
    "text",
    ["30m", "24 h", "1h30m", "up to 7 days", "Minutes * 60 s", "TokenTtlDays, in seconds", "48h, sliding", "5 min."],
)
def test_promises(text: str) -> None:
    """A time with its unit is a promise."""
    assert promises_to_expire(text)


@pytest.mark.parametrize(
    "text",
    ["", "-", "none", "session", "until logout", "no expiry (was 24h)", "1h, optional", "24h unless pinned", "forever"
     "never", "60", "days may pass", "if set, 5 minutes", "1h (some keys)", "varies: 1h to 2 days"],
)  # fmt: skip
def test_what_promises_nothing(text: str) -> None:
    """Other words, and words of doubt, are no promise."""
    assert not promises_to_expire(text)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("hash", "hash"),
        ("HASH", "hash"),
        ("`zset`", "zset"),
        ("sorted set (score: time)", "zset"),
        ("Redis Set (atomic SADD/SREM)", "set"),
        ("JSON", "ReJSON-RL string"),
        ("string / hash", "hash string"),
        ("counter (Redis INCR)", "string"),
        ("List<Guid>", ""),
        ("HashSet<string>", ""),
        ("list of ids", ""),
        ("Distributed lock", ""),
        ("SessionModel", ""),
        ("hash or SessionModel", ""),
        ("", ""),
        ("()", ""),
        ("(hash)", ""),
        (" , ", ""),
    ],
)
def test_types(text: str, types: str) -> None:
    """A word of Redis for a type is understood, alone or as one of several; anything else says nothing."""
    assert " ".join(sorted(types_of(text))) == types
