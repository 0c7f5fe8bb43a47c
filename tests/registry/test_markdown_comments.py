"""Which comments a Markdown page has: none in code, and what begins first wins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from sphinx_statestores.registry import markdown_comments
from sphinx_statestores.registry.markdown_comments import comments

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = {
    "a block and a part of a sentence": ("<!-- a -->\ntext <!-- b --> text\n", ["a", "b"]),
    "several on the line of a block": ("<!-- a -->1<!-- b --> `<!-- c -->`\n", ["a", "b", "c"]),
    "a block of many lines": ("<!-- a\n\n```\n-->\n<!-- b -->\n", ["a\n\n```", "b"]),
    "fenced code": ("```md\n<!-- x -->\n```\n~~~ a `b`\n<!-- x -->\n```\n~~~~\n<!-- a -->\n", ["a"]),
    "fenced code that is never closed": ("````\n```\n<!-- x -->\n", []),
    "fenced code in a list and in a quote": (
        "- ```\n  <!-- x -->\n  ```\n\n> ```\n> <!-- x -->\n<!-- a -->\n",
        ["a"],
    ),
    "inline code": ("`<!-- x -->` and ``<!-- ` x -->`` <!-- a -->\n", ["a"]),
    "inline code over two lines": ("`code\n<b> <!-- x -->` <!-- a -->\n", ["a"]),
    "no code over a block": ("stray ` tick\n<!-- a -->\nanother ` tick\n", ["a"]),
    "no code over rows, items and headings": (
        "| ` |\n| <!-- a --> ` |\n- `\n- <!-- b --> `\n# ` <!-- c -->\n",
        "abc",
    ),
    "no code over a quote": ("a `\n> <!-- a --> `\n", ["a"]),
    "a backtick that is escaped": ("\\` <!-- a --> \\`\n", ["a"]),
    "a comment that is escaped": ("\\<!-- x --> \\\\<!-- a -->\n", ["a"]),
    "a comment with a backtick": ("text <!-- ` --> ` <!-- a -->\n", ["`", "a"]),
    "indented code": ("text\n\n    <!-- x -->\n\n\t<!-- x -->\ntext\n    <!-- a -->\n", ["a"]),
    "an indented list item": (
        "1. a\n\n   <!-- a -->\n   - b\n\n     <!-- b -->\n\n           <!-- x -->\n",
        ["a", "b"],
    ),
    "code behind a list": ("- a\n\ntext\n\n    <!-- x -->\n", []),
    "code behind a comment in a list": ("- a\n\n  <!-- a -->\ntop\n\n    <!-- x -->\n", ["a"]),
    "line ends of all kinds": ("a\r\n<!-- a -->\r\r<!-- b -->\n", ["a", "b"]),
    "short ones": ("<!--> <!---> <!---->\n<!-- a -->", ["", "", "", "a"]),
    "an open one": ("<!-- a\n\ntext", ["a\n\ntext"]),
    "an open one in a paragraph": ("text <!-- a\ntext\n\ntext <!-- b -->", ["a\ntext", "b"]),
    "nothing": ("", []),
}


@pytest.mark.parametrize("name", CASES)
def test_the_comments_of_a_page(name: str) -> None:
    """A page has the comments that a reader of CommonMark finds in it, each where it stands."""
    text, expected = CASES[name]
    found = list(comments(text))
    assert [comment.text.strip() for comment in found] == list(expected)
    for comment in found:
        inside = text[comment.start : comment.end]
        assert inside.startswith("<!--")
        assert inside.endswith("-->") == comment.is_closed


class Counting:
    """A pattern that counts the characters of what it finds."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.characters = 0

    def _counted(self, found: re.Match[str]) -> re.Match[str]:
        self.characters += 1 + len(found[0])
        return found

    def match(self, *arguments: Any) -> re.Match[str] | None:
        """Match as the pattern does."""
        found = self.pattern.match(*arguments)
        return found and self._counted(found)

    def fullmatch(self, *arguments: Any) -> re.Match[str] | None:
        """Match as the pattern does."""
        found = self.pattern.fullmatch(*arguments)
        return found and self._counted(found)

    def finditer(self, *arguments: Any) -> Iterator[re.Match[str]]:
        """Search as the pattern does."""
        return map(self._counted, self.pattern.finditer(*arguments))


@pytest.mark.parametrize("part", ["<!-- ", "a <!-- x\n\n", "<!-- a -->", "a <!-- a --> ", "```\n", "- ", "`<!--`` "])
def test_the_work_grows_with_the_page(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a page that is four times as long, the patterns find at most about four times as many characters."""
    work = []
    for size in (200, 800):
        patterns = {
            name: Counting(pattern) for name, pattern in vars(markdown_comments).items() if is_pattern(pattern)
        }
        for name, pattern in patterns.items():
            monkeypatch.setattr(markdown_comments, name, pattern)
        list(comments(part * size))
        monkeypatch.undo()
        work.append(sum(pattern.characters for pattern in patterns.values()))
    assert 0 < work[1] <= 5 * work[0]


def is_pattern(value: object) -> bool:
    """Return whether a value is a regular expression."""
    return isinstance(value, re.Pattern)
