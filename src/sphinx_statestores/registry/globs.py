"""Globs for files below a folder, with a field for the spelling of a service; matching takes polynomial time.

``*`` and ``?`` stand for characters inside of one part of a path, ``**`` for any number of whole parts. A field, such
as ``{kebab}``, stands for the name of a service in one of its spellings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry.paths import PATH_RULE
from sphinx_statestores.registry.quoting import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sphinx_statestores.registry.suggest import Suggest

#: Field -> the spelling of a service's name that it stands for.
SERVICE_FIELDS: Mapping[str, str] = {
    "service": "name",
    "kebab": "kebab",
    "kebab_upper": "kebab_upper",
    "snake": "snake",
    "lower": "lower",
}
#: The maximum length of a glob.
GLOB_LENGTH = 200
#: What begins a glob for files that are not meant.
NEGATION = "!"
#: Stands for any number of folders.
ANY_FOLDERS = "**"

_FIELD = re.compile(r"\{(\w+)\}")
_BRACES = re.compile(r"\{[^{}]*\}?|\}")
_DRIVE = re.compile(r"[A-Za-z]:")
_WILDCARDS = re.compile(r"[*?]")


def glob_fault(text: str, suggestion: Suggest) -> str:
    """Take a glob, which may be negated; return what is wrong with it, or an empty text."""
    glob = text.removeprefix(NEGATION)
    parts = glob.split("/")
    if len(text) > GLOB_LENGTH:
        return f"it is longer than {GLOB_LENGTH} characters"
    if "\\" in glob:
        return PATH_RULE
    if glob.startswith("/") or _DRIVE.match(glob) or "." in parts or ".." in parts:
        return "write a path from the root of the repository, without '.' and '..'"
    if "" in parts:
        example = f"{'/'.join(filter(None, parts)) or 'src'}/**"
        return f"a part of the path is empty: write a pattern for files, such as {shown(example)}"
    if "[" in glob or "]" in glob:
        return "only '*', '?' and '**' are wildcards: write one of them for the brackets"
    if any(ANY_FOLDERS in part and part != ANY_FOLDERS for part in parts):
        return "'**' stands for whole folders: write '/' around it, or '*' for a part of a name"
    return _field_fault(text, parts, suggestion)


def _field_fault(text: str, parts: Sequence[str], suggestion: Suggest) -> str:
    names = ", ".join(f"{{{name}}}" for name in SERVICE_FIELDS)
    for found in _BRACES.findall(text):
        field = _FIELD.fullmatch(found)
        if field is None:
            return f"{shown(found)} is not a field (the fields are {names}); write a list of globs for alternatives"
        if field[1] not in SERVICE_FIELDS:
            return (
                f"unknown field {shown(found)}{suggestion(field[1], SERVICE_FIELDS) or f' (the fields are {names})'}"
            )
    fields = len(_FIELD.findall(text))
    if fields and text.startswith(NEGATION):
        return "a glob that leaves files out has no fields: write '*'"
    if fields > 1:
        return "it has more than one field: keep the one that tells the service, and write '*' for the others"
    if any(_FIELD.search(part) and _WILDCARDS.search(part) for part in parts):
        return "a field and a wildcard are in one part of the path, so where the name ends is unclear: remove one"
    return ""


class Glob:
    """A glob without a fault that is not negated."""

    def __init__(self, text: str) -> None:
        parts = text.split("/")
        if parts[-1] == ANY_FOLDERS:
            parts.append("*")
        #: A key of :data:`SERVICE_FIELDS`; empty for a glob without a field.
        self.field = ""
        self._whole = _compiled([_FIELD.sub("?*", part) for part in parts])
        for position, part in enumerate(parts):
            if field := _FIELD.search(part):
                self.field = field[1]
                self._before, self._after = part[: field.start()], part[field.end() :]
                self._left, self._right = _compiled(parts[:position]), _compiled(parts[position + 1 :])

    def matches(self, path: str) -> bool:
        """Take a path with ``/``; return whether the glob matches it, whatever the field stands for."""
        return self._whole.fullmatch(f"{path}/") is not None

    def values(self, path: str) -> Iterator[str]:
        """Take a path; yield what the field may stand for in it, from left to right."""
        if not self.field or not self.matches(path):
            return
        parts = path.split("/")
        for position, part in enumerate(parts):
            value = part[len(self._before) : len(part) - len(self._after)]
            if (
                value
                and part.startswith(self._before)
                and part.endswith(self._after)
                and self._left.fullmatch(_folders(parts[:position]))
                and self._right.fullmatch(_folders(parts[position + 1 :]))
            ):
                yield value


def _folders(parts: Sequence[str]) -> str:
    return "".join(f"{part}/" for part in parts)


def _compiled(parts: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern for parts of a path, each of which ends with ``/``.

    Between two ``**``, the first place that matches is as good as any other, so the pattern never goes back to it.
    """
    blocks: list[list[str]] = [[]]
    for part in parts:
        if part == ANY_FOLDERS:
            blocks.append([])
        else:
            blocks[-1].append(part)
    first, *others = ["".join(f"{_translated(part)}/" for part in block) for block in blocks]
    if not others:
        return re.compile(first, re.DOTALL)
    middle = "".join(f"(?>(?:[^/]+/)*?{block})" for block in others[:-1] if block)
    return re.compile(f"{first}{middle}(?:[^/]+/)*{others[-1]}", re.DOTALL)


def _translated(part: str) -> str:
    """Return a pattern for one part of a path; all but its last ``*`` match as little as they can."""
    first, *others = [
        "".join("[^/]" if char == "?" else re.escape(char) for char in piece) for piece in part.split("*")
    ]
    if not others:
        return first
    return f"{first}{''.join(f'(?>[^/]*?{piece})' for piece in others[:-1])}[^/]*{others[-1]}"
