"""The command ``statestores``, run as users run it and called as a function."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sphinx_statestores
from sphinx_statestores.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "GENERATED-STATE-STORES.md"

SMALL = "x-state-stores:\n  auth: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}\n"
BAD = "x-state-stores:\n  auth: {backend: redsi, service: Auth, purpose: Sessions}\n  mail: {}\n"

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX pipes and devices")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the repository's registry to an empty project, and go there."""
    shutil.copytree(ROOT / "schemas", tmp_path / "project" / "schemas")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def environment() -> dict[str, str]:
    # Output is buffered for users, so it is here; a broken pipe then shows late.
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHONUNBUFFERED", "COVERAGE"))
    }


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    settings: dict[str, Any] = {"capture_output": True, "timeout": 120, "env": environment(), **options}
    command = [sys.executable, "-m", "sphinx_statestores", *arguments]
    return subprocess.run(command, check=False, **settings)


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_page_is_printed(project: Path) -> None:
    """In a project the command prints the page of its registry and guide, byte for byte, and nothing else."""
    before = snapshot(project)
    done = run("generate", "markdown")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == PAGE.read_bytes()
    assert snapshot(project) == before


def test_files_can_be_named(project: Path) -> None:
    """Named files are taken as they are, without the guide that stands beside them."""
    done = run("generate", "markdown", "schemas/state-stores.yaml")
    assert done.returncode == 0
    assert b"124 stores" in done.stdout
    assert b"Deployment Flexibility" not in done.stdout


def test_the_guide_is_optional(project: Path) -> None:
    """Without a guide the default is the registry alone."""
    (project / "schemas" / "state-stores-guide.yaml").unlink()
    done = run("generate", "markdown")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"124 stores" in done.stdout


def test_a_file_is_written(project: Path) -> None:
    """With ``-o`` the page goes to a file, also in a new folder, and standard output stays empty."""
    done = run("generate", "markdown", "-o", "docs/out.md")
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"docs" in done.stderr
    assert (project / "docs" / "out.md").read_bytes() == PAGE.read_bytes()


def test_an_equal_file_is_left_alone(project: Path) -> None:
    """A file that is up to date is not written again, and nothing is said."""
    shutil.copy(PAGE, project / "out.md")
    before = snapshot(project)
    done = run("generate", "markdown", "-o", "out.md")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert snapshot(project) == before


def test_checking_an_equal_file(project: Path) -> None:
    """``--check`` of a file that is up to date says nothing and exits with 0."""
    shutil.copy(PAGE, project / "out.md")
    done = run("generate", "markdown", "-o", "out.md", "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_checking_a_different_file(project: Path) -> None:
    """``--check`` of a file that has drifted prints a unified diff, writes nothing and exits with 1."""
    text = PAGE.read_text(encoding="utf-8")
    (project / "out.md").write_text(text.replace("| Account | Persistent", "| Account | Lasting"), encoding="utf-8")
    before = snapshot(project)
    done = run("generate", "markdown", "-o", "out.md", "--check")
    assert done.returncode == 1
    assert done.stdout.startswith(b"--- out.md\n+++ out.md (generated)\n@@ ")
    assert b"\n-| `account-statestore` | MySQL | Account | Lasting account data |\n" in done.stdout
    assert b"\n+| `account-statestore` | MySQL | Account | Persistent account data |\n" in done.stdout
    assert snapshot(project) == before


def test_checking_a_missing_file(project: Path) -> None:
    """``--check`` of a file that is not there prints the whole page as added, makes no file and exits with 1."""
    before = snapshot(project)
    done = run("generate", "markdown", "-o", "docs/out.md", "--check")
    assert done.returncode == 1
    assert b"\n+**Total**: 124 stores (77 Redis, 47 MySQL)\n" in done.stdout
    assert snapshot(project) == before
    assert not (project / "docs").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("generate",),
        ("generate", "html"),
        ("generate", "markdown", "--check"),
        ("generate", "markdown", "--check", "-o", "-"),
        ("generate", "outputs", "-o", "-"),
        ("generate", "markdown", "-o"),
        ("generate", "markdown", "--nonsense"),
        ("nonsense",),
    ],
)
def test_bad_usage(project: Path, arguments: tuple[str, ...]) -> None:
    """Arguments that make no sense are explained on standard error, with exit status 2."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"usage: statestores" in done.stderr
    assert b"Traceback" not in done.stderr


def test_check_without_a_file_says_what_is_missing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--check`` without ``-o`` names the option that it needs."""
    with pytest.raises(SystemExit) as exited:
        main(["generate", "markdown", "--check"])
    assert exited.value.code == 2
    assert "-o OUT" in capsys.readouterr().err


