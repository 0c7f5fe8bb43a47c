"""``statestores completion``: what the scripts complete, tried in the shells that there are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.cli import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

REGISTRY = """\
x-fields: {tier: {type: text}, teamName: {type: text}}
x-services: {Item: {title: The items}, "$(touch made)": {title: No}}
x-state-stores:
  auth-cache: {backend: redis, prefix: a, service: Auth, purpose: P}
  auth-store: {backend: mysql, service: Auth, purpose: P}
  item-cache: {backend: redis, prefix: b, service: Item, purpose: P, x-team: a, "x-$(touch made)": b}
"""
COMPLETE = """\
statestores() {{ "{python}" -m sphinx_statestores "$@"; }}
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_statestores
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture(autouse=True)
def registry(repository: Path) -> None:
    """Write a registry where the command looks for it."""
    (repository / "schemas").mkdir()
    (repository / "schemas/state-stores.yaml").write_text(REGISTRY, encoding="utf-8")


def completed(run: Run, repository: Path, *words: str) -> list[str]:
    """Return what bash offers for the last of some words."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    script = repository / "completion.bash"
    script.write_bytes(run("completion", "bash").stdout)
    code = COMPLETE.format(python=sys.executable)
    done = subprocess.run(
        [bash, "-c", code, "bash", str(script), "statestores", *words], capture_output=True, check=True, timeout=120
    )
    assert done.stderr == b""
    return done.stdout.decode().split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("",), [*COMMANDS]),
        (("che",), ["check"]),
        (("nope", ""), [*COMMANDS]),
        (("check", "--fo"), ["--format"]),
        (("check", "--format", ""), ["text", "json", "github", "sarif"]),
        (("check", "--format", "=", "s"), ["sarif"]),
        (("check", "--color", "="), ["auto", "always", "never"]),
        (("generate", "c"), ["csharp", "csv"]),
        (("generate", "csv", "--che"), ["--check"]),
        (("list", "--status", "d"), ["deprecated"]),
        (("list", "--service", ""), ["Auth", "Item"]),
        (("list", "--reader", "I"), ["Item"]),
        (("list", "--t"), ["--tag", "--teamName", "--tier"]),
        (("list", "--x"), ["--x-team"]),
        (("show", "auth"), ["auth-cache", "auth-store"]),
        (("show", "x*"), []),
        (("completion", ""), ["bash", "zsh", "fish"]),
        (("diff", ""), []),
    ],
)
def test_bash(run: Run, repository: Path, words: tuple[str, ...], offered: list[str]) -> None:
    """bash offers commands, options, values and names of the registry, and runs nothing that is called like code."""
    assert completed(run, repository, *words) == offered
    assert not (repository / "made").exists()


def test_the_syntax(run: Run, repository: Path) -> None:
    """Each script is one that its shell can read, where there is that shell, and has every command and option."""
    for shell in ("bash", "zsh", "fish"):
        done = run("completion", shell)
        assert (done.returncode, done.stderr) == (0, b"")
        program = shutil.which(shell)
        if program is not None:
            (repository / "script").write_bytes(done.stdout)
            subprocess.run([program, "-n", "script"], check=True, timeout=60)
        text = done.stdout.decode()
        assert [name for name in COMMANDS if name not in text] == []
        option = "-l size-limit" if shell == "fish" else "--size-limit"
        assert option in text
        assert "statestores list --format names" in text
        assert "statestores completion services" in text
        assert "deprecated" in text


def test_a_shell_that_is_unknown(run: Run) -> None:
    """Another shell is bad usage."""
    assert run("completion", "tcsh").returncode == 2
