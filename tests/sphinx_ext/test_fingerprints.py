"""Fingerprints of tables: two that differ in anything a reader would see have two."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from sphinx_statestores.registry.query import Query
from sphinx_statestores.sphinx_ext.content import Body, Column, Row, Span, Table, Target
from sphinx_statestores.sphinx_ext.fingerprints import Fingerprints
from sphinx_statestores.sphinx_ext.questions import TableQuestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.sphinx_ext.content import Cell


def fingerprint(*answered: tuple[Table, ...]) -> str:
    """The fingerprint of a page whose questions are answered with these tables."""
    left = iter(answered)
    answers = SimpleNamespace(
        shown_questions=lambda _: [TableQuestion(Query())] * len(answered),
        blocks=lambda _: next(left),
        quoted=(),
        generated_navigation=[],
    )
    return Fingerprints(cast("Any", None), cast("Any", answers)).answered("index")


def table(*rows: Row, heading: str = "") -> Table:
    """A table of one body."""
    words = (Span(heading),) if heading else ()
    width = len(rows[0].cells) if rows else 1
    return Table("table", tuple(Column(str(n), str(n)) for n in range(width)), (Body(words, rows),))


def link(text: str = "a", style: str = "code", *target: str) -> Cell:
    """A cell of one link."""
    return (Span(text, style, Target(*target or ("page", "store-a"))),)


def tables() -> Iterator[Table]:
    """Tables of which no two look alike."""
    yield table()
    yield table(heading="Heading")
    words = Row(("a", "b"), "store-a")
    links = Row((link(), link("b", "")), "store-a")
    for row in (words, links):
        yield table(row)
        yield table(row, row)
        yield table(row, heading="Heading")
        yield table(row._replace(anchor=""))
        yield table(row._replace(anchor="store-b"))
        yield table(row._replace(cells=(row.cells[1], row.cells[0])))
        yield table(row._replace(cells=row.cells[:1]))
        # The same cells in another shape: one row of two, or two of one.
        yield table(*(Row((cell,), "store-a") for cell in row.cells))
    for cell in (
        "",
        "c",
        (),
        (Span("a", "code"),),
        (Span("a", "strong"),),
        (Span("a"), Span("a")),
        link("c"),
        link("a", ""),
        link("a", "code", "other", "store-a"),
        link("a", "code", "page", "store-c"),
        link("a", "code", "page"),
        link("a", "code", "page", "store-a", "https://example.org"),
        link("a", "code", "page", "store-a", "", "Title"),
    ):
        yield table(Row((cell,)))
        yield table(Row((cell,)), Row((link(),)))
        yield table(Row((link(),)), Row((cell,)))
    yield Table("keys", table(words).columns, table(words).bodies)
    yield table(words)._replace(bodies=(*table(words).bodies, Body((), ())))
    yield table(words)._replace(bodies=table(words).bodies * 2)
    yield table(words)._replace(columns=(Column("0", "0"), Column("1", "Other")))


def test_tables_that_differ_have_different_fingerprints() -> None:
    """Each value counts, and so does its place."""
    found = list(tables())
    assert len(set(found)) == len(found)
    assert len({fingerprint((each,)) for each in found}) == len(found)


def test_it_counts_which_question_is_answered() -> None:
    """An answer that moves from one question to another stands elsewhere on the page."""
    words = table(Row(("a", "b"), "store-a"))
    assert len({fingerprint((words,), ()), fingerprint((), (words,)), fingerprint((words, words))}) == 3


def test_tables_that_are_equal_have_one() -> None:
    """Equal values give equal fingerprints, whichever objects they are."""
    assert [fingerprint((each,)) for each in tables()] == [fingerprint((each,)) for each in tables()]
