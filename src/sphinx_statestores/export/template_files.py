"""Names of templates -> files: those in the template's folder, and none that only a symbolic link reaches.

Templates are untrusted, and the text of an included file is published. So each name is resolved before a file is
opened, and the file must be below the folder, regular and not hidden.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

from sphinx_statestores.export.format import ExportError
from sphinx_statestores.registry.quoting import SHOWN_LENGTH, printable

_CHUNK = 1 << 20
#: The maximum length of a path in a message.
_SHOWN_PATH = 255
#: Windows short names, such as ``GIT~1`` for ``.git``.
_SHORT_NAME = re.compile(r"~[0-9]+(?:\.[^.]{0,3})?$")


class TemplateFile(NamedTuple):
    """A template file that was found."""

    #: The path as given, for messages.
    name: str
    #: The folder as given.
    parent: str
    #: The real path, in bytes: the process that reads it may use another file system encoding.
    path: bytes
    #: The real path of the folder with the files that it may include.
    folder: bytes


class TemplateFileError(Exception):
    """A file cannot be used as a template. The text follows the file's name: ``is not a regular file``."""


def find_template(path: Path, root: Path | None) -> TemplateFile:
    """Resolve the path of a template.

    With a *root*, which is the repository, the path is untrusted: the real path must be inside of the root and not
    hidden. Without a root, the caller is trusted. Raises :exc:`ExportError`.
    """
    name = shown_path(str(path))
    try:
        found, folder = _resolved(path, root), _resolved(path.parent, root)
    except FileNotFoundError:
        raise ExportError(f"{name}: there is no such file") from None
    except TemplateFileError as error:
        raise ExportError(f"{name}: the template {error}") from None
    return TemplateFile(name, str(path.parent), os.fsencode(found), os.fsencode(folder))


def find_included(folder: str, name: str) -> str:
    """Take the folder of a template and the name in an include; return the real path.

    Raises FileNotFoundError when there is no such file, :exc:`TemplateFileError` for a name that is not allowed.
    """
    if not all(map(_is_plain, name.split("/"))):
        raise TemplateFileError(
            "cannot be included: use a path below the folder of the rendered template, without '..' and hidden names"
        )
    return _resolved(Path(folder, *name.split("/")), Path(folder), "the folder of the rendered template")


def read_template(path: str, limit: int) -> str:
    """Take the real path of a template and the maximum size in bytes; return its text.

    Raises :exc:`TemplateFileError` when the file cannot be used.
    """
    flags = ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY")  # a named pipe would block the process
    data = bytearray()
    try:
        descriptor = os.open(path, sum((getattr(os, flag, 0) for flag in flags), start=os.O_RDONLY))
        try:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise TemplateFileError("is a directory" if stat.S_ISDIR(mode) else "is not a regular file")
            while len(data) <= limit and (chunk := os.read(descriptor, _CHUNK)):
                data += chunk
        finally:
            os.close(descriptor)
    except OSError as error:
        raise TemplateFileError(f"cannot be read: {error.strerror}") from error
    if len(data) > limit:
        raise TemplateFileError(f"is larger than the limit of {limit:,} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise TemplateFileError("is not UTF-8") from None


def shown_path(path: str) -> str:
    """Return a path for a message, on one line and shortened."""
    text = printable(path if len(path) <= _SHOWN_PATH else f"{path[:SHOWN_LENGTH]}...")
    # Joiners are harmless in text but invisible in a path.
    return text.replace("\u200c", r"\u200c").replace("\u200d", r"\u200d")


def _resolved(path: Path, root: Path | None, what: str = "the repository") -> str:
    """Return the real path. Raises FileNotFoundError, or :exc:`TemplateFileError` when it is not below *root*."""
    try:
        # Checked first: a message must not reveal whether a file outside of the root exists.
        _check_inside(os.path.realpath(path), root, what)
        found = os.path.realpath(path, strict=True)
        _check_inside(found, root, what)
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = "it is a link to itself" if error.errno == errno.ELOOP else error.strerror
        raise TemplateFileError(f"cannot be read: {reason}") from None
    except ValueError:  # a NUL character, which no path contains
        raise FileNotFoundError from None
    return found


def _check_inside(path: str, root: Path | None, what: str) -> None:
    if root is None:
        return
    real_root = os.path.realpath(root)
    if not Path(path).is_relative_to(real_root):
        raise TemplateFileError(f"is outside {what}")
    if not all(map(_is_plain, Path(path).relative_to(real_root).parts)):
        raise TemplateFileError(f"is hidden in {what}, or has a name that is not portable")


def _is_plain(part: str) -> bool:
    """Return whether every system reads a part of a path as it is written, and whether it is not a hidden name.

    Windows strips dots and blanks at the end and takes what follows a colon for a stream of the file; macOS ignores
    invisible characters. So ``.git`` has many spellings.
    """
    return (
        bool(part)
        and part.isprintable()
        and not part.startswith(".")
        and not part.endswith((".", " "))
        and not any(separator in part for separator in ("\\", ":"))
        and not _SHORT_NAME.search(part)
    )
