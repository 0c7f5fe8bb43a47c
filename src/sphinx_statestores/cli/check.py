"""``statestores check``: reports the problems of a registry and of the files generated from it."""

from __future__ import annotations

import glob
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sphinx_statestores.checks.lint import apply_rule_settings, in_order, lint
from sphinx_statestores.cli.arguments import add_files, add_limits, load_registry, reported
from sphinx_statestores.cli.outcome import FAILED, OK, UnusableError
from sphinx_statestores.cli.output import complain, print_styled
from sphinx_statestores.cli.reporters import REPORTERS, summary
from sphinx_statestores.cli.terminal import COLOUR_CHOICES, wants_colour
from sphinx_statestores.export.outputs import Project, check_outputs
from sphinx_statestores.registry.paths import is_file
from sphinx_statestores.registry.problems import Problem, Severity, has_errors
from sphinx_statestores.registry.source import read_source

if TYPE_CHECKING:
    import argparse

    from sphinx_statestores.cli.arguments import Loaded


def add(commands: Any, summary: str) -> None:
    """Add the parser of the subcommand; *summary* is its line in the list of commands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "check",
        help=summary,
        description="Report all problems of a registry, and the declared outputs that are out of date.",
        epilog="Exit status: 0 no errors; 1 errors (with -W: or warnings); 2 the command could not run.",
    )
    add_files(parser)
    parser.add_argument("-W", "--fail-on-warning", action="store_true", help="exit with status 1 for warnings, too")
    parser.add_argument(
        "--format",
        choices=REPORTERS,
        default="text",
        metavar="FORMAT",
        help=f"{', '.join(REPORTERS)} (default: %(default)s)",
    )
    parser.add_argument(
        "--color",
        choices=COLOUR_CHOICES,
        default="auto",
        metavar="WHEN",
        help=f"{', '.join(COLOUR_CHOICES)} (default: %(default)s: colours in a terminal only)",
    )
    parser.add_argument(
        "--prose",
        action="append",
        default=[],
        metavar="PAGES",
        help="also compare pages with the registry: a file, or a pattern such as 'docs/**/*.md'; may be repeated",
    )
    parser.add_argument("--no-cache", action="store_true", help="read all code again, and keep nothing of it")
    parser.add_argument(
        "--observed",
        action="append",
        default=[],
        metavar="FILE",
        help="also compare what 'statestores observe' has seen on servers, or a schema.json of tbls; may be repeated",
    )
    add_limits(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    loaded = load_registry(options)
    problems = _problems(options, loaded) + _prose(options, loaded) + _observed(options, loaded)
    reporter = REPORTERS[options.format]
    # Formats for programs contain all problems.
    told = reported(options, problems) if reporter.for_people else problems
    print_styled(reporter.report(told, colour=wants_colour(options.color)))
    if reporter.for_people:
        number = len(loaded.registry.stores)
        stores = f"{number} {'store' if number == 1 else 'stores'}"
        is_whole = not has_errors(loaded.problems)
        complain(f"{summary(problems)} in {stores}" if is_whole else f"{summary(problems)}; {stores} can be used")
    failing = {Severity.ERROR, Severity.WARNING} if options.fail_on_warning else {Severity.ERROR}
    return FAILED if any(problem.severity in failing for problem in problems) else OK


def _prose(options: argparse.Namespace, loaded: Loaded) -> list[Problem]:
    """Return what is wrong on the pages that are named. Raises UnusableError for a pattern without pages."""
    if not options.prose or has_errors(loaded.problems):
        return []  # half a registry would contradict pages that are right
    check = import_module("sphinx_statestores.checks.prose_facts").ProseCheck(loaded.registry)
    pages: dict[str, None] = {}
    for pattern in options.prose:
        # A name with brackets may be that of a file.
        found = [pattern] if is_file(pattern) else []
        found = found or sorted(filter(is_file, glob.glob(pattern, recursive=True)))  # noqa: PTH207 - keeps names
        if not found:
            raise UnusableError(f"--prose: no file matches {pattern!r}")
        pages |= dict.fromkeys(found)
    problems: list[Problem] = []
    for page in pages:
        source = read_source(page, options.size_limit, loaded.root)
        problems += [source] if isinstance(source, Problem) else check.of_source(source)
    return apply_rule_settings(loaded.registry, problems, loaded.settings.lint)


def _observed(options: argparse.Namespace, loaded: Loaded) -> list[Problem]:
    """Return what contradicts what was seen on servers."""
    if not (options.observed or loaded.settings.observed) or has_errors(loaded.problems):
        return []  # data of stores that are left out would belong to no store
    found, problems = import_module("sphinx_statestores.cli.observed").read_observed(options, loaded)
    if found is not None:
        problems += import_module("sphinx_statestores.checks.observed").check_observed(loaded.registry, found)
    return apply_rule_settings(loaded.registry, problems, loaded.settings.lint)


def _problems(options: argparse.Namespace, loaded: Loaded) -> list[Problem]:
    """Return what is wrong, in the order of the files and their lines; what is wrong in code comes last."""
    rules = loaded.settings.lint
    if rules is None:
        problems = apply_rule_settings(loaded.registry, loaded.problems)
    else:
        problems = lint(loaded.registry, rules, loaded.problems, _of_code(options, loaded))
    if not has_errors(loaded.problems):
        # What is generated from half a registry differs for no fault of the file.
        problems += check_outputs(Project(loaded.registry, loaded.files, loaded.root, is_default=not loaded.is_named))
    return in_order(problems, loaded.files)


def _of_code(options: argparse.Namespace, loaded: Loaded) -> tuple[Problem, ...] | None:
    """Return what is wrong in code; None where nobody looks, since half a registry would contradict right code."""
    if not loaded.registry.guide.code or has_errors(loaded.problems):
        return None
    find_code = import_module("sphinx_statestores.cli.code").find_code
    problems: tuple[Problem, ...] = find_code(loaded, use_cache=not options.no_cache).problems
    return problems
