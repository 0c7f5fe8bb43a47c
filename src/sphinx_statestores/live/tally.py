"""Keys one by one -> the numbers of a group."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from sphinx_statestores.registry.observation import KeyGroup


class Sample(NamedTuple):
    """What is known of one key of the sample."""

    bytes: int
    encoding: str


class Tally:
    """What is counted of one group."""

    __slots__ = ("_longest", "_samples", "_shortest", "_types", "asked", "bytes", "expiring", "keys", "takes_samples")

    def __init__(self) -> None:
        #: The number of keys, or of rows.
        self.keys = 0
        #: The size of tables.
        self.bytes = 0
        self.expiring = 0
        #: The number of keys that were chosen for the sample.
        self.asked = 0
        self.takes_samples = True
        self._types: Counter[str] = Counter()
        #: In milliseconds.
        self._shortest = self._longest = 0
        self._samples: list[Sample] = []

    def add_key(self, kind: str, milliseconds: int) -> None:
        """Count a key with its type, as ``TYPE`` names it, and its time to live, as ``PTTL`` says it."""
        self.keys += 1
        self._types[kind] += 1
        if milliseconds >= 0:
            self._add_times(1, milliseconds, milliseconds)

    def add_rows(self, rows: int, size: int = 0) -> None:
        """Count rows, with the size of their table in bytes."""
        self.keys += rows
        self.bytes += size

    def add_sample(self, sample: Sample) -> None:
        """Note what is known of a key that is counted."""
        self._samples.append(sample)

    def merge(self, other: Tally) -> None:
        """Add what another one has counted."""
        self.keys += other.keys
        self.bytes += other.bytes
        self._types += other._types
        self._samples += other._samples
        if other.expiring:
            self._add_times(other.expiring, other._shortest, other._longest)

    def _add_times(self, keys: int, shortest: int, longest: int) -> None:
        self._shortest = min(self._shortest, shortest) if self.expiring else shortest
        self._longest = max(self._longest, longest)
        self.expiring += keys

    def group(self, pattern: str, sample: int) -> KeyGroup:
        """Return the numbers of the group, with at most *sample* keys in its sample."""
        samples = self._samples[:sample]
        return KeyGroup(
            pattern,
            self.keys,
            dict(self._types),
            self.expiring,
            _seconds(self._shortest) if self.expiring else 0,
            _seconds(self._longest) if self.expiring else 0,
            len(samples),
            sum(found.bytes for found in samples),
            dict(Counter(found.encoding for found in samples)),
        )


def _seconds(milliseconds: int) -> int:
    """Return whole seconds, rounded up: 0 would mean that no key expires."""
    return max(1, -(-milliseconds // 1000))
