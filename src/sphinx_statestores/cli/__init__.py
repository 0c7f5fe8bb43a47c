"""The command ``statestores``: each subcommand is a module, imported on first use."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from sphinx_statestores import __version__
from sphinx_statestores.cli.outcome import FAILED, INTERRUPTED, OK, UNUSABLE, UnusableError
from sphinx_statestores.cli.output import complain, print_result
from sphinx_statestores.cli.parsers import CommandParser, Parser, near

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Name -> the line in the list of commands. Each name is a module of this package with ``add(commands, summary)``,
#: which adds the subcommand's parser and sets its ``run``.
COMMANDS = {
    "check": "check a registry and its generated files",
    "diff": "show what changed between two versions of a registry",
    "federate": "pin the registries of other sites, and show what changed in them",
    "generate": "generate files from the registry",
    "import": "create a registry from tables, YAML, JSON or files of other tools",
    "init": "create a registry with two example stores",
    "list": "list and filter stores",
    "show": "show everything about a store",
    "observe": "write down what running servers have of each store",
    "usage": "show who uses stores in code, and where",
    "whose": "show which stores keys belong to",
    "completion": "print a completion script for your shell",
    "schema": "print the JSON Schema of a registry, for editors",
}


#: Commands whose names no module can have, and their modules.
MODULES = {"import": "import_command"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with *arguments*, by default those of the process; return the exit status.

    Raises SystemExit for ``--help``, ``--version`` and invalid arguments.
    """
    words = sys.argv[1:] if arguments is None else arguments
    try:
        options = _parser(words).parse_args(words)
        return int(options.run(options))
    except BrokenPipeError:
        return FAILED  # the reader closed the pipe, as `head` does
    except KeyboardInterrupt:
        return INTERRUPTED
    except UnusableError as error:
        complain(f"statestores: {error}")
        return UNUSABLE
    except OSError as error:
        # Unexpected errors, such as a current folder that is removed or a disk that is unplugged.
        complain(f"statestores: {error}")
        return UNUSABLE


class _Version(argparse.Action):
    """The option ``--version``."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print the version; raise SystemExit."""
        print_result(f"{parser.prog} {__version__}\n")
        parser.exit(OK)


def _parser(words: Sequence[str]) -> Parser:
    parser = Parser(
        prog="statestores",
        description=(
            "Check and list the state stores of a system, and generate documentation and code from their registry."
        ),
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, prog="statestores", parser_class=CommandParser
    )
    given = next((word for word in words if word in COMMANDS), "")
    first, listed = next(iter(words), ""), ", ".join(COMMANDS)
    if first.startswith("-"):
        options = ("-h", "--help", "--version")
        parser.refuse([] if any(option.startswith(first) for option in options) else [first])
    elif first and first not in COMMANDS:
        parser.error(f"unknown command {first!r}{near(first, COMMANDS) or f' (the commands are {listed})'}")
    for name, summary in COMMANDS.items():
        # Importing all modules would take longer than most commands run.
        if name == given:
            import_module(f"{__name__}.{MODULES.get(name, name)}").add(commands, summary)
        else:
            commands.add_parser(name, help=summary)
    return parser
