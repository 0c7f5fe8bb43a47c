"""``statestores schema``: prints the JSON Schema of a registry and its guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sphinx_statestores.cli.outcome import OK
from sphinx_statestores.cli.output import print_result
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
            "checks."
        ),
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    print_result(schema_text())
    return OK
