"""A registry through a jinja template of the project's own. Importing jinja takes longer than all else here."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from sphinx_statestores.export.csharp_text import string_literal, xml
from sphinx_statestores.export.csv_rows import cell
from sphinx_statestores.export.format import ExportError, Format, Written
from sphinx_statestores.export.json_document import value
from sphinx_statestores.export.markdown_text import as_cell, as_line
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.naming import kebab_case
from sphinx_statestores.registry.totals import totals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jinja2 import Environment

    from sphinx_statestores.export.format import ExportOptions
    from sphinx_statestores.registry.model import Registry

#: What a template has beside jinja's own filters: a value as text, made safe for what it is put into.
FILTERS: dict[str, Callable[[Any], str]] = {
    "md": lambda text: as_cell(as_line(str(text))),
    "csharp": lambda text: string_literal(str(text)),
    "xml": lambda text: xml(str(text)),
    "json": value,
    "csv": lambda text: cell(str(text)),
    "plain": lambda text: plain(str(text)),
    "kebab": lambda text: kebab_case(str(text)),
}


class _Loader(FileSystemLoader):
    """Reads templates, and remembers which files it has read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.read: set[str] = set()

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, filename, is_fresh = super().get_source(environment, template)
        self.read.add(filename)
        return source, filename, is_fresh


def render(path: Path, registry: Registry) -> str:
    """Return what a template makes of a registry; raise :exc:`ExportError` for whatever is wrong with it."""
    loader = _Loader(path.parent)
    environment = SandboxedEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        # The output is not known to be HTML: each text goes through the filter of what it is put into.
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    try:
        return environment.get_template(path.name).render(_context(registry))
    except TemplateSyntaxError as error:
        raise ExportError(f"{error.filename or path}:{error.lineno}: {error.message}") from error
    except TemplateNotFound as error:
        if error.name == path.name:
            raise ExportError(f"{path}: there is no such file") from error
        raise ExportError(f"{_place(error, loader, path)}: there is no template {error.name!r} beside it") from error
    except Exception as error:
        # A template can raise whatever its expressions raise.
        raise ExportError(f"{_place(error, loader, path)}: {type(error).__name__}: {error}") from error


def _place(error: Exception, loader: _Loader, path: Path) -> str:
    """Return the line of the template, or of what it includes, where an error came up."""
    lines = [
        f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename in loader.read
    ]
    return lines[-1] if lines else str(path)


def _context(registry: Registry) -> dict[str, Any]:
    """Return what a template sees."""
    return {
        "registry": registry,
        "stores": registry.stores,
        "services": tuple(registry.services.values()),
        "backends": tuple(backend for backend in registry.backends.values() if backend.key in registry.by_backend),
        "guide": registry.guide,
        "totals": totals(registry, registry.stores),
        "stores_of": lambda service: tuple(registry.stores[at] for at in registry.by_service.get(service.name, ())),
    }


def _write(registry: Registry, options: ExportOptions) -> Written:
    if options.template is None:
        raise ExportError("there is no template: name it with --template, or as 'template' of the output")
    return Written(render(options.template, registry))


FORMAT = Format(_write, frozenset({"template"}))
