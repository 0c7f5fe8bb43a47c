"""What was seen, with the stores of a registry, and the numbers of each store on all servers."""

from __future__ import annotations

from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.observation import KeyGroup, Observation, ServerSeen, StoreSeen, TableSeen
from sphinx_statestores.registry.observation_file import ObservationFile
from sphinx_statestores.registry.observed_stores import for_registry, numbers_of
from sphinx_statestores.registry.problems import Location
from sphinx_statestores.registry.source import SourceText

REGISTRY = load_sources(
    [
        SourceText(
            "r.yaml",
            "x-physical: {mysql: {table: state, column: store}}\n"
            "x-state-stores:\n"
            "  cache: {backend: redis, prefix: cache, service: S, purpose: p}\n"
            "  orders: {backend: mysql, service: S, purpose: p}\n"
            "  carts: {backend: mysql, service: S, purpose: p}\n",
            "",
        )
    ]
)[0]


def server(backend: str, started: str = "") -> ServerSeen:
    """Return a server."""
    return ServerSeen((backend,), backend, "", started, 1, 1, 1, 9, 9)


def sorted_by_owner(observation: Observation) -> Observation:
    """Return what was seen with the stores of the registry."""
    places = ((Location("o.json", 1),) * len(part) for part in observation[1:])
    return for_registry(ObservationFile(observation, *places), REGISTRY).observation


def test_a_server_of_another_backend() -> None:
    """Keys and tables are those of a store only on a server that was asked for its backend."""
    keys, table = KeyGroup("cache:*", 3), TableSeen("state", 3, True, 9, "store", "orders")
    seen = Observation(
        (server("valkey"), server("redis"), server("postgresql"), server("mysql")),
        (),
        ((0, keys), (1, keys)),
        ((2, table), (3, table)),
    )
    found = sorted_by_owner(seen)
    assert [(store.name, store.server) for store in found.stores] == [("cache", 1), ("orders", 3)]
    assert (found.unknown_keys, found.unknown_tables) == (((0, keys),), ((2, table),))


def test_a_shared_table_and_a_part_of_it() -> None:
    """A table that was seen as a whole gives no numbers to its stores; the counted rows of one do."""
    part = TableSeen("state", 3, True, 9, "store", "orders")
    tables = ((0, TableSeen("state", 8, bytes=9)), (0, part))
    found = numbers_of(sorted_by_owner(Observation((server("mysql"),), (), (), tables)))
    assert {name: numbers.rows for name, numbers in found.items()} == {"orders": 3, "carts": None}


def test_a_store_on_several_servers() -> None:
    """Numbers are added up, one estimate makes the sum an estimate, and the last server gives the day."""
    exact, estimate = TableSeen("state", 3, True), TableSeen("state", 4)
    servers = (server("mysql", "2026-01-02T00:00:00Z"), server("mysql", "2026-01-01T00:00:00Z"))
    for tables in ((exact, estimate), (estimate, exact)):
        stores = tuple(StoreSeen("orders", number, table=table) for number, table in enumerate(tables))
        numbers = numbers_of(Observation(servers, stores))["orders"]
        assert (numbers.rows, numbers.is_exact, numbers.when) == (7, False, "2026-01-02T00:00:00Z")
