"""A registry as values: stores, services, backends, the guide. Frozen; each knows its place in its file."""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar

from sphinx_statestores.registry.backends import KNOWN_BACKENDS, Backend
from sphinx_statestores.registry.naming import constant_name
from sphinx_statestores.registry.places import NOWHERE, Places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self

    from sphinx_statestores.registry.problems import Location, Severity

_K = TypeVar("_K")
_V = TypeVar("_V")

#: What ``status`` may be, in the order of a store's life.
STATUSES = ("planned", "active", "deprecated", "removed")
#: The fields of a key.
KEY_FIELDS = ("pattern", "type", "ttl", "purpose")


class Key(NamedTuple):
    """One kind of entry inside a store."""

    #: Such as ``session:{id}``.
    pattern: str
    #: Such as ``hash`` or ``sorted set``; may be empty.
    type: str
    #: How long an entry lives, as written; may be empty.
    ttl: str
    purpose: str
    places: Places


class Store(NamedTuple):
    """One state store."""

    #: In kebab-case; unique in the registry.
    name: str
    #: A key of :attr:`Registry.backends`.
    backend: str
    #: The owning service, in PascalCase.
    service: str
    #: One sentence; may hold inline code.
    purpose: str
    places: Places
    #: The key prefix as given; empty when there is none.
    prefix: str = ""
    #: The table as given; :meth:`Registry.table_of` knows the default.
    table: str = ""
    #: Whether a full-text index is kept over it.
    enable_search: bool = False
    #: One of :data:`STATUSES`.
    status: str = "active"
    #: The store to use instead; empty when there is none.
    replaced_by: str = ""
    #: The version or date since which it exists, as written.
    since: str = ""
    #: Services other than the owner that read it.
    readers: tuple[str, ...] = ()
    #: Services other than the owner that write it.
    writers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    #: The user's own fields (``x-...``) and unknown ones, as texts, in file order.
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def location(self) -> Location:
        """Where its name stands."""
        return self.places.of()

    @property
    def constant(self) -> str:
        """Its name in generated code, such as ``AccountLock``."""
        return constant_name(self.name)


class Service(NamedTuple):
    """A service that owns stores, or that ``x-services`` describes."""

    name: str
    #: What a reader sees; the name when nothing else is given.
    title: str
    #: A page of the documentation or an address; may be empty.
    docs: str
    #: Of its entry in ``x-services``, or of its name in its first store.
    places: Places

    @property
    def location(self) -> Location:
        """Where its name stands."""
        return self.places.of()


class Convention(NamedTuple):
    """A naming pattern for stores."""

    #: With ``{service}`` (the owner in kebab-case) and ``{feature}`` (anything).
    pattern: str
    #: Keys of :attr:`Registry.backends` that it is for.
    backends: tuple[str, ...]
    description: str
    #: For a legacy pattern, the one to use instead; else empty.
    prefer: str
    places: Places


class BackendChoice(NamedTuple):
    """A line of the backend selection guide."""

    use_case: str
    backend: str
    #: Whether the backend's search module is meant.
    enable_search: bool
    rationale: str
    places: Places


class Deployment(NamedTuple):
    """An example of where stores live."""

    title: str
    #: One line that comes first; may be empty.
    note: str
    #: Store -> host and port, as written, in file order.
    stores: tuple[tuple[str, str], ...]
    #: With ``stores.<name>`` for each of them.
    places: Places


class GeneratedCode(NamedTuple):
    """Where the code that is generated from the registry is found, and what it is called."""

    language: str
    path: str
    namespace: str
    #: The class that holds everything.
    class_name: str
    #: Stores whose constants serve as examples.
    names: tuple[str, ...]
    places: Places


