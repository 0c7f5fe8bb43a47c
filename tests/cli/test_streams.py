"""Where a command's words go: pipes that are slow or broken, streams that are no files, any encoding, no folder."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import COMMAND

from sphinx_statestores.cli import main
from sphinx_statestores.cli.output import complain, print_result

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Run

fcntl: Any = pytest.importorskip("fcntl")

STORE = "  {name}: {{backend: redis, prefix: {name}, service: Auth, purpose: 'Sessions → für alle'}}\n"


@pytest.fixture
def registry(repository: Path) -> Path:
    """A registry whose JSON is longer than a pipe holds."""
    path = repository / "stores.yaml"
    stores = "".join(STORE.format(name=f"store-{number}") for number in range(1000))
    path.write_text(f"x-state-stores:\n{stores}", encoding="utf-8")
    return path


def read_slowly(descriptor: int, pieces: list[bytes]) -> None:
    """Read everything, a little at a time."""
    while piece := os.read(descriptor, 3001):
        pieces.append(piece)


@pytest.mark.parametrize("buffering", ["", "1"])
def test_a_pipe_that_does_not_wait(registry: Path, run: Run, buffering: str) -> None:
    """A pipe that is small and refuses what it has no room for gets all of a result, whatever Python keeps back."""
    expected = run("generate", "json", "stores.yaml").stdout
    assert len(expected) > 100_000
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    fcntl.fcntl(writing, getattr(fcntl, "F_SETPIPE_SZ", 1031), 4096)
    pieces: list[bytes] = []
    reader = threading.Thread(target=read_slowly, args=(reading, pieces))
    reader.start()
    done = run(
        "generate", "json", "stores.yaml", capture_output=False, stdout=writing, env={"PYTHONUNBUFFERED": buffering}
    )
    os.close(writing)
    reader.join()
    os.close(reading)
    assert (done.returncode, b"".join(pieces) == expected) == (0, True)


def test_standard_input_that_does_not_wait(registry: Path) -> None:
    """A pipe that has nothing for a moment, and says so, has not come to its end."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    text = registry.read_bytes()
    with subprocess.Popen([*COMMAND, "list", "-"], stdin=reading, stdout=subprocess.PIPE) as process:
        os.close(reading)
        for start in range(0, len(text), 20_000):
            time.sleep(0.1)
            os.write(writing, text[start : start + 20_000])
        os.close(writing)
        assert process.stdout is not None
        assert (len(process.stdout.read().splitlines()), process.wait(timeout=120)) == (1000, 0)


def closed() -> io.StringIO:
    """Return a stream that Python has closed."""
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("make", [lambda: None, closed, lambda: io.StringIO("\ud800")])
def test_standard_input_that_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], make: Callable[[], io.StringIO | None]
) -> None:
    """What cannot be read is no registry: status 2, and a line says why."""
    monkeypatch.setattr(sys, "stdin", make())
    assert (main(["list", "-"]), capsys.readouterr().err.startswith("statestores: standard input: ")) == (2, True)


def test_a_registry_from_memory(
    registry: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program that calls the command may give it a text for standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(registry.read_text(encoding="utf-8")))
    assert main(["list", "-"]) == 0
    assert capsys.readouterr().out == run("list", "stores.yaml").stdout.decode()


