"""What reaches a terminal, whatever the input holds."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.cli.terminal import printable_lines, terminal_width
from sphinx_statestores.registry.quoting import printable

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run, RunInTerminal

SMALL = "x-state-stores:\n  auth: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain `text` = für 漢字 🎲", "plain `text` = für 漢字 🎲"),
        ("non-breaking\u00a0and\u3000wide", "non-breaking\u00a0and\u3000wide"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\u2066\u2069\u200e\u200f\u061c", r"\u2066\u2069\u200e\u200f\u061c"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\udcff", r"\udcff"),
        ("\U000e0041", r"\U000e0041"),
        ("\x00\x7f", r"\x00\x7f"),
    ],
)
def test_printable(text: str, expected: str) -> None:
    """Ordinary text of any script stays; controls, marks of direction and half characters become escapes."""
    assert printable(text) == expected


def test_no_harmful_character_is_forgotten() -> None:
    """Of all characters, no control, format (but for the two joiners), surrogate or separator of lines stays."""
    stays = {chr(code) for code in range(0x110000) if printable(chr(code)) == chr(code)}
    assert {char for char in stays if unicodedata.category(char) in {"Cc", "Cs", "Cf", "Zl", "Zp"}} == {
        "\u200c",
        "\u200d",
    }
    assert {
        char for char in stays if unicodedata.bidirectional(char) in {"RLE", "LRE", "RLO", "LRO", "RLI", "LRI"}
    } == set()


def test_lines_stay_lines() -> None:
    """Line feeds and tabs of a text of several lines stay."""
    assert printable_lines("a\tb\r\n\x1bc\n") == "a\tb\\r\n\\x1bc\n"


def test_a_generated_page_in_a_terminal(repository: Path, run: Run, run_in_terminal: RunInTerminal) -> None:
    """A page or a diff that a terminal gets is harmless there; a pipe gets it byte for byte."""
    text = SMALL.replace("Sessions", '"for \\u202e your eyes"')
    (repository / "a.yaml").write_text(text, encoding="utf-8")
    (repository / "old.md").write_bytes(b"\x1b]0;owned\x07\n")
    assert "for \u202e your eyes" in run("generate", "markdown", "a.yaml").stdout.decode()
    shown, _ = run_in_terminal("generate", "markdown", "a.yaml")
    assert r"for \u202e your eyes" in shown
    assert b"\n-\x1b]0;owned\x07\n" in run("generate", "markdown", "a.yaml", "-o", "old.md", "--check").stdout
    shown, status = run_in_terminal("generate", "markdown", "a.yaml", "-o", "old.md", "--check")
    assert (status, "\n-\\x1b]0;owned\\x07\n" in shown) == (1, True)
    assert "\x1b" not in shown


def test_messages_about_nasty_file_names(run: Run) -> None:
    """A file's name is shown without what a terminal would obey, on standard error as well."""
    done = run("generate", "markdown", "\x1b[31m\u202e.yaml")
    assert done.stderr.decode().startswith(r"\x1b[31m\u202e.yaml: error: there is no such file")


@pytest.mark.parametrize(("columns", "width"), [("33", 33), ("0", None), ("wide", None), ("", None)])
def test_the_width_of_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], columns: str, width: int | None
) -> None:
    """``COLUMNS`` is the width when it is a number above 0; what is no terminal has none."""
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal_width() == width


def test_help_is_as_wide_as_the_terminal(run: Run) -> None:
    """Help keeps to the width that ``COLUMNS`` gives, of a command too."""
    for arguments in (("--help",), ("list", "--help")):
        wide, narrow = (
            max(map(len, run(*arguments, env={"COLUMNS": columns}).stdout.decode().splitlines()))
            for columns in ("110", "50")
        )
        assert narrow <= 50 < wide <= 110
