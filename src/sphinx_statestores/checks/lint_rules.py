"""A registry -> the problems that each lint rule finds, at its default severity."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from sphinx_statestores.registry.conventions import Conventions, name_by, preferred_name
from sphinx_statestores.registry.fields import FILE_FIELDS, FieldType
from sphinx_statestores.registry.key_index import Pattern, place_of
from sphinx_statestores.registry.naming import service_spellings
from sphinx_statestores.registry.problems import Kind, Problem
from sphinx_statestores.registry.quoting import LISTED, listed, printable, shown, unquoted
from sphinx_statestores.registry.suggest import Suggestions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from sphinx_statestores.registry.model import Convention, Registry, Store
    from sphinx_statestores.registry.problems import Location

_DEPRECATED, _REMOVED = "deprecated", "removed"
#: The fields with services other than the owner, and the words for what these do with the store.
_USERS = tuple(field for field in FILE_FIELDS.values() if field.type is FieldType.SERVICES)
_DONE = {"readers": "read", "writers": "written"}

#: The parts of a prefix, such as ``("auth", "edge")``.
Parts: TypeAlias = tuple[str, ...]


def check_names(registry: Registry) -> Iterator[Problem]:
    """Find names that follow no convention, or a legacy one. Deprecated and removed stores are not checked."""
    conventions = Conventions(registry.guide.conventions)
    found: list[tuple[Store, Convention | None, list[str]]] = []
    for store in registry.stores:
        if store.status in {_DEPRECATED, _REMOVED}:
            continue
        position = conventions.followed_by(store)
        if position is None:
            # A backend without conventions is not checked.
            if conventions.are_for(store.backend):
                wanted, _ = conventions.preferred_for(store.backend, LISTED)
                found.append((store, None, [name_by(convention.pattern, store) for convention in wanted]))
        elif (convention := registry.guide.conventions[position]).prefer:
            found.append((store, convention, [preferred_name(store, convention)]))
    # A name that another store has, or that is right for several, is no advice. One with a placeholder still is.
    times = Counter(name for *_, names in found for name in names)
    for store, legacy, names in found:
        free = [name for name in names if "{" in name or (times[name] == 1 and name not in registry.by_name)]
        if legacy is None:
            message = _unconventional(registry, store, conventions, free)
            yield _finding(Kind.NAMING_CONVENTION, message, store, store.location)
        else:
            better = f"rename it to {shown(free[0])}" if free else f"use the pattern {shown(legacy.prefer)}"
            message = f"the name {shown(store.name)} follows the legacy pattern {shown(legacy.pattern)}; {better}"
            yield _finding(Kind.LEGACY_NAME, message, store, store.location)


def _unconventional(registry: Registry, store: Store, conventions: Conventions, free: Sequence[str]) -> str:
    """Return a message that suggests *free* names, or else the patterns of the conventions."""
    backend = unquoted(registry.backend_label(store.backend))
    message = f"the name {shown(store.name)} matches no naming convention for {backend}"
    wanted, number = conventions.preferred_for(store.backend, LISTED)
    if free:
        message += (
            f": rename it to {listed(map(shown, free), number if len(free) == len(wanted) else len(free), 'or')}"
        )
    elif wanted:
        patterns = listed((shown(convention.pattern) for convention in wanted), number, "or")
        message += f": use the pattern {patterns}"
    position = conventions.form_of(store)
    if position is not None:
        elsewhere = registry.guide.conventions[position]
        backends = "/".join(unquoted(registry.backend_label(key)) for key in elsewhere.backends[:LISTED])
        more = len(elsewhere.backends) - LISTED
        message += f"; the pattern {shown(elsewhere.pattern)} is only for {backends}" + (
            f" and {more:,} more" if more > 0 else ""
        )
    return message


def check_prefixes(registry: Registry) -> Iterator[Problem]:
    """Find prefixes that contain other prefixes, and prefixes that begin with the name of another service.

    Prefixes are compared by their parts, separated by ``:`` and ``/``: ``auth:edge`` is inside ``auth``, but
    ``authority`` is not. Equal prefixes are reported when the registry is loaded.
    """
    called = _services_by_spelling(registry)
    for key, positions in registry.by_backend.items():
        if registry.backends[key].has_prefixes:
            stores = (registry.stores[position] for position in positions)
            present = [store for store in stores if store.status != _REMOVED]
            yield from _check_key_space(registry, present, called)


def _check_key_space(
    registry: Registry, stores: list[Store], called: Mapping[str, Mapping[str, None]]
) -> Iterator[Problem]:
    by_parts: dict[Parts, list[Store]] = {}
    for store in stores:
        if parts := _parts(store.prefix):
            by_parts.setdefault(parts, []).append(store)
    root = _common_root(list(by_parts), called)
    # Sorted, an outer prefix comes before the inner ones, with only inner ones between them.
    around: list[tuple[Parts, dict[str, Store]]] = []
    for parts in sorted(by_parts):
        while around and parts[: len(around[-1][0])] != around[-1][0]:
            around.pop()
        outer = around[-1][1] if around else None
        # Service -> the first of its stores with this prefix.
        equal: dict[str, Store] = {}
        for store in by_parts[parts]:
            equal.setdefault(store.service, store)
        begins_with = called.get(parts[root].lower(), {}) if len(parts) > root else {}
        others = "" if outer or not begins_with else _other_services(begins_with, equal)
        for store in by_parts[parts]:
            if outer:
                yield from _nested(registry, store, outer)
            elif others and not _is_own(islice(parts, root, None), store.service, begins_with):
                message = (
                    f"the prefix {shown(store.prefix)} of the store {shown(store.name)} begins with the name of the "
                    f"service {others}, but the owner of the store is {shown(store.service)}"
                )
                yield _finding(Kind.FOREIGN_PREFIX, message, store, store.places.of("prefix"))
        around.append((parts, equal))


def _parts(prefix: str) -> Parts:
    return tuple([part for part in prefix.replace("/", ":").split(":") if part])


def _nested(registry: Registry, store: Store, outer: dict[str, Store]) -> Iterator[Problem]:
    """Report a store whose prefix is inside the prefix of others. *outer* has the nearest outer stores by service.

    A layout may keep the keys apart that the prefixes do not: then there is nothing to report.
    """
    own = outer.get(store.service)
    if own is not None:
        kind, other, owner = Kind.NESTED_PREFIX, own, ""
    else:
        kind, other = Kind.FOREIGN_PREFIX, next(iter(outer.values()))
        owner = f", which is owned by {shown(other.service)}"
    scan, found = _scan(registry, other, store)
    if scan:
        message = (
            f"the prefix {shown(store.prefix)} of the store {shown(store.name)} is inside {shown(other.prefix)} "
            f"of the store {shown(other.name)}{owner}: a scan of {shown(scan)} also finds the keys {shown(found)}"
        )
        yield _finding(kind, message, store, store.places.of("prefix"))


def _scan(registry: Registry, outer: Store, inner: Store) -> tuple[str, str]:
    """Return the pattern of a scan for the keys of one store, and that of keys of another that it also finds."""
    scans = [pattern for pattern in place_of(outer, registry).patterns if pattern.is_prefix and pattern.key is None]
    # Whoever does not know the separator scans for the prefix alone.
    scans.append(Pattern((outer.prefix, "")))
    keys = [pattern for pattern in place_of(inner, registry).patterns if pattern.is_of_keys]
    return next(
        ((scan.text, key.text) for scan in scans for key in keys if key.start.startswith(scan.start)), ("", "")
    )


def _services_by_spelling(registry: Registry) -> dict[str, dict[str, None]]:
    """Return spelling of a service in a prefix -> the services with that spelling, by name."""
    found: dict[str, dict[str, None]] = {}
    for name in sorted(registry.services):
        spellings = service_spellings(name)
        for spelling in (spellings["kebab"], spellings["snake"], spellings["lower"]):
            found.setdefault(spelling, {})[name] = None
    return found


def _common_root(prefixes: Sequence[Parts], called: Mapping[str, object]) -> int:
    """Return how many leading parts all prefixes share that do not name a service: ``shop:auth``, ``shop:item``."""
    if len(prefixes) < 2:
        return 0
    length = 0
    # The shortest prefix ends the loop.
    for parts in zip(*prefixes, strict=False):
        if len(set(parts)) > 1 or parts[0].lower() in called:
            break
        length += 1
    return length


def _other_services(services: Collection[str], owners: Collection[str]) -> str:
    """Return the services for a message, without the owners; empty when there are no others."""
    others = (shown(service) for service in services if service not in owners)
    return listed(others, len(services) - sum(owner in services for owner in owners), "or")


def _is_own(parts: Iterable[str], service: str, begins_with: Collection[str]) -> bool:
    """Return whether a prefix begins with the name of its own service, in any spelling."""
    if service in begins_with:
        return True
    # `character:history` may be a spelling of CharacterHistory.
    own, spelled = _squashed(service), ""
    for part in parts:
        spelled += _squashed(part)
        if len(spelled) >= len(own):
            break
    return spelled == own


def _squashed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def check_keys(registry: Registry) -> Iterator[Problem]:
    """Find keys without a purpose."""
    for store in registry.stores:
        if store.status == _REMOVED:
            continue
        for key in store.keys:
            if not key.purpose.strip():
                message = f"the key {shown(key.pattern)} of the store {shown(store.name)} has no purpose: add one"
                yield _finding(Kind.UNDESCRIBED_KEY, message, store, key.places.of())


def check_uses(registry: Registry) -> Iterator[Problem]:
    """Find uses of deprecated or removed stores: by services, in examples, as replacements."""
    found = [store for store in registry.stores if store.status in {_DEPRECATED, _REMOVED}]
    if not found:
        return
    leaving = {store.name: store for store in sorted(found, key=lambda store: store.status)}
    for store in leaving.values():
        instead = f"; use {shown(store.replaced_by)}" if store.replaced_by else ""
        for field in _USERS:
            if services := field.recorded(store, registry):
                names = listed(map(shown, services), len(services))
                done = _DONE.get(field.name, "used")
                message = f"the store {shown(store.name)} is {store.status}, but {done} by {names}{instead}"
                yield _use(store, message, store.places.of(field.name))
    for store in registry.stores:
        replacement = leaving.get(store.replaced_by)
        if replacement is not None:
            message = (
                f"{shown(replacement.name)} replaces the store {shown(store.name)}, but is {replacement.status} "
                "itself"
            )
            yield _use(replacement, message, store.places.of("replacedBy"))
    for deployment in registry.guide.deployments:
        for name, _ in deployment.stores:
            if name in leaving:
                message = f"the deployment example {shown(deployment.title)} names {_status_of(leaving[name])}"
                yield _use(leaving[name], message, deployment.places.of(f"stores.{name}"))
    code = registry.guide.generated_code
    for name in code.names if code else ():
        if code and name in leaving:
            message = f"the examples of generated code name {_status_of(leaving[name])}"
            yield _use(leaving[name], message, code.places.of("names"))


def _status_of(store: Store) -> str:
    return f"the store {shown(store.name)}, which is {store.status}"


def _use(store: Store, message: str, location: Location) -> Problem:
    kind = Kind.REMOVED_IN_USE if store.status == _REMOVED else Kind.DEPRECATED_IN_USE
    return _finding(kind, message, store, location)


def check_readers(registry: Registry) -> Iterator[Problem]:
    """Find readers and writers that are unknown services."""
    suggestions = Suggestions()
    for store in registry.stores:
        for field in _USERS:
            for name in field.recorded(store, registry):
                if name in registry.services:
                    continue
                near = suggestions.did_you_mean(name, registry.services)
                hint = near or ": it owns no store and is not in 'x-services'"
                user = field.name.removesuffix("s")
                message = f"the {user} {shown(name)} of the store {shown(store.name)} is not a known service{hint}"
                yield _finding(Kind.UNKNOWN_READER, message, store, store.places.of(f"{field.name}.{name}"))


def _finding(kind: Kind, message: str, store: Store, location: Location) -> Problem:
    # Labels appear in messages as they are displayed.
    return Problem(kind, printable(message), location, store=store.name)


#: All lint rules, in the order of the documentation.
CHECKS: tuple[Callable[[Registry], Iterator[Problem]], ...] = (
    check_names,
    check_prefixes,
    check_keys,
    check_uses,
    check_readers,
)
