"""``statestores diff``, called as a function and run as users run it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sphinx_statestores.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Repository, RunInTerminal

OLD = "x-state-stores:\n  auth: {backend: redis, service: Auth, purpose: Sessions}\n"
NEW = (
    "x-state-stores:\n  auth: {backend: own, service: Auth, purpose: Sessions}\n"
    "  mail: {backend: mysql, service: Mail, purpose: Letters}\n"
)
GUIDE = "x-backends:\n  own: {label: Our own}\n"
DIFFERENCE = (
    "+ mail  MySQL  Mail  Letters\n~ auth: backend: redis → own\n\n"
    "1 added, 1 changed: from 1 store (1 Redis) to 2 stores (1 MySQL, 1 Our own).\n"
)


@pytest.fixture
def project(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A project whose registry has changed since ``v1.0`` and is not committed."""
    git_repository.write("schemas/state-stores.yaml", OLD)
    git_repository.commit("v1.0")
    git_repository.write("schemas/state-stores.yaml", NEW)
    git_repository.write("schemas/state-stores-guide.yaml", GUIDE)
    git_repository.write("old.yaml", OLD)
    monkeypatch.chdir(git_repository.folder)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return git_repository


@pytest.mark.parametrize(
    "versions",
    [
        ("v1.0",),
        ("v1.0", "schemas/state-stores.yaml"),
        ("old.yaml", "schemas/state-stores.yaml"),
        ("HEAD:schemas/state-stores.yaml", "./schemas/state-stores.yaml"),
    ],
)
def test_versions(project: Repository, capfdbinary: Any, versions: tuple[str, ...]) -> None:
    """Files and revisions compare alike, the guide of each included; changes are no failure."""
    assert main(["diff", *versions]) == 0
    assert capfdbinary.readouterr() == (DIFFERENCE.encode(), b"")


def test_no_changes(project: Repository, capfd: Any) -> None:
    """Two versions that say the same are said to, and are no failure with ``--exit-code``."""
    assert main(["diff", "v1.0", "old.yaml", "--exit-code"]) == 0
    assert capfd.readouterr() == ("No changes.\n", "")


def test_exit_code(project: Repository, capfd: Any) -> None:
    """``--exit-code`` makes a failure of changes; they are printed all the same."""
    assert main(["diff", "v1.0", "--exit-code"]) == 1
    assert capfd.readouterr() == (DIFFERENCE, "")


@pytest.mark.parametrize(("form", "start"), [("json", "{"), ("markdown", "1 added, 1 changed"), ("text", "+ mail")])
def test_formats(project: Repository, capfd: Any, form: str, start: str) -> None:
    """Each format is printed on demand."""
    assert main(["diff", "v1.0", "--format", form]) == 0
    assert capfd.readouterr().out.startswith(start)


