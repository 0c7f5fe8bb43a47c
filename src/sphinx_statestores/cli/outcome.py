"""Exit statuses, and the exception for a command that cannot run."""

from __future__ import annotations

#: Exit statuses: success; errors in the registry or outdated outputs; the command could not run.
OK, FAILED, UNUSABLE = 0, 1, 2
#: Interrupted from the keyboard: 128 plus the number of the signal, as in shells.
INTERRUPTED = 130


class UnusableError(Exception):
    """The command cannot run, for a reason other than the content of the registry."""
