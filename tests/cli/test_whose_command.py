"""``statestores whose``: keys on the wire, and the stores that they belong to."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from conftest import COMMAND

from sphinx_statestores.cli.input import read_lines
from sphinx_statestores.cli.outcome import UnusableError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

REGISTRY = """\
x-services: {Auth: {title: Identity}}
x-state-stores:
  auth-statestore:
    backend: redis
    prefix: auth
    service: Auth
    purpose: Sessions and tokens
    keys: [{pattern: "session:{id}", type: hash, ttl: 24h, purpose: Who is there}]
  auth-edge: {backend: redis, prefix: "auth:edge", service: Auth, purpose: Edge tokens}
  auth-old: {backend: redis, prefix: "auth:old", service: Auth, purpose: P, status: removed}
  account-data: {backend: mysql, service: Account, purpose: Accounts}
  twin-a: {backend: redis, prefix: twin, service: Twin, purpose: A}
  twin-b: {backend: redis, prefix: twin, service: Twin, purpose: B}
"""


@pytest.fixture(autouse=True)
def registry(repository: Path) -> None:
    """Write a registry where the command looks for it."""
    (repository / "schemas").mkdir()
    (repository / "schemas/state-stores.yaml").write_text(REGISTRY, encoding="utf-8")


def test_keys_as_arguments(run: Run) -> None:
    """Each key is a line with its store, the backend, the owner, the pattern and what the key is."""
    done = run("whose", "auth:edge:token:abc", "auth:session:7", "auth:x", "account_data", "auth:old:1")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == [
        "auth:edge:token:abc  auth-edge           Redis  Auth     auth:edge:*     Edge tokens",
        "auth:session:7       auth-statestore     Redis  Auth     auth:session:*  Who is there (hash, 24h)",
        "auth:x               auth-statestore     Redis  Auth     auth:*          Sessions and tokens",
        "account_data         account-data        MySQL  Account  account_data    Accounts",
        "auth:old:1           auth-old (removed)  Redis  Auth     auth:old:*      P",
    ]


def test_a_key_of_several_stores(run: Run) -> None:
    """A key that two stores have an equal claim to has a line for each."""
    done = run("whose", "twin:1")
    assert done.returncode == 0
    assert [line.split()[1] for line in done.stdout.decode().splitlines()] == ["twin-a", "twin-b"]


def test_nobodys_keys(run: Run) -> None:
    """A key of no store fails the command, and a prefix that is nearly one is suggested."""
    done = run("whose", "auht:edge:1", "auth:edge:1", "zzz")
    assert done.returncode == 1
    assert [line.split()[1] for line in done.stdout.decode().splitlines()] == ["nobody's", "auth-edge", "nobody's"]
    assert done.stderr.decode().splitlines() == [
        "statestores: no store has keys that begin as 'auht:edge:1' does; did you mean 'auth:edge'?"
    ]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("auth", "no store has the key 'auth': the store 'auth-statestore' has the keys 'auth:*'"),
        ("twin", "no store has the key 'twin': the store 'twin-a' has the keys 'twin:*'"),
        ("files", "no store has the key 'files': the store 'files' has the keys 'files/*'"),
        ("files:a", "no store has the key 'files:a': the store 'files' has the keys 'files/*'"),
        ("zzz/a/b", ""),
        ("flies/a", "no store has keys that begin as 'flies/a' does; did you mean 'files'?"),
        ("account_date", "no store has keys that begin as 'account_date' does; did you mean 'account_data'?"),
        (
            "account_data:7",
            "no store has the key 'account_data:7': the store 'account-data' has the table 'account_data'",
        ),
        ("lcok:7", "no store has keys that begin as 'lcok:7' does; did you mean 'lock'?"),
    ],
)
def test_what_is_like_nobodys_key(run: Run, repository: Path, key: str, message: str) -> None:
    """A key that is the begin of keys is no spelling mistake; others are compared with all that keys begin with."""
    more = """\
  files: {backend: s3, prefix: files, service: Files, purpose: P}
  locks: {backend: redis, prefix: x, service: Files, purpose: P, physical: {locks: "lock:*"}}
