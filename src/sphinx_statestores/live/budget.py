"""How much is read of a server, and whether more may be."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

#: Why not all was seen: the values of ``stopped`` of a server.
KEYS, SECONDS, INTERRUPTED, REFUSED = "keys", "seconds", "interrupted", "refused"


class Budget(NamedTuple):
    """How much is read of each server."""

    keys: int = 100_000
    seconds: float = 60.0
    #: The number of keys of each group whose memory and encoding are asked for.
    sample: int = 20


class Meter:
    """What is left of a budget."""

    def __init__(self, budget: Budget, clock: Callable[[], float] = time.monotonic) -> None:
        self.budget = budget
        self._clock = clock
        self._start = clock()
        #: The number of keys, or tables, that were asked for.
        self.asked = 0

    @property
    def seconds(self) -> float:
        """The time since the start."""
        return self._clock() - self._start

    @property
    def seconds_left(self) -> float:
        """The time that is left; never negative."""
        return max(0.0, self.budget.seconds - self.seconds)

    @property
    def keys_left(self) -> int:
        """The number of keys that may still be asked for."""
        return self.budget.keys - self.asked

    @property
    def used_up(self) -> str:
        """What is used up: :data:`KEYS`, :data:`SECONDS`, or nothing."""
        return KEYS if self.keys_left <= 0 else SECONDS if not self.seconds_left else ""
