"""Which files a template may be made of: those beside it, and never one that only a link leads to from there.

A template comes from whoever may change the repository, and what it includes is shown. So a name is resolved before
anything is opened, and what it leads to has to be below the folder, regular, and not hidden.
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
#: A longer path is shown by its beginning.
_SHOWN_PATH = 255
#: How Windows also calls ``.git``, where it keeps short names: ``GIT~1``.
_SHORT_NAME = re.compile(r"~[0-9]+(?:\.[^.]{0,3})?$")


class TemplateFile(NamedTuple):
    """A template that has been found."""

    #: What messages call it: the path as it was named.
    name: str
    #: Its folder as it was named.
    parent: str
    #: The file itself, links resolved. As the system has it: who reads it may use another encoding for names.
    path: bytes
    #: The folder that it may include others from, links resolved.
    folder: bytes


class TemplateFileError(Exception):
    """A file cannot be, or must not be, a template. The text goes on after its name: ``is not a regular file``."""


def find_template(path: Path, root: Path | None) -> TemplateFile:
    """Resolve the path of a template.

    With a *root*, which is the repository, the path is a stranger's: in the end it has to lead to what is inside of
    the root and not hidden there. Without one whoever calls has chosen it. Raises :exc:`ExportError`.
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
    """Return the file that a template includes by a name, links resolved, given the folder of the template.

    Raises FileNotFoundError when there is none, and :exc:`TemplateFileError` for a name that must not be followed.
    """
    if not all(map(_is_plain, name.split("/"))):
        raise TemplateFileError(
            "cannot be included: only a plain path below the folder of the rendered template can, without '..' and "
            "hidden names"
        )
    return _resolved(Path(folder, *name.split("/")), Path(folder), "the folder of the rendered template")


def read_template(path: str, limit: int) -> str:
    """Return the text of a template whose path has been resolved; raise :exc:`TemplateFileError`."""
    flags = ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY")  # a named pipe would keep the process waiting
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
        raise TemplateFileError(f"is larger than {limit:,} bytes, which is the limit")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise TemplateFileError("is not UTF-8") from None


def shown_path(path: str) -> str:
    """Return a path for a message: on one line, and short where no file could have it."""
    text = printable(path if len(path) <= _SHOWN_PATH else f"{path[:SHOWN_LENGTH]}...")
    # A joiner is harmless in a text, and hides something in a path.
    return text.replace("\u200c", r"\u200c").replace("\u200d", r"\u200d")


def _resolved(path: Path, root: Path | None, what: str = "the repository") -> str:
    """Follow all links; raise FileNotFoundError, or :exc:`TemplateFileError` for what is not below *root*."""
    try:
        # Whether something is there is not told of what is outside.
        _check_inside(os.path.realpath(path), root, what)
        found = os.path.realpath(path, strict=True)
        _check_inside(found, root, what)
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = "it is a link that leads back to itself" if error.errno == errno.ELOOP else error.strerror
        raise TemplateFileError(f"cannot be read: {reason}") from None
    except ValueError:  # a NUL, which no path has
        raise FileNotFoundError from None
    return found


def _check_inside(path: str, root: Path | None, what: str) -> None:
    if root is None:
        return
    real_root = os.path.realpath(root)
    if not Path(path).is_relative_to(real_root):
        raise TemplateFileError(f"is outside of {what}")
    if not all(map(_is_plain, Path(path).relative_to(real_root).parts)):
        raise TemplateFileError(f"is hidden in {what}, or has a name that some system reads as another")


def _is_plain(part: str) -> bool:
    """Return whether a part of a path is a name that every system reads as it is written, and that hides nothing.

    Windows drops dots and blanks at the end, and reads what is behind a colon as a part of the file; macOS drops
    characters that cannot be seen. So ``.git`` has many names.
    """
    return (
        bool(part)
        and part.isprintable()
        and not part.startswith(".")
        and not part.endswith((".", " "))
        and not any(separator in part for separator in ("\\", ":"))
        and not _SHORT_NAME.search(part)
    )
