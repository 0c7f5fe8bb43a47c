"""The state of one build: which registry it uses, and what was wrong with it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.export.outputs import Project, check_outputs
from sphinx_statestores.registry.fields import FIELDS, find_field
from sphinx_statestores.registry.paths import repository_path
from sphinx_statestores.registry.problems import Kind, Problem
from sphinx_statestores.registry.source import read_source
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.sphinx_ext.cells import BACKLINKS
from sphinx_statestores.sphinx_ext.config import Settings, read_settings
from sphinx_statestores.sphinx_ext.logging import report, warn
from sphinx_statestores.sphinx_ext.pages import generate_pages
from sphinx_statestores.sphinx_ext.snapshot import Read, read_with_snapshot
from sphinx_statestores.sphinx_ext.versions import Versions

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders import Builder

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.query import Complaint
    from sphinx_statestores.registry.source import SourceText

_ALL_PROBLEMS = "statestores_all_problems = True shows them"


@dataclass(frozen=True)
class Build:
    """What one run of Sphinx works with, the same from its first page to its last."""

    settings: Settings
    read: Read
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
    #: What tells this registry from any other: its files, and what each holds or why it cannot be read.
    contents: tuple[tuple[str, str], ...]

    @property
    def registry(self) -> Registry:
        """The registry."""
        return self.read.registry


class Inputs(NamedTuple):
    """What a build begins with: whatever happens to the files, it keeps to this."""

    settings: Settings
    #: What is wrong with the settings.
    complaints: list[Complaint]
    #: The path that a registry's values carry -> the file.
    files: dict[str, Path]
    #: What is in these files, or why they cannot be read.
    sources: list[SourceText | Problem]


def read_inputs(app: Sphinx) -> Inputs:
    """Read the settings of a project, and the text of its registry."""
    settings, complaints = read_settings(app.config, Path(app.confdir))
    files: dict[str, Path] = {}
    sources: list[SourceText | Problem] = []
    for path in settings.registry_files:
        source = read_source(path, settings.size_limit, settings.root)
        name = repository_path(path, settings.root)
        if name in files:
            # Two repositories, or none: what tells the files apart is where they are from here.
            name = Path(os.path.relpath(path, app.confdir)).as_posix()
        files[name] = path
        if isinstance(source, Problem):
            sources.append(source._replace(location=source.location._replace(path=name)))
        else:
            sources.append(source._replace(path=name))
    return Inputs(settings, complaints, files, sources)


def read_registry(app: Sphinx, inputs: Inputs) -> Read:
    """Make a registry of its text, or take it from the snapshot; leave a snapshot."""
    settings = inputs.settings
    snapshot = Path(app.doctreedir) / "statestores" / "registry.snapshot"
    hint = None if settings.all_problems else _ALL_PROBLEMS
    return read_with_snapshot(inputs.sources, settings.lint, snapshot, hint=hint)


def start_build(app: Sphinx, inputs: Inputs) -> Build:
    """Read the registry of a project; log what is wrong with it and with the settings."""
    settings, complaints, files, sources = inputs
    conf = f"{Path(app.confdir) / 'conf.py'}:1"
    for complaint in complaints:
        warn(complaint.kind, complaint.message, conf)
    read = read_registry(app, inputs)
    findings = read.findings
    problems = findings.problems
    # What is generated from half a registry differs for no fault of the file.
    if findings.is_sound and findings.has_outputs:
        problems = problems + check_outputs(Project(read.registry, files, settings.root))
    for problem in problems:
        file = files.get(problem.location.path, problem.location.path)
        # Without a line, Sphinx would take the path for the name of a document.
        report(problem, f"{file}:{problem.location.line or 1}")
    for key in settings.columns:
        if find_field(key) not in FIELDS.values() and key != BACKLINKS.key and key not in read.registry.extra_fields:
            near = did_you_mean(key, read.registry.extra_fields)
            warn(Kind.UNKNOWN_COLUMN, f"statestores_columns: no store has a field {key!r}{near}", conf)
    suffixes = tuple(app.config.source_suffix)
    if settings.generate_pages:
        for complaint in generate_pages(read.registry, settings, Path(app.srcdir), Path(app.confdir), suffixes):
            warn(complaint.kind, complaint.message, conf)
    return Build(
        settings,
        read,
        app.builder,
        files,
        with_tabs="sphinx_design" in app.extensions,
        conf=conf,
        errors=findings.errors,
        versions=Versions(Path(app.srcdir), settings.registry_files, settings.size_limit, settings.root),
        contents=tuple(
            (source.location.path, source.message) if isinstance(source, Problem) else (source.path, source.digest)
            for source in sources
        ),
    )
