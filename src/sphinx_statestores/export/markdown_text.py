"""Texts of a registry as Markdown that shows them as they are: lines, code, tables, links."""

from __future__ import annotations

import re
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from sphinx_statestores.registry.inline import runs

if TYPE_CHECKING:
    from collections.abc import Iterable


def as_table(titles: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    """Write a table of cells that are Markdown already."""
    heads = tuple(titles)
    rule = "|" + "|".join("-" * (len(title) + 2) for title in heads) + "|"
    return "\n".join([_row(heads), rule, *(_row(row) for row in rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(as_cell, cells))} |"


def as_cell(markdown: str) -> str:
    """Write Markdown so that it is one cell of a table: a bar would end it even inside inline code.

    See https://github.github.com/gfm/#tables-extension-.
    """
    return markdown.replace("|", r"\|")


_BACKSLASH = r"\\\g<0>"
# What Markdown would read as markup (https://spec.commonmark.org/0.31.2/#backslash-escapes): always, or where
# it can open something. An underscore inside a word, as in a table's name, is a plain character. Braces may hold a
# substitution of MyST, or for it and others the attributes of what is before them.
_MARKUP = re.compile(
    r"[\\`*\[\]<]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)|\{(?=[{.#%]|[\w:-]+=)",
)
# The same before inline code, which is a role of MyST with a name in braces before it.
_MARKUP_BEFORE_CODE = re.compile(rf"{_MARKUP.pattern}|\{{(?=[\w:+.-]+\}}$)")
# What makes a link of a bare address (https://github.github.com/gfm/#autolinks-extension-). Up to its end there are
# no escapes: a backslash is part of it, and what it was to escape is markup.
_AUTOLINK = re.compile(r"(?<=www)\.|:(?=//)|(?:(?<=mailto)|(?<=xmpp)):|@", re.IGNORECASE)
# An address that every reader shows as it is.
_ADDRESS = re.compile(
    r"\W*+(?:(?:(?:https?|ftp)://|www\.)[A-Za-z0-9.-]++(?::[0-9]++)?(?:[/?#][!-~]*+)?|[\w.+-]++@[A-Za-z0-9.-]++)[^\w:@]*+"
)
# What some readers take for the ends of struck out words or of a formula, where there are two in a paragraph.
_PAIRED = ("~", "$")
# What begins another block where it begins a line: headings, lists, quotes, rules, tables, and the blocks of MyST.
_LINE_START = re.compile(r"[>%|:~{]|#{1,6}(?=\s|$)|[-+](?=[\s+|:-]|$)|=(?=[=\s]*$)|\((?=.*\)=)|(?<=\d)[.)](?=\s|$)")
_NUMBER = re.compile(r"\d{0,9}")
# Number signs at the end close a heading (https://spec.commonmark.org/0.31.2/#atx-headings).
_HEADING_END = re.compile(r"(?:^|(?<= ))#+$")


def as_line(text: str, paragraph: str = "") -> str:
    """Write a registry's text as one line: its inline code as code, everything else as it is read.

    *paragraph* is the text that it is part of, where there is more of it.
    """
    text = " ".join(text.split())
    paired = tuple(mark for mark in _PAIRED if (paragraph or text).count(mark) > 1)
    divided = runs(text)
    parts: list[str] = []
    for run, following in zip_longest(divided, divided[1:]):
        words = as_code(run.text) if run.is_code else _escaped(run.text, paired, is_before_code=following is not None)
        # Right behind code, MyST takes braces for its attributes.
        parts.append(f"\\{words}" if parts and words.startswith("{") else words)
    return "".join(parts)


def as_heading(text: str) -> str:
    """Write a registry's text as the end of a heading."""
    return _HEADING_END.sub(_BACKSLASH, as_line(text))


def as_paragraphs(text: str) -> str:
    """Write a text with its line breaks; no line of it begins anything else."""
    paragraphs = (list(lines) for _, lines in groupby(text.splitlines(), key=lambda line: bool(line.strip())))
    return "\n".join(_safely_begun(as_line(line, "\n".join(lines))) for lines in paragraphs for line in lines)


def _safely_begun(line: str) -> str:
    number = _NUMBER.match(line)
    start = number.end() if number else 0
    return line[:start] + "\\" + line[start:] if _LINE_START.match(line, start) else line


def _escaped(text: str, marks: Iterable[str], *, is_before_code: bool = False) -> str:
    words = text.split(" ")
    for position, word in enumerate(words):
        is_joined = is_before_code and position == len(words) - 1
        escaped = (_MARKUP_BEFORE_CODE if is_joined else _MARKUP).sub(_BACKSLASH, word)
        for mark in marks:
            escaped = escaped.replace(mark, f"\\{mark}")
        if is_joined or escaped != word or not _ADDRESS.fullmatch(word):
            words[position] = _AUTOLINK.sub(_BACKSLASH, escaped)
    return " ".join(words)


def as_code(text: str) -> str:
    """Write inline code (https://spec.commonmark.org/0.31.2/#code-spans), with more backticks than it holds."""
    text = re.sub(r"\s+", " ", text)
    if "\\|" in text:
        # A table would take this backslash for an escape, and inside inline code it cannot be escaped itself.
        return _escaped(text, _PAIRED, is_before_code=True)
    fence = _longer_than_any(text, "`", 1)
    # A blank at both ends is taken off, and without one a backtick would belong to the fence.
    ends = {text[:1], text[-1:]}
    padding = " " if "`" in ends or (ends == {" "} and text.strip()) else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def as_fenced(language: str, text: str) -> str:
    """Write a block of code (https://spec.commonmark.org/0.31.2/#fenced-code-blocks)."""
    fence = _longer_than_any(text, "`", 3)
    return f"{fence}{language}\n{text}\n{fence}"


def _longer_than_any(text: str, character: str, least: int) -> str:
    runs_of_it = re.findall(f"{re.escape(character)}+", text)
    return character * max(least, *(len(run) + 1 for run in runs_of_it), 0)


def as_link(label: str, href: str, paragraph: str = "") -> str:
    """Write a link (https://spec.commonmark.org/0.31.2/#links); *paragraph* as for :func:`as_line`."""
    # A target may hold escapes and entities as a text may (https://spec.commonmark.org/0.31.2/#link-destination).
    href = re.sub(r"\\|&(?=#?\w+;)", _BACKSLASH, " ".join(href.split()))
    if re.search(r"[\s()<>]", href):
        href = "<" + href.replace("<", "%3C").replace(">", "%3E") + ">"
    return f"[{as_line(label, paragraph)}]({href})"
