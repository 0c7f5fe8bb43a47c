"""Places, locations, problems: the small values that messages are made of."""

from __future__ import annotations

import pytest

from sphinx_statestores.registry.places import Places, places_at
from sphinx_statestores.registry.problems import Kind, Location, Problem, Severity


@pytest.mark.parametrize(("line", "column"), [(1, 1), (12, 345), (10_000_000, 1_000_000)])
def test_a_place_is_unpacked_as_it_was_packed(line: int, column: int) -> None:
    """A line and a column survive being packed, also when the whole moves down."""
    places = places_at("f.yaml", {"": (line, column), "backend": (line + 1, 1)})
    assert places.of() == Location("f.yaml", line, column)
    moved = places.moved(7)
    assert [moved.of(), moved.of("backend")] == [
        Location("f.yaml", line + 7, column),
        Location("f.yaml", line + 8, 1),
    ]


def test_a_column_beyond_all_bounds_keeps_its_line() -> None:
    """A column that does not fit is cut and does not run over into the line."""
    place = places_at("f.yaml", {"": (7, 1 << 40)}).of()
    assert place.line == 7
    assert place.column == (1 << 32) - 1


def test_a_field_that_is_not_there_has_the_place_of_the_whole() -> None:
    """Asking for an absent field gives the place of the value itself; of nothing, that of the file."""
    places = places_at("f.yaml", {"": (2, 3), "backend": (3, 14)})
    assert places.of("backend") == Location("f.yaml", 3, 14)
    assert places.of("prefix") == Location("f.yaml", 2, 3)
    assert Places("f.yaml").of("prefix") == Location("f.yaml")
    assert (places.line, Places("f.yaml").line) == (2, 0)


@pytest.mark.parametrize(
    ("location", "text"),
    [(Location("f.yaml", 2, 3), "f.yaml:2:3"), (Location("f.yaml", 2), "f.yaml:2"), (Location("f.yaml"), "f.yaml")],
)
def test_a_location_is_written_as_compilers_do(location: Location, text: str) -> None:
    """A location is ``path:line:column`` without what is not known."""
    assert str(location) == text


def test_a_problem_is_one_line() -> None:
    """A problem is written as ``file:line:col: severity: message [kind]``."""
    problem = Problem(Kind.UNKNOWN_FIELD, "unknown field 'a'", Location("f.yaml", 2, 3))
    assert str(problem) == "f.yaml:2:3: warning: unknown field 'a' [unknown_field]"


def test_kinds_have_names_of_their_own() -> None:
    """Each kind is known by its own lower-case name, and each explains itself in whole sentences."""
    assert [kind.subtype for kind in Kind] == [kind.name.lower() for kind in Kind]
    assert len({kind.subtype for kind in Kind}) == len(Kind)
    assert all(kind.meaning.endswith(".") for kind in Kind)
    assert {kind.severity for kind in Kind} >= {Severity.ERROR, Severity.WARNING}