class Reference(NamedTuple):
    """What the reference page says beside its tables."""

    #: The system that the stores belong to; may be empty.
    project: str = ""
    #: The command that makes the generated page anew.
    regenerate: str = "statestores generate markdown"
    #: The paragraph before the deployment examples, with its line breaks.
    deployments: str = ""
    #: The last line's link: its text, its target and the words after it.
    closing_label: str = ""
    closing_href: str = ""
    closing_text: str = ""
    places: Places = NOWHERE


class Output(NamedTuple):
    """A generated file that the repository keeps."""

    #: As it is written: what formats there are is known to those who write them.
    format: str
    #: From the folder of the file that declares it, never absolute.
    path: str
    #: The other fields, as texts or lists of texts, in file order: the options of the format.
    options: tuple[tuple[str, tuple[str, ...]], ...]
    places: Places


class RuleSetting(NamedTuple):
    """What a project wants of one rule."""

    #: None for that of the rule itself.
    severity: Severity | None = None
    is_off: bool = False
    #: Globs of the stores that it is not for.
    exceptions: tuple[str, ...] = ()


class Ignore(NamedTuple):
    """A comment ``# statestores: ignore[...]``."""

    #: Where it begins; it is for what is reported in its line, and for the store whose name is there.
    location: Location
    #: Subtypes; None for all rules.
    rules: tuple[str, ...] | None
    #: Whether its line holds nothing else.
    stands_alone: bool


