"""``statestores schema``."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from jsonschema import Draft202012Validator

from sphinx_statestores.registry.schema import schema_text

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


def test_the_schema_is_printed() -> None:
    """The command prints the shipped schema, byte for byte, and nothing else."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx_statestores", "schema"], capture_output=True, check=True, timeout=120
    )
    assert done.stdout == schema_text().encode()
    assert done.stderr == b""
    assert json.loads(done.stdout)["type"] == "object"


def test_declared_fields_are_in_the_schema(run: Run, repository: Path) -> None:
    """With files, stores may have the fields that these declare, of their types; errors end with 1."""
    (repository / "fields.yaml").write_text(
        "x-fields: {flag: boolean, level: {type: [low, 2], description: How much}, day: date}\nx-state-stores: {}\n",
        encoding="utf-8",
    )
    done = run("schema", "fields.yaml")
    assert (done.returncode, done.stderr) == (0, b"")
    validator = Draft202012Validator(json.loads(done.stdout))
    store = {"backend": "redis", "service": "A", "purpose": "p"}
    for fields, is_valid in (
        ({"flag": True, "level": "low", "day": "2026-01-31"}, True),
        ({"level": 2, "flag": None}, True),
        ({"flag": "true"}, False),
        ({"level": "high"}, False),
        ({"day": "tomorrow"}, False),
        ({"other": 1}, False),
    ):
        assert validator.is_valid({"x-state-stores": {"a": {**store, **fields}}}) is is_valid, fields
    (repository / "fields.yaml").write_text("x-fields: {flag: bool}\nx-state-stores: {}\n", encoding="utf-8")
    done = run("schema", "fields.yaml")
    assert done.returncode == 1
    assert b"did you mean 'boolean'?" in done.stderr
    assert json.loads(done.stdout)["type"] == "object"
