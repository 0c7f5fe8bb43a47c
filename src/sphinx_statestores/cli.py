"""The command ``statestores``: parses arguments, calls, prints."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_statestores import __version__
from sphinx_statestores.export import FORMATS
from sphinx_statestores.export.files import drift, encode, write_if_different
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.paths import default_files
from sphinx_statestores.registry.problems import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Exit statuses: all is well; an error in the registry, or drift; the command could not run.
OK, FAILED, UNUSABLE = 0, 1, 2

_DEFAULT_REGISTRY = Path("schemas/state-stores.yaml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with *arguments*, by default those of the process; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except BrokenPipeError:
        # The reader went away, as `head` does: no reason for a word, not even when Python flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except _UnusableError as error:
        _complain(f"statestores: {error}")
        return UNUSABLE


class _UnusableError(Exception):
    """The command could not run to its end, through no fault of the registry."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="statestores",
        description="The registry of a system's state stores, as checked and generated text.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    generate = commands.add_parser(
        "generate",
        help="write the registry in another format",
        description="Print the registry in another format, write it to a file, or tell whether a file has drifted.",
        epilog="Exit status: 0 fine, 1 an error in the registry or drift, 2 the command could not run.",
    )
    generate.add_argument("format", choices=sorted(FORMATS), help="one of: %(choices)s", metavar="FORMAT")
    generate.add_argument(
        "files",
        nargs="*",
        default=[],
        metavar="FILE",
        help=f"registry files, merged in this order (default: {_DEFAULT_REGISTRY} and its -guide sibling)",
    )
    generate.add_argument("-o", "--output", type=Path, metavar="OUT", help="write OUT, and only if it differs")
    generate.add_argument(
        "--check",
        action="store_true",
        help="write nothing; print a diff and exit with 1 if OUT differs",
    )
    generate.set_defaults(run=_generate, usage_error=generate.error)
    return parser


def _generate(options: argparse.Namespace) -> int:
    output: Path | None = options.output
    if options.check and output is None:
        options.usage_error("--check compares with a file: name it with -o OUT")
    registry, problems = load(options.files or default_files(_DEFAULT_REGISTRY))
    for problem in problems:
        _complain(str(problem))
    if any(problem.kind.severity is Severity.ERROR for problem in problems):
        # A file written from what is left would lose stores without a word.
        _complain("statestores: the registry has errors: nothing is generated")
        return FAILED
    text = FORMATS[options.format](registry)
    if output is None:
        _print(text)
        return OK
    try:
        difference = drift(output, text) if options.check else ""
        if not options.check and write_if_different(output, text):
            _complain(f"statestores: wrote {output}")
    except OSError as error:
        raise _UnusableError(f"{output}: {error.strerror}") from error
    _print(difference)
    return FAILED if difference else OK


def _print(text: str) -> None:
    """Write what was asked for to standard output, as UTF-8 with plain line ends, all of it now."""
    try:
        sys.stdout.buffer.write(encode(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left in the buffer would fail again at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise _UnusableError(f"standard output: {error.strerror}") from error


def _complain(line: str) -> None:
    """Write a line to standard error; a file's name that is no text is shown escaped."""
    print(line.encode("utf-8", "backslashreplace").decode(), file=sys.stderr)
