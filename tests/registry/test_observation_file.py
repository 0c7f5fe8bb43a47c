"""What was seen on servers, from a file that anybody can write, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from observations import observations

from sphinx_statestores.registry.observation import Observation, TableSeen, observation_data
from sphinx_statestores.registry.observation_file import ITEMS_LIMIT, read_observation
from sphinx_statestores.registry.problems import Location, Problem
from sphinx_statestores.registry.source import SourceText

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "observation.schema.json").read_text(encoding="utf-8"))


def read(text: str) -> tuple[Observation | None, list[Problem]]:
    """Return what a text says was seen, and what is wrong with it."""
    found, problems = read_observation(SourceText("observed.json", text, ""))
    return (found and found.observation), problems


def written(**parts: Any) -> str:
    """Return a file with one server."""
    server = {
        "backends": ["redis"], "product": "Redis 7.0.15", "role": "primary", "started": "2026-11-26T09:30:00Z",
        "seconds": 1.5, "most_keys": 1000, "most_seconds": 60.0, "total": 5, "seen": 5,
    }  # fmt: skip
    return json.dumps({"version": 1, "servers": [server], **parts}, indent=1)


@given(observations(), st.booleans())
def test_what_is_written_is_read(observation: Observation, is_ascii: bool) -> None:
    """Every observation is the same after it was written and read, whatever its texts, and fits the schema."""
    text = json.dumps(observation_data(observation), ensure_ascii=is_ascii, indent=2)
    Draft202012Validator(SCHEMA).validate(json.loads(text))
    found, problems = read(text)
    # Invisible characters are warned of, and kept.
    assert [problem for problem in problems if problem.severity.value == "error"] == []
    assert found == observation


WORDS = st.sampled_from(
    (
        *("version", "servers", "stores", "unknown_keys", "unknown_tables", "server", "groups", "table", "pattern"),
        *("keys", "types", "name", "rows", "backends", "tables", "driver", "type", "redis", "a*", "$ref", "\u2028"),
    )
)
VALUES = st.recursive(
    WORDS | st.integers(-2, 2) | st.booleans() | st.none() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(WORDS, VALUES, max_size=6))
def test_nothing_is_raised(data: dict[str, Any]) -> None:
    """Whatever a file says, it is used, or there is an error."""
    found, problems = read(json.dumps({"version": 1, "servers": [], **data}))
    assert (found is None) == any(problem.severity.value == "error" for problem in problems)


def test_too_much() -> None:
    """A file with more of no store than anybody can look at is an error."""
    found, problems = read(written(unknown_keys=[{"server": 0, "pattern": "x", "keys": 1}] * (ITEMS_LIMIT + 1)))
    assert found is None
    assert f"{ITEMS_LIMIT:,}" in problems[0].message


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ({"pattern": "a*", "keys": -1}, "whole number"),
        ({"pattern": "a*", "keys": 1.5}, "whole number"),
        ({"pattern": "a*", "keys": 10**16}, "whole number"),
        ({"pattern": "a*", "keys": True}, "whole number"),
        ({"pattern": "a*", "keys": [1]}, "whole number"),
        ({"pattern": "a*"}, "no 'keys'"),
        ({"keys": 1}, "no 'pattern'"),
        ({"pattern": 1, "keys": 1}, "must be a string"),
        ({"pattern": "a\nb", "keys": 1}, "line break"),
        ({"pattern": "a\u0007b", "keys": 1}, "control character"),
        ({"pattern": "a" * 1001, "keys": 1}, "1,001 characters"),
        ({"pattern": "a*", "keys": 1, "types": {"x" * 1001: 1}}, "1,001 characters"),
        ({"pattern": "a*", "keys": 1, "types": ["string"]}, "a mapping"),
        ({"pattern": "a*", "keys": 1, "types": {"string": "many"}}, "whole number"),
        ({"pattern": "a*", "keys": 1, "expiring": 2}, "more of them"),
        ({"pattern": "a*", "keys": 1, "sampled": 2}, "more of them"),
        ("a*", "a mapping"),
    ],
)
def test_wrong_groups(group: object, message: str) -> None:
    """A group with a wrong value is an error at its line, and nothing of the file is used."""
    if isinstance(group, dict):
        group = {"server": 0, **group}
    text = written(unknown_keys=[{"server": 0, "pattern": "ok*", "keys": 1}, group])
    found, problems = read(text)
    assert found is None
    assert message in problems[0].message
    assert problems[0].location.line > text[: text.index("ok*")].count("\n")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "has the version 2"),
        ({"version": "one"}, "whole number"),
        ({"servers": {}}, "a list"),
        ({"servers": []}, "position of a server"),
        ({"stores": [{"name": "a b", "server": 0}]}, "name of a store"),
        ({"stores": [{"name": "../a", "server": 0}]}, "name of a store"),
        ({"stores": [{"name": "a", "server": 1}]}, "position of a server"),
        ({"stores": [{"name": "a", "server": 0, "has_index": "yes"}]}, "true or false"),
        ({"stores": [{"name": "a", "server": 0, "table": "t"}]}, "a mapping"),
        ({"unknown_tables": [{"server": 0, "rows": 1}]}, "no 'name'"),
        ({"unknown_tables": [{"name": "t", "rows": 1}]}, "no 'server'"),
    ],
)
def test_wrong_parts(change: dict[str, Any], message: str) -> None:
    """A part with a wrong value is an error."""
    parts = {"stores": [{"name": "a", "server": 0}], **change}
    found, problems = read(written(**parts))
    assert found is None
    assert any(message in problem.message for problem in problems), problems


def test_null_is_no_value() -> None:
    """What is not known is left out: null is refused, and the schema says so in an editor."""
    for store in ({"has_index": None}, {"table": None}, {"table": {"name": "t", "rows": None}}, {"groups": None}):
        text = written(stores=[{"name": "a", "server": 0, **store}])
        assert read(text)[0] is None
        assert not Draft202012Validator(SCHEMA).is_valid(json.loads(text))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("role", "leader", "one of replica, primary"),
        ("stopped", "tired", "one of keys, seconds, interrupted, refused"),
        ("started", "yesterday", "a time such as"),
        ("started", "2026-13-01T00:00:00Z", "a time such as"),
        ("seconds", "nan", "a number of seconds"),
        ("seconds", -1, "a number of seconds"),
        ("backends", ["re dis"], "keys of backends"),
        ("product", None, "must be a string"),
    ],
)
def test_wrong_servers(field: str, value: object, message: str) -> None:
    """A server with a wrong value is an error."""
    data = json.loads(written())
    data["servers"][0][field] = value
    found, problems = read(json.dumps(data))
    assert found is None
    assert message in problems[0].message


def test_what_a_later_version_adds_is_ignored() -> None:
    """An unknown field is a warning, and the rest is used."""
    found, problems = read(written(speed=1, stores=[{"name": "a", "server": 0, "mood": "good"}]))
    assert found is not None
    assert [(problem.kind.subtype, "mood" in problem.message) for problem in problems] == [
        ("unknown_field", False),
        ("unknown_field", True),
    ]


def test_small_numbers_are_numbers() -> None:
    """A number with an exponent, which YAML takes for a text, is a number of seconds."""
    found, _ = read(written().replace('"seconds": 1.5', '"seconds": 5e-05'))
    assert found is not None
    assert found.servers[0].seconds == 5e-05


def test_places_are_told() -> None:
    """Each record has the line that it begins at."""
    text = written(stores=[{"name": "a", "server": 0}], unknown_keys=[{"server": 0, "pattern": "x*", "keys": 3}])
    found, _ = read_observation(SourceText("o.json", text, ""))
    assert found is not None
    line = text[: text.index('"server": 0,\n   "pattern"')].count("\n")
    assert found.unknown_keys == (Location("o.json", line, 3),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("{}", "neither"),
        ("[]", "neither"),
        ("a: 1", "neither"),
        ('{"servers": [', "never closed"),
        ('{"servers": []}', "no 'version'"),
        ("a: &a [1, 2]\nservers: [*a, *a]\n", "aliases"),
        ("{" * 100, "nested"),
    ],
)
def test_other_files(text: str, message: str) -> None:
    """What is no such file is one error, and nothing is raised."""
    found, problems = read(text)
    assert found is None
    assert message in problems[0].message
    assert len(problems) == 1


TBLS = {
    "name": "app",
    "driver": {"name": "mysql", "database_version": "8.0.36", "meta": {}},
    "tables": [
        {"name": "auth", "type": "BASE TABLE", "columns": [{"name": "id", "type": "int"}]},
        {"name": "public.audit", "type": "BASE TABLE", "columns": []},
        {"name": "totals", "type": "VIEW", "columns": []},
    ],
}


def test_a_schema_of_tbls() -> None:
    """The tables of tbls are seen, without numbers and times; views are not."""
    found, problems = read(json.dumps(TBLS))
    assert problems == []
    assert found is not None
    [server] = found.servers
    assert (server.backends, server.product, server.total, server.started) == (("mysql",), "mysql 8.0.36", 2, "")
    assert found.unknown_tables == ((0, TableSeen("auth")), (0, TableSeen("audit")))


def test_a_wrong_schema_of_tbls() -> None:
    """A table without a name is an error."""
    found, problems = read(json.dumps({**TBLS, "tables": [{"type": "BASE TABLE"}]}))
    assert found is None
    assert "no 'name'" in problems[0].message
