"""Text of other kinds as the stores of a registry: one module a format, imported when the format is asked for."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx_statestores.imports.format import Importer
    from sphinx_statestores.registry.source import SourceText

#: Name -> the module of this package whose ``FORMAT`` it is, in the order in which they are asked whether a text is
#: theirs. A new format is a file beside these and a line here.
FORMATS = {
    "eventcatalog": "eventcatalog",
    "markdown": "markdown_tables",
    "csv": "delimited",
    "tsv": "delimited_tabs",
    "dapr": "dapr",
    "backstage": "backstage",
    "tbls": "tbls",
    "yaml": "structured",
    "json": "structured",
}
#: The endings of files that may be of these formats.
ENDINGS = (".md", ".markdown", ".mdx", ".myst", ".csv", ".tsv", ".tab", ".yaml", ".yml", ".json")
#: Of these, those of pages.
PAGE_ENDINGS = ENDINGS[:4]
#: Formats whose stores may be anywhere in a text.
NESTED_FORMATS = frozenset({"yaml", "json"})
#: The endings of files with reStructuredText, and its name.
RESTRUCTUREDTEXT_NAMES = ("rst", "rest", "restructuredtext")
#: What to do with reStructuredText, which is no format of these.
RESTRUCTUREDTEXT_ADVICE = "reStructuredText is not read: save the table as CSV, or write it as a Markdown table"
# A directive, or the rule of a table.
_RESTRUCTUREDTEXT = re.compile(
    r"^[ \t]*(?:\.\. [\w:-]+::(?:\s|$)|\+[-=]{2}[-=+]*\+\s*$|={2,}(?: +={2,})+\s*$)", re.MULTILINE
)


def importer_called(name: str) -> Importer:
    """Return an importer by the name of its format, one of :data:`FORMATS`."""
    found: Importer = import_module(f"{__name__}.{FORMATS[name]}").FORMAT
    return found


def recognized(source: SourceText) -> str:
    """Return the name of the format of a text, from its file's ending and how it begins; empty when it is none."""
    return next((name for name in FORMATS if importer_called(name).recognizes(source)), "")


def is_restructuredtext(source: SourceText) -> bool:
    """Return whether a text of none of the formats is probably reStructuredText."""
    is_named = source.path.lower().rpartition(".")[2] in RESTRUCTUREDTEXT_NAMES
    return is_named or _RESTRUCTUREDTEXT.search(source.text) is not None
