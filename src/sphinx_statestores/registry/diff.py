"""Two versions of a registry -> the stores that were added, removed, renamed or changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sphinx_statestores.registry.fields import FILE_FIELDS, FieldType
from sphinx_statestores.registry.model import KEY_FIELDS
from sphinx_statestores.registry.query import Query
from sphinx_statestores.registry.selection import select
from sphinx_statestores.registry.totals import Totals, totals

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from sphinx_statestores.registry.fields import Value
    from sphinx_statestores.registry.model import Key, OwnField, Registry, Store

#: The kinds of changes, in report order.
KINDS = ("added", "removed", "renamed", "changed")


class FieldChange(NamedTuple):
    """A change of one field of a store."""

    #: The name in a registry file: ``prefix``, ``enableSearch``, ``x-team``. For a change inside a key, the field of
    #: the key.
    field: str
    #: None when the field is missing. A whole key is the tuple of its fields, in the order of :data:`KEY_FIELDS`.
    before: Value | None
    after: Value | None
    #: The pattern of the changed key; empty for a field of the store.
    key: str = ""


class Change(NamedTuple):
    """A store that is in both versions, under the same name or renamed."""

    before: Store
    after: Store
    #: Empty for a store that was only renamed.
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Changes:
    """The differences between two versions of a registry; each part is sorted by name."""

    added: tuple[Store, ...]
    removed: tuple[Store, ...]
    #: Sorted by the new name.
    renamed: tuple[Change, ...]
    changed: tuple[Change, ...]
    #: The two versions; labels of backends and titles of services may differ.
    old: Registry
    new: Registry
    #: The stores of each version that match the filters.
    stores_before: tuple[Store, ...]
    stores_after: tuple[Store, ...]

    @property
    def before(self) -> Totals:
        """The totals of the old version."""
        return totals(self.old, self.stores_before)

    @property
    def after(self) -> Totals:
        """The totals of the new version."""
        return totals(self.new, self.stores_after)

    @property
    def counts(self) -> dict[str, int]:
        """Kind (:data:`KINDS`) -> number of stores."""
        return {kind: len(getattr(self, kind)) for kind in KINDS}

    @property
    def is_empty(self) -> bool:
        """Whether there are no differences."""
        return not any(self.counts.values())


def compare(old: Registry, new: Registry, query: Query | None = None) -> Changes:
    """Take two versions of a registry; return the differences from the old one to the new one.

    *query* restricts the result to stores that match its filters in either version. Renames are detected without it.

    Tables are compared after defaults are applied. Lists are compared as sets. Keys are matched by their pattern.
    Titles, labels and the guide are not compared.

    A removed and an added store are one renamed store when they agree in service, purpose, backend and prefix; or in
    backend and prefix; or in backend and table; or in service and purpose. If several stores agree, the rename is
    ambiguous and all of them count as removed and added. Raises nothing.
    """
    gone = [store for store in old.stores if store.name not in new.by_name]
    come = [store for store in new.stores if store.name not in old.by_name]
    pairs = _renamed(old, new, gone, come)
    successors = set(pairs.values())
    looked_at = (query or Query())._replace(sort=(), group="", limit=None)
    fields = {**old.own_fields, **new.own_fields} if looked_at.extra else {}
    selected = select(_with_fields(old, fields), looked_at), select(_with_fields(new, fields), looked_at)
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


def _with_fields(registry: Registry, fields: Mapping[str, OwnField]) -> Registry:
    """Return a registry that declares the fields of both versions: a filter is for both, whichever declares it."""
    missing = tuple(field for name, field in fields.items() if name not in registry.own_fields)
    if not missing:
        return registry
    guide = registry.guide
    return registry._replace(guide=guide._replace(fields=(*guide.fields, *missing)))


# -- renames ---------------------------------------------------------------------------


#: The values by which a renamed store is recognized; None when the store does not have them.
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


#: The most reliable first: where the data are stored is better evidence than a description.
_SIGNATURES: tuple[_Signature, ...] = (_by_everything, _by_prefix, _by_table, _by_purpose)


def _renamed(old: Registry, new: Registry, gone: Sequence[Store], come: Sequence[Store]) -> dict[str, str]:
    """Return old name -> new name for the stores with exactly one match."""
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


#: Field, as spelled in a file -> its value. Keys and custom fields are compared separately.
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
    """Return (pattern, number) -> the fields of the key. Patterns may repeat, so equal ones are numbered."""
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    numbers: Counter[str] = Counter()
    for key in keys:
        found[key.pattern, numbers[key.pattern]] = (key.pattern, key.type, key.ttl, key.purpose)
        numbers[key.pattern] += 1
    return found
