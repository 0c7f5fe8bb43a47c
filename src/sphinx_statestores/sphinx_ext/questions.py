"""What a document asks of the registry. Questions live in doctrees and in the environment; answers never do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from docutils import nodes

if TYPE_CHECKING:
    from sphinx_statestores.registry.query import Query


class TableQuestion(NamedTuple):
    """Which stores, shown how?"""

    query: Query
    #: Empty for those of the project.
    columns: tuple[str, ...] = ()
    #: Whether a line with totals follows.
    totals: bool = False
    #: Whether ``:store:`` may land on it.
    indexed: bool = True


class TotalsQuestion(NamedTuple):
    """How many stores, by what?"""

    query: Query
    #: One of :data:`sphinx_statestores.registry.totals.BREAKDOWNS`.
    by: str = "backend"


class CountQuestion(NamedTuple):
    """How many stores?"""

    query: Query


class GuideQuestion(NamedTuple):
    """What does the guide say?"""

    #: A key of :data:`sphinx_statestores.sphinx_ext.guide_parts.GUIDE_PARTS`.
    part: str
    #: Whether ``:store-backend:`` may land on it.
    indexed: bool = True


class EntryQuestion(NamedTuple):
    """What is known about this store?"""

    name: str
    #: Whether ``:store:`` may land on it.
    indexed: bool = True


class EntriesQuestion(NamedTuple):
    """Which stores, each in full?"""

    query: Query
    #: Whether ``:store:`` may land on them.
    indexed: bool = True


class ServiceQuestion(NamedTuple):
    """Which stores of a service? Its page is the page of that service when it is indexed."""

    service: str
    shown: TableQuestion | EntriesQuestion


class CoverageQuestion(NamedTuple):
    """What do the documents not say about the stores?"""

    #: So that it is no empty tuple: there is one such question.
    about: str = "coverage"


class Version(NamedTuple):
    """A version of the registry, as a page names it; what it is like is found out in each build."""

    #: A file, or a revision of git with a path in it or without.
    text: str
    #: The folder that its paths are relative to, from that of the sources.
    folder: str


class ChangesQuestion(NamedTuple):
    """What happened to the stores between two versions?"""

    #: None when the page does not say: then there is no answer.
    before: Version | None
    #: None for the registry of the build.
    after: Version | None
    query: Query
    #: Of :data:`sphinx_statestores.registry.diff.KINDS`.
    shown: tuple[str, ...]


class LinkQuestion(NamedTuple):
    """Is there such a thing, what is it called, and where is it?"""

    #: ``store``, ``service`` or ``backend``.
    objtype: str
    name: str


class LabelQuestion(NamedTuple):
    """What is it called?"""

    #: ``service`` or ``backend``.
    objtype: str
    name: str


class ConditionalQuestion(NamedTuple):
    """A question inside ``only``: it is asked where its conditions hold, which depends on the builder."""

    conditions: tuple[str, ...]
    question: Question


class LiteralQuestion(NamedTuple):
    """Is this inline literal the name of a store, or does it look like one?"""

    name: str


Question: TypeAlias = (
    TableQuestion
    | TotalsQuestion
    | CountQuestion
    | GuideQuestion
    | EntryQuestion
    | EntriesQuestion
    | ServiceQuestion
    | CoverageQuestion
    | ChangesQuestion
    | LinkQuestion
    | LabelQuestion
    | LiteralQuestion
    | ConditionalQuestion
)


def named(question: Question) -> tuple[str, Question]:
    """Tell a question from one of another kind: tuples of two classes are equal when their items are."""
    return type(question).__name__, question


def compared_versions(question: Question) -> tuple[Version, ...]:
    """Return the versions that a question names, other than the registry of the build."""
    if not isinstance(question, ChangesQuestion):
        return ()
    return tuple(version for version in (question.before, question.after) if version)


class statestores_block(nodes.General, nodes.Element):  # noqa: N801 - docutils spells nodes so
    """Stands for blocks that are made when the document is written.

    ``question`` is a :data:`Question`, ``docname`` the document. Children are shown when the answer is empty.
    """


class statestores_inline(nodes.Inline, nodes.TextElement):  # noqa: N801 - docutils spells nodes so
    """Stands for a few words that are made when the document is written; ``question`` as in a block."""
