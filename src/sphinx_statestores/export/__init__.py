"""A registry -> text in other formats. Each format is a module, imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

    from sphinx_statestores.export.format import Format

#: Name -> the module of this package that defines ``FORMAT``. For a new format, add a module and a line here.
FORMATS = {
    "markdown": "markdown",
    "csharp": "csharp",
    "json": "json_document",
    "csv": "csv_rows",
    "template": "template",
    "inject": "inject",
}

#: The ending of a file, or the name of a tool -> the format that is meant.
_MEANT = {"md": "markdown", "cs": "csharp", "j2": "template", "jinja": "template", "jinja2": "template"}


def meant_format(word: str, known: Collection[str] = tuple(FORMATS)) -> str:
    """Take a word that is no format; return the end of a message with similar formats, or an empty text."""
    meant = _MEANT.get(word.lower().lstrip("."))
    return f"; did you mean {meant!r}?" if meant else did_you_mean(word, known)


def format_called(name: str) -> Format:
    """Take a name from :data:`FORMATS`; return its format. Raises KeyError for another name."""
    found: Format = import_module(f"{__name__}.{FORMATS[name]}").FORMAT
    return found
