"""A new field of a store is one line in the table of fields, and its attribute."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[1]

#: A line of the table, and the attribute.
FIELDS = (
    (
        '_field("kept-for", "Kept For", FieldType.LOOSE, "How long.", name="keptFor", is_listed=True)',
        "kept_for: str = ''",
    ),
    ('_field("replicated", "Replicated", FieldType.FLAG, "If.", is_listed=True)', "replicated: bool = False"),
    (
        '_field("class", "Class", FieldType.CHOICE, "What.", attribute="level", choices=("open", "secret"))',
        "level: str = ''",
    ),
    ('_field("auditors", "Auditors", FieldType.SERVICES, "Who.", is_listed=True)', "auditors: tuple[str, ...] = ()"),
    ('_field("notes", "Notes", FieldType.PROSE, "Why.", is_listed=True, is_on_card=True)', "notes: str = ''"),
)

OLD = "x-state-stores: {a: {backend: mysql, service: A, purpose: p}, b: {backend: mysql, service: B, purpose: p}}"
NEW = """\
x-state-stores:
  a:
    backend: mysql
    service: A
    purpose: p
    keptFor: 30
    replicated: true
    class: secret
    auditors: [B, C]
    notes: As `b` says
  b: {backend: mysql, service: B, purpose: p, status: deprecated, auditors: [A]}
"""
BAD = """\
x-state-stores:
  a: {backend: mysql, service: A, purpose: p, replicated: 1, class: secrets, auditors: [a b], notes: [1], kepFor: 1}
"""
CONF = """\
extensions = ["sphinx_statestores"]
statestores_registry = "new.yaml"
statestores_lint = {"unknown_reader": "off"}
"""
PAGE = """\
Stores
======

.. statestore-table::
   :columns: name, kept-for, replicated, class, auditors, notes
   :sort: -class

.. statestore:: a

.. statestore-changes::
   :from: /old.yaml
"""

PROGRAM = """
import json, sys
from pathlib import Path
import sphinx_statestores as api
from sphinx_statestores.cli import main
from sphinx_statestores.export import json_schema
from sphinx_statestores.checks.lint import lint
from sphinx_statestores.registry.schema import schema_text
from sphinx_statestores.sphinx_ext.resolve.cells import StoreCells
from sphinx_statestores.sphinx_ext.resolve.entries import store_card

