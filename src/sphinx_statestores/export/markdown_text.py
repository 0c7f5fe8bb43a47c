"""Texts of a registry as Markdown that shows them as they are: lines, code, tables, links."""

from __future__ import annotations

import re
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
    # A bar ends a cell even inside inline code (https://github.github.com/gfm/#tables-extension-).
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


# What Markdown would read as markup (https://spec.commonmark.org/0.31.2/#backslash-escapes): always, or where
# it can open something. An underscore inside a word, as in a table's name, is a plain character.
_MARKUP = re.compile(r"[\\`*\[\]<]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)")


def as_line(text: str) -> str:
    """Write a registry's text as one line: its inline code as code, everything else as it is read."""
    return "".join(as_code(run.text) if run.is_code else _escaped(run.text) for run in runs(" ".join(text.split())))


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)


def as_code(text: str) -> str:
    """Write inline code (https://spec.commonmark.org/0.31.2/#code-spans), with more backticks than it holds."""
    text = " ".join(text.split())
    fence = _longer_than_any(text, "`", 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def as_fenced(language: str, text: str) -> str:
    """Write a block of code (https://spec.commonmark.org/0.31.2/#fenced-code-blocks)."""
    fence = _longer_than_any(text, "`", 3)
    return f"{fence}{language}\n{text}\n{fence}"


def _longer_than_any(text: str, character: str, least: int) -> str:
    runs_of_it = re.findall(f"{re.escape(character)}+", text)
    return character * max(least, *(len(run) + 1 for run in runs_of_it), 0)


def as_link(label: str, href: str) -> str:
    """Write a link (https://spec.commonmark.org/0.31.2/#links)."""
    if re.search(r"[\s()<>]", href):
        href = "<" + " ".join(href.split()).replace("<", "%3C").replace(">", "%3E") + ">"
    return f"[{as_line(label)}]({href})"
