"""Entities of a Backstage catalogue: those of the kind ``Resource``.

See https://backstage.io/docs/features/software-catalog/descriptor-format/#kind-resource.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.imports.documents import inner, line_of, read_parts, skip_kinds, text_of, texts_of
from sphinx_statestores.imports.format import Imported, Importer, ImportOptions, Report
from sphinx_statestores.imports.normalize import Group, Row, normalize
from sphinx_statestores.imports.synonyms import backend_words
from sphinx_statestores.registry.quoting import shown

if TYPE_CHECKING:
    from sphinx_statestores.imports.documents import Part
    from sphinx_statestores.imports.format import Raw
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.source import SourceText

_RESOURCE = "Resource"
_LIKE_BACKSTAGE = re.compile(r"^[\"']?apiVersion[\"']?:[ \t]*[\"']?backstage\.io/", re.MULTILINE)


def _read(source: SourceText, options: ImportOptions) -> Imported:
    report = Report(source.path)
    parts = skip_kinds(read_parts(source, report), _kind, lambda kind: kind == _RESOURCE, report)
    rows = [_row(part, report, options) for part in parts]
    names = dict.fromkeys(name for row in rows for name in row.values)
    return report.imported(normalize(Group("field", tuple(names), tuple(rows), 0), options, report))


def _kind(root: Node) -> str:
    return text_of(inner(root, "kind"))


def _row(part: Part, report: Report, options: ImportOptions) -> Row:
    root = part.root
    name_node = inner(root, "metadata", "name")
    name = text_of(name_node)
    line = line_of(part, name_node or root)
    values: dict[str, Raw] = {"name": name}
    for field, path in (
        ("purpose", ("metadata", "description")),
        ("status", ("spec", "lifecycle")),
        ("x-title", ("metadata", "title")),
        ("x-system", ("spec", "system")),
    ):
        if text := text_of(inner(root, *path)):
            values[field] = text
    tags = texts_of(inner(root, "metadata", "tags"))
    kind = text_of(inner(root, "spec", "type"))
    backend = next((word for word in (kind, *tags) if backend_words(word).key), "")
    if backend:
        values["backend"] = backend
        if backend != kind and kind:
            report.note(
                f"of {shown(name)}, the tag {shown(backend)} is read as the backend, not the type {shown(kind)}", line
            )
            values["x-type"] = kind
        tags = [tag for tag in tags if tag != backend]
    elif kind:
        # "database" is no backend; any other word may be one of the project's own.
        values["x-type" if kind == "database" or "backend" in options.values else "backend"] = kind
    if tags:
        values["tags"] = list(tags)
    _add_services(values, root, name, report, line)
    return Row(values, line)


def _add_services(values: dict[str, Raw], root: Node, name: str, report: Report, line: int) -> None:
    """Take what depends on a resource for the services that use it, and the first one for its owner."""
    users = [
        _entity(text) for text in texts_of(inner(root, "spec", "dependencyOf")) if not text.startswith("resource:")
    ]
    owner = _entity(text_of(inner(root, "spec", "owner")))
    if users:
        values["service"] = users[0]
        values["readers"] = list(users[1:])
        if owner:
            values["x-owner"] = owner
        report.note(f"of {shown(name)}, the first of 'dependencyOf', {shown(users[0])}, is read as the owner", line)
    elif owner:
        values["service"] = owner
        report.note(f"of {shown(name)}, 'owner' ({shown(owner)}) is read as the service", line)


def _entity(reference: str) -> str:
    """Return the name in a reference such as ``group:default/checkout``."""
    return reference.rpartition(":")[2].rpartition("/")[2]


FORMAT = Importer(_read, lambda source: _LIKE_BACKSTAGE.search(source.text) is not None)
