"""Tab-separated values."""

from __future__ import annotations

from sphinx_statestores.imports.delimited import read_rows
from sphinx_statestores.imports.format import Importer

FORMAT = Importer(
    lambda source, options: read_rows(source, options, "\t"),
    lambda source: source.path.lower().endswith((".tsv", ".tab")),
)
