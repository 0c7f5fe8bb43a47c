"""A registry as text in other formats: one module a format, imported when the format is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx_statestores.export.format import Format

#: Name -> the module of this package whose ``FORMAT`` it is. A new format is a file beside these and a line here.
FORMATS = {
    "markdown": "markdown",
    "csharp": "csharp",
    "json": "json_document",
    "csv": "csv_rows",
    "template": "template",
}


def format_called(name: str) -> Format:
    """Return a format by its name, one of :data:`FORMATS`."""
    found: Format = import_module(f"{__name__}.{FORMATS[name]}").FORMAT
    return found
