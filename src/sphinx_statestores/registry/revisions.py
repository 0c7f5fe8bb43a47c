"""A version of a registry that somebody names -> its files: on the disk, or in a revision of a git repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.paths import default_files, guide_sibling
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.source import SIZE_LIMIT, SourceText, decode_source, read_source
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: How long git may take for one answer, in seconds: in a partial clone it may have to fetch.
TIMEOUT = 30

#: Such as ``v1.0:path``, or ``HEAD@{10:00}:path`` with a colon in its braces (https://git-scm.com/docs/gitrevisions).
_REVISION_AND_PATH = re.compile(r"((?:[^:{]|\{[^}]*\})*):(.*)", re.DOTALL)
#: Such as ``C:\stores.yaml``.
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_FILE_SUFFIXES = (".yaml", ".yml", ".json")
#: So many names are looked through for one that may have been meant.
_SUGGESTIONS = 5000


class _Wanted(NamedTuple):
    """A file in a revision of the repository that a folder is in."""

    #: Empty for the index, which holds what is staged.
    revision: str
    #: From the root of the repository; from the folder when it begins with ``./`` or ``../``.
    path: str
    folder: Path


class _RefusedError(Exception):
    """There is a reason why a version cannot be read."""


class _MissingError(_RefusedError):
    """A revision is there and does not have the file."""


def read_version(
    text: str, defaults: Sequence[Path], folder: Path, size_limit: int = SIZE_LIMIT
) -> list[SourceText | Problem]:
    """Read the files of the version of a registry that *text* names.

    *text* is a file, from *folder*; or ``REVISION:path`` as git has it, ``:path`` for what is staged; or a
    revision alone, for the files *defaults* in it. A file that exists is a file, whatever its name looks like.
    A single file brings its guide along, where it has one. Of several *defaults*, a revision need not have all.
    A file of more than *size_limit* bytes is not read.

    Returns what was read, or the problem that kept it from being read. Raises nothing.
    """
    try:
        return _read_named(text, defaults, folder, size_limit)
    except _RefusedError as error:
        return [Problem(Kind.UNREADABLE_FILE, str(error), Location(text))]


def _read_named(text: str, defaults: Sequence[Path], folder: Path, size_limit: int) -> list[SourceText | Problem]:
    file = folder / text
    if not text:
        raise _RefusedError("no file and no revision is named")
    if _exists(file):
        return [read_source(path, size_limit) for path in (default_files(file) if file.is_file() else [file])]
    if _DRIVE.match(text) or (":" not in text and text.endswith(_FILE_SUFFIXES)):
        raise _RefusedError(f"there is no such file{did_you_mean(file.name, _files_beside(file))}")
    return _read_all(_wanted(text, defaults, folder), size_limit)


def _wanted(text: str, defaults: Sequence[Path], folder: Path) -> list[_Wanted]:
    match = _REVISION_AND_PATH.fullmatch(text)
    revision, path = match.groups() if match else (text, "")
    if path:
        return [_Wanted(revision, path, folder)]
    # Asked from its own folder: the registry may be in another repository than the page that names a revision.
    return [
        _Wanted(revision, f"./{file.name}", file.parent)
        if file.parent.is_dir()
        else _Wanted(revision, f"./{file.as_posix()}", folder)
        for file in (folder / default for default in defaults)
    ]


def _read_all(files: Sequence[_Wanted], size_limit: int) -> list[SourceText | Problem]:
    """Read files, and the guide of a single one; those that a revision does not have are left out, but not all."""
    found: list[SourceText | Problem] = []
    missing: list[_MissingError] = []
    for file in files:
        try:
            found.append(_read(file, size_limit))
        except _MissingError as error:
            missing.append(error)
    if not found:
        raise missing[0]
    if len(files) == 1:
        before, slash, name = files[0].path.rpartition("/")
        guide = guide_sibling(Path(name)).name
        with suppress(_MissingError):
            found.append(_read(files[0]._replace(path=f"{before}{slash}{guide}"), size_limit))
    return found


def _read(file: _Wanted, size_limit: int) -> SourceText | Problem:
    name = f"{file.revision}:{file.path}"
    if file.revision:
        # The commit, so that all that follows is about one: a branch may move.
        tree = _commit(file.revision, file.folder)
        place = f"the revision {shown(file.revision)}"
    else:
        tree, place = "", "the index"
    size = _git(file.folder, "cat-file", "-s", f"{tree}:{file.path}")
    if size is None:
        _check_repository(file.folder)
        near = did_you_mean(file.path.removeprefix("./"), _files_in(tree, file.folder))
        raise _MissingError(f"there is no file {shown(file.path)} in {place}{near}")
    if int(size) > size_limit:
        raise _RefusedError(f"the file is larger than {size_limit:,} bytes, which is the limit")
    data = _git(file.folder, "cat-file", "blob", f"{tree}:{file.path}")
    if data is None:
        raise _RefusedError(f"{shown(file.path)} is a directory in {place}, not a file")
    return decode_source(name, data)


def _commit(revision: str, folder: Path) -> str:
    """Return the full name of the commit that is meant."""
    # What begins with a dash would be an option, and no branch, tag or commit begins so.
    if not revision.startswith("-"):
        found = _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if found is not None:
            return found.decode().strip()
    _check_repository(folder)
    references = _lines(_git(folder, "for-each-ref", f"--count={_SUGGESTIONS}", "--format=%(refname:short)"), "\n")
    near = did_you_mean(revision, ["HEAD", *references])
    is_shallow = _git(folder, "rev-parse", "--is-shallow-repository") == b"true\n"
    hint = " (this clone does not have the whole history)" if is_shallow and not near else ""
    raise _RefusedError(f"there is no revision {shown(revision)}{near}{hint}")


def _check_repository(folder: Path) -> None:
    done = _run(folder, "rev-parse", "--git-dir")
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0].removeprefix("fatal: ")
        # Else it is, for instance, somebody else's, and git does not trust it.
        why = "this is no git repository" if reason.startswith("not a git repo") else f"git says {shown(reason)}"
        raise _RefusedError(f"there is no such file, and no such revision: {why}")


def _files_in(tree: str, folder: Path) -> list[str]:
    """Return the files of a revision, or of the index, that could be a registry."""
    in_tree, in_index = ("ls-tree", "-r", "-z", "--name-only", "--full-tree", tree), ("ls-files", "-z", "--full-name")
    command = in_tree if tree else in_index
    names = (name for name in _lines(_git(folder, *command), "\0") if name.endswith(_FILE_SUFFIXES))
    return [name for name, _ in zip(names, range(_SUGGESTIONS), strict=False)]


def _lines(output: bytes | None, end: str) -> Iterable[str]:
    return filter(None, (output or b"").decode("utf-8", "replace").split(end))


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Run git and return what it prints; None when it fails."""
    done = _run(folder, *arguments)
    return done.stdout if done.returncode == 0 else None


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git so that it asks nobody anything and writes nothing."""
    program = shutil.which("git")
    if program is None:
        raise _RefusedError("there is no such file, and git, which could know such a revision, is not installed")
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603 - no shell; no argument that a user gives begins with a dash
            [program, *arguments],
            check=False,
            cwd=folder,
            env={**os.environ, **quiet},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise _RefusedError(f"git did not answer within {TIMEOUT} seconds") from None
    except (OSError, ValueError) as error:
        # A folder that is not there; characters that no argument of a program can have.
        raise _RefusedError(f"git cannot be run: {getattr(error, 'strerror', None) or error}") from None


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except (OSError, ValueError):
        return False  # a name that no file can have


def _files_beside(file: Path) -> Iterator[str]:
    try:
        yield from sorted(path.name for path in file.parent.iterdir() if path.suffix in _FILE_SUFFIXES)
    except OSError:
        return