def test_standard_input(project: Repository, capfd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version may come from standard input, in either place, but not in both."""
    for arguments, added, removed in ((("-", "v1.0"), 0, 0), (("schemas/state-stores.yaml", "-"), 0, 1)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(OLD.encode())))
        assert main(["diff", *arguments, "--format", "json"]) == 0
        content = json.loads(capfd.readouterr().out)
        assert (len(content["added"]), len(content["removed"])) == (added, removed)
    assert main(["diff", "-", "-"]) == 2
    assert capfd.readouterr() == ("", "statestores: standard input can be read once only\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("v1",), "v1: error: there is no revision 'v1'; did you mean 'v1.0'? [unreadable_file]\n"),
        (("ol.yaml",), "ol.yaml: error: there is no such file; did you mean 'old.yaml'? [unreadable_file]\n"),
        (
            ("v1.0", "."),
            ".: error: this is a directory, not a file: name the registry file in it [unreadable_file]\n",
        ),
        (("--", "--help", "v1.0"), "--help: error: there is no revision '--help' [unreadable_file]\n"),
    ],
)
def test_a_version_that_cannot_be_read(
    project: Repository, capfd: Any, arguments: tuple[str, ...], message: str
) -> None:
    """What cannot be read is one line, nothing is compared, and the command fails."""
    assert main(["diff", *arguments]) == 1
    assert capfd.readouterr() == ("", message)


def test_both_are_told(project: Repository, capfd: Any) -> None:
    """When neither version can be read, both are told."""
    assert main(["diff", "v8", "v9"]) == 1
    assert [line.partition(":")[0] for line in capfd.readouterr().err.splitlines()] == ["v8", "v9"]


def test_a_registry_with_errors(project: Repository, capfd: Any) -> None:
    """Errors are printed, what is sound is compared, and the command fails and says what that means."""
    project.write("bad.yaml", OLD + "  mail: {backend: mysqll, service: Mail, purpose: Letters}\n")
    assert main(["diff", "bad.yaml"]) == 1
    out, err = capfd.readouterr()
    assert out == DIFFERENCE
    assert err == (
        "bad.yaml:3:19: error: unknown backend 'mysqll' of the store 'mail'; "
        "did you mean 'mysql'? [unknown_backend]\n"
        "statestores: stores with errors are left out and count as missing\n"
    )


def test_a_registry_of_errors_only(project: Repository, capfd: Any) -> None:
    """A version of which nothing is left is not compared: everything would seem removed."""
    project.write("bad.yaml", "x-state-stores: [")
    assert main(["diff", "v1.0", "bad.yaml"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("bad.yaml:1:17: error: '[' is never closed")
    assert err.count("\n") == 1


def test_warnings_are_left_to_check(project: Repository, capfd: Any) -> None:
    """What is merely odd about a version is not the comparison's business."""
    project.write("odd.yaml", OLD.replace("purpose: Sessions", "purpose: Sessions, colour: red"))
    assert main(["diff", "v1.0", "odd.yaml"]) == 0
    out, err = capfd.readouterr()
    assert out.startswith("~ auth: colour: (none) → red\n")
    assert err == ""


def test_usage(capfd: Any) -> None:
    """Without a version, or with a format that there is not, the command could not run."""
    for arguments in (["diff"], ["diff", "a", "b", "c"], ["diff", "a", "--format", "xml"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        assert "usage: statestores" in capfd.readouterr().err


def test_in_a_terminal(project: Repository, run_in_terminal: RunInTerminal) -> None:
    """A terminal gets colours unless somebody asked for none, lines of its width, and nothing that it would obey."""
    project.write("new.yaml", NEW.replace("purpose: Letters", r'purpose: "\u202E Letters of all kinds"'))
    coloured, status = run_in_terminal("diff", "v1.0", "new.yaml")
    assert status == 1
    project.write("new-guide.yaml", GUIDE)
    coloured, status = run_in_terminal("diff", "v1.0", "new.yaml", COLUMNS="40")
    assert (coloured.splitlines()[0], status) == ("\x1b[32m+ mail  MySQL  Mail  \\u202e Letters of…\x1b[0m", 0)
    assert "\x1b" not in run_in_terminal("diff", "v1.0", "new.yaml", NO_COLOR="1")[0]
    assert "\x1b" not in run_in_terminal("diff", "v1.0", "new.yaml", "--format", "markdown")[0]
    assert "\\u202e" in run_in_terminal("diff", "v1.0", "new.yaml", "--format", "markdown")[0]


def test_colours_on_demand(project: Repository, capfd: Any) -> None:
    """Colours can be asked for where no terminal is."""
    assert main(["diff", "v1.0", "--color", "always"]) == 0
    assert capfd.readouterr().out.startswith("\x1b[32m+ mail")


def test_limits(project: Repository, capfd: Any) -> None:
    """A limit of size holds for files and for revisions; options may stand anywhere."""
    assert main(["diff", "v1.0", "--size-limit", "0.00001", "old.yaml"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert (
        err.count(
            "the file is larger than the limit of 10 bytes: raise it with '--size-limit' or 'statestores_size_limit'"
        )
        == 2
    )


def test_root(project: Repository, tmp_path: Path, capfd: Any) -> None:
    """No link is followed out of the root, for a file as for a revision; a root that is none is bad usage."""
    (project.folder / "schemas").rename(tmp_path / "elsewhere")
    (project.folder / "schemas").symlink_to(tmp_path / "elsewhere")
    for version in ("v1.0", "schemas/state-stores.yaml"):
        assert main(["diff", version, "old.yaml"]) == 1
        assert "a link leads out of" in capfd.readouterr().err
    assert main(["diff", "schemas/state-stores.yaml", "old.yaml", "--root", str(tmp_path)]) == 0
    assert main(["diff", "v1.0", "old.yaml", "--root", str(tmp_path)]) == 1
    assert "this is not a git repository" in capfd.readouterr().err
    assert main(["diff", "v1.0", "--root", "nowhere"]) == 2


def test_as_a_process(project: Repository) -> None:
    """The command works from a subfolder as git does: a revision's path is that from the root."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx_statestores", "diff", "v1.0:schemas/state-stores.yaml", "state-stores.yaml"],
        cwd=project.folder / "schemas",
        check=False,
        capture_output=True,
    )
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, DIFFERENCE, b"")


BREAKING = (
    "breaking: auth: backend: Redis → Our own\n"
    "  The data stay in Redis, and nothing moves them to Our own.\n"
    "  schemas/state-stores.yaml:2:19\n"
    "safe: mail: added\n"
    "  It has no data yet.\n"
    "  schemas/state-stores.yaml:3:3\n"
    "\n"
    "1 breaking, 1 safe.\n"
)


@pytest.mark.parametrize("versions", [(), ("HEAD",), ("v1.0",), ("old.yaml", "schemas/state-stores.yaml")])
def test_breaking(project: Repository, capfd: Any, versions: tuple[str, ...]) -> None:
    """``--breaking`` says what changes do to live data, by default since the last commit; a breaking one fails."""
    assert main(["diff", "--breaking", *versions]) == 1
    assert capfd.readouterr() == (BREAKING, "")


@pytest.mark.parametrize(
    ("form", "start"), [("json", '{\n  "version": 1,\n  "counts": {'), ("markdown", "1 breaking, 1 safe.")]
)
def test_breaking_in_other_formats(project: Repository, capfd: Any, form: str, start: str) -> None:
    """The formats are those of ``diff``; the status is the same."""
    assert main(["diff", "v1.0", "--breaking", "--format", form]) == 1
    assert capfd.readouterr().out.startswith(start)


def test_breaking_as_annotations(project: Repository, capfd: Any) -> None:
    """For GitHub, each change is an annotation at its line; the format is only for what changes do to data."""
    assert main(["diff", "v1.0", "--breaking", "--format", "github"]) == 1
    assert capfd.readouterr().out == (
        "::error file=schemas/state-stores.yaml,line=2,col=19,title=breaking%3A auth::backend: Redis → Our own. The "
        "data stay in Redis, and nothing moves them to Our own.\n"
        "::notice file=schemas/state-stores.yaml,line=3,col=3,title=safe%3A mail::added. It has no data yet.\n"
    )
    with pytest.raises(SystemExit):
        main(["diff", "v1.0", "--format", "github"])
    assert "add --breaking" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("change", "status", "with_exit_code"),
    [
        ({"Sessions": "Tokens"}, 0, 0),
        ({"purpose: Sessions}": "purpose: Sessions, status: deprecated}"}, 0, 0),
        ({"purpose: Sessions}": "purpose: Sessions, status: planned}"}, 0, 1),
        ({"redis": "mysql"}, 1, 1),
    ],
)
def test_breaking_with_exit_code(
    project: Repository, capfd: Any, change: dict[str, str], status: int, with_exit_code: int
) -> None:
    """With ``--exit-code``, a change that needs care fails as well; a safe one never does."""
    text = OLD
    for before, after in change.items():
        text = text.replace(before, after)
    project.write("new.yaml", text)
    assert main(["diff", "--breaking", "old.yaml", "new.yaml"]) == status
    assert main(["diff", "--breaking", "--exit-code", "old.yaml", "new.yaml"]) == with_exit_code


def test_nothing_breaking(project: Repository, capfd: Any) -> None:
    """Without consequences, one sentence says so."""
    assert main(["diff", "--breaking", "v1.0", "old.yaml"]) == 0
    assert capfd.readouterr() == ("No change affects live data.\n", "")
    assert main(["diff", "--breaking", "v1.0", "old.yaml", "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out)["consequences"] == []
