"""What a document may ask of the registry: one class for each kind of question.

Pages store queries, not results, so an edit of the registry rewrites only the pages it affects. Questions are pickled
with doctrees and with the environment. They are hashable, equal when class and fields are, and their ``repr`` is the
same in every process: fingerprints are made of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sphinx_statestores.registry.query import Query


@dataclass(frozen=True, slots=True)
class TableQuestion:
    """Which stores, shown how?"""

    query: Query
    #: Empty for those of the project.
    columns: tuple[str, ...] = ()
    #: Whether a line with totals follows.
    totals: bool = False
    #: Whether ``:store:`` may link to it.
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class TotalsQuestion:
    """How many stores, by what?"""

    query: Query
    #: One of :data:`sphinx_statestores.registry.totals.BREAKDOWNS`.
    by: str = "backend"


@dataclass(frozen=True, slots=True)
class CountQuestion:
    """How many stores?"""

    query: Query


@dataclass(frozen=True, slots=True)
class GuideQuestion:
    """What does the guide say?"""

    #: A key of :data:`sphinx_statestores.sphinx_ext.resolve.guide.GUIDE_PARTS`.
    part: str
    #: Whether ``:store-backend:`` may link to it.
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class EntryQuestion:
    """What is known about this store?"""

    name: str
    #: Whether ``:store:`` may link to it.
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class EntriesQuestion:
    """Which stores, each in full?"""

    query: Query
    #: Whether ``:store:`` may link to them.
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class ServiceQuestion:
    """Which stores of a service? Its page is the page of that service when it is indexed."""

    service: str
    shown: TableQuestion | EntriesQuestion


@dataclass(frozen=True, slots=True)
class UsesQuestion:
    """Which stores of other services does a service read or write?"""

    service: str
    #: What they have to pass beside that.
    query: Query


@dataclass(frozen=True, slots=True)
class CoverageQuestion:
    """What do the documents not say about the stores?"""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the registry, as a page names it; what it is like is found out in each build."""

    #: A file, or a revision of git with a path in it or without.
    text: str
    #: The folder that its paths are relative to, from that of the sources.
    folder: str


@dataclass(frozen=True, slots=True)
class ChangesQuestion:
    """What happened to the stores between two versions?"""

    #: None when the page does not say: then there is no answer.
    before: Version | None
    #: None for the registry of the build.
    after: Version | None
    query: Query
    #: Of :data:`sphinx_statestores.registry.diff.KINDS`.
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkQuestion:
    """Is there such a thing, what is it called, and where is it?"""

    #: ``store``, ``service`` or ``backend``.
    objtype: str
    name: str


@dataclass(frozen=True, slots=True)
class LabelQuestion:
    """What is it called?"""

    #: ``service`` or ``backend``.
    objtype: str
    name: str


@dataclass(frozen=True, slots=True)
class LiteralQuestion:
    """Is this inline literal the name of a store, or does it look like one?"""

    name: str
    #: Whether it stands in a table of keys: there it is a key, or a part of one, if it is no store's name.
    is_key: bool = False


Question: TypeAlias = (
    TableQuestion
    | TotalsQuestion
    | CountQuestion
    | GuideQuestion
    | EntryQuestion
    | EntriesQuestion
    | ServiceQuestion
    | UsesQuestion
    | CoverageQuestion
    | ChangesQuestion
    | LinkQuestion
    | LabelQuestion
    | LiteralQuestion
)


def compared_versions(question: Question) -> tuple[Version, ...]:
    """Return the versions that a question names, other than the registry of the build."""
    if not isinstance(question, ChangesQuestion):
        return ()
    return tuple(version for version in (question.before, question.after) if version)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question where a document asks it."""

    question: Question
    #: The expressions of the ``only`` directives around it: whether they hold depends on the builder.
    conditions: tuple[str, ...] = ()
    #: Whether it stands in a node of another extension, which may hide it (``ifconfig``, ``todo``).
    may_be_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Included:
    """A toctree where it stands."""

    docnames: tuple[str, ...]
    #: The expressions of the ``only`` directives around it.
    conditions: tuple[str, ...]