old, new, bad = (api.load([f"{name}.yaml"]) for name in ("old", "new", "bad"))
changes = api.compare(old[0], new[0])
cells = StoreCells(new[0], {}, {}, lambda _: "", lambda _: (), autolink=False)
print(json.dumps({
    "problems": [str(problem) for problem in (*old[1], *new[1])],
    "bad": [f"{problem.kind.subtype} {problem.location.column}" for problem in bad[1]],
    "suggestion": bad[1][-1].message,
    "lint": sorted(problem.message for problem in lint(new[0]) if problem.kind.subtype in sys.argv[1:]),
    "diff": [field[:3] for field in changes.changed[0].fields],
    "changes": json.loads(api.changes_to_json(changes))["changed"][0]["fields"],
    "json": json.loads(api.to_json(new[0]))["stores"][0],
    "csv": api.to_csv(new[0]),
    "schema": json.loads(schema_text()),
    "export schema": json.loads(json_schema.schema_text()),
    "card": store_card(new[0].stores[0], cells).facts,
}), flush=True)
sys.exit(main(["list", "new.yaml", "--columns", "name,class", "--sort=-class"]))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what everything makes of new fields, in a copy of the package that has them."""
    folder = tmp_path_factory.mktemp("new_field")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    insert(
        folder / "src/sphinx_statestores/registry/fields.py",
        "    # A new field comes here.",
        [f"{line}," for line, _ in FIELDS],
    )
    insert(
        folder / "src/sphinx_statestores/registry/model.py",
        "    #: Custom (``x-...``) and unknown fields as text",
        [line for _, line in FIELDS],
    )
    for name, text in (("old.yaml", OLD), ("new.yaml", NEW), ("bad.yaml", BAD), ("index.rst", PAGE)):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    text = run(folder, "-c", PROGRAM, "unknown_reader", "deprecated_in_use")
    first, _, listed = text.partition("\n")
    run(folder, "-m", "sphinx", "-q", "-W", "-b", "text", ".", "out")
    page = (folder / "out" / "index.txt").read_text(encoding="utf-8")
    return {**json.loads(first), "list": listed, "page": page}


def insert(file: Path, before: str, lines: list[str]) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    added = "".join(f"    {line}\n" for line in lines)
    file.write_text(text.replace(before, added + before), encoding="utf-8")


def run(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_it_is_read(found: dict[str, Any]) -> None:
    """Values of the right type give no problem, and others the problem of their type, at their place."""
    assert found["problems"] == []
    assert found["bad"] == [
        "wrong_shape 59",
        "invalid_value 69",
        "invalid_name 88",
        "wrong_shape 102",
        "unknown_field 107",
    ]
    assert "'keptFor'" in found["suggestion"]


def test_it_is_compared(found: dict[str, Any]) -> None:
    """A difference names it as a file does, and has its values before and after."""
    assert found["diff"] == [
        ["keptFor", None, "30"],
        ["replicated", "false", "true"],
        ["class", None, "secret"],
        ["auditors", None, ["B", "C"]],
        ["notes", None, "As `b` says"],
    ]
    assert [(field["before"], field["after"]) for field in found["changes"]] == [
        (None, "30"),
        (False, True),
        (None, "secret"),
        ([], ["B", "C"]),
        (None, "As `b` says"),
    ]


def test_it_is_exported(found: dict[str, Any]) -> None:
    """JSON has it under its name and CSV in a column, behind the fields that were there before."""
    names = ["keptFor", "replicated", "class", "auditors", "notes"]
    assert {name: found["json"][name] for name in names} == {
        "keptFor": "30",
        "replicated": True,
        "class": "secret",
        "auditors": ["B", "C"],
        "notes": "As `b` says",
    }
    assert found["json"]["extra"] == {}
    assert list(found["json"])[-7:] == [*names, "extra", "source"]
    head, first, second = found["csv"].splitlines()
    assert head.endswith(",sensitive,kept-for,replicated,class,auditors,notes")
    assert first.endswith(',30,yes,secret,"B, C",As `b` says')
    assert second.endswith(",,,,A,")


def test_the_schemas_know_it(found: dict[str, Any]) -> None:
    """Both JSON Schemas have it: that of a registry as it may be written, that of the export as it is exported."""
    store = {"backend": "mysql", "service": "A", "purpose": "p"}
    validator = Draft202012Validator(found["schema"])
    for field, right, wrong in (
        ("keptFor", 30, ["30"]),
        ("replicated", True, "yes"),
        ("class", "open", "opened"),
        ("auditors", ["B"], ["a b"]),
        ("notes", "a\nb", 1),
    ):
        assert found["schema"]["$defs"]["store"]["properties"][field]["description"].endswith(".")
        assert validator.is_valid({"x-state-stores": {"a": {**store, field: right}}}), field
        assert not validator.is_valid({"x-state-stores": {"a": {**store, field: wrong}}}), field
    exported = {**found["export schema"], **found["export schema"]["$defs"]["store"]}
    validator = Draft202012Validator(exported)
    assert validator.is_valid(found["json"])
    for field, value in found["json"].items():
        absent = {False: True, True: False}.get(value) if isinstance(value, bool) else None
        assert validator.is_valid({**found["json"], field: absent}) is (
            field
            not in {
                *(
                    "name",
                    "constant",
                    "backend",
                    "service",
                    "purpose",
                    "status",
                    "readers",
                    "writers",
                    "tags",
                    "keys",
                ),
                *("sensitive", "auditors", "extra", "source"),
            }
        ), field


def test_it_is_shown(found: dict[str, Any]) -> None:
    """A column, an entry, a card and the changes show it, each under its title."""
    page = " ".join(found["page"].split())
    for title in ("Kept For", "Replicated", "Class", "Auditors", "Notes"):
        # In the head of the table, and in the changes.
        assert page.count(title) >= 2
    entry = found["page"].partition("\na\n")[2] or found["page"]
    for words in ("**Kept For**:", "**Replicated**:", "**Auditors**:", "**Notes**:"):
        assert words in entry
    assert "**Class**:" not in entry
    assert '"As "b" says"' not in page
    assert 'As "b" says' in page
    assert found["card"][-1] == ["Notes", "As b says", False]
    assert found["list"].splitlines()[0].split() == ["a", "secret"]


def test_rules_look_at_it(found: dict[str, Any]) -> None:
    """What is checked of services that use a store is checked of a new list of services."""
    assert found["lint"] == [
        "the auditor 'C' of the store 'a' is not a known service: it owns no store and is not in 'x-services'",
        "the store 'b' is deprecated, but used by 'A'",
    ]
