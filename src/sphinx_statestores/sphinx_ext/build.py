"""The state of one build: which registry it uses, and what was wrong with it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.util import logging

from sphinx_statestores.export.outputs import check_outputs
from sphinx_statestores.registry.fields import FIELDS, find_field
from sphinx_statestores.registry.paths import repository_path
from sphinx_statestores.registry.problems import Kind, Problem, Severity, has_errors, printable
from sphinx_statestores.registry.report import shorten
from sphinx_statestores.registry.source import read_source
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.sphinx_ext.cells import BACKLINKS
from sphinx_statestores.sphinx_ext.config import Settings, read_settings
from sphinx_statestores.sphinx_ext.pages import generate_pages
from sphinx_statestores.sphinx_ext.snapshot import read_with_snapshot
from sphinx_statestores.sphinx_ext.versions import Versions

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.builders import Builder

    from sphinx_statestores.registry.model import Registry

_logger = logging.getLogger(__name__)

_ALL_PROBLEMS = "statestores_all_problems = True shows them"


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
    #: Where warnings about the configuration point.
    conf: str
    #: How many errors the registry has, whether they are shown or suppressed.
    errors: int
    #: The versions that pages compare.
    versions: Versions


def start_build(app: Sphinx) -> Build:
    """Read the settings and the registry of a project; log what is wrong with them."""
    conf = f"{Path(app.confdir) / 'conf.py'}:1"
    settings, complaints = read_settings(app.config, Path(app.confdir))
    for complaint in complaints:
        warn(complaint.kind, complaint.message, conf)
    files: dict[str, Path] = {}
    sources = []
    for path in settings.registry_files:
        source = read_source(path, settings.size_limit)
        name = repository_path(path)
        if name in files:
            # Two repositories, or none: what tells the files apart is where they are from here.
            name = Path(os.path.relpath(path, app.confdir)).as_posix()
        files[name] = path
        if isinstance(source, Problem):
            source = source._replace(location=source.location._replace(path=name))
        else:
            source = source._replace(path=name)
        sources.append(source)
    snapshot = Path(app.doctreedir) / "statestores" / "registry.snapshot"
    registry, loaded, problems = read_with_snapshot(sources, settings.lint, snapshot)
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    if not has_errors(loaded):
        # What is generated from half a registry differs for no fault of the file.
        problems += check_outputs(registry, files)
    for problem in problems if settings.all_problems else shorten(problems, hint=_ALL_PROBLEMS):
        file = files.get(problem.location.path, problem.location.path)
        # Without a line, Sphinx would take the path for the name of a document.
        _report(problem, f"{printable(str(file))}:{problem.location.line or 1}")
    for key in settings.columns:
        if find_field(key) not in FIELDS.values() and key != BACKLINKS.key and key not in registry.extra_fields:
            near = did_you_mean(key, registry.extra_fields)
            warn(Kind.UNKNOWN_COLUMN, f"statestores_columns: no store has a field {key!r}{near}", conf)
    suffixes = tuple(app.config.source_suffix)
    for complaint in generate_pages(registry, settings, Path(app.srcdir), Path(app.confdir), suffixes):
        warn(complaint.kind, complaint.message, conf)
    return Build(
        settings,
        registry,
        app.builder,
        files,
        with_tabs="sphinx_design" in app.extensions,
        conf=conf,
        errors=errors,
        versions=Versions(Path(app.srcdir), settings.registry_files, settings.size_limit),
    )


def _report(problem: Problem, place: str) -> None:
    """Log a problem of the registry: a hint as a line of the build's output, anything worse as a warning."""
    if problem.severity is Severity.INFO:
        _logger.info("%s [statestores.%s]", problem.message, problem.kind.subtype, location=place)
    else:
        warn(problem.kind, problem.message, place)


def warn(kind: Kind, message: str, location: nodes.Node | str | tuple[str, int | None] | None) -> None:
    """Log a warning that ``suppress_warnings = ["statestores.<subtype>"]`` can silence."""
    _logger.warning("%s", message, location=location, type="statestores", subtype=kind.subtype)
