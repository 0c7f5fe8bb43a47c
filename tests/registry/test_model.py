"""Places, locations, problems: the small values that messages are made of."""

from __future__ import annotations

import copy
import pickle
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from work import Word

from sphinx_statestores.registry.backends import Backend
from sphinx_statestores.registry.fields import find_field
from sphinx_statestores.registry.layout import Layout
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import Guide, Registry, RuleSetting, Service, Store
from sphinx_statestores.registry.places import NOWHERE, Places, places_at
from sphinx_statestores.registry.problems import Kind, Location, Problem, Severity
from sphinx_statestores.registry.query import Query
from sphinx_statestores.registry.selection import group
from sphinx_statestores.registry.source import SourceText
from sphinx_statestores.registry.totals import totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.mark.parametrize(("line", "column"), [(1, 1), (12, 345), (10_000_000, 1_000_000)])
def test_a_place_is_unpacked_as_it_was_packed(line: int, column: int) -> None:
    """A line and a column survive being packed."""
    places = places_at("f.yaml", {"": (line, column), "backend": (line + 1, 1)})
    assert places.of() == Location("f.yaml", line, column)
    assert places.of("backend") == Location("f.yaml", line + 1, 1)


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
    registry = Registry(stores, backends=MappingProxyType(backends))
    for _ in range(10):
        assert totals(registry, stores).parts == (("C", 3), ("B", 3), ("A", 3))
        assert totals(registry, stores[:2]).parts == (("B", 1), ("A", 1))
        assert [group_of.label for group_of in group(registry, Query(group="backend"), stores)] == ["C", "B", "A"]
    assert backends.seen == 1


REGISTRY_TEXT = """\
x-backends: {own: {label: Own, tables: true}}
x-services: {A: {title: Service A}}
x-lint: {legacy_name: error}
x-state-stores:
  a: {backend: redis, prefix: a, service: A, purpose: p, tags: [t], x-team: q, keys: [{pattern: k}]}
  b: {backend: own, service: B, purpose: p, readers: [A], status: planned}
"""


def loaded() -> Registry:
    registry, problems = load_sources([SourceText("f.yaml", REGISTRY_TEXT, "digest")])
    assert problems == []
    return registry


def made() -> Registry:
    """Return a registry that somebody has made of mappings that can be written."""
    store = Store("a", "redis", "A", "p", NOWHERE, tags=("t",), extra=(("x-team", "q"),))
    services = {"A": Service("A", "Service A", "", NOWHERE)}
    guide = Guide(lint={"legacy_name": RuleSetting()})
    return Registry((store,), services, {"redis": Backend("redis", "R", has_tables=False)}, guide)


def repickled(value: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> Any:
    return pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - written here


MAPPINGS = ("services", "backends", "by_name", "by_service", "by_backend", "by_status", "by_tag", "extra_values")
REGISTRIES = {
    "loaded": loaded,
    "made": made,
    "replaced": lambda: loaded()._replace(services={"A": Service("A", "A", "", NOWHERE)}, guide=Guide(lint={})),
    "renamed": lambda: loaded().with_paths({"f.yaml": "g.yaml"}),
    "unpickled": lambda: repickled(loaded()),
    "copied": lambda: copy.deepcopy(made()),
    "empty": Registry,
}


@pytest.mark.parametrize("make", REGISTRIES.values(), ids=REGISTRIES)
def test_nothing_of_a_registry_can_be_written(make: Callable[[], Registry]) -> None:
    """However a registry has come about, its attributes cannot be set, and no item of its mappings."""
    registry = make()
    mappings = [getattr(registry, name) for name in (*MAPPINGS, "label_order")]
    mappings += [registry.guide.lint, *registry.extra_values.values()]
    for mapping in mappings:
        before = dict(mapping)
        with pytest.raises(TypeError):
            mapping["A"] = None
        with pytest.raises(TypeError):
            del mapping["A"]
        for name in ("clear", "pop", "popitem", "setdefault", "update"):
            assert not hasattr(mapping, name)
        assert dict(mapping) == before
    for name in (*MAPPINGS, "stores", "names", "note"):
        with pytest.raises(AttributeError, match="cannot be changed"):
            setattr(registry, name, ())
        with pytest.raises(AttributeError, match="cannot be changed"):
            delattr(registry, name)


def test_who_has_made_a_registry_cannot_write_it() -> None:
    """A registry has copies of the mappings that it was made of."""
    services = {"A": Service("A", "A", "", NOWHERE)}
    rules = {"legacy_name": RuleSetting()}
    registry = Registry(services=services, guide=Guide(lint=rules))
    services.clear()
    rules.clear()
    assert (list(registry.services), list(registry.guide.lint)) == (["A"], ["legacy_name"])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("make", REGISTRIES.values(), ids=REGISTRIES)
def test_a_registry_can_be_pickled(make: Callable[[], Registry], protocol: int) -> None:
    """A registry comes out of a pickle equal, of its own type, and without what had been computed of it."""
    registry = make()
    before = {name: getattr(registry, name) for name in MAPPINGS}
    found = repickled(registry, protocol)
    assert type(found) is Registry
    assert vars(found) == {}
    assert found == registry
    assert {name: getattr(found, name) for name in MAPPINGS} == before
    assert repickled(registry.guide, protocol) == registry.guide


def test_values_are_tuples_of_texts() -> None:
    """What a store holds is exact tuples, texts, flags or None: nothing that garbage collection keeps looking at."""
    for store in loaded().stores:
        for value in store._replace(places=NOWHERE, keys=()):
            assert type(value) in {str, bool, tuple, type(NOWHERE), Layout, type(None)}
            assert all(
                type(item) in {str, tuple, bytes, bool} for item in (value if isinstance(value, tuple) else ())
            )
        for key in store.keys:
            assert {type(text) for text in key[:-1]} == {str}


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
