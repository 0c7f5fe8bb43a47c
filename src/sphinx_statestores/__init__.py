"""State stores in Sphinx: a registry of key spaces and tables as a living part of a documentation site.

``__all__`` is the public API; it does not import Sphinx. :func:`load` reads files, :func:`select` and :func:`compare`
query registries, and the functions that begin with ``to_`` return text in other formats.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

    from sphinx_statestores.export.changes import changes_to_json, changes_to_markdown
    from sphinx_statestores.export.csharp import to_csharp
    from sphinx_statestores.export.csv_rows import to_csv
    from sphinx_statestores.export.format import ExportError, Written
    from sphinx_statestores.export.json_document import to_json
    from sphinx_statestores.export.markdown import to_markdown
    from sphinx_statestores.registry.backends import Backend
    from sphinx_statestores.registry.diff import Change, Changes, FieldChange, compare
    from sphinx_statestores.registry.loader import load
    from sphinx_statestores.registry.model import Key, Registry, Service, SourceFile, Store
    from sphinx_statestores.registry.problems import Location, Problem, Severity
    from sphinx_statestores.registry.query import Complaint, Query, Terms, parse_query
    from sphinx_statestores.registry.selection import select
    from sphinx_statestores.registry.totals import Totals

__all__ = [
    "Backend",
    "Change",
    "Changes",
    "Complaint",
    "ExportError",
    "FieldChange",
    "Key",
    "Location",
    "Problem",
    "Query",
    "Registry",
    "Service",
    "Severity",
    "SourceFile",
    "Store",
    "Terms",
    "Totals",
    "Written",
    "changes_to_json",
    "changes_to_markdown",
    "compare",
    "load",
    "parse_query",
    "select",
    "to_csharp",
    "to_csv",
    "to_json",
    "to_markdown",
]

__version__ = "0.1.0"

#: Module -> its public names. A module is imported on first use of a name: the command and a build also import this
#: package, and need few of these modules.
_PUBLIC = {
    "export.changes": ("changes_to_json", "changes_to_markdown"),
    "export.csharp": ("to_csharp",),
    "export.csv_rows": ("to_csv",),
    "export.format": ("ExportError", "Written"),
    "export.json_document": ("to_json",),
    "export.markdown": ("to_markdown",),
    "registry.backends": ("Backend",),
    "registry.diff": ("Change", "Changes", "FieldChange", "compare"),
    "registry.loader": ("load",),
    "registry.model": ("Key", "Registry", "Service", "SourceFile", "Store"),
    "registry.problems": ("Location", "Problem", "Severity"),
    "registry.query": ("Complaint", "Query", "Terms", "parse_query"),
    "registry.selection": ("select",),
    "registry.totals": ("Totals",),
}

# Type checkers use the imports above, and report other names.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Return a public name, and cache it. Raises AttributeError for any other name."""
        for module, names in _PUBLIC.items():
            if name in names:
                found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
                return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names in the module, including public names that have not been imported yet."""
    return sorted({*globals(), *__all__})


def setup(app: Sphinx) -> ExtensionMetadata:
    """Take a Sphinx application; register the extension; return its metadata.

    Imported here, so that the command line and the public API do not need Sphinx.
    """
    from sphinx_statestores.sphinx_ext import setup as setup_sphinx  # noqa: PLC0415

    return setup_sphinx(app)