def test_errors_of_a_registry(project: Path) -> None:
    """Every problem of a registry is a line on standard error; nothing is generated and the status is 1."""
    Path("bad.yaml").write_text(BAD)
    done = run("generate", "markdown", "bad.yaml")
    assert (done.returncode, done.stdout) == (1, b"")
    lines = done.stderr.decode().splitlines()
    pattern = r"bad\.yaml:\d+:\d+: (error|warning): .+ \[[a-z_]+\]"
    assert [bool(re.fullmatch(pattern, line)) for line in lines] == [True] * 4 + [False]
    assert lines[0] == (
        "bad.yaml:2:19: error: unknown backend 'redsi' of the store 'auth'; did you mean 'redis'? [unknown_backend]"
    )


def test_errors_leave_the_output_alone(project: Path) -> None:
    """A registry with an error neither writes nor checks the output."""
    Path("bad.yaml").write_text(BAD)
    Path("out.md").write_text("old\n")
    before = snapshot(project)
    for more in ((), ("--check",)):
        done = run("generate", "markdown", "bad.yaml", "-o", "out.md", *more)
        assert (done.returncode, done.stdout) == (1, b"")
    assert snapshot(project) == before


def test_warnings_do_not_stop_the_command(project: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A registry with warnings only is generated; they are printed beside it and the status is 0."""
    Path("odd.yaml").write_text(SMALL.replace("}", ", colour: red}"))
    assert main(["generate", "markdown", "odd.yaml"]) == 0
    printed = capsysbinary.readouterr()
    assert printed.out.startswith(b"# Generated State Store Reference\n")
    assert printed.err.startswith(b"odd.yaml:2:")
    assert printed.err.endswith(b"[unknown_field]\n")


def test_no_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Where there is no registry the command says which file it looked for."""
    monkeypatch.chdir(tmp_path)
    assert main(["generate", "markdown"]) == 1
    printed = capsysbinary.readouterr()
    assert printed.out == b""
    expected = f"{Path('schemas', 'state-stores.yaml')}: error: there is no such file: 'statestores init' writes one"
    assert printed.err.decode().startswith(expected)


def test_a_directory_for_a_registry(project: Path) -> None:
    """A folder named as a registry is an error of the registry, without a traceback."""
    done = run("generate", "markdown", "schemas")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"Traceback" not in done.stderr
    assert b"[unreadable_file]" in done.stderr


@pytest.mark.parametrize("output", ["schemas", "schemas/state-stores.yaml/out.md"])
@pytest.mark.parametrize("check", [(), ("--check",)])
def test_an_output_that_cannot_be(project: Path, output: str, check: tuple[str, ...]) -> None:
    """An output that cannot be written or read is named on standard error, with exit status 2."""
    before = snapshot(project)
    done = run("generate", "markdown", "-o", output, *check)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().startswith(f"statestores: {Path(output)}: ")
    assert b"Traceback" not in done.stderr
    assert snapshot(project) == before


def test_an_output_that_may_not_be_written(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder without the permission to write gives exit status 2 and leaves nothing behind."""

    def refuse(path: Any, flags: int, *mode: int) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, flags, *mode)

    before = snapshot(project)
    opened = os.open
    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.chdir(project)
    assert main(["generate", "markdown", "-o", "out.md"]) == 2
    assert capsys.readouterr().err == "statestores: out.md: Permission denied\n"
    assert snapshot(project) == before


def test_the_version(project: Path) -> None:
    """``--version`` prints the name and the version of the package."""
    done = run("--version")
    assert done.returncode == 0
    assert done.stdout.decode().split() == ["statestores", sphinx_statestores.__version__]


@pytest.mark.parametrize("arguments", [("--help",), ("generate", "--help")])
def test_help(project: Path, arguments: tuple[str, ...]) -> None:
    """Help goes to standard output with exit status 0, and names the commands and options."""
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    for word in (b"generate", b"--version") if len(arguments) == 1 else (b"markdown", b"--check", b"-o", b"FILE"):
        assert word in done.stdout


def test_calls_in_the_process(project: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Called as a function, the command returns its status and prints the same bytes."""
    assert main(["generate", "markdown"]) == 0
    assert capsysbinary.readouterr().out == PAGE.read_bytes()
    assert main(["generate", "markdown", "-o", "out.md"]) == 0
    assert main(["generate", "markdown", "-o", "out.md", "--check"]) == 0
    Path("out.md").write_text("old\n")
    assert main(["generate", "markdown", "-o", "out.md", "--check"]) == 1
    assert Path("out.md").read_text() == "old\n"
    assert main(["generate", "markdown", "-o", "schemas"]) == 2


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_output_is_utf_8_everywhere(project: Path, encoding: str) -> None:
    """The page is UTF-8 whatever the terminal's encoding is, and messages never fail for it."""
    Path("a.yaml").write_text(SMALL.replace("Sessions", "漢字, colour: 漢"), encoding="utf-8")
    Path("漢.yaml").write_text(BAD, encoding="utf-8")
    settings = {**environment(), "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = run("generate", "markdown", "a.yaml", env=settings)
    assert (done.returncode, "漢字" in done.stdout.decode("utf-8")) == (0, True)
    done = run("generate", "markdown", "漢.yaml", env=settings)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


@posix
@pytest.mark.parametrize("size", ["large", "small"])
@pytest.mark.parametrize("check", [(), ("-o", "none.md", "--check")])
def test_a_closed_pipe(project: Path, size: str, check: tuple[str, ...]) -> None:
    """A reader that goes away, as ``head`` does, causes no message and a status that is one of the command's own."""
    Path("small.yaml").write_text(SMALL)
    files = ["small.yaml"] if size == "small" else ["schemas/state-stores.yaml"]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(
            "generate", "markdown", *files, *check, capture_output=False, stdout=writing, stderr=subprocess.PIPE
        )
    finally:
        os.close(writing)
    assert done.stderr == b""
    assert done.returncode in {0, 1}


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("size", ["large", "small"])
def test_a_full_disk(project: Path, size: str) -> None:
    """Output that cannot be printed gives one line and exit status 2, not a traceback."""
    Path("small.yaml").write_text(SMALL)
    files = ["small.yaml"] if size == "small" else ["schemas/state-stores.yaml"]
    with Path("/dev/full").open("wb") as full:
        done = run("generate", "markdown", *files, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"statestores: ")
    assert done.returncode == 2


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names of any bytes")
@pytest.mark.parametrize("check", [(), ("-o", "out.md"), ("-o", "out.md", "--check")])
def test_a_file_name_that_is_no_text(project: Path, check: tuple[str, ...]) -> None:
    """A registry whose file name is not UTF-8 gives no traceback."""
    name = os.fsdecode(b"\xff.yaml")
    Path(name).write_text(SMALL)
    done = run("generate", "markdown", name, *check)
    assert b"Traceback" not in done.stderr
    assert done.returncode in {0, 1, 2}


@posix
def test_a_pipe_for_a_registry(project: Path) -> None:
    """A named pipe for a registry is refused and not waited for."""
    os.mkfifo(project / "pipe.yaml")
    done = run("generate", "markdown", "pipe.yaml", timeout=60)
    assert done.returncode == 1
    assert b"[unreadable_file]" in done.stderr


def many(number: int) -> str:
    return "x-state-stores:\n" + "".join(
        f"  a{n}: {{backend: redsi, service: A, purpose: p}}\n" for n in range(number)
    )


def test_a_hundred_of_a_kind_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Problems of one kind beyond a hundred are counted in one line; ``--all`` prints each of them."""
    path = tmp_path / "a.yaml"
    path.write_text(many(130))
    assert main(["generate", "markdown", str(path)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 102
    assert lines[100] == f"{path}:102:19: error: ... and 30 more of this kind (--all shows them) [unknown_backend]"
    assert main(["generate", "markdown", str(path), "--all"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 131


def test_the_size_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--size-limit`` says in MiB how large a registry file may be."""
    path = tmp_path / "a.yaml"
    path.write_text(SMALL + "#" * 2048)
    assert main(["generate", "markdown", str(path), "--size-limit", "0.01"]) == 0
    assert main(["generate", "markdown", str(path), "--size-limit", "0.001"]) == 1
    assert "larger than the limit of 1,048 bytes" in capsys.readouterr().err


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "inf", "1e30", "x", ""])
def test_a_size_limit_that_is_none(limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A limit that no file can have is bad usage."""
    with pytest.raises(SystemExit) as stopped:
        main(["generate", "markdown", f"--size-limit={limit}"])
    assert stopped.value.code == 2
    assert f"{limit!r} is not a valid size in MiB" in capsys.readouterr().err


def test_a_shipped_template(tmp_path: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--template`` takes the name of a shipped template; as a format, the name gets a hint."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stores.yaml").write_text(
        "x-state-stores:\n  auth: {backend: redis, prefix: auth, service: Auth, purpose: p, readers: [Mail]}\n"
        "x-services: {Mail: {}}\n",
        encoding="utf-8",
    )
    assert main(["generate", "--template", "redis-acl", "stores.yaml"]) == 0
    assert capfd.readouterr() == (
        'ACL SETUSER "Auth" resetkeys "~auth:*"\nACL SETUSER "Mail" resetkeys "%R~auth:*"\n',
        "",
    )
    assert main(["generate", "--template", "redis-acls", "stores.yaml"]) == 2
    assert "did you mean 'redis-acl'?" in capfd.readouterr().err
    with pytest.raises(SystemExit):
        main(["generate", "redis-acl", "stores.yaml"])
    assert "'redis-acl' is a template and no format: use --template redis-acl" in capfd.readouterr().err
