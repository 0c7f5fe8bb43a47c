"""The interface of importers: they take a source, and return stores with notes and problems."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sphinx_statestores.imports.secrets import masked
from sphinx_statestores.imports.synonyms import same_name
from sphinx_statestores.registry.fields import FILE_FIELDS
from sphinx_statestores.registry.problems import Location, Problem
from sphinx_statestores.registry.quoting import listed, printable, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from sphinx_statestores.registry.problems import Kind, Severity
    from sphinx_statestores.registry.source import SourceText


class Plain(str):
    """A number or a truth value of YAML or JSON, which a registry has without quotes, too."""

    __slots__ = ()


#: A value as a registry file holds it.
Data: TypeAlias = "str | bool | list[Data] | dict[str, Data]"
#: A value as a source has it: a text, a list, or a mapping.
Raw: TypeAlias = "str | list[Raw] | dict[str, Raw]"


def in_file_order(fields: Mapping[str, Data]) -> dict[str, Data]:
    """Return the fields of a store in the order of a registry file, a project's own fields last."""
    return {name: fields[name] for name in (*FILE_FIELDS, *sorted(fields.keys() - FILE_FIELDS)) if name in fields}


class FoundStore(NamedTuple):
    """A store as an importer returns it."""

    name: str
    #: The fields of a registry file, by their names there, but for the store's own.
    fields: dict[str, Data]
    location: Location
    #: Field -> the line that it comes from, where that is not the store's.
    lines: Mapping[str, int] = {}


class Section(NamedTuple):
    """A section of a registry file beside its stores."""

    value: Data
    location: Location


class Note(NamedTuple):
    """A note for the user to confirm: how something was read, or that it was left out."""

    message: str
    location: Location

    def __str__(self) -> str:
        """``path:line: note: message``."""
        return f"{self.location}: note: {self.message}"


class Imported(NamedTuple):
    """The result of an importer."""

    stores: tuple[FoundStore, ...] = ()
    #: Name -> section, such as ``x-naming-conventions``.
    sections: Mapping[str, Section] = {}
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: All columns or fields that the text has, as it spells them.
    names: tuple[str, ...] = ()
    #: Of these, those that are no field of a registry.
    not_understood: tuple[str, ...] = ()
    #: What the text has: ``column`` or ``field``.
    noun: str = "field"


class ImportOptions(NamedTuple):
    """Options of the command line for all sources."""

    #: Registry field -> its names in the sources, the one that counts first.
    names: Mapping[str, tuple[str, ...]] = {}
    #: Field -> its value for stores that do not have it.
    values: Mapping[str, str] = {}
    #: Key or label of a custom backend -> its key.
    backends: Mapping[str, str] = {}
    #: Columns or fields that are left out.
    skipped: tuple[str, ...] = ()
    #: Where the stores are: keys, with dots between them. Everywhere, when there are none.
    paths: tuple[str, ...] = ()

    def is_mapped(self, field: str, name: str) -> bool:
        """Return whether ``--map`` names a column or field of a source for a registry field."""
        return any(same_name(theirs, name) for theirs in self.names.get(field, ()))


class Importer(NamedTuple):
    """A format that stores can be read from."""

    #: Reads a text; raises nothing, whatever it holds.
    read: Callable[[SourceText, ImportOptions], Imported]
    #: Whether a text is probably of this format.
    recognizes: Callable[[SourceText], bool]


#: Maximum number of pairs that one note lists.
_PAIRS_SHOWN = 20


class Report:
    """Collects notes and problems of one text; equal notes once, pairs of one kind in one note.

    Credentials in messages are masked: CI logs may be public.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        #: Backends that are in no table of the registry: key -> label.
        self.own_backends: dict[str, str] = {}
        #: Services whose names a text writes with blanks: name -> what it writes.
        self.titles: dict[str, str] = {}
        #: All columns or fields that the text has, as it spells them.
        self.names: dict[str, None] = {}
        #: Of these, those that are no field of a registry.
        self.not_understood: dict[str, None] = {}
        self.noun = "field"
        self._notes: dict[str, int] = {}
        #: What was read as something else, by what it is: ``backend``, ``column``.
        self._pairs: dict[str, tuple[int, dict[str, str]]] = {}

    def note(self, message: str, line: int = 0) -> None:
        """Add a note."""
        self._notes.setdefault(printable(masked(message)), line)

    def read_as(self, what: str, theirs: str, ours: str, line: int = 0) -> None:
        """Record that one word was read as another; all of a kind are listed in one note."""
        if theirs != ours:
            self._pairs.setdefault(what, (line, {}))[1].setdefault(theirs, ours)

    def problem(self, kind: Kind, message: str, line: int = 0, severity: Severity | None = None) -> None:
        """Add a problem."""
        self.problems.append(Problem(kind, printable(masked(message)), Location(self.path, line), severity))

    def ignored(self, store: str, what: Collection[str], line: int) -> None:
        """Note the fields of a store that are not read, if there are any."""
        if what:
            self.note(f"of {shown(store)}, these are ignored: {listed(map(shown, what), len(what))}", line)

    def place(self, line: int) -> Location:
        """Return a place in the text."""
        return Location(self.path, line)

    def sections(self) -> dict[str, Section]:
        """Return the sections that the stores need."""
        found: dict[str, Section] = {}
        if self.own_backends:
            found["x-backends"] = Section(dict(self.own_backends), self.place(0))
        if self.titles:
            found["x-services"] = Section(dict(self.titles), self.place(0))
        return found

    def imported(
        self, stores: Iterable[FoundStore], sections: Mapping[str, Section] = MappingProxyType({})
    ) -> Imported:
        """Return what was found, with the notes and problems, and the sections that the stores need."""
        needed = self.sections()
        for name, section in sections.items():
            own = needed.get(name, section).value
            both = {**own, **section.value} if isinstance(own, dict) and isinstance(section.value, dict) else None
            needed[name] = section if both is None else section._replace(value=both)
        return Imported(
            tuple(stores),
            needed,
            self.notes,
            tuple(self.problems),
            tuple(self.names),
            tuple(self.not_understood),
            self.noun,
        )

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes, in the order of their lines."""
        said = dict(self._notes)
        for what, (line, pairs) in self._pairs.items():
            (first, ours), *others = pairs.items()
            words = [f"{shown(first)} read as {shown(ours)}", *(f"{shown(a)} as {shown(b)}" for a, b in others)]
            more = f" and {len(words) - _PAIRS_SHOWN:,} more" if len(words) > _PAIRS_SHOWN else ""
            said[printable(masked(f"{what}: {', '.join(words[:_PAIRS_SHOWN])}{more}"))] = line
        notes = (Note(message, self.place(line)) for message, line in said.items())
        return tuple(sorted(notes, key=lambda note: note.location))
