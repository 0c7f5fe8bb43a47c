"""Arguments that several subcommands share -> the registry that they name."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.cli.input import read_standard_input
from sphinx_statestores.cli.outcome import UnusableError
from sphinx_statestores.cli.output import complain
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.paths import default_files, exists, is_folder
from sphinx_statestores.registry.problems import Problem, Severity, has_errors
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.report import shorten
from sphinx_statestores.registry.settings import (
    DEFAULT_REGISTRY,
    OWN_FILE,
    PYPROJECT,
    find_registry,
    find_settings,
    with_outputs,
)
from sphinx_statestores.registry.shapes import NAME
from sphinx_statestores.registry.source import MIB, SIZE_LIMIT, SourceText, read_source, size_in_bytes
from sphinx_statestores.registry.suggest import Suggestions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.settings import SharedSettings


#: The name of a file that means standard input.
STANDARD_INPUT = "-"
#: What tells a file from the name of a store.
FILE_SUFFIXES = (".yaml", ".yml", ".json")
#: What messages call it.
STANDARD_INPUT_NAME = "<stdin>"


class Loaded(NamedTuple):
    """A registry as a command line names it."""

    registry: Registry
    problems: list[Problem]
    #: The name that a value's place carries -> the file. Standard input is a file of the current folder.
    files: dict[str, Path]
    #: The root of the repository, where the command line or a settings file names it.
    root: Path | None
    #: Of the settings file around the current folder.
    settings: SharedSettings
    #: Whether the command line names the files.
    is_named: bool


def add_files(parser: argparse.ArgumentParser) -> None:
    """Add the argument for registry files."""
    parser.add_argument(
        "files",
        nargs="*",
        default=[],
        metavar="FILE",
        help=f"registry files, merged in this order; {STANDARD_INPUT} is standard input "
        f"(default: those that {OWN_FILE} or {PYPROJECT} names; else {DEFAULT_REGISTRY} and its guide, in this "
        "folder or one above it)",
    )


def take_names(options: argparse.Namespace) -> list[str]:
    """Take the names of stores out of the words for files; return each once."""
    words: list[str] = options.files
    options.files = [word for word in words if _is_file(word)]
    return list(dict.fromkeys(word for word in words if not _is_file(word)))


def _is_file(word: str) -> bool:
    return word == STANDARD_INPUT or "/" in word or "\\" in word or word.lower().endswith(FILE_SUFFIXES)


def add_limits(parser: argparse.ArgumentParser) -> None:
    """Add the options for the root, the size limit and the length of reports."""
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help=(
            "the root of the repository, which links may not leave (default: the nearest folder above a file that "
            "has .git; else the current folder if the file is below it; else the folder of the file)"
        ),
    )
    parser.add_argument(
        "--size-limit",
        type=_size,
        default=SIZE_LIMIT,
        metavar="MIB",
        help=f"the maximum size of a registry file in MiB (default: {SIZE_LIMIT // MIB})",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="report all problems, not only the first 100 of each kind",
    )


def load_registry(options: argparse.Namespace) -> Loaded:
    """Read the registry files that were named, or those of the settings file, or the default ones.

    The outputs of a settings file belong to its own registry: they are left out where files are named. Raises
    UnusableError when standard input is named twice or cannot be read, when the root is no folder, and when the
    settings file wants no registry.
    """
    settings, root = read_settings(options)
    names: list[str] = options.files or [str(path) for path in registry_files(settings, root)]
    if not names and not has_errors(settings.problems):
        raise UnusableError(f"{settings.file}: 'registry' is an empty list: name a FILE")
    if names.count(STANDARD_INPUT) > 1:
        raise UnusableError("standard input can be read once only")
    sources = [read_named(name, options.size_limit, root) for name in names]
    if options.files:
        sources = [_with_other_command(source) for source in sources]
    elif settings.registry_files is None:
        sources = [_with_first_steps(source) for source in sources]
    else:
        sources = [_with_settings_file(source, settings.file) for source in sources]
    paths = [source.path if isinstance(source, SourceText) else source.location.path for source in sources]
    registry, problems = load_sources(sources)
    if not options.files:
        registry = with_outputs(registry, settings.outputs)
    files = {path: Path(path) for path in paths}
    return Loaded(registry, [*settings.problems, *problems], files, root, settings, bool(options.files))


def _with_first_steps(source: SourceText | Problem) -> SourceText | Problem:
    """Return what was read; if there is no registry at the usual place, a problem that says how to get one."""
    if not isinstance(source, Problem) or exists(source.location.path):
        return source
    hint = f"'statestores init' writes one; a FILE or 'registry' in {OWN_FILE} names another"
    return source._replace(message=f"{source.message}: {hint}")


def _with_settings_file(source: SourceText | Problem, file: Path | None) -> SourceText | Problem:
    """Return what was read; if there is no such file, a problem that says what names it."""
    if not isinstance(source, Problem) or exists(source.location.path):
        return source
    return source._replace(message=f"{source.message}: 'registry' in {file} names it")


def _with_other_command(source: SourceText | Problem) -> SourceText | Problem:
    """Return what was read; if a word is no file, a problem that says how to show and to filter stores."""
    if not isinstance(source, Problem):
        return source
    word = source.location.path
    # A file has an ending.
    if "." in word or not NAME.fullmatch(word) or exists(word):
        return source
    hint = f"to show a store: 'statestores show {word}'; to filter: 'statestores list --match {word}'"
    return source._replace(message=f"{source.message}; {hint}")


def read_settings(options: argparse.Namespace) -> tuple[SharedSettings, Path | None]:
    """Return the settings around the current folder, and the root of the repository where one is named.

    The command line comes first. Raises UnusableError when the root that it names is no folder.
    """
    root: Path | None = options.root
    if root is not None and not is_folder(root):
        raise UnusableError(f"--root: {root} is not a folder")
    settings = find_settings(Path(), root)
    return settings, settings.root if root is None else root


def registry_files(settings: SharedSettings, root: Path | None) -> list[Path]:
    """Return the files of the registry when the command line names none; there need not be any."""
    found = settings.registry_files
    return default_files(find_registry(Path(), root) or DEFAULT_REGISTRY) if found is None else found


def report_errors(options: argparse.Namespace, problems: Sequence[Problem]) -> bool:
    """Write the errors among problems to standard error; return whether there are any."""
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    for error in reported(options, errors):
        complain(str(error))
    return bool(errors)


def unknown_names(names: Iterable[str], registry: Registry) -> list[str]:
    """Write to standard error which names no store has; return them."""
    unknown = [name for name in names if name not in registry.by_name]
    suggestions = Suggestions()
    for name in unknown:
        complain(f"statestores: unknown store {shown(name)}{suggestions.did_you_mean(name, registry.by_name)}")
    return unknown


def reported(options: argparse.Namespace, problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems to print, shortened unless all are wanted."""
    return list(problems) if options.all else shorten(problems, hint="--all shows them")


def read_named(name: str, size_limit: int = SIZE_LIMIT, root: Path | None = None) -> SourceText | Problem:
    """Read a file or standard input.

    Returns the text, or the problem with it. Raises UnusableError when standard input cannot be read.
    """
    if name == STANDARD_INPUT:
        return read_standard_input(STANDARD_INPUT_NAME, size_limit)
    return read_source(name, size_limit, root)


def _size(text: str) -> int:
    try:
        return size_in_bytes(float(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a valid size in MiB") from None
