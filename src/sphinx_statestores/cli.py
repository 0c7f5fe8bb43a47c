"""The command ``statestores``: parses arguments, calls, prints."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_statestores import __version__
from sphinx_statestores.export import FORMATS
from sphinx_statestores.export.files import drift, write_if_different
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
        # The reader of a pipe went away, as `head` does: no reason for a traceback.
        sys.stderr.close()
        return FAILED


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
        print(problem, file=sys.stderr)
    if any(problem.kind.severity is Severity.ERROR for problem in problems):
        # A file written from what is left would lose stores without a word.
        print("statestores: the registry has errors: nothing is generated", file=sys.stderr)
        return FAILED
    text = FORMATS[options.format](registry)
    if output is None:
        sys.stdout.buffer.write(text.encode())
        return OK
    try:
        if options.check:
            difference = drift(output, text)
            sys.stdout.buffer.write(difference.encode())
            return FAILED if difference else OK
        if write_if_different(output, text):
            print(f"statestores: wrote {output}", file=sys.stderr)
    except OSError as error:
        print(f"statestores: {output}: {error.strerror}", file=sys.stderr)
        return UNUSABLE
    return OK
