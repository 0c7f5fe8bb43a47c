"""A registry -> text in other formats. Each format is a module, imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx_statestores.export.format import Format

#: Name -> the module of this package that defines ``FORMAT``. For a new format, add a module and a line here.
FORMATS = {
    "markdown": "markdown",
    "csharp": "csharp",
    "json": "json_document",
    "csv": "csv_rows",
    "template": "template",
}


def format_called(name: str) -> Format:
    """Take a name from :data:`FORMATS`; return its format. Raises KeyError for another name."""
    found: Format = import_module(f"{__name__}.{FORMATS[name]}").FORMAT
    return found
