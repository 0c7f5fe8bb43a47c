"""The name of a version of a registry -> its files, from the disk or from a git revision."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.git import (
    Checkout,
    GitError,
    NoRepositoryError,
    NotInstalledError,
    open_checkout,
)
from sphinx_statestores.registry.paths import default_files, exists, guide_sibling, is_file, is_folder, resolve_inside
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.source import MIB, SIZE_LIMIT, SourceText, decode_source, read_source
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: Such as ``v1.0:path``, or ``HEAD@{10:00}:path`` with a colon in its braces (https://git-scm.com/docs/gitrevisions).
_REVISION_AND_PATH = re.compile(r"((?:[^:{]|\{[^}]*\})*):(.*)", re.DOTALL)
#: Such as ``C:\stores.yaml``.
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_FILE_SUFFIXES = (".yaml", ".yml", ".json")
#: The maximum number of file names that are compared for a suggestion.
_SUGGESTIONS = 5000
#: The maximum size of the list of names that is read for a suggestion, in bytes.
_NAMES_LIMIT = 16 * MIB


class _Wanted(NamedTuple):
    """A file in a git revision."""

    #: Empty for the index, which holds the staged files.
    revision: str
    #: Relative to the root of the repository; relative to *folder* when it begins with ``./`` or ``../``.
    path: str
    folder: Path
    #: The checkout that the folder is in.
    checkout: Checkout


class _RefusedError(Exception):
    """A version cannot be read; the text is the reason."""


class _MissingError(_RefusedError):
    """The revision exists but does not contain the file."""


def read_version(
    text: str,
    defaults: Sequence[Path],
    folder: Path,
    size_limit: int = SIZE_LIMIT,
    root: Path | None = None,
    *,
    is_confined: bool = False,
) -> list[SourceText | Problem]:
    """Take the name of a version of a registry; return its files.

    *text* is a file path relative to *folder*, or ``REVISION:path`` as in git (``:path`` for the index), or a
    revision alone for the files *defaults* in it. An existing file takes precedence, whatever its name looks like. A
    single file is returned with its guide, if there is one. Of several *defaults*, a revision may lack some. Files
    larger than *size_limit* bytes are not read. No symbolic link is followed out of the repository, whose configured
    root is *root*. *is_confined* means that *text* is untrusted: it must not name a file outside of *root*, or of
    *folder* without a root.

    Returns the files that were read, or the problem that prevented it.
    """
    try:
        return _read_named(text, defaults, folder, size_limit, root, is_confined=is_confined)
    except NotInstalledError:
        reason = "there is no such file, and git is not installed, so it cannot be a revision"
    except NoRepositoryError as error:
        reason = f"there is no such file or revision: {error}"
    except (GitError, _RefusedError) as error:
        reason = str(error)
    return [Problem(Kind.UNREADABLE_FILE, reason, Location(text))]


def _read_named(
    text: str, defaults: Sequence[Path], folder: Path, size_limit: int, root: Path | None, *, is_confined: bool
) -> list[SourceText | Problem]:
    file = folder / text
    if not text:
        raise _RefusedError("the name of the file or revision is empty")
    is_there = exists(file)
    if not is_there and not _DRIVE.match(text) and (":" in text or not text.endswith(_FILE_SUFFIXES)):
        return _read_all(_wanted(text, defaults, folder, root), size_limit)
    files = default_files(file) if is_file(file) else [file]
    if is_confined:
        for path in files:
            _check_confined(path, folder if root is None else root)
    if not is_there:
        raise _RefusedError(f"there is no such file{did_you_mean(file.name, _files_beside(file))}")
    return [read_source(path, size_limit, root) for path in files]


def _check_confined(file: Path, root: Path) -> None:
    """Raise `_RefusedError` for a file outside of *root* or in ``.git``, which may hold credentials."""
    try:
        parts = resolve_inside(file, root).relative_to(os.path.realpath(root)).parts
    except OSError:
        reason = "the file is outside the repository: move it there, or set a root that contains it"
        raise _RefusedError(reason) from None
    if ".git" in map(str.lower, parts):
        raise _RefusedError("the file belongs to git itself")


def _wanted(text: str, defaults: Sequence[Path], folder: Path, root: Path | None) -> list[_Wanted]:
    match = _REVISION_AND_PATH.fullmatch(text)
    revision, path = match.groups() if match else (text, "")
    if path:
        return [_Wanted(revision, path, folder, open_checkout(folder, root))]
    # git runs in the registry's own folder: it may be in another repository than the page that names the revision.
    files = [folder / default for default in defaults]
    folders = [next(filter(is_folder, file.parents), file.parent) for file in files]
    checkouts = {parent: open_checkout(parent, root) for parent in folders}
    return [
        _Wanted(revision, f"./{file.relative_to(parent).as_posix()}", parent, checkouts[parent])
        for file, parent in zip(files, folders, strict=True)
    ]


def _read_all(files: Sequence[_Wanted], size_limit: int) -> list[SourceText | Problem]:
    """Read files, and the guide of a single file. Files that the revision lacks are left out, unless it lacks all."""
    found: list[SourceText | Problem] = []
    missing: list[_MissingError] = []
    for file in files:
        try:
            found.append(_read(file, size_limit))
        except _MissingError as error:
            missing.append(error)
    if not found:
        raise missing[0]
    before, slash, name = files[0].path.rpartition("/")
    if len(files) == 1 and name not in {"", ".", ".."}:
        guide = guide_sibling(Path(name)).name
        with suppress(_MissingError):
            found.append(_read(files[0]._replace(path=f"{before}{slash}{guide}"), size_limit))
    return found


def _read(file: _Wanted, size_limit: int) -> SourceText | Problem:
    checkout = file.checkout
    path = checkout.path_of(file.folder, file.path) if file.path.startswith(("./", "../")) else file.path
    if file.revision:
        # Resolve the branch to a commit once: it may move while the files are read.
        tree = _commit(file.revision, checkout)
        place = f"the revision {shown(file.revision)}"
    else:
        tree, place = "", "the index"
    size = None if path is None else checkout.ask("cat-file", "-s", f"{tree}:{path}")
    if size is None:
        if path and checkout.ask("rev-parse", "--verify", "--quiet", f"{tree}:{path}") is not None:
            raise _RefusedError(
                f"the file {shown(file.path)} in {place} is missing in this partial clone: clone without '--filter'"
            )
        near = did_you_mean(file.path.removeprefix("./"), _files_in(tree, checkout))
        raise _MissingError(f"there is no file {shown(file.path)} in {place}{near}")
    if int(size) > size_limit:
        raise _too_large(size_limit)
    data = checkout.ask("cat-file", "blob", f"{tree}:{path}", limit=size_limit + 1)
    if data is None:
        raise _RefusedError(f"{shown(file.path)} is a directory in {place}, not a file")
    if len(data) > size_limit:
        raise _too_large(size_limit)  # the staged file may have changed since its size was read
    return decode_source(f"{file.revision}:{file.path}", data)


def _too_large(size_limit: int) -> _RefusedError:
    return _RefusedError(
        f"the file is larger than the limit of {size_limit:,} bytes: raise it with '--size-limit' or "
        "'statestores_size_limit'"
    )


def _commit(revision: str, checkout: Checkout) -> str:
    """Return the full hash of a revision's commit. Raises `_RefusedError` when there is no such revision."""
    # No branch, tag or commit begins with a dash: such a text is a mistyped option.
    if not revision.startswith("-"):
        found = checkout.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if found is not None:
            return found.decode().strip()
    format_ = "--format=%(refname:short)"
    references = _lines(checkout.ask("for-each-ref", f"--count={_SUGGESTIONS}", format_, limit=_NAMES_LIMIT), "\n")
    if revision == "HEAD":
        raise _RefusedError("there is no revision 'HEAD': the repository has no commit yet")
    near = did_you_mean(revision, ["HEAD", *references])
    is_shallow = checkout.ask("rev-parse", "--is-shallow-repository") == b"true\n"
    hint = (
        " (this clone does not have the whole history: 'git fetch --unshallow' fetches it)"
        if is_shallow and not near
        else ""
    )
    raise _RefusedError(f"there is no revision {shown(revision)}{near}{hint}")


def _files_in(tree: str, checkout: Checkout) -> list[str]:
    """Return the names of the files in a revision or in the index that may be registries."""
    if tree:
        output = checkout.ask("ls-tree", "-r", "-z", "--name-only", "--full-tree", tree, limit=_NAMES_LIMIT)
    else:
        output = checkout.ask("ls-files", "-z", "--full-name", limit=_NAMES_LIMIT)
    names = (name for name in _lines(output, "\0") if name.endswith(_FILE_SUFFIXES))
    return [name for name, _ in zip(names, range(_SUGGESTIONS), strict=False)]


def _lines(output: bytes | None, end: str) -> Iterable[str]:
    return filter(None, (output or b"").decode("utf-8", "replace").split(end))


def _files_beside(file: Path) -> Iterator[str]:
    try:
        yield from sorted(path.name for path in file.parent.iterdir() if path.suffix in _FILE_SUFFIXES)
    except OSError:
        return
