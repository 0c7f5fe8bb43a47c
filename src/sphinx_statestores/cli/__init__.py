"""The command ``statestores``: one module a command, imported when the command is given."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sphinx_statestores import __version__
from sphinx_statestores.cli.outcome import FAILED, INTERRUPTED, UNUSABLE, UnusableError
from sphinx_statestores.cli.output import complain
from sphinx_statestores.cli.terminal import terminal_width

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Each with its line in the list of commands, and a module of this package that has ``add(commands, summary)``, which
#: adds the command's parser and sets its ``run``.
COMMANDS = {
    "check": "report every problem of a registry, and generated files that have drifted",
    "diff": "tell what changed between two versions of the registry",
    "generate": "write the registry in another format",
    "list": "list stores, one a line",
    "schema": "print the JSON Schema, for editors",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with *arguments*, by default those of the process; return the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    options = _parser(words).parse_args(words)
    try:
        return int(options.run(options))
    except BrokenPipeError:
        # The reader went away, as `head` does: no reason for a word, not even when Python flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except UnusableError as error:
        complain(f"statestores: {error}")
        return UNUSABLE


class _Help(argparse.HelpFormatter):
    """Help of the terminal's width, which argparse would import ``shutil`` for, even when it shows no help."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=(terminal_width() or 80) - 2)


class _Parser(argparse.ArgumentParser):
    """A parser with this help that takes options and files in any order; those of the commands are of its class."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"formatter_class": _Help, **settings})
        self._is_mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as argparse does only when asked to: else no file could follow an option that follows a file."""
        # Mixing forgets what ``--`` says of the words behind it.
        if self._subparsers is not None or self._is_mixing or "--" in (args or ()):
            return super().parse_known_args(args, namespace)
        self._is_mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_mixing = False


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="statestores",
        description="The registry of a system's state stores: checked, listed, and written in other formats.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, prog="statestores")
    given = next((word for word in words if word in COMMANDS), "")
    for name, summary in COMMANDS.items():
        # Importing all of them takes longer than most work.
        if name == given:
            import_module(f"{__name__}.{name}").add(commands, summary)
        else:
            commands.add_parser(name, help=summary)
    return parser
