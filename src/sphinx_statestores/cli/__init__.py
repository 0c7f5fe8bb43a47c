"""The command ``statestores``: each subcommand is a module, imported on first use."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sphinx_statestores import __version__
from sphinx_statestores.cli.outcome import FAILED, INTERRUPTED, OK, UNUSABLE, UnusableError
from sphinx_statestores.cli.output import complain, print_result
from sphinx_statestores.cli.terminal import terminal_width

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

#: Name -> the line in the list of commands. Each name is a module of this package with ``add(commands, summary)``,
#: which adds the subcommand's parser and sets its ``run``.
COMMANDS = {
    "check": "report every problem of a registry, and generated files that have drifted",
    "diff": "tell what changed between two versions of the registry",
    "federate": "pin the registries of other sites, and tell what has changed in them",
    "generate": "write the registry in another format",
    "list": "list stores, one a line",
    "schema": "print the JSON Schema, for editors",
}


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


class _Help(argparse.HelpFormatter):
    """A formatter that does not import ``shutil``, which argparse does even when it prints no help."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=(terminal_width() or 80) - 2)


class _Parser(argparse.ArgumentParser):
    """A parser that prints with the functions of the commands; argparse ignores write errors."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"formatter_class": _Help, **settings})

    def print_help(self, file: Any = None) -> None:
        """Print the help."""
        if file is None:
            print_result(self.format_help())
        else:
            super().print_help(file)

    def error(self, message: str) -> NoReturn:
        """Print the usage and the error; raise SystemExit."""
        for line in self.format_usage().splitlines():
            complain(line)
        complain(f"{self.prog}: error: {message}")
        raise SystemExit(UNUSABLE)


class _CommandParser(_Parser):
    """The parser of a subcommand: options and files may be in any order."""

    _is_mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse intermixed arguments: otherwise, no file may follow an option that follows a file."""
        # Intermixed parsing ignores the meaning of ``--``.
        if self._is_mixing or "--" in (args or ()):
            return super().parse_known_args(args, namespace)
        self._is_mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_mixing = False


class _Version(argparse.Action):
    """The option ``--version``."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print the version; raise SystemExit."""
        print_result(f"{parser.prog} {__version__}\n")
        parser.exit(OK)


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="statestores",
        description="The registry of a system's state stores: checked, listed, and written in other formats.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show program's version number and exit")
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, prog="statestores", parser_class=_CommandParser
    )
    given = next((word for word in words if word in COMMANDS), "")
    for name, summary in COMMANDS.items():
        # Importing all modules would take longer than most commands run.
        if name == given:
            import_module(f"{__name__}.{name}").add(commands, summary)
        else:
            commands.add_parser(name, help=summary)
    return parser
