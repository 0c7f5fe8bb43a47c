"""What shipped templates write is taken by real servers: Redis and MariaDB, started on sockets of their own.

Without the programs, these tests are skipped.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.export.shipped import template_called
from sphinx_statestores.export.template import render
from sphinx_statestores.registry.layout import Layout
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.model import Registry, Store
from sphinx_statestores.registry.places import NOWHERE
from sphinx_statestores.registry.problems import has_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SNIPPETS = Path(__file__).parent / "snippets"
#: Values that would end a quotation, or that a server could take for something else.
ODD = ["it's", 'say "hi"', "back\\slash", "[a-z]?*", "naïve:ключ", "two words", "a`b", "$(x)", "-- x", "a;b"]


def program(name: str) -> str:
    """Return the path of a program; skip the test where there is none."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def started(command: list[str], is_ready: Callable[[], bool]) -> subprocess.Popen[bytes]:
    """Start a server and wait until it answers."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        if is_ready():
            return server
        if server.poll() is not None:
            break
        time.sleep(0.1)
    server.kill()
    server.wait()
    pytest.fail(f"{command[0]} does not answer")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="ss-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def redis(folder: Path) -> Iterator[Callable[..., list[str]]]:
    """Return what runs commands in ``redis-cli`` as they stand in a text, and returns the lines of the answers."""
    server_program, client = program("redis-server"), program("redis-cli")
    socket = str(folder / "redis.sock")

    def ask(text: str, *options: str) -> list[str]:
        done = subprocess.run(
            [client, "-s", socket, *options], input=text.encode(), capture_output=True, check=False, timeout=60
        )
        return done.stdout.decode().splitlines()

    command = [server_program, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", str(folder)]
    server = started(command, lambda: ask("PING\n") == ["PONG"])
    yield ask
    server.terminate()
    server.wait()


@pytest.fixture(scope="module")
def mariadb(folder: Path) -> Iterator[Callable[[str], str]]:
    """Return what runs statements in the client ``mariadb`` as they stand in a text, and returns its output."""
    install, server_program, client = program("mariadb-install-db"), program("mariadbd"), program("mariadb")
    socket, data = str(folder / "mariadb.sock"), f"--datadir={folder / 'data'}"
    prepare = [install, "--no-defaults", data, "--user=root", "--auth-root-authentication-method=normal"]
    done = subprocess.run([*prepare, "--skip-test-db"], capture_output=True, check=False, timeout=300)
    if done.returncode:
        pytest.skip(f"mariadb-install-db cannot make a database here: {done.stderr.decode()[-200:]}")

    def ask(text: str) -> str:
        arguments = [client, "--no-defaults", f"--socket={socket}", "--default-character-set=utf8mb4", "--batch"]
        done = subprocess.run(arguments, input=text.encode(), capture_output=True, check=False, timeout=120)
        return (done.stderr + done.stdout).decode()

    command = [server_program, "--no-defaults", data, "--user=root", f"--socket={socket}", "--skip-networking"]
    server = started([*command, f"--pid-file={folder / 'pid'}"], lambda: ask("SELECT 'ready'").endswith("ready\n"))
    yield ask
    server.terminate()
    server.wait()


def rendered(template: str, registry: Registry) -> str:
    """Return what a shipped template writes."""
    return render(template_called(template), registry)


def everything() -> Registry:
    """Return the registry with one store of each form."""
    registry, problems = load([SNIPPETS / "everything.yaml"])
    assert not has_errors(problems)
    return registry


def odd_stores(backend: str) -> Registry:
    """Return a registry with odd prefixes, tables and patterns."""
    stores = [
        Store(f"s{n}", backend, f"Service{n}", "", NOWHERE, prefix=text, table=text, readers=("Reader",))
        for n, text in enumerate(ODD)
    ]
    layout = Layout(keys=("q x*", "{name}:set:*"))
    return Registry((*stores, Store("z", backend, "Other", "", NOWHERE, prefix="z", table="z", physical=layout)))


@pytest.mark.parametrize("registry", [everything, lambda: odd_stores("redis")], ids=["everything", "odd"])
def test_redis_takes_each_command(redis: Callable[..., list[str]], registry: Callable[[], Registry]) -> None:
    """Each ACL command is taken, whatever the prefixes are, and makes the user that it names."""
    commands = [line for line in rendered("redis-acl", registry()).splitlines() if not line.startswith("#")]
    assert len(commands) > 2
    assert [line for line in redis("\n".join(commands) + "\n") if line.strip()] == ["OK"] * len(commands)


def test_redis_allows_what_the_registry_says(redis: Callable[..., list[str]]) -> None:
    """A user reaches the keys of its stores, only reads those that it only reads, and no others."""
    redis(rendered("redis-acl", odd_stores("redis")))
    redis("".join(f"ACL SETUSER {user} on nopass +@all\n" for user in ("Service0", "Service3", "Reader")))

    def of(user: str, command: str) -> str:
        return redis(f"{command}\n", "--user", user, "--pass", "x", "--no-auth-warning")[0]

    assert of("Service0", 'SET "it\'s:1" v') == "OK"
    assert of("Service0", 'GET "say \\"hi\\":1"').startswith("NOPERM")
    assert of("Service3", 'SET "[a-z]?*:1" v') == "OK"
    assert of("Service3", 'SET "bxy:1" v').startswith("NOPERM")
    assert of("Reader", 'GET "it\'s:1"') == "v"
    assert of("Reader", 'SET "it\'s:1" w').startswith("NOPERM")
    assert of("Reader", 'GET "two words:1"') == ""


@pytest.mark.parametrize("registry", [everything, lambda: odd_stores("mysql")], ids=["everything", "odd"])
def test_mariadb_takes_each_grant(mariadb: Callable[[str], str], registry: Callable[[], Registry]) -> None:
    """Each grant is taken for users and tables that exist, whatever their names are."""
    found = registry()
    text = rendered("grants", found)
    _, _, rest = f"\n{text}".partition("\n-- mysql\n")
    assert rest
    statements = rest.partition("\n-- ")[0] if "\n-- postgres" in rest else rest
    names = {name for store in found.stores for name in (store.service, *store.readers, *store.writers)}
    tables = {found.table_of(store) for store in found.stores if store.backend == "mysql"}
    setup = "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop; USE shop;\n"
    setup += "".join(f"CREATE OR REPLACE USER '{name}'@'%';\n" for name in sorted(names))
    for schema in sorted({table.partition(".")[0] for table in tables if "." in table}):
        setup += f"CREATE DATABASE IF NOT EXISTS `{schema}`;\n"
    for table in sorted(table for table in tables if table):
        quoted = ".".join("`" + part.replace("`", "``") + "`" for part in table.split("."))
        setup += f"CREATE TABLE IF NOT EXISTS {quoted} (a INT);\n"
    from_layouts = {line.split(" ON ")[1].split(" TO ")[0] for line in statements.splitlines() if " ON " in line}
    setup += "".join(f"CREATE TABLE IF NOT EXISTS {name} (a INT);\n" for name in sorted(from_layouts))
    assert mariadb(f"{setup}{statements}\n") == ""
    grants = mariadb("".join(f"SHOW GRANTS FOR '{name}'@'%';\n" for name in sorted(names)))
    assert grants.count(" ON `shop`.") >= statements.count("GRANT SELECT") - statements.count("`.`")
