"""What is seen on a running Redis server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from live_servers import REGISTRY, registry_of, started_redis

from sphinx_statestores.cli.observe import document
from sphinx_statestores.live.addresses import read_address
from sphinx_statestores.live.budget import Budget
from sphinx_statestores.live.credentials import Credentials
from sphinx_statestores.live.faults import ServerError
from sphinx_statestores.live.reading import observation_of
from sphinx_statestores.live.redis_server import RedisServer
from sphinx_statestores.registry.observation import KeyGroup, observation_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from live_servers import RedisAt

    from sphinx_statestores.live.reading import Reading
    from sphinx_statestores.registry.model import Registry

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "observe.md"
#: The commands that may run: none takes long, and none gives a value.
HARMLESS = {
    *("auth", "client|setinfo", "client|no-touch", "select", "info", "dbsize", "ft._list"),
    *("scan", "type", "pttl", "object|encoding", "memory|usage"),
}
BACKENDS = ("redis",)


def quietly(done: int, total: int) -> None:
    """Say nothing."""


def read(
    server: RedisAt,
    registry: Registry,
    budget: Budget = Budget(),  # noqa: B008 - a value
    *,
    database: int = 0,
    credentials: Credentials = Credentials(),  # noqa: B008 - a value
    tell: Callable[[int, int], None] = quietly,
) -> Reading:
    """Read a database of a server."""
    address = read_address(server.url(database), "redis")
    connected = RedisServer(address, credentials, budget, needs_replica=False)
    try:
        return connected.read(registry, BACKENDS, tell)
    finally:
        connected.close()


def commands_run(server: RedisAt) -> set[str]:
    """Return the commands that ran since the last reset, those of the administrator aside."""
    found = server.client.info("commandstats")
    return {name.removeprefix("cmdstat_").lower() for name in found} - {"config|resetstat", "ping"}


def groups_of(reading: Reading) -> dict[str, dict[str, int]]:
    """Return store -> pattern -> number of keys."""
    return {store.name: {group.pattern: group.keys for group in store.groups} for store in reading.stores}


def file_of(reading: Reading) -> str:
    """Return the file."""
    return document(observation_data(observation_of([reading])))


def test_groups(redis_at: RedisAt, registry: Registry) -> None:
    """Each item of a store's keys, its locks and its other keys are groups; what belongs to nobody is apart."""
    client = redis_at.client
    client.hset("auth:session:1", "a", "1")
    client.hset("auth:session:2", "a", "1")
    client.expire("auth:session:2", 100)
    client.set("auth:user:ann:cart", "x")
    client.sadd("auth:set:members", "a", "b")
    client.zadd("auth:scores", {"a": 1})
    client.set("auth:edge:1", "x", px=1)
    client.set("auth:edge:2", "x")
    client.set("auth-store:lock:7", "x", ex=10)
    client.set("twin:1", "x")
    for number in range(3):
        client.xadd(f"legacy:{number}", {"a": "1"})
    reading = read(redis_at, registry)
    assert groups_of(reading) == {
        "auth-store": {
            "auth-store:lock:*": 1,
            "auth:*": 1,
            "auth:session:*": 2,
            "auth:set:*": 1,
            "auth:user:*:cart": 1,
        },
        "edge-store": {"auth:edge:*": 1},
        "twin-a": {"twin:*": 1},
        "twin-b": {"twin:*": 1},
    }
    session = next(group for group in reading.stores[0].groups if group.pattern == "auth:session:*")
    assert session._replace(longest_ttl=0, shortest_ttl=0, sampled_bytes=0) == KeyGroup(
        "auth:session:*", 2, {"hash": 2}, 1, 0, 0, 2, 0, {"listpack": 2}
    )
    assert 90 < session.shortest_ttl == session.longest_ttl <= 100
    assert 50 < session.sampled_bytes < 500
    (unknown,) = reading.unknown_keys
    assert (unknown.pattern, unknown.keys, unknown.types) == ("legacy:*", 3, {"stream": 3})
    server = reading.server
    assert re.fullmatch(r"Redis \d+\.\d+\.\d+", server.product)
    assert (server.role, server.seen, server.stopped, server.knows_indices) == ("primary", 11, "", False)
    assert (reading.notes, reading.fault) == ((), "")


def test_what_runs(redis_at: RedisAt, registry: Registry) -> None:
    """Only commands that take no time and give no value run, and keys look as unused as before."""
    client = redis_at.client
    client.set("auth:a", "x")
    client.config_resetstat()
    reading = read(redis_at, registry, credentials=Credentials())
    assert reading.server.seen == 1
    ran = commands_run(redis_at)
    assert ran <= HARMLESS
    assert {"scan", "type", "pttl", "object|encoding", "memory|usage"} <= ran


