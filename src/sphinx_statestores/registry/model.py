"""The values of a registry: stores, services, backends, the guide. All are immutable and carry their locations."""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar

from sphinx_statestores.registry.backends import KNOWN_BACKENDS, Backend
from sphinx_statestores.registry.layout import Layout, ResolvedLayout
from sphinx_statestores.registry.naming import constant_name
from sphinx_statestores.registry.places import NOWHERE, Places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self

    from sphinx_statestores.registry.field_types import FieldType
    from sphinx_statestores.registry.problems import Location, Severity
    from sphinx_statestores.registry.published import Publication

_K = TypeVar("_K")
_V = TypeVar("_V")

#: The values of ``status``, in the order of a store's life cycle.
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
    #: The table as given; :meth:`Registry.table_of` adds the default.
    table: str = ""
    #: Whether the store has a full-text index.
    enable_search: bool = False
    #: One of :data:`STATUSES`.
    status: str = "active"
    #: The name of the store to use instead; empty when there is none.
    replaced_by: str = ""
    #: The version or date in which the store was introduced, as written.
    since: str = ""
    #: Services other than the owner that read the store.
    readers: tuple[str, ...] = ()
    #: Services other than the owner that write the store.
    writers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    #: Custom (``x-...``) and unknown fields as text, in file order; before them, those that ``x-fields`` declares, in
    #: its order and with their defaults.
    extra: tuple[tuple[str, str], ...] = ()
    #: Where its data lie, for what is not as :attr:`Backend.layout` says.
    physical: Layout = Layout()
    #: Of a store from another site: where its data lie, whatever :attr:`physical` means in this registry.
    resolved: ResolvedLayout | None = None
    #: One of :data:`~.fields.CLASSIFICATIONS`; empty when it is not given.
    classification: str = ""
    #: How long its data are kept, as written.
    retention: str = ""
    #: Whether its data can be made again from elsewhere; None when that is not given.
    rebuildable: bool | None = None
    #: The kinds of sensitive data in it.
    sensitive: tuple[str, ...] = ()

    @property
    def location(self) -> Location:
        """The location of the store's name."""
        return self.places.of()

    @property
    def constant(self) -> str:
        """The store's name in generated code, such as ``AccountLock``."""
        return constant_name(self.name)


class Service(NamedTuple):
    """A service that owns stores, or that ``x-services`` describes."""

    name: str
    #: The title to display; the name when no title is given.
    title: str
    #: A document name or a URL; may be empty.
    docs: str
    #: The places of its entry in ``x-services``, or of its name in the first store that has it.
    places: Places

    @property
    def location(self) -> Location:
        """The location of the service's name."""
        return self.places.of()


class Convention(NamedTuple):
    """A naming convention for stores."""

    #: May hold ``{service}`` (the owner in kebab-case) and ``{feature}`` (one or more words).
    pattern: str
    #: The backends that it applies to: keys of :attr:`Registry.backends`.
    backends: tuple[str, ...]
    description: str
    #: For a legacy pattern, the pattern to use instead; otherwise empty.
    prefer: str
    places: Places


class BackendChoice(NamedTuple):
    """One row of the backend selection guide."""

    use_case: str
    backend: str
    #: Whether the row recommends the backend with its search module.
    enable_search: bool
    rationale: str
    places: Places


class Deployment(NamedTuple):
    """An example deployment: stores and their addresses."""

    title: str
    #: One line before the stores; may be empty.
    note: str
    #: Store -> host and port, as written, in file order.
    stores: tuple[tuple[str, str], ...]
    #: Includes ``stores.<name>`` for each store.
    places: Places


class GeneratedCode(NamedTuple):
    """The location and the names of the code that is generated from the registry."""

    language: str
    path: str
    namespace: str
    #: The class that holds the constants.
    class_name: str
    #: Stores whose constants serve as examples.
    names: tuple[str, ...]
    places: Places


class Reference(NamedTuple):
    """The text of the reference page beside its tables."""

    #: The system that the stores belong to; may be empty.
    project: str = ""
    #: The command that regenerates the page; empty for :attr:`Guide.regenerate`'s own.
    regenerate: str = ""
    #: The paragraph before the deployment examples, with its line breaks.
    deployments: str = ""
    #: The link in the last line: its text, its target and the words after it.
    closing_label: str = ""
    closing_href: str = ""
    closing_text: str = ""
    places: Places = NOWHERE


class Output(NamedTuple):
    """A generated file that is committed to the repository."""

    #: The name of the format, as written. It is not checked here: formats are defined in ``export/``.
    format: str
    #: Relative to the folder of the file that declares the output; never absolute.
    path: str
    #: The options of the format: all other fields, as one text or several, in file order.
    options: tuple[tuple[str, tuple[str, ...]], ...]
    places: Places


