"""The JSON Schema says of a file what the reader says, wherever JSON Schema can say it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, validators

from sphinx_statestores.registry.backends import KNOWN_BACKENDS
from sphinx_statestores.registry.fields import FILE_FIELDS, PURPOSE_LIMIT
from sphinx_statestores.registry.loader import SECTIONS, load
from sphinx_statestores.registry.model import KEY_FIELDS, STATUSES, OwnField
from sphinx_statestores.registry.problems import GUARDED_RULES, RULES, Kind
from sphinx_statestores.registry.reader import Node, Scalar, Sequence, read_document
from sphinx_statestores.registry.schema import schema_text

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
SCHEMA: dict[str, Any] = json.loads(schema_text())

#: What JSON Schema cannot see: other sections, other files, other stores, how a value is spelled.
OUT_OF_REACH = {
    Kind.BACKEND_LABEL,
    Kind.CONSTANT_COLLISION,
    Kind.DUPLICATE_NAME,
    Kind.INVISIBLE_CHARACTERS,
    Kind.MISSING_PREFIX,
    Kind.NAME_COLLISION,
    Kind.NO_REGISTRY,
    Kind.SAME_PREFIX,
    Kind.SAME_TABLE,
    Kind.TEXT_CUT,
    Kind.TEXT_FOR_LIST,
    Kind.UNKNOWN_BACKEND,
    Kind.UNKNOWN_REFERENCE,
    Kind.UNKNOWN_SECTION,
    Kind.UNUSED_SERVICE,
    Kind.YAML_1_1_BOOLEAN,
}
#: Bytes that are no text, and a table that is made of a name: a schema sees the one or the other.
CASES_OUT_OF_REACH = {"latin-1", "reference-at-the-root", "table-from-a-long-name"}
#: What is in the braces of a pattern, and what a label stands for, is nothing that a schema sees.
CASES_OUT_OF_REACH |= {"fields-of-patterns", "wrong-case-backend"}
#: The parts of a layout are those of one type, whatever the backend.
CASES_OUT_OF_REACH |= {"physical-foreign"}
#: No larger value is made of a case: alias bombs are refused before they are walked.
LARGEST = 20_000


class Stamp:
    """A date: no value of JSON, and no text."""


class NotJson(Exception):  # noqa: N818 - control flow of this module
    """A file that no value of JSON is like: a name that is no text, or is there twice."""


def as_json(node: Node) -> Any:
    """Make of a value of YAML what a validator of JSON sees."""
    if isinstance(node, Scalar):
        kinds: dict[str, Any] = {
            "null": None,
            "bool": node.text.lower() in {"true", "yes", "on"},
            "int": 1,
            "float": 1.5,
            "str": node.text,
        }
        return kinds[node.kind] if node.kind in kinds else Stamp()
    if isinstance(node, Sequence):
        return [as_json(item) for item in node.items]
    found: dict[str, Any] = {}
    for key, value in node.pairs:
        if not isinstance(key, Scalar) or key.kind != "str" or key.text in found:
            raise NotJson
        found[key.text] = as_json(value)
    return found


def validator(own: tuple[OwnField, ...] = ()) -> Any:
    """Return what validates; where any scalar will do, a date does as a number does. *own* are declared fields."""
    with_dates = Draft202012Validator.TYPE_CHECKER.redefine(
        "number",
        lambda _, value: isinstance(value, Stamp | int | float) and not isinstance(value, bool),
    )
    extend: Any = validators.extend
    return extend(Draft202012Validator, type_checker=with_dates)(json.loads(schema_text(own)) if own else SCHEMA)


def findings(path: Path) -> list[str] | None:
    """Return what the schema finds wrong in a file; nothing when the file is like no value of JSON."""
    document, _ = read_document(path.read_bytes().decode("utf-8-sig", "replace"), str(path))
    if document is None or document.root.size > LARGEST:
        return None
    try:
        value = as_json(document.root)
    except NotJson:
        return None
    own = load([path])[0].guide.fields
    return [f"{error.json_path}: {error.message[:200]}" for error in validator(own).iter_errors(value)]


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_the_schema_agrees_with_the_reader(path: Path) -> None:
    """A file is valid when the reader finds nothing, and is not when it finds what a schema can see."""
    found = findings(path)
    if found is None or path.stem in CASES_OUT_OF_REACH:
        return
    kinds = {problem.kind for problem in load([path])[1]}
    if not kinds:
        assert found == []
    elif kinds - OUT_OF_REACH:
        assert found != []


def test_the_agreement_is_about_something() -> None:
    """Most cases are like a value of JSON; scores of them are right, and scores are wrong."""
    judged = [found for path in CASES if (found := findings(path)) is not None]
    assert len(judged) >= len(CASES) * 0.6
    assert sum(not found for found in judged) >= 20
    assert sum(bool(found) for found in judged) >= 60


@pytest.mark.parametrize("name", ["state-stores.yaml", "state-stores-guide.yaml"])
def test_our_own_files_are_valid(name: str) -> None:
    """The registry and the guide of this repository are valid."""
    assert findings(ROOT / "schemas" / name) == []


def test_it_is_a_schema() -> None:
    """The schema is one of draft 2020-12, and says so."""
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMA)


def test_the_copy_for_editors_is_the_same() -> None:
    """What is in ``schemas/`` is what ``statestores schema`` prints; ``make generate-docs`` writes it."""
    assert (ROOT / "schemas" / "state-stores.schema.json").read_text(encoding="utf-8") == schema_text()


def test_it_names_what_the_code_names() -> None:
    """Sections, fields, backends, states and limits are those of the code, each with a description."""
    store = SCHEMA["$defs"]["store"]
    assert set(SCHEMA["properties"]) == set(SECTIONS)
    assert list(SCHEMA["properties"]["x-lint"]["properties"]) == [rule for rule in RULES if rule not in GUARDED_RULES]
    assert tuple(store["properties"]) == tuple(FILE_FIELDS)
    assert tuple(store["properties"]["keys"]["items"]["properties"]) == KEY_FIELDS
    assert SCHEMA["$defs"]["backend"]["anyOf"][0]["enum"] == list(KNOWN_BACKENDS)
    assert store["properties"]["status"]["enum"] == list(STATUSES)
    assert store["properties"]["purpose"]["maxLength"] == PURPOSE_LIMIT
    for fields in (SCHEMA["properties"], store["properties"]):
        assert all(field["description"].endswith(".") for field in fields.values())


def test_it_knows_the_fields_of_each_backend() -> None:
    """A field that means nothing in a known backend is refused as the reader does, and none is demanded."""
    for key, backend in KNOWN_BACKENDS.items():
        for field, value in (("prefix", "a"), ("table", "a"), ("enableSearch", True)):
            store = {"backend": key, "service": "A", "purpose": "A", field: value}
            is_valid = not list(validator().iter_errors({"x-state-stores": {"a": store}}))
            assert is_valid is (field not in backend.foreign_fields), (key, field)
        alone = {"backend": key, "service": "A", "purpose": "A"}
        assert not list(validator().iter_errors({"x-state-stores": {"a": alone}}))
