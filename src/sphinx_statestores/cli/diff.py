"""``statestores diff``: prints the changes between two versions of a registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_statestores.checks.breaking import Impact, consequences
from sphinx_statestores.cli.arguments import (
    STANDARD_INPUT,
    add_limits,
    read_named,
    read_settings,
    registry_files,
    report_errors,
    reported,
)
from sphinx_statestores.cli.changes import changes_to_text, consequences_to_github, consequences_to_text
from sphinx_statestores.cli.outcome import FAILED, OK, UnusableError
from sphinx_statestores.cli.output import complain, print_result, print_styled
from sphinx_statestores.cli.terminal import COLOUR_CHOICES, is_terminal, terminal_width, wants_colour
from sphinx_statestores.export.breaking import CONSEQUENCE_FORMATS
from sphinx_statestores.export.changes import CHANGE_FORMATS
from sphinx_statestores.registry.diff import compare
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.problems import Problem
from sphinx_statestores.registry.revisions import read_version
from sphinx_statestores.registry.settings import DEFAULT_REGISTRY

if TYPE_CHECKING:
    import argparse

    from sphinx_statestores.registry.diff import Changes
    from sphinx_statestores.registry.model import Registry

#: The old version when none is given: the last commit.
_LAST_COMMIT = "HEAD"
_TEXT, _GITHUB = "text", "github"


def add(commands: Any, summary: str) -> None:
    """Add the parser of the subcommand; *summary* is its line in the list of commands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "diff",
        help=summary,
        description=(
            "Show which stores were added, removed, renamed or changed, field by field. A version is a file, "
            f"REVISION:PATH in git, a git revision (for the configured registry files), or {STANDARD_INPUT} for "
            "standard input.\n\nExample: statestores diff v1.0\n\nExample: statestores diff --breaking origin/main"
        ),
        epilog=(
            "Exit status: 0 the versions were compared; 1 one of them has errors (with --exit-code: or they "
            "differ; with --breaking: or a change is breaking; with both: or a change is breaking or needs care); "
            "2 the command could not run."
        ),
    )
    parser.add_argument(
        "old",
        metavar="OLD",
        nargs="?",
        help=f"the old version (default with --breaking: {_LAST_COMMIT}, the last commit)",
    )
    parser.add_argument(
        "new",
        metavar="NEW",
        nargs="?",
        help=f"the new version (default: the configured registry, or {DEFAULT_REGISTRY})",
    )
    formats = (_TEXT, _GITHUB, *sorted(CHANGE_FORMATS))
    parser.add_argument(
        "--format",
        choices=formats,
        default=_TEXT,
        metavar="FORMAT",
        help=f"{', '.join(formats)} (default: %(default)s); {_GITHUB} needs --breaking",
    )
    parser.add_argument(
        "--breaking",
        action="store_true",
        help="show what each change does to live data instead; exit with status 1 if a change is breaking",
    )
    parser.add_argument("--exit-code", action="store_true", help="exit with status 1 if there are changes")
    parser.add_argument(
        "--color", choices=COLOUR_CHOICES, default="auto", metavar="WHEN", help="auto, always, never (default: auto)"
    )
    add_limits(parser)
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(options: argparse.Namespace) -> int:
    if options.old is None:
        if not options.breaking:
            options.usage_error("name the version to compare with, such as a git revision: statestores diff OLD")
        options.old = _LAST_COMMIT
    if options.format == _GITHUB and not options.breaking:
        options.usage_error(f"--format {_GITHUB} is for what changes do to live data: add --breaking")
    if options.old == options.new == STANDARD_INPUT:
        raise UnusableError("standard input can be read once only")
    settings, root = read_settings(options)
    files = registry_files(settings, root)
    for problem in reported(options, settings.problems):
        complain(str(problem))
    old, old_is_sound = _load(options.old, files, root, options)
    new, new_is_sound = _load(options.new, files, root, options)
    if old is None or new is None:
        return FAILED
    failed = (_print_consequences if options.breaking else _print_changes)(compare(old, new), options)
    if not (old_is_sound and new_is_sound):
        complain("statestores: stores with errors are left out and count as missing")
        return FAILED
    return FAILED if failed else OK


def _print_changes(changes: Changes, options: argparse.Namespace) -> bool:
    """Print the changes; return whether they are a failure."""
    if options.format == _TEXT:
        width = terminal_width() if is_terminal() else None
        print_styled(changes_to_text(changes, colour=wants_colour(options.color), width=width))
    else:
        print_result(CHANGE_FORMATS[options.format](changes))
    return options.exit_code and not changes.is_empty


def _print_consequences(changes: Changes, options: argparse.Namespace) -> bool:
    """Print what the changes do to live data; return whether that is a failure."""
    found = consequences(changes)
    if options.format == _TEXT:
        print_styled(consequences_to_text(found, colour=wants_colour(options.color)))
    elif options.format == _GITHUB:
        print_result(consequences_to_github(found))
    else:
        print_result(CONSEQUENCE_FORMATS[options.format](found))
    failures = {Impact.BREAKING, Impact.CAREFUL} if options.exit_code else {Impact.BREAKING}
    return any(consequence.impact in failures for consequence in found)


def _load(
    version: str | None, files: list[Path], root: Path | None, options: argparse.Namespace
) -> tuple[Registry | None, bool]:
    """Return the registry, None when there is nothing of it, and whether it has no errors; print those.

    *files* are what a revision alone means, and what no version at all does.
    """
    if version is None:
        sources = [read_named(str(file), options.size_limit, root) for file in files]
    elif version == STANDARD_INPUT:
        sources = [read_named(version, options.size_limit)]
    else:
        sources = read_version(version, files, Path(), options.size_limit, root)
    registry, problems = load_sources(sources)
    has_errors = report_errors(options, problems)
    is_there = not any(isinstance(source, Problem) for source in sources) and (registry.stores or not has_errors)
    return (registry if is_there else None), not has_errors
