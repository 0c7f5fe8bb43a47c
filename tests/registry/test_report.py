"""What is said of many problems."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import ref

from sphinx_statestores.registry.problems import Kind, Location, Problem, Severity
from sphinx_statestores.registry.report import REPORT_LIMIT, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator


def problem(kind: Kind, line: int, severity: Severity | None = None) -> Problem:
    return Problem(kind, f"message {line}", Location("f.yaml", line, 3), severity)


def test_few_problems_are_all_reported() -> None:
    """As many problems of a kind as the limit are reported one by one, in their order."""
    problems = [problem(Kind.UNKNOWN_FIELD, line) for line in range(1, REPORT_LIMIT + 1)]
    assert shorten(problems) == problems
    assert shorten([]) == []


def test_what_is_over_the_limit_is_counted() -> None:
    """Of each kind the first are kept in their order; a last line counts the rest, at the first of them."""
    problems = [problem(kind, line) for line in range(1, 2001) for kind in (Kind.UNKNOWN_FIELD, Kind.WRONG_SHAPE)]
    problems.insert(5, problem(Kind.NO_STORES, 9))
    found = shorten(problems, limit=3)
    assert found[:7] == problems[:7]
    assert [str(count) for count in found[7:]] == [
        "f.yaml:4:3: warning: ... and 1,997 more of this kind [unknown_field]",
        "f.yaml:4:3: error: ... and 1,997 more of this kind [wrong_shape]",
    ]


def test_a_count_is_as_bad_as_the_worst() -> None:
    """A count of problems whose severities differ has the worst of them, and none of those that are shown."""
    kind = Kind.UNKNOWN_FIELD
    problems = [
        problem(kind, 1, Severity.ERROR),
        problem(kind, 2, Severity.INFO),
        problem(kind, 3, Severity.WARNING),
        problem(kind, 4, Severity.INFO),
    ]
    assert [p.severity for p in shorten(problems, limit=1)] == [Severity.ERROR, Severity.WARNING]
    assert [p.severity for p in shorten(problems, limit=3)][-1] is Severity.INFO


def test_a_count_says_how_to_see_them_all() -> None:
    """A hint follows the count, and nothing else."""
    problems = [problem(Kind.NO_STORES, line) for line in (1, 2)]
    assert [p.message for p in shorten(problems, 1, hint="say --all")] == [
        "message 1",
        "... and 1 more of this kind (say --all)",
    ]


def test_a_place_holds_nothing_that_a_terminal_obeys() -> None:
    """The name of a file with control characters, or that is no text, is shown escaped."""
    location = Location("a\x1b[31m\udcff.yaml", 1, 2)
    assert str(location) == "a\\x1b[31m\\udcff.yaml:1:2"
    assert str(Location("größe.yaml")) == "größe.yaml"


class Message(str):
    """A message of which it is known whether anything still holds it."""

    __slots__ = ("__weakref__",)


def test_what_is_only_counted_is_not_kept() -> None:
    """Of thousands of problems, those that are only counted are gone when they have been counted."""
    made: list[ref[Message]] = []

    def problems() -> Iterator[Problem]:
        for line in range(1, 5001):
            message = Message(f"message {line}")
            made.append(ref(message))
            yield Problem(Kind.NO_STORES, message, Location("f.yaml", line, 3))

    held = 0

    def watched() -> Iterator[Problem]:
        nonlocal held
        yield from problems()
        held = sum(message() is not None for message in made)

    found = shorten(watched())
    assert str(found[-1]) == "f.yaml:101:3: warning: ... and 4,900 more of this kind [no_stores]"
    # The first one that is counted says where.
    assert held <= REPORT_LIMIT + 2
