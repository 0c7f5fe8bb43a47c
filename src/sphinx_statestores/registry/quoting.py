"""Text of a registry -> text that is safe in a message, in a log and on a terminal."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from unicodedata import category

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The maximum number of characters of a text in a message.
SHOWN_LENGTH = 60

#: The characters that end a line in YAML 1.1, in ``str.splitlines`` or on a terminal.
LINE_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_BREAKS = re.compile(f"[{LINE_BREAKS}\t]+")
# Other control characters and noncharacters. XML (https://www.w3.org/TR/xml/#charsets) and TeX reject them;
# surrogates cannot be encoded as UTF-8.
_NO_TEXT = [*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
_ON_ONE_LINE = {**dict.fromkeys(_NO_TEXT, "\ufffd"), **dict.fromkeys(map(ord, f"{LINE_BREAKS}\t"), " ")}
# All blanks. The joiners of Persian, Indic scripts and emoji are harmless, too.
_HARMLESS_CATEGORIES = frozenset({"Zs"})
_HARMLESS = frozenset("\u200c\u200d")
# Log services execute commands in the output. GitHub detects "::" at the beginning of a line, after blanks, and "##["
# anywhere (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs). Azure Pipelines detects
# "##vso[" anywhere, TeamCity "##teamcity[".
_COMMAND = re.compile(r"#(?=#\w*\[)")


def cut(text: str) -> str:
    """Return a text, shortened to fit into a message."""
    return text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "..."


def unquoted(text: str) -> str:
    """Return a text for a message, without quotation marks."""
    return printable(cut(text))


def shown(text: str) -> str:
    """Return a text in quotes for a message: on one line, short, without control characters."""
    return repr(cut(text))


def escaped(name: str) -> str:
    """Return a name in quotes for a message, with the code point of a non-ASCII character: it may look like ASCII."""
    short = cut(name)
    other = next((char for char in name if not char.isascii()), "")
    return f"{short!r} (with U+{ord(other):04X})" if other else repr(short)


def printable(text: str) -> str:
    r"""Return *text* with escapes such as ``\x1b`` for characters that a terminal may interpret or hide.

    These are control characters (including the line feed), bidirectional formatting characters, which can reorder a
    line (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing), surrogates, which represent undecodable
    bytes in file names, and private and unassigned characters.
    """
    if text.isprintable():
        return text
    return "".join(char if _is_harmless(char) else char.encode("unicode_escape").decode() for char in text)


def _is_harmless(char: str) -> bool:
    return char.isprintable() or char in _HARMLESS or category(char) in _HARMLESS_CATEGORIES


def log_line(text: str) -> str:
    """Return *text* as one line of a log: :func:`printable`, and without commands to a log service."""
    line = printable(text)
    if "##" in line:
        line = _COMMAND.sub(r"\\x23", line)
    blanks = len(line) - len(line.lstrip())
    return f"{line[:blanks]}\\x3a{line[blanks + 1 :]}" if line.startswith("::", blanks) else line


def folded(text: str) -> str:
    """Return *text* on one line, as YAML folds lines: a blank for each line break or tab."""
    parts = [text] if text.isprintable() else _BREAKS.split(text)
    return text if len(parts) == 1 else " ".join(filter(None, (part.strip(" ") for part in parts)))


def one_line(text: str) -> str:
    """Return *text* on one line: a blank for each line break or tab, U+FFFD for other control characters.

    Outputs call this although the reader rejects such texts: a registry may be constructed in Python.
    """
    return text if text.isprintable() else text.translate(_ON_ONE_LINE)


#: The maximum number of words that a message lists.
LISTED = 5


def listed(words: Iterable[str], number: int, last: str = "") -> str:
    """Return a list of words for a message: ``a, b and c``; for many words ``a, b and 97 more``.

    Takes the formatted words, their number, and the separator before the last word: a comma, or a word such as
    ``or``. No more words are consumed than are listed.
    """
    first = list(islice(words, LISTED))
    if number > LISTED:
        return f"{', '.join(first)} {last or 'and'} {number - len(first):,} more"
    if not last or len(first) < 2:
        return ", ".join(first)
    return f"{', '.join(first[:-1])} {last} {first[-1]}"
