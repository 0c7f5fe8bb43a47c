"""``statestores check --observed``: what contradicts what was seen on servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Run

STORES = """\
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: p}
  mail-statestore: {backend: mysql, service: Mail, purpose: p}
"""
SERVER: dict[str, Any] = {
    "product": "Redis 7.0.15", "role": "", "started": "2026-11-26T09:30:00Z", "seconds": 1, "most_keys": 9,
    "most_seconds": 9, "total": 1, "seen": 1,
}  # fmt: skip


def write(name: str, *backends: str, **parts: Any) -> None:
    """Write what was seen."""
    server = {**SERVER, "backends": backends}
    Path(name).write_text(json.dumps({"version": 1, "servers": [server], **parts}), encoding="utf-8")


@pytest.fixture(autouse=True)
def observed(repository: Path) -> None:
    """Write a registry and what was seen on two servers."""
    (repository / "schemas").mkdir()
    Path("schemas/state-stores.yaml").write_text(STORES, encoding="utf-8")
    write("redis.json", "redis", unknown_keys=[{"server": 0, "pattern": "x:*", "keys": 2}])
    write(
        "mysql.json", "mysql", stores=[{"name": "mail-statestore", "server": 0, "table": {"name": "mail_statestore"}}]
    )


def kinds(text: bytes) -> list[str]:
    """Return the kinds of problems in a report."""
    return [line.rpartition(" [")[2].rstrip("]") for line in text.decode().splitlines()]


def test_several_files(run: Run) -> None:
    """Each file is compared, and warnings make a run fail with ``-W`` only."""
    done = run("check", "--observed", "redis.json", "--observed", "mysql.json")
    assert done.returncode == 0
    assert kinds(done.stdout) == ["unseen_store", "unknown_keys"]
    assert run("check", "-W", "--observed", "redis.json").returncode == 1
    assert run("check", "-W", "--observed", "mysql.json").returncode == 0
    assert run("check", "-W").returncode == 0


def test_formats(run: Run) -> None:
    """The reports for programs have these problems, too, each at its place."""
    [first, second] = json.loads(run("check", "--format", "json", "--observed", "redis.json").stdout)
    assert (first["kind"], first["line"], second["kind"]) == ("unseen_store", 2, "unknown_keys")
    sarif = json.loads(run("check", "--format", "sarif", "--observed", "redis.json").stdout)
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == ["unseen_store", "unknown_keys"]
    assert run("check", "--format", "github", "--observed", "redis.json").stdout.startswith(b"::warning file=schemas")


def test_the_settings_file_names_it(run: Run) -> None:
    """What the settings file names is compared unless files are named, or other observations."""
    Path("statestores.toml").write_text('observed = ["redis.json"]\n', encoding="utf-8")
    assert kinds(run("check").stdout) == ["unseen_store", "unknown_keys"]
    assert kinds(run("check", "schemas/state-stores.yaml").stdout) == []
    assert kinds(run("check", "--observed", "mysql.json").stdout) == []


@pytest.mark.parametrize("value", ['"/etc/passwd"', '"../x.json"', '"https://example.org/x.json"', "1", "[1]", '""'])
def test_paths_of_the_settings_file(run: Run, value: str) -> None:
    """The settings file names no file outside of the repository, and its mistakes are errors."""
    Path("statestores.toml").write_text(f"observed = {value}\n", encoding="utf-8")
    done = run("check")
    assert done.returncode == 1
    assert b"'observed'" in done.stdout


def test_files_that_cannot_be_compared(run: Run) -> None:
    """A missing file and a wrong one are errors; half a registry tells nothing."""
    done = run("check", "--observed", "nowhere.json")
    assert (done.returncode, done.stdout.decode()) == (
        1,
        "nowhere.json: error: there is no such file [unreadable_file]\n",
    )
    Path("redis.json").write_text("{}", encoding="utf-8")
    done = run("check", "--observed", "redis.json", "--observed", "mysql.json")
    assert (done.returncode, kinds(done.stdout)) == (1, ["wrong_shape"])
    Path("schemas/state-stores.yaml").write_text(STORES + "  b: {}\n", encoding="utf-8")
    assert b"redis.json" not in run("check", "--observed", "redis.json").stdout


def test_rules_of_the_settings_file(run: Run) -> None:
    """The settings file sets the rules as it sets all others."""
    text = "[lint]\nunseen_store = 'off'\nunknown_keys = {severity = 'error', except = ['y*']}\n"
    Path("statestores.toml").write_text(text, encoding="utf-8")
    done = run("check", "--observed", "redis.json")
    assert (done.returncode, kinds(done.stdout)) == (1, ["unknown_keys"])


def test_an_ignore_comment_is_used(run: Run) -> None:
    """A comment silences the problem at its store, and is no unused one where no server is compared."""
    comment = "  # statestores: ignore[unseen_store]"
    text = STORES.replace("Auth, purpose: p}", f"Auth, purpose: p}}{comment}")
    Path("schemas/state-stores.yaml").write_text(text, encoding="utf-8")
    assert kinds(run("check", "--observed", "redis.json").stdout) == ["unknown_keys"]
    assert kinds(run("check").stdout) == []


def test_list(run: Run) -> None:
    """What was seen is a column, an order and a filter of a list, from files or the settings file."""
    groups = [{"pattern": "auth:*", "keys": 7, "sampled": 1, "sampled_bytes": 3000}]
    write("redis.json", "redis", stores=[{"name": "auth-statestore", "server": 0, "groups": groups}])
    columns = ("--columns", "name,seen-keys,seen-bytes,seen", "--sort=-seen-keys")
    done = run("list", *columns, "--observed", "redis.json", "--observed", "mysql.json")
    assert [line.split() for line in done.stdout.decode().splitlines()] == [
        ["auth-statestore", "7", "21", "KiB", "2026-11-26"],
        ["mail-statestore", "2026-11-26"],
    ]
    done = run("list", *columns)
    assert done.returncode == 2
    assert b"it needs what 'statestores observe' has seen" in done.stderr
    Path("statestores.toml").write_text('observed = "redis.json"\n', encoding="utf-8")
    assert run("list", "--seen-keys", "7", "--format", "names").stdout == b"auth-statestore\n"
    Path("redis.json").write_text("{}", encoding="utf-8")
    assert b"redis.json: error: this is neither" in run("list", *columns).stderr
