"""``statestores generate``: the registry in another format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_statestores.cli.arguments import add_files, load_registry, reported
from sphinx_statestores.cli.outcome import FAILED, OK, UnusableError
from sphinx_statestores.cli.output import complain, print_result
from sphinx_statestores.cli.outputs import OUTPUTS, generate_outputs
from sphinx_statestores.export import FORMATS
from sphinx_statestores.export.files import drift, write_if_different
from sphinx_statestores.registry.lint import settled
from sphinx_statestores.registry.problems import has_errors

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command to those of the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "generate",
        help="write the registry in another format",
        description="Print the registry in another format, write it to a file, or tell whether a file has drifted.",
        epilog="Exit status: 0 fine, 1 an error in the registry or drift, 2 the command could not run.",
    )
    parser.add_argument(
        "format",
        choices=[*sorted(FORMATS), OUTPUTS],
        help="one of: %(choices)s; the last one stands for all files that 'x-outputs' declares",
        metavar="FORMAT",
    )
    add_files(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help="write OUT, and only if it differs")
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; print a diff and exit with 1 if OUT differs",
    )
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(options: argparse.Namespace) -> int:
    output: Path | None = options.output
    if options.format == OUTPUTS and output is not None:
        options.usage_error("the outputs have their paths in the registry: -o goes with one format")
    if options.check and output is None and options.format != OUTPUTS:
        options.usage_error("--check compares with a file: name it with -o OUT")
    loaded = load_registry(options)
    problems = settled(loaded.registry, loaded.problems)
    for problem in reported(options, problems):
        complain(str(problem))
    if has_errors(problems):
        # A file written from what is left would lose stores without a word.
        complain("statestores: the registry has errors: nothing is generated")
        return FAILED
    if options.format == OUTPUTS:
        return generate_outputs(loaded, check=options.check)
    text = FORMATS[options.format](loaded.registry)
    if output is None:
        print_result(text)
        return OK
    try:
        difference = drift(output, text) if options.check else ""
        if not options.check and write_if_different(output, text):
            complain(f"statestores: wrote {output}")
    except OSError as error:
        raise UnusableError(f"{output}: {error.strerror}") from error
    print_result(difference)
    return FAILED if difference else OK
