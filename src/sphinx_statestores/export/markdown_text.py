"""Text of a registry -> Markdown that displays it unchanged: lines, code, tables, links."""

from __future__ import annotations

import re
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from sphinx_statestores.registry.inline import runs

if TYPE_CHECKING:
    from collections.abc import Iterable


def as_table(titles: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table. The titles and cells are Markdown."""
    heads = tuple(titles)
    rule = "|" + "|".join("-" * (len(title) + 2) for title in heads) + "|"
    return "\n".join([_row(heads), rule, *(_row(row) for row in rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(as_cell, cells))} |"


def as_cell(markdown: str) -> str:
    """Return Markdown as a table cell. A bar is escaped: it ends a cell even inside inline code.

    See https://github.github.com/gfm/#tables-extension-.
    """
    return markdown.replace("|", r"\|")


_BACKSLASH = r"\\\g<0>"
# Characters that are markup (https://spec.commonmark.org/0.31.2/#backslash-escapes) everywhere or at the beginning of
# a construct. An underscore inside a word, as in a table name, is plain text. Braces may hold a MyST substitution or
# the attributes of what precedes them.
_MARKUP = re.compile(
    r"[\\`*\[\]<]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)|\{(?=[{.#%]|[\w:-]+=)",
)
# The same before inline code, where a name in braces makes the code a MyST role.
_MARKUP_BEFORE_CODE = re.compile(rf"{_MARKUP.pattern}|\{{(?=[\w:+.-]+\}}$)")
# Characters that make a bare URL a link (https://github.github.com/gfm/#autolinks-extension-). Backslash escapes do
# not work inside such a URL.
_AUTOLINK = re.compile(r"(?<=www)\.|:(?=//)|(?:(?<=mailto)|(?<=xmpp)):|@", re.IGNORECASE)
# A URL that every Markdown reader displays unchanged.
_ADDRESS = re.compile(
    r"\W*+(?:(?:(?:https?|ftp)://|www\.)[A-Za-z0-9.-]++(?::[0-9]++)?(?:[/?#][!-~]*+)?|[\w.+-]++@[A-Za-z0-9.-]++)[^\w:@]*+"
)
# Delimiters that some readers take for strikethrough or a formula when a paragraph has two of them.
_PAIRED = ("~", "$")
# Characters that begin another block at the start of a line: headings, lists, quotes, rules, tables, MyST blocks.
_LINE_START = re.compile(r"[>%|:~{]|#{1,6}(?=\s|$)|[-+](?=[\s+|:-]|$)|=(?=[=\s]*$)|\((?=.*\)=)|(?<=\d)[.)](?=\s|$)")
_NUMBER = re.compile(r"\d{0,9}")
# Number signs at the end close a heading (https://spec.commonmark.org/0.31.2/#atx-headings).
_HEADING_END = re.compile(r"(?:^|(?<= ))#+$")


def as_line(text: str, paragraph: str = "") -> str:
    """Return a text of a registry as one line of Markdown: inline code as code, everything else unchanged.

    *paragraph* is the whole text that the line is part of.
    """
    text = " ".join(text.split())
    paired = tuple(mark for mark in _PAIRED if (paragraph or text).count(mark) > 1)
    divided = runs(text)
    parts: list[str] = []
    for run, following in zip_longest(divided, divided[1:]):
        words = as_code(run.text) if run.is_code else _escaped(run.text, paired, is_before_code=following is not None)
        # Directly after code, MyST takes braces for its attributes.
        parts.append(f"\\{words}" if parts and words.startswith("{") else words)
    return "".join(parts)


def as_heading(text: str) -> str:
    """Return a text of a registry as the end of a heading."""
    return _HEADING_END.sub(_BACKSLASH, as_line(text))


def as_paragraphs(text: str) -> str:
    """Return a text with its line breaks; no line begins another block."""
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
    """Return inline code (https://spec.commonmark.org/0.31.2/#code-spans) with a sufficiently long delimiter."""
    text = re.sub(r"\s+", " ", text)
    if "\\|" in text:
        # In a table this backslash would escape the bar, and inside inline code it cannot be escaped.
        return _escaped(text, _PAIRED, is_before_code=True)
    fence = _longer_than_any(text, "`", 1)
    # One blank is stripped at each end; without a blank, a backtick would extend the delimiter.
    ends = {text[:1], text[-1:]}
    padding = " " if "`" in ends or (ends == {" "} and text.strip()) else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def as_fenced(language: str, text: str) -> str:
    """Return a fenced code block (https://spec.commonmark.org/0.31.2/#fenced-code-blocks)."""
    fence = _longer_than_any(text, "`", 3)
    return f"{fence}{language}\n{text}\n{fence}"


def _longer_than_any(text: str, character: str, least: int) -> str:
    runs_of_it = re.findall(f"{re.escape(character)}+", text)
    return character * max(least, *(len(run) + 1 for run in runs_of_it), 0)


def as_link(label: str, href: str, paragraph: str = "") -> str:
    """Return a link (https://spec.commonmark.org/0.31.2/#links); *paragraph* is as for :func:`as_line`."""
    # A link destination may contain escapes and entities (https://spec.commonmark.org/0.31.2/#link-destination).
    href = re.sub(r"\\|&(?=#?\w+;)", _BACKSLASH, " ".join(href.split()))
    if re.search(r"[\s()<>]", href):
        href = "<" + href.replace("<", "%3C").replace(">", "%3E") + ">"
    return f"[{as_line(label, paragraph)}]({href})"