class CodeUse(NamedTuple):
    """How code names stores: an item of ``x-code``."""

    #: As written; may be empty.
    language: str
    #: Globs of its files, from the root of the repository; those that begin with ``!`` leave files out.
    files: tuple[str, ...]
    #: Templates of how it names a store, each with one field: ``StateStoreDefinitions.{constant}``.
    uses: tuple[str, ...]
    places: Places = NOWHERE


class RuleSetting(NamedTuple):
    """A project's setting for one lint rule."""

    #: None keeps the default severity of the rule.
    severity: Severity | None = None
    is_off: bool = False
    #: Globs of store names that the rule ignores.
    exceptions: tuple[str, ...] = ()


class Ignore(NamedTuple):
    """A comment ``# statestores: ignore[...]``."""

    #: The start of the comment. It applies to problems on its line and to the store whose name is on that line.
    location: Location
    #: Subtypes; None for all lint rules.
    rules: tuple[str, ...] | None
    #: Whether there is nothing else on its line.
    stands_alone: bool


class Guide(NamedTuple):
    """Everything in a registry that is not a store."""

    conventions: tuple[Convention, ...] = ()
    backend_choices: tuple[BackendChoice, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    generated_code: GeneratedCode | None = None
    reference: Reference = Reference()
    outputs: tuple[Output, ...] = ()
    #: Subtype of a lint rule, or the name of one of :attr:`rules` -> its setting in ``x-lint``. Read-only in a
    #: :class:`Registry`.
    lint: Mapping[str, RuleSetting] = MappingProxyType({})
    #: The declared fields of the user's own, in file order.
    fields: tuple[OwnField, ...] = ()
    #: The lint rules of the user's own, in file order.
    rules: tuple[OwnRule, ...] = ()
    #: Where code names stores.
    code: tuple[CodeUse, ...] = ()

    @property
    def regenerate(self) -> str:
        """The command that regenerates the reference page."""
        is_declared = any(output.format == "markdown" for output in self.outputs)
        return self.reference.regenerate or f"statestores generate {'outputs' if is_declared else 'markdown'}"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy by fields: a mapping proxy cannot be pickled."""
        return Guide, tuple(self._replace(lint=dict(self.lint)))


class OwnField(NamedTuple):
    """A field of the user's own, as ``x-fields`` declares it."""

    name: str
    type: FieldType
    #: The title of its column.
    label: str
    description: str = ""
    #: The allowed values of a choice.
    choices: tuple[str, ...] = ()
    #: The value of stores without the field, as in :attr:`Store.extra`; empty for none.
    default: str = ""
    #: The stores that must have it, as a query in one line: ``all``, or filters. Empty for none.
    required: str = ""
    #: Whether it is in generated code.
    is_exported: bool = False
    places: Places = NOWHERE


class OwnRule(NamedTuple):
    """A lint rule of the user's own, as ``x-rules`` declares it."""

    name: str
    #: The stores that it applies to, as a query in one line: ``all``, or filters.
    when: str
    #: The fields that they must have.
    require: tuple[str, ...] = ()
    #: The fields that they must not have.
    forbid: tuple[str, ...] = ()
    #: Fields with globs, one of which a value must match.
    match: tuple[tuple[str, tuple[str, ...]], ...] = ()
    #: The default severity.
    severity: Severity | None = None
    #: What is added to the message.
    message: str = ""
    places: Places = NOWHERE


class SourceFile(NamedTuple):
    """A file of the registry."""

    path: str
    digest: str


class _Sections(NamedTuple):
    """The fields of a :class:`Registry`."""

    #: Sorted by name.
    stores: tuple[Store, ...] = ()
    #: By name, sorted.
    services: Mapping[str, Service] = MappingProxyType({})
    #: By key: the built-in backends first, then those of the registry.
    backends: Mapping[str, Backend] = KNOWN_BACKENDS
    guide: Guide = Guide()
    files: tuple[SourceFile, ...] = ()
    #: In file order.
    ignores: tuple[Ignore, ...] = ()
    #: Path of a file -> what it says of the site that has published it. Other files are left out.
    publications: Mapping[str, Publication] = MappingProxyType({})
    #: What others than the registry's files tell of stores, such as code and servers: column -> store -> value. It is
    #: never written to a file.
    facts: Mapping[str, Mapping[str, str | tuple[str, ...]]] = MappingProxyType({})


# Not a dataclass: importing `dataclasses` takes a fifth of the start-up time of the command line.
class Registry(_Sections):
    """All stores of a system, their services and backends, and the guide.

    Immutable: setting an attribute raises AttributeError, setting an item of a mapping raises TypeError. Can be
    pickled and copied; cached properties are not included.
    """

    def __new__(
        cls,
        stores: tuple[Store, ...] = (),
        services: Mapping[str, Service] = MappingProxyType({}),
        backends: Mapping[str, Backend] = KNOWN_BACKENDS,
        guide: Guide = Guide(),  # noqa: B008 - a value
        files: tuple[SourceFile, ...] = (),
        ignores: tuple[Ignore, ...] = (),
        publications: Mapping[str, Publication] = MappingProxyType({}),
        facts: Mapping[str, Mapping[str, str | tuple[str, ...]]] = MappingProxyType({}),
    ) -> Self:
        """Take the fields; sort *stores* and *services* by name and copy the mappings."""
        return cls._make((stores, services, backends, guide, files, ignores, publications, facts))

    @classmethod
    def _make(cls, iterable: Iterable[Any]) -> Self:  # type: ignore[override] # that of a NamedTuple has its own Self
        """Take the values of the fields, as ``_replace`` does, and make the mappings read-only."""
        stores, services, backends, guide, files, ignores, publications, facts = iterable
        sealed = guide._replace(lint=_sealed(guide.lint))
        return super()._make(
            (
                *(stores, _sealed(services), _sealed(backends), sealed, files, ignores, _sealed(publications)),
                _sealed({column: _sealed(values) for column, values in facts.items()}),
            )
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy by fields: a mapping proxy cannot be pickled."""
        return Registry, (
            *(self.stores, dict(self.services), dict(self.backends), *self[3:6], dict(self.publications)),
            {column: dict(values) for column, values in self.facts.items()},
        )

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Raise AttributeError. ``cached_property`` writes to ``__dict__`` and does not call this."""
        raise AttributeError(f"a registry cannot be changed: {name!r} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        """Raise AttributeError."""
        raise AttributeError(f"a registry cannot be changed: {name!r} cannot be deleted")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of all stores, sorted."""
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
    def by_reader(self) -> Mapping[str, tuple[int, ...]]:
        """Service that reads a store of another -> positions in :attr:`stores`, ascending."""
        return self._positions(lambda store: store.readers)

    @cached_property
    def by_writer(self) -> Mapping[str, tuple[int, ...]]:
        """Service that writes a store of another -> positions in :attr:`stores`, ascending."""
        return self._positions(lambda store: store.writers)

    @cached_property
    def users(self) -> frozenset[str]:
        """The services that own, read or write a store, or that are described."""
        return frozenset({*self.services, *self.by_reader, *self.by_writer})

    @cached_property
    def own_fields(self) -> Mapping[str, OwnField]:
        """Name -> field, for the declared fields of the user's own."""
        return MappingProxyType({field.name: field for field in self.guide.fields})

    @cached_property
    def extra_fields(self) -> frozenset[str]:
        """The names of the custom and unknown fields in any store."""
        return frozenset(self.extra_values)

    @cached_property
    def extra_values(self) -> Mapping[str, Mapping[str, str]]:
        """Custom or unknown field -> store -> text. Stores without the field are left out."""
        found: dict[str, dict[str, str]] = {}
        for store in self.stores:
            for name, text in store.extra:
                found.setdefault(name, {})[store.name] = text
        return MappingProxyType({name: MappingProxyType(texts) for name, texts in found.items()})

    @cached_property
    def label_order(self) -> Mapping[str, int]:
        """Backend label -> its position in the order of the registry's backends; each label once."""
        labels = dict.fromkeys(backend.label for backend in self.backends.values())
        return MappingProxyType({label: position for position, label in enumerate(labels)})

    def backend_label(self, key: str) -> str:
        """Take the key of a backend; return its label, or the key when the backend is unknown."""
        backend = self.backends.get(key)
        return backend.label if backend else key

    def service_title(self, name: str) -> str:
        """Take the name of a service; return its title, or the name when the service is unknown."""
        service = self.services.get(name)
        return service.title if service else name

    def table_of(self, store: Store) -> str:
        """Take a store; return its table.

        That is the given table or, for a backend with tables, the name with ``_`` for ``-``.
        """
        if store.table:
            return store.table
        backend = self.backends.get(store.backend)
        return store.name.replace("-", "_") if backend and backend.has_tables else ""

    def with_paths(self, names: Mapping[str, str]) -> Registry:
        """Take old path -> new path; return a copy whose file list and places use the new paths."""

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
            publications={names.get(path, path): found for path, found in self.publications.items()},
        )

    def _positions(self, values: Callable[[Store], tuple[str, ...]]) -> Mapping[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {}
        for position, store in enumerate(self.stores):
            for value in values(store):
                found.setdefault(value, []).append(position)
        return MappingProxyType({value: tuple(positions) for value, positions in found.items()})


def _sealed(mapping: Mapping[_K, _V]) -> Mapping[_K, _V]:
    """Return a read-only copy of a mapping; a mapping that is read-only already is returned as it is."""
    return mapping if isinstance(mapping, MappingProxyType) else MappingProxyType(dict(mapping))
