"""Words of a registry where people read them line by line: in messages, in logs, in terminals."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from unicodedata import category

if TYPE_CHECKING:
    from collections.abc import Iterable

#: So many characters of a text are shown.
SHOWN_LENGTH = 60

#: What ends a line for some reader or other: for YAML 1.1, for ``str.splitlines``, for a terminal.
LINE_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_BREAKS = re.compile(f"[{LINE_BREAKS}\t]+")
# Other control characters, and what is no character: neither XML (https://www.w3.org/TR/xml/#charsets) nor TeX takes
# these, and UTF-8 has no form for some.
_NO_TEXT = [*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
_ON_ONE_LINE = {**dict.fromkeys(_NO_TEXT, "\ufffd"), **dict.fromkeys(map(ord, f"{LINE_BREAKS}\t"), " ")}
# Blanks of every kind; the joiners of Persian, Indic scripts and emoji.
_HARMLESS_CATEGORIES = frozenset({"Zs"})
_HARMLESS = frozenset("\u200c\u200d")
# What is a command to a service that shows a log. GitHub looks for "::" where a line begins, behind blanks, and for
# "##[" anywhere (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs). Azure Pipelines
# looks for "##vso[" anywhere, TeamCity for "##teamcity[".
_COMMAND = re.compile(r"#(?=#\w*\[)")


def cut(text: str) -> str:
    """Return the beginning of a text that is too long for a message."""
    return text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "..."


def unquoted(text: str) -> str:
    """Return a text as a message shows it without quotation marks."""
    return printable(cut(text))


def shown(text: str) -> str:
    """Quote a text for a message: one line, short, without characters that a terminal would obey."""
    return repr(cut(text))


def escaped(name: str) -> str:
    """Quote what should be an ASCII name for a message, so that a letter that only looks like one is seen."""
    return ascii(cut(name))


def printable(text: str) -> str:
    r"""Return *text* with an escape such as ``\x1b`` for every character that a terminal might obey or hide.

    Those are control characters (the line feed too), marks of direction, which can make a line read as another
    (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing), and what is no character: halves of
    surrogate pairs, which stand for bytes of a file's name, private and unassigned ones.
    """
    if text.isprintable():
        return text
    return "".join(char if _is_harmless(char) else char.encode("unicode_escape").decode() for char in text)


def _is_harmless(char: str) -> bool:
    return char.isprintable() or char in _HARMLESS or category(char) in _HARMLESS_CATEGORIES


def log_line(text: str) -> str:
    """Return *text* as one line of a log: :func:`printable`, and no command to the service that shows the log."""
    line = printable(text)
    if "##" in line:
        line = _COMMAND.sub(r"\\x23", line)
    blanks = len(line) - len(line.lstrip())
    return f"{line[:blanks]}\\x3a{line[blanks + 1 :]}" if line.startswith("::", blanks) else line


def folded(text: str) -> str:
    """Return *text* on one line, as YAML folds one: its lines, and what tabs divide, with a blank between them."""
    parts = [text] if text.isprintable() else _BREAKS.split(text)
    return text if len(parts) == 1 else " ".join(filter(None, (part.strip(" ") for part in parts)))


def one_line(text: str) -> str:
    """Return *text* on one line, a blank for each line break or tab and U+FFFD for each other control character.

    For an outlet's own safety: reading a registry refuses such texts, but it may have been made by other means.
    """
    return text if text.isprintable() else text.translate(_ON_ONE_LINE)


#: So many words of a list are named.
LISTED = 5


def listed(words: Iterable[str], number: int, last: str = "") -> str:
    """Join words for a message: ``a, b and c``, and the first ones only of very many: ``a, b and 97 more``.

    Takes the words, as they are to be shown, how many there are, and what joins the last one: a comma, or a word such
    as ``or``. No more words are taken than are named.
    """
    first = list(islice(words, LISTED))
    if number > LISTED:
        return f"{', '.join(first)} {last or 'and'} {number - len(first):,} more"
    if not last or len(first) < 2:
        return ", ".join(first)
    return f"{', '.join(first[:-1])} {last} {first[-1]}"
