"""Containers of an EventCatalog: pages of Markdown whose front matter describes a database or a cache.

See https://www.eventcatalog.dev/docs/development/guides/data/introduction.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.imports.documents import (
    fields_of,
    inner,
    items_of,
    line_of,
    raw_of,
    read_parts,
    text_of,
    texts_of,
)
from sphinx_statestores.imports.format import Imported, Importer, ImportOptions, Report
from sphinx_statestores.imports.normalize import Group, Row, normalize
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import listed, shown
from sphinx_statestores.registry.reader import Scalar
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from sphinx_statestores.imports.documents import Part
    from sphinx_statestores.imports.format import Raw

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_LIKE_CONTAINER = re.compile(r"^(?:container_type|containerType)[ \t]*:", re.MULTILINE)
#: Field -> field of a store, or one of the project's own.
_TAKEN = {
    "summary": "purpose",
    "classification": "x-classification",
    "residency": "x-residency",
    "retention": "x-retention",
    "access_mode": "x-access-mode",
    "container_type": "x-container-type",
    "version": "x-version",
    "name": "x-title",
    "authoritative": "x-authoritative",
}


def _read(source: SourceText, options: ImportOptions) -> Imported:
    report = Report(source.path)
    found = _FRONT_MATTER.match(source.text)
    if found is None:
        report.problem(Kind.WRONG_SHAPE, "the file has no front matter between two '---' lines", 1)
        return report.imported(())
    # With the line before it, so that lines are counted from the file's first one.
    inside = SourceText(source.path, "\n" + found[1], source.digest)
    rows = [_row(part, report) for part in read_parts(inside, report)]
    names = dict.fromkeys(name for row in rows for name in row.values)
    return report.imported(normalize(Group("field", tuple(names), tuple(rows), 0), options, report))


def _row(part: Part, report: Report) -> Row:
    fields = fields_of(part.root)
    name = text_of(fields.get("id")) or text_of(fields.get("name"))
    values: dict[str, Raw] = {"name": name}
    left_out = []
    for field, node in fields.items():
        if field in {"id", "technology", "owners", "services"}:
            continue
        if field in _TAKEN and isinstance(node, Scalar) and text_of(node) and text_of(node) != name:
            values[_TAKEN[field]] = raw_of(node)
        elif field not in _TAKEN:
            left_out.append(field)
    line = line_of(part, fields.get("id") or part.root)
    if technology := text_of(fields.get("technology")):
        values["backend"] = technology
    owners = [text_of(inner(owner, "id")) or text_of(owner) for owner in items_of(fields.get("owners"))] or texts_of(
        fields.get("owners")
    )
    services = [text_of(inner(service, "id")) or text_of(service) for service in items_of(fields.get("services"))]
    users = services or owners
    if users and users[0]:
        values["service"] = users[0]
        what = "services" if services else "owners"
        message = f"of {shown(name)}, the first of {what!r}, {shown(users[0])}, is read as the service"
        report.note(message, line)
        if services:
            values["readers"] = list(users[1:])
        if services and owners:
            values["x-owners"] = list(owners)
        elif len(users) > 1 and not services:
            values["x-owners"] = list(users)
    if left_out:
        report.note(f"of {shown(name)}, these are ignored: {listed(map(shown, left_out), len(left_out))}", line)
    return Row(values, line)


def _recognizes(source: SourceText) -> bool:
    found = _FRONT_MATTER.match(source.text)
    return found is not None and _LIKE_CONTAINER.search(found[1]) is not None


FORMAT = Importer(_read, _recognizes)
