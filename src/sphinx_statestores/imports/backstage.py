"""Entities of a Backstage catalogue: those of the kind ``Resource``.

See https://backstage.io/docs/features/software-catalog/descriptor-format/#kind-resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.imports.documents import (
    api_version,
    inner,
    line_of,
    read_parts,
    resource_fields,
    resources_of_kind,
    text_of,
    texts_of,
)
from sphinx_statestores.imports.format import Imported, Importer, ImportOptions, Report
from sphinx_statestores.imports.normalize import Row, normalize_rows
from sphinx_statestores.imports.synonyms import backend_words
from sphinx_statestores.registry.quoting import listed, shown

if TYPE_CHECKING:
    from sphinx_statestores.imports.documents import Part
    from sphinx_statestores.imports.format import Raw
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.source import SourceText

_RESOURCE = "Resource"
_LIKE_BACKSTAGE = api_version("backstage.io")
#: What is read of an entity.
_READ = {
    "": ("apiVersion", "kind", "metadata", "spec"),
    "metadata": ("name", "title", "description", "tags"),
    "spec": ("type", "owner", "lifecycle", "system", "dependencyOf"),
}


def _read(source: SourceText, options: ImportOptions) -> Imported:
    report = Report(source.path)
    parts = resources_of_kind(read_parts(source, report), _kind, lambda kind: kind == _RESOURCE, report)
    return normalize_rows([_row(part, report, options) for part in parts], options, report)


def _kind(root: Node) -> str:
    return text_of(inner(root, "kind"))


def _row(part: Part, report: Report, options: ImportOptions) -> Row:
    root = part.root
    name_node = inner(root, "metadata", "name")
    name = text_of(name_node)
    line = line_of(part, name_node or root)
    values: dict[str, Raw] = {"name": name}
    ignored = resource_fields(root, _READ)
    for field, path in (
        ("purpose", ("metadata", "description")),
        ("status", ("spec", "lifecycle")),
        ("x-title", ("metadata", "title")),
        ("x-system", ("spec", "system")),
    ):
        if text := text_of(inner(root, *path)):
            values[field] = text
        elif inner(root, *path) is not None:
            ignored.append(".".join(path))
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
    report.ignored(name, ignored, line)
    return Row(values, line)


def _add_services(values: dict[str, Raw], root: Node, name: str, report: Report, line: int) -> None:
    """Take what depends on a resource for the services that use it, and the first one for its owner."""
    references = texts_of(inner(root, "spec", "dependencyOf"))
    users = [_entity(text) for text in references if not _is_resource(text)]
    if others := [text for text in references if _is_resource(text)]:
        report.note(f"of {shown(name)}, resources are no services: {listed(map(shown, others), len(others))}", line)
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


def _is_resource(reference: str) -> bool:
    return reference.partition(":")[0].lower() == "resource" and ":" in reference


def _entity(reference: str) -> str:
    """Return the name in a reference such as ``group:default/checkout``."""
    return reference.rpartition(":")[2].rpartition("/")[2]


FORMAT = Importer(_read, lambda source: _LIKE_BACKSTAGE.search(source.text) is not None)
