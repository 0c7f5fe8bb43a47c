"""Stores -> their number, by backend or by service."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_statestores.registry.model import Registry, Store

#: The values of ``by``.
BREAKDOWNS = ("backend", "service")


class Totals(NamedTuple):
    """A number of stores and its breakdown."""

    total: int
    #: Label -> number, at least 1. Backends are in the order of the registry, services are sorted by name.
    parts: tuple[tuple[str, int], ...]


def totals(registry: Registry, stores: Sequence[Store], by: str = "backend") -> Totals:
    """Take stores; return their number, broken down by ``backend`` or by ``service``."""
    if by == "service":
        services = Counter(registry.service_title(store.service) for store in stores)
        return Totals(len(stores), tuple(sorted(services.items())))
    backends = Counter(registry.backend_label(store.backend) for store in stores)
    # Only the labels in use, not all backends: a table computes totals for each of its groups.
    order = registry.label_order
    labels = sorted((label for label in backends if label in order), key=order.__getitem__)
    return Totals(len(stores), tuple((label, backends[label]) for label in labels))
