"""The questions that a document asks of the registry: one class for each kind.

Pages store queries, not results, so an edit of the registry rewrites only the pages it affects. Questions are pickled
with doctrees and with the environment. They are hashable, equal when class and fields are equal, and their ``repr``
is the same in every process, because fingerprints are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sphinx_statestores.checks.prose_claims import Claims
    from sphinx_statestores.registry.query import Query

#: What a chart counts stores by.
CHART_FIELDS = ("backend", "service", "status", "tag")


@dataclass(frozen=True, slots=True)
class TableQuestion:
    """A table: which stores, and how they are displayed."""

    query: Query
    #: Empty for the configured columns.
    columns: tuple[str, ...] = ()
    #: Whether a line with totals follows.
    totals: bool = False
    #: Whether it is a link target for ``:store:``.
    indexed: bool = True
    #: Whether it has tools to search and sort; None for what is configured.
    interactive: bool | None = None


@dataclass(frozen=True, slots=True)
class TotalsQuestion:
    """The number of stores, with a breakdown."""

    query: Query
    #: One of :data:`sphinx_statestores.registry.totals.BREAKDOWNS`.
    by: str = "backend"


@dataclass(frozen=True, slots=True)
class CountQuestion:
    """The number of stores."""

    query: Query


@dataclass(frozen=True, slots=True)
class GuideQuestion:
    """A part of the guide."""

    #: A key of :data:`sphinx_statestores.sphinx_ext.resolve.guide.GUIDE_PARTS`.
    part: str
    #: Whether it is a link target for ``:store-backend:``.
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class EntryQuestion:
    """The entry of a store."""

    name: str
    #: Whether it is a link target for ``:store:``.
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class EntriesQuestion:
    """The entries of several stores."""

    query: Query
    #: Whether they are link targets for ``:store:``.
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class ContentsQuestion:
    """The names of entries, for the table of contents of their page."""

    query: Query


@dataclass(frozen=True, slots=True)
class ServiceQuestion:
    """The stores of a service. If it is indexed, its page is the page of the service."""

    service: str
    shown: TableQuestion | EntriesQuestion


@dataclass(frozen=True, slots=True)
class UsesQuestion:
    """Which stores of other services does a service read or write?"""

    service: str
    #: What they have to pass beside that.
    query: Query


@dataclass(frozen=True, slots=True)
class MapQuestion:
    """A map of services, stores and backends."""

    query: Query
    #: The service that the map is about: its stores, and those of others that it uses. Empty for no service.
    service: str = ""
    #: ``stores`` or ``services``; empty for services only if there are many stores.
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ChartQuestion:
    """A bar chart of numbers of stores."""

    query: Query
    #: One of :data:`CHART_FIELDS`.
    by: str = "backend"
    #: What divides the bars, another one of these; empty for bars in one piece.
    stack: str = ""
    #: ``name`` or ``number``; empty for the order of *by*.
    order: str = ""
    #: The maximum number of bars; None for all.
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class CoverageQuestion:
    """The coverage of the stores by the documents."""


@dataclass(frozen=True, slots=True)
class ObservedQuestion:
    """What was seen of stores on running servers."""

    query: Query


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the registry, as named by a page. It is resolved again in each build."""

    #: A file, or a git revision with or without a path.
    text: str
    #: The folder that its paths are relative to, itself relative to the source folder.
    folder: str


@dataclass(frozen=True, slots=True)
class ChangesQuestion:
    """The changes between two versions."""

    #: None when the page does not name one: then there is no result.
    before: Version | None
    #: None for the registry of the build.
    after: Version | None
    query: Query
    #: The kinds to display: a part of :data:`sphinx_statestores.registry.diff.KINDS`.
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkQuestion:
    """The link target of a role, and whether the name is known."""

    #: ``store``, ``service`` or ``backend``.
    objtype: str
    name: str


@dataclass(frozen=True, slots=True)
class LabelQuestion:
    """The title of a service, or the label of a backend."""

    #: ``service`` or ``backend``.
    objtype: str
    name: str


@dataclass(frozen=True, slots=True)
class LiteralQuestion:
    """Whether an inline literal is, or looks like, the name of a store."""

    name: str
    #: Whether it is in a table of keys. There, an unknown name is a key and is not reported.
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class ClaimsQuestion:
    """Whether the registry contradicts what a document says of stores."""

    docname: str
    claims: Claims


Question: TypeAlias = (
    TableQuestion
    | TotalsQuestion
    | CountQuestion
    | GuideQuestion
    | EntryQuestion
    | EntriesQuestion
    | ContentsQuestion
    | ServiceQuestion
    | UsesQuestion
    | MapQuestion
    | ChartQuestion
    | CoverageQuestion
    | ObservedQuestion
    | ChangesQuestion
    | LinkQuestion
    | LabelQuestion
    | LiteralQuestion
    | ClaimsQuestion
)


def compared_versions(question: Question) -> tuple[Version, ...]:
    """Return the versions that a question names, without the registry of the build."""
    if not isinstance(question, ChangesQuestion):
        return ()
    return tuple(version for version in (question.before, question.after) if version)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question at its position in a document."""

    question: Question
    #: The expressions of the ``only`` directives around it. Whether they are true depends on the builder.
    conditions: tuple[str, ...] = ()
    #: Whether it is inside a node of another extension, which may hide it (``ifconfig``, ``todo``).
    may_be_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Included:
    """A toctree at its position in a document."""

    docnames: tuple[str, ...]
    #: The expressions of the ``only`` directives around it.
    conditions: tuple[str, ...]
