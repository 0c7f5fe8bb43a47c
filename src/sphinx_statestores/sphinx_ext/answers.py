"""Question -> answer, from the registry of this build."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.diff import compare
from sphinx_statestores.registry.fields import FIELDS
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.lookalikes import NamePatterns, usual_ends
from sphinx_statestores.registry.model import Registry
from sphinx_statestores.registry.phrases import totals_text
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import Complaint, check_query, group, select
from sphinx_statestores.registry.quoting import one_line, shown
from sphinx_statestores.registry.suggest import Suggestions
from sphinx_statestores.registry.totals import totals
from sphinx_statestores.sphinx_ext import landing
from sphinx_statestores.sphinx_ext.cells import BACKLINKS, Cells, find_column
from sphinx_statestores.sphinx_ext.changes import UNAVAILABLE, change_blocks
from sphinx_statestores.sphinx_ext.config import DEFAULT_COLUMNS
from sphinx_statestores.sphinx_ext.content import (
    Body,
    Card,
    Column,
    Definition,
    Paragraph,
    Row,
    Span,
    Spans,
    Table,
    Target,
    joined,
)
from sphinx_statestores.sphinx_ext.coverage import coverage_blocks
from sphinx_statestores.sphinx_ext.entries import entry_blocks, status_text, store_card
from sphinx_statestores.sphinx_ext.guide_parts import GUIDE_PARTS, Site
from sphinx_statestores.sphinx_ext.questions import (
    ChangesQuestion,
    CountQuestion,
    CoverageQuestion,
    EntriesQuestion,
    EntryQuestion,
    GuideQuestion,
    LabelQuestion,
    LinkQuestion,
    LiteralQuestion,
    ServiceQuestion,
    TableQuestion,
    TotalsQuestion,
    compared_versions,
    named,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.registry.fields import Field
    from sphinx_statestores.registry.model import Store
    from sphinx_statestores.registry.query import Query
    from sphinx_statestores.sphinx_ext.build import Build
    from sphinx_statestores.sphinx_ext.content import Block
    from sphinx_statestores.sphinx_ext.questions import Question


#: A page asks for each of its links several times, and then another page comes.
_LINKS_KEPT = 500


class Link(NamedTuple):
    """The answer to a :class:`LinkQuestion`."""

    #: Whether the registry has such a thing.
    is_known: bool
    #: What a reader sees when the author gives no words of his own.
    label: str
    #: None when no page shows it.
    target: Target | None
    #: What a reader should know of it: its facts, and that it is not in use.
    note: str = ""
    #: The same as a card; none where cards are switched off.
    card: Card | None = None


class Literal(NamedTuple):
    """The answer to a :class:`LiteralQuestion`."""

    #: None when it stays as it is.
    link: Link | None
    #: Whether it looks like the name of a store, and is none: :meth:`Answers.unknown_literal` says so.
    is_unknown: bool = False


class Answers:
    """Answers the questions of all documents, for one build and one state of its documents."""

    def __init__(
        self,
        build: Build,
        env: BuildEnvironment,
        questions: Mapping[str, tuple[Question, ...]],
        quoted: tuple[Question, ...] = (),
        without_autolink: frozenset[str] = frozenset(),
        only_from: tuple[str, ...] = (),
    ) -> None:
        self._build = build
        self.settings = build.settings
        self._versions = build.versions
        self.questions = questions
        #: What headings ask: any page may quote them in its navigation.
        self.quoted = quoted
        #: The documents whose literals are left alone.
        self.without_autolink = without_autolink
        self._titles = env.titles
        self._contents = env.tocs
        #: All documents, in the order of the toctrees.
        self.order = landing.reading_order(env, only_from)
        self._blocks_of_page: dict[tuple[str, Question], tuple[Block, ...]] = {}
        self._links: dict[str, Link] = {}
        self._counts: dict[Query, int] = {}
        #: Part of the guide -> what every page shows of it.
        self._guide: dict[str, tuple[Block, ...]] = {}
        #: Literals that are known to mean nothing.
        self._any_words: set[str] = set()
        self._suggestions = Suggestions()

    @cached_property
    def registry(self) -> Registry:
        """The registry of this build."""
        return self._build.registry

    @cached_property
    def titles(self) -> dict[str, str]:
        """Document -> its title, without markup; the numbers in it are those of this build."""
        return {docname: title.astext() for docname, title in self._titles.items()}

    # -- where things are -------------------------------------------------------------

    @cached_property
    def configured_pages(self) -> dict[str, str]:
        """Service -> the document that the configuration calls its page, whether it exists or not."""
        pages = {name: self.settings.service_page(name) for name in self.registry.services}
        return {name: page for name, page in pages.items() if page}

    @cached_property
    def service_pages(self) -> dict[str, Target]:
        """Service -> its page, where there is one."""
        declared = landing.declared_pages(self.order, self.questions)
        return landing.service_pages(self.registry, {**self.configured_pages, **declared}, self.order)

    @cached_property
    def store_places(self) -> dict[str, Target]:
        """Store -> the row that ``:store:`` lands on."""
        return landing.store_places(self.registry, self.service_pages, self.store_entries, self.order, self.questions)

    def shows_stores(self) -> bool:
        """Return whether links to stores land anywhere."""
        if not self._build.read.findings.has_stores:
            return False
        # Most sites have a table of all stores, and then nobody has to look for any.
        return any(
            isinstance(question, TableQuestion) and question.indexed and question.query.is_of_all
            for docname in self.order
            for question in self.questions.get(docname, ())
        ) or bool(self.store_places)

    @cached_property
    def store_entries(self) -> dict[str, list[str]]:
        """Store -> the documents with its own entry, the one that links lead to first: generated ones come last."""
        return landing.store_entries(self.registry, sorted(self.order, key=self.is_generated), self.questions)

    def is_generated(self, docname: str) -> bool:
        """Return whether a document is in the folder of the generated pages."""
        folder = self.settings.generate_pages
        return bool(folder) and docname.startswith(f"{folder}/")

    @cached_property
    def backend_places(self) -> dict[str, Target]:
        """Backend -> its line in the first backend guide."""
        return landing.backend_places(self.registry, self.order, self.questions)

    @cached_property
    def cells(self) -> Cells:
        """What shows the fields of stores."""
        source_uri = self.settings.source_uri
        return Cells(
            self.registry,
            self.service_pages,
            self.store_places,
            source_uri,
            self._mentioned_in,
            autolink=self.settings.autolink,
        )

    @cached_property
    def mentions(self) -> dict[str, list[str]]:
        """Store -> the documents whose text names it, by a role or as inline code, in the order of the toctrees."""
        found: dict[str, list[str]] = {}
        for docname in self.order:
            named = {
                question.name
                for question in self.questions.get(docname, ())
                if isinstance(question, LiteralQuestion)
                or (isinstance(question, LinkQuestion) and question.objtype == "store")
            }
            for name in named & self.registry.by_name.keys():
                found.setdefault(name, []).append(docname)
        return found

    def _mentioned_in(self, name: str) -> Spans:
        pages = self.mentions.get(name, ())
        return joined(Span(self.titles.get(docname, docname), "", Target(docname)) for docname in pages)

    @cached_property
    def landing_documents(self) -> dict[str, str]:
        """Id of a row -> the one document whose row links land on."""
        places = (*self.store_places.values(), *self.backend_places.values())
        return {place.anchor: place.docname for place in places}

    # -- answers ----------------------------------------------------------------------

    def blocks(self, question: Question) -> tuple[Block, ...]:
        """Answer a question that a directive asks."""
        # The questions of a page are answered twice in a row: for its text, and for its fingerprint.
        key = named(question)
        answer = self._blocks_of_page.get(key)
        if answer is None:
            answer = self._blocks_of_page[key] = self._blocks(question)
        return answer

    def forget_blocks(self, docname: str) -> None:
        """Forget what has been answered to the questions of a document."""
        for question in self.shown_questions(docname):
            self._blocks_of_page.pop(named(question), None)

    def _blocks(self, question: Question) -> tuple[Block, ...]:
        if isinstance(question, TableQuestion):
            return self._table(question)
        if isinstance(question, ServiceQuestion):
            return self._blocks(question.shown)
        if isinstance(question, EntryQuestion):
            store = self.registry.by_name.get(question.name)
            return entry_blocks(store, self.cells) if store else ()
        if isinstance(question, EntriesQuestion):
            return tuple(self._definition(store, question.indexed) for store in self.select(question.query))
        if isinstance(question, TotalsQuestion):
            counted = totals(self.registry, self.select(question.query), question.by)
            return (Paragraph((Span(totals_text(counted)),), "statestore-totals"),)
        if isinstance(question, CoverageQuestion):
            return self._coverage
        if isinstance(question, ChangesQuestion):
            return self._changes(question)
        if isinstance(question, GuideQuestion):
            if question.part not in self._guide:
                site = Site(self._documents, self.cells.store)
                self._guide[question.part] = GUIDE_PARTS[question.part](self.registry, site)
            return self._guide[question.part]
        raise TypeError(question)

    @cached_property
    def _coverage(self) -> tuple[Block, ...]:
        """What every page shows of the coverage: it takes all documents to know it."""
        return coverage_blocks(self)

    @cached_property
    def _documents(self) -> frozenset[str]:
        return frozenset(self.order)

    def words(self, question: Question) -> str:
        """Answer a question that a role asks within a line of text."""
        if isinstance(question, CountQuestion):
            # Like other answers, for a text and for its fingerprint; unlike them, it is small.
            if question.query not in self._counts:
                self._counts[question.query] = len(self.select(question.query))
            return str(self._counts[question.query])
        if isinstance(question, LabelQuestion):
            return one_line(self.link(LinkQuestion(question.objtype, question.name)).label)
        raise TypeError(question)

    def link(self, question: LinkQuestion) -> Link:
        """Find what a role names."""
        name = question.name
        if question.objtype == "store":
            found = self._links.get(name)
            if found is None:
                if len(self._links) >= _LINKS_KEPT:
                    self._links.clear()
                found = self._links[name] = self._link_to_store(name)
            return found
        if question.objtype == "service":
            return Link(
                name in self.registry.services,
                self.registry.service_title(name),
                self.service_pages.get(name),
            )
        return Link(name in self.registry.backends, self.registry.backend_label(name), self.backend_places.get(name))

    def _link_to_store(self, name: str) -> Link:
        store = self.registry.by_name.get(name)
        if store is None:
            return Link(False, name, None)
        place = self.store_places.get(name) or self.service_pages.get(store.service)
        note = self._store_note(store)
        card = store_card(store, self.cells) if self.settings.preview else None
        return Link(True, name, place._replace(title=note) if place else None, note, card)

    @property
    def looks_at_literals(self) -> bool:
        """Whether literals are anything but text."""
        return self.settings.autolink or self.settings.unknown_literals != "off"

    def is_any_word(self, text: str) -> bool:
        """Return whether a literal means nothing here, as nearly all of them do."""
        if text not in self._any_words:
            if text in self.registry.by_name or self.literal(LiteralQuestion(text)) != Literal(None):
                return False
            self._any_words.add(text)
        return True

    def literal(self, question: LiteralQuestion) -> Literal:
        """Find what an inline literal names, or seems to."""
        name = question.name
        if name in self.registry.by_name:
            return Literal(self.link(LinkQuestion("store", name)) if self.settings.autolink else None)
        if self.settings.unknown_literals == "off":
            return Literal(None)
        return Literal(None, self._name_patterns.look_like_a_store(name))

    def unknown_literal(self, name: str) -> str:
        """Say that a literal looks like a store and is none.

        Not part of the answer, which is given for fingerprints as well: it takes a look for near names.
        """
        near = self._suggestions.did_you_mean(name, self.registry.names)
        return f"{shown(name)} looks like a state store, but the registry has none of that name{near}"

    @cached_property
    def _name_patterns(self) -> NamePatterns:
        given = self.settings.name_patterns
        ends = frozenset[str]() if given else usual_ends(self.registry)
        return NamePatterns(given, ends, self.settings.ignored_names)

    def complaints(self, question: Question) -> list[Complaint]:
        """Find what a question says that this registry does not know."""
        if isinstance(question, TableQuestion):
            found = check_query(question.query, self.registry, self._suggestions.did_you_mean)
            own = self.registry.extra_fields
            for key in question.columns:
                if not self._has_column(key):
                    near = self._suggestions.did_you_mean(key, own)
                    found.append(Complaint(Kind.UNKNOWN_COLUMN, f"no store has a field {shown(key)}{near}"))
            return found
        if isinstance(question, ServiceQuestion):
            return self.complaints(question.shown)
        if isinstance(question, EntryQuestion) and question.name not in self.registry.by_name:
            near = self.suggestion(LinkQuestion("store", question.name))
            return [Complaint(Kind.UNKNOWN_STORE, f"unknown store {shown(question.name)}{near}")]
        if isinstance(question, ChangesQuestion):
            return self._complaints_about_versions(question)
        if isinstance(question, (TotalsQuestion, CountQuestion, EntriesQuestion)):
            return check_query(question.query, self.registry, self._suggestions.did_you_mean)
        return []

    def suggestion(self, question: LinkQuestion) -> str:
        """Return the near names for one that is unknown, as the end of a message."""
        known: dict[str, Collection[str]] = {
            "store": self.registry.names,
            "service": self.registry.services,
            "backend": self.registry.backends,
        }
        return self._suggestions.did_you_mean(question.name, known[question.objtype])

    @cached_property
    def generated_navigation(self) -> list[object]:
        """What generated pages are called and hold, in their order: the navigation of any page may quote it.

        Sphinx writes no page again when the title of another changes. Here the registry has changed it.
        """
        return [
            (docname, self.titles.get(docname, ""), self._contents[docname].astext())
            for docname in self.order
            if self.is_generated(docname) and docname in self._contents
        ]

    @property
    def store_notes(self) -> dict[str, str]:
        """Store -> what a reader should know of it, for the stores that a page shows."""
        return {
            store.name: self._store_note(store) for store in self.registry.stores if store.name in self.store_places
        }

    def linked_stores(self, docname: str) -> Iterator[Link]:
        """Yield what is known of each store that the text of a document links, where a page shows the store."""
        for question in self.shown_questions(docname):
            link = None
            if isinstance(question, LiteralQuestion):
                link = self.literal(question).link
            elif isinstance(question, LinkQuestion) and question.objtype == "store":
                link = self.link(question)
            if link is not None and link.target is not None:
                yield link

    def shown_questions(self, docname: str) -> Iterator[Question]:
        """Yield the questions of a document whose answers it shows; beside them, any page may show :attr:`quoted`."""
        left_alone = not self.looks_at_literals or docname in self.without_autolink
        for question in self.questions.get(docname, ()):
            if not (left_alone and isinstance(question, LiteralQuestion)):
                yield question

    # -- changes ----------------------------------------------------------------------

    def version_digests(self) -> list[tuple[str, ...]]:
        """Return a digest of each version that a document compares, each as it is in this build."""
        asked = [question for questions in self.questions.values() for question in questions]
        versions = [version for question in asked for version in compared_versions(question)]
        return [self._versions.read(version).digest for version in versions]

    def _changes(self, question: ChangesQuestion) -> tuple[Block, ...]:
        before = self._versions.read(question.before).registry if question.before else None
        after = self._versions.read(question.after).registry if question.after else self.registry
        if before is None or after is None:
            return (UNAVAILABLE,)
        return change_blocks(compare(before, after, question.query), question.shown, self.cells)

    def _complaints_about_versions(self, question: ChangesQuestion) -> list[Complaint]:
        versions = [self._versions.read(version) for version in compared_versions(question)]
        found = [Complaint(Kind.MISSING_REVISION, version.complaint) for version in versions if version.complaint]
        registries = [version.registry for version in versions if version.registry]
        if question.after is None:
            registries.append(self.registry)
        # What was removed or has come since is no mistake.
        services = {name: service for registry in registries for name, service in registry.services.items()}
        backends = {key: backend for registry in registries for key, backend in registry.backends.items()}
        registry = Registry(services=services, backends=backends)
        return found + check_query(question.query, registry, self._suggestions.did_you_mean)

    # -- tables -----------------------------------------------------------------------

    def select(self, query: Query) -> tuple[Store, ...]:
        """Return the stores that a query asks for."""
        return select(self.registry, query)

    def _table(self, question: TableQuestion) -> tuple[Block, ...]:
        query = question.query
        stores = self.select(query)
        fields = (
            self._columns(question.columns) or self._columns(self.settings.columns) or self._columns(DEFAULT_COLUMNS)
        )
        cells = [self.cells.of(field) for field in fields]
        indexed = question.indexed

        def rows(members: Iterable[Store]) -> tuple[Row, ...]:
            members = tuple(members)
            anchors = (landing.store_anchor(store.name) if indexed else "" for store in members)
            return tuple(map(Row, zip(*(map(cell, members) for cell in cells), strict=True), anchors))

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

    def _definition(self, store: Store, indexed: bool) -> Definition:
        anchor = landing.store_anchor(store.name) if indexed else ""
        return Definition(store.name, anchor, entry_blocks(store, self.cells))

    def _columns(self, keys: Iterable[str]) -> list[Field]:
        return [field for key in keys if (field := find_column(key)) and self._has_column(key)]

    def _has_column(self, key: str) -> bool:
        return key in FIELDS or key == BACKLINKS.key or key in self.registry.extra_fields

    def _heading(self, label: str, stores: tuple[Store, ...], grouped_by: str) -> Spans:
        counted = totals(self.registry, stores)
        if grouped_by == "backend":
            counted = counted._replace(parts=())  # the heading is the only part
        return (Span(label or "\N{EM DASH}", "strong"), Span(f" \N{EN DASH} {totals_text(counted)}"))

    def _totals_text(self, stores: tuple[Store, ...]) -> str:
        return totals_text(totals(self.registry, stores))

    def _store_note(self, store: Store) -> str:
        registry = self.registry
        facts = f"{registry.backend_label(store.backend)}, {registry.service_title(store.service)}"
        if store.purpose:
            facts = f"{facts}: {plain(store.purpose)}"
        status = status_text(store, self.cells)
        return f"{status} {facts}" if status else facts
