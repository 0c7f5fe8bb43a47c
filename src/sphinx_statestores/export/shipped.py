"""The templates that come with this package: their names -> files."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sphinx_statestores.export.format import ExportError
from sphinx_statestores.export.template_files import shown_path
from sphinx_statestores.registry.suggest import did_you_mean

_FOLDER = Path(__file__).absolute().parent / "templates"
_SUFFIX = ".jinja"

#: Name -> what it generates.
SHIPPED: dict[str, str] = {
    "grants": "GRANT statements of MySQL and PostgreSQL, for each service and table",
    "redis-acl": "ACL SETUSER commands of Redis, for each service",
    "redis-exporter": "the argument with which the Prometheus exporter of Redis counts keys",
}


def template_called(word: str) -> Path:
    """Take a file or the name of a shipped template; return the file. The name of a shipped template comes first.

    So a file in the current folder never replaces a shipped template: its name is ``./NAME``. Raises
    :exc:`ExportError` for a word that is neither. Anything with a folder or a suffix is a file.
    """
    if word in SHIPPED:
        return _FOLDER / f"{word}{_SUFFIX}"
    path = Path(word)
    if path.name != word or path.suffix:
        return path
    with suppress(OSError):
        if not path.exists():
            names = ", ".join(SHIPPED)
            near = did_you_mean(word, SHIPPED)
            raise ExportError(
                f"{shown_path(word)}: there is no such file, and no shipped template of this name{near} (the shipped "
                f"templates are {names})"
            )
    # A file, or what is wrong with its name is reported when it is read.
    return path
