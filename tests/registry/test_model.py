"""Places, locations, problems: the small values that messages are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from work import Word

from sphinx_statestores.registry.backends import Backend
from sphinx_statestores.registry.fields import find_field
from sphinx_statestores.registry.model import Registry, Store
from sphinx_statestores.registry.places import NOWHERE, Places, places_at
from sphinx_statestores.registry.problems import Kind, Location, Problem, Severity
from sphinx_statestores.registry.query import Query, group
from sphinx_statestores.registry.totals import totals

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def test_the_order_of_fields_does_not_matter() -> None:
    """Each of very many fields has its own place, in whatever order they stand."""
    found = {name: (number, 1) for number, name in enumerate(("z", "", "readers.B", "a", "readers", "readers.A"), 1)}
    places = places_at("f.yaml", found)
    assert {name: places.of(name).line for name in found} == {name: line for name, (line, _) in found.items()}
    assert places.of("readers.C") == places.of("readers")
    assert places.line == 2


def comparisons_of_names(fields: int) -> int:
    """Return how many names are compared to find the places of all fields of a value."""
    names = [Word(f"readers.R{number}") for number in range(fields)]
    places = places_at("f.yaml", {"": (1, 1), **{name: (2, number) for number, name in enumerate(names, 1)}})
    Word.used = 0
    assert [places.of(name).column for name in names] == list(range(1, fields + 1))
    return Word.used


def test_a_value_of_very_many_fields() -> None:
    """To find one field of very many takes few comparisons."""
    assert comparisons_of_names(1600) < 8 * comparisons_of_names(400)


class Counted(tuple[tuple[str, str], ...]):
    """Fields that count how often they are gone through."""

    __slots__ = ()
    seen = 0

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Go through them, and count that."""
        Counted.seen += 1
        return super().__iter__()


def test_a_store_of_very_many_fields_of_its_own() -> None:
    """However many columns show the user's own fields, a store's fields are gone through once."""
    extra = Counted((f"x-{number}", str(number)) for number in range(100))
    store = Store("s", "redis", "A", "", NOWHERE, extra=extra)
    registry = Registry((store, store._replace(name="t", extra=())))
    Counted.seen = 0
    for name, text in tuple.__iter__(extra):
        field = find_field(name)
        assert field is not None
        assert [field.value(found, registry) for found in registry.stores] == [text, ""]
    assert Counted.seen == 1
    assert registry.extra_fields == {name for name, _ in tuple.__iter__(extra)}


class Backends(dict[str, Backend]):
    """Backends that count how often they are gone through."""

    seen = 0

    def values(self) -> Any:
        """Go through them, and count that."""
        self.seen += 1
        return super().values()


def test_totals_of_many_groups() -> None:
    """However many groups have totals, the backends of a registry are gone through once, in their order."""
    backends = Backends({key: Backend(key, key.upper(), has_tables=False) for key in ("c", "b", "a")})
    stores = tuple(Store(f"s{number}", "abc"[number % 3], "A", "", NOWHERE) for number in range(9))
    registry = Registry(stores, backends=backends)
    for _ in range(10):
        assert totals(registry, stores).parts == (("C", 3), ("B", 3), ("A", 3))
        assert totals(registry, stores[:2]).parts == (("B", 1), ("A", 1))
        assert [group_of.label for group_of in group(registry, Query(group="backend"), stores)] == ["C", "B", "A"]
    assert backends.seen == 1


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
