"""Documents -> digests of their questions, of their results, and of the inputs of all results."""

from __future__ import annotations

from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from sphinx_statestores.sphinx_ext.read.columns import BACKLINKS
from sphinx_statestores.sphinx_ext.read.questions import (
    ClaimsQuestion,
    ContentsQuestion,
    CountQuestion,
    CoverageQuestion,
    EntriesQuestion,
    EntryQuestion,
    LabelQuestion,
    LinkQuestion,
    LiteralQuestion,
    ServiceQuestion,
    TableQuestion,
    compared_versions,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.sphinx_ext.read.questions import Question
    from sphinx_statestores.sphinx_ext.resolve.answers import Answers


class Fingerprints:
    """Computes the digests of one build; *inputs* identifies its registry, its translations and its builder."""

    def __init__(self, answers: Answers, inputs: Iterable[object] = ()) -> None:
        self._answers = answers
        self._inputs = tuple(inputs)

    @cached_property
    def inputs(self) -> str:
        """Digest of all inputs of results except the questions: when equal, equal questions have equal results."""
        site = self._answers.site
        documents = site.documents
        versions = dict.fromkeys(
            version
            for questions in site.questions.values()
            for question in questions
            for version in compared_versions(question)
        )
        everything: list[object] = [
            self._inputs,
            site.settings,
            sorted(documents.without_autolink),
            sorted(documents.foreign_stores.items()),
            site.showing,
            # The numbers in lists of all documents depend on their order.
            documents.order,
            documents.quoted,
            [site.versions.read(version).digest for version in versions],
            site.generated_navigation,
        ]
        if self._quotes_documents:
            everything += [site.titles, site.mentions]
        return _digest(everything)

    @property
    def _quotes_documents(self) -> bool:
        """Whether a result lists the documents that mention a store, with their titles."""
        site = self._answers.site
        columns = {*site.settings.columns}
        for questions in site.questions.values():
            for question in questions:
                shown = question.shown if isinstance(question, ServiceQuestion) else question
                if isinstance(shown, (EntryQuestion, EntriesQuestion, CoverageQuestion)):
                    return True
                if isinstance(shown, TableQuestion):
                    columns.update(shown.columns)
        return BACKLINKS.key in columns

    def asking(self) -> Iterable[str]:
        """Return the documents that show data of the registry: all documents if navigation shows some."""
        site = self._answers.site
        is_quoted = site.documents.quoted or site.generated_navigation
        return site.documents.order if is_quoted else site.questions

    def asked(self, docnames: Iterable[str]) -> str:
        """Return a digest of the questions of the documents that are shown on one page."""
        shown = [list(self._answers.shown_questions(docname)) for docname in docnames]
        return _digest([shown, self._answers.site.documents.quoted])

    def shown(self, docnames: Iterable[str]) -> str:
        """Return a digest of the results on one page of these documents; equal when a reader sees the same."""
        found = [self._results(self._answers.shown_questions(docname)) for docname in docnames]
        return _digest([found, self._on_all_pages])

    @cached_property
    def _on_all_pages(self) -> str:
        """Digest of what the navigation on any page may quote. Computed once, not for each page."""
        site = self._answers.site
        return _digest([self._results(site.documents.quoted), site.generated_navigation])

    def _results(self, questions: Iterable[Question]) -> list[object]:
        answers = self._answers
        found: list[object] = []
        for question in questions:
            if isinstance(question, ClaimsQuestion):
                # They are told when a page is written, so it is written again when they change.
                found += map(str, answers.contradictions(question))
            elif isinstance(question, LinkQuestion):
                found.append(answers.link(question))
            elif isinstance(question, LiteralQuestion):
                if not answers.is_irrelevant_literal(question.name):
                    found.append(answers.literal(question))
            elif isinstance(question, (CountQuestion, LabelQuestion)):
                found.append(answers.words(question))
            elif isinstance(question, ContentsQuestion):
                found.append(answers.entry_names(question))
            else:
                found.append(answers.blocks(question))
        return found


def _digest(value: object) -> str:
    # Not a pickle, whose bytes depend on shared references: equal values have an equal `repr`.
    return blake2b(repr(value).encode(), digest_size=16).hexdigest()
