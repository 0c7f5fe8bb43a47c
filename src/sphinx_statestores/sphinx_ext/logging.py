"""The one way in which this extension speaks to the person who builds a site.

Messages and places quote registries, pages and names of files, which come from many hands. Whatever is in them, each
message is one line of the log, which begins with its place or with Sphinx's own word, and holds no character that a
terminal would obey and no command to the service that runs the build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from docutils import nodes
from sphinx.util import logging

from sphinx_statestores.registry.problems import Severity
from sphinx_statestores.registry.quoting import log_line

if TYPE_CHECKING:
    from sphinx_statestores.registry.problems import Kind, Problem

#: A node, ``path:line``, the name of a document, or that with a line.
Place: TypeAlias = nodes.Node | str | tuple[str, int | None] | None

_logger = logging.getLogger(__name__)


def warn(kind: Kind, message: str, location: Place) -> None:
    """Log a warning that ``suppress_warnings = ["statestores.<subtype>"]`` can silence."""
    place = _one_line(location)
    _logger.warning("%s", log_line(message), location=place, type="statestores", subtype=kind.subtype)


def inform(message: str, location: Place = None) -> None:
    """Log a line of the build's output."""
    _logger.info("%s", log_line(message), location=_one_line(location))


def fail(message: str) -> None:
    """Log an error that ends the build with exit status 1; the caller sets that status."""
    _logger.error("%s", log_line(message))


def report(problem: Problem, place: str) -> None:
    """Log a problem of the registry: a hint as a line of the build's output, anything worse as a warning."""
    if problem.severity is Severity.INFO:
        inform(f"{problem.message} [statestores.{problem.kind.subtype}]", place)
    else:
        warn(problem.kind, problem.message, place)


def _one_line(location: Place) -> str | tuple[str, int | None] | None:
    if isinstance(location, tuple):
        return log_line(location[0]), location[1]
    text = logging.get_node_location(location) if isinstance(location, nodes.Node) else location
    return text and log_line(text)
