"""Texts as C#: identifiers, string literals, comments, documentation comments; names of backends as enum members."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry.backends import KNOWN_BACKENDS
from sphinx_statestores.registry.inline import runs
from sphinx_statestores.registry.naming import constant_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx_statestores.registry.backends import Backend

# https://learn.microsoft.com/dotnet/csharp/language-reference/keywords: the reserved ones, and those of the
# contextual ones that cannot name a type.
_KEYWORDS = frozenset(
    """
    abstract as base bool break byte case catch char checked class const continue decimal default delegate do double
    else enum event explicit extern false finally fixed float for foreach goto if implicit in int interface internal
    is lock long namespace new null object operator out override params private protected public readonly ref return
    sbyte sealed short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked
    unsafe ushort using virtual void volatile while
    async await dynamic field file global nint notnull nuint partial record required scoped unmanaged var where yield
    """.split()  # noqa: SIM905 - a list would be a hundred lines
)


def is_identifier(name: str) -> bool:
    """Return whether a name can be an identifier, a keyword included: that is then written with ``@``."""
    return name.removeprefix("@").isidentifier()


def identifier(name: str) -> str:
    """Return an identifier as it is written: a keyword with ``@``."""
    return f"@{name}" if name in _KEYWORDS else name


def member_name(backend: Backend) -> str:
    """Return the member of ``StateBackend`` that stands for a backend: ``MySql``, ``PostgreSql``, ``Sqlite``.

    A known backend is spelled as its own label is, whatever label readers see. Another one is its key, with the
    capitals of its label where the two differ in nothing else. Of a run of capitals the first one stays.
    """
    known = KNOWN_BACKENDS.get(backend.key)
    label = known.label if known else backend.label
    spelled_out = "".join(re.findall(r"[A-Za-z0-9]+", label)).lower() == re.sub(r"[-_.]", "", backend.key).lower()
    words = re.sub(r"[^A-Za-z0-9]+", "-", label) if known or spelled_out else backend.key
    # As a constant is: words in PascalCase, never with a digit first.
    return constant_name(re.sub("[A-Z]{2,}", lambda run: run[0].capitalize(), words))


def string_literal(text: str) -> str:
    """Return a text as a C# string literal, on one line and without characters that cannot be seen."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_visible(quoted, _escape_sequence)}"'


def comment(text: str) -> str:
    """Return a text as the words of a ``//`` comment: on one line, whatever it holds."""
    return _visible(text, _escape_sequence)


def documentation(text: str) -> str:
    """Return a text as the content of an element of a ``///`` comment, its inline code in ``<c>``."""
    return "".join(f"<c>{xml(run.text)}</c>" if run.is_code else xml(run.text) for run in runs(text))


def xml(text: str) -> str:
    """Return a text as XML on one line (https://www.w3.org/TR/xml/#syntax); what XML cannot hold is U+FFFD."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _visible(escaped, _character_reference)


def _visible(text: str, replace: Callable[[str], str]) -> str:
    # Some of these end a line of C#, some turn the direction of what follows.
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else replace(letter) for letter in text)


def _escape_sequence(letter: str) -> str:
    short = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}.get(letter)
    return short or (f"\\u{ord(letter):04X}" if ord(letter) <= 0xFFFF else f"\\U{ord(letter):08X}")


def _character_reference(letter: str) -> str:
    number = ord(letter)
    allowed = letter in "\t\n\r" or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD or number >= 0x10000
    return f"&#x{number:X};" if allowed else "\ufffd"
