"""A page of the documentation as a session: files by the captions of their blocks, commands by their prompt."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = re.compile(
    r"^(`{3,})(\{code-block\} \w+\n:caption: (?P<file>\S+)\n\n|console\n)(?P<text>.*?)^\1$", re.MULTILINE | re.DOTALL
)


class Step(NamedTuple):
    """A block of the page, and what it should hold."""

    start: int
    end: int
    shown: str
    found: str


def play(page: str, folder: Path) -> list[Step]:
    """Go through the blocks in order: write files that are not there, run commands; compare the rest."""
    steps = []
    for block in _BLOCK.finditer(page):
        shown, found = block["text"], block["text"]
        if block["file"]:
            path = folder / block["file"]
            if path.exists():
                found = path.read_text(encoding="utf-8")
            else:
                path.write_text(shown, encoding="utf-8")
        else:
            found = "".join(_run(line[2:], folder) for line in shown.splitlines() if line.startswith("$ "))
        steps.append(Step(*block.span("text"), shown, found))
    return steps


def _run(command: str, folder: Path) -> str:
    words = shlex.split(command)
    assert words[0] == "statestores"
    done = subprocess.run(
        [sys.executable, "-m", "sphinx_statestores", *words[1:]],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    return f"$ {command}\n{done.stdout}"
