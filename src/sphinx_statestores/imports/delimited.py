"""Comma-separated and tab-separated values, with a line of names before all rows."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from sphinx_statestores.imports.format import Imported, Importer, ImportOptions, Report
from sphinx_statestores.imports.normalize import Group, Row, cells_by_column, column_names, normalize
from sphinx_statestores.imports.synonyms import KNOWN_FIELDS
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import listed, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.registry.source import SourceText

_DELIMITERS = ",;\t|"
#: What guards a cell that a spreadsheet would take for a formula: :mod:`sphinx_statestores.export.csv_rows`.
_GUARD = re.compile(r"'(?=[\t\r\n']|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
# The first line that Excel reads and writes for the separator of the others.
_SEPARATOR = re.compile(r"\A\ufeff?\"?sep=([^\"\r\n])\"?[;,\t]*\r?\n", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')


def read_rows(source: SourceText, options: ImportOptions, delimiter: str = "") -> Imported:
    """Read the rows of a text; without a *delimiter*, the one of ``,;|`` and tab that its first line has most of.

    A line ``sep=;`` before all others says it.
    """
    report = Report(source.path)
    if said := _SEPARATOR.match(source.text):
        delimiter = said[1]
        # The other lines keep their numbers.
        source = source._replace(text=f"\n{source.text[said.end() :]}")
    first = next((line for line in source.text.splitlines() if line.strip()), "")
    bare = _QUOTED.sub("", first)
    delimiter = delimiter or max(_DELIMITERS, key=bare.count)
    (head_line, head), *rows = list(_rows(source.text, delimiter, report)) or [(0, [])]
    if not head:
        report.problem(Kind.EMPTY_FILE, "the file has no rows")
        return report.imported(())
    if other := _delimiter_of_rows(source, delimiter, len(head), rows):
        words = f"the header has {_called(delimiter)} between the columns, the rows have {_called(other)}"
        report.problem(Kind.WRONG_SHAPE, f"{words}: use the same separator in all lines", rows[0][0])
        return report.imported(())
    names = column_names(cell.strip() for cell in head)
    found = []
    short: list[int] = []
    for line, row in rows:
        if other := _delimiter_of_row(source, delimiter, len(head), row):
            words = f"the row has {_called(other)} between the columns, the header has {_called(delimiter)}"
            report.problem(Kind.WRONG_SHAPE, f"{words}: it is left out", line)
            continue
        if len(row) < len(head):
            short.append(line)
        cells = cells_by_column(names, row, line, report)
        found.append(Row({name: _GUARD.sub("", cell, count=1).strip() for name, cell in cells.items()}, line))
    if short:
        lines = listed(map(str, short), len(short))
        where = f"the row in line {lines} has" if len(short) == 1 else f"the rows in lines {lines} have"
        report.note(f"{where} fewer cells than there are columns: the last columns count as empty", short[0])
    is_ours = all(name in KNOWN_FIELDS or name.startswith("x-") for name in names)
    stores = normalize(Group("column", names, tuple(found), head_line, is_ours=is_ours), options, report)
    if not stores and not report.problems:
        report.problem(Kind.NO_STORES, "the file has a header, but no rows")
    return report.imported(stores)


def _delimiter_of_rows(source: SourceText, delimiter: str, columns: int, rows: list[tuple[int, list[str]]]) -> str:
    """Return the separator of the rows, where it is another than *delimiter*, that of the header; else nothing.

    It is another if no row has as many cells as there are columns, and with the other separator most have.
    """
    if columns == 1 or not rows or any(len(row) == columns for _, row in rows):
        return ""
    for other in _DELIMITERS.replace(delimiter, ""):
        _, *divided = _rows(source.text, other, Report(source.path))
        if sum(len(row) == columns for _, row in divided) * 2 > len(rows):
            return other
    return ""


def _delimiter_of_row(source: SourceText, delimiter: str, columns: int, row: list[str]) -> str:
    """Return the separator of a row that has as many cells as there are columns with that one alone; else nothing."""
    if len(row) == columns:
        return ""
    text = delimiter.join(row)
    for other in _DELIMITERS.replace(delimiter, ""):
        # A cell may have line ends.
        _, cells = next(_rows(text, other, Report(source.path)), (0, []))
        if len(cells) == columns and other in text:
            return other
    return ""


def _called(delimiter: str) -> str:
    return "tabs" if delimiter == "\t" else shown(delimiter)


def _rows(text: str, delimiter: str, report: Report) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with its first line."""
    # Line ends inside of a cell stay as they are.
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if reader.line_num > line and not _is_well_quoted(lines[line - 1 : reader.line_num], delimiter):
                message = (
                    f"a quote of this row, which ends in line {reader.line_num}, is not closed at the end of a cell: "
                    "the row is left out"
                )
                report.problem(Kind.WRONG_SHAPE, message, line)
            elif any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        report.problem(Kind.WRONG_SHAPE, f"the rest of the file cannot be read: {error}", line)


def _is_well_quoted(lines: list[str], delimiter: str) -> bool:
    """Return whether each quote that opens in a row of several lines closes where a cell ends."""
    try:
        return bool(list(csv.reader(lines, delimiter=delimiter, strict=True)))
    except csv.Error:
        return False


FORMAT = Importer(read_rows, lambda source: source.path.lower().endswith(".csv"))
