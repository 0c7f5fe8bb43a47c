"""Arguments that several subcommands share -> the registry that they name."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.cli.input import read_standard_input
from sphinx_statestores.cli.outcome import UnusableError
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.paths import default_files, is_folder
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.report import shorten
from sphinx_statestores.registry.source import MIB, SIZE_LIMIT, SourceText, read_source, size_in_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.problems import Problem


#: The name of a file that means standard input.
STANDARD_INPUT = "-"
#: What messages call it.
STANDARD_INPUT_NAME = "<stdin>"

#: Read when no file is named.
DEFAULT_REGISTRY = Path("schemas/state-stores.yaml")


class Loaded(NamedTuple):
    """A registry as a command line names it."""

    registry: Registry
    problems: list[Problem]
    #: The name that a value's place carries -> the file. Standard input is a file of the current folder.
    files: dict[str, Path]
    #: The root of the repository, where the command line names it.
    root: Path | None


def add_files(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for registry files."""
    parser.add_argument(
        "files",
        nargs="*",
        default=[],
        metavar="FILE",
        help=f"registry files, merged in this order; {STANDARD_INPUT} is standard input "
        f"(default: {DEFAULT_REGISTRY} and its -guide sibling)",
    )
    add_limits(parser)


def add_limits(parser: argparse.ArgumentParser) -> None:
    """Add the options for the root, the size limit and the length of reports."""
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="the root of the repository: no link is followed out of it (default: the nearest folder above a file "
        "that has .git; else the current folder, for a file below it; else the file's own folder)",
    )
    parser.add_argument(
        "--size-limit",
        type=_size,
        default=SIZE_LIMIT,
        metavar="MIB",
        help=f"the size in MiB up to which a registry file is read (default: {SIZE_LIMIT // MIB})",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="report all problems, not only the first hundred of each kind",
    )


def load_registry(options: argparse.Namespace) -> Loaded:
    """Read the registry files that were named, or the default ones.

    Raises UnusableError when standard input is named twice or cannot be read, and when the root is no folder.
    """
    root = named_root(options)
    names: list[str] = options.files or [str(path) for path in default_files(DEFAULT_REGISTRY)]
    if names.count(STANDARD_INPUT) > 1:
        raise UnusableError("standard input can be read once only")
    sources = [read_named(name, options.size_limit, root) for name in names]
    paths = [source.path if isinstance(source, SourceText) else source.location.path for source in sources]
    return Loaded(*load_sources(sources), {path: Path(path) for path in paths}, root)


def named_root(options: argparse.Namespace) -> Path | None:
    """Return the root of the repository, where the command line names it.

    Raises UnusableError when it is no folder.
    """
    root: Path | None = options.root
    if root is not None and not is_folder(root):
        raise UnusableError(f"--root: {root} is no folder")
    return root


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
        raise argparse.ArgumentTypeError(f"{shown(text)} is no size of a file in MiB") from None
