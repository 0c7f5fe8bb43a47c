"""Footnotes of a Markdown page -> the text of the cells that refer to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry.markdown_blocks import Paragraph, blocks, code_and_words, from_markdown
from sphinx_statestores.registry.quoting import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sphinx_statestores.imports.format import Report

#: A reference to a footnote; not the footnote itself, behind whose mark is a colon.
FOOTNOTE_MARK = re.compile(r"(?<!\\)\[\^([^\s\[\]^]{1,100})\](?!:)")
_FOOTNOTE = re.compile(r" {0,3}\[\^([^\s\[\]^]{1,100})\]:[ \t]*(.*)")
#: A longer footnote is not for a cell, and would be written as often as it is referred to.
_LONGEST = 500


class Footnotes:
    """The footnotes of one page."""

    def __init__(self, page: str, report: Report) -> None:
        self._report = report
        #: Mark -> Markdown.
        self._texts = _footnotes(page) if "[^" in page else {}

    def note(self, cells: Iterable[str], line: int) -> None:
        """Note the footnotes of cells that are no texts, such as the head of a table."""
        for cell in cells:
            self.left_out(cell, line)

    def in_brackets(self, cell: str, line: int) -> str:
        """Take the Markdown of a cell; return it with the text of each footnote in the place of its mark.

        A mark without a footnote is text, as it is on the page.
        """

        def replacement(mark: re.Match[str]) -> str:
            text = self._texts.get(mark[1], "")
            if len(text) > _LONGEST:
                self._note(cell, text, line)
                return ""
            if not text:
                return mark[0] if mark[1] not in self._texts else ""
            return f"{' ' if mark.start() and not mark.string[mark.start() - 1].isspace() else ''}({text})"

        return self._replaced(cell, replacement)

    def left_out(self, cell: str, line: int) -> str:
        """Take the Markdown of a cell; return it without the marks of footnotes, whose texts are noted."""

        def replacement(mark: re.Match[str]) -> str:
            if mark[1] not in self._texts:
                return mark[0]
            self._note(cell, self._texts[mark[1]], line)
            return ""

        return self._replaced(cell, replacement)

    def _note(self, cell: str, text: str, line: int) -> None:
        self._report.note(
            f"the footnote of {shown(from_markdown(cell))} is left out: {shown(from_markdown(text))}", line
        )

    def _replaced(self, cell: str, replacement: Callable[[re.Match[str]], str]) -> str:
        if "[^" not in cell or not self._texts:
            return cell
        parts = code_and_words(cell)
        return "".join(text if is_code else FOOTNOTE_MARK.sub(replacement, text) for text, is_code in parts)


def _footnotes(page: str) -> dict[str, str]:
    """Return the footnotes of a page by their marks, each on one line. Of two with one mark, the first one counts."""
    found: dict[str, list[str]] = {}
    for block in blocks(page):
        lines: list[str] | None = None
        for line in block.lines if isinstance(block, Paragraph) else ():
            if match := _FOOTNOTE.fullmatch(line.rstrip("\r")):
                lines = [match[2]]
                found.setdefault(match[1], lines)
            elif lines is not None:
                lines.append(line)
    return {mark: " ".join(line.strip() for line in lines).strip() for mark, lines in found.items()}
