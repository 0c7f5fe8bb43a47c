"""A registry -> problems between its stores or services, which must not share some values."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from sphinx_statestores.registry.fields import FieldType
from sphinx_statestores.registry.key_index import location_in_table, resolved_layout
from sphinx_statestores.registry.problems import Kind, Problem
from sphinx_statestores.registry.quoting import escaped, shown, unquoted
from sphinx_statestores.registry.suggest import Suggestions

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence

    from sphinx_statestores.registry.model import OwnField, Registry, Service, Store
    from sphinx_statestores.registry.places import Places
    from sphinx_statestores.registry.problems import Location

_T = TypeVar("_T")

_WITHOUT_SEPARATORS = str.maketrans("", "", "-_.")
_ENDINGS = re.compile("(?:statestore)+$", re.MULTILINE)


def validate(registry: Registry, stores: Iterable[Store], defined: Collection[str] | None = None) -> list[Problem]:
    """Compare the stores and services of a registry with each other.

    Takes the stores in the order in which they are defined, and *defined*: the names of all stores, those included
    that are left out for their errors, or None when these are not known. Without them, no name is unknown. Where two
    have something in common, the problem stands at the second of them and names the place of the first.
    """
    stores = tuple(stores)
    named = () if _are_plainly_distinct(store.name for store in stores) else stores
    return [
        *_same_names(named, "store"),
        *_same_names(_as_defined(registry.services.values(), registry), "service"),
        *_same_constants(named),
        *_missing_prefixes(stores, registry),
        *_same_prefixes(stores, registry),
        *_same_tables(stores, registry),
        *(_unknown_references(registry, stores, defined) if defined is not None else ()),
        *(_unknown_values(registry, stores, defined) if defined is not None else ()),
        # What is left out may be a store of any service.
        *(_unused_services(registry) if defined is not None and len(defined) == len(stores) else ()),
    ]


def _as_defined(services: Iterable[Service], registry: Registry) -> list[Service]:
    order = {file.path: position for position, file in reversed(list(enumerate(registry.files)))}
    return sorted(services, key=lambda service: (order[service.location.path], service.location))


def _are_plainly_distinct(names: Iterable[str]) -> bool:
    """Return whether all names differ even without case, separators and a final ``statestore``.

    Then everything that is derived from them differs, too. This quick check succeeds for most registries.
    """
    text = "\n".join(names).lower().translate(_WITHOUT_SEPARATORS)
    spelled = _ENDINGS.sub("", text).split("\n")
    return len(set(spelled)) == len(spelled)


def _same_names(named: Sequence[Store | Service], what: str) -> Iterator[Problem]:
    """Yield names that differ only in case: on many systems, files and URLs made from them are the same."""
    for first, second in _equal(named, [value.name.lower() for value in named]):
        message = (
            f"the {what} {second.name!r} differs only in case from {first.name!r} at {first.location}: rename one "
            "of the two"
        )
        yield Problem(Kind.NAME_COLLISION, message, second.location, store=second.name if what == "store" else "")


def _same_constants(stores: Sequence[Store]) -> Iterator[Problem]:
    """Yield names with the same constant in generated code, which drops a final ``Statestore``."""
    for first, second in _equal(stores, [store.constant for store in stores]):
        message = _shared(first, second, f"constant {second.constant!r}", first.location)
        yield Problem(Kind.CONSTANT_COLLISION, message, second.location, store=second.name)


def _missing_prefixes(stores: Sequence[Store], registry: Registry) -> Iterator[Problem]:
    """Stores whose keys lie beside those of others, which have a prefix each.

    Where no store of a backend has one, prefixes are nothing that the registry tells. A layout may tell the keys
    apart without one.
    """
    backends = registry.backends
    told = {store.backend for store in stores if store.prefix and backends[store.backend].shares_keys}
    if not told:
        return
    for store in stores:
        if store.backend in told and not store.prefix and not resolved_layout(store, registry).keys:
            label = unquoted(backends[store.backend].label)
            message = (
                f"the store {escaped(store.name)} has no 'prefix', but other stores have one, and {label} has one "
                "key space for all stores: add the prefix of its keys"
            )
            yield Problem(Kind.MISSING_PREFIX, message, store.places.of("prefix"), store=store.name)


def _same_prefixes(stores: Sequence[Store], registry: Registry) -> Iterator[Problem]:
    """Yield stores with the same key prefix in one key space, unless a layout tells their keys apart.

    Removed stores have no keys.
    """
    with_prefixes = {key for key, backend in registry.backends.items() if backend.has_prefixes}
    having = [
        store for store in stores if store.prefix and store.backend in with_prefixes and store.status != "removed"
    ]
    # Most prefixes are there once.
    numbers = Counter((store.backend, store.prefix) for store in having)
    found = [
        (store, (store.backend, store.prefix, keys))
        for store in having
        if numbers[store.backend, store.prefix] > 1
        for keys in resolved_layout(store, registry).keys or ((),)
    ]
    pairs = _equal([store for store, _ in found], [key for _, key in found])
    for first, second in {(first.name, second.name): (first, second) for first, second in pairs}.values():
        other, place = _places(first.places, second.places, "prefix")
        message = _shared(first, second, f"prefix {shown(second.prefix)}", other)
        yield Problem(Kind.SAME_PREFIX, message, place, store=second.name)


def _same_tables(stores: Sequence[Store], registry: Registry) -> Iterator[Problem]:
    """Yield stores with the same table, and the same value in its column if it has one for that.

    Removed stores have no rows.
    """
    with_tables = {key for key, backend in registry.backends.items() if backend.has_tables}
    keys = [
        (store.backend, *location_in_table(store, registry))
        if store.backend in with_tables and store.status != "removed"
        else None
        for store in stores
    ]
    for first, second in _equal(stores, keys):
        other, place = _places(first.places, second.places, "table")
        table, column, value = location_in_table(second, registry)
        what = f"value {shown(value)} in the column {shown(column)} of the table" if column else "table"
        message = _shared(first, second, f"{what} {shown(table)}", other)
        yield Problem(Kind.SAME_TABLE, message, place, store=second.name)


def _unknown_references(registry: Registry, stores: Iterable[Store], defined: Collection[str]) -> Iterator[Problem]:
    """Names that stand for stores, and are those of none."""
    suggestions = Suggestions()

    def unknown(name: str, what: str, location: Location, store: str = "") -> Problem:
        near = suggestions.did_you_mean(name, registry.names) or ": use the name of a store in 'x-state-stores'"
        return Problem(Kind.UNKNOWN_REFERENCE, f"{what} is not a store: {shown(name)}{near}", location, store=store)

    for store in stores:
        if not store.replaced_by:
            continue
        what, place = f"'replacedBy' of the store {store.name!r}", store.places.of("replacedBy")
        if store.replaced_by == store.name:
            message = f"{what} is the store itself: name the one to use instead, or remove the line"
            yield Problem(Kind.UNKNOWN_REFERENCE, message, place, store=store.name)
        elif store.replaced_by not in defined:
            yield unknown(store.replaced_by, what, place, store.name)
    for deployment in registry.guide.deployments:
        for name, _ in deployment.stores:
            if name not in defined:
                what = f"a name in the deployment example {shown(deployment.title)}"
                yield unknown(name, what, deployment.places.of(f"stores.{name}"))
    code = registry.guide.generated_code
    for name in code.names if code else ():
        if code and name not in defined:
            yield unknown(name, "one of the 'names' of 'x-generated-code'", code.places.of(f"names.{name}"))


def _unknown_values(registry: Registry, stores: Sequence[Store], defined: Collection[str]) -> Iterator[Problem]:
    """Values and defaults of declared fields that stand for stores or services, and are those of none."""
    fields = {
        field.name: field for field in registry.guide.fields if field.type in {FieldType.STORE, FieldType.SERVICE}
    }
    if not fields:
        return
    suggestions = Suggestions()

    def fault(field: OwnField, text: str, what: str, location: Location, store: str = "") -> Iterator[Problem]:
        is_store = field.type is FieldType.STORE
        if not text or text in (defined if is_store else registry.users):
            return
        known: Collection[str] = registry.names if is_store else registry.services
        near = suggestions.did_you_mean(text, known) or (
            ": use the name of a store in 'x-state-stores'"
            if is_store
            else ": use one that owns a store or is in 'x-services'"
        )
        message = f"{what} is not a {field.type.value}: {shown(text)}{near}"
        yield Problem(Kind.UNKNOWN_REFERENCE, message, location, store=store)

    for field in fields.values():
        what = f"'default' of the field {escaped(field.name)} in 'x-fields'"
        yield from fault(field, field.default, what, field.places.of("default"))
    for store in stores:
        for name, text in store.extra:
            # A default is reported where it is declared.
            if name in fields and name in store.places.names:
                what = f"{escaped(name)} of the store {escaped(store.name)}"
                yield from fault(fields[name], text, what, store.places.of(name), store.name)


def _unused_services(registry: Registry) -> Iterator[Problem]:
    """Services that are described, and do not appear anywhere else."""
    if len(registry.services) == len(registry.by_service):
        return
    used = {
        *registry.by_service,
        *(service for store in registry.stores for service in (*store.readers, *store.writers)),
    }
    suggestions = Suggestions()
    for name, service in registry.services.items():
        if name not in used:
            near = suggestions.did_you_mean(name, registry.by_service) or ": remove it, or use it in a store"
            message = f"the service {name!r} owns, reads and writes no store{near}"
            yield Problem(Kind.UNUSED_SERVICE, message, service.location)


def _equal(values: Iterable[_T], keys: Sequence[Hashable]) -> Iterator[tuple[_T, _T]]:
    """Yield each value whose key another one had before it, with the first that had it. None is no key."""
    # In most registries none are equal, and that is seen at once.
    if len(set(keys)) + max(keys.count(None) - 1, 0) == len(keys):
        return
    seen: dict[Hashable, _T] = {}
    for value, found in zip(values, keys, strict=True):
        if found is not None and (first := seen.setdefault(found, value)) is not value:
            yield first, value


def _places(first: Places, second: Places, field: str) -> tuple[Location, Location]:
    """Return the locations of two equal fields; those of their stores if an alias makes the fields one node."""
    if second.of(field) == first.of(field):
        return first.of(), second.of()
    return first.of(field), second.of(field)


def _shared(first: Store, second: Store, what: str, place: Location) -> str:
    return f"the stores {second.name!r} and {first.name!r} have the same {what}; the other one is at {place}"
