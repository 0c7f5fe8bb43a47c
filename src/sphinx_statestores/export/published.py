"""A registry and the addresses of its stores -> ``statestores.json``, which a site publishes beside its pages.

The file is JSON that every YAML parser reads the same, and a registry that other projects read as they read their
own. It holds one store a line, so that a difference can be read.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sphinx_statestores.registry.fields import FILE_FIELDS, FieldType
from sphinx_statestores.registry.key_index import resolved_layout
from sphinx_statestores.registry.model import KEY_FIELDS, Store
from sphinx_statestores.registry.own_fields import type_word, typed_value
from sphinx_statestores.registry.published import SECTION, VERSION, layout_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sphinx_statestores.registry.model import OwnField, Registry

# JSON allows these characters in a text, and YAML does not, or takes them for line breaks
# (https://yaml.org/spec/1.2.2/#51-character-set). Other characters are not escaped: JSON would need two escapes for
# a character beyond U+FFFF, of which YAML makes two characters.
_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# https://yaml.org/spec/1.1/#id934537 - a key on one line
_KEY_LENGTH = 1000
_DEFAULTS = Store._field_defaults
# `json.dumps` makes a new encoder for each value.
_encode = json.JSONEncoder(ensure_ascii=False).encode


class Addresses(NamedTuple):
    """Where a site shows what it publishes."""

    project: str
    #: The URL of the site's root; may be empty.
    url: str
    #: Store -> address: relative to the root, or a whole URL. Stores on no page are left out.
    stores: Mapping[str, str]
    #: Store -> the URL of its lines in the registry.
    sources: Mapping[str, str]
    #: Service -> the address of its page.
    services: Mapping[str, str]


def to_published(registry: Registry, addresses: Addresses) -> str:
    """Return the content of ``statestores.json`` for all stores of a registry. Raises nothing.

    It has no paths of files: what is known of them is in the given URLs only.
    """
    facts: dict[str, Any] = {"version": VERSION, "project": addresses.project}
    if addresses.url:
        facts["url"] = addresses.url
    published = [f"{_json(name)}: {_json(value)}" for name, value in facts.items()]
    # What follows from the registry is not repeated.
    moved = {
        store.name: layout_data(store.resolved)
        for store in registry.stores
        if store.resolved is not None and store.resolved != resolved_layout(store._replace(resolved=None), registry)
    }
    named: tuple[tuple[str, Mapping[str, Any]], ...] = (
        ("stores", addresses.stores),
        ("sources", addresses.sources),
        ("services", addresses.services),
        ("layouts", moved),
    )
    for name, values in named:
        if values:
            published.append(f"{_json(name)}: {_lines(values, ' ')}")
    sections = {SECTION: "{\n" + ",\n".join(published) + "}"}
    backends = {
        backend.key: {"label": backend.label, "tables": backend.has_tables}
        for backend in registry.backends.values()
        if backend.places.path and backend.key in registry.by_backend
    }
    titles = {
        service.name: service.title
        for service in registry.services.values()
        if service.name in registry.by_service and service.title != service.name
    }
    if backends:
        sections["x-backends"] = _lines(backends)
    layouts = {
        backend.key: backend.layout.templates
        for backend in registry.backends.values()
        if any(backend.layout) and backend.key in registry.by_backend
    }
    if layouts:
        sections["x-physical"] = _lines(layouts)
    fields = {field.name: _declaration(field) for field in registry.guide.fields}
    if fields:
        sections["x-fields"] = _lines(fields)
    if titles:
        sections["x-services"] = _lines(titles)
    sections["x-state-stores"] = _lines({store.name: _store(store, registry.own_fields) for store in registry.stores})
    return "{\n" + ",\n".join(f"{_json(name)}: {text}" for name, text in sections.items()) + "\n}\n"


def _lines(values: Mapping[str, Any], indent: str = "") -> str:
    """Return an object with one line for each item."""
    if not values:
        return "{}"
    return "{\n" + ",\n".join(f"{indent}{_json(name)}: {_json(value)}" for name, value in values.items()) + "\n}"


def _declaration(field: OwnField) -> dict[str, Any]:
    """Return what other sites need of a declared field: how it is shown. Defaults are in the stores."""
    found: dict[str, Any] = {"type": list(field.choices) or type_word(field), "label": field.label}
    if field.description:
        found["description"] = field.description
    return found


def _store(store: Store, own: Mapping[str, OwnField]) -> dict[str, Any]:
    """Return the fields of a store as in a registry file, without those that have their default value."""
    found: dict[str, Any] = {}
    for name, field in FILE_FIELDS.items():
        value = getattr(store, field.attribute)
        if value == _DEFAULTS.get(field.attribute, ""):
            continue
        if field.type is FieldType.KEYS:
            value = [{part: text for part in KEY_FIELDS if (text := getattr(key, part))} for key in value]
        elif field.type is FieldType.LAYOUT:
            value = value.templates
        found[name] = value
    found.update(
        (name, typed_value(own.get(name), text))
        for name, text in store.extra
        if name not in found and len(name) < _KEY_LENGTH
    )
    return found


def _json(value: object) -> str:
    text = _encode(value)
    if text.isascii() and "\x7f" not in text:
        return text
    text = _SURROGATE.sub("\ufffd", text)
    return _NOT_IN_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
