"""A registry -> JSON for programs: all data in a fixed order, as described by ``registry-export.schema.json``."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from sphinx_statestores.export.format import Format, Written
from sphinx_statestores.registry.fields import EXPORTED_FIELDS, LISTS, FieldType
from sphinx_statestores.registry.model import KEY_FIELDS
from sphinx_statestores.registry.own_fields import typed_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sphinx_statestores.registry.fields import Field, Value
    from sphinx_statestores.registry.model import Guide, Registry, Store
    from sphinx_statestores.registry.places import Places

#: The identifier in each document; also the ``$id`` of its JSON Schema.
SCHEMA = "urn:sphinx-statestores:registry-export:1"
#: The version of the format. Increased for changes that break readers.
VERSION = 1

#: The beginning of a document, in any version and with any indentation.
_BEGINNING = re.compile(r'\{\s*"schema"\s*:\s*"urn:sphinx-statestores:registry-export:')

_BOOLEANS = frozenset({FieldType.FLAG, FieldType.YES_OR_NO})
_TRUTH: dict[Value, bool | None] = {"true": True, "false": False, "": None}

# Undecodable bytes in a file name are represented by surrogates, which cannot be encoded as UTF-8.
_SURROGATE = re.compile("[\ud800-\udfff]")


def to_json(registry: Registry) -> str:
    """Return the whole registry as one indented JSON object that ends with a newline.

    Files have the paths of the registry. ``registry-export.schema.json`` describes the object. Raises nothing.
    """
    document = {
        "schema": SCHEMA,
        "version": VERSION,
        "files": [file.path for file in registry.files],
        "totals": {
            "stores": len(registry.stores),
            "backends": counts(store.backend for store in registry.stores),
            "services": counts(store.service for store in registry.stores),
            "statuses": counts(store.status for store in registry.stores),
        },
        "stores": [_store(store, registry) for store in registry.stores],
        "services": [
            {
                "name": service.name,
                "title": service.title,
                "docs": service.docs or None,
                "source": _source(service.places),
            }
            for service in registry.services.values()
        ],
        "backends": [
            {"key": backend.key, "label": backend.label, "tables": backend.has_tables}
            for backend in registry.backends.values()
            # Unused built-in backends are left out: they are not data of this registry.
            if backend.key in registry.by_backend or backend.places.path
        ],
        "guide": _guide(registry.guide),
    }
    return f"{value(document, indent=2)}\n"


def stores_to_json(registry: Registry, stores: Sequence[Store], columns: Sequence[Field] = ()) -> str:
    """Return an array of stores: objects as in ``stores`` of :func:`to_json`, or with *columns* alone."""
    if columns:
        data = [{field.key: field.value(store, registry) for field in columns} for store in stores]
    else:
        data = [_store(store, registry) for store in stores]
    return f"{value(data, indent=2)}\n"


def value(data: Any, indent: int | None = None) -> str:
    """Return data as JSON without ASCII escapes, always valid UTF-8. *indent* is in blanks for each level."""
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def store_data(store: Store, registry: Registry) -> dict[str, Any]:
    """Return the fields of a store as JSON data, without locations. Missing fields are None."""
    return {
        **{name: export(store, registry) for name, export in _EXPORTS},
        "extra": {
            name: typed_value(registry.own_fields.get(name), text) for name, text in sorted(dict(store.extra).items())
        },
    }


def _export_of(field: Field) -> Callable[[Store, Registry], Any]:
    """Return the function that converts one field of a store. It is chosen once, since a registry has many stores."""
    recorded = field.recorded
    if field.type is FieldType.KEYS:
        return lambda store, _: [key_data((key.pattern, key.type, key.ttl, key.purpose)) for key in store.keys]
    if field.type is FieldType.LAYOUT:
        return lambda store, _: store.physical.templates or None
    if field.is_required or field.type in LISTS:
        return recorded
    if field.type is FieldType.FLAG:
        return lambda store, registry: recorded(store, registry) == "true"
    if field.type is FieldType.YES_OR_NO:
        return lambda store, registry: _TRUTH[recorded(store, registry)]
    return lambda store, registry: recorded(store, registry) or None


_EXPORTS = tuple((field.name, _export_of(field)) for field in EXPORTED_FIELDS)


def value_data(field: Field | None, recorded: Value | None) -> Any:
    """Return the value of a field as JSON data; None stays None.

    *recorded* is the value as in a file. *field* is None for a custom field.
    """
    if field is not None and field.type in LISTS:
        return recorded or ()
    is_truth = field is not None and field.type in _BOOLEANS and recorded is not None
    return recorded == "true" if is_truth else recorded


def key_data(fields: Sequence[str]) -> dict[str, str | None]:
    """Take the fields of a key; return field -> value. An empty value becomes None."""
    return {name: text or None for name, text in zip(KEY_FIELDS, fields, strict=True)}


def _store(store: Store, registry: Registry) -> dict[str, Any]:
    data = store_data(store, registry)
    keys = [{**found, "source": _source(key.places)} for found, key in zip(data["keys"], store.keys, strict=True)]
    return {**data, "keys": keys, "source": _source(store.places)}


def _guide(guide: Guide) -> dict[str, Any]:
    code, reference = guide.generated_code, guide.reference
    return {
        "namingConventions": [
            {
                "pattern": convention.pattern,
                "backends": convention.backends,
                "description": convention.description or None,
                "prefer": convention.prefer or None,
            }
            for convention in guide.conventions
        ],
        "backendGuide": [
            {
                "useCase": choice.use_case,
                "backend": choice.backend,
                "enableSearch": choice.enable_search,
                "rationale": choice.rationale or None,
            }
            for choice in guide.backend_choices
        ],
        "deployments": [
            {"title": deployment.title, "note": deployment.note or None, "stores": dict(deployment.stores)}
            for deployment in guide.deployments
        ],
        "generatedCode": code
        and {
            "language": code.language,
            "path": code.path or None,
            "namespace": code.namespace or None,
            "class": code.class_name,
            "names": code.names,
        },
        "reference": {
            "project": reference.project or None,
            "regenerate": guide.regenerate,
            "deployments": reference.deployments or None,
            "closing": {
                "label": reference.closing_label or None,
                "href": reference.closing_href or None,
                "text": reference.closing_text or None,
            },
        },
    }


def _source(places: Places) -> dict[str, Any]:
    location = places.of()
    return {"path": location.path, "line": location.line, "column": location.column}


def counts(values: Iterable[str]) -> dict[str, int]:
    """Return value -> number of occurrences, sorted by value."""
    return dict(sorted(Counter(values).items()))


FORMAT = Format(
    lambda registry, _: Written(to_json(registry)), lambda beginning: _BEGINNING.match(beginning) is not None
)
