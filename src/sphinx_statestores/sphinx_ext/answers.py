"""Question -> answer, from the registry of this build."""

from __future__ import annotations

import json
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.fields import FIELDS, as_text, find_field
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.phrases import totals_text
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import Complaint, check_query, group, select
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.registry.totals import totals
from sphinx_statestores.sphinx_ext import landing
from sphinx_statestores.sphinx_ext.content import (
    Body,
    Column,
    Paragraph,
    Row,
    Span,
    Spans,
    Table,
    inline_spans,
    joined,
)
from sphinx_statestores.sphinx_ext.guide_parts import GUIDE_PARTS
from sphinx_statestores.sphinx_ext.questions import (
    CountQuestion,
    GuideQuestion,
    LinkQuestion,
    TableQuestion,
    TotalsQuestion,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.registry.fields import Field
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.query import Query
    from sphinx_statestores.sphinx_ext.config import Settings
    from sphinx_statestores.sphinx_ext.content import Block, Target
    from sphinx_statestores.sphinx_ext.questions import Question

_CODE_FIELDS = frozenset({"name", "prefix", "table", "constant", "keys"})


class Link(NamedTuple):
    """The answer to a :class:`LinkQuestion`."""

    #: Whether the registry has such a thing.
    is_known: bool
    #: What a reader sees when the author gives no words of his own.
    label: str
    #: None when no page shows it.
    target: Target | None


class Answers:
    """Answers the questions of all documents, for one build and one state of its documents."""

    def __init__(
        self,
        registry: Registry,
        settings: Settings,
        env: BuildEnvironment,
        questions: Mapping[str, tuple[Question, ...]],
        quoted: tuple[Question, ...] = (),
    ) -> None:
        self.registry = registry
        self.settings = settings
        self.questions = questions
        #: What headings ask: any page may quote them in its navigation.
        self.quoted = quoted
        #: All documents, in the order of the toctrees.
        self.order = landing.reading_order(env)

    # -- where things are -------------------------------------------------------------

    @cached_property
    def configured_pages(self) -> dict[str, str]:
        """Service -> the document that the configuration calls its page, whether it exists or not."""
        pages = {name: self.settings.service_page(name) for name in self.registry.services}
        return {name: page for name, page in pages.items() if page}

    @cached_property
    def service_pages(self) -> dict[str, Target]:
        """Service -> its page, where there is one."""
        return landing.service_pages(self.registry, self.configured_pages, self.order)

    @cached_property
    def store_places(self) -> dict[str, Target]:
        """Store -> the row that ``:store:`` lands on."""
        return landing.store_places(self.registry, self.service_pages, self.order, self.questions)

    @cached_property
    def backend_places(self) -> dict[str, Target]:
        """Backend -> its line in the first backend guide."""
        return landing.backend_places(self.registry, self.order, self.questions)

    @cached_property
    def landing_documents(self) -> dict[str, str]:
        """Id of a row -> the one document whose row links land on."""
        places = (*self.store_places.values(), *self.backend_places.values())
        return {place.anchor: place.docname for place in places}

    # -- answers ----------------------------------------------------------------------

    def blocks(self, question: Question) -> tuple[Block, ...]:
        """Answer a question that a directive asks."""
        if isinstance(question, TableQuestion):
            return self._table(question)
        if isinstance(question, TotalsQuestion):
            counted = totals(self.registry, self._select(question.query), question.by)
            return (Paragraph((Span(totals_text(counted)),), "statestore-totals"),)
        if isinstance(question, GuideQuestion):
            return GUIDE_PARTS[question.part](self.registry, self.order)
        raise TypeError(question)

    def words(self, question: Question) -> str:
        """Answer a question that a role asks within a line of text."""
        if isinstance(question, CountQuestion):
            return str(len(self._select(question.query)))
        raise TypeError(question)

    def link(self, question: LinkQuestion) -> Link:
        """Find what a role names."""
        name = question.name
        if question.objtype == "store":
            store = self.registry.by_name.get(name)
            if store is None:
                return Link(False, name, None)
            place = self.store_places.get(name) or self.service_pages.get(store.service)
            return Link(True, name, place._replace(title=self._store_title(store)) if place else None)
        if question.objtype == "service":
            return Link(
                name in self.registry.services,
                self.registry.service_title(name),
                self.service_pages.get(name),
            )
        return Link(name in self.registry.backends, self.registry.backend_label(name), self.backend_places.get(name))

    def complaints(self, question: Question) -> list[Complaint]:
        """Find what a question says that this registry does not know."""
        if isinstance(question, TableQuestion):
            found = check_query(question.query, self.registry)
            own = self.registry.extra_fields
            for key in question.columns:
                if key not in FIELDS and key not in own:
                    found.append(
                        Complaint(Kind.UNKNOWN_COLUMN, f"no store has a field {key!r}{did_you_mean(key, own)}")
                    )
            return found
        if isinstance(question, (TotalsQuestion, CountQuestion)):
            return check_query(question.query, self.registry)
        return []

    def suggestion(self, question: LinkQuestion) -> str:
        """Return the near names for one that is unknown, as the end of a message."""
        known: dict[str, Iterable[str]] = {
            "store": self.registry.names,
            "service": self.registry.services,
            "backend": self.registry.backends,
        }
        return did_you_mean(question.name, known[question.objtype])

    def fingerprints(self) -> dict[str, str]:
        """Return a digest of the answers that each document shows, for the documents that show any."""
        if not self.quoted:
            return {docname: self.fingerprint(questions) for docname, questions in self.questions.items()}
        return {docname: self.fingerprint((*self.questions.get(docname, ()), *self.quoted)) for docname in self.order}

    def fingerprint(self, questions: Iterable[Question]) -> str:
        """Return a digest of the answers to questions: equal when everything a reader would see is."""
        answers: list[object] = []
        for question in questions:
            if isinstance(question, LinkQuestion):
                answers.append(self.link(question))
            elif isinstance(question, CountQuestion):
                answers.append(self.words(question))
            else:
                answers.append(self.blocks(question))
        # JSON and not pickle: equal answers give equal bytes, whether or not they share objects.
        text = json.dumps(answers, ensure_ascii=False, separators=(",", ":"), check_circular=False)
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    # -- tables -----------------------------------------------------------------------

    def _select(self, query: Query) -> tuple[Store, ...]:
        return select(self.registry, query)

    def _table(self, question: TableQuestion) -> tuple[Block, ...]:
        query = question.query
        stores = self._select(query)
        fields = [
            field
            for key in question.columns or self.settings.columns
            if (field := find_field(key)) and (key in FIELDS or key in self.registry.extra_fields)
        ]
        cells = [self._cells(field) for field in fields]
        indexed = question.indexed

        def rows(members: Iterable[Store]) -> tuple[Row, ...]:
            return tuple(
                Row(tuple(cell(store) for cell in cells), landing.store_anchor(store.name) if indexed else "")
                for store in members
            )

        if query.group:
            bodies = tuple(
                Body(self._heading(label, members, query.group), rows(members))
                for label, members in group(self.registry, query, stores)
            )
        else:
            bodies = (Body((), rows(stores)),)
        table = Table("table", tuple(Column(field.key, field.title) for field in fields), bodies)
        if not question.totals:
            return (table,)
        total = Paragraph((Span("Total", "strong"), Span(f": {self._totals_text(stores)}")), "statestore-totals")
        return (table, total)

    def _heading(self, label: str, stores: tuple[Store, ...], grouped_by: str) -> Spans:
        counted = totals(self.registry, stores)
        if grouped_by == "backend":
            counted = counted._replace(parts=())  # the heading is the only part
        return (Span(label or "\N{EM DASH}", "strong"), Span(f" \N{EN DASH} {totals_text(counted)}"))

    def _totals_text(self, stores: tuple[Store, ...]) -> str:
        return totals_text(totals(self.registry, stores))

    def _cells(self, field: Field) -> Callable[[Store], Spans]:
        """Return what fills the cells of a column."""
        registry, value, key = self.registry, field.value, field.key
        if key == "service":
            services = {
                name: (Span(service.title, "", self.service_pages.get(name)),)
                for name, service in registry.services.items()
            }
            return lambda store: services[store.service]
        if key in {"readers", "writers"}:
            return lambda store: joined(
                Span(registry.service_title(name), "", self.service_pages.get(name)) for name in getattr(store, key)
            )
        if key == "replaced-by":
            return lambda store: (
                (Span(store.replaced_by, "code", self.store_places.get(store.replaced_by)),)
                if store.replaced_by
                else ()
            )
        if key in _CODE_FIELDS:
            return lambda store: _code_cell(value(store, registry))
        return lambda store: inline_spans(as_text(value(store, registry)))

    def _store_title(self, store: Store) -> str:
        registry = self.registry
        facts = f"{registry.backend_label(store.backend)}, {registry.service_title(store.service)}"
        return f"{facts}: {plain(store.purpose)}" if store.purpose else facts


def _code_cell(value: str | tuple[str, ...]) -> Spans:
    values = (value,) if isinstance(value, str) else value
    return joined(Span(text, "code") for text in values if text)
