"""Components of Dapr: state stores, with their prefix, table and scopes, and never a password or a connection.

See https://docs.dapr.io/reference/components-reference/supported-state-stores/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.imports.documents import (
    api_version,
    inner,
    items_of,
    line_of,
    read_parts,
    resource_fields,
    resources_of_kind,
    text_of,
    texts_of,
)
from sphinx_statestores.imports.format import Imported, Importer, ImportOptions, Report
from sphinx_statestores.imports.normalize import Row, normalize_rows
from sphinx_statestores.imports.synonyms import TRUE_WORDS, backend_words
from sphinx_statestores.registry.backends import KNOWN_BACKENDS
from sphinx_statestores.registry.quoting import listed, shown

if TYPE_CHECKING:
    from sphinx_statestores.imports.documents import Part
    from sphinx_statestores.imports.format import Raw
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.source import SourceText

_KIND = "state."
# Values of `keyPrefix` that stand for something else: https://docs.dapr.io/developing-applications/building-blocks/state-management/howto-share-state/
_BY_NAME, _BY_APP, _NONE = "name", frozenset({"appid", "namespace"}), "none"
#: Field of `spec.metadata` -> field of a store. The values of no other field are read.
_TAKEN = {
    "tablename": "table",
    "collectionname": "table",
    "collection": "table",
    "schemaname": "x-schema",
    "keyspace": "x-keyspace",
}
_LIKE_DAPR = api_version("dapr.io")
#: What is read of a component, and what is the same in all of them.
_READ = {
    "": ("apiVersion", "kind", "metadata", "spec", "scopes"),
    "metadata": ("name",),
    "spec": ("type", "version", "metadata"),
}


def _read(source: SourceText, options: ImportOptions) -> Imported:
    report = Report(source.path)
    # A secret may be anywhere.
    parts = resources_of_kind(
        read_parts(source, report, may_quote=False), _kind, lambda kind: kind.startswith(_KIND), report
    )
    return normalize_rows([_row(part, report) for part in parts], options, report)


def _kind(root: Node) -> str:
    """Return the type of a component, or the kind of another resource."""
    kind = text_of(inner(root, "kind"))
    return text_of(inner(root, "spec", "type")) if kind in {"Component", ""} else kind


def _row(part: Part, report: Report) -> Row:
    root = part.root
    name = text_of(inner(root, "metadata", "name"))
    kind = inner(root, "spec", "type")
    values: dict[str, Raw] = {"name": name, "backend": _backend(text_of(kind).removeprefix(_KIND))}
    lines = {"backend": line_of(part, kind)}
    ignored = resource_fields(root, _READ)
    prefix: tuple[str, int] | None = None
    for item in items_of(inner(root, "spec", "metadata")):
        field = text_of(inner(item, "name"))
        value = inner(item, "value")
        if field.lower() == "keyprefix":
            prefix = text_of(value), line_of(part, item)
        elif field.lower() == "queryindexes":
            values["enableSearch"] = "true"
        elif (ours := _TAKEN.get(field.lower())) and text_of(value):
            values[ours] = text_of(value)
            lines[ours] = line_of(part, item)
        elif field.lower() == "actorstatestore" and text_of(value).lower() in TRUE_WORDS:
            values["tags"] = ["actors"]
        else:
            ignored.append(field)
    line = line_of(part, inner(root, "metadata", "name") or root)
    report.ignored(name, ignored, line)
    scopes = texts_of(inner(root, "scopes"))
    if scopes:
        _add_scopes(values, scopes, name, report, line_of(part, inner(root, "scopes")))
    if prefix:
        _add_prefix(values, prefix, name, report)
    return Row(values, line, lines)


def _backend(kind: str) -> str:
    """Return what a type such as ``azure.cosmosdb`` is called elsewhere."""
    last = kind.rpartition(".")[2]
    return backend_words(kind).key or backend_words(last).key or last


def _add_scopes(values: dict[str, Raw], scopes: list[str], name: str, report: Report, line: int) -> None:
    owner, *others = scopes
    values["service"] = owner
    if others:
        values["readers"] = list(others)
        values["writers"] = list(others)
        who = listed(map(shown, others), len(others))
        message = (
            f"of {shown(name)}, the first scope, {shown(owner)}, is read as the owner, {who} as readers and writers"
        )
    else:
        message = f"of {shown(name)}, the scope {shown(owner)} is read as the owner"
    report.note(message, line)


def _add_prefix(values: dict[str, Raw], prefix: tuple[str, int], name: str, report: Report) -> None:
    text, line = prefix
    backend = KNOWN_BACKENDS.get(str(values["backend"]))
    if text == _NONE or not text:
        return
    if text.lower() in _BY_APP:
        report.note(f"of {shown(name)}, the prefix is the ID of the application, so none is written", line)
    elif backend is not None and "prefix" in backend.foreign_fields:
        message = f"of {shown(name)}, the prefix of keys is kept as 'x-key-prefix', since {backend.label} has tables"
        report.note(message, line)
        values["x-key-prefix"] = name if text == _BY_NAME else text
    else:
        values["prefix"] = name if text == _BY_NAME else text


FORMAT = Importer(_read, lambda source: _LIKE_DAPR.search(source.text) is not None)
