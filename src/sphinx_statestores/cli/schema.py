"""``statestores schema``: prints the JSON Schema of a registry and its guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sphinx_statestores.cli.arguments import STANDARD_INPUT, add_limits, load_registry, report_errors
from sphinx_statestores.cli.outcome import FAILED, OK
from sphinx_statestores.cli.output import print_result
from sphinx_statestores.registry.paths import exists
from sphinx_statestores.registry.schema import schema_text

if TYPE_CHECKING:
    import argparse


def add(commands: Any, summary: str) -> None:
    """Add the parser of the subcommand; *summary* is its line in the list of commands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "schema",
        help=summary,
        description=(
            "Print the JSON Schema (2020-12) of a registry file and its guide. Editors use it for completion and "
            "checks. With FILE, stores also have the fields that its 'x-fields' declares."
        ),
        epilog="Exit status: 0 fine; 1 errors in a registry; 2 the command could not run.",
    )
    parser.add_argument(
        "files", nargs="*", default=[], metavar="FILE", help="registry files, whose declared fields are included"
    )
    add_limits(parser)
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(options: argparse.Namespace) -> int:
    if not options.files:
        print_result(schema_text())
        return OK
    for word in options.files:
        if "." not in word and word != STANDARD_INPUT and not exists(word):
            options.usage_error(f"unexpected argument {word!r}")
    loaded = load_registry(options)
    has_errors = report_errors(options, loaded.problems)
    print_result(schema_text(loaded.registry.guide.fields))
    return FAILED if has_errors else OK
