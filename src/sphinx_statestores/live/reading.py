"""What was read of each server -> one observation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.live.budget import INTERRUPTED
from sphinx_statestores.registry.observation import Observation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from sphinx_statestores.registry.observation import KeyGroup, ServerSeen, StoreSeen, TableSeen

#: Takes the number of keys or tables that were seen, and that there are.
Progress: TypeAlias = "Callable[[int, int], None]"


class Reading(NamedTuple):
    """What was read of one server."""

    server: ServerSeen
    stores: tuple[StoreSeen, ...] = ()
    unknown_keys: tuple[KeyGroup, ...] = ()
    unknown_tables: tuple[TableSeen, ...] = ()
    #: What could not be seen, and what to do about it, one sentence each.
    notes: tuple[str, ...] = ()
    #: Why the reading broke off before its end; empty for a budget that is used up.
    fault: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the reading broke off before anything was seen."""
        return bool(self.fault) and not self.server.seen

    @property
    def is_interrupted(self) -> bool:
        """Whether the reading was ended from the keyboard."""
        return self.server.stopped == INTERRUPTED and not self.fault


def observation_of(readings: Sequence[Reading]) -> Observation:
    """Take what was read, in the order of the servers; return the observation, in an order of its own."""
    numbered = list(enumerate(readings))
    return Observation(
        tuple(reading.server for reading in readings),
        tuple(
            sorted(
                (store._replace(server=server) for server, reading in numbered for store in reading.stores),
                key=lambda store: (store.name, store.server),
            )
        ),
        tuple((server, group) for server, reading in numbered for group in reading.unknown_keys),
        tuple((server, table) for server, reading in numbered for table in reading.unknown_tables),
    )
