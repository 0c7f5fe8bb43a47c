"""Texts that have to be in quotes and are not: one message of our own, whichever parser refuses them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from sphinx_statestores.registry import reader
from sphinx_statestores.registry.problems import Kind, Location
from sphinx_statestores.registry.reader import read_document

PARSERS = [
    pytest.param("CSafeLoader", marks=pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML lacks libyaml")),
    "SafeLoader",
]


@pytest.fixture(params=PARSERS, autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test once for each parser."""
    loader: Any = getattr(yaml, request.param)
    monkeypatch.setattr(reader, "PARSER", loader)


def refusal(text: str, *, may_quote: bool = True) -> tuple[int, int, str]:
    """Return line, column and message of the one problem of a text that cannot be read."""
    document, (problem,) = read_document(text, "f.yaml", may_quote=may_quote)
    assert document is None
    assert problem.kind is Kind.NOT_YAML
    assert problem.location == Location("f.yaml", problem.location.line, problem.location.column)
    return problem.location.line, problem.location.column, problem.message


def begins(sign: str) -> str:
    return f"text that begins with '{sign}' must be in quotes"


@pytest.mark.parametrize(
    ("value", "column", "sign"),
    [
        ("`Session` data", 12, "`"),
        ("@team owns it", 12, "@"),
        ("%d sessions", 12, "%"),
        ("{service} data", 12, "{"),
        ("{{ service }} data", 12, "{"),
        ("[draft] data", 12, "["),
        ("[docs](https://example.org)", 12, "["),
        ("[draft]]", 12, "["),
        ("*bold* words", 12, "*"),
        ("**bold** words", 12, "*"),
        ("* a star", 12, "*"),
        ("& more", 12, "&"),
        ("&a& more", 12, "&"),
        ("- a dash", 12, "- "),
        ("-", 12, "-"),
        ("? a question", 12, "? "),
        (": a colon", 12, ": "),
        ("| a bar", 12, "|"),
        (">= 5", 12, ">"),
        (", too", 12, ","),
        ("] closed", 12, "]"),
        ("} closed", 12, "}"),
        ("&anchor `code`", 20, "`"),
        ("[a, @b]", 16, "@"),
        ("{a: `b`}", 16, "`"),
        ("[a, *b*]", 16, "*"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_no_text_begins_with(value: str, column: int, sign: str, line_end: str) -> None:
    """A value that begins with a sign of YAML is refused where it begins, and the message names the sign."""
    text = line_end.join(["store:", f"  purpose: {value}", "  prefix: a", ""])
    assert refusal(text) == (2, column, begins(sign))


@pytest.mark.parametrize("head", ["", "  ", "- ", "    - - ", "? "])
def test_where_the_text_is(head: str) -> None:
    """It does not matter whether the text is a value, an item of a list or a key, or alone."""
    assert refusal(f"# One.\n{head}`x`") == (2, len(head) + 1, begins("`"))
    assert refusal(f"a:\n  b:\n{' ' * 6}@x: 5\n") == (3, 7, begins("@"))
    assert refusal("a:\n  - b\n  -\n    {c} d\n") == (4, 5, begins("{"))


@pytest.mark.parametrize(
    ("value", "column", "message"),
    [
        ("Tokens: sessions", 18, "text that contains ': ' must be in quotes"),
        ("At 10: 30, see https://example.org: it helps", 17, "text that contains ': ' must be in quotes"),
        ("Tokens : sessions", 19, "text that contains ': ' must be in quotes"),
        ("&a Tokens: sessions", 21, "text that contains ': ' must be in quotes"),
        ("[a: b: c]", 17, "text that contains ': ' must be in quotes"),
        ("{pattern: a: b}", 23, "text that contains ': ' must be in quotes"),
        ("Tokens:", 18, "text that ends with ':' must be in quotes"),
        ("Tokens: ", 18, "text that ends with ':' must be in quotes"),
    ],
)
def test_a_colon_in_a_text(value: str, column: int, message: str) -> None:
    """A colon that would make a key of the text before it is refused where it is."""
    assert refusal(f"store:\n  purpose: {value}\n  prefix: a\n") == (2, column, message)


def test_a_colon_in_a_later_line() -> None:
    """Where a text goes on in a line that looks like a field, the message names both lines and both ways out."""
    line, column, message = refusal("store:\n  purpose: Some words\n    and more: words\n")
    assert (line, column) == (3, 13)
    assert message.startswith("the text that begins on line 2 continues on this line, which contains ': ': put")
    assert refusal("a: words\n  prefix: b\n")[:2] == (2, 9)


@pytest.mark.parametrize(
    ("value", "closing", "other"),
    [
        ('"Session" data', 2, "single"),
        ('"Session "my" data"', 2, "single"),
        ('"Session": data', 2, "single"),
        ('"Session data\n  prefix: "a"', 3, "single"),
        ("'Auth's data'", 2, "double"),
        ("'tis so\n  other: it's", 3, "double"),
        ("!!str 'a' b", 2, "double"),
        ("['a' b]", 2, "double"),
    ],
)
def test_a_text_goes_on_behind_its_quotes(value: str, closing: int, other: str) -> None:
    """What begins with quotes and goes on behind them is reported where it begins, with the line where they end."""
    quote = '"' if other == "single" else "'"
    assert refusal(f"store:\n  purpose: {value}\n") == (
        2,
        12 + value.index(quote),
        f"text that begins with {quote} ends at the next {quote}, on line {closing}, and more text follows "
        f"there: put the whole text in {other} quotes",
    )


@pytest.mark.parametrize("behind", ["", "\n", "\n  prefix: a\n", "\n---\nb: c\n"])
@pytest.mark.parametrize(("quote", "other"), [('"', "single"), ("'", "double")])
def test_quotes_that_are_never_closed(quote: str, other: str, behind: str) -> None:
    """Quotes without an end are reported where they begin, and not at the end of the file."""
    message = f"text that begins with {quote} must end with {quote}: close it, or put the whole text in "
    assert refusal(f"store:\n  purpose: {quote}Session data{behind}") == (2, 12, f"{message}{other} quotes")


@pytest.mark.parametrize(
    ("value", "column"), [('"C:\\data"', 15), ('"C:\\users"', 15), ('"a\\n\\x1"', 16), ('"\\d', 13)]
)
def test_a_backslash_in_double_quotes(value: str, column: int) -> None:
    """A backslash that begins no escape is reported where it is, with what to write."""
    line, found, message = refusal(f"store:\n  purpose: {value}\n")
    assert (line, found) == (2, column)
    assert message.startswith("this backslash begins no valid escape sequence: write '\\\\' for a backslash")


@pytest.mark.parametrize(("value", "sign"), [("{service data", "{"), ("[draft, data", "["), ("{a: [b}", "{")])
def test_a_bracket_that_is_never_closed(value: str, sign: str) -> None:
    """A bracket or a brace without an end is reported where it is, however far the parser has come."""
    line, column, message = refusal(f"store:\n  purpose: {value}\n  prefix: a\nother:\n  keys: [b]\n")
    assert (line, column) == (2, 12)
    assert message.startswith(f"'{sign}' is never closed: close it with ")
    assert message.endswith("put the text in quotes")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: Moved (see #482\n  and more)\n", 1, 15),
        ("- Moved (see # 482\n  and more)\n", 1, 14),
        ("a:\n  - b: Moved #1\n      # more\n\n      and more\n", 2, 14),
        ("a: [b #1, c]\nd: e\n", 1, 7),
    ],
)
def test_a_comment_inside_a_text(text: str, line: int, column: int) -> None:
    """Where a comment ends a text that goes on below, or a list, the '#' is reported and not what follows."""
    found = refusal(text)
    assert found[:2] == (line, column)
    assert found[2].startswith("YAML reads this '#' and the rest of the line as a comment")


@pytest.mark.parametrize(("text", "sign", "word"), [("a: *all stores\n", "*", "*all"), ("a: !a b\n", "!", "!a")])
def test_what_yaml_takes_for_something_else(text: str, sign: str, word: str) -> None:
    """What looks like an alias or a tag is refused with the same advice, and its word where that may be shown."""
    line, column, message = refusal(text)
    assert (line, column) == (1, 4)
    assert begins(sign) in message
    assert message.endswith(f": {word!r}")
    assert word not in refusal(text, may_quote=False)[2]


@pytest.mark.parametrize("value", ["`hunter2`", "@hunter2", "a: hunter2", '"hunter2', "{hunter2} x", "'a' hunter2"])
def test_nothing_of_a_foreign_file_is_shown(value: str) -> None:
    """Of a file that is no registry, the message shows no sign of the text."""
    line, _, message = refusal(f"a: {value}\n", may_quote=False)
    assert (line, message) == (1, "this text must be in quotes")


@pytest.mark.parametrize(
    "text",
    [
        "a: 'b'\n   c: d\n",
        "a: b\nc d\ne: f\n",
        "a: [b]\n]\n",
        f"{'a' * 1100}: b\n",
    ],
)
def test_other_faults_are_told_otherwise(text: str) -> None:
    """A fault of indentation and the like is not said to be one of quotes."""
    assert "quotes" not in refusal(text)[2]


@pytest.mark.parametrize(
    "value",
    [
        "a:b",
        "a#b",
        "-a",
        "?a",
        ":a",
        "a - b",
        "50% of `all` @ {home} [b] *c* & d",
        "'`a`'",
        '"{a} b: c"',
        "a 'b' \"c\"",
    ],
)
def test_texts_that_need_no_quotes(value: str) -> None:
    """Signs that are part of a text for YAML are no fault, and neither is what is in quotes."""
    assert read_document(f"a: {value}\nb: |\n  `c` d: e: f\n", "f.yaml")[1] == []
