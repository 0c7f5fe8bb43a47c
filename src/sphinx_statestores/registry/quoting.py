"""Words of a registry in messages: quoted, short, and as harmless as they are shown."""

from __future__ import annotations

#: So many characters of a text are shown.
SHOWN_LENGTH = 60


def shown(text: str) -> str:
    """Quote a text for a message: one line, short, without characters that a terminal would obey."""
    return repr(text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "...")


def escaped(name: str) -> str:
    """Quote what should be an ASCII name for a message, so that a letter that only looks like one is seen."""
    return ascii(name if len(name) <= SHOWN_LENGTH else name[:SHOWN_LENGTH] + "...")
