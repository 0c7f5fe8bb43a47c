"""Two versions of a registry -> what happened to its stores: added, removed, renamed, changed by field."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sphinx_statestores.registry.fields import FILE_FIELDS, FieldType
from sphinx_statestores.registry.model import KEY_FIELDS
from sphinx_statestores.registry.query import Query, select
from sphinx_statestores.registry.totals import Totals, totals

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from sphinx_statestores.registry.fields import Value
    from sphinx_statestores.registry.model import Key, Registry, Store

#: The kinds of changes, in the order of a report.
KINDS = ("added", "removed", "renamed", "changed")


class FieldChange(NamedTuple):
    """What happened to one field of a store."""

    #: As a registry file spells it: ``prefix``, ``enableSearch``, ``x-team``. Inside a key, a field of the key.
    field: str
    #: None where it is not there. A whole key is its fields, in the order of :data:`KEY_FIELDS`.
    before: Value | None
    after: Value | None
    #: The pattern of the key that it belongs to; empty for a field of the store.
    key: str = ""


class Change(NamedTuple):
    """A store that is in both versions, under one name or under two."""

    before: Store
    after: Store
    #: Empty for a store that was renamed and is the same otherwise.
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Changes:
    """What happened from one version of a registry to another, each part by name."""

    added: tuple[Store, ...]
    removed: tuple[Store, ...]
    #: By the new name.
    renamed: tuple[Change, ...]
    changed: tuple[Change, ...]
    #: The two versions; what they call backends and services may differ.
    old: Registry
    new: Registry
    #: The stores of either that were looked at: what filters let through.
    stores_before: tuple[Store, ...]
    stores_after: tuple[Store, ...]

    @property
    def before(self) -> Totals:
        """The stores before, counted."""
        return totals(self.old, self.stores_before)

    @property
    def after(self) -> Totals:
        """The stores after, counted."""
        return totals(self.new, self.stores_after)

    @property
    def counts(self) -> dict[str, int]:
        """How many stores each of :data:`KINDS` happened to."""
        return {kind: len(getattr(self, kind)) for kind in KINDS}

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened."""
        return not any(self.counts.values())


def compare(old: Registry, new: Registry, query: Query | None = None) -> Changes:
    """Compare two versions of a registry; return what happened from the one to the other. Raises nothing.

    *query* restricts the result to what happened to stores that its filters let through, before or after;
    which stores were renamed does not depend on it.

    A table counts as what it is in the end: given, or made of the name. Lists are sets: their order means
    nothing. A key is known by its pattern. What is not a store (titles, labels, the guide) is not compared.

    A store is taken for renamed when it is gone, another has come, and just these two agree in what tells a
    store: service, purpose, backend and prefix; else backend and prefix; else backend and table; else service and
    purpose. Where several have gone or come that agree, nothing tells which became which, and all of them count
    as removed and added.
    """
    gone = [store for store in old.stores if store.name not in new.by_name]
    come = [store for store in new.stores if store.name not in old.by_name]
    pairs = _renamed(old, new, gone, come)
    successors = set(pairs.values())
    looked_at = (query or Query())._replace(sort=(), group="", limit=None)
    selected = select(old, looked_at), select(new, looked_at)
    before, after = ({store.name for store in stores} for stores in selected)

    def changes(couples: Iterable[tuple[Store, Store]]) -> Iterator[Change]:
        for earlier, later in couples:
            if earlier.name in before or later.name in after:
                yield Change(earlier, later, tuple(_field_changes(old, earlier, new, later)))

    renamed = ((old.by_name[name], new.by_name[pairs[name]]) for name in sorted(pairs, key=pairs.__getitem__))
    kept = ((store, new.by_name[store.name]) for store in old.stores if store.name in new.by_name)
    return Changes(
        added=tuple(store for store in come if store.name in after and store.name not in successors),
        removed=tuple(store for store in gone if store.name in before and store.name not in pairs),
        renamed=tuple(changes(renamed)),
        changed=tuple(change for change in changes(kept) if change.fields),
        old=old,
        new=new,
        stores_before=selected[0],
        stores_after=selected[1],
    )


