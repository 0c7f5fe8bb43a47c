"""Readers of Markdown that the export is meant for: what GitHub reads, and MyST with everything that it has."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from markdown_it import MarkdownIt
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.base import DocutilsRenderer
from myst_parser.parsers.mdit import create_md_parser

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.token import Token

#: Extensions of MyST, but for those that change letters: ``replacements``, ``smartquotes``. Older versions lack some.
_EXTENSIONS = (
    *("alert", "amsmath", "attrs_block", "attrs_image", "attrs_inline", "colon_fence", "deflist", "dollarmath"),
    *("fieldlist", "gfm_autolink", "html_admonition", "html_image", "section_ref", "strikethrough", "substitution"),
    "tasklist",
)


def _myst() -> MarkdownIt:
    known = set()
    for name in _EXTENSIONS:
        try:
            MdParserConfig(enable_extensions={name})
        except ValueError:
            continue
        known.add(name)
    return create_md_parser(MdParserConfig(enable_extensions=known, dmath_double_inline=True), DocutilsRenderer)


READERS: dict[str, Callable[[], MarkdownIt]] = {
    "github": lambda: MarkdownIt("commonmark").enable("table").enable("strikethrough"),
    "myst": _myst,
}
#: Inline tokens that are words, code, or an address that is shown as it is.
_PLAIN = {"text", "text_special", "softbreak", "code_inline", "section_ref", "link_open", "link_close"}


class Block(NamedTuple):
    """A block that holds text."""

    #: That of its token, such as ``heading`` or ``td``.
    kind: str
    #: What a reader sees.
    text: str


def blocks(reader: MarkdownIt, markdown: str) -> list[Block]:
    """Return the blocks of a page that hold text; raise AssertionError when a text of one is more than text."""
    tokens = reader.parse(markdown)
    found = []
    for before, token in pairwise(tokens):
        assert not token.attrs or token.type.startswith(("td", "th", "ordered")), token
        if token.type == "inline":
            children = token.children or []
            assert {child.type for child in children} <= _PLAIN, (markdown, [child.type for child in children])
            assert not [child for child in children if child.attrs and child.type != "link_open"], markdown
            found.append(Block(before.type.removesuffix("_open"), "".join(map(_words, children)).strip()))
        elif not token.type.endswith(("_open", "_close")):
            found.append(Block(token.type, token.content))
    return found


def _words(token: Token) -> str:
    return "\n" if token.type == "softbreak" else token.content
