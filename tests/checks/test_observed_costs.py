"""What a comparison with servers costs, for files of any shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from work import counted_calls

from sphinx_statestores.checks.observed import check_observed
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.observation import KeyGroup, Observation, ServerSeen, StoreSeen, TableSeen
from sphinx_statestores.registry.observation_file import ObservationFile
from sphinx_statestores.registry.problems import Location
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Callable

SERVER = ServerSeen(("redis", "mysql"), "Server", "", "", 1, 1, 1, 9, 9)
REDIS = "redis, prefix: p{0}, service: S, purpose: p"
SHARED = "mysql, service: S, purpose: p, physical: {{table: t, column: c, value: v{0}}}"


def stores(number: int, fields: str) -> str:
    """Return a registry."""
    return "x-state-stores:\n" + "".join(f"  s{i}: {{backend: {fields.format(i)}}}\n" for i in range(number))


def described(number: int) -> str:
    """Return a registry of one store with items of keys."""
    keys = ", ".join(f'{{pattern: "k{i}:{{id}}", type: hash, ttl: 1h}}' for i in range(number))
    return stores(1, REDIS).replace("purpose: p}", f"purpose: p, keys: [{keys}]}}")


def groups(number: int, start: str) -> tuple[KeyGroup, ...]:
    """Return groups of keys."""
    return tuple(KeyGroup(f"{start}{i}:*", 3, {"string": 3}) for i in range(number))


#: A registry and what was seen, that grow with a number.
GROWING: dict[str, Callable[[int], tuple[str, Observation]]] = {
    "stores": lambda n: (
        stores(n, REDIS),
        Observation((SERVER,), tuple(StoreSeen(f"s{i}", 0, groups(2, f"p{i}:")) for i in range(0, n, 2))),
    ),
    "groups of one store": lambda n: (
        stores(1, REDIS), Observation((SERVER,), tuple(StoreSeen("s0", 0, groups(1, f"p0:{i}")) for i in range(n)))
    ),
    "items of one store": lambda n: (described(n), Observation((SERVER,), (StoreSeen("s0", 0, groups(n, "p0:k")),))),
    "items of a store on many servers": lambda n: (
        described(n), Observation((SERVER,) * n, tuple(StoreSeen("s0", i, groups(1, "p0:k")) for i in range(n)))
    ),
    "keys of no store": lambda n: (
        stores(n, REDIS), Observation((SERVER,), (), tuple((0, group) for group in groups(n, "q")))
    ),
    "servers": lambda n: (stores(n, REDIS), Observation((SERVER,) * n)),
    "one shared table": lambda n: (
        stores(n, SHARED), Observation((SERVER,), (), (), tuple((0, TableSeen("t")) for _ in range(n)))
    ),
    "values of a shared table": lambda n: (
        stores(n, SHARED),
        Observation((SERVER,), (), (), tuple((0, TableSeen("t", 1, True, 1, "c", f"v{i + 5}")) for i in range(n))),
    ),
}  # fmt: skip


def cost(name: str, number: int) -> int:
    """Return the number of calls for a size."""
    text, observation = GROWING[name](number)
    registry, _ = load_sources([SourceText("r.yaml", text, "")])
    file = ObservationFile(observation, *((Location("o.json", 1),) * len(part) for part in observation[1:]))
    with counted_calls(builtins=True) as calls:
        check_observed(registry, file)
    return calls[0]


@pytest.mark.parametrize("name", GROWING)
def test_costs_grow_with_the_size(name: str) -> None:
    """Four times as much takes not much more than four times the work."""
    assert cost(name, 800) < 5.5 * cost(name, 200)
