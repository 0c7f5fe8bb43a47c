"""Containers of an EventCatalog: pages of Markdown whose front matter describes a database or a cache.

See https://www.eventcatalog.dev/docs/development/guides/data/introduction.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.imports.documents import (
    fields_of,
    line_of,
    raw_of,
    read_parts,
    references_of,
    text_of,
)
from sphinx_statestores.imports.format import Imported, Importer, ImportOptions, Report
from sphinx_statestores.imports.normalize import Row, normalize_rows
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import shown
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
    return normalize_rows(rows, options, report)


def _row(part: Part, report: Report) -> Row:
    fields = fields_of(part.root)
    name = text_of(fields.get("id")) or text_of(fields.get("name"))
    technology = text_of(fields.get("technology"))
    services = references_of(fields.get("services"))
    owners = references_of(fields.get("owners"))
    read = {"id": name, "technology": technology, "services": services, "owners": owners}
    values: dict[str, Raw] = {"name": name, "backend": technology}
    ignored = []
    for field, node in fields.items():
        raw = raw_of(node)
        ours = _TAKEN.get(field)
        if ours and raw != name and (isinstance(raw, str) or ours != "purpose"):
            values[ours] = raw
        elif raw and raw != name and not read.get(field):
            ignored.append(field)
    line = line_of(part, fields.get("id") or part.root)
    if users := services or owners:
        values["service"] = users[0]
        what = "services" if services else "owners"
        message = f"of {shown(name)}, the first of {what!r}, {shown(users[0])}, is read as the service"
        report.note(message, line)
        values["readers"] = list(services[1:])
        values["x-owners"] = list(owners if services else owners[1:] and owners)
    report.ignored(name, ignored, line)
    return Row({field: raw for field, raw in values.items() if raw}, line)


def _recognizes(source: SourceText) -> bool:
    found = _FRONT_MATTER.match(source.text)
    return found is not None and _LIKE_CONTAINER.search(found[1]) is not None


FORMAT = Importer(_read, _recognizes)
