"""Standard output, input and error that are closed, or full."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SHELL = shutil.which("sh")

pytestmark = pytest.mark.skipif(
    SHELL is None or not Path("/dev/full").exists(), reason="there is no shell to close a stream, or no full device"
)

COMMANDS = {
    "--version": 0,
    "--help": 0,
    "list --help": 0,
    "list good.yaml": 0,
    "check bad.yaml": 1,
    "schema": 0,
    "diff good.yaml good.yaml": 0,
    "generate json good.yaml": 0,
    "generate json good.yaml -o new.json --check": 1,
}
#: What cannot be used, and says so on standard error alone.
UNUSABLE = ("nonsense", "", "list good.yaml --limit many", "generate nonsense", "list --nonsense")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a registry that is good, and one that is not."""
    (tmp_path / "good.yaml").write_text(
        "x-state-stores:\n  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}\n",
        encoding="utf-8",
    )
    (tmp_path / "bad.yaml").write_text("x-state-stores: 1\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, command: str, redirections: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a shell, with what Python says of a program that leaves something undone."""
    python = f"exec '{sys.executable}' -X dev -W error -m sphinx_statestores {command} {redirections}"
    return subprocess.run(
        [str(SHELL), "-c", python],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("redirection", "why"), [(">&-", b"it is closed"), (">/dev/full", b"No space left on device")]
)
def test_a_result_that_cannot_be_written(folder: Path, command: str, redirection: str, why: bytes) -> None:
    """Whatever was asked for, status 2 and one line say that standard output does not take it."""
    done = run(folder, command, redirection)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.splitlines()[-1] == b"statestores: standard output: " + why
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert run(folder, command, f"{redirection} 2>&-").returncode == 2
    assert run(folder, command, f"{redirection} 2>/dev/full <&-").returncode == 2


@pytest.mark.parametrize("command", [*COMMANDS, *UNUSABLE])
@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&-"])
def test_what_a_result_does_not_need(folder: Path, command: str, redirection: str) -> None:
    """A result is the same, and so is the status, where nobody can read messages, and without standard input."""
    done, usual = run(folder, command, redirection), run(folder, command, "")
    assert (done.returncode, done.stdout) == (usual.returncode, usual.stdout)
    assert done.returncode == COMMANDS.get(command, 2)


@pytest.mark.parametrize("command", UNUSABLE)
def test_bad_usage_needs_no_standard_output(folder: Path, command: str) -> None:
    """What is wrong with the arguments is said though standard output is closed."""
    done = run(folder, command, ">&-")
    assert (done.returncode, done.stderr) == (2, run(folder, command, "").stderr)
    assert b"statestores" in done.stderr


def test_a_file_is_written_without_standard_output(folder: Path) -> None:
    """``-o`` prints nothing, and so has no use for standard output."""
    assert run(folder, "generate json good.yaml -o new.json", ">&- 2>&- <&-").returncode == 0
    assert (folder / "new.json").read_bytes() == run(folder, "generate json good.yaml", "").stdout


def test_standard_input_that_is_closed(folder: Path) -> None:
    """A registry that is to come from there is not taken for an empty one."""
    done = run(folder, "list -", "<&-")
    assert (done.returncode, done.stderr) == (2, b"statestores: standard input: it is closed\n")
