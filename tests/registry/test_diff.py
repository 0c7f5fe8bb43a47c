"""Two registries -> changes: fields, renames, filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from work import Word

from sphinx_statestores.registry.backends import Backend
from sphinx_statestores.registry.diff import KINDS, Change, compare
from sphinx_statestores.registry.layout import Layout
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import Key, Registry, Store
from sphinx_statestores.registry.places import NOWHERE, places_at
from sphinx_statestores.registry.problems import has_errors
from sphinx_statestores.registry.query import parse_query
from sphinx_statestores.registry.source import decode_source

if TYPE_CHECKING:
    from collections.abc import Mapping


def registry(text: str) -> Registry:
    found, problems = load_sources([decode_source("f.yaml", f"x-state-stores: {{{text}}}".encode())])
    assert not has_errors(problems), problems
    return found


def happened(old: str, new: str, **filters: str) -> dict[str, Any]:
    """What happened, as names and fields; kinds without any are left out."""
    changes = compare(registry(old), registry(new), parse_query(filters)[0])

    def of(change: Change) -> tuple[object, ...]:
        names = (change.before.name,) if change.before.name == change.after.name else (change[0].name, change[1].name)
        return (*names, *((f.key, *f[:3]) if f.key else f[:3] for f in change.fields))

    found: dict[str, Any] = {
        "added": [store.name for store in changes.added],
        "removed": [store.name for store in changes.removed],
        "renamed": [of(change) for change in changes.renamed],
        "changed": [of(change) for change in changes.changed],
    }
    assert changes.counts == {kind: len(found[kind]) for kind in KINDS}
    return {kind: items for kind, items in found.items() if items}


def test_added_and_removed() -> None:
    """A name that only one version has is added or removed; each part is in the order of names."""
    old = (
        "b: {backend: redis, service: A, purpose: B},"
        "a: {backend: redis, service: A, purpose: A},"
        "c: {backend: redis, service: A, purpose: C}"
    )
    new = (
        "e: {backend: redis, service: A, purpose: E},"
        "d: {backend: redis, service: A, purpose: D},"
        "c: {backend: redis, service: A, purpose: C}"
    )
    assert happened(old, new) == {"added": ["d", "e"], "removed": ["a", "b"]}


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("prefix: a", "prefix: b", ("prefix", "a", "b")),
        ("", "prefix: b", ("prefix", None, "b")),
        ("table: a", "", ("table", "a", None)),
        ("enableSearch: false", "enableSearch: true", ("enableSearch", "false", "true")),
        ("", "status: deprecated", ("status", "active", "deprecated")),
        ("", "replacedBy: t", ("replacedBy", None, "t")),
        ("since: 1", "since: 2", ("since", "1", "2")),
        ("readers: [B]", "readers: [B, C]", ("readers", ("B",), ("B", "C"))),
        ("writers: [B]", "", ("writers", ("B",), None)),
        ("", "tags: [x]", ("tags", None, ("x",))),
        ("x-team: a", "x-team: b", ("x-team", "a", "b")),
        ("x-team: ''", "", ("x-team", "", None)),
        ("", "keys: [{pattern: p, ttl: 1h}]", ("p", "keys", None, ("p", "", "1h", ""))),
        ("keys: [{pattern: p}]", "", ("p", "keys", ("p", "", "", ""), None)),
        ("keys: [{pattern: p, ttl: 1h}]", "keys: [{pattern: p, ttl: 2h}]", ("p", "ttl", "1h", "2h")),
        ("keys: [{pattern: p, type: hash}]", "keys: [{pattern: p}]", ("p", "type", "hash", None)),
        ("keys: [{pattern: p}, {pattern: p}]", "keys: [{pattern: p}]", ("p", "keys", ("p", "", "", ""), None)),
    ],
)
def test_one_field(before: str, after: str, change: tuple[object, ...]) -> None:
    """Each field of the format, of a user's own and of a key is told with both values, None where it is not there."""
    old, new = (f"s: {{backend: redis, service: A, purpose: P, {text}}}" for text in (before, after))
    assert happened(old, new) == {"changed": [("s", change)]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "status: active"),
        ("", "enableSearch: false"),
        ("readers: [B, C]", "readers: [C, B]"),
        ("tags: []", ""),
        ("keys: [{pattern: p}, {pattern: q}]", "keys: [{pattern: q}, {pattern: p}]"),
        ("x-a: 1, x-b: 2", "x-b: 2, x-a: 1"),
        ("prefix: ''", ""),
    ],
)
def test_what_means_the_same(before: str, after: str) -> None:
    """A default that is written out, and the order of a list, are no change."""
    old, new = (f"s: {{backend: redis, service: A, purpose: P, {text}}}" for text in (before, after))
    assert happened(old, new) == {}


