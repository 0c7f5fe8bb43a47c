"""The rules of taste: each takes a registry and yields what it finds, at the default severity."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from sphinx_statestores.registry.conventions import convention_of, form_of, is_for, name_by, preferred_name
from sphinx_statestores.registry.naming import service_spellings
from sphinx_statestores.registry.phrases import convention_backends
from sphinx_statestores.registry.problems import Kind, Problem
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sphinx_statestores.registry.model import Convention, Registry, Store
    from sphinx_statestores.registry.problems import Location

_DEPRECATED, _REMOVED = "deprecated", "removed"
#: For so many unknown names near ones are looked for: each look goes through all services.
_SUGGESTIONS = 50

#: The parts of a prefix, such as ``("auth", "edge")``.
Parts: TypeAlias = tuple[str, ...]


def check_names(registry: Registry) -> Iterator[Problem]:
    """Find names that follow no convention, or a legacy one. Stores that are on their way out keep theirs."""
    conventions = registry.guide.conventions
    for store in registry.stores:
        if store.status in {_DEPRECATED, _REMOVED}:
            continue
        position = convention_of(store, conventions)
        if position is None:
            # A backend that no convention is for has none to break.
            if wanted := [convention for convention in conventions if is_for(convention, store)]:
                yield _finding(
                    Kind.NAMING_CONVENTION, _unconventional(registry, store, wanted), store, store.location
                )
        elif conventions[position].prefer:
            convention = conventions[position]
            message = (
                f"the name {shown(store.name)} follows the legacy pattern {shown(convention.pattern)}; "
                f"prefer {shown(preferred_name(store, convention))}"
            )
            yield _finding(Kind.LEGACY_NAME, message, store, store.location)


def _unconventional(registry: Registry, store: Store, wanted: list[Convention]) -> str:
    backend = registry.backend_label(store.backend)
    message = f"the name {shown(store.name)} follows no naming convention for {backend}"
    patterns = [convention for convention in wanted if not convention.prefer]
    if patterns:
        names = _either([shown(name_by(convention.pattern, store)) for convention in patterns])
        message += f", which would be {names}"
    elsewhere = registry.guide.conventions
    position = form_of(store, elsewhere)
    if position is not None:
        backends = convention_backends(registry, elsewhere[position])
        message += f"; {shown(elsewhere[position].pattern)} is for {backends}"
    return message


def check_prefixes(registry: Registry) -> Iterator[Problem]:
    """Find prefixes inside of others, and those that begin as another service is called.

    Prefixes are compared by their parts, which ``:`` and ``/`` divide: ``auth:edge`` is inside of ``auth``, and
    ``authority`` is not. One prefix twice is not looked at: loading reports that.
    """
    for key, positions in registry.by_backend.items():
        if registry.backends[key].has_prefixes:
            stores = (registry.stores[position] for position in positions)
            yield from _check_key_space(registry, [store for store in stores if store.status != _REMOVED])


def _check_key_space(registry: Registry, stores: list[Store]) -> Iterator[Problem]:
    by_parts: dict[Parts, list[Store]] = {}
    for store in stores:
        if parts := _parts(store.prefix):
            by_parts.setdefault(parts, []).append(store)
    called = _services_by_spelling(registry)
    root = _common_root(list(by_parts), called)
    # What a prefix is inside of stands before it, and only others inside of the same are between them.
    around: list[Parts] = []
    for parts in sorted(by_parts):
        while around and parts[: len(around[-1])] != around[-1]:
            around.pop()
        outer = by_parts[around[-1]] if around else []
        equal = {store.service for store in by_parts[parts]}
        for store in by_parts[parts]:
            if outer:
                yield _nested(store, outer)
            elif others := _called_by(parts, root, store.service, called) - equal:
                message = (
                    f"the prefix {shown(store.prefix)} of the store {shown(store.name)} begins with the name of the "
                    f"service {_either(sorted(map(shown, others)))}, but the store is owned by {shown(store.service)}"
                )
                yield _finding(Kind.FOREIGN_PREFIX, message, store, store.places.of("prefix"))
        around.append(parts)


def _parts(prefix: str) -> Parts:
    return tuple([part for part in prefix.replace("/", ":").split(":") if part])


def _nested(store: Store, outer: list[Store]) -> Problem:
    """Report a store whose prefix is inside that of others, the nearest ones around it."""
    own = next((other for other in outer if other.service == store.service), None)
    if own is not None:
        kind, other, owner = Kind.NESTED_PREFIX, own, ""
    else:
        kind, other = Kind.FOREIGN_PREFIX, outer[0]
        owner = f", which is owned by {shown(other.service)}"
    message = (
        f"the prefix {shown(store.prefix)} of the store {shown(store.name)} is inside {shown(other.prefix)} "
        f"of the store {shown(other.name)}{owner}: whatever looks for the keys of that one finds these too"
    )
    return _finding(kind, message, store, store.places.of("prefix"))


def _services_by_spelling(registry: Registry) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name in registry.services:
        spellings = service_spellings(name)
        for spelling in (spellings["kebab"], spellings["snake"], spellings["lower"]):
            found.setdefault(spelling, set()).add(name)
    return found


def _common_root(prefixes: Sequence[Parts], called: dict[str, set[str]]) -> int:
    """Return how many parts all prefixes begin with that say nothing of a service: ``shop:auth``, ``shop:item``."""
    if len(prefixes) < 2:
        return 0
    length = 0
    # Of parts that are all equal there is one; the shortest prefix ends the walk.
    for parts in zip(*prefixes, strict=False):
        if len(set(parts)) > 1 or parts[0].lower() in called:
            break
        length += 1
    return length


def _called_by(parts: Parts, root: int, service: str, called: dict[str, set[str]]) -> set[str]:
    """Return the services, other than its owner, that a prefix begins with the name of."""
    if len(parts) <= root:
        return set()
    services = called.get(parts[root].lower())
    if not services:
        return set()
    own = _squashed(service)
    # `character:history` may be how CharacterHistory spells itself.
    is_own = service in services or any(
        _squashed("".join(parts[root:end])) == own for end in range(root + 1, len(parts) + 1)
    )
    return set() if is_own else services


def _squashed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def check_keys(registry: Registry) -> Iterator[Problem]:
    """Find keys that do not say what they are for."""
    for store in registry.stores:
        if store.status == _REMOVED:
            continue
        for key in store.keys:
            if not key.purpose.strip():
                message = f"the key {shown(key.pattern)} of the store {shown(store.name)} has no purpose"
                yield _finding(Kind.UNDESCRIBED_KEY, message, store, key.places.of())


def check_uses(registry: Registry) -> Iterator[Problem]:
    """Find uses of stores that are deprecated or removed: by services, in examples, as replacements."""
    found = [store for store in registry.stores if store.status in {_DEPRECATED, _REMOVED}]
    if not found:
        return
    leaving = {store.name: store for store in sorted(found, key=lambda store: store.status)}
    for store in leaving.values():
        instead = f"; use {shown(store.replaced_by)}" if store.replaced_by else ""
        for field, services, done in (("readers", store.readers, "read"), ("writers", store.writers, "written")):
            if services:
                names = ", ".join(map(shown, services))
                message = f"the store {shown(store.name)} is {store.status}, but {done} by {names}{instead}"
                yield _use(store, message, store.places.of(field))
    for store in registry.stores:
        replacement = leaving.get(store.replaced_by)
        if replacement is not None:
            message = (
                f"{shown(replacement.name)} is to replace the store {shown(store.name)}, but is {replacement.status}"
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
    """Find readers and writers that are no known services."""
    suggestions: dict[str, str] = {}
    for store in registry.stores:
        for field, names in (("reader", store.readers), ("writer", store.writers)):
            for name in names:
                if name in registry.services:
                    continue
                if name not in suggestions and len(suggestions) < _SUGGESTIONS:
                    suggestions[name] = did_you_mean(name, registry.services)
                hint = suggestions.get(name, "") or ": it owns no store and is not in 'x-services'"
                message = f"the {field} {shown(name)} of the store {shown(store.name)} is no known service{hint}"
                yield _finding(Kind.UNKNOWN_READER, message, store, store.places.of(f"{field}s.{name}"))


def _finding(kind: Kind, message: str, store: Store, location: Location) -> Problem:
    return Problem(kind, message, location, store=store.name)


def _either(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


#: All of them, in the order of the documentation.
CHECKS: tuple[Callable[[Registry], Iterator[Problem]], ...] = (
    check_names,
    check_prefixes,
    check_keys,
    check_uses,
    check_readers,
)
