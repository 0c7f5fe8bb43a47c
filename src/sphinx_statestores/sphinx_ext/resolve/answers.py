"""A question -> its result, for one build, with a cache."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sphinx_statestores.checks.lint import apply_rule_settings
from sphinx_statestores.checks.prose_facts import ProseCheck
from sphinx_statestores.registry.lookalikes import NamePatterns, service_words, usual_ends
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.sphinx_ext.read.questions import (
    ChangesQuestion,
    ChartQuestion,
    ClaimsQuestion,
    CountQuestion,
    CoverageQuestion,
    EntriesQuestion,
    EntryQuestion,
    GuideQuestion,
    LinkQuestion,
    LiteralQuestion,
    MapQuestion,
    ObservedQuestion,
    ServiceQuestion,
    TableQuestion,
    TotalsQuestion,
    UsesQuestion,
)
from sphinx_statestores.sphinx_ext.resolve.changes import changes_blocks
from sphinx_statestores.sphinx_ext.resolve.complaints import Complaints
from sphinx_statestores.sphinx_ext.resolve.coverage import coverage_blocks
from sphinx_statestores.sphinx_ext.resolve.guide import guide_blocks
from sphinx_statestores.sphinx_ext.resolve.links import IRRELEVANT, Literal, find_link, foreign_notes, store_note
from sphinx_statestores.sphinx_ext.resolve.observed import observed_blocks
from sphinx_statestores.sphinx_ext.resolve.pictures import chart_blocks, map_blocks
from sphinx_statestores.sphinx_ext.resolve.tables import (
    all_entries,
    one_entry,
    table_blocks,
    totals_blocks,
    uses_blocks,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sphinx_statestores.registry.problems import Problem
    from sphinx_statestores.sphinx_ext.read.questions import ContentsQuestion, LabelQuestion, Question
    from sphinx_statestores.sphinx_ext.resolve.blocks import Block
    from sphinx_statestores.sphinx_ext.resolve.links import Link
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex


def _service_blocks(question: ServiceQuestion, site: SiteIndex) -> tuple[Block, ...]:
    return BLOCKS[type(question.shown)](question.shown, site)


#: Class of a directive's question -> the function that returns its blocks.
BLOCKS: dict[type, Callable[[Any, SiteIndex], tuple[Block, ...]]] = {
    TableQuestion: table_blocks,
    TotalsQuestion: totals_blocks,
    EntryQuestion: one_entry,
    EntriesQuestion: all_entries,
    ServiceQuestion: _service_blocks,
    UsesQuestion: uses_blocks,
    MapQuestion: map_blocks,
    ChartQuestion: chart_blocks,
    GuideQuestion: guide_blocks,
    CoverageQuestion: coverage_blocks,
    ObservedQuestion: observed_blocks,
    ChangesQuestion: changes_blocks,
}
#: Questions that many pages may share, and whose blocks depend on all stores or all pages. Their results stay cached.
_SHARED = (GuideQuestion, CoverageQuestion)
#: The size of the cache of links. A page looks up each of its links several times; then the next page follows.
_LINKS_KEPT = 500


class Answers:
    """Answers questions from one site index. The result of a question is cached until its page is written."""

    def __init__(self, site: SiteIndex) -> None:
        self.site = site
        self.complaints = Complaints(site)
        self._blocks: dict[Question, tuple[Block, ...]] = {}
        self._links: dict[LinkQuestion, Link] = {}
        #: Literals that cannot name a store.
        self._irrelevant: set[str] = set()
        #: Document -> what the registry contradicts in it.
        self._contradictions: dict[str, list[Problem]] = {}

    def blocks(self, question: Question) -> tuple[Block, ...]:
        """Return the blocks of a directive."""
        found = self._blocks.get(question)
        if found is None:
            found = self._blocks[question] = BLOCKS[type(question)](question, self.site)
        return found

    def forget(self, docname: str) -> None:
        """Remove the blocks of a document, which are large, from the cache: the document has been written."""
        self._contradictions.pop(docname, None)
        for question in self.site.questions.get(docname, ()):
            if not isinstance(question, _SHARED):
                self._blocks.pop(question, None)

    def entry_names(self, question: ContentsQuestion) -> tuple[str, ...]:
        """Return the names of the stores that have entries."""
        return tuple(store.name for store in self.site.select(question.query))

    def words(self, question: CountQuestion | LabelQuestion) -> str:
        """Return the text of an inline role."""
        if isinstance(question, CountQuestion):
            return str(len(self.site.select(question.query)))
        return one_line(self.link(LinkQuestion(question.objtype, question.name)).label)

    def link(self, question: LinkQuestion) -> Link:
        """Return the link of a role."""
        found = self._links.get(question)
        if found is None:
            if len(self._links) >= _LINKS_KEPT:
                self._links.clear()
            found = self._links[question] = find_link(question, self.site)
        return found

    # -- literals -----------------------------------------------------------------------

    @property
    def looks_at_literals(self) -> bool:
        """Whether literals can be links, or are reported."""
        return self.site.settings.autolink or self.site.settings.unknown_literals != "off"

    def is_irrelevant_literal(self, text: str) -> bool:
        """Return whether a literal neither names a store nor looks like one, as is the case for nearly all."""
        if text not in self._irrelevant:
            if self.site.knows(text) or self.literal(LiteralQuestion(text)) != IRRELEVANT:
                return False
            self._irrelevant.add(text)
        return True

    def literal(self, question: LiteralQuestion) -> Literal:
        """Return the result for an inline literal."""
        name, settings = question.name, self.site.settings
        if self.site.knows(name):
            return Literal(self.link(LinkQuestion("store", name))) if settings.autolink else IRRELEVANT
        foreign = self.site.documents.foreign_stores.get(name)
        if foreign is not None:
            return Literal(None, foreign=foreign) if settings.autolink else IRRELEVANT
        if settings.unknown_literals == "off":
            return IRRELEVANT
        if name in self.site.excluded:
            return Literal(None, is_unknown=True)
        # Many texts with a colon are not names.
        if question.is_key or ":" in name or name in self._service_words:
            return IRRELEVANT
        return Literal(None, is_unknown=True) if self._name_patterns.look_like_a_store(name) else IRRELEVANT

    @cached_property
    def _service_words(self) -> frozenset[str]:
        return service_words(self.site.registry)

    @cached_property
    def _name_patterns(self) -> NamePatterns:
        settings = self.site.settings
        ends = frozenset[str]() if settings.name_patterns else usual_ends(self.site.registry)
        return NamePatterns(settings.name_patterns, ends, settings.ignored_names)

    # -- text of pages ------------------------------------------------------------------

    def contradictions(self, question: ClaimsQuestion) -> list[Problem]:
        """Return what the registry contradicts in the text of a document, at its lines, after rule settings."""
        site, docname = self.site, question.docname
        found = self._contradictions.get(docname)
        if found is None:
            found = []
            if site.settings.lint is not None and site.is_sound:
                services = self._services_of.get(docname, ())
                found = self._prose_check.of_claims(question.claims, docname, services)
                told = self._told_of_literals(docname) if found else frozenset()
                found = [each for each in found if each.kind is not Kind.DEAD_NAME or each.store not in told]
                found = apply_rule_settings(site.original, found, site.settings.lint)
            self._contradictions[docname] = found
        return found

    def _told_of_literals(self, docname: str) -> frozenset[str]:
        """Return the inline literals of a document that another warning reports as unknown names."""
        site = self.site
        if site.settings.unknown_literals != "warning" or docname in site.documents.without_autolink:
            return frozenset()
        asked = (each for each in site.questions.get(docname, ()) if isinstance(each, LiteralQuestion))
        return frozenset(each.name for each in asked if self.literal(each).is_unknown)

    @cached_property
    def _prose_check(self) -> ProseCheck:
        return ProseCheck(self.site.original, self._is_known, with_lookalikes=False)

    def _is_known(self, name: str) -> bool:
        """Return whether a page may name a store that is not in the registry."""
        site = self.site
        return (
            site.knows(name)
            or name in site.documents.foreign_stores
            or name in site.excluded
            or self._name_patterns.is_ignored(name)
        )

    @cached_property
    def _services_of(self) -> dict[str, list[str]]:
        """Document -> the services whose page it is."""
        found: dict[str, list[str]] = {}
        for service, target in self.site.service_pages.items():
            found.setdefault(target.docname, []).append(service)
        return found

    # -- documents ----------------------------------------------------------------------

    def shown_questions(self, docname: str) -> Iterator[Question]:
        """Yield the questions whose results a document displays."""
        left_alone = not self.looks_at_literals or docname in self.site.documents.without_autolink
        for question in self.site.questions.get(docname, ()):
            if not (left_alone and isinstance(question, LiteralQuestion)):
                yield question

    def linked_stores(self, docname: str) -> Iterator[Link]:
        """Yield the link to each store that the text of a document mentions, if the store is on a page."""
        for question in self.shown_questions(docname):
            link = None
            if isinstance(question, LiteralQuestion):
                link = self.literal(question).link
            elif isinstance(question, LinkQuestion) and question.objtype == "store":
                link = self.link(question)
            if link is not None and link.target is not None:
                yield link

    @property
    def foreign_notes(self) -> list[tuple[str, str, str]]:
        """Name, URL and description of each store of another site that no page here shows."""
        return list(foreign_notes(self.site))

    @property
    def store_notes(self) -> dict[str, str]:
        """Store -> a short description for links, for the stores that are on a page."""
        shown = self.site.store_documents
        return {
            store.name: store_note(store, self.site) for store in self.site.registry.stores if store.name in shown
        }