"""
    (repository / "schemas/state-stores.yaml").write_text(f"{REGISTRY}{more}", encoding="utf-8")
    done = run("whose", key)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == ([f"statestores: {message}"] if message else [])


def test_blanks_in_a_key(run: Run) -> None:
    """A key is shown as it is; only the purpose is put on one line."""
    keys = ("auth:a  b ", " auth:\tc", "auth:\u00a0d")
    assert run("whose", *keys).stdout.decode().splitlines() == [
        "auth:a  b   auth-statestore  Redis  Auth  auth:*  Sessions and tokens",
        " auth:\\tc   nobody's",
        "auth:\u00a0d     auth-statestore  Redis  Auth  auth:*  Sessions and tokens",
    ]
    done = run("whose", "-", input=b"auth:a  b \n auth:c\n")
    assert done.stdout.decode().splitlines() == [
        "auth:a  b   auth-statestore  Redis  Auth  auth:*  Sessions and tokens", " auth:c  nobody's"
    ]  # fmt: skip


def test_json(run: Run) -> None:
    """JSON has an object on a line for each key, with its owners, what it is, and the stores around."""
    done = run("whose", "auth:session:7", "auth:edge:1", "zzz", "--format", "json")
    assert done.returncode == 1
    session, edge, nobody = map(json.loads, done.stdout.splitlines())
    assert session == {
        "key": "auth:session:7",
        "stores": [
            {
                "name": "auth-statestore",
                "backend": "redis",
                "service": "Auth",
                "status": "active",
                "purpose": "Sessions and tokens",
                "pattern": "auth:session:*",
                "kind": "keys",
                "item": {"pattern": "session:{id}", "type": "hash", "ttl": "24h", "purpose": "Who is there"},
            }
        ],
        "around": [],
    }
    assert (edge["stores"][0]["name"], edge["stores"][0]["item"], edge["around"]) == (
        "auth-edge",
        None,
        ["auth-statestore"],
    )
    assert nobody == {"key": "zzz", "stores": [], "around": []}


def test_keys_from_standard_input(run: Run) -> None:
    """With '-', each line is a key; blank lines are none, and carriage returns and undecodable bytes do no harm."""
    done = run("whose", "-", input=b"auth:session:7\r\n\nzz\xff:\x1b[31m\nauth:edge:1")
    assert done.returncode == 1
    assert done.stdout.decode().splitlines() == [
        "auth:session:7  auth-statestore  Redis  Auth  auth:session:*  Who is there (hash, 24h)",
        "zz\\udcff:\\x1b[31m  nobody's",
        "auth:edge:1  auth-edge  Redis  Auth  auth:edge:*  Edge tokens",
    ]
    assert run("whose", "-", input=b"auth:session:7\n").returncode == 0
    assert run("whose", "-", input=b"").returncode == 0


def test_an_answer_does_not_wait_for_the_end() -> None:
    """A key on a pipe is answered while the pipe is open."""
    with subprocess.Popen([*COMMAND, "whose", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for key in (b"auth:edge:1", b"auth:1"):
            process.stdin.write(key + b"\n")
            process.stdin.flush()
            assert process.stdout.readline().startswith(key + b"  auth-")
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_a_line_without_an_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A line that does not end is refused before it fills the memory."""
    path = tmp_path / "long"
    path.write_bytes(b"a\n" + b"x" * (3 << 20))
    with path.open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        lines = read_lines()
        assert next(lines) == ["a"]
        with pytest.raises(UnusableError, match="a line has more than"):
            list(lines)


def test_other_registries(run: Run, repository: Path) -> None:
    """The option '--registry' names the files, which may be several and one of them standard input."""
    other = "x-state-stores: {b: {backend: redis, prefix: bee, service: A, purpose: P}}"
    (repository / "b.yaml").write_text(other, encoding="utf-8")
    assert run("whose", "auth:1", "--registry", "b.yaml").returncode == 1
    both = ("--registry", "b.yaml", "--registry", "schemas/state-stores.yaml")
    assert run("whose", "auth:1", "bee:1", *both).returncode == 0
    assert run("whose", "bee:1", "--registry", "-", input=other.encode()).returncode == 0
    done = run("whose", "-", "--registry", "-", input=b"")
    assert (done.returncode, done.stderr) == (2, b"statestores: standard input can be read once only\n")


def test_a_registry_with_errors(run: Run, repository: Path) -> None:
    """Keys of what can be read are found, and the command fails, since one of them may belong to what cannot."""
    path = repository / "schemas/state-stores.yaml"
    path.write_text(f"{REGISTRY}  bad: {{backend: rediss, service: A, purpose: P}}\n", encoding="utf-8")
    done = run("whose", "auth:1")
    assert done.returncode == 1
    assert b"auth-statestore" in done.stdout
    assert b"unknown backend 'rediss'" in done.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_registry(run: Run, repository: Path, form: str) -> None:
    """Where no store is known, a key is not said to be nobody's."""
    (repository / "schemas/state-stores.yaml").unlink()
    done = run("whose", "auth:a", "--format", form)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"there is no such file" in done.stderr


def test_no_key(run: Run) -> None:
    """Without a key, the command says how it is used."""
    done = run("whose")
    assert done.returncode == 2
    assert b"KEY" in done.stderr
