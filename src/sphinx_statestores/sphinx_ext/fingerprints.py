"""Digests of questions, of answers and of what these depend on: what tells whether a page is still the same."""

from __future__ import annotations

import json
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from sphinx_statestores.sphinx_ext.cells import BACKLINKS
from sphinx_statestores.sphinx_ext.config import DEFAULT_COLUMNS
from sphinx_statestores.sphinx_ext.content import Table
from sphinx_statestores.sphinx_ext.questions import (
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
    named,
)
from sphinx_statestores.sphinx_ext.reach import decides_by_what_is_told, find_edit, may_reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sphinx_statestores.sphinx_ext.answers import Answers
    from sphinx_statestores.sphinx_ext.build import Build
    from sphinx_statestores.sphinx_ext.content import Block, Cell
    from sphinx_statestores.sphinx_ext.questions import Question
    from sphinx_statestores.sphinx_ext.reach import Edit

#: The questions that decide where links land.
_PLACES = (TableQuestion, EntriesQuestion, EntryQuestion, ServiceQuestion, GuideQuestion)


class Fingerprints:
    """Makes the digests of one build."""

    def __init__(self, build: Build, answers: Answers) -> None:
        self._build = build
        self._answers = answers
        #: Whether what headings show may be something else after the edit of this build, once that is known.
        self._quoted_may_differ: bool | None = None

    def inputs(self, contents: Iterable[tuple[str, str]] | None = None) -> str:
        """Return a digest of what answers depend on: with it, equal questions have equal answers.

        No answer is given for it; the registry is told by its files, those of this build or *contents*.
        """
        return _digest([[*(self._build.contents if contents is None else contents)], self._other_inputs])

    @cached_property
    def _other_inputs(self) -> str:
        answers = self._answers
        asked = [
            (docname, [named(question) for question in questions if isinstance(question, _PLACES)])
            for docname in answers.order
            if (questions := answers.questions.get(docname))
        ]
        everything: list[object] = [
            repr(answers.settings),
            sorted(self._build.builder.tags),
            sorted(answers.without_autolink),
            [(docname, questions) for docname, questions in asked if questions],
            # What an answer does not say alone: numbers in lists of all documents.
            answers.order,
            [*map(named, answers.quoted)],
            answers.version_digests(),
            answers.generated_navigation,
        ]
        if self._quotes_documents:
            everything += [answers.titles, answers.mentions]
        return _digest(everything)

    @property
    def _quotes_documents(self) -> bool:
        """Whether some answer tells which documents mention a store, and what they are called."""
        columns = {*self._answers.settings.columns}
        for questions in self._answers.questions.values():
            for question in questions:
                shown = question.shown if isinstance(question, ServiceQuestion) else question
                if isinstance(shown, (EntryQuestion, EntriesQuestion, CoverageQuestion)):
                    return True
                if isinstance(shown, TableQuestion):
                    columns.update(shown.columns)
        return BACKLINKS.key in columns

    def asked(self) -> dict[str, str]:
        """Return a digest of what each document asks, for the documents that show any answer."""
        answers = self._answers
        asking = answers.order if answers.quoted or answers.generated_navigation else answers.questions
        quoted = [_digest([*map(named, answers.quoted)])] if answers.quoted else []
        return {docname: _digest([*map(named, answers.shown_questions(docname)), *quoted]) for docname in asking}

    def edit_since(self, inputs: str) -> Edit | None:
        """Return what was edited since the registry was that of *inputs*; None when it is not known, or much."""
        before = self._build.read.before
        if before is None or self.inputs(before.contents) != inputs or self._has_uncertain_places:
            return None
        return find_edit(before.registry, self._build.registry)

    @property
    def _has_uncertain_places(self) -> bool:
        """Whether what is told of a store may decide where links land, or what headings say anywhere."""
        answers = self._answers
        return any(map(decides_by_what_is_told, answers.quoted)) or any(
            isinstance(question, _PLACES) and decides_by_what_is_told(question)
            for questions in answers.questions.values()
            for question in questions
        )

    def may_differ(self, docname: str, edit: Edit) -> bool:
        """Return whether a document that asks what it asked may show something else after an edit."""
        if self._quoted_may_differ is None:
            self._quoted_may_differ = self._may_reach(edit, self._answers.quoted)
        return self._quoted_may_differ or self._may_reach(edit, self._answers.shown_questions(docname))

    def _may_reach(self, edit: Edit, questions: Iterable[Question]) -> bool:
        columns = self._answers.settings.columns or DEFAULT_COLUMNS
        return any(may_reach(edit, question, self._answers.registry, columns) for question in questions)

    def answered(self, docname: str) -> str:
        """Return a digest of the answers that a document shows: equal when everything a reader would see is."""
        answers = self._answers
        found = self._answers_to(answers.shown_questions(docname))
        if answers.quoted or answers.generated_navigation:
            found.append(self._on_all_pages)
        return _digest(found)

    @cached_property
    def _on_all_pages(self) -> str:
        """A digest of what the navigation of any page may quote: made once, and not for each page."""
        return _digest([self._answers_to(self._answers.quoted), self._answers.generated_navigation])

    def _answers_to(self, questions: Iterable[Question]) -> list[object]:
        answers = self._answers
        found: list[object] = []
        for question in questions:
            if isinstance(question, LinkQuestion):
                found.append(answers.link(question))
            elif isinstance(question, LiteralQuestion):
                if not answers.is_any_word(question.name):
                    found.append(answers.literal(question))
            elif isinstance(question, (CountQuestion, LabelQuestion)):
                found.append(answers.words(question))
            else:
                found.append([*map(_by_columns, answers.blocks(question))])
        return found

    def forget(self, docname: str) -> None:
        """Let go of the answers to the questions of a document, which are large."""
        self._answers.forget_blocks(docname)


def settings_digest(build: Build) -> str:
    """Return a digest of what answers depend on beside the environment and versions of the registry in git."""
    return _digest([build.contents, repr(build.settings), sorted(build.builder.tags)])


def _by_columns(block: Block) -> object:
    """Return an answer as it is, or a table column by column: in fewer values, which take less time to write."""
    if not isinstance(block, Table):
        return block
    bodies = [
        (
            body.heading,
            [row.anchor for row in body.rows],
            [_column(cells) for cells in zip(*[row.cells for row in body.rows], strict=True)],
        )
        for body in block.bodies
    ]
    return (block.kind, block.columns, bodies)


def _column(cells: Sequence[Cell]) -> object:
    """Return the cells of a column; where each is one link, first what all link and then where to."""
    spans = [cell[0] for cell in cells if len(cell) == 1 and not isinstance(cell, str)]
    targets = [span.target for span in spans if span.target is not None]
    if len(targets) < len(cells):
        return cells
    words, styles, _ = zip(*spans, strict=True)
    return {"links": (words, styles, *zip(*targets, strict=True))}


def _digest(values: list[object]) -> str:
    # JSON and not pickle: equal values give equal bytes, whether or not they share objects.
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), check_circular=False)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
