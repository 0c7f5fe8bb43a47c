"""Messages of the extension -> Sphinx's log.

Messages and locations contain text from registries, pages and file names, which is untrusted. Each message is one
line that begins with its location or with Sphinx's own prefix. It contains no terminal control characters and no
commands to a CI service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from docutils import nodes
from sphinx.util import logging

from sphinx_statestores.registry.problems import Severity
from sphinx_statestores.registry.quoting import log_line

if TYPE_CHECKING:
    from sphinx_statestores.registry.problems import Kind, Problem

#: A node, ``path:line``, a document name, or a document name with a line.
Place: TypeAlias = nodes.Node | str | tuple[str, int | None] | None

_logger = logging.getLogger(__name__)


def warn(kind: Kind, message: str, location: Place) -> None:
    """Log a warning of a kind; ``suppress_warnings = ["statestores.<subtype>"]`` suppresses it."""
    place = _one_line(location)
    _logger.warning("%s", log_line(message), location=place, type="statestores", subtype=kind.subtype)


def inform(message: str, location: Place = None) -> None:
    """Log a message at level info."""
    _logger.info("%s", log_line(message), location=_one_line(location))


def fail(message: str) -> None:
    """Log an error. The caller sets exit status 1."""
    _logger.error("%s", log_line(message))


def report(problem: Problem, place: Place) -> None:
    """Log a problem of the registry or of a page: severity info at level info, others as a warning.

    *place* is its location.
    """
    if problem.severity is Severity.INFO:
        inform(f"{problem.message} [statestores.{problem.kind.subtype}]", place)
    else:
        warn(problem.kind, problem.message, place)


def _one_line(location: Place) -> str | tuple[str, int | None] | None:
    if isinstance(location, tuple):
        return log_line(location[0]), location[1]
    text = logging.get_node_location(location) if isinstance(location, nodes.Node) else location
    return text and log_line(text)
