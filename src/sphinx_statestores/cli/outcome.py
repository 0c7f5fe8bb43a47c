"""How a command ends."""

from __future__ import annotations

#: Exit statuses: all is well; an error in the registry, or drift; the command could not run.
OK, FAILED, UNUSABLE = 0, 1, 2
#: Stopped from the keyboard, as shells count it: 128 and the number of the signal.
INTERRUPTED = 130


class UnusableError(Exception):
    """The command could not run to its end, through no fault of the registry."""
