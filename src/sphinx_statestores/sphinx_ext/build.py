"""The state of one build: which registry it uses, and what was wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.util import logging

from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.paths import repository_path
from sphinx_statestores.registry.problems import Problem
from sphinx_statestores.registry.source import read_source
from sphinx_statestores.sphinx_ext.config import Settings, read_settings

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.builders import Builder

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.problems import Kind

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Build:
    """What one run of Sphinx works with, the same from its first page to its last."""

    settings: Settings
    registry: Registry
    builder: Builder
    #: The path that a registry's values carry -> the file.
    files: dict[str, Path]
    #: Whether sphinx-design is there to make tabs.
    with_tabs: bool


def start_build(app: Sphinx) -> Build:
    """Read the settings and the registry of a project; log what is wrong with them."""
    settings, complaints = read_settings(app.config, Path(app.confdir))
    for complaint in complaints:
        warn(complaint.kind, complaint.message, "conf.py")
    files: dict[str, Path] = {}
    sources = []
    for path in settings.registry_files:
        source = read_source(path)
        name = repository_path(path)
        files[name] = path
        if isinstance(source, Problem):
            source = source._replace(location=source.location._replace(path=name))
        else:
            source = source._replace(path=name)
        sources.append(source)
    registry, problems = load_sources(sources)
    for problem in problems:
        line = f":{problem.location.line}" if problem.location.line else ""
        warn(problem.kind, problem.message, f"{files.get(problem.location.path, problem.location.path)}{line}")
    return Build(settings, registry, app.builder, files, with_tabs="sphinx_design" in app.extensions)


def warn(kind: Kind, message: str, location: nodes.Node | str | tuple[str, int | None] | None) -> None:
    """Log a warning that ``suppress_warnings = ["statestores.<subtype>"]`` can silence."""
    _logger.warning("%s", message, location=location, type="statestores", subtype=kind.subtype)
