"""Fingerprints of what a page shows: two that differ in anything a reader would see have two."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from sphinx_statestores.registry.query import Query
from sphinx_statestores.sphinx_ext.incremental.fingerprints import Fingerprints
from sphinx_statestores.sphinx_ext.read.questions import TableQuestion
from sphinx_statestores.sphinx_ext.resolve.blocks import Body, Column, Span, Table, Target, body, links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.sphinx_ext.resolve.blocks import Cell


def fingerprint(*shown: tuple[Table, ...]) -> str:
    """The fingerprint of a page whose questions are answered with these tables."""
    left = iter(shown)
    documents = SimpleNamespace(quoted=())
    answers = SimpleNamespace(
        shown_questions=lambda _: [TableQuestion(Query())] * len(shown),
        blocks=lambda _: next(left),
        site=SimpleNamespace(documents=documents, generated_navigation=()),
    )
    return Fingerprints(cast("Any", answers)).shown(["index"])


def table(*rows: tuple[Cell, ...], anchors: tuple[str, ...] = (), heading: str = "") -> Table:
    """A table of one body."""
    words = (Span(heading),) if heading else ()
    width = len(rows[0]) if rows else 1
    return Table("table", tuple(Column(str(n), str(n)) for n in range(width)), (body(rows, words, anchors),))


def link(text: str = "a", style: str = "code", target: Target = Target("page", "store-a")) -> Cell:  # noqa: B008
    """A cell of one link."""
    return (Span(text, style, target),)


def tables() -> Iterator[Table]:
    """Tables of which no two look alike."""
    yield table()
    yield table(heading="Heading")
    words = ("a", "b")
    linked = (link(), link("b", ""))
    for row in (words, linked):
        yield table(row, anchors=("store-a",))
        yield table(row, row, anchors=("store-a", ""))
        yield table(row, anchors=("store-a",), heading="Heading")
        yield table(row)
        yield table(row, anchors=("store-b",))
        yield table((row[1], row[0]), anchors=("store-a",))
        yield table(row[:1], anchors=("store-a",))
        # The same cells in another shape: one row of two, or two of one.
        yield table(*((cell,) for cell in row), anchors=("store-a", "store-a"))
    for cell in (
        "",
        "c",
        (),
        (Span("a", "code"),),
        (Span("a", "strong"),),
        (Span("a"), Span("a")),
        link("c"),
        link("a", ""),
        link(target=Target("other", "store-a")),
        link(target=Target("page", "store-c")),
        link(target=Target("page")),
        link(target=Target("page", "store-a", "https://example.org")),
        link(target=Target("page", "store-a", "", "Title")),
    ):
        yield table((cell,))
        yield table((cell,), (link(),))
        yield table((link(),), (cell,))
    one = Span("a", "code", Target("page", "store-a"))
    for spans, style in (
        ([one], "code"),
        ([one], ""),
        ([one, one], "code"),
        ([replace(one, text="b")], "code"),
        ([replace(one, target=Target("other", "store-a"))], "code"),
        ([replace(one, target=Target("page", "store-b"))], "code"),
        ([replace(one, target=Target("", uri="page"))], "code"),
        ([replace(one, target=None)], "code"),
    ):
        yield Table("table", (Column("0", "0"),), (Body((), (links(spans, style),), ("",) * len(spans)),))
    first = table(words)
    yield replace(first, kind="keys")
    yield replace(first, bodies=(*first.bodies, body([])))
    yield replace(first, bodies=first.bodies * 2)
    yield replace(first, columns=(Column("0", "0"), Column("1", "Other")))


def test_tables_that_differ_have_different_fingerprints() -> None:
    """Each value counts, and so does its place."""
    found = list(tables())
    assert len(set(found)) == len(found)
    assert len({fingerprint((each,)) for each in found}) == len(found)


def test_it_counts_which_question_is_answered() -> None:
    """A result that moves from one question to another stands elsewhere on the page."""
    words = table(("a", "b"))
    assert len({fingerprint((words,), ()), fingerprint((), (words,)), fingerprint((words, words))}) == 3


def test_tables_that_are_equal_have_one() -> None:
    """Equal values give equal fingerprints, whichever objects they are."""
    assert [fingerprint((each,)) for each in tables()] == [fingerprint((each,)) for each in tables()]
