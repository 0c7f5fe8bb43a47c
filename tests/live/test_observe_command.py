"""``statestores observe``: the command, without servers and with them."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from conftest import COMMAND
from live_servers import REGISTRY

from sphinx_statestores.cli import main
from sphinx_statestores.cli.observe import document
from sphinx_statestores.cli.progress import ProgressLine, progress_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Run
    from live_servers import MysqlAt, RedisAt

SECRET = "Secr3t"  # noqa: S105 - of no server
#: Nothing listens there.
NOBODY = "redis://127.0.0.1:1"


@pytest.fixture(autouse=True)
def folder(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a registry where the command looks for it, and forget the credentials of whoever runs the tests."""
    (repository / "schemas").mkdir()
    (repository / "schemas/state-stores.yaml").write_text(REGISTRY, encoding="utf-8")
    for name in [name for name in os.environ if name.startswith("STATESTORES_")]:
        monkeypatch.delenv(name)
    return repository


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """See to it that Ctrl-C interrupts: a shell that starts tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Done(NamedTuple):
    """What a run of the command gave."""

    status: int
    out: str
    err: str


@pytest.fixture
def observe(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run the command in this process."""

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        try:
            status = main(["observe", *arguments])
        except SystemExit as error:
            status = int(error.code or 0)
        found = capsys.readouterr()
        return Done(status, found.out, found.err)

    return run


def seen(folder: Path) -> dict[str, Any]:
    """Return what was written."""
    found: dict[str, Any] = json.loads((folder / "observed.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a server with --redis or --mysql"),
        (("--redis", f"redis://user:{SECRET}@host"), "an address must have no user and no password"),
        (("--mysql", f"mysql://{SECRET}@host/app"), "an address must have no user and no password"),
        (("--redis", f"redis://host?password={SECRET}"), "an address must have no user and no password"),
        (("--redis", f"redis://host:{SECRET}"), "not an address of a server"),
        ((f"redis://:{SECRET}@host",), "needs --redis or --mysql in front of it"),
        (("--redis", NOBODY, f"mysql://:{SECRET}@host"), "needs --redis or --mysql in front of it"),
        (("--redsi", f"redis://:{SECRET}@host"), "unknown option '--redsi'"),
        ((f"--redsi=redis://:{SECRET}@host",), "unknown option '--redsi'"),
        (("--redis", NOBODY, "--keys", f"redis://:{SECRET}@host"), "must be a whole number, at least 1"),
        (("--redis", NOBODY, "--seconds", f"redis://:{SECRET}@host"), "must be a number of seconds above 0"),
        (("--redis", NOBODY, "--keys", "0"), "must be a whole number, at least 1"),
        (("--redis", NOBODY, "--sample", "-1"), "must be a whole number, at least 0"),
        (("--redis", NOBODY, "--seconds", "nan"), "must be a number of seconds above 0"),
        (("--redis", NOBODY, "--credentials", SECRET), "--credentials: No such file or directory"),
        (("--redis", f"valky={NOBODY}"), "--redis: unknown backend 'valky'; did you mean 'valkey'?"),
        (("--redis", f"mysql={NOBODY}"), "--redis: the stores of the backend 'mysql' have no keys"),
        (("--mysql", "redis=mysql://h"), "--mysql: the stores of the backend 'redis' have no tables"),
        (("--redis", NOBODY), f"statestores: {NOBODY}: the server cannot be reached: Connection refused"),
    ],
)
def test_what_cannot_run(
    folder: Path, observe: Callable[..., Done], arguments: tuple[str, ...], message: str
) -> None:
    """What cannot run exits with 2, writes nothing, and repeats nothing that may be a password."""
    done = observe("-o", "observed.json", *arguments)
    assert done.status == 2
    assert message in done.err
    assert SECRET not in done.err + done.out
    assert not (folder / "observed.json").exists()


