"""The demo's registry with a layout, code, pages and servers: what is planted is reported, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sphinx_statestores import load
from sphinx_statestores.checks.observed import promises_to_expire, types_of
from sphinx_statestores.registry.naming import service_spellings
from sphinx_statestores.registry.phrases import totals_text
from sphinx_statestores.registry.problems import CODE_RULES, EXTERNAL_RULES
from sphinx_statestores.registry.totals import totals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Repository, Run
    from live_servers import MysqlAt, RedisAt

    from sphinx_statestores.registry.model import Registry, Store

ROOT = Path(__file__).resolve().parents[1]
REGISTRY = ("schemas/state-stores.yaml", "schemas/truth.yaml")
RULES = CODE_RULES | EXTERNAL_RULES
#: Where data lie in the system that the demo stands for, where its code is, and a store that it no longer has.
TRUTH = """\
x-physical:
  redis: {keys: ["{prefix}:*", "{prefix}:set:*"], locks: "{name}:lock:*"}
  mysql: {table: state_records, column: store_name}
x-code:
  - {language: csharp, files: "plugins/lib-{kebab}/**/*.cs", use: "StateStoreDefinitions.{constant}"}
  - {language: python, files: "scripts/*.py", use: '"{name}"'}
x-state-stores:
  old-session-statestore: {backend: redis, prefix: oldsession, service: Auth, purpose: Old sessions, status: removed}
"""
#: Stores that no code names, and of which no server has anything.
UNUSED, UNSEEN_KEYS, UNSEEN_ROWS = "voice-statestore", "connect-statestore", "quest-definition-statestore"
#: Stores with a key that does not expire, and with one of another type.
NO_TTL, WRONG_TYPE = "auth-statestore", "leaderboard-ranking"

#: Kind -> what its problems name.
PLANTED = {
    "unused_store": [UNUSED],
    "unknown_constant": ["GamSession"],
    "undeclared_use": ["account-statestore"],
    "wrong_fact": ["account-statestore", "asset-statestore"],
    "wrong_count": ["Actor"],
    "incomplete_list": ["currency-balances"],
    "dead_name": ["contrat-statestore"],
    "unknown_keys": ["ghost:*"],
    "unknown_table": ["*", "old_backup"],
    "unseen_store": [UNSEEN_KEYS, UNSEEN_ROWS],
    "leftover_data": ["old-session-statestore"],
    "missing_ttl": [NO_TTL],
    "wrong_type": [WRONG_TYPE, WRONG_TYPE],
}


@pytest.fixture
def checkout(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Copy the registry of the demo; code and pages agree with it, except for what is planted."""
    git_repository.write(REGISTRY[0], (ROOT / REGISTRY[0]).read_bytes())
    git_repository.write(REGISTRY[1], TRUTH)
    monkeypatch.chdir(git_repository.folder)
    registry = demo(git_repository)
    for service in registry.by_service:
        write_code(git_repository, registry, service)
        write_page(git_repository, registry, service)
    git_repository.write(
        "docs/notes.md",
        "# Notes\n\n"
        "Accounts are in `account-statestore` (Redis), and assets in `asset-statestore` (Redis, prefix `assets`).\n"
        "The following stores take part.\n\n"
        "| Store | Backend |\n|---|---|\n| `contract-statestore` | Redis |\n| `contrat-statestore` | Redis |\n\n"
        "Before the move, `auth-statestore` (MySQL) was slow.\n",
    )
    git_repository.write("scripts/expire.py", 'expire("account-statestore")  # of nobody, so it may\n')
    git_repository.commit("first")
    return git_repository


def demo(checkout: Repository) -> Registry:
    registry, problems = load([checkout.folder / name for name in REGISTRY])
    assert problems == []
    return registry


def own(registry: Registry, service: str) -> list[Store]:
    """Return the stores of a service that it has today."""
    return [store for store in registry.stores if store.service == service and store.status != "removed"]


def write_code(checkout: Repository, registry: Registry, service: str) -> None:
    """Write the code of a service: it names its own stores, and those that it may read."""
    stores = [store for store in registry.stores if service in {store.service, *store.readers, *store.writers}]
    names = [store.constant for store in stores if store.name != UNUSED and store.status != "removed"]
    names += {"GameSession": ["GamSession"], "Mapping": ["Account"]}.get(service, [])
    lines = [f"    var store{n} = factory.Get(StateStoreDefinitions.{name});" for n, name in enumerate(names)]
    kebab = service_spellings(service)["kebab"]
    checkout.write(f"plugins/lib-{kebab}/{service}.cs", "class State\n{\n" + "\n".join(lines) + "\n}\n")


