"""What holds for any two registries and what happened between them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from sphinx_statestores.registry.diff import FIELD_VALUES, Changes, FieldChange, compare
from sphinx_statestores.registry.model import Key, Registry, Store
from sphinx_statestores.registry.places import NOWHERE

WORDS = some.sampled_from(["", "a", "b", "c"])
LISTS = some.lists(some.sampled_from(["A", "B", "C"]), unique=True).map(tuple)
KEYS = some.lists(some.builds(Key, some.sampled_from(["p", "q"]), WORDS, WORDS, WORDS, some.just(NOWHERE))).map(tuple)
STORES = some.builds(
    Store,
    name=some.sampled_from([f"s{number}" for number in range(8)]),
    backend=some.sampled_from(["redis", "mysql"]),
    service=some.sampled_from(["A", "B"]),
    purpose=WORDS,
    places=some.just(NOWHERE),
    prefix=WORDS,
    table=WORDS,
    enable_search=some.booleans(),
    status=some.sampled_from(["active", "removed"]),
    replaced_by=WORDS,
    since=WORDS,
    readers=LISTS,
    writers=LISTS,
    tags=LISTS,
    keys=KEYS,
    extra=some.dictionaries(some.sampled_from(["x-a", "x-b"]), WORDS).map(lambda found: tuple(found.items())),
)
REGISTRIES = some.lists(STORES, unique_by=lambda store: store.name).map(
    lambda stores: Registry(tuple(sorted(stores, key=lambda store: store.name)))
)


@given(REGISTRIES)
def test_nothing_happens_to_the_same(registry: Registry) -> None:
    """A registry does not differ from itself."""
    assert compare(registry, registry).is_empty


@given(REGISTRIES, REGISTRIES)
def test_each_store_is_told_once(old: Registry, new: Registry) -> None:
    """Every name is in one part at most, and what is in none is the same in both versions."""
    changes = compare(old, new)
    before = [
        *(store.name for store in changes.removed),
        *(change.before.name for change in (*changes.renamed, *changes.changed)),
    ]
    after = [
        *(store.name for store in changes.added),
        *(change.after.name for change in (*changes.renamed, *changes.changed)),
    ]
    assert len(set(before)) == len(before)
    assert len(set(after)) == len(after)
    untold = old.by_name.keys() - before
    assert untold == new.by_name.keys() - after
    for name in untold:
        assert values(old.by_name[name], old) == values(new.by_name[name], new)
    assert [change.after.name for change in changes.renamed] == sorted(
        change.after.name for change in changes.renamed
    )


@given(REGISTRIES, REGISTRIES)
def test_changes_lead_from_one_to_the_other(old: Registry, new: Registry) -> None:
    """Who applies the changes to the fields before has the fields after."""
    for change in (*compare(old, new).renamed, *compare(old, new).changed):
        applied = values(change.before, old)
        for field in change.fields:
            where = (field.key, field.field)
            if field.field == "keys":
                if field.after is None:
                    applied["keys"].remove(field.before)
                else:
                    applied["keys"].append(field.after)
            elif not field.key:
                assert applied.pop(where[1], None) == (None if field.before is None else normal(field.before))
                if field.after is not None:
                    applied[where[1]] = normal(field.after)
        expected = values(change.after, new)
        if not any(field.key for field in change.fields if field.field != "keys"):
            assert sorted(applied.pop("keys")) == sorted(expected.pop("keys"))
        else:
            del applied["keys"], expected["keys"]
        assert applied == expected


@given(REGISTRIES, REGISTRIES)
def test_the_way_back(old: Registry, new: Registry) -> None:
    """From new to old, what was added is removed, and each change is turned round."""
    there, back = compare(old, new), compare(new, old)
    assert there.added == back.removed
    assert there.removed == back.added
    assert sides(there, "changed") == turned(back, "changed")
    assert sides(there, "renamed") == turned(back, "renamed")


def normal(value: Any) -> Any:
    return value if isinstance(value, str) else frozenset(value)


def values(store: Store, registry: Registry) -> dict[str, Any]:
    """The fields of a store as a file would spell them; those that are not there are left out."""
    found: dict[str, Any] = {field: value(store, registry) for field, value in FIELD_VALUES.items()}
    found = {field: normal(value) for field, value in found.items() if value}
    return found | dict(store.extra) | {"keys": [tuple(key[:4]) for key in store.keys]}


def sides(changes: Changes, kind: str) -> set[tuple[str, str, frozenset[FieldChange]]]:
    return {(c.before.name, c.after.name, frozenset(c.fields)) for c in getattr(changes, kind)}


def turned(changes: Changes, kind: str) -> set[tuple[str, str, frozenset[FieldChange]]]:
    return {
        (c.after.name, c.before.name, frozenset(f._replace(before=f.after, after=f.before) for f in c.fields))
        for c in getattr(changes, kind)
    }
