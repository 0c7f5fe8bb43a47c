"""Text -> C#: identifiers, string literals, comments, documentation comments, enum members for backends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry.backends import KNOWN_BACKENDS
from sphinx_statestores.registry.inline import runs
from sphinx_statestores.registry.naming import constant_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx_statestores.registry.backends import Backend

# The reserved keywords, and the contextual keywords that cannot name a type:
# https://learn.microsoft.com/dotnet/csharp/language-reference/keywords
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
    """Return whether a name is a valid identifier. Keywords count, since they can be written with ``@``."""
    return name.removeprefix("@").isidentifier()


def identifier(name: str) -> str:
    """Return an identifier in source form: a keyword gets a leading ``@``."""
    return f"@{name}" if name in _KEYWORDS else name


def member_name(backend: Backend) -> str:
    """Return the member of ``StateBackend`` for a backend: ``MySql``, ``PostgreSql``, ``Sqlite``.

    A built-in backend uses its original label, whatever the displayed label is. Another backend uses its key, with
    the capitals of its label if the two differ in nothing else. In a run of capitals only the first one is kept.
    """
    known = KNOWN_BACKENDS.get(backend.key)
    label = known.label if known else backend.label
    spelled_out = "".join(re.findall(r"[A-Za-z0-9]+", label)).lower() == re.sub(r"[-_.]", "", backend.key).lower()
    words = re.sub(r"[^A-Za-z0-9]+", "-", label) if known or spelled_out else backend.key
    # The same spelling as for constants: PascalCase, no digit first.
    return constant_name(re.sub("[A-Z]{2,}", lambda run: run[0].capitalize(), words))


def string_literal(text: str) -> str:
    """Return a text as a C# string literal, on one line and without invisible characters."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_visible(quoted, _escape_sequence)}"'


def comment(text: str) -> str:
    """Return a text as the content of a ``//`` comment, on one line."""
    return _visible(text, _escape_sequence)


def documentation(text: str) -> str:
    """Return a text as the content of an element in a ``///`` comment, with inline code in ``<c>``."""
    return "".join(f"<c>{xml(run.text)}</c>" if run.is_code else xml(run.text) for run in runs(text))


def xml(text: str) -> str:
    """Return a text as XML on one line (https://www.w3.org/TR/xml/#syntax); forbidden characters become U+FFFD."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _visible(escaped, _character_reference)


def _visible(text: str, replace: Callable[[str], str]) -> str:
    # Some of these end a line in C#, some change the text direction.
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
