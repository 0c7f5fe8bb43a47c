"""Texts of a registry as reStructuredText that shows them as they are."""

from __future__ import annotations

import re

# What can open or close markup anywhere in a line, addresses included, which become links by themselves.
_MARKUP = re.compile(r"[\\`*_|:<>@]")
# What begins a list, a comment or a line of markup when a line begins with it, and is not escaped everywhere.
_STARTS = tuple("!\"#$%&'()+,-./;=?[]^{}~\N{BULLET}\N{TRIANGULAR BULLET}\N{HYPHEN BULLET}")
# What docutils uses for marks of its own.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def heading(text: str, character: str = "=") -> str:
    """Return a heading that says just this text, and nothing for a text without words."""
    words = _MARKUP.sub(r"\\\g<0>", _CONTROL.sub("\ufffd", " ".join(text.split())))
    if not words:
        return ""
    if words.startswith(_STARTS):
        words = f"\\{words}"
    elif not words.strip("\\"):
        # A line of nothing else would be the line above a heading: an escaped blank shows nothing.
        words = f"\\ {words}"
    return f"{words}\n{character * max(4, 2 * len(words))}"
