"""Measures of work that no other program on the machine disturbs."""

from __future__ import annotations

import contextlib
import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextlib.contextmanager
def counted_calls(*, builtins: bool = False) -> Iterator[list[int]]:
    """Count the calls of Python functions, on demand also of others, and how often generators are resumed."""
    events = {"call", "c_call"} if builtins else {"call"}
    count = [0]

    def note(frame: FrameType, event: str, argument: object) -> None:
        count[0] += event in events

    before, collects = sys.getprofile(), gc.isenabled()
    # What a test library calls when garbage is collected is no work of ours.
    gc.disable()
    sys.setprofile(note)
    try:
        yield count
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()


class Word(str):
    """A text that counts how often any of its kind is compared or looked up."""

    __slots__ = ()
    used = 0

    def __eq__(self, other: object) -> bool:
        """Compare, and count."""
        Word.used += 1
        return str.__eq__(self, other)

    def __lt__(self, other: str) -> bool:
        """Compare, and count."""
        Word.used += 1
        return str.__lt__(self, other)

    def __hash__(self) -> int:
        """Look up, and count."""
        Word.used += 1
        return str.__hash__(self)