def write_page(checkout: Repository, registry: Registry, service: str) -> None:
    """Write the page of a service: how many stores it has, and which."""
    stores = own(registry, service)
    counted = totals_text(totals(registry, stores))
    if service == "Actor":
        counted = re.sub(r"\d+", lambda number: str(int(number[0]) + 1), counted, count=1)
    listed = [store for store in stores if store.name != "currency-balances"]
    items = "\n".join(f"- `{store.name}` ({registry.backend_label(store.backend)})" for store in listed)
    text = f"# {service}\n\nThe {service} service owns {counted.replace(' store', ' state store')}.\n\n"
    checkout.write(f"docs/services/{service.lower()}.md", f"{text}## State stores\n\n{items}\n")


def fill_redis(server: RedisAt, registry: Registry) -> None:
    """Write keys as the registry says, except for what is planted."""
    client = server.client.pipeline(transaction=False)
    for store in registry.stores:
        if store.backend != "redis" or store.name == UNSEEN_KEYS:
            continue
        if not store.keys:
            client.set(f"{store.prefix}:1", "x")
        client.set(f"{store.name}:lock:1", "x", ex=60)
        for key in store.keys:
            name = re.sub(r"\{[^{}]*\}", "7f3a", f"{store.prefix}:{key.pattern}")
            write_key(client, name, "" if store.name == WRONG_TYPE else min(types_of(key.type), default="string"))
            if promises_to_expire(key.ttl):
                client.expire(name, 5)
    for number in range(5):
        client.set(f"ghost:{number}", "x")
    # Beside the key that expires, one that does not.
    client.persist("auth:session:7f3a")
    client.execute()


def write_key(client: Any, name: str, kind: str) -> None:
    match kind:
        case "set":
            client.sadd(name, "a")
        case "zset":
            client.zadd(name, {"a": 1})
        case "list":
            client.rpush(name, "a")
        case "hash":
            client.hset(name, "a", "b")
        case _:
            client.set(name, "x")


def fill_mysql(server: MysqlAt, registry: Registry) -> None:
    """Write rows as the registry says, except for what is planted."""
    names = [store.name for store in registry.stores if store.backend == "mysql" and store.name != UNSEEN_ROWS]
    # Nobody knows what the value of no store tells: it is masked.
    values = ", ".join(f"('{name}', 1)" for name in [*names, "gone-statestore"])
    server.run(
        "CREATE TABLE app.state_records (store_name VARCHAR(99), id INT, PRIMARY KEY (store_name, id))",
        f"INSERT INTO app.state_records VALUES {values}",  # noqa: S608 - names of the demo
        "CREATE TABLE app.old_backup (id INT PRIMARY KEY)",
    )


def planted() -> Iterator[tuple[str, str]]:
    """Yield kind and subject of everything that is planted."""
    for kind, subjects in PLANTED.items():
        yield from ((kind, subject) for subject in subjects)


def named_in(kind: str, message: str) -> tuple[str, str]:
    """Return kind and subject of a problem: of the planted ones that its message names, if any."""
    found = [subject for subject in dict.fromkeys(PLANTED.get(kind, ())) if f"'{subject}'" in message]
    return kind, found[0] if len(found) == 1 else message


@pytest.fixture
def observed(checkout: Repository, redis_at: RedisAt, mysql_at: MysqlAt, run: Run) -> Repository:
    """Fill both servers, and write what is seen on them."""
    registry = demo(checkout)
    fill_redis(redis_at, registry)
    fill_mysql(mysql_at, registry)
    done = run("observe", *REGISTRY, "--redis", redis_at.url(), "--mysql", mysql_at.url(), "-o", "observed.json")
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert b"7f3a" not in (checkout.folder / "observed.json").read_bytes()
    return checkout


def test_everything_planted_is_reported_and_nothing_else(observed: Repository, run: Run) -> None:
    """Code, pages and servers that agree with a registry of 124 stores give no finding; each mistake gives one."""
    done = run("check", *REGISTRY, "--observed", "observed.json", "--prose", "docs/**/*.md", "--format", "json")
    problems = [problem for problem in json.loads(done.stdout) if problem["kind"] in RULES]
    assert sorted(named_in(each["kind"], each["message"]) for each in problems) == sorted(planted())


def test_a_build_reports_the_same(observed: Repository) -> None:
    """A build of the pages reports what the command does; it tells what is only a hint, and does not warn of it."""
    observed.write(
        "docs/index.md", "# Stores\n\n```{statestore-table}\n```\n\n```{toctree}\n:glob:\n\nnotes\nservices/*\n```\n"
    )
    settings = {
        "extensions": ["sphinx_statestores", "myst_parser"],
        "statestores_registry": [f"../{name}" for name in REGISTRY],
        "statestores_observed": "../observed.json",
        "statestores_lint": {"unused_store": "warning"},
        "show_warning_types": True,
    }
    observed.write("docs/conf.py", "".join(f"{name} = {value!r}\n" for name, value in settings.items()))
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "docs", "site"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    warnings = re.findall(r"WARNING: (.*) \[statestores\.(\w+)\]$", done.stderr, re.MULTILINE)
    found = [named_in(kind, message) for message, kind in warnings if kind in RULES]
    assert sorted(found) == sorted(planted())