def test_several_fields() -> None:
    """Fields come in the order in which a store is usually written; a table is what it is in the end."""
    old = "s: {backend: redis, service: A, purpose: P, prefix: p}"
    new = "s: {purpose: Q, service: B, backend: mysql}"
    assert happened(old, new) == {
        "changed": [
            (
                "s",
                ("backend", "redis", "mysql"),
                ("prefix", "p", None),
                ("table", None, "s"),
                ("service", "A", "B"),
                ("purpose", "P", "Q"),
            )
        ]
    }


def test_given_table_that_is_the_default() -> None:
    """A table that is given and one that is made of the name are the same table."""
    assert happened(
        "a-b: {backend: mysql, service: A, purpose: P}",
        "a-b: {backend: mysql, service: A, purpose: P, table: a_b}",
    ) == {}  # fmt: skip


RENAMES = {
    "everything agrees": (
        "a: {backend: redis, service: A, purpose: P, prefix: p}",
        "b: {backend: redis, service: A, purpose: P, prefix: p}",
        {"renamed": [("a", "b")]},
    ),
    "service and purpose agree": (
        "a: {backend: redis, service: A, purpose: P, prefix: p}",
        "b: {backend: mysql, service: A, purpose: P}",
        {
            "renamed": [
                ("a", "b", ("backend", "redis", "mysql"), ("prefix", "p", None), ("table", None, "b")),
            ]
        },
    ),
    "prefix agrees": (
        "a: {backend: redis, service: A, purpose: P, prefix: p}",
        "b: {backend: redis, service: B, purpose: Q, prefix: p}",
        {"renamed": [("a", "b", ("service", "A", "B"), ("purpose", "P", "Q"))]},
    ),
    "table agrees, once by default": (
        "a: {backend: mysql, service: A, purpose: P}",
        "b: {backend: mysql, service: B, purpose: P, table: a}",
        {"renamed": [("a", "b", ("service", "A", "B"))]},
    ),
    "prefix agrees on another backend": (
        "a: {backend: redis, service: A, purpose: P, prefix: p}",
        "b: {backend: memory, service: A, purpose: Q, prefix: p}",
        {"added": ["b"], "removed": ["a"]},
    ),
    "two come that agree": (
        "a: {backend: redis, service: A, purpose: P}",
        "b: {backend: redis, service: A, purpose: P}, c: {backend: redis, service: A, purpose: P}",
        {"added": ["b", "c"], "removed": ["a"]},
    ),
    "two go that agree": (
        "a: {backend: redis, service: A, purpose: P}, b: {backend: redis, service: A, purpose: P}",
        "c: {backend: redis, service: A, purpose: P}",
        {"added": ["c"], "removed": ["a", "b"]},
    ),
    "two pairs with one prefix, told apart by their purposes": (
        "a: {backend: redis, service: A, purpose: P, prefix: p},"
        "b: {backend: redis, service: A, purpose: Q, prefix: p}",
        "d: {backend: redis, service: A, purpose: P, prefix: p},"
        "c: {backend: redis, service: A, purpose: Q, prefix: p}",
        {"renamed": [("b", "c"), ("a", "d")]},
    ),
    "the prefix decides before the purpose": (
        "a: {backend: redis, service: A, purpose: P, prefix: p}",
        "b: {backend: redis, service: A, purpose: Q, prefix: p},"
        "c: {backend: redis, service: A, purpose: P, prefix: q}",
        {"added": ["c"], "renamed": [("a", "b", ("purpose", "P", "Q"))]},
    ),
    "names exchanged": (
        "a: {backend: redis, service: A, purpose: P}, b: {backend: redis, service: A, purpose: Q}",
        "a: {backend: redis, service: A, purpose: Q}, b: {backend: redis, service: A, purpose: P}",
        {"changed": [("a", ("purpose", "P", "Q")), ("b", ("purpose", "Q", "P"))]},
    ),
}


