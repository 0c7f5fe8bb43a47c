"""Words of the command line that there are not: each is named, with what was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("chek",), "statestores: error: unknown command 'chek': did you mean 'check'?"),
        (("genrate", "csv"), "statestores: error: unknown command 'genrate': did you mean 'generate'?"),
        (("xyz",), "statestores: error: unknown command 'xyz' (the commands are check, "),
        (("--vrsion",), "statestores: error: unknown option '--vrsion': did you mean '--version'?"),
        (
            ("list", "--bakend", "redis"),
            "statestores list: error: unknown option '--bakend': did you mean '--backend'?",
        ),
        (("list", "--bakend=redis"), "statestores list: error: unknown option '--bakend': did you mean '--backend'?"),
        (("check", "--formatt", "json"), "unknown option '--formatt': did you mean '--format'?"),
        (("generate", "csv", "-o", "x", "--chek"), "unknown option '--chek': did you mean '--check'?"),
        (
            ("check", "--zzz", "--sise-limit", "1"),
            "unknown option '--zzz'; unknown option '--sise-limit': did you mean",
        ),
        (("diff", "a", "b", "c"), "statestores diff: error: unexpected argument 'c'"),
        (("import", "a.txt", "--from", "RST"), "--from RST: reStructuredText is not read: save the table as CSV"),
        (("schema", "x"), "statestores schema: error: unexpected argument 'x'"),
    ],
)
def test_the_right_word_is_named(run: Run, words: tuple[str, ...], message: str) -> None:
    """A wrong command or option ends with 2, and with a line that says the right one."""
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode().splitlines()[-1]
