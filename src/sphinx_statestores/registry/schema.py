"""The format of a registry and its guide as a JSON Schema, for editors and for checks in other languages."""

from __future__ import annotations

from pathlib import Path

#: JSON Schema 2020-12 (https://json-schema.org/draft/2020-12/json-schema-core), of either file.
SCHEMA_FILE = Path(__file__).with_name("schema.json")


def schema_text() -> str:
    """Return the schema as it is shipped; it ends with a newline."""
    return SCHEMA_FILE.read_text(encoding="utf-8")