@pytest.mark.parametrize("case", RENAMES)
def test_renames(case: str) -> None:
    """A store is renamed when just one that has gone and one that has come agree in what tells a store."""
    old, new, expected = RENAMES[case]
    assert happened(old, new) == expected


def test_filters() -> None:
    """A filter keeps what it lets through before or after; which stores were renamed does not depend on it."""
    old = (
        "gone: {backend: redis, service: A, purpose: Gone},"
        "moved: {backend: redis, service: A, purpose: Moved},"
        "other: {backend: redis, service: B, purpose: Other},"
        "was: {backend: redis, service: A, prefix: w, purpose: Was}"
    )
    new = (
        "come: {backend: redis, service: C, purpose: Come},"
        "moved: {backend: redis, service: C, purpose: Moved},"
        "other: {backend: redis, service: B, purpose: Another},"
        "is: {backend: redis, service: C, prefix: w, purpose: Was}"
    )
    moved = ("moved", ("service", "A", "C"))
    renamed = ("was", "is", ("service", "A", "C"))
    assert happened(old, new, service="A") == {"removed": ["gone"], "renamed": [renamed], "changed": [moved]}
    assert happened(old, new, service="C") == {"added": ["come"], "renamed": [renamed], "changed": [moved]}
    assert happened(old, new, match="w*") == {"renamed": [renamed]}
    assert happened(old, new, service="D") == {}


def test_totals_are_those_of_what_is_looked_at() -> None:
    """Both totals count the stores that the filters let through, with the labels of their own version."""
    old = registry("a: {backend: redis, service: A, purpose: P}, b: {backend: mysql, service: B, purpose: Q}")
    new = registry("a: {backend: redis, service: A, purpose: P}")
    changes = compare(old, new)
    assert (changes.before.total, changes.before.parts) == (2, (("Redis", 1), ("MySQL", 1)))
    assert (changes.after.total, changes.after.parts) == (1, (("Redis", 1),))
    assert compare(old, new, parse_query({"service": "B"})[0]).after.total == 0


def test_labels_and_titles_are_no_changes() -> None:
    """What backends and services are called is not a store's."""
    old = registry("a: {backend: redis, service: A, purpose: P}")
    new = Registry(old.stores, {}, {"redis": Backend("redis", "Other label", has_tables=False)})
    assert compare(old, new).is_empty


def test_each_field_of_a_store_is_compared() -> None:
    """No field of the model is forgotten: a change of any one is told."""
    filled: Mapping[str, Any] = {
        "backend": "mysql",
        "service": "B",
        "purpose": "Q",
        "enable_search": True,
        "status": "planned",
        "keys": (Key("p", "", "", "", NOWHERE),),
        "extra": (("x-a", "1"),),
        "readers": ("R",),
        "writers": ("W",),
        "tags": ("t",),
        "physical": Layout(table="t"),
        "rebuildable": False,
        "sensitive": ("email",),
    }
    store = Store("s", "redis", "A", "P", NOWHERE, status="active")
    for field in Store._fields:
        if field in {"name", "places", "resolved"}:
            continue
        other = store._replace(**{field: filled.get(field, "other")})
        assert len(compare(Registry((store,)), Registry((other,))).changed) == 1, field


def test_places_do_not_count() -> None:
    """A store that stands on another line has not changed."""
    store = Store("s", "redis", "A", "P", NOWHERE, keys=(Key("p", "", "", "", NOWHERE),))
    elsewhere = places_at("other.yaml", {"": (17, 1)})
    moved = store._replace(places=elsewhere, keys=(store.keys[0]._replace(places=elsewhere),))
    assert compare(Registry((store,)), Registry((moved,))).is_empty


def uses_of_patterns(keys: int) -> int:
    """Return how often patterns of keys are compared or looked up, when all keys of a store have one pattern."""
    store = Store("s", "redis", "A", "P", NOWHERE)
    key = Key(Word("p"), "", "", "", NOWHERE)
    before = store._replace(keys=(key,) * keys)
    after = store._replace(keys=(*(key,) * (keys - 1), key._replace(type="hash")))
    Word.used = 0
    (change,) = compare(Registry((before,)), Registry((after,))).changed
    assert [(field.field, field.before, field.after) for field in change.fields] == [("type", None, "hash")]
    return Word.used


def test_very_many_keys_of_one_pattern() -> None:
    """Keys of one pattern are told apart by their order, in a time that grows with their number."""
    assert uses_of_patterns(400) < 5 * uses_of_patterns(100)
