"""What a terminal gets: no character that it would obey, colours if it wants them, and its width."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from sphinx_statestores.registry.numbers import whole_number
from sphinx_statestores.registry.quoting import printable

if TYPE_CHECKING:
    from collections.abc import Callable

#: What ``--color`` may be.
COLOUR_CHOICES = ("auto", "always", "never")

#: SGR parameters (ECMA-48, 8.3.117), by what they mean here.
_STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "heading": "1",
    "aside": "2",
    "added": "32",
    "removed": "31",
    "renamed": "36",
    "changed": "33",
}
#: No terminal is wider; ``COLUMNS`` may say anything.
_WIDEST = 10_000


def printable_lines(text: str) -> str:
    """Return a text of several lines, which may be indented with tabs, as :func:`printable` shows each of them."""
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))


def wants_colour(choice: str = "auto") -> bool:
    """Return whether standard output is to be coloured: *choice* is one of :data:`COLOUR_CHOICES`.

    Left to itself, that is when it is a terminal that knows colours, unless ``NO_COLOR`` is set
    (https://no-color.org). ``FORCE_COLOR`` colours what is no terminal, as a log that shows colours.
    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal() and os.environ.get("TERM") != "dumb"


def painter(*, colour: bool) -> Callable[[str, str], str]:
    """Return a function that gives a text a style: one of those above, such as ``error`` or ``heading``."""
    if not colour:
        return lambda text, _: text
    return lambda text, style: f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def is_terminal() -> bool:
    """Return whether somebody looks at standard output."""
    try:
        return sys.stdout.isatty()
    except (AttributeError, ValueError):  # closed by the shell, or by Python; or no file at all
        return False


def terminal_width() -> int | None:
    """Return how many columns standard output has, None when it is no terminal. ``COLUMNS`` comes first."""
    columns = whole_number(os.environ.get("COLUMNS", ""), largest=_WIDEST)
    if columns:
        return columns
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (AttributeError, OSError, ValueError):
        return None