# -- renames ---------------------------------------------------------------------------


#: What a store can be recognised by; None where it has nothing of the kind.
_Signature: TypeAlias = "Callable[[Store, Registry], Hashable]"


def _by_everything(store: Store, registry: Registry) -> Hashable:
    return (store.service, store.purpose, store.backend, store.prefix) if store.purpose and store.prefix else None


def _by_prefix(store: Store, registry: Registry) -> Hashable:
    return (store.backend, store.prefix) if store.prefix else None


def _by_table(store: Store, registry: Registry) -> Hashable:
    table = registry.table_of(store)
    return (store.backend, table) if table else None


def _by_purpose(store: Store, registry: Registry) -> Hashable:
    return (store.service, store.purpose) if store.purpose else None


#: The surest first. Where the data are says more than what somebody wrote about them.
_SIGNATURES: tuple[_Signature, ...] = (_by_everything, _by_prefix, _by_table, _by_purpose)


def _renamed(old: Registry, new: Registry, gone: Sequence[Store], come: Sequence[Store]) -> dict[str, str]:
    """Return old name -> new name, of the stores that can only have become one another."""
    pairs: dict[str, str] = {}
    for signature in _SIGNATURES:
        taken = set(pairs.values())
        earlier = _indexed(old, (store for store in gone if store.name not in pairs), signature)
        later = _indexed(new, (store for store in come if store.name not in taken), signature)
        for value, names in earlier.items():
            others = later.get(value, ())
            if len(names) == len(others) == 1:
                pairs[names[0]] = others[0]
    return pairs


def _indexed(registry: Registry, stores: Iterable[Store], signature: _Signature) -> dict[Hashable, list[str]]:
    found: dict[Hashable, list[str]] = {}
    for store in stores:
        value = signature(store, registry)
        if value is not None:
            found.setdefault(value, []).append(store.name)
    return found


# -- fields ----------------------------------------------------------------------------


#: Field, as a file spells it -> its value. Keys and the user's own fields are compared one by one.
FIELD_VALUES: dict[str, Callable[[Store, Registry], Value]] = {
    name: field.recorded for name, field in FILE_FIELDS.items() if field.type is not FieldType.KEYS
}


def _field_changes(old: Registry, before: Store, new: Registry, after: Store) -> Iterator[FieldChange]:
    for field, value in FIELD_VALUES.items():
        earlier, later = value(before, old), value(after, new)
        if _differ(earlier, later):
            yield FieldChange(field, earlier or None, later or None)
    if before.keys or after.keys:
        yield from _key_changes(before.keys, after.keys)
    if before.extra or after.extra:
        own_before, own_after = dict(before.extra), dict(after.extra)
        for field in {**own_before, **own_after}:
            if own_before.get(field) != own_after.get(field):
                yield FieldChange(field, own_before.get(field), own_after.get(field))


def _differ(earlier: Value, later: Value) -> bool:
    if isinstance(earlier, str) or isinstance(later, str):
        return earlier != later
    return earlier != later and frozenset(earlier) != frozenset(later)


def _key_changes(before: tuple[Key, ...], after: tuple[Key, ...]) -> Iterator[FieldChange]:
    earlier, later = _by_pattern(before), _by_pattern(after)
    for which in {**earlier, **later}:
        pattern = which[0]
        if which not in later:
            yield FieldChange("keys", earlier[which], None, pattern)
        elif which not in earlier:
            yield FieldChange("keys", None, later[which], pattern)
        else:
            for field, was, now in zip(KEY_FIELDS, earlier[which], later[which], strict=True):
                if was != now:
                    yield FieldChange(field, was or None, now or None, pattern)


def _by_pattern(keys: tuple[Key, ...]) -> dict[tuple[str, int], tuple[str, ...]]:
    """Return pattern -> the fields of its key; nothing forbids two keys of one pattern, so they are numbered."""
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    numbers: Counter[str] = Counter()
    for key in keys:
        found[key.pattern, numbers[key.pattern]] = (key.pattern, key.type, key.ttl, key.purpose)
        numbers[key.pattern] += 1
    return found
