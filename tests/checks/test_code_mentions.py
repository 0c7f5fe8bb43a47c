"""Templates and the text of a program: what it names."""

from __future__ import annotations

from time import process_time

import pytest

from sphinx_statestores.checks.code_mentions import Scanner
from sphinx_statestores.registry.model import CodeUse

CLASS = "Stores.{constant}"


def found(text: str, *templates: str, language: str = "") -> list[tuple[str, int, int]]:
    scanner = Scanner([CodeUse(language, ("*",), templates)])
    return [(mention.word, mention.line, mention.column) for mention in scanner.mentions(text)]


@pytest.mark.parametrize(
    ("template", "text", "words"),
    [
        (CLASS, "Stores.Auth, Stores.Account;", ["Auth", "Account"]),
        (CLASS, "MyStores.Auth Stores.Auth_2 xStores.A _Stores.B", ["Auth_2"]),
        (CLASS, "Stores.All() Stores.Of<int>(1) Stores.Auth.Length Stores.Auth ()", ["Auth"]),
        (CLASS, "a = Stores.Auth\n(b, c) = d\na := Stores.Mail\r\n<-done\nStores.All\t(1)", ["Auth", "Mail"]),
        (CLASS, "Stores .Auth Stores. Auth Stores.1 Stores.", []),
        (CLASS, "Stores.Authé", []),
        ("Get{constant}Store(", "GetAuthStore( GetAuthStoreStore( GetStore(", ["Auth", "AuthStore"]),
        ("{constant}.Get(", "Auth.Get(1) My.Account.Get(2) 1x.Get(", ["Auth", "Account"]),
        ('"{name}"', 'f("auth-statestore", "a b", "", "a.b")', ["auth-statestore", "a.b"]),
        ("'{name}'", "'a','b'", ["a", "b"]),
        ("store={name}", "store=auth-lock. store=auth_lock-; store=-a mystore=b", ["auth-lock"]),
        ("{name}.json", "x/auth-lock.json a..json", ["auth-lock"]),
        ('store( "{name}" )', 'store(\n  "a"\t) store("b")', ["a"]),
        ("a  b {name}c", "a b xc a \r\n b yc ab zc", ["x", "y"]),
        ("[{name}](*.+?)$", "[a](*.+?)$ [b]", ["a"]),
        ("ß{name}ß", "ßaß xßbß ßcßx", ["a"]),
    ],
)
def test_what_a_template_matches(template: str, text: str, words: list[str]) -> None:
    """The text around a field is literal, white space is of any length, and words are whole."""
    assert [word for word, *_ in found(text, template)] == words


def test_places_count_characters_from_one() -> None:
    """A mention has the line and the column of its word, behind any line and any letters."""
    text = 'ä("a")\r\n\r\n  ("b"), ("c")\n("b") ("b")'
    assert found(text, '("{name}")') == [("a", 1, 4), ("b", 3, 5), ("c", 3, 12), ("b", 4, 3)]


def test_a_line_that_is_a_comment() -> None:
    """In a known language a line that is only a comment names nothing; a comment behind code does."""
    text = "// Stores.A\n * Stores.B\n/* Stores.C */\n# Stores.D\nx // Stores.E\n-- Stores.F\n"

    def words(language: str) -> str:
        return "".join(word for word, *_ in found(text, CLASS, language=language))

    assert words("C#") == "DEF"
    assert words("python") == "ABCEF"
    assert words("SQL") == "ABCDE"
    assert words("") == words("Brainfuck") == "ABCDEF"


def test_code_that_begins_as_a_comment_does() -> None:
    """A pointer, and what is behind the end of a block comment, is code; a line inside of a block comment is not."""
    text = (
        "*s = Stores.A;\n/* key: */ Stores.B,\n   text of Stores.C */ Stores.D\n*/ Stores.E\n"
        "/* Stores.F */ Stores.G\n *\tStores.H\n/** Stores.I\n ** Stores.J\n// */ Stores.K\n"
    )
    assert "".join(word for word, *_ in found(text, CLASS, language="c++")) == "ABCDEG"
    assert "".join(word for word, *_ in found("# */ Stores.A\n", CLASS, language="python")) == ""


def test_a_comment_silences_its_line() -> None:
    """A comment for this program silences problems of its line, all of them or those that it names."""
    scanner = Scanner([CodeUse("", ("*",), (CLASS,))])
    text = (
        "Stores.A // statestores: ignore\n"
        "Stores.B // statestores: ignore[undeclared-use, naming_convention]\n"
        "Stores.C // statestores: ignored\n"
        "// statestores: ignore\nStores.D\n"
    )
    assert [(mention.word, mention.silenced) for mention in scanner.mentions(text)] == [
        ("A", ("unknown_constant", "undeclared_use", "removed_in_use")),
        ("B", ("undeclared_use",)),
        ("C", ()),
        ("D", ()),
    ]


def test_templates_of_one_file_are_one_pattern() -> None:
    """Of templates that overlap, the one that begins first matches; others are found between them."""
    text = 'get("a") "b" Stores.C'
    assert [word for word, *_ in found(text, CLASS, '"{name}"', 'get("{name}")')] == ["a", "b", "C"]


@pytest.mark.parametrize(
    ("template", "part"),
    [
        (CLASS, "Stores.A" * 3),
        (CLASS, "Stores"),
        ('"{name}"', '"a'),
        ("{name}.x", "a."),
        ("{constant}.x", "a_"),
        ("a b {name}c", "a   "),
        ("a b {name}c", "a b x"),
        (CLASS, "Stores.A, "),
    ],
)
def test_scanning_takes_linear_time(template: str, part: str) -> None:
    """A megabyte of what nearly matches, on one line, takes seconds: a quadratic search would take hours."""
    before = process_time()
    found(part * (1_000_000 // len(part)), template)
    assert process_time() - before < 60
