"""A registry and what its code names -> who uses each store, and where; problems in both.

A wrong report costs more than a missing one. Code belongs to a service only where a glob says so and the registry
knows the service; and nothing counts as unused while some of the code is not known.
"""

from __future__ import annotations

from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, cast

from sphinx_statestores.registry.code import CONSTANT
from sphinx_statestores.registry.fields import CODE_FACTS
from sphinx_statestores.registry.globs import NEGATION, SERVICE_FIELDS, Glob
from sphinx_statestores.registry.lookalikes import NamePatterns, usual_ends
from sphinx_statestores.registry.naming import CODE_MEMBERS, constant_name, service_spellings
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.quoting import escaped, shown
from sphinx_statestores.registry.suggest import Suggestions

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from pathlib import Path

    from sphinx_statestores.checks.code_files import Scan
    from sphinx_statestores.checks.code_mentions import Mention
    from sphinx_statestores.registry.fields import Value
    from sphinx_statestores.registry.model import CodeUse, Registry, Store

#: The backend of stores that are only in the memory of a program.
_MEMORY = "memory"
_REMOVED = "removed"
#: The statuses of stores that no code has to use.
_NOT_IN_USE = frozenset({"planned", _REMOVED})


class Use(NamedTuple):
    """A line of code that uses a store. Uses are sorted by service, path and line; those of nobody come last."""

    #: Whose code it is; empty for nobody's.
    service: str
    #: Relative to the root of its repository, with ``/``.
    path: str
    line: int
    column: int
    #: The root of the repository.
    root: Path


class Usage(NamedTuple):
    """Who uses which stores."""

    #: Store -> the lines of code that use it. Unused stores are left out.
    uses: Mapping[str, tuple[Use, ...]] = MappingProxyType({})
    problems: tuple[Problem, ...] = ()
    #: The stores that no code uses, and should; empty while some of the code is not known.
    unused: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all code that ``x-code`` selects was read; otherwise nobody knows which stores are unused."""
        return not any(problem.kind is Kind.UNREAD_CODE for problem in self.problems)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy by fields: a mapping proxy cannot be pickled."""
        return Usage, (dict(self.uses), self.problems, self.unused)

    def facts(self, registry: Registry) -> dict[str, Mapping[str, Value]]:
        """Return what is known of the stores of a registry, as :attr:`~.model.Registry.facts`."""
        names = registry.names
        numbers = {name: str(len(self.uses.get(name, ()))) for name in names}
        return dict(zip(CODE_FACTS, (numbers, {name: self.services(name) for name in names}), strict=True))

    def without(self, stores: Container[str], services: Container[str]) -> Usage:
        """Return it without some stores, and without code of some services."""
        kept = {
            name: tuple([use for use in found if use.service not in services])
            for name, found in self.uses.items()
            if name not in stores
        }
        return self._replace(
            uses=MappingProxyType({name: found for name, found in kept.items() if found}),
            unused=tuple(name for name in self.unused if name not in stores),
        )

    @property
    def digest(self) -> str:
        """A digest of all that pages may show of it."""
        shown = [(name, [use[:-1] for use in found]) for name, found in self.uses.items()]
        return blake2b(repr((shown, self.unused)).encode(), digest_size=16).hexdigest()

    def services(self, store: str) -> tuple[str, ...]:
        """Take the name of a store; return the services that use it, sorted."""
        return tuple(dict.fromkeys(use.service for use in self.uses.get(store, ()) if use.service))


def _is_needed(store: Store, registry: Registry, foreign: Container[str]) -> bool:
    """Return whether code has to use a store: not a planned, removed or in-memory one, nor one of another site."""
    return store.status not in _NOT_IN_USE and store.backend != _MEMORY and not _is_foreign(store, registry, foreign)


def _is_foreign(store: Store, registry: Registry, foreign: Container[str]) -> bool:
    return store.name in foreign or store.places.path in registry.publications


def find_usage(
    registry: Registry, scans: Iterable[Scan], place_of: Callable[[Path, str], str], foreign: Container[str] = ()
) -> Usage:
    """Take a registry and its scanned code; return who uses its stores, and problems.

    *place_of* takes a root and a path below it; returns what messages call the file. *foreign* are the stores of
    other sites. The problems are of use if the registry has no errors: parts of one make right code look wrong.
    """
    finder = _Finder(registry, place_of, foreign)
    problems: list[Problem] = []
    for scan in scans:
        problems += scan.problems
        finder.add(scan)
    is_known = not problems
    uses = {name: tuple(sorted(found, key=_order)) for name, found in sorted(finder.uses.items())}
    problems += sorted(finder.unknown, key=lambda problem: problem.location)
    problems += finder.misused()
    unused = [
        store
        for store in registry.stores
        if is_known and store.name not in uses and _is_needed(store, registry, foreign)
    ]
    problems += map(_unused, unused)
    return Usage(MappingProxyType(uses), tuple(problems), tuple(store.name for store in unused))


def _order(use: Use) -> tuple[object, ...]:
    return not use.service, use


def _unused(store: Store) -> Problem:
    message = (
        f"no code uses the store {shown(store.name)}: if some does, add to 'x-code' how it names the store, and its "
        "files to git; otherwise remove the store, or set its status to 'planned' or 'removed'"
    )
    return Problem(Kind.UNUSED_STORE, message, store.location, store=store.name)


