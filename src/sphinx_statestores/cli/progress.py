"""How far a command is -> one line on standard error that is written again and again, if that is a terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from sphinx_statestores.cli.terminal import terminal_width
from sphinx_statestores.registry.quoting import log_line

if TYPE_CHECKING:
    from collections.abc import Callable

#: The shortest time between two lines, in seconds: more would only slow down the command.
_PAUSE = 0.1
_BAR = 20
_WIDTH = 80
#: To the beginning of the line, which is emptied (ECMA-48, 8.3.41).
_AGAIN = "\r\x1b[K"


class ProgressLine:
    """One line that says how far a command is. Nothing is written where standard error is no terminal."""

    def __init__(self, title: str, unit: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Take what the line begins with, and what is counted."""
        self._title = log_line(title)
        self._unit = unit
        self._clock = clock
        self._start = clock()
        self._next = self._start
        try:
            self._is_shown = sys.stderr.isatty()
        except (AttributeError, ValueError):  # closed by the shell or by Python, or replaced by a program
            self._is_shown = False

    def tell(self, done: int, total: int) -> None:
        """Say how much is done, of how much."""
        now = self._clock()
        if self._is_shown and now >= self._next:
            self._next = now + _PAUSE
            line = progress_text(self._title, self._unit, done, total, now - self._start)
            self._write(_AGAIN + line[: (terminal_width() or _WIDTH) - 1])

    def end(self) -> None:
        """Remove the line."""
        if self._is_shown and self._next > self._start:
            self._write(_AGAIN)

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):
            self._is_shown = False


def progress_text(title: str, unit: str, done: int, total: int, seconds: float) -> str:
    """Return the line: a bar with count, share and time. The total may have become too small meanwhile."""
    share = min(done / total, 1.0) if total else 0.0
    bar = "#" * int(share * _BAR)
    return f"[{bar:.<{_BAR}}] {share:4.0%}  {done:,} of {max(done, total):,} {unit}, {seconds:.0f} s  {title}"
