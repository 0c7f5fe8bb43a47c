"""Filters by readers, by writers and by fields of the user's own."""

from __future__ import annotations

import pytest

from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import EXTRA_LIMIT, Terms, parse_query, parse_query_text
from sphinx_statestores.registry.query_check import check_query
from sphinx_statestores.registry.selection import select
from sphinx_statestores.registry.source import SourceText

STORE = "  {}: {{backend: redis, prefix: {}, service: Auth, purpose: P{}}}\n"
REGISTRY, _ = load_sources(
    [
        SourceText(
            "r.yaml",
            "x-state-stores:\n"
            + STORE.format("a", "a", ", readers: [Item, Quest], x-team: Platform Core")
            + STORE.format("b", "b", ", readers: [Quest], writers: [Item], x-team: [payments, billing]")
            + STORE.format("c", "c", ", writers: [Quest], x-costCentre: 42, x-team: core")
            + STORE.format("d", "d", ", x-critical: true"),
            "",
        )
    ]
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("reader=Quest", "a b"),
        ("reader=Item,Quest reader=!Item", "b"),
        ("reader=!Quest", "c d"),
        ("writer=Item,Quest", "b c"),
        ("reader=Quest writer=Item", "b"),
        ("x-team=billing", "b"),
        ("x-team=payments,core", "b c"),
        ("'x-team=payments, billing'", "b"),
        ("'x-team=Platform Core'", "a"),
        ("x-team=*ore", "a c"),
        ("x-team=!*ore", "b d"),
        ("x-team=*,!core", "a b"),
        ("x-costCentre=42", "c"),
        ("x-costcentre=4?", "c"),
        ("x-critical=true", "d"),
        ("x-critical=True", ""),
        ("x-team=payments service=Auth backend=redis x-critical=true", ""),
        ("x-none=1", ""),
        ("x-none=!1", "a b c d"),
    ],
)
def test_what_they_let_through(text: str, names: str) -> None:
    """Readers and writers are exact; a field is compared by globs, of a list by any item."""
    query, complaints = parse_query_text(text)
    assert complaints == []
    assert [store.name for store in select(REGISTRY, query)] == names.split()


def test_what_is_unknown_is_said() -> None:
    """A service that nobody is called, and a field that no store has, are complained of with the near names."""
    query, complaints = parse_query_text("reader=Qest writer=Item x-taem=core x-costcentre=42 reder=Item")
    found = [*complaints, *check_query(query, REGISTRY)]
    assert [(complaint.kind, complaint.message) for complaint in found] == [
        (Kind.UNKNOWN_OPTION, "unknown filter 'reder'; did you mean 'reader'?"),
        (Kind.UNKNOWN_SERVICE, "unknown reader 'Qest'; did you mean 'Quest'?"),
        (Kind.UNKNOWN_COLUMN, "no store has a field 'x-taem'; did you mean 'x-team'?"),
    ]


def test_there_is_a_limit() -> None:
    """Each filter is a look at every store, so a query takes so many and says that it does."""
    query, (complaint,) = parse_query({f"x-{number}": "*" for number in range(EXTRA_LIMIT + 2)})
    assert len(query.extra) == EXTRA_LIMIT
    assert "2 are ignored" in complaint.message
    query, (complaint,) = parse_query({"x-team": ",".join(f"a{number}" for number in range(300))})
    assert "'x-team' takes at most 200 terms" in complaint.message


def test_the_order_of_filters_is_no_other_question() -> None:
    """Two pages that write the same filters in another order ask the same."""
    assert parse_query({"x-b": "1", "x-a": "2"}) == parse_query({"x-a": "2", "x-b": "1"})
    assert parse_query({"x-a": "2"})[0].extra == (("x-a", Terms(("2",))),)
