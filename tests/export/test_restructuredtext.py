"""A text of a registry as a heading of reStructuredText: it says just this text, whatever it is."""

from __future__ import annotations

import io

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from hypothesis import given
from hypothesis import strategies as st

from sphinx_statestores.export.restructuredtext import heading


def title_of(text: str) -> tuple[list[nodes.Node], str]:
    """Return what is in the heading of a page with this text as its heading, and what docutils complains of."""
    said = io.StringIO()
    settings = {"warning_stream": said, "doctitle_xform": False, "report_level": 1}
    document = publish_doctree(f"Before\n------\n\n{heading(text)}\n\nAfter.\n", settings_overrides=settings)
    *_, title = document.findall(nodes.title)
    return title.children, said.getvalue()


def assert_says(text: str) -> None:
    (words,), complaints = title_of(text)
    assert isinstance(words, nodes.Text)
    assert words.astext() == " ".join(text.split())
    # A short line of signs could be meant as the beginning of something, docutils notes, and takes it for text.
    assert "(INFO/1)" in complaints or complaints == ""


@pytest.mark.parametrize(
    "text",
    [
        "*a* **a** `a` ``a`` a_ `a`_ _`a` |a| [1]_ [#]_ <a> a::",
        "mail a@b.org",
        "https://a.org",
        "see https://a.org/?b=c&d#e",
        ".. raw:: html",
        ":a: b",
        "a\n====\n\n.. raw:: html\n\n   <script>alert(1)</script>",
        "a\u2028b\u2029c\x85d\x0be\x0cf\rg",
        "\\",
        "\\\\",
        "\\\\\\\\",
        "====",
        "~~~~~~~~",
        "1.",
        "(a) b",
        "#. a",
        "--option value",
        "+---+",
        ">>> a",
        "| a",
        "__ a",
        "\u2022 a",
        "\u65e5\u672c\u8a9e",
        "e\u0301",
    ],
)
def test_headings(text: str) -> None:
    """No markup, no address, no list and no line break of a text is one in its heading."""
    assert_says(text)


@given(
    st.text(alphabet="!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ aA1.\u2022\u201c\u2028\n\t", min_size=1).filter(str.strip)
)
def test_any_heading(text: str) -> None:
    """Whatever signs a text is made of, its heading says just this text."""
    assert_says(text)


def test_what_docutils_keeps_for_itself() -> None:
    """A control character, which docutils may use as a mark, is shown as U+FFFD."""
    (words,), _ = title_of("a\0b\x1b[2Jc")
    assert words.astext() == "a\ufffdb\ufffd[2Jc"


@pytest.mark.parametrize("text", ["", " ", "\n", "\u2028"])
def test_no_words(text: str) -> None:
    """A text without words has no heading."""
    assert heading(text) == ""
