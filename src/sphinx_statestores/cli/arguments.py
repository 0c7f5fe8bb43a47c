"""Arguments that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_statestores.registry.paths import default_files

if TYPE_CHECKING:
    import argparse

_DEFAULT_REGISTRY = Path("schemas/state-stores.yaml")


def add_files(parser: argparse.ArgumentParser) -> None:
    """Let a command take registry files."""
    parser.add_argument(
        "files",
        nargs="*",
        default=[],
        metavar="FILE",
        help=f"registry files, merged in this order (default: {_DEFAULT_REGISTRY} and its -guide sibling)",
    )


def registry_files(options: argparse.Namespace) -> list[str | Path]:
    """Return the registry files that were named, or the default ones."""
    return list(options.files or default_files(_DEFAULT_REGISTRY))
