"""What SECURITY.md promises, and which tests hold it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SECURITY = TESTS.parent / "SECURITY.md"

#: Sentence -> the tests, or folders of tests, that fail when it does not hold.
PROMISES = {
    "Git runs at the root of the checkout only, and runs no program, filter, hook or transport that a repository "
    "names.": ("attacks/git-embedded-bare-repo",),
    "A template sees the registry as plain data and the templates next to it, but no other file and no environment "
    "variable.": ("attacks/template-reads-any-file", "fuzz/fuzz_templates.py"),
    "A template changes nothing, and is stopped after 30 seconds, at 1 GiB of memory or at 64 MiB of text.": (
        "attacks/template-poisons-registry",
        "export/test_template_limits.py",
    ),
    "No link makes the extension read or write anything outside the root.": (
        "attacks/output-option-follows-link",
        "attacks/no-git-root-too-wide",
        "fuzz/fuzz_registries.py",
    ),
    "Of the code that a registry names, no link is followed, and in a git repository only files that git tracks are "
    "read.": ("registry/test_tracked_files.py",),
    "A declared output replaces only an earlier output of its own format, and never a file that something "
    "executes.": ("export/test_export_outputs.py", "fuzz/fuzz_registries.py"),
    "Text from a registry stays text in every output: HTML, LaTeX, roff, Texinfo, EPUB, inventory, Markdown, C#, "
    "JSON and CSV.": (
        "export/test_escaping.py",
        "sphinx_ext/test_escaping_of_pages.py",
        "attacks/roff-requests",
        "attacks/index-heading-raw-html",
        "attacks/markdown-attrs-inline",
        "fuzz/fuzz_pages.py",
    ),
    "A line break or a control character in a single-line text is an error.": ("attacks/inventory-line-injection",),
    "Characters that change the direction of text are reported, and nothing in the registry can silence the "
    "report.": ("fuzz/fuzz_promises.py",),
    "Each message is one printable line that no terminal and no CI system takes for a command.": (
        "attacks/sphinx-log-injection",
        "cli/test_terminal.py",
        "fuzz/fuzz_promises.py",
    ),
    "No message shows the values that a template works with.": (
        "attacks/template-reads-any-file",
        "fuzz/fuzz_templates.py",
    ),
    "Whatever a file contains, the result is a registry and a list of problems with their places, never a "
    "traceback.": ("registry/test_any_input.py", "fuzz/fuzz_registries.py", "attacks/stat-errors-traceback"),
    "Work and memory grow in proportion to the files, and both have a limit.": (
        "attacks/registry-of-blank-lines",
        "attacks/merge-key-quadratic",
        "attacks/drift-diff-quadratic",
        "attacks/unknown-names-slow",
        "attacks/outputs-amplification",
    ),
    "`statestores observe` changes nothing on a server and reads no value; no key, user or password is in its file "
    "or in a message.": (
        "live/test_live_credentials.py",
        "live/test_live_masking.py",
        "live/test_live_mysql.py",
        "live/test_live_redis.py",
        "live/test_observe_command.py",
    ),
}


def test_each_promise_is_known() -> None:
    """Each sentence that SECURITY.md promises has tests in this file's table, and the table has no other sentence."""
    _, _, section = SECURITY.read_text(encoding="utf-8").partition("## What is promised\n")
    listed = re.findall(r"^- (.*(?:\n  .*)*)", section.partition("\n## ")[0], re.MULTILINE)
    assert [" ".join(sentence.split()) for sentence in listed] == list(PROMISES)


@pytest.mark.parametrize("name", sorted({name for names in PROMISES.values() for name in names}))
def test_what_holds_a_promise_is_there(name: str) -> None:
    """The tests that hold a promise exist."""
    path = TESTS / name
    assert path.is_file() or list(path.glob("test_*.py"))
