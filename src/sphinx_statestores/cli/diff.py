"""``statestores diff``: what happened between two versions of the registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_statestores.cli.arguments import DEFAULT_REGISTRY, STANDARD_INPUT, read_named
from sphinx_statestores.cli.outcome import FAILED, OK
from sphinx_statestores.cli.output import complain, print_result, print_styled
from sphinx_statestores.cli.terminal import COLOUR_CHOICES, painter, wants_colour
from sphinx_statestores.export.changes import CHANGE_FORMATS, changes_to_text
from sphinx_statestores.registry.diff import compare
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.problems import Problem, Severity
from sphinx_statestores.registry.revisions import read_version

if TYPE_CHECKING:
    import argparse

    from sphinx_statestores.registry.model import Registry


def add(commands: Any) -> None:
    """Add the command to those of the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "diff",
        help="tell what changed between two versions of the registry",
        description="Tell which stores were added, removed, renamed or changed, field by field. A version is a file, "
        f"REVISION:path in git, a revision alone for {DEFAULT_REGISTRY} in it, or - for standard input.",
        epilog="Exit status: 0 fine, 1 an error in one of the registries, or changes with --exit-code, 2 the command "
        "could not run.",
    )
    parser.add_argument("old", metavar="OLD", help="the version before")
    parser.add_argument(
        "new",
        metavar="NEW",
        nargs="?",
        default=str(DEFAULT_REGISTRY),
        help=f"the version after (default: {DEFAULT_REGISTRY})",
    )
    parser.add_argument("--format", choices=sorted(CHANGE_FORMATS), default="text", help="default: %(default)s")
    parser.add_argument("--color", choices=COLOUR_CHOICES, default="auto", help="default: %(default)s")
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 when there are changes")
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(options: argparse.Namespace) -> int:
    if options.old == options.new == STANDARD_INPUT:
        options.usage_error("only one of the two versions can be standard input")
    old, old_is_sound = _load(options.old)
    new, new_is_sound = _load(options.new)
    if old is None or new is None:
        return FAILED
    changes = compare(old, new)
    if options.format == "text":
        print_styled(changes_to_text(changes, painter(colour=wants_colour(options.color))))
    else:
        print_result(CHANGE_FORMATS[options.format](changes))
    if not (old_is_sound and new_is_sound):
        complain("statestores: stores with errors are left out: they count as not there")
        return FAILED
    return FAILED if options.exit_code and not changes.is_empty else OK


def _load(version: str) -> tuple[Registry | None, bool]:
    """Return the registry, None when there is nothing of it, and whether it has no errors; print those."""
    if version == STANDARD_INPUT:
        sources = [read_named(version)]
    else:
        sources = read_version(version, [DEFAULT_REGISTRY], Path())
    registry, problems = load_sources(sources)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    for error in errors:
        complain(str(error))
    is_there = not any(isinstance(source, Problem) for source in sources) and (registry.stores or not errors)
    return (registry if is_there else None), not errors
