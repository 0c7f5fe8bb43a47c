"""A registry -> which service may read or write the data of which store, and where these lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.commands import as_glob, widest
from sphinx_statestores.registry.key_index import place_of

if TYPE_CHECKING:
    from sphinx_statestores.registry.key_index import Place
    from sphinx_statestores.registry.model import Registry, Store

_REMOVED = "removed"


class Access(NamedTuple):
    """What one service may do with the data of one store."""

    service: str
    #: The name of the store.
    store: str
    #: The key of its backend.
    backend: str
    #: Whether the service may write as well as read.
    may_write: bool
    #: The patterns of its keys, as ``SCAN`` takes them.
    keys: tuple[str, ...]
    #: Its table; may be empty.
    table: str
    #: The column that tells the stores of the table apart, and the value of this one; both empty for an own table.
    column: str
    value: str
    #: The status of the store.
    status: str


def rights(store: Store) -> dict[str, bool]:
    """Take a store; return each service that uses it, and whether it may write as well as read."""
    return {**dict.fromkeys(store.readers, False), **dict.fromkeys((*store.writers, store.service), True)}


def keys_of(place: Place) -> tuple[str, ...]:
    """Return the patterns of the keys of a store as ``SCAN`` takes them, without those that another one includes."""
    return tuple(dict.fromkeys(map(as_glob, widest(place.patterns))))


def accesses(registry: Registry) -> tuple[Access, ...]:
    """Return what services may do, by service and then by store. Removed stores are left out."""
    found = []
    for store in registry.stores:
        if store.status == _REMOVED:
            continue
        place = place_of(store, registry)
        keys = keys_of(place)
        found += [
            Access(service, store.name, store.backend, may_write, keys, *place[1:4], store.status)
            for service, may_write in rights(store).items()
        ]
    return tuple(sorted(found, key=lambda access: access[:2]))
