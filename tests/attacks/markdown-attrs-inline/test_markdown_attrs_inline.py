"""Attributes, roles, targets and everything else that MyST with all of its extensions, or GitHub, makes of a text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_readers import READERS, Block, blocks

from sphinx_statestores.export.markdown import to_markdown
from sphinx_statestores.export.markdown_text import as_heading, as_line, as_link, as_paragraphs, as_table
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.loader import load

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

REGISTRY = Path(__file__).parent / "state-stores.yaml"
TEXTS = [
    'see `b-lock`{.danger #evil-id onmouseover="window.pwned=1"} first',
    "`a`{.x}`b`{key=value}",
    "`a`{name}`b`",
    "`a`{ .x }",
    "`a`{}",
    "{ .x }",
    "costs $5",
    "~5 words",
    "{abbr}`a` {.x}`b`",
    "[words]{.x #id}",
    "![image](x.png){.x}",
    "[link](javascript:x){.x}",
    "{.x #id}",
    "{#id}",
    "a {#id}",
    "a {.x}",
    "{{ substitution }} {{{x}}}",
    "(target)=",
    "(a)(b)=",
    "+++",
    "+++ block",
    "% comment",
    ":::{note}",
    ":name: value",
    ": definition",
    "~ definition",
    "[^1]: footnote [^1]",
    "[label]: https://example.org",
    "$$ x $$ (label)",
    "$a$",
    "~a~ ~~b~~",
    "- [ ] task",
    "> [!NOTE]",
    "-|-",
    "a|b",
    ":-|-:",
    "<!-- x --> <b>x</b>",
    "https://example.org/<b>x</b>",
    "http://example.org/a_*b*_[c](d)",
    "www.example.org/`a`<img>",
    "mailto:a@example.org_<b>",
    "https://example.org/a~b~c",
    "\\begin{equation}x\\end{equation}",
    "```{eval-rst}",
    "~~~",
    "1. a",
    "1) a",
    "# a",
    "###### #",
    "===",
    "---",
    "***",
    "___",
    "a  ",
    "a\\",
]
#: What is plain stays as it is, byte for byte.
PLAIN = [
    "Session and token state (ephemeral)",
    "keys of the form {id}:{name}",
    "costs $5, or ~6",
    "see https://example.org/a-b/c?d=e#f.",
    "(see http://example.org:8080), or www.example.org",
    "ask someone@example.org",
    "snake_case_name, -1, +1 and 100%",
    "R&D, C#, {service}-{feature} # 1",
    "`code` (see `other`), then more",
]


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> MarkdownIt:
    """What GitHub reads, and what MyST does."""
    return READERS[request.param]()


def test_the_reproduction(reader: MarkdownIt) -> None:
    """A code span followed by braces is code and words, and a heading of a number sign has it."""
    page = to_markdown(load([REGISTRY])[0])
    stores = page.partition("## State Store Components\n")[2].partition("\n\n**Total**")[0]
    purpose = 'see b-lock{.danger #evil-id onmouseover="window.pwned=1"} first'
    assert blocks(reader, f"{stores}\n")[-1] == Block("td", purpose)
    examples = page.partition("\n### Example")[2].partition("\n---\n")[0]
    assert blocks(reader, f"### Example{examples}\n")[0] == Block("heading", "Example: #")


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_shown(reader: MarkdownIt, text: str) -> None:
    """In a heading, in a cell, as a paragraph and inside one, a text is read as it was written."""
    words = plain(text).strip()
    assert blocks(reader, f"### Example: {as_heading(text)}\n") == [Block("heading", f"Example: {words}")]
    table = as_table(("A", "B"), [(as_line(text), as_line(f"a `code`{text}"))])
    cells = blocks(reader, f"{table}\n")
    assert cells == [
        Block("th", "A"),
        Block("th", "B"),
        Block("td", words),
        Block("td", plain(f"a `code`{text}").strip()),
    ]
    assert blocks(reader, f"{as_paragraphs(text)}\n") == [Block("paragraph", words)]
    several = as_paragraphs(f"First\n{text}\nthen\n{text}")
    assert blocks(reader, f"{several}\n") == [Block("paragraph", f"First\n{words}\nthen\n{words}")]
    both = f"{text} {text}"
    closing = f"See {as_link(text, 'a/b.md', both)} {as_line(text, both)}.\n"
    assert blocks(reader, closing) == [Block("paragraph", f"See {words} {words}.")]


@pytest.mark.parametrize(
    "text",
    [
        "a|b\n-|-\nc|d",
        "a|b\n:-|-:\nc|d",
        "Term\n~ definition",
        "Term\n: definition",
        "Words\n{ .x }\nwords",
        "Words\n===",
        "Words\n---",
        "costs $5\nor $6",
        "~5\n~6",
        "a `b\nc` d",
        "Words\n\n{.x}\nwords\n\n(a)=\n# words",
        "Words\n+++\n% words\n:::\n```\n~~~\n$$\n- a\n1. a\n> a\n| a |",
    ],
)
def test_paragraphs_are_shown(reader: MarkdownIt, text: str) -> None:
    """The lines of a paragraph are lines of a paragraph, whatever they would begin together."""
    # Code does not reach beyond its line, and a backtick without a partner is one.
    assert blocks(reader, f"{as_paragraphs(text)}\n") == [Block("paragraph", words) for words in text.split("\n\n")]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_stays(text: str) -> None:
    """Nothing is escaped that no reader takes for markup."""
    assert as_line(text) == as_heading(text) == as_paragraphs(text) == text


_WORDS = st.sampled_from(
    [
        *TEXTS,
        *"ab1 {}.#:=~$`|-+*_[]()<>!&;%^\\\"'@/ \n",
        *("{{", "}}", "`c`", "{.x}", "{name}", "http://a.b/", "www.a.b", "mailto:", "://", "\n\n", "&amp;", "``"),
    ]
)


@settings(max_examples=300)
@given(st.lists(_WORDS, min_size=1, max_size=8).map("".join), st.sampled_from(sorted(READERS)))
def test_any_text_is_shown(text: str, name: str) -> None:
    """Whatever of this is put together, it is read as it was written, as a heading, a cell and paragraphs."""
    reader = _reader(name)
    one_line = " ".join(text.split())
    if not one_line:
        return
    words = plain(one_line).strip()
    assert blocks(reader, f"### Example: {as_heading(text)}\n") == [Block("heading", f"Example: {words}".strip())]
    cells = blocks(reader, as_table(("A", "B"), [(as_line(text), "x")]) + "\n")
    assert cells[2:] == [Block("td", words), Block("td", "x")]
    paragraphs = re.split(r"\n\s*\n", "\n".join(line.strip(" ") for line in text.split("\n")).strip("\n"))
    expected = [
        "\n".join(plain(" ".join(line.split())) for line in lines.split("\n")).strip() for lines in paragraphs
    ]
    assert blocks(reader, as_paragraphs(text) + "\n") == [Block("paragraph", lines) for lines in expected if lines]


_READERS: dict[str, MarkdownIt] = {}


def _reader(name: str) -> MarkdownIt:
    if name not in _READERS:
        _READERS[name] = READERS[name]()
    return _READERS[name]