def test_a_registry_with_errors(folder: Path, observe: Callable[..., Done]) -> None:
    """A registry with errors is reported, and no server is asked."""
    (folder / "schemas/state-stores.yaml").write_text("x-state-stores: {a: {backend: redis}}", encoding="utf-8")
    done = observe("--redis", NOBODY)
    assert done.status == 1
    assert done.err.splitlines()[-1] == "statestores: the registry has errors, no server is read"


@pytest.mark.parametrize(
    ("option", "package", "module"), [("redis", "redis", "redis_server"), ("mysql", "pymysql", "mysql_server")]
)
def test_without_the_packages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str, package: str, module: str
) -> None:
    """Where the package of a server is missing, the command says how to install it."""
    monkeypatch.delitem(sys.modules, f"sphinx_statestores.live.{module}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["observe", f"--{option}", f"{option}://host"]) == 2
    expected = f"--{option} needs the package {package}: python -m pip install 'sphinx-statestores[live]'"
    assert capsys.readouterr().err == f"statestores: {expected}\n"


@pytest.mark.parametrize("words", ["['list']", "['observe', '--redis', 'redis://a:b@c']"])
def test_packages_are_imported_when_a_server_is_read(run: Run, words: str) -> None:
    """No package of a server is imported before one is read."""
    program = (
        "import sys\nfrom sphinx_statestores.cli import main\n"
        f"main({words})\nraise SystemExit(sorted({{'redis', 'pymysql'}} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_both_servers(folder: Path, run: Run, redis_at: RedisAt, mysql_at: MysqlAt) -> None:
    """Several servers become one file, on standard output by default; stores are in the order of their names."""
    redis_at.client.set("auth:1", "x")
    mysql_at.run("CREATE TABLE app.state_records (store_name VARCHAR(50), KEY (store_name))")
    mysql_at.run("INSERT INTO app.state_records VALUES ('order-store')")
    servers = ("--redis", redis_at.url(), "--mysql", mysql_at.url(), "--redis", redis_at.url(1))
    done = run("observe", *servers, "-o", "observed.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"statestores: wrote observed.json\n")
    found = seen(folder)
    assert [(server["backends"], server["total"]) for server in found["servers"]] == [
        (["redis"], 1),
        (["redis"], 0),
        (["mysql"], 1),
    ]
    assert [(store["name"], store["server"]) for store in found["stores"]] == [("auth-store", 0), ("order-store", 2)]
    assert str(redis_at.socket.parent) not in (folder / "observed.json").read_text(encoding="utf-8")
    assert {path.name for path in folder.iterdir()} == {".git", "schemas", "observed.json"}
    again = run("observe", *servers)
    assert again.stderr == b""
    assert json.loads(again.stdout)["stores"][1:] == found["stores"][1:]


def test_other_backends(folder: Path, observe: Callable[..., Done], redis_at: RedisAt) -> None:
    """The stores of the backend that an address names are looked for; where there are none, this is said."""
    redis_at.client.set("auth:1", "x")
    done = observe("--redis", f"valkey={redis_at.url()}", "-o", "observed.json")
    hint = "no store has the backend 'valkey': name the backend of its stores, as in --redis BACKEND=URL"
    assert done.err == f"statestores: {redis_at.url()}: {hint}\nstatestores: wrote observed.json\n"
    assert (done.status, seen(folder)["stores"], seen(folder)["servers"][0]["backends"]) == (0, [], ["valkey"])
    observe("--redis", f"valkey,redis={redis_at.url()}", "-o", "observed.json")
    assert [store["name"] for store in seen(folder)["stores"]] == ["auth-store"]


def test_one_server_is_missing(folder: Path, observe: Callable[..., Done], redis_at: RedisAt) -> None:
    """When one of several servers cannot be reached, none is read."""
    redis_at.client.config_resetstat()
    done = observe("--redis", redis_at.url(), "--redis", NOBODY, "-o", "observed.json")
    assert (done.status, (folder / "observed.json").exists()) == (2, False)
    assert "cmdstat_scan" not in redis_at.client.info("commandstats")


def test_credentials(
    folder: Path, observe: Callable[..., Done], monkeypatch: pytest.MonkeyPatch, redis_at: RedisAt
) -> None:
    """User and password come from the environment or from a file, and are in no output."""
    redis_at.client.execute_command("ACL", "SETUSER", "reader", "on", f">{SECRET}", "~*", "+@all")
    redis_at.client.execute_command("ACL", "SETUSER", "default", "off")
    file = folder / "credentials.toml"
    file.write_text(f'["{redis_at.url()}"]\nusername = "reader"\npassword = "{SECRET}"\n', encoding="utf-8")
    by_file = ("--redis", redis_at.url(), "--credentials", str(file))
    monkeypatch.setenv("STATESTORES_REDIS_USERNAME", "reader")
    monkeypatch.setenv("STATESTORES_REDIS_PASSWORD", SECRET)
    try:
        runs = [observe("--redis", redis_at.url()), observe(*by_file)]
        monkeypatch.setenv("STATESTORES_REDIS_PASSWORD", f"{SECRET}x")
        file.chmod(stat.S_IRUSR)
        runs += [observe(*by_file), observe("--redis", redis_at.url())]
    finally:
        redis_at.client.execute_command("AUTH", "reader", SECRET)
        redis_at.client.execute_command("ACL", "SETUSER", "default", "on")
        redis_at.client.connection_pool.disconnect()
    assert [done.status for done in runs] == [0, 2, 0, 2]
    assert "others may read it" in runs[1].err
    assert "the user or the password is wrong or missing" in runs[3].err
    assert not [done for done in runs if SECRET in done.out + done.err or "reader" in done.out + done.err]


def interrupting(monkeypatch: pytest.MonkeyPatch, then: Callable[[], None]) -> None:
    """Do something when the first step of a reading is told."""

    def tell(self: ProgressLine, done: int, total: int) -> None:
        then()

    monkeypatch.setattr(ProgressLine, "tell", tell)


def test_an_interruption(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], redis_at: RedisAt
) -> None:
    """Ctrl-C writes what was seen, reads no further server, and exits with 130."""
    redis_at.client.set("auth:1", "x")
    interrupting(monkeypatch, lambda: signal.raise_signal(signal.SIGINT))
    arguments = ["observe", "--redis", redis_at.url(), "--redis", redis_at.url(1), "-o", "observed.json"]
    assert main(arguments) == 130
    found = seen(folder)
    assert [(server["stopped"], server["seen"]) for server in found["servers"]] == [("interrupted", 1)]
    assert found["stores"][0]["groups"][0]["keys"] == 1
    assert capsys.readouterr().err.splitlines()[-1] == "statestores: interrupted, what was seen until then is written"


def test_a_lost_connection(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], redis_at: RedisAt
) -> None:
    """When a connection is lost, the next server is read, what was seen is written, and the status is 1."""
    with redis_at.client.pipeline(transaction=False) as pipeline:
        for number in range(3_000):
            pipeline.set(f"auth:{number}", "x")
        pipeline.execute()
    interrupting(monkeypatch, lambda: redis_at.client.client_kill_filter(_type="normal", skipme=True))
    with_tables = ["observe", "--redis", redis_at.url(), "-o", "observed.json"]
    assert main(with_tables) == 1
    assert seen(folder)["servers"][0]["stopped"] == "interrupted"
    assert f"statestores: {redis_at.url()}: " in capsys.readouterr().err


def test_a_server_that_refuses(folder: Path, observe: Callable[..., Done], redis_at: RedisAt) -> None:
    """A server that refuses what is needed is named; other servers are written, and without any nothing is."""
    redis_at.client.set("auth:1", "x")
    redis_at.client.execute_command("ACL", "SETUSER", "reader", "on", ">pw", "~*", "+@all", "-scan")
    file = folder / "credentials.toml"
    address = redis_at.url(1)
    file.write_text(f'["{address}"]\nusername = "reader"\npassword = "pw"\n', encoding="utf-8")
    file.chmod(0o600)
    refusing = ("--redis", address, "--credentials", str(file), "-o", "observed.json")
    alone = observe(*refusing)
    assert alone == Done(2, "", f"statestores: {address}: SCAN: the user may not run it\n")
    assert not (folder / "observed.json").exists()
    both = observe(*refusing, "--redis", redis_at.url())
    assert (both.status, alone.err + "statestores: wrote observed.json\n") == (1, both.err)
    assert [(server["seen"], server.get("stopped")) for server in seen(folder)["servers"]] == [
        (0, "interrupted"),
        (1, None),
    ]


def test_a_file_that_cannot_be_written(observe: Callable[..., Done], redis_at: RedisAt) -> None:
    """A file that cannot be written exits with 2."""
    done = observe("--redis", redis_at.url(), "-o", "schemas")
    assert done.status == 2
    assert "schemas: Is a directory" in done.err


def test_lines_of_the_file() -> None:
    """Each record of the file is a line, so that a changed number is a changed line."""
    data: dict[str, Any] = {"version": 1, "servers": [{"a": "ü"}, {"b": [1]}], "stores": []}
    text = document(data)
    assert json.loads(text) == data
    assert text == ('{\n  "version": 1,\n  "servers": [\n    {"a": "ü"},\n    {"b": [1]}\n  ],\n  "stores": []\n}\n')


def test_the_line_of_progress() -> None:
    """A line has a bar, share, count and time, also when there are more keys than there were."""
    assert progress_text("redis://a:1", "keys", 1_500, 3_000, 2.4) == (
        "[##########..........]  50%  1,500 of 3,000 keys, 2 s  redis://a:1"
    )
    assert progress_text("t", "keys", 30, 20, 0).startswith("[####################] 100%  30 of 30 keys")
    assert progress_text("t", "tables", 0, 0, 0).startswith("[....................]   0%  0 of 0 tables")


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is written at most ten times a second, fits into the terminal, and goes away at the end."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("COLUMNS", "40")
    now = [0.0]
    line = ProgressLine("t\x1b[1m", "keys", lambda: now[0])
    for step in range(100):
        now[0] = step / 100
        line.tell(step, 100)
    line.end()
    assert isinstance(sys.stderr, Terminal)
    first, *lines, last = sys.stderr.getvalue().split("\r\x1b[K")
    assert (first, last, len(lines)) == ("", "", 10)
    assert max(map(len, lines)) == 39
    assert "\x1b" not in "".join(lines)


def test_no_progress_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written where standard error is no terminal, or is closed."""
    for stream in (io.StringIO(), None):
        monkeypatch.setattr(sys, "stderr", stream)
        line = ProgressLine("t", "keys")
        line.tell(1, 2)
        line.end()
        assert stream is None or stream.getvalue() == ""


def test_ctrl_c_in_a_terminal(folder: Path, redis_at: RedisAt) -> None:
    """A person sees how far the command is, presses Ctrl-C, and has a file of what was seen."""
    pty = pytest.importorskip("pty")
    redis_at.client.eval("for i = 1, 60000 do redis.call('SET', 'auth:' .. i, 'x') end", 0)
    reading, writing = pty.openpty()
    command = [*COMMAND, "observe", "--redis", redis_at.url(), "-o", "observed.json"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=writing) as process:
        os.close(writing)
        shown = b""
        while b" of 60,000 keys" not in shown:
            shown += os.read(reading, 65536)
        process.send_signal(signal.SIGINT)
        status = process.wait(timeout=60)
        os.close(reading)
    assert status == 130
    assert 0 < seen(folder)["servers"][0]["seen"] < 60_000
