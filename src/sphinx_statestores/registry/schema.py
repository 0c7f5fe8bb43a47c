"""The JSON Schema of a registry and its guide, for editors and for validators in other languages.

``schema.json`` is written by hand, except for the fields of a store, which come from the table of fields.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_statestores.registry.fields import FILE_FIELDS, Field, FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sphinx_statestores.registry.model import OwnField

_BY_HAND = Path(__file__).with_name("schema.json")

#: Field type -> the schema of its values. Choices get an enumeration; keys are written by hand.
_VALUES: dict[FieldType, Mapping[str, Any]] = {
    FieldType.LINE: {"$ref": "#/$defs/line"},
    FieldType.LOOSE: {"$ref": "#/$defs/loose"},
    FieldType.PROSE: {"$ref": "#/$defs/prose"},
    FieldType.FLAG: {"$ref": "#/$defs/flag"},
    FieldType.YES_OR_NO: {"$ref": "#/$defs/flag"},
    FieldType.TEXTS: {"$ref": "#/$defs/texts"},
    FieldType.BACKEND: {"$ref": "#/$defs/backend"},
    FieldType.SERVICE: {"$ref": "#/$defs/service"},
    FieldType.SERVICES: {"$ref": "#/$defs/services"},
    FieldType.STORE: {"$ref": "#/$defs/line"},
    FieldType.PREFIX: {
        "type": "string",
        "allOf": [{"$ref": "#/$defs/line"}, {"pattern": r"^\S*$"}, {"pattern": r"^[^*?\[\]\\]*$"}],
    },
    FieldType.TABLE: {"$ref": "#/$defs/filled"},
}


def schema_text(own: Iterable[OwnField] = ()) -> str:
    """Return the schema of registry and guide files as JSON Schema 2020-12; it ends with a newline.

    *own* are the fields that a registry declares. See https://json-schema.org/draft/2020-12/json-schema-core.
    """
    schema = json.loads(_BY_HAND.read_text(encoding="utf-8"))
    store = schema["$defs"]["store"]
    store["properties"] = {
        name: _property(field, store["properties"].get(name, {})) for name, field in FILE_FIELDS.items()
    }
    store["required"] = [name for name, field in FILE_FIELDS.items() if field.is_required]
    for declared in own:
        store["properties"][declared.name] = {
            "description": declared.description or declared.label,
            "anyOf": [_own_values(declared), {"type": "null"}],
        }
    return f"{json.dumps(schema, indent=2)}\n"


def _property(field: Field, by_hand: Mapping[str, Any]) -> dict[str, Any]:
    values = {"enum": field.choices} if field.type is FieldType.CHOICE else _VALUES.get(field.type, by_hand)
    return {"description": field.description, **values, **field.limits}


def _own_values(declared: OwnField) -> Mapping[str, Any]:
    """Return the schema of the values of a declared field. Numbers and dates may be choices as well as words."""
    if declared.type is FieldType.CHOICE:
        numbers = [json.loads(word) for word in declared.choices if re.fullmatch("-?(0|[1-9][0-9]{0,15})", word)]
        flags = [word == "true" for word in declared.choices if word in {"true", "false"}]
        return {"enum": [*declared.choices, *numbers, *flags]}
    return _OWN_VALUES.get(declared.type) or _VALUES[declared.type]


#: Field type -> the schema of its values, where it differs from that of a built-in field.
_OWN_VALUES: dict[FieldType, Mapping[str, Any]] = {
    FieldType.LOOSE: {"anyOf": [{"$ref": "#/$defs/prose"}, {"type": ["number", "boolean"]}]},
    FieldType.INTEGER: {"type": "integer"},
    FieldType.DURATION: {"$ref": "#/$defs/line"},
    FieldType.DATE: {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    FieldType.URL: {"type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"},
}
