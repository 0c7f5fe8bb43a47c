"""Folders on the command line of ``statestores import`` -> the files in them that can be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from sphinx_statestores.cli.outcome import UnusableError
from sphinx_statestores.export.files import read_beginning
from sphinx_statestores.registry.paths import absolute_path, is_folder


class NamedFiles(NamedTuple):
    """Files that a command line names."""

    #: In their order; those of a folder are sorted.
    names: tuple[str, ...]
    #: Of these, those that a folder holds.
    in_folders: frozenset[str]
    #: Files in folders that are not read.
    left_out: tuple[str, ...]


#: The first bytes of workbooks: of .xlsx, which is an archive, and of .xls.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def is_workbook(name: str, root: Path | None) -> bool:
    """Return whether a file begins as an Excel file does; files that cannot be read do not."""
    try:
        return (read_beginning(Path(name), 4, root=root) or b"") in _WORKBOOKS
    except OSError:
        return False


def named_files(names: list[str], endings: tuple[str, ...], output: Path | None) -> NamedFiles:
    """Take the words of a command line; return files, with those of the given endings in place of a folder.

    Hidden files, and *output*, are no part of a folder. Raises UnusableError for a folder without such files.
    """
    found: list[str] = []
    in_folders: set[str] = set()
    left_out: list[str] = []
    for name in names:
        if not is_folder(name):
            found.append(name)
            continue
        files = [path for path in _files(name) if output is None or absolute_path(path) != absolute_path(output)]
        wanted = [path for path in files if path.lower().endswith(endings)]
        if not wanted:
            raise UnusableError(f"{name}: no file of this folder ends with {', '.join(endings)}: name the files")
        found += wanted
        in_folders.update(wanted)
        left_out += [path for path in files if not path.lower().endswith(endings)]
    return NamedFiles(tuple(found), frozenset(in_folders), tuple(left_out))


def _files(folder: str) -> list[str]:
    """Return the files of a folder and of those in it, sorted; links to folders are not followed."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [(Path(place) / name).as_posix() for name in files if not name.startswith(".")]
    return sorted(found)
