"""Values of a registry -> the locations of their fields, packed."""

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
    """The locations of a value and of its fields.

    A registry has tens of thousands of locations and few are used. Values with the same fields share the tuple of
    names, and the numbers stay packed until one is requested.
    """

    path: str
    #: ``""`` for the value itself; the name of a field, or ``closing.href`` for a nested field. Sorted.
    names: tuple[str, ...] = ()
    #: Line and column for each name, four bytes each.
    marks: bytes = b""

    def of(self, name: str = "") -> Location:
        """Take the name of a field; return its location.

        When the field is missing, that is the location of the field around it, or of the whole value.
        """
        for known in (name, name.partition(".")[0], ""):
            position = bisect_left(self.names, known)
            if self.names[position : position + 1] == (known,):
                return Location(self.path, *_MARK.unpack_from(self.marks, _MARK.size * position))
        return Location(self.path)

    @property
    def line(self) -> int:
        """The line of the value itself, from 1; 0 when it is not known."""
        return int.from_bytes(self.marks[:4], "little")


#: The places of a built-in or default value, which no file defines.
NOWHERE = Places("")


def places_at(path: str, found: Mapping[str, tuple[int, int]]) -> Places:
    """Take name -> line and column, both from 1, including ``""`` for the value itself; return the places."""
    names = tuple(sorted(found))
    numbers = [min(number, _MOST) for name in names for number in found[name]]
    return Places(path, names, struct.pack(f"<{len(numbers)}I", *numbers))
