"""The command ``statestores``: one module a command, in one tuple."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from sphinx_statestores import __version__
from sphinx_statestores.cli import generate
from sphinx_statestores.cli.outcome import FAILED, UNUSABLE, UnusableError
from sphinx_statestores.cli.output import complain

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Each has ``add(commands)``, which adds the command's parser and sets its ``run``.
COMMANDS = (generate,)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with *arguments*, by default those of the process; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except BrokenPipeError:
        # The reader went away, as `head` does: no reason for a word, not even when Python flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except UnusableError as error:
        complain(f"statestores: {error}")
        return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="statestores",
        description="The registry of a system's state stores, as checked and generated text.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser
