"""Paths of declared outputs -> whether they are allowed. Files that tools execute and misleading names are not."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The beginnings of file names that tools execute or obey, optionally with a suffix.
_EXECUTED = re.compile(
    r"(?:(?:bsd|gnu)?makefile|(?:docker|container|jenkins|just|proc|rake|gem|tilt|vagrant|pip|fab|nox|gulp|grunt|task)"
    r"file|cmakelists|(?:docker-)?compose|conf|conftest|manage|setup|tasks|(?:site|user)customize|package(?:-lock)?"
    r"|composer|[jt]sconfig|pyproject|poetry|pytest|tox|requirements|directory\.build|azure-pipelines|appveyor"
    r"|bitbucket-pipelines|cloudbuild|lefthook|build|pom|cargo|go)"
    # Text files with such a name are documentation.
    r"(?:\.(?!md$|rst$|csv$).+)?"
)
_NAMES_WITHOUT_SUFFIX = frozenset({"build", "conf", "go", "package", "setup", "tasks"})
#: The suffixes of files that a shell, a loader or a build tool executes.
_EXECUTED_ENDS = (".bat", ".cmd", ".com", ".exe", ".lnk", ".ps1", ".pth", ".scr", ".sln", ".targets", ".url")

# `GIT~1` is the short name of `.git` on some file systems.
_SHORT_NAME = re.compile(r"~\d+(?:\.|$)")
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)")
_NAME_BYTES = 255
_FOLDERS = 64


def name_fault(parts: Sequence[str]) -> str:
    """Take the parts of a path, relative to the root; return why an output must not be there, or an empty text."""
    if not parts:
        return "is the root of the repository"
    if len(parts) > _FOLDERS:
        return f"is in more than {_FOLDERS} folders"
    for part in parts:
        # As file systems compare names that ignore case or invisible characters.
        plain = "".join(c for c in unicodedata.normalize("NFKC", part) if unicodedata.category(c) != "Cf").casefold()
        if plain.rstrip(". ").partition(":")[0].rstrip(". ") == ".git" or re.match(r"git~\d", plain):
            return "belongs to git"
        if plain.startswith("."):
            return f"is hidden: outputs are not written to {part!r}, since programs read such files as settings"
        if fault := _odd(part, plain):
            return f"has a name that is not portable: {part!r} {fault}"
    name = parts[-1].casefold()
    if name.endswith(_EXECUTED_ENDS) or (_EXECUTED.fullmatch(name) and name not in _NAMES_WITHOUT_SUFFIX):
        return "has the name of a file that programs execute or read as settings"
    return ""


def _odd(part: str, plain: str) -> str:
    if len(part.encode("utf-8", "surrogateescape")) > _NAME_BYTES:
        return "is too long"
    if not part.isprintable():
        return "has invisible characters"
    if part != part.rstrip(". "):
        return "ends with a dot or a space"
    if set(part) & set('<>:"|?*\\'):
        return "has a character that Windows does not allow"
    if _SHORT_NAME.search(plain):
        return "looks like a short name (8.3) of Windows"
    return "is the name of a device on Windows" if _DEVICE.match(plain) else ""
