"""Where values stand in their files."""

from __future__ import annotations

import struct
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.problems import Location

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARK = struct.Struct("<II")
_MOST = (1 << 32) - 1


class Places(NamedTuple):
    """Where a value and each of its fields stand in their file.

    A registry has tens of thousands of places and shows few of them. Values with the same fields share the names,
    and the numbers are packed until somebody asks for one.
    """

    path: str
    #: ``""`` for the value itself; a field, or ``closing.href`` for a field of a field. Sorted.
    names: tuple[str, ...] = ()
    #: Line and column of each, as four bytes each.
    marks: bytes = b""

    def of(self, name: str = "") -> Location:
        """Return the place of a field's value; of the field around it, or of the whole, when it is not there."""
        for known in (name, name.partition(".")[0], ""):
            position = bisect_left(self.names, known)
            if self.names[position : position + 1] == (known,):
                return Location(self.path, *_MARK.unpack_from(self.marks, _MARK.size * position))
        return Location(self.path)

    @property
    def line(self) -> int:
        """The line in which the value itself begins, from 1; 0 when that is not known."""
        return int.from_bytes(self.marks[:4], "little")


#: The place of what no file defines: built in, or a default.
NOWHERE = Places("")


def places_at(path: str, found: Mapping[str, tuple[int, int]]) -> Places:
    """Return places of which lines and columns are given, both from 1; that of the value itself is among them."""
    names = tuple(sorted(found))
    numbers = [min(number, _MOST) for name in names for number in found[name]]
    return Places(path, names, struct.pack(f"<{len(numbers)}I", *numbers))
