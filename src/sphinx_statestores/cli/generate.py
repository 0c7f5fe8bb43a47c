"""``statestores generate``: writes a registry in another format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_statestores.cli.arguments import add_files, load_registry, reported
from sphinx_statestores.cli.outcome import FAILED, OK, UnusableError
from sphinx_statestores.cli.output import complain, print_difference, print_result
from sphinx_statestores.cli.outputs import OUTPUTS, generate_outputs
from sphinx_statestores.export import FORMATS, format_called
from sphinx_statestores.export.files import drift, write_if_different
from sphinx_statestores.export.format import ExportError, ExportOptions, write_portably
from sphinx_statestores.registry.lint import apply_rule_settings
from sphinx_statestores.registry.paths import repository_root
from sphinx_statestores.registry.problems import has_errors
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    import argparse

#: The file names for standard output. A file cannot replace the second one.
STANDARD_OUTPUT = ("-", "/dev/stdout")

_TEMPLATE = "template"
_USAGE = f"""%(prog)s FORMAT [FILE ...] [-o OUT] [--check] [OPTION ...]
       %(prog)s --template TEMPLATE [FILE ...] [-o OUT] [--check]
       %(prog)s {OUTPUTS} [FILE ...] [--check] [--force]"""


def add(commands: Any, summary: str) -> None:
    """Add the parser of the subcommand; *summary* is its line in the list of commands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "generate",
        usage=_USAGE,
        help=summary,
        description="Print the registry in another format, write it to a file, or tell whether a file has drifted.",
        epilog="Exit status: 0 fine, 1 an error in the registry or drift, 2 the command could not run.",
    )
    parser.add_argument(
        "format",
        nargs="?",
        help=f"one of: {', '.join((*FORMATS, OUTPUTS))}; the last one stands for all files that 'x-outputs' declares",
        metavar="FORMAT",
    )
    add_files(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help=f"write OUT, and only if it differs; {STANDARD_OUTPUT[0]} is standard output, as without this option",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; print a diff and exit with 1 if OUT differs",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help=f"{OUTPUTS}: replace files, too, that are no earlier output of their format",
    )
    parser.add_argument("--template", type=Path, metavar="TEMPLATE", help="a jinja template, instead of a format")
    parser.add_argument("--namespace", default="", metavar="NAME", help="csharp: the namespace")
    parser.add_argument("--class", dest="class_name", default="", metavar="NAME", help="csharp: the class")
    parser.add_argument(
        "--columns", type=_columns, default=(), metavar="NAMES", help="csv: the columns, separated by commas"
    )
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(options: argparse.Namespace) -> int:
    output = None if options.output in {None, *STANDARD_OUTPUT} else Path(options.output)
    _settle_format(options)
    if options.format == OUTPUTS and options.output is not None:
        options.usage_error("the outputs have their paths in the registry: -o goes with one format")
    if options.force and options.format != OUTPUTS:
        options.usage_error(f"--force goes with {OUTPUTS}: -o replaces whatever is there")
    if options.check and output is None and options.format != OUTPUTS:
        options.usage_error("--check compares with a file: name it with -o OUT")
    settings = _settings(options)
    loaded = load_registry(options)
    problems = apply_rule_settings(loaded.registry, loaded.problems)
    for problem in reported(options, problems):
        complain(str(problem))
    if has_errors(problems):
        # The output would lack the stores with errors.
        complain("statestores: the registry has errors: nothing is generated")
        return FAILED
    if options.format == OUTPUTS:
        return generate_outputs(loaded, check=options.check, force=options.force)
    try:
        chosen = format_called(options.format)
        text, refused = write_portably(chosen, loaded.registry, loaded.files, settings, loaded.root)
    except ExportError as error:
        raise UnusableError(str(error)) from error
    for problem in reported(options, refused):
        complain(str(problem))
    if has_errors(refused):
        complain(f"statestores: the registry cannot be written as {options.format}: nothing is generated")
        return FAILED
    if output is None:
        print_result(text)
        return OK
    root = repository_root(output, loaded.root)
    try:
        difference = drift(output, text, root=root) if options.check else ""
        if not options.check and write_if_different(output, text, root=root):
            complain(f"statestores: wrote {output}")
    except OSError as error:
        raise UnusableError(f"{output}: {error.strerror}") from error
    print_difference(difference)
    return FAILED if difference else OK


def _settle_format(options: argparse.Namespace) -> None:
    """Decide whether the first argument is the format or, with a template, a registry file."""
    word: str | None = options.format
    known = (*FORMATS, OUTPUTS)
    if options.template is not None:
        if word in known and word != _TEMPLATE and not Path(word).exists():
            options.usage_error(f"a template is a format: say either {word} or --template")
        if word is not None and word != _TEMPLATE:
            options.files = [word, *options.files]
        options.format = _TEMPLATE
    elif word is None:
        options.usage_error(f"which format? There are {', '.join(known)}")
    elif word not in known:
        options.usage_error(f"{word!r} is no format{did_you_mean(word, known)} (there are {', '.join(known)})")


def _settings(options: argparse.Namespace) -> ExportOptions:
    """Return the options of the format. Raises UnusableError for an unsupported one."""
    given = {
        "namespace": options.namespace,
        "class": options.class_name,
        "columns": options.columns,
        "template": options.template,
    }
    known = format_called(options.format).options if options.format in FORMATS else frozenset()
    for name, value in given.items():
        if value and name not in known:
            options.usage_error(f"{options.format} knows no --{name}")
    return ExportOptions(options.namespace, options.class_name, options.columns, options.template)


def _columns(text: str) -> tuple[str, ...]:
    return tuple(key for key in (part.strip() for part in text.split(",")) if key)