def test_keys_that_are_never_written_down(redis_at: RedisAt, registry: Registry) -> None:
    """Addresses, tokens and names of people in keys, in values and in members are nowhere in the file."""
    client = redis_at.client
    secrets = [
        "ann.smith@example.com",
        "eyJhbGciOiJIUzI1NiJ9",
        "550e8400-e29b-41d4",
        "annsmith",
        "192.168.7.9",
        "Zoë",
    ]
    for secret in secrets:
        for template in (
            "{}",
            "{}:x",
            "auth:{}",
            "auth:session:{}",
            "auth:user:{}:cart",
            "auth-store:lock:{}",
            "old:{}:y",
        ):
            client.set(template.format(secret), secret)
        client.hset("auth:session:all", secret, secret)
    client.set(b"\xff\xfe\x00:lock", b"\xff")
    client.set(b"auth:\xff", b"\xff")
    reading = read(redis_at, registry)
    text = file_of(reading)
    assert not [secret for secret in secrets if secret in text]
    assert {group.pattern: group.keys for group in reading.unknown_keys} == {"*": 12, "*:lock": 1, "old:*": 6}
    assert reading.server.seen == client.dbsize()
    assert str(redis_at.socket) not in text
    assert text.isascii()


def test_a_small_budget_of_keys(redis_at: RedisAt, registry: Registry) -> None:
    """No more keys are looked at than the budget has, and the reading says that it stopped."""
    with redis_at.client.pipeline(transaction=False) as pipeline:
        for number in range(3_000):
            pipeline.set(f"auth:{number}", "x")
        pipeline.execute()
    for keys, seen, stopped in [(1, 1, "keys"), (1_500, 1_500, "keys"), (2_999, 2_999, "keys"), (9_000, 3_000, "")]:
        redis_at.client.config_resetstat()
        reading = read(redis_at, registry, Budget(keys, 60, 2))
        assert (reading.server.seen, reading.server.stopped, reading.server.total) == (seen, stopped, 3_000)
        stats = redis_at.client.info("commandstats")
        assert stats["cmdstat_type"]["calls"] == seen
        assert stats["cmdstat_memory|usage"]["calls"] == min(seen, 2)
        (group,) = reading.stores[0].groups
        assert (group.keys, group.sampled) == (seen, min(seen, 2))


def test_all_keys_and_no_more(redis_at: RedisAt, registry: Registry) -> None:
    """A budget of exactly the keys that there are may be used up, and all keys are seen."""
    for number in range(5):
        redis_at.client.set(f"auth:{number}", "x")
    assert read(redis_at, registry, Budget(5, 60, 0)).server.seen == 5


def test_no_time(redis_at: RedisAt, registry: Registry) -> None:
    """A budget of time stops the reading between two steps."""
    redis_at.client.set("auth:1", "x")
    reading = read(redis_at, registry, Budget(10, 1e-9, 1))
    assert (reading.server.seen, reading.server.stopped, reading.server.total) == (0, "seconds", 1)


def test_an_interruption(redis_at: RedisAt, registry: Registry) -> None:
    """Ctrl-C ends the reading, and what was seen until then is there."""
    with redis_at.client.pipeline(transaction=False) as pipeline:
        for number in range(5_000):
            pipeline.set(f"auth:{number}", "x")
        pipeline.execute()
    steps = []

    def tell(done: int, total: int) -> None:
        steps.append((done, total))
        if len(steps) == 2:
            raise KeyboardInterrupt

    reading = read(redis_at, registry, tell=tell)
    assert 1_000 < reading.server.seen == steps[1][0] < 5_000 == steps[1][1]
    assert (reading.server.stopped, reading.fault, reading.is_interrupted) == ("interrupted", "", True)
    (group,) = reading.stores[0].groups
    assert group.keys == reading.server.seen


def test_a_lost_connection(redis_at: RedisAt, registry: Registry) -> None:
    """When the connection is lost, what was seen is there, with the reason."""
    with redis_at.client.pipeline(transaction=False) as pipeline:
        for number in range(3_000):
            pipeline.set(f"auth:{number}", "x")
        pipeline.execute()

    def tell(done: int, total: int) -> None:
        redis_at.client.client_kill_filter(_type="normal", skipme=True)

    reading = read(redis_at, registry, tell=tell)
    assert 900 < reading.server.seen < 3_000
    assert (reading.server.stopped, reading.is_interrupted) == ("interrupted", False)
    assert "the connection is lost" in reading.fault


