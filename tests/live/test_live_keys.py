"""What is read of the keys of a server, from replies that a real one gives only now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sphinx_statestores.live.budget import Budget
from sphinx_statestores.live.faults import RefusedError, ServerError
from sphinx_statestores.live.redis_keys import Facts, facts_in, read_redis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_statestores.live.reading import Reading
    from sphinx_statestores.registry.model import Registry

#: Key -> the replies to ``TYPE`` and ``PTTL``.
Keys = dict[bytes, tuple[object, object]]
ALIVE = (b"string", -1)


class Script:
    """A server whose replies are written down."""

    facts = Facts("Redis 7.4.0", "replica", "standalone")

    def __init__(self, steps: list[list[bytes]], keys: Keys, indices: object = None, sample: object = None) -> None:
        #: What each ``SCAN`` returns.
        self._steps = steps
        self._keys = keys
        self._indices = RefusedError("the server refuses it") if indices is None else indices
        self._sample = sample
        self.asked: list[tuple[bytes, ...]] = []

    def ask(self, *command: bytes) -> Any:
        return self.ask_all([command])[0]

    def ask_all(self, commands: Sequence[tuple[bytes, ...]]) -> list[Any]:
        self.asked += commands
        return [self._reply(command) for command in commands]

    def _reply(self, command: tuple[bytes, ...]) -> Any:
        name, *arguments = command
        if name == b"SCAN":
            step = int(arguments[0])
            return [b"%d" % ((step + 1) % len(self._steps)), self._steps[step]]
        if name == b"FT._LIST":
            return self._indices
        if name == b"DBSIZE":
            return 7
        if name in {b"OBJECT", b"MEMORY"}:
            return self._sample if self._sample is not None else (b"raw" if name == b"OBJECT" else 64)
        if name in {b"TYPE", b"PTTL"}:
            return self._keys.get(arguments[0], ALIVE)[name == b"PTTL"]
        return b"OK"


def read(script: Script, registry: Registry, budget: Budget = Budget()) -> Reading:  # noqa: B008 - a value
    """Read a server."""
    return read_redis(script, registry, ("redis",), budget, lambda _, __: None)


def counted(reading: Reading) -> dict[str, int]:
    """Return pattern -> keys of all stores."""
    return {group.pattern: group.keys for store in reading.stores for group in store.groups}


def test_keys_that_come_twice(registry: Registry) -> None:
    """A key that ``SCAN`` returns several times is asked for and counted once, and costs once."""
    script = Script([[b"auth:1", b"auth:1"], [], [b"auth:2", b"auth:1"], [b"auth:3"]], {})
    reading = read(script, registry, Budget(3, 60, 0))
    assert (counted(reading), reading.server.seen, reading.server.stopped) == ({"auth:*": 3}, 3, "")
    assert len([command for command in script.asked if command[0] == b"TYPE"]) == 3


def test_more_keys_than_asked_for(registry: Registry) -> None:
    """``SCAN`` may return more keys than it is asked for: those above the budget are not looked at."""
    script = Script([[b"auth:%d" % number for number in range(5)]], {})
    reading = read(script, registry, Budget(3, 60, 0))
    assert (counted(reading), reading.server.seen, reading.server.stopped) == ({"auth:*": 3}, 3, "keys")
    assert len([command for command in script.asked if command[0] == b"TYPE"]) == 3


def test_keys_that_vanish(registry: Registry) -> None:
    """A key that is gone when its type, its lifetime or its memory is asked for is no mistake, and not counted."""
    keys: Keys = {b"auth:1": (b"none", -2), b"auth:2": (b"string", -2), b"auth:3": (b"none", -1), b"auth:4": ALIVE}
    reading = read(Script([list(keys)], keys), registry)
    assert (counted(reading), reading.server.seen, reading.notes) == ({"auth:*": 1}, 1, ())
    gone = read(Script([[b"auth:4"]], {}, sample=()), registry)
    (group,) = gone.stores[0].groups
    assert (group.keys, group.sampled, gone.notes) == (1, 0, ())


def test_what_a_server_refuses_for_one_key(registry: Registry) -> None:
    """A key that the server refuses is not counted, and a note has the number and the reason."""
    moved = RefusedError("the key is on another node of the cluster")
    keys: Keys = {b"auth:1": (moved, moved), b"auth:2": ALIVE, b"auth:3": (b"set", moved)}
    reading = read(Script([list(keys)], keys), registry)
    assert counted(reading) == {"auth:*": 1}
    assert reading.notes == ("2 keys are not seen: the key is on another node of the cluster",)
    assert (reading.server.stopped, reading.fault, reading.is_interrupted) == ("refused", "", False)


def test_a_refused_sample(registry: Registry) -> None:
    """After the first refusal, no other key is asked for its memory."""
    script = Script([[b"auth:1"], [b"auth:2"]], {}, sample=RefusedError("the user may not run it"))
    reading = read(script, registry)
    assert reading.notes == ("memory and encodings are not known: OBJECT and MEMORY: the user may not run it",)
    assert len([command for command in script.asked if command[0] == b"MEMORY"]) == 1


@pytest.mark.parametrize(
    ("indices", "knows", "has"),
    [([b"idx:auth", b"\xff"], True, True), ([b"idx:other"], True, False), ([], True, False), (None, False, None)],
)
def test_search_indices(registry: Registry, indices: object, knows: bool, has: bool | None) -> None:
    """A store with search has its index or not, where the server can be asked; others have none."""
    reading = read(Script([[b"auth:1", b"auth:edge:1"]], {}, indices), registry)
    assert reading.server.knows_indices is knows
    assert [(store.name, store.has_index) for store in reading.stores] == [("auth-store", has), ("edge-store", None)]


def test_an_index_alone(registry: Registry) -> None:
    """A store of which only the index is there is seen; one of which only the index is missing is not."""
    assert [store.name for store in read(Script([[]], {}, [b"idx:auth"]), registry).stores] == ["auth-store"]
    assert read(Script([[]], {}, []), registry).stores == ()


def test_a_sample_of_each_group(registry: Registry) -> None:
    """The memory of a limited number of keys of each group is asked for, whatever the number of steps."""
    steps = [[b"auth:%d" % (step * 10 + key) for key in range(10)] for step in range(4)]
    steps[2] += [b"auth:edge:%d" % key for key in range(2)]
    script = Script(steps, {})
    reading = read(script, registry, Budget(1_000, 60, 13))
    assert {group.pattern: group.sampled for store in reading.stores for group in store.groups} == {
        "auth:*": 13,
        "auth:edge:*": 2,
    }
    assert len([command for command in script.asked if command[0] == b"MEMORY"]) == 15
    assert reading.stores[0].groups[0].bytes == 64 * 40


def test_nothing_can_be_read(registry: Registry) -> None:
    """A server that is lost before the first key gives a reading of nothing, with the reason."""

    class Lost(Script):
        def ask_all(self, commands: Sequence[tuple[bytes, ...]]) -> list[Any]:
            raise ServerError("the connection is lost")

    reading = read(Lost([[]], {}), registry)
    assert (reading.fault, reading.is_empty, reading.server.stopped) == (
        "the connection is lost",
        True,
        "interrupted",
    )
    assert not read(Script([[]], {}), registry).is_empty


@pytest.mark.parametrize(
    ("info", "facts"),
    [
        (
            "redis_version:7.0.15\r\nredis_mode:standalone\r\nrole:master\r\n",
            Facts("Redis 7.0.15", "primary", "standalone"),
        ),
        (
            "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\nrole:slave\r\n",
            Facts("Valkey 8.0.1", "replica", ""),
        ),
        ("redis_version:7.2\ndragonfly_version:df-v1.27.1\nrole:replica\n", Facts("Dragonfly 1.27.1", "replica", "")),
        ("redis_version:6.3.4\nredis_mode:standalone\ncluster_enabled:1\n", Facts("Redis 6.3.4", "", "cluster")),
        ("redis_version:<b>7</b>\nrole:ann@example.com\nredis_mode:sentinel", Facts("", "", "sentinel")),
        ("", Facts()),
        ("no colon\r\n\r\n:", Facts()),
    ],
)
def test_what_a_server_says_of_itself(info: str, facts: Facts) -> None:
    """Product, version, role and mode are taken from ``INFO``; anything unusual is left out."""
    assert facts_in(info) == facts
