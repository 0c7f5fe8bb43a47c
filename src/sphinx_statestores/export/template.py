"""A project's own template as a format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.export.format import ExportError, Format, Written

if TYPE_CHECKING:
    from sphinx_statestores.export.format import ExportOptions
    from sphinx_statestores.registry.model import Registry


def _write(registry: Registry, options: ExportOptions) -> Written:
    if options.template is None:
        raise ExportError("there is no template: name it with --template FILE, or as 'template' of the output")
    # Importing jinja takes longer than all other formats do.
    from sphinx_statestores.export.jinja_template import render  # noqa: PLC0415

    return Written(render(options.template, registry))


FORMAT = Format(_write, frozenset({"template"}))