class Guide(NamedTuple):
    """Everything in a registry that is not a store."""

    conventions: tuple[Convention, ...] = ()
    backend_choices: tuple[BackendChoice, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    generated_code: GeneratedCode | None = None
    reference: Reference = Reference()
    outputs: tuple[Output, ...] = ()
    #: Subtype of a rule -> what ``x-lint`` says of it. That of a :class:`Registry` cannot be written.
    lint: Mapping[str, RuleSetting] = MappingProxyType({})

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy the fields: a mapping that cannot be written has no pickle of its own."""
        return Guide, (*self[:-1], dict(self.lint))


class SourceFile(NamedTuple):
    """A file that the registry was read from."""

    path: str
    digest: str


class _Sections(NamedTuple):
    """What a registry is made of."""

    #: Sorted by name.
    stores: tuple[Store, ...] = ()
    #: By name, sorted.
    services: Mapping[str, Service] = MappingProxyType({})
    #: By key: the known ones first, then the registry's own.
    backends: Mapping[str, Backend] = KNOWN_BACKENDS
    guide: Guide = Guide()
    files: tuple[SourceFile, ...] = ()
    #: In file order.
    ignores: tuple[Ignore, ...] = ()


# Not a dataclass: that module alone takes a fifth of the time in which the command line has to start.
class Registry(_Sections):
    """All stores of a system, with what is known about them.

    Nothing of it can be written: setting an attribute raises AttributeError, setting an item of a mapping TypeError.
    It can be pickled and copied; what has been computed of it is left out then.
    """

    def __new__(
        cls,
        stores: tuple[Store, ...] = (),
        services: Mapping[str, Service] = MappingProxyType({}),
        backends: Mapping[str, Backend] = KNOWN_BACKENDS,
        guide: Guide = Guide(),  # noqa: B008 - a value
        files: tuple[SourceFile, ...] = (),
        ignores: tuple[Ignore, ...] = (),
    ) -> Self:
        """Make a registry; *stores* are sorted by name, *services* too, and the mappings are copied."""
        return cls._make((stores, services, backends, guide, files, ignores))

    @classmethod
    def _make(cls, iterable: Iterable[Any]) -> Self:  # type: ignore[override] # that of a NamedTuple has its own Self
        """Make a registry of its fields; ``_replace`` does so as well. Here the mappings are sealed."""
        stores, services, backends, guide, files, ignores = iterable
        sealed = guide._replace(lint=_sealed(guide.lint))
        return super()._make((stores, _sealed(services), _sealed(backends), sealed, files, ignores))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy the fields: a mapping that cannot be written has no pickle of its own."""
        return Registry, (self.stores, dict(self.services), dict(self.backends), *self[3:])

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Raise AttributeError. What is computed is remembered by ``cached_property``, which does not come here."""
        raise AttributeError(f"a registry cannot be changed: {name!r} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        """Raise AttributeError."""
        raise AttributeError(f"a registry cannot be changed: {name!r} cannot be deleted")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The stores' names, sorted."""
        return tuple(store.name for store in self.stores)

    @cached_property
    def by_name(self) -> Mapping[str, Store]:
        """Name -> store."""
        return MappingProxyType({store.name: store for store in self.stores})

    @cached_property
    def by_service(self) -> Mapping[str, tuple[int, ...]]:
        """Service -> positions in :attr:`stores`, ascending."""
        return self._positions(lambda store: (store.service,))

    @cached_property
    def by_backend(self) -> Mapping[str, tuple[int, ...]]:
        """Backend key -> positions in :attr:`stores`, ascending."""
        return self._positions(lambda store: (store.backend,))

    @cached_property
    def by_status(self) -> Mapping[str, tuple[int, ...]]:
        """Status -> positions in :attr:`stores`, ascending."""
        return self._positions(lambda store: (store.status,))

    @cached_property
    def by_tag(self) -> Mapping[str, tuple[int, ...]]:
        """Tag -> positions in :attr:`stores`, ascending."""
        return self._positions(lambda store: store.tags)

    @cached_property
    def extra_fields(self) -> frozenset[str]:
        """The names of the fields that some store has beyond those of the format."""
        return frozenset(self.extra_values)

    @cached_property
    def extra_values(self) -> Mapping[str, Mapping[str, str]]:
        """Field beyond those of the format -> store -> its text, for the stores that have it."""
        found: dict[str, dict[str, str]] = {}
        for store in self.stores:
            for name, text in store.extra:
                found.setdefault(name, {})[store.name] = text
        return MappingProxyType({name: MappingProxyType(texts) for name, texts in found.items()})

    @cached_property
    def label_order(self) -> Mapping[str, int]:
        """Label of a backend -> its position among the labels of the registry, each of them once."""
        labels = dict.fromkeys(backend.label for backend in self.backends.values())
        return MappingProxyType({label: position for position, label in enumerate(labels)})

    def backend_label(self, key: str) -> str:
        """Return what a reader sees for a backend, its key when it is not known."""
        backend = self.backends.get(key)
        return backend.label if backend else key

    def service_title(self, name: str) -> str:
        """Return what a reader sees for a service."""
        service = self.services.get(name)
        return service.title if service else name

    def table_of(self, store: Store) -> str:
        """Return a store's table: the given one, or its name with ``_`` where its backend has tables."""
        if store.table:
            return store.table
        backend = self.backends.get(store.backend)
        return store.name.replace("-", "_") if backend and backend.has_tables else ""

    def with_paths(self, names: Mapping[str, str]) -> Registry:
        """Return the registry with its files called otherwise: in their list, and where stores and services are."""

        def moved(places: Places) -> Places:
            return places._replace(path=names.get(places.path, places.path))

        return self._replace(
            stores=tuple(
                store._replace(
                    places=moved(store.places),
                    keys=tuple(key._replace(places=moved(key.places)) for key in store.keys),
                )
                for store in self.stores
            ),
            services={
                name: service._replace(places=moved(service.places)) for name, service in self.services.items()
            },
            files=tuple(file._replace(path=names.get(file.path, file.path)) for file in self.files),
        )

    def _positions(self, values: Callable[[Store], tuple[str, ...]]) -> Mapping[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {}
        for position, store in enumerate(self.stores):
            for value in values(store):
                found.setdefault(value, []).append(position)
        return MappingProxyType({value: tuple(positions) for value, positions in found.items()})


def _sealed(mapping: Mapping[_K, _V]) -> Mapping[_K, _V]:
    """Return a copy of a mapping that cannot be written; one of that kind as it is."""
    return mapping if isinstance(mapping, MappingProxyType) else MappingProxyType(dict(mapping))
