"""Tutorials and how-to guides: each file is written and each command is run, in the order and the words of the page.

A block with a caption is a file of that name, which is written; with ``:class: result`` a command has written it.
In a ``console`` block, a line with ``$`` is a command, and the lines below it are what it prints; ``...`` is
any number of other lines, or at the beginning of a line any text. A command that shows an error or a breaking change
exits with 1. Of
synchronised tabs, one markup is walked at a time. A page without files or without commands is not walked.
``UPDATE_CASES=1 pytest`` rewrites what commands print.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
#: Its commands read servers, which their own tests start.
NOT_WALKED = {"howto/observe.md"}
PAGES = sorted(
    str(page.relative_to(DOCS))
    for folder in ("tutorial", "howto")
    for page in (DOCS / folder).glob("*.md")
    if ":caption:" in page.read_text(encoding="utf-8") and "\n$ s" in page.read_text(encoding="utf-8")
    if str(page.relative_to(DOCS)) not in NOT_WALKED
)
#: What needs a network, a server that never ends, or LaTeX. They are read by people only.
NOT_RUN = ("pip install ", "sphinx-autobuild ", "sphinx-build -M latexpdf")
#: The modules behind the commands: the environment's own ones, whatever is first on the path.
PROGRAMS = {"statestores": "sphinx_statestores", "sphinx-build": "sphinx"}

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|:{3,})(?P<info>.*)$")


@dataclass
class Block:
    """A fenced block: what its first line says, its options, its lines, and the line of the page where it begins."""

    info: str
    options: dict[str, str]
    lines: list[str]
    line: int


def blocks(text: str, markup: str) -> list[Block]:
    """Return the blocks of code of a page, for readers who have chosen the tab of one markup."""
    found: list[Block] = []
    lines = text.splitlines()
    position = 0
    skipped_fence = ""
    while position < len(lines):
        match = _FENCE.match(lines[position])
        if skipped_fence:
            if match and match["fence"] == skipped_fence and not match["info"].strip():
                skipped_fence = ""
            position += 1
            continue
        if match is None or match["fence"].startswith(":"):
            tab = match and re.fullmatch(r"\{tab-item\} (.+)", match["info"].strip())
            if match and tab and tab[1] in {"reStructuredText", "MyST Markdown"} and tab[1] != markup:
                skipped_fence = match["fence"]
            position += 1
            continue
        end = next(
            n
            for n in range(position + 1, len(lines))
            if lines[n].strip() == match["fence"] and lines[n].startswith(match["indent"])
        )
        body = [line.removeprefix(match["indent"]) for line in lines[position + 1 : end]]
        options = {}
        if match["info"].startswith("{"):
            while body and (option := re.fullmatch(r":([a-z-]+): *(.*)", body[0])):
                options[option[1]] = option[2]
                del body[0]
            if options and body and not body[0]:
                del body[0]
        found.append(Block(match["info"].strip(), options, body, position + 1))
        position = end + 1
    return found


def _expected(lines: list[str]) -> str:
    found = ""
    for line in lines:
        if line == "...":
            found += ".*"
        elif line.startswith("..."):
            found += "[^\n]*" + re.escape(line.removeprefix("...")) + "\n"
        else:
            found += re.escape(line) + "\n"
    return found


def _walk(page: str, markup: str, folder: Path) -> tuple[int, int]:
    """Do what a page says in an empty folder; return how many files were written and how many commands were run."""
    env = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120", "PYTHONDONTWRITEBYTECODE": "1"}
    written = run = 0
    for block in blocks((DOCS / page).read_text(encoding="utf-8"), markup):
        name = block.options.get("caption", "")
        if name:
            path = folder / name
            written += 1
            if block.options.get("class") == "result":
                assert path.read_text(encoding="utf-8") == "\n".join(block.lines) + "\n", f"{page}:{block.line}"
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(block.lines) + "\n", encoding="utf-8")
        if block.info != "console":
            continue
        printed: list[str] = []
        starts = [number for number, line in enumerate(block.lines) if line.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(block.lines)], strict=True):
            command = block.lines[start].removeprefix("$ ")
            shown = block.lines[start + 1 : end]
            if command.startswith(NOT_RUN):
                printed += block.lines[start:end]
                continue
            words = shlex.split(command)
            if words[0] in PROGRAMS:
                # Older versions of Sphinx show the kind of a warning only on request.
                kinds = ["-D", "show_warning_types=1"] if words[0] == "sphinx-build" else []
                words = [sys.executable, "-m", PROGRAMS[words[0]], *kinds, *words[1:]]
            result = subprocess.run(
                words, check=False, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            place = f"{page}:{block.line + start + 1}: $ {command}"
            fails = any(" error: " in line or line.startswith("breaking: ") for line in shown)
            assert result.returncode == fails, f"{place}\n{result.stdout}"
            is_renewed = shown and os.environ.get("UPDATE_CASES") and not any(line[:3] == "..." for line in shown)
            printed += [block.lines[start], *(result.stdout.splitlines() if is_renewed else shown)]
            if shown and not is_renewed:
                assert re.fullmatch(_expected(shown), result.stdout, re.DOTALL), f"{place}\n{result.stdout}"
            run += 1
        if block.lines != printed:
            text = (DOCS / page).read_text(encoding="utf-8")
            old, new = ("".join(f"{line}\n" for line in lines) for lines in (block.lines, printed))
            (DOCS / page).write_text(text.replace(f"```console\n{old}", f"```console\n{new}"), encoding="utf-8")
    return written, run


def _walks() -> list[tuple[str, str]]:
    """Return pairs of a page and a markup; a page without tabs is the same for both."""
    return [
        (page, markup)
        for page in PAGES
        for markup in ("reStructuredText", "MyST Markdown")
        if markup == "reStructuredText" or "{tab-item} MyST Markdown" in (DOCS / page).read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize(("page", "markup"), _walks())
def test_a_page_does_what_it_says(page: str, markup: str, tmp_path: Path) -> None:
    """Whoever writes the files of a page and runs its commands sees what the page shows."""
    # A checkout of its own: what has no .git belongs to the current folder.
    (tmp_path / ".git").mkdir()
    written, run = _walk(page, markup, tmp_path)
    assert written
    assert run
