"""Text of a registry -> reStructuredText that displays it unchanged."""

from __future__ import annotations

import re

# Characters that begin or end markup anywhere in a line, and those that make a URL a link.
_MARKUP = re.compile(r"[\\`*_|:<>@]")
# Characters that begin a list, a comment or other markup at the start of a line only.
_STARTS = tuple("!\"#$%&'()+,-./;=?[]^{}~\N{BULLET}\N{TRIANGULAR BULLET}\N{HYPHEN BULLET}")
# Control characters, which docutils uses internally.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def heading(text: str, character: str = "=") -> str:
    """Return a section title with this text, underlined with *character*; an empty text has no title."""
    words = _MARKUP.sub(r"\\\g<0>", _CONTROL.sub("\ufffd", " ".join(text.split())))
    if not words:
        return ""
    if words.startswith(_STARTS):
        words = f"\\{words}"
    elif not words.strip("\\"):
        # A line of punctuation would be an overline: an escaped blank prevents this and displays nothing.
        words = f"\\ {words}"
    return f"{words}\n{character * max(4, 2 * len(words))}"
