"""``x-state-stores`` -> stores: the rules for one store, and the fields it may have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry.model import STATUSES, Key, Store
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.reader import Scalar, Sequence
from sphinx_statestores.registry.shapes import NAME, shown
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.shapes import Entry, Inspector

#: The fields of a store, in the order in which they are usually written.
STORE_FIELDS = (
    "backend",
    "prefix",
    "table",
    "service",
    "purpose",
    "enableSearch",
    "status",
    "replacedBy",
    "since",
    "readers",
    "writers",
    "tags",
    "keys",
)
#: The fields of an item of ``keys``.
KEY_FIELDS = ("pattern", "type", "ttl", "purpose")

_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


def read_store(inspector: Inspector, name: Scalar, node: Node, backends: Iterable[str]) -> Store | None:
    """Make a store of one item of ``x-state-stores``; nothing when there is an error in it."""
    before = inspector.errors
    what = f"the store {shown(name.text)}"
    if not NAME.fullmatch(name.text):
        message = f"{name.text[:128]!a} is no name for a store: ASCII letters, digits, '.', '_', '-', at most 128"
        inspector.report(Kind.INVALID_NAME, message, name)
    entries = inspector.entries(node, what)
    if entries is None:
        return None
    inspector.unknown_fields(entries, STORE_FIELDS, what)
    required = {"backend": "", "service": ""}
    for field in required:
        if field not in entries:
            message = f"{what} has no {field!r}"
            near = did_you_mean(field, [key for key in entries if key not in STORE_FIELDS], limit=1)
            inspector.report(Kind.MISSING_FIELD, message + near, name)
        else:
            required[field] = inspector.filled(entries[field].value, f"{field!r} of {what}")
    backend, service = required["backend"], required["service"]
    if backend and backend not in backends:
        message = f"unknown backend {shown(backend)} of {what}{did_you_mean(backend, backends)}"
        inspector.report(Kind.UNKNOWN_BACKEND, message, entries["backend"].value)
    if service and not _SERVICE.fullmatch(service):
        message = f"{service[:128]!a} is no name for a service: it could not be part of a path or a link"
        inspector.report(Kind.INVALID_NAME, message, entries["service"].value)
    purpose = ""
    if "purpose" not in entries:
        inspector.report(Kind.MISSING_PURPOSE, f"{what} has no 'purpose'", name)
    else:
        node = entries["purpose"].value
        purpose = " ".join(inspector.text(node, f"'purpose' of {what}").split())
        if isinstance(node, Scalar) and node.kind == "str" and not node.text.strip():
            inspector.report(Kind.MISSING_PURPOSE, f"'purpose' of {what} is empty", node)
    optional = _optional_fields(inspector, entries, what)
    if inspector.errors > before:
        return None
    return Store(
        name.text,
        backend,
        service,
        purpose,
        inspector.places(name, entries),
        **optional,  # type: ignore[arg-type] # each value has the type of its field
    )


def _optional_fields(inspector: Inspector, entries: dict[str, Entry], what: str) -> dict[str, object]:
    found: dict[str, object] = {}
    extra: list[tuple[str, str]] = []
    for name, (_, node) in entries.items():
        subject = f"{name!r} of {what}"
        if name in {"prefix", "table"}:
            found[name] = inspector.text(node, subject)
        elif name == "enableSearch":
            found["enable_search"] = inspector.flag(node, subject)
        elif name == "status":
            status = inspector.filled(node, subject)
            if status and status not in STATUSES:
                message = (
                    f"{subject} is one of {', '.join(STATUSES)}, not {shown(status)}{did_you_mean(status, STATUSES)}"
                )
                inspector.report(Kind.INVALID_VALUE, message, node)
            found["status"] = status
        elif name == "replacedBy":
            found["replaced_by"] = inspector.text(node, subject)
        elif name == "since":
            found["since"] = inspector.loose_text(node, subject)
        elif name in {"readers", "writers", "tags"}:
            found[name] = inspector.texts(node, subject)
        elif name == "keys":
            found["keys"] = _keys(inspector, node, subject)
        elif name not in STORE_FIELDS:
            extra.append((name, _written(node)))
    if extra:
        found["extra"] = tuple(extra)
    return found


def _keys(inspector: Inspector, node: Node, what: str) -> tuple[Key, ...]:
    keys = []
    for item in inspector.items(node, what):
        entries = inspector.entries(item, f"an item of {what}")
        if entries is None:
            continue
        inspector.unknown_fields(entries, KEY_FIELDS, f"an item of {what}")
        before = inspector.errors
        values = {
            field: inspector.loose_text(entries[field].value, f"{field!r} in {what}") if field in entries else ""
            for field in KEY_FIELDS
        }
        if not values["pattern"] and inspector.errors == before:
            inspector.report(Kind.MISSING_FIELD, f"an item of {what} has no 'pattern'", item)
        keys.append(Key(**values, places=inspector.places(item, entries)))
    return tuple(keys)


def _written(node: Node) -> str:
    """Put a user's own value into one line, as near to its YAML as one line can be."""
    if isinstance(node, Scalar):
        return "" if node.kind == "null" else node.text
    if isinstance(node, Sequence):
        return ", ".join(_written(item) for item in node.items)
    return ", ".join(f"{_written(key)}: {_written(value)}" for key, value in node.pairs)