def test_a_reader_that_goes_away(registry: Path) -> None:
    """A pipe that nobody reads any more ends the command with status 1, and without a word."""
    arguments = [sys.executable, "-X", "dev", "-W", "error", *COMMAND[1:], "generate", "json", "stores.yaml"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert (process.stderr.read(), process.wait(timeout=120)) == (b"", 1)


def test_messages_that_nobody_reads(registry: Path) -> None:
    """A file is written though nobody reads what is said of it."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "generate", "json", "stores.yaml", "-o", "new.json"], check=False, stderr=writing, timeout=120
    )
    os.close(writing)
    assert (done.returncode, Path("new.json").is_file()) == (0, True)


def test_streams_that_are_no_files(registry: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that calls the command may collect what it says in memory."""
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert main(["list", "stores.yaml", "missing.yaml"]) == 1
    done = run("list", "stores.yaml", "missing.yaml")
    assert [out.getvalue(), err.getvalue()] == [done.stdout.decode(), done.stderr.decode()]
    with pytest.raises(SystemExit) as exited:
        main(["--version"])
    assert (exited.value.code, out.getvalue()[len(done.stdout.decode()) :]) == (0, run("--version").stdout.decode())


class Writer:
    """The least that Python takes for a stream."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        """Keep a text."""
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Do nothing."""


def test_a_stream_that_can_only_be_written_to(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that cannot say whether it is a terminal is none."""
    out = Writer()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("COLUMNS", "")
    assert main(["list", "stores.yaml", "--limit", "1", "--columns", "name"]) == 0
    assert out.text == "store-0\n"
    with pytest.raises(SystemExit):
        main(["list", "--help"])
    assert "usage: statestores list" in out.text


@pytest.mark.parametrize("make", [closed, lambda: None])
def test_streams_that_a_program_has_closed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], make: Callable[[], io.StringIO | None]
) -> None:
    """What has no way out is told where there is one, and else by the status alone."""
    monkeypatch.setattr(sys, "stdout", make())
    assert main(["schema"]) == 2
    assert "statestores: standard output: " in capsys.readouterr().err
    monkeypatch.setattr(sys, "stderr", make())
    assert main(["schema"]) == 2


def test_what_was_printed_before_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A result does not overtake what a program has printed, which Python may not have written yet."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(raw), encoding="ascii"))
    sys.stdout.write("before\n")
    print_result("→ result\n")
    sys.stdout.write("after\n")
    sys.stdout.flush()
    assert raw.getvalue().decode() == "before\n→ result\nafter\n"


def test_messages_in_any_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message is written in the encoding of standard error, with escapes for what that does not have."""
    for encoding, written in (("ascii", r"f\xfcr \u6f22"), ("latin-1", r"für \u6f22"), ("utf-8", "für 漢")):
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(raw, encoding=encoding, errors="strict"))
        complain("für 漢")
        assert raw.getvalue().decode(encoding) == f"{written}\n"


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"PYTHONIOENCODING": "utf-16"},
        {"LC_ALL": "nowhere"},
        {"TERM": ""},
        {"TERM": "x" * 5000},
        {"HOME": "/nowhere"},
        {"COLUMNS": "9" * 5000},
        {"COLUMNS": "1000000000"},
        {"COLUMNS": "-1"},
        {"COLUMNS": "1"},
        {"COLUMNS": "²"},
    ],
)
def test_any_environment(registry: Path, run: Run, environment: dict[str, str]) -> None:
    """Results are the same bytes in every environment; help and messages come in every one."""
    assert (
        run("generate", "json", "stores.yaml", env=environment).stdout
        == run("generate", "json", "stores.yaml").stdout
    )
    assert run("list", "stores.yaml", env=environment).stdout == run("list", "stores.yaml").stdout
    done = run("list", "--help", env=environment)
    assert (done.returncode, done.stdout[:23], done.stderr) == (0, b"usage: statestores list", b"")
    done = run("list", "für.yaml", os.fsdecode(b"\xff.yaml"), "--limit", "ü", env=environment)
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False)


@pytest.mark.parametrize("arguments", [("\x1b[31m",), ("list", "--\x1b[31m\n"), ("list", "--color", "\x1b[31m")])
def test_bad_usage_is_harmless(run: Run, arguments: tuple[str, ...]) -> None:
    """Arguments that nobody knows are shown without what a terminal would obey."""
    done = run(*arguments)
    assert (done.returncode, b"\x1b" in done.stderr, rb"\x1b[31m" in done.stderr) == (2, False, True)


@pytest.mark.parametrize("text", ["", "\x00", "\udcff", "-", "--", "x" * 100_000])
@pytest.mark.parametrize("before", [[], ["list"], ["check"], ["diff"], ["generate", "json", "-o"], ["generate"]])
def test_any_argument(
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    before: list[str],
    text: str,
) -> None:
    """No argument of a program that calls the command ends in an exception other than ``SystemExit``."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x-state-stores: 1")))
    try:
        status = main([*before, text])
    except SystemExit as exited:
        status = int(exited.code or 0)
    assert (status, bool(capsys.readouterr().err)) in {(1, True), (2, True)}


def test_a_folder_that_is_gone(registry: Path, run: Run) -> None:
    """In a folder that was removed, files with a whole path are read and written, and others are not there."""
    gone = registry.parent / "gone"

    def run_there(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        gone.mkdir()

        def leave() -> None:
            os.chdir(gone)
            gone.rmdir()

        with registry.open("rb") as stream:
            return run(*arguments, preexec_fn=leave, stdin=stream)

    (registry.parent / ".git").rmdir()
    assert run_there("generate", "json", str(registry)).stdout == run("generate", "json", str(registry)).stdout
    assert run_there("generate", "json", str(registry), "-o", str(registry.with_suffix(".json"))).returncode == 0
    assert run_there("list", "-").stdout == run("list", str(registry)).stdout
    assert b"stores.yaml: error: there is no such file" in run_there("check", "stores.yaml").stdout
    assert run_there("generate", "json", str(registry), "-o", "new.json").returncode == 2
    assert run_there("diff", "HEAD").returncode == 1


def test_a_folder_that_is_gone_has_no_outputs(registry: Path, run: Run) -> None:
    """What no command has foreseen of the file system is one line and status 2."""
    gone = registry.parent / "gone"
    gone.mkdir()
    text = b"x-outputs: [{format: json, path: a.json}]\n" + registry.read_bytes()

    def leave() -> None:
        os.chdir(gone)
        gone.rmdir()

    done = run("generate", "outputs", "-", preexec_fn=leave, input=text)
    assert (done.returncode, len(done.stderr.splitlines()), b"Traceback" in done.stderr) == (2, 1, False)
