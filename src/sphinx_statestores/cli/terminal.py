"""Properties of the terminal, and text that is safe to print there."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from sphinx_statestores.registry.numbers import whole_number
from sphinx_statestores.registry.quoting import printable

if TYPE_CHECKING:
    from collections.abc import Callable

#: The values of ``--color``.
COLOUR_CHOICES = ("auto", "always", "never")

#: Style -> SGR parameters (ECMA-48, 8.3.117).
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
#: The maximum width in columns; ``COLUMNS`` may have any value.
_WIDEST = 10_000


def printable_lines(text: str) -> str:
    """Return a text with escapes as by :func:`printable`, but keep its line feeds and tabs."""
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))


def wants_colour(choice: str = "auto") -> bool:
    """Return whether to colour standard output; *choice* is one of :data:`COLOUR_CHOICES`.

    ``auto`` means a terminal with colours, unless ``NO_COLOR`` is set (https://no-color.org). ``FORCE_COLOR`` enables
    colours for other outputs, such as a CI log.
    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal() and os.environ.get("TERM") != "dumb"


def painter(*, colour: bool) -> Callable[[str, str], str]:
    """Return a function that takes a text and a style, such as ``error``, and returns the coloured text."""
    if not colour:
        return lambda text, _: text
    return lambda text, style: f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def is_terminal() -> bool:
    """Return whether standard output is a terminal."""
    try:
        return sys.stdout.isatty()
    except (AttributeError, ValueError):  # closed by the shell or by Python, or replaced by a program
        return False


def terminal_width() -> int | None:
    """Return the width of the terminal in columns; None without a terminal. ``COLUMNS`` takes precedence."""
    columns = whole_number(os.environ.get("COLUMNS", ""), largest=_WIDEST)
    if columns:
        return columns
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (AttributeError, OSError, ValueError):
        return None
