"""The JSON Schema of the JSON export: a file written by hand, with the fields of a store from the table of fields.

The file is part of the package, for programs that read it. To regenerate it, run ``python -m
sphinx_statestores.export.json_schema``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_statestores.registry.fields import EXPORTED_FIELDS, LISTS, Field, FieldType
from sphinx_statestores.registry.layout import LAYOUT_NAMES
from sphinx_statestores.registry.model import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA_FILE = Path(__file__).with_name("registry-export.schema.json")
#: The properties of a store that are not in the table of fields.
_BESIDE = ("extra", "source")
_LAYOUT = {
    name: {"type": "array", "items": {"type": "string"}} if name == "keys" else {"type": "string"}
    for name in LAYOUT_NAMES
}


def schema_text() -> str:
    """Return the current schema; it ends with a newline.

    Everything except the names, descriptions and types of a store's fields is taken from the existing file. Raises
    OSError or ValueError when that cannot be read.
    """
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    store = schema["$defs"]["store"]
    by_hand = store["properties"]
    fields = {field.name: _property(field, by_hand.get(field.name, {})) for field in EXPORTED_FIELDS}
    store["properties"] = {**fields, **{name: by_hand[name] for name in _BESIDE}}
    store["required"] = list(store["properties"])
    return f"{json.dumps(schema, indent=2)}\n"


def _property(field: Field, by_hand: Mapping[str, Any]) -> dict[str, Any]:
    about = {"description": field.exported_as} if field.exported_as else {}
    return {**about, **_values(field), **{name: by_hand[name] for name in ("minLength", "items") if name in by_hand}}


def _values(field: Field) -> dict[str, Any]:
    if field.type is FieldType.FLAG:
        return {"type": "boolean"}
    if field.type is FieldType.YES_OR_NO:
        return {"type": ["boolean", "null"]}
    if field.type in LISTS or field.type is FieldType.KEYS:
        return {"type": "array", "items": {"type": "string"}}
    if field.type is FieldType.LAYOUT:
        return {"type": ["object", "null"], "properties": _LAYOUT, "additionalProperties": False}
    is_always_there = field.is_required or not field.attribute or Store._field_defaults[field.attribute] != ""
    if field.type is FieldType.CHOICE:
        return {"enum": [*field.choices, *([] if is_always_there else [None])]}
    return {"type": "string" if is_always_there else ["string", "null"]}


if __name__ == "__main__":
    sys.stdout.write(schema_text())
