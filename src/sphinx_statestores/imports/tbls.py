"""The ``schema.json`` of tbls: each table is a store.

See https://github.com/k1LoW/tbls.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.imports.documents import inner, items_of, line_of, read_parts, text_of
from sphinx_statestores.imports.format import Imported, Importer, ImportOptions, Report
from sphinx_statestores.imports.normalize import Row, normalize_rows
from sphinx_statestores.registry.naming import kebab_case
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import listed, shown

if TYPE_CHECKING:
    from sphinx_statestores.imports.documents import Part
    from sphinx_statestores.imports.format import Raw
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.source import SourceText

_HAS_TABLES = re.compile(r'^\s*\{.{0,2000}?"tables"\s*:\s*\[', re.DOTALL)
_HAS_COLUMNS = re.compile(r'"columns"\s*:\s*\[')
_VIEW = "VIEW"
#: The schema that a table of PostgreSQL is in when nothing is said.
_DEFAULT_SCHEMA = "public."


def _read(source: SourceText, options: ImportOptions) -> Imported:
    report = Report(source.path)
    rows: list[Row] = []
    for part in read_parts(source, report):
        driver = text_of(inner(part.root, "driver", "name"))
        skipped = []
        for table in items_of(inner(part.root, "tables")):
            name = text_of(inner(table, "name"))
            if _VIEW in text_of(inner(table, "type")).upper():
                skipped.append(name)
            else:
                rows.append(_row(part, table, name, driver))
        if not rows and not skipped:
            report.problem(Kind.NO_REGISTRY, "the file has no 'tables'", line_of(part, part.root))
        if skipped:
            report.note(f"views are skipped: {listed(map(shown, skipped), len(skipped))}")
    return normalize_rows(rows, options, report)


def _row(part: Part, table: Node, name: str, driver: str) -> Row:
    own_name = kebab_case(name.removeprefix(_DEFAULT_SCHEMA)).replace(".", "-")
    values: dict[str, Raw] = {"name": own_name, "table": name.removeprefix(_DEFAULT_SCHEMA)}
    if driver:
        values["backend"] = driver
    if comment := text_of(inner(table, "comment")):
        values["purpose"] = comment
    if labels := [text for label in items_of(inner(table, "labels")) if (text := text_of(inner(label, "name")))]:
        values["tags"] = list(labels)
    return Row(values, line_of(part, inner(table, "name") or table))


def _recognizes(source: SourceText) -> bool:
    return _HAS_TABLES.match(source.text) is not None and _HAS_COLUMNS.search(source.text) is not None


FORMAT = Importer(_read, _recognizes)
