"""A registry as text in other formats: one file a format, in one dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.export import csharp, csv_rows, json_document, markdown, template

if TYPE_CHECKING:
    from sphinx_statestores.export.format import Format

#: Name -> format. A new one is a file beside these and a line here.
FORMATS: dict[str, Format] = {
    "markdown": markdown.FORMAT,
    "csharp": csharp.FORMAT,
    "json": json_document.FORMAT,
    "csv": csv_rows.FORMAT,
    "template": template.FORMAT,
}