def allow(server: RedisAt, *rules: str) -> Credentials:
    """Return the credentials of a new user with these rules."""
    server.client.execute_command("ACL", "SETUSER", "reader", "reset", "on", ">pw-4711", *rules)
    server.client.config_resetstat()
    return Credentials("reader", "pw-4711")


def test_the_documented_user(redis_at: RedisAt, registry: Registry) -> None:
    """The user of the documentation may read all that is read, and no value."""
    (line,) = re.findall(
        r"^ACL SETUSER statestores on >PASSWORD (.*)$", HOWTO.read_text(encoding="utf-8"), re.MULTILINE
    )
    credentials = allow(redis_at, *line.split())
    redis_at.client.hset("auth:session:1", "a", "1")
    reading = read(redis_at, registry, credentials=credentials)
    assert (reading.notes, reading.fault, reading.server.role) == ((), "", "primary")
    assert reading.stores[0].groups[0].encodings == {"listpack": 1}
    refused = redis_at.client.execute_command("ACL", "DRYRUN", "reader", "HGETALL", "auth:session:1")
    assert b"no permissions" in refused


@pytest.mark.parametrize(
    ("rules", "notes", "fault"),
    [
        (("~*", "+scan", "+type", "+pttl"), ["memory and encodings are not known", "INFO is not allowed"], ""),
        (("~*", "+@all", "-memory"), ["memory and encodings are not known"], ""),
        (("~auth:edge:*", "+@all"), ["2 keys are not seen: the user may not run it"], ""),
        (("~*", "+@all", "-scan"), [], "SCAN: the user may not run it"),
        (("~*", "+@all", "-type"), [], "TYPE and PTTL: the user may not run it"),
        (("~*", "+@all", "-pttl"), [], "TYPE and PTTL: the user may not run it"),
    ],
)
def test_what_a_user_may_not_do(
    redis_at: RedisAt, registry: Registry, rules: tuple[str, ...], notes: list[str], fault: str
) -> None:
    """What a user may not do is said, without keys and names; only what cannot be done without ends the reading."""
    credentials = allow(redis_at, *rules)
    for key in ("auth:ann", "auth:bob", "auth:edge:1"):
        redis_at.client.set(key, "x")
    reading = read(redis_at, registry, credentials=credentials)
    assert reading.fault == fault
    if fault:
        assert reading.is_empty
        return
    text = "\n".join(reading.notes)
    assert len(reading.notes) == len(notes)
    assert all(note in text for note in notes)
    assert not re.search("reader|4711|ann", text)
    seen, stopped = (1, "refused") if "~auth:edge:*" in rules else (3, "")
    assert (reading.server.seen, reading.server.stopped) == (seen, stopped)


@pytest.mark.parametrize("credentials", [Credentials("reader", "wr0ng"), Credentials(None, "wr0ng"), Credentials()])
def test_a_wrong_password(redis_at: RedisAt, credentials: Credentials) -> None:
    """A wrong or missing password is said without what was given."""
    allow(redis_at, "~*", "+@all")
    redis_at.client.execute_command("ACL", "SETUSER", "default", "resetpass", ">main")
    try:
        with pytest.raises(ServerError) as caught:
            RedisServer(read_address(redis_at.url(), "redis"), credentials, Budget(), needs_replica=False)
    finally:
        redis_at.client.execute_command("ACL", "SETUSER", "default", "nopass")
    assert str(caught.value) == "the user or the password is wrong or missing"
    assert caught.value.__suppress_context__


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    """Why a server cannot be reached is said."""
    for url, reason in [(f"unix://{tmp_path}/x", "No such file"), ("redis://127.0.0.1:1", "Connection refused")]:
        with pytest.raises(ServerError, match=f"the server cannot be reached: {reason}"):
            RedisServer(read_address(url, "redis"), Credentials(), Budget(), needs_replica=False)


def test_roles(redis_at: RedisAt, registry: Registry) -> None:
    """With ``--replica``, a primary and a server that hides its role are refused, and a replica is read."""
    address = read_address(redis_at.url(), "redis")
    with pytest.raises(ServerError, match="wants a replica, but the server is a primary"):
        RedisServer(address, Credentials(), Budget(), needs_replica=True)
    credentials = allow(redis_at, "~*", "+scan", "+type", "+pttl")
    with pytest.raises(ServerError, match="wants a replica, but the server does not say what it is"):
        RedisServer(address, credentials, Budget(), needs_replica=True)
    redis_at.client.replicaof("127.0.0.1", 1)
    try:
        server = RedisServer(address, Credentials(), Budget(), needs_replica=True)
        assert server.read(registry, BACKENDS, quietly).server.role == "replica"
        server.close()
    finally:
        redis_at.client.replicaof("NO", "ONE")


