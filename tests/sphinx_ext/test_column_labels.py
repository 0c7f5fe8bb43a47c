"""Titles of columns as custom properties of CSS."""

from __future__ import annotations

import re
from html import escape

import pytest

from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.sphinx_ext.write.html_rows import labels_of

_ESCAPED = re.compile(r"\\([0-9a-f]{1,6}) ")


@pytest.mark.parametrize(
    "title",
    [
        'Say "this"',
        "back\\slash",
        "\\",
        '";} body{display:none',
        "one; two} three: url(x) /* four",
        "two\nlines\r\nthree\fpages",
        "</style><b>",
        "a\ud800f",
        "\N{GRINNING FACE} caf\N{LATIN SMALL LETTER E WITH ACUTE}",
        "a\x00b\x7f",
        "1f face",
        "\N{RIGHT-TO-LEFT OVERRIDE}x",
    ],
)
def test_a_title_is_one_string(title: str) -> None:
    """Whatever a title contains, its property is one string of CSS that says the same, and nothing follows it."""
    text = labels_of(["First", title, "Last"])
    match = re.fullmatch(r'--statestore-2:"((?:[^\W_]| |\\[0-9a-f]{1,6} )*)";--statestore-3:"Last";', text)
    assert match is not None
    assert _ESCAPED.sub(lambda found: chr(int(found[1], 16)), match[1]) == one_line(title)
    assert escape(text).encode("utf-8")
