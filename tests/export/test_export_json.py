"""Registry -> JSON: everything that is known, in one order, as its schema says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from sphinx_statestores.export.json_document import SCHEMA, VERSION, to_json
from sphinx_statestores.registry.loader import load, load_sources
from sphinx_statestores.registry.model import Registry
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
SCHEMA_FILE = ROOT / "schemas" / "registry-export.schema.json"
CASES = sorted((ROOT / "tests" / "registry" / "cases").glob("*.yaml"))

FULL = """\
x-backends: {own: {label: Own, tables: true}}
x-services: {A: {title: Service A, docs: services/a}}
x-state-stores:
  b-store:
    backend: own
    service: A
    purpose: see `a-store`
    enableSearch: true
    status: deprecated
    replacedBy: a-store
    since: 2024-01-01
    readers: [C, B]
    writers: [D]
    tags: [z, a]
    keys:
      - {pattern: 'x:{id}', type: hash, ttl: 1h, purpose: An x}
      - {pattern: y}
    x-z: [1, 2]
    x-a: text
  a-store: {backend: redis, prefix: a, table: t, service: A, purpose: p}
"""


def document(text: str) -> dict[str, Any]:
    registry, _ = load_sources([SourceText("schemas/stores.yaml", text, "")])
    found: dict[str, Any] = json.loads(to_json(registry))
    return found


def faults(found: object) -> list[str]:
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(found)]


def test_the_schema() -> None:
    """The schema is one, and says itself which document it is for."""
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == schema["properties"]["schema"]["const"] == SCHEMA
    assert schema["properties"]["version"]["const"] == VERSION


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_case_follows_the_schema(path: Path) -> None:
    """Whatever a registry file holds, the document of what could be read follows the schema."""
    registry, _ = load([path])
    assert faults(json.loads(to_json(registry))) == []


def test_the_schema_refuses() -> None:
    """A document with a value of another type, without a field or with one more does not follow the schema."""
    changes: list[Callable[[dict[str, Any]], object]] = [
        lambda found: found["stores"][0].pop("table"),
        lambda found: found["stores"][0].update(more=1),
        lambda found: found["stores"][0].update(status="gone"),
        lambda found: found.update(version=2),
        lambda found: found["guide"]["reference"].update(regenerate=None),
    ]
    for change in changes:
        found = document(FULL)
        assert faults(found) == []
        change(found)
        assert len(faults(found)) == 1


def test_a_store_in_full() -> None:
    """A store has all its fields, with the table and the constant that it has; what there is none of is null."""
    first, second = document(FULL)["stores"]
    assert second == {
        "name": "b-store",
        "constant": "BStore",
        "backend": "own",
        "service": "A",
        "purpose": "see `a-store`",
        "prefix": None,
        "table": "b_store",
        "enableSearch": True,
        "status": "deprecated",
        "replacedBy": "a-store",
        "since": "2024-01-01",
        "readers": ["C", "B"],
        "writers": ["D"],
        "tags": ["z", "a"],
        "physical": None,
        "keys": [
            {
                "pattern": "x:{id}",
                "type": "hash",
                "ttl": "1h",
                "purpose": "An x",
                "source": {"path": "schemas/stores.yaml", "line": 16, "column": 9},
            },
            {
                "pattern": "y",
                "type": None,
                "ttl": None,
                "purpose": None,
                "source": {"path": "schemas/stores.yaml", "line": 17, "column": 9},
            },
        ],
        "classification": None,
        "retention": None,
        "rebuildable": None,
        "sensitive": [],
        "extra": {"x-a": "text", "x-z": "1, 2"},
        "source": {"path": "schemas/stores.yaml", "line": 4, "column": 3},
    }
    assert list(second["extra"]) == ["x-a", "x-z"]
    assert (first["name"], first["prefix"], first["table"], first["status"]) == ("a-store", "a", "t", "active")


def test_what_is_beside_the_stores() -> None:
    """Services, backends in use and those of the project's own, totals and the guide are there."""
    found = document(FULL)
    assert (found["schema"], found["version"], found["files"]) == (SCHEMA, VERSION, ["schemas/stores.yaml"])
    assert found["totals"] == {
        "stores": 2,
        "backends": {"own": 1, "redis": 1},
        "services": {"A": 2},
        "statuses": {"active": 1, "deprecated": 1},
    }
    source = {"path": "schemas/stores.yaml", "line": 2, "column": 14}
    assert found["services"] == [{"name": "A", "title": "Service A", "docs": "services/a", "source": source}]
    assert found["backends"] == [
        {"key": "redis", "label": "Redis", "tables": False},
        {"key": "own", "label": "Own", "tables": True},
    ]
    assert len(found["guide"]["namingConventions"]) == 3
    assert found["guide"]["generatedCode"] is None


def test_the_layout() -> None:
    """The text is indented by two, in the letters that it was written in, and ends with one newline."""
    text = to_json(load_sources([SourceText("a.yaml", FULL.replace("An x", "\u6f22\u5b57"), "")])[0])
    assert text.startswith('{\n  "schema": "')
    assert text.endswith("\n}\n")
    assert '"purpose": "\u6f22\u5b57"' in text


def test_the_order_of_the_file_does_not_matter() -> None:
    """Stores in another order give the same stores, their places aside."""

    def without_places(found: Any) -> Any:
        if isinstance(found, dict):
            return {key: without_places(value) for key, value in found.items() if key != "source"}
        return [without_places(item) for item in found] if isinstance(found, list) else found

    one = "  a: {backend: redis, service: A, purpose: p, x-b: 1, x-a: 2}\n"
    two = "  b: {backend: mysql, service: B, purpose: p}\n"
    first, second = document(f"x-state-stores:\n{one}{two}"), document(f"x-state-stores:\n{two}{one}")
    assert json.dumps(without_places(first)) == json.dumps(without_places(second))
    assert first != second


def test_no_store() -> None:
    """An empty registry follows the schema as well."""
    found = json.loads(to_json(Registry()))
    assert faults(found) == []
    assert (found["stores"], found["totals"]["stores"]) == ([], 0)


def test_declared_fields_have_values_of_their_types() -> None:
    """A boolean, a number and a list of ``x-fields`` are such in the document, which the schema allows."""
    found = document("""\
x-fields: {flag: boolean, cost: integer, words: list, time: {type: duration, default: 4h}, day: date}
x-state-stores:
  a: {backend: redis, service: A, purpose: p, flag: false, cost: 12, words: [x, y], day: 2026-11-26, x-n: 1}
  b: {backend: redis, prefix: b, service: A, purpose: p, rebuildable: true, sensitive: [email], retention: 30 days}
""")
    assert faults(found) == []
    first, second = found["stores"]
    assert first["extra"] == {
        "cost": 12,
        "day": "2026-11-26",
        "flag": False,
        "time": "4h",
        "words": ["x", "y"],
        "x-n": "1",
    }
    assert second["extra"] == {"time": "4h"}
    assert [second[name] for name in ("classification", "retention", "rebuildable", "sensitive")] == [
        None,
        "30 days",
        True,
        ["email"],
    ]
