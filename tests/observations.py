"""Strategies for what may be seen on servers."""

from __future__ import annotations

from types import MappingProxyType

from hypothesis import strategies as st

from sphinx_statestores.registry.observation import KeyGroup, Observation, ServerSeen, StoreSeen, TableSeen
from sphinx_statestores.registry.observation_file import LARGEST_NUMBER

NUMBERS = st.integers(0, LARGEST_NUMBER)
SECONDS = st.floats(0, 1e9, allow_subnormal=False).map(lambda number: round(number, 3))
TEXTS = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5})?", fullmatch=True)
COUNTS = st.dictionaries(TEXTS, NUMBERS, max_size=3).map(lambda found: MappingProxyType(dict(sorted(found.items()))))
TIMES = st.datetimes().map(lambda time: f"{time.replace(microsecond=0).isoformat()}Z")


def groups_of(keys: int) -> st.SearchStrategy[KeyGroup]:
    """Return groups with a number of keys."""
    some = st.integers(0, keys)
    return st.builds(KeyGroup, TEXTS, st.just(keys), COUNTS, some, NUMBERS, NUMBERS, some, NUMBERS, COUNTS)


GROUPS = NUMBERS.flatmap(groups_of)
TABLES = st.builds(TableSeen, TEXTS, st.none() | NUMBERS, st.booleans(), NUMBERS, TEXTS | st.just(""), TEXTS)
BACKENDS = st.lists(NAMES, unique=True, max_size=3).map(tuple)
ROLES = st.sampled_from(("", "replica", "primary"))
STOPS = st.sampled_from(("", "keys", "seconds", "interrupted", "refused"))
SERVERS = st.builds(
    *(ServerSeen, BACKENDS, TEXTS, ROLES, TIMES, SECONDS, NUMBERS, SECONDS, NUMBERS, NUMBERS, STOPS, st.booleans())
)


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """Return observations whose records are of servers that are there."""
    servers = tuple(draw(st.lists(SERVERS, min_size=1, max_size=3)))
    server = st.integers(0, len(servers) - 1)
    stores = st.builds(
        StoreSeen,
        NAMES,
        server,
        st.lists(GROUPS, max_size=3).map(tuple),
        st.none() | TABLES,
        st.none() | st.booleans(),
    )
    return Observation(
        servers,
        tuple(draw(st.lists(stores, max_size=3))),
        tuple(draw(st.lists(st.tuples(server, GROUPS), max_size=3))),
        tuple(draw(st.lists(st.tuples(server, TABLES), max_size=3))),
    )