class _Finder:
    def __init__(self, registry: Registry, place_of: Callable[[Path, str], str], foreign: Container[str]) -> None:
        self._registry = registry
        self._foreign = foreign
        self._place_of = place_of
        self._names: dict[str, list[Store]] = {}
        self._constants: dict[str, list[Store]] = {}
        for store in registry.stores:
            self._names.setdefault(store.name, []).append(store)
            self._constants.setdefault(store.constant, []).append(store)
        for constant, stores in self._constants.items():
            # Generated code has no constants of removed stores.
            self._constants[constant] = [store for store in stores if store.status != _REMOVED] or stores
        for store in registry.stores:
            # Code does not know of the namespace that a store of another site has here.
            bare = store.name.rpartition(":")[2]
            if bare != store.name:
                for known, word in ((self._names, bare), (self._constants, constant_name(bare))):
                    # A store that has moved to another site may be removed here.
                    if all(own.status == _REMOVED for own in known.get(word, ())):
                        known[word] = [store]
        self._looks = NamePatterns((), usual_ends(registry), ())
        self._services = _by_spelling(registry)
        self._suggestions = Suggestions()
        #: Fields with words that may well be something else.
        self._irrelevant: set[tuple[str, str]] = set()
        self.uses: dict[str, list[Use]] = {}
        self.unknown: list[Problem] = []
        #: Store and service -> the places of wrong uses that nothing silences.
        self._misused: dict[tuple[str, str], list[Location]] = {}

    def add(self, scan: Scan) -> None:
        globs = [*_owner_globs(scan.repository.uses)]
        for file in scan.files:
            service = self._owner(file.path, globs)
            place = self._place_of(scan.repository.root, file.path)
            lines: set[tuple[str, int]] = set()
            for mention in file.mentions:
                known = self._constants if mention.field == CONSTANT else self._names
                stores = known.get(mention.word, ())
                if not stores and mention[:2] not in self._irrelevant:
                    self._add_unknown(mention, place)
                for store in stores:
                    # Two templates may match a line.
                    if (store.name, mention.line) in lines:
                        continue
                    lines.add((store.name, mention.line))
                    use = Use(service, file.path, mention.line, mention.column, scan.repository.root)
                    self.uses.setdefault(store.name, []).append(use)
                    # One of several stores with the same constant may be that of the service.
                    fault = self._fault(store, service) if len(stores) == 1 else None
                    if fault is not None and fault.subtype not in mention.silenced:
                        location = Location(place, mention.line, mention.column)
                        self._misused.setdefault((store.name, service), []).append(location)

    def _fault(self, store: Store, service: str) -> Kind | None:
        """Return what is wrong when code of a service, or of nobody, uses a store; None when it may."""
        if _is_foreign(store, self._registry, self._foreign):
            return None
        if store.status == _REMOVED:
            return Kind.REMOVED_IN_USE
        is_declared = not service or service in {store.service, *store.readers, *store.writers}
        return None if is_declared else Kind.UNDECLARED_USE

    def _add_unknown(self, mention: Mention, place: str) -> None:
        if mention.field == CONSTANT:
            what, known, is_sure = "the constant", self._constants, mention.word not in CODE_MEMBERS
        else:
            what, known, is_sure = "the name", self._names, self._looks.look_like_a_store(mention.word)
        if not is_sure:
            self._irrelevant.add((mention.field, mention.word))
        if not is_sure or Kind.UNKNOWN_CONSTANT.subtype in mention.silenced:
            return
        near = self._suggestions.did_you_mean(mention.word, known)
        message = f"no store has {what} {escaped(mention.word)}{near}"
        location = Location(place, mention.line, mention.column)
        self.unknown.append(Problem(Kind.UNKNOWN_CONSTANT, message, location))

    def misused(self) -> Iterator[Problem]:
        """Yield a problem for each store that is used wrongly and each service, by store."""
        for (name, service), places in sorted(self._misused.items()):
            store = self._registry.by_name[name]
            kind = Kind.REMOVED_IN_USE if store.status == _REMOVED else Kind.UNDECLARED_USE
            if kind is Kind.UNDECLARED_USE:
                why = f"belongs to {shown(store.service)}: add {shown(service)} to its 'readers' or 'writers'"
            else:
                instead = f"use {shown(store.replaced_by)}" if store.replaced_by else "use another one"
                why = f"is removed: {instead}, or set its status to 'deprecated' as long as code needs it"
            others = f" (and in {len(places) - 1:,} more {'line' if len(places) == 2 else 'lines'})"
            message = (
                f"code{f' of {shown(service)}' if service else ''} uses the store {shown(name)}"
                f"{others if len(places) > 1 else ''}, which {why}"
            )
            yield Problem(kind, message, min(places), store=name)

    def _owner(self, path: str, globs: Iterable[Glob]) -> str:
        """Return the service whose code a file is; empty for nobody's."""
        for glob in globs:
            services = self._services[glob.field]
            for value in glob.values(path):
                if value in services:
                    return services[value]
        return ""


def _owner_globs(uses: Iterable[CodeUse]) -> Iterator[Glob]:
    for use in uses:
        for text in use.files:
            if not text.startswith(NEGATION) and (glob := Glob(text)).field:
                yield glob


def _by_spelling(registry: Registry) -> dict[str, dict[str, str]]:
    """Return field of a glob -> a service in its spelling -> the name of the service."""
    found: dict[str, dict[str, str]] = {field: {} for field in SERVICE_FIELDS}
    for name in sorted(registry.users):
        spellings = cast("Mapping[str, str]", service_spellings(name))
        for field, spelling in SERVICE_FIELDS.items():
            found[field].setdefault(spellings[spelling], name)
    return found