def test_a_node_of_a_cluster(registry: Registry) -> None:
    """The keys of a node of a cluster are read, and a note says that others may have more."""
    with started_redis("--cluster-enabled", "yes") as server:
        server.client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        while b"cluster_state:ok" not in server.client.execute_command("CLUSTER", "INFO"):
            pass
        server.client.set("auth:1", "x")
        reading = read(server, registry)
    assert reading.server.seen == 1
    assert "this node of a cluster has a part of the keys: name each node" in "".join(reading.notes)


@pytest.fixture(scope="module")
def large() -> Iterator[RedisAt]:
    """A server with 300,000 keys."""
    with started_redis() as server:
        server.client.eval(
            """
            for i = 1, 100000 do
              redis.call('SET', 'auth:session:' .. i, 'x', 'EX', 1000 + i)
              redis.call('SET', 'auth:user:ann' .. i .. '@example.com:cart', 'x')
            end
            for i = 1, 50000 do redis.call('SADD', 'auth:edge:set:' .. i, 'a') end
            for i = 1, 30000 do redis.call('SET', 'auth-store:lock:' .. i, 'x', 'PX', 9000000) end
            for i = 1, 15000 do redis.call('SET', 'ghost:' .. i, 'x') end
            for i = 1, 5000 do redis.call('SET', 'tok' .. i .. 'en', 'x') end
            """,
            0,
        )
        yield server


def test_many_keys(large: RedisAt, registry: Registry) -> None:
    """All of 300,000 keys are counted, each once, with samples of a limited size."""
    large.client.config_resetstat()
    reading = read(large, registry, Budget(1_000_000, 600, 3))
    assert groups_of(reading) == {
        "auth-store": {"auth-store:lock:*": 30_000, "auth:session:*": 100_000, "auth:user:*:cart": 100_000},
        "edge-store": {"auth:edge:set:*": 50_000},
    }
    assert {group.pattern: group.keys for group in reading.unknown_keys} == {"*": 5_000, "ghost:*": 15_000}
    locks, session, carts = reading.stores[0].groups
    assert (locks.expiring, session.expiring, carts.expiring) == (30_000, 100_000, 0)
    assert (session.shortest_ttl < 1_100, session.longest_ttl > 100_000) == (True, True)
    assert {group.sampled for store in reading.stores for group in store.groups} == {3}
    assert (reading.server.seen, reading.server.total, reading.server.stopped) == (300_000, 300_000, "")
    assert commands_run(large) - {"eval"} <= HARMLESS
    assert "example.com" not in file_of(reading)


def test_a_part_of_many_keys(large: RedisAt, registry: Registry) -> None:
    """A budget of 20,000 keys sees no more, takes as many commands, and finds every store with keys."""
    large.client.config_resetstat()
    reading = read(large, registry, Budget(20_000, 600, 3))
    assert (reading.server.seen, reading.server.stopped) == (20_000, "keys")
    assert [store.name for store in reading.stores] == ["auth-store", "edge-store"]
    stats = large.client.info("commandstats")
    assert stats["cmdstat_type"]["calls"] == stats["cmdstat_pttl"]["calls"] == 20_000
    assert stats["cmdstat_scan"]["calls"] <= 22


def test_the_same_file_again(redis_at: RedisAt, registry: Registry) -> None:
    """Two readings of the same keys give the same file, apart from the time."""
    for number in range(300):
        redis_at.client.set(f"g{'abcdefghij'[number % 10]}:{number}", "x")
        redis_at.client.set(f"auth:{number}", "x")

    def again() -> dict[str, Any]:
        data: dict[str, Any] = json.loads(file_of(read(redis_at, registry)))
        for server in data["servers"]:
            server.update(started="", seconds=0)
        return data

    assert again() == again()


def test_layouts_of_hostile_registries(redis_at: RedisAt) -> None:
    """Signs that are special for Redis are plain text in prefixes and names."""
    registry = registry_of(REGISTRY + '  evil: {backend: redis, prefix: "*[a-z]?\\\\", service: Auth, purpose: P}\n')
    redis_at.client.set("*[a-z]?\\:1", "x")
    redis_at.client.set("*[a-z]?\\", "x")
    reading = read(redis_at, registry)
    assert groups_of(reading) == {"evil": {"*[a-z]?\\:*": 1}}
    assert [group.keys for group in reading.unknown_keys] == [1]
