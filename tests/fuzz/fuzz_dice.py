"""Random choices from a seed, and the texts that all fuzzers try."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

from nasty import BREAKS, VALUES

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

#: An element that no outlet may ever have: it comes from a text.
CANARY_TAG = "fuzz-canary"
#: A command of TeX, or of Texinfo, that no text may become.
CANARY_COMMAND = "fuzzcanary"
#: Stands in files and in the environment that nothing may show. Digits survive most filters of jinja, and a copy with
#: other characters between them is found as well.
CANARY = "7046391825507143"

#: Ordinary words of a registry: they meet each other, as names and references do.
NAMES = [
    "auth-statestore", "auth-lock", "account-statestore", "mysql-account-statestore", "item", "item-cache", "a",
    "session.tokens", "x_1", "Auth-Statestore", "quest-archive-of-old-things",
]  # fmt: skip
SERVICES = ["Auth", "Account", "Item", "CharacterEncounter", "a.b", "AUTH", "X1"]
BACKENDS = ["redis", "mysql", "memory", "postgresql", "own", "valkey", "s3"]

#: Texts that mean something to one outlet or another.
HOSTILE = [
    *VALUES.values(),
    *(BREAKS, "a\nb", "a\r\nb", "a\rb", "a\x85b", "a\u2028b", "a\u2029b", "\n", " \n ", "a\n\n# h\n\nb"),
    *(f"<{CANARY_TAG} onclick='fuzz()'>", f'"><{CANARY_TAG} x="', f"'/><{CANARY_TAG}/>", f"`<{CANARY_TAG}>`"),
    *(f"</script><{CANARY_TAG}>", f"]]><{CANARY_TAG}>", f"--><{CANARY_TAG}>", f"</td></table><{CANARY_TAG}>"),
    *(f"\\{CANARY_COMMAND}{{x}}", f"@{CANARY_COMMAND}{{x}}", f"}}\\{CANARY_COMMAND}", f"$\\{CANARY_COMMAND}$"),
    *(".so /etc/passwd", "'so /etc/passwd", "x\n.so /etc/passwd", ".", "'", "\\&.so /etc/passwd"),
    *("::error file=x::fuzz", "\n::add-mask::e\n", "\x1b[31mred", "\x1b]0;title\x07", "##[error]fuzz", "a\x00b"),
    *("\x7f", "\u202eevil", "\u2066a\u2069", "\ud800", "\udfff", "\ufffe", "\ufeffa", "e\u0301"),
    *("\U0010ffff", "\U000e0041", "\u200b", "a\u200db", "\u115f"),
    *("`x`{.fuzz #fuzz}", "{.fuzz #fuzz}", "(fuzz)=", "### #", "#", "# # #", "{#fuzz}", "|", "||", "--", "---"),
    *("os.system py:function 1 //evil.example -", "x\nos.system py:function 1 //evil.example -", "$ -"),
    *("javascript:fuzzregistry", " JavaScript:fuzzregistry", "java\tscript:fuzzregistry", "data:text/html,fuzz"),
    *("//evil.example/x", "https://example.org/", "https://a@b/", "https://[", "mailto:a@b", "a b&lt;(c)", "#x"),
    *("../../x", "/etc/passwd", "C:\\x", "~root", "..", ".", "", " ", "\t", "index", "services/auth", "a/" * 40),
    *("[", "[!a]", "[a-", "*" * 30, "(a+)+$", "!redis", "!", "!!", "{service}" * 4, "{feature}-{feature}", "{x}"),
    *("{", "{{ 7*7 }}", "{% include '/etc/passwd' %}", "{0.__class__}", "%(x)s", "%", "${HOME}", "$(id)"),
    *("x" * 65, "x" * 129, "x" * 2500, "-" * 200, "a-" * 90, "`" * 50, "'" * 40, "word " * 500, "\u0430uth", "A"),
    *("-1", "0", "1", "1e999", ".inf", ".nan", "0o17", "1:30", "2024-01-01", "9" * 40, "9" * 5000, "\u00b2"),
    *("\u0663", "true", "yes", "null", "~", "=", "<<", "?", "-", ":", "- -", "? :", "#x", " #x", "&a", "*a", "!x"),
]  # fmt: skip


class Dice(random.Random):
    """The choices of one case: the same for the same seed, on every machine."""

    def one(self, choices: Sequence[T]) -> T:
        """Return one of several."""
        return self.choice(choices)

    def chance(self, probability: float) -> bool:
        """Return true so often."""
        return self.random() < probability

    def few(self, most: int) -> int:
        """Return a number up to *most*, a small one more often."""
        return min(self.randint(0, most), self.randint(0, most))

    def hostile(self) -> str:
        """Return a text that means something to somebody, at times two of them."""
        text = self.one(HOSTILE)
        return text + self.one(HOSTILE) if self.chance(0.1) else text
