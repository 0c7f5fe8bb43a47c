"""The one way in which this extension speaks to the person who builds a site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx.util import logging

from sphinx_statestores.registry.problems import Severity

if TYPE_CHECKING:
    from docutils import nodes

    from sphinx_statestores.registry.problems import Kind, Problem

_logger = logging.getLogger(__name__)


def warn(kind: Kind, message: str, location: nodes.Node | str | tuple[str, int | None] | None) -> None:
    """Log a warning that ``suppress_warnings = ["statestores.<subtype>"]`` can silence."""
    _logger.warning("%s", message, location=location, type="statestores", subtype=kind.subtype)


def inform(message: str, location: nodes.Node | str | None = None) -> None:
    """Log a line of the build's output."""
    _logger.info("%s", message, location=location)


def fail(message: str) -> None:
    """Log an error that ends the build with exit status 1; the caller sets that status."""
    _logger.error("%s", message)


def report(problem: Problem, place: str) -> None:
    """Log a problem of the registry: a hint as a line of the build's output, anything worse as a warning."""
    if problem.severity is Severity.INFO:
        inform(f"{problem.message} [statestores.{problem.kind.subtype}]", place)
    else:
        warn(problem.kind, problem.message, place)
