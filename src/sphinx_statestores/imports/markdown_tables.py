"""Markdown pages: the page that ``statestores generate markdown`` writes, and any table with a column for names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.imports.footnotes import FOOTNOTE_MARK, Footnotes
from sphinx_statestores.imports.format import Imported, Importer, ImportOptions, Report
from sphinx_statestores.imports.normalize import (
    Group,
    Row,
    assign,
    cells_by_column,
    column_names,
    is_skipped,
    normalize,
)
from sphinx_statestores.imports.reference_page import is_guide_table, read_reference_page
from sphinx_statestores.imports.synonyms import (
    SURE_BACKENDS,
    SURE_NAMES,
    SURE_PATTERNS,
    SUREST_NAMES,
    backend_words,
)
from sphinx_statestores.registry.field_words import squashed
from sphinx_statestores.registry.fields import FILE_FIELDS
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.markdown_blocks import LINE_BREAK, from_markdown, tables, unread_tables
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import listed, shown

if TYPE_CHECKING:
    from sphinx_statestores.registry.markdown_blocks import Table
    from sphinx_statestores.registry.source import SourceText

_TABLE_RULE = re.compile(r"^\|?[ :-]*--[ :|-]*\|[ :|-]*$", re.MULTILINE)
# "Auth service", "Service: Auth".
_FIELDS = frozenset({"name", *FILE_FIELDS})
_SERVICE_HEADING = re.compile(r"(?:service:\s*)(\S.{0,80})|(\S.{0,80}?)\s+service", re.IGNORECASE)


def _read(source: SourceText, options: ImportOptions) -> Imported:
    report = Report(source.path)
    stores = []
    seen: list[Table] = []
    footnotes = Footnotes(source.text, report)
    for table in tables(source.text):
        head = tuple(_plain(cell) for cell in table.head)
        if _has_stores(table, head, options):
            stores += normalize(_group(table, head, options, footnotes, report), options, report)
        elif not is_guide_table(head):
            seen.append(table)
            report.names.update(dict.fromkeys(filter(None, head)))
            columns = listed(map(shown, head), len(head))
            report.note(
                f"the table with the columns {columns} is skipped: no column has the names of stores", table.line
            )
    for line, message in unread_tables(source.text):
        report.note(message, line)
    if not stores and not report.problems:
        message = "no table has a column with the names of stores"
        message += ": name the column with --map name=COLUMN" if seen else ""
        report.problem(Kind.NO_REGISTRY, message)
    return report.imported(stores, read_reference_page(source, stores, report))


def _plain(markdown: str) -> str:
    return plain(from_markdown(FOOTNOTE_MARK.sub("", markdown))).strip()


def _has_stores(table: Table, head: tuple[str, ...], options: ImportOptions) -> bool:
    fields = assign([name for name in head if not is_skipped(name, options)], options.names)
    name = next((name for name, field in fields.items() if field == "name"), None)
    if name is None:
        return False
    # A table of settings or of people has a column for names, too.
    has_keys = any(squashed(other) in SURE_PATTERNS for other in head)
    is_sure = squashed(name) in SURE_NAMES and (len(fields) > 1 or squashed(name) in SUREST_NAMES) and not has_keys
    is_sure = is_sure or options.is_mapped("name", name)
    if is_sure or ("backend" in options.values and len(fields) > 1):
        return True
    # "Type" is a column of theirs as well: then it holds no backends.
    backend = next((name for name, field in fields.items() if field == "backend"), None)
    if backend is None:
        # Directly below "Redis", a name and a service say that it is a store; below "Settings" of it, they do not.
        above = _from_headings(table, fields)
        is_below = "backend" in above and any(text == _plain(table.headings[-1]) for _, text in above.values())
        has_service = "service" in {*fields.values(), *above, *options.values}
        return is_below and has_service and len(fields) > 1 and not has_keys
    if squashed(backend) in SURE_BACKENDS or options.is_mapped("backend", backend):
        return True
    column = head.index(backend)
    return any(backend_words(_plain(cell)).key for _, row in table.rows for cell in row[column : column + 1])


def _group(
    table: Table, head: tuple[str, ...], options: ImportOptions, footnotes: Footnotes, report: Report
) -> Group:
    names = column_names(head)
    known = assign(names, options.names)
    above = _from_headings(table, known)
    for field, (_, text) in above.items():
        report.note(f"the heading {shown(text)} is read as the {field}", table.line)
    heading = {field: value for field, (value, _) in above.items()}
    texts = {name for name in names if known.get(name, "purpose") == "purpose" or known[name] not in _FIELDS}
    footnotes.note(table.head, table.line)

    def text_in(name: str, cell: str, line: int) -> str:
        if known.get(name) == "name":
            cell = LINE_BREAK.sub(", ", cell)
        return from_markdown((footnotes.in_brackets if name in texts else footnotes.left_out)(cell, line))

    rows = []
    for line, row in table.rows:
        cells = {name: text_in(name, cell, line) for name, cell in cells_by_column(names, row, line, report).items()}
        if any(cells.values()):
            rows.append(Row({**heading, **cells}, line))
    return Group("column", (*heading, *names), tuple(rows), table.line, above=frozenset(heading))


def _from_headings(table: Table, known: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return registry field -> value and heading for what the headings above a table say of all its rows.

    Such headings are ``Redis`` and ``Auth service``; they do not count for the fields in *known*, column -> field.
    """
    found: dict[str, tuple[str, str]] = {}
    for heading in reversed(table.headings):
        text = _plain(heading)
        words = re.sub(r"\s+(?:stores|tables|state stores)$", "", text, flags=re.IGNORECASE)
        if "backend" not in known.values() and "backend" not in found and backend_words(words).key:
            found["backend"] = words, text
        elif "service" not in known.values() and "service" not in found:
            match = _SERVICE_HEADING.fullmatch(text)
            if match:
                found["service"] = match[1] or match[2], text
    return found


def _recognizes(source: SourceText) -> bool:
    is_named = source.path.lower().endswith((".md", ".markdown", ".mdx", ".myst"))
    return is_named or ("." not in source.path and _TABLE_RULE.search(source.text) is not None)


FORMAT = Importer(_read, _recognizes)
