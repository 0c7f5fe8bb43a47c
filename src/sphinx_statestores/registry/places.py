"""Where values stand in their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.problems import Location

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLUMN_BITS = 20


class Places(NamedTuple):
    """Where a value and each of its fields stand in their file.

    A registry has tens of thousands of places and shows few of them, so each is one number until it
    is asked for.
    """

    path: str
    #: Field (``""`` for the value itself, ``closing.href`` for a field of a field) -> line and column in one number.
    marks: Mapping[str, int]

    def of(self, name: str = "") -> Location:
        """Return the place of a field's value; of the field around it, or of the whole, when it is not there."""
        mark = self.marks.get(name) or self.marks.get(name.partition(".")[0]) or self.marks.get("", 0)
        return Location(self.path, mark >> _COLUMN_BITS, mark & ((1 << _COLUMN_BITS) - 1))


#: The place of what no file defines: built in, or a default.
NOWHERE = Places("", {})


def mark(line: int, column: int) -> int:
    """Pack a line and a column, both from 1, for :class:`Places`."""
    return (line << _COLUMN_BITS) | min(column, (1 << _COLUMN_BITS) - 1)
