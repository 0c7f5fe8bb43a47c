"""The text of a program and templates of ``x-code`` -> the places where it names a store, whatever stores there are.

Programs are not parsed. A line that is only a comment is left out, as far as the language is known; a comment behind
code, a string and a docstring count as code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.code import CONSTANT, NAME, split_template
from sphinx_statestores.registry.problems import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sphinx_statestores.registry.model import CodeUse

#: The maximum number of names that are found in one file.
MENTIONS_LIMIT = 10_000

#: Field -> its pattern, and characters that are not before and behind it where a template begins or ends with it.
_FIELDS = {
    CONSTANT: (r"[A-Za-z_][A-Za-z0-9_]{0,127}", r"\w", r"\w"),
    NAME: (r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9_])?", r"[\w.-]", r"[\w-]"),
}
# What is called is a method, and no constant. The next line may begin a statement of its own.
_NO_CALL = r"(?![ \t]*+[(<])"

#: What begins a line inside of a block comment. Without a blank behind it, ``*`` may be that of a pointer.
_BLOCKS = ("/*", "* ", "*\t", "**")
_SLASHES = ("//", *_BLOCKS)
_LANGUAGES = {
    _SLASHES: (
        "c, c#, c++, cpp, cs, csharp, css, cxx, d, dart, f#, fsharp, go, golang, groovy, java, javascript, js, "
        "json5, jsonc, jsx, kotlin, kt, objective-c, php, protobuf, rs, rust, scala, scss, solidity, swift, ts, tsx, "
        "typescript, v, zig"
    ),
    ("#",): (
        "bash, cmake, crystal, dockerfile, elixir, fish, hcl, julia, make, makefile, nim, perl, powershell, ps1, py, "
        "python, r, rb, ruby, sh, shell, terraform, tf, toml, yaml, yml, zsh"
    ),
    ("--",): "ada, elm, haskell, hs, lua, sql",
    ("'",): "vb, vb.net, visual basic",
    (";",): "clj, clojure, ini, lisp",
    ("%",): "erl, erlang",
}
#: Language -> what a line begins with that is only a comment.
COMMENT_MARKS = {name: marks for marks, names in _LANGUAGES.items() for name in names.split(", ")}

_SILENCED = re.compile(r"(?<![\w-])statestores:[ \t]*ignore(?![\w-])[ \t]*(?:\[([^\[\]\n]{0,200})\])?")
#: The kinds that a comment in code can silence.
_KINDS = (Kind.UNKNOWN_CONSTANT.subtype, Kind.UNDECLARED_USE.subtype, Kind.REMOVED_IN_USE.subtype)


class Mention(NamedTuple):
    """A place in a file where a store is named."""

    #: What the word is: a constant or a name of a store.
    field: str
    word: str
    #: From 1.
    line: int
    #: Of the word, from 1.
    column: int
    #: The kinds of problems that a comment on the line silences.
    silenced: tuple[str, ...] = ()


class _Template(NamedTuple):
    field: str
    pattern: str
    #: A text that is in each file that the template matches.
    needle: str
    #: What a line begins with that is only a comment.
    marks: tuple[str, ...]


class Scanner:
    """Finds what the templates of some items of ``x-code`` match, in one pass over a text."""

    def __init__(self, uses: Iterable[CodeUse]) -> None:
        templates: dict[str, _Template] = {}
        for use in uses:
            for text in use.uses:
                templates.setdefault(text, _compiled(text, COMMENT_MARKS.get(use.language.lower(), ())))
        self._templates = tuple(templates.values())
        self._pattern = re.compile("|".join(template.pattern for template in self._templates))

    def mentions(self, text: str) -> Iterator[Mention]:
        """Yield the places where a text names a store, in order; of equal ones on a line the first."""
        if not any(template.needle in text for template in self._templates):
            return
        number, start, end = 1, 0, -1
        # The end of the comment that the line begins with, if that is a block which ends in the line.
        closed = -1
        comment = ""
        silenced: tuple[str, ...] = ()
        seen: set[tuple[str, str]] = set()
        for match in self._pattern.finditer(text):
            group = match.lastindex or 1
            template = self._templates[group - 1]
            place = match.start(group)
            # Each line is looked at once, however many names it has.
            if place > end:
                number += text.count("\n", start, place)
                start = text.rfind("\n", start, place) + 1 or start
                end = text.find("\n", place)
                end = len(text) if end < 0 else end
                line = text[start:end]
                comment, silenced, seen = line.lstrip()[:2], _silenced(line), set()
                closed = text.find("*/", start, end) if comment.startswith(_BLOCKS) else -1
            found = (template.field, match[group])
            is_comment = comment.startswith(template.marks) and not 0 <= closed < place
            if found not in seen and not is_comment:
                seen.add(found)
                yield Mention(*found, number, place - start + 1, silenced)


def _silenced(line: str) -> tuple[str, ...]:
    match = _SILENCED.search(line)
    if match is None:
        return ()
    if match[1] is None:
        return _KINDS
    named = {word.strip().replace("-", "_") for word in match[1].split(",")}
    return tuple(kind for kind in _KINDS if kind in named)


def _compiled(text: str, marks: tuple[str, ...]) -> _Template:
    """Return the pattern of a template. It takes linear time: each field has a maximum length.

    It begins with a character and not with a condition: then the search leaps from one such character to the next.
    """
    before, field, after = split_template(text)
    pattern, not_before, not_behind = _FIELDS[field]
    word = f"({pattern})"
    if not before:
        # The condition is about the first character of the word, which is inside of its group.
        first, rest = pattern.split("]", 1)
        word = f"({first}](?<!{not_before}{first}]){rest})"
    elif before[0].isalnum() or before[0] == "_":
        first = re.escape(before[0])
        word = rf"{first}(?<!\w{first}){_spaced(before[1:])}{word}"
    else:
        word = f"{_spaced(before)}{word}"
    if not after:
        word = f"{word}(?!{not_behind}){_NO_CALL if field == CONSTANT else ''}"
    else:
        boundary = r"(?!\w)" if after[-1].isalnum() or after[-1] == "_" else ""
        word = f"{word}{_spaced(after)}{boundary}"
    needle = max((*before.split(), *after.split()), key=len)
    return _Template(field, word, needle, marks)


def _spaced(text: str) -> str:
    """Return a pattern for a text, with any white space for its blanks."""
    return "".join(r"\s++" if part.isspace() else re.escape(part) for part in re.split(r"(\s+)", text) if part)
