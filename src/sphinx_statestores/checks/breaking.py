"""The changes between two versions of a registry -> what each of them does to live data."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from enum import Enum
from itertools import chain, islice, takewhile
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.checks.lint_rules import check_uses
from sphinx_statestores.registry.access import rights
from sphinx_statestores.registry.diff import Change
from sphinx_statestores.registry.key_index import place_of
from sphinx_statestores.registry.quoting import cut, listed, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sphinx_statestores.registry.diff import Changes, FieldChange
    from sphinx_statestores.registry.key_index import Pattern, Place
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.problems import Location

_PLANNED, _ACTIVE, _DEPRECATED, _REMOVED = "planned", "active", "deprecated", "removed"
#: The maximum number of stores that are collected for one message, which lists a few of them.
_COLLECTED = 100


class Impact(Enum):
    """How a change affects live data, the worst first."""

    #: Data are no longer found, are read as something else, or are shared with another store.
    BREAKING = "breaking"
    #: Data stay usable, but somebody has to look at what is left or at what overlaps.
    CAREFUL = "careful"
    #: No data are affected.
    SAFE = "safe"


class Consequence(NamedTuple):
    """What one change of a store does to its live data."""

    #: The name of the store, the new one if it was renamed.
    store: str
    #: What changed: ``added``, ``removed``, ``renamed``, ``backend``, ``keys``, ``locks``, ``index``, ``table``,
    #: ``search``, ``status``, ``type``, ``ttl``, ``item`` (of ``keys``), ``access``, ``overlap`` or ``in_use``.
    change: str
    #: The two values, as displayed; empty for none.
    before: str
    after: str
    #: What it does to data: one or more sentences.
    effect: str
    impact: Impact
    #: In the new version; in the old one when the new one does not have it.
    location: Location
    #: The pattern of the item of ``keys`` that changed; empty for the whole store.
    key: str = ""


def consequences(changes: Changes) -> tuple[Consequence, ...]:
    """Take the changes between two versions; return what they do to live data, the worst first, then by store.

    Where data lie is compared for every store, since ``x-physical`` or a default may move stores whose own fields
    stay the same. Changes that concern no data, such as those of a purpose, have no consequence. Raises nothing.
    """
    order = list(Impact)
    found = (_weighed(consequence, changes) for consequence in _Finder(changes).find())
    return tuple(sorted(found, key=lambda consequence: (order.index(consequence.impact), consequence.store)))


#: The changes that leave data behind, or that make them unreadable.
_LOSSES = frozenset({"removed", "status", "backend", "keys", "table", "search", "type"})
_REBUILDABLE = "The data can be rebuilt (rebuildable: true)."


def _weighed(found: Consequence, changes: Changes) -> Consequence:
    """Return a consequence, less severe if the data are lost and can be rebuilt.

    The new version of the registry decides, and for a store that it no longer has, the old one.
    """
    store = changes.new.by_name.get(found.store) or changes.old.by_name.get(found.store)
    if found.impact is not Impact.BREAKING or found.change not in _LOSSES or store is None or not store.rebuildable:
        return found
    return found._replace(impact=Impact.CAREFUL, effect=f"{found.effect} {_REBUILDABLE}")


class _Spot(NamedTuple):
    """One place of data, which is equal for stores that share it."""

    backend: str
    is_table: bool
    parts: tuple[str, ...]
    column: str = ""
    value: str = ""


class _Occupants:
    """Finds the stores with data at a place. A search takes the same time whatever the number of stores."""

    def __init__(self) -> None:
        self._at: dict[_Spot, list[str]] = {}
        #: Table -> all its stores, whether or not a column tells them apart.
        self._tables: dict[_Spot, list[str]] = {}
        #: Backend -> the start of all keys of a store -> the patterns with it, and their stores.
        self._wide: dict[str, dict[str, list[tuple[str, str]]]] = {}
        #: Backend -> the patterns of keys and their stores, to be sorted before the first search.
        self._keys: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        #: Backend -> the lengths of the starts, ascending.
        self._lengths: dict[str, list[int]] = {}
        self._is_sorted = False

    def add(self, store: Store, place: Place, patterns: Iterable[Pattern]) -> None:
        """Take a store, where its data lie, and which of its patterns to find it by. Not after the first search."""
        for pattern in patterns:
            spot = _spot(store, place, pattern)
            self._at.setdefault(spot, []).append(store.name)
            if spot.is_table:
                self._tables.setdefault(spot._replace(column="", value=""), []).append(store.name)
                continue
            self._keys.setdefault(store.backend, []).append((pattern.parts, store.name))
            if pattern.is_prefix:
                starts = self._wide.setdefault(store.backend, {})
                starts.setdefault(pattern.start, []).append((pattern.text, store.name))

    def _sort(self) -> None:
        if not self._is_sorted:
            self._is_sorted = True
            for keys in self._keys.values():
                keys.sort()
            self._lengths = {backend: sorted({*map(len, starts)}) for backend, starts in self._wide.items()}

    def same(self, store: Store, place: Place, pattern: Pattern, without: set[str]) -> Iterator[str]:
        """Yield the stores with the pattern; those of one table only where nothing tells them apart."""
        spot = _spot(store, place, pattern)
        if spot.is_table and not spot.column:
            found = iter(self._tables.get(spot, ()))
        else:
            alone = self._at.get(spot._replace(column="", value=""), ()) if spot.column else ()
            found = chain(self._at.get(spot, ()), alone)
        return _distinct(found, without)

    def around(self, store: Store, pattern: Pattern, without: set[str]) -> Iterator[tuple[str, str]]:
        """Yield the patterns that include the pattern, the longest first, and their stores, each once."""
        if pattern.what == "table":
            return
        seen = set(without)
        starts = self._wide.get(store.backend, {})
        self._sort()
        lengths = self._lengths.get(store.backend, [])
        for length in reversed(lengths[: bisect_right(lengths, len(pattern.start))]):
            for text, name in starts.get(pattern.start[:length], ()):
                if name not in seen and text != pattern.text:
                    seen.add(name)
                    yield text, name

    def inside(self, store: Store, pattern: Pattern, without: set[str]) -> Iterator[str]:
        """Yield the stores with keys that a scan for the pattern finds as well, without those of the same pattern."""
        if not pattern.is_prefix:
            return
        self._sort()
        keys = self._keys.get(store.backend, [])
        first = bisect_left(keys, ((pattern.start,), ""))
        left, right = bisect_left(keys, (pattern.parts, "")), bisect_right(keys, (pattern.parts, "\U0010ffff"))
        nested = takewhile(
            lambda each: each[0][0].startswith(pattern.start),
            # `islice` would count from the beginning of the list.
            (keys[n] for n in chain(range(first, left), range(right, len(keys)))),
        )
        yield from _distinct((name for _, name in nested), without)


class _Finder:
    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._old, self._new = changes.old, changes.new
        self._old_places, self._new_places = _places(changes.old), _places(changes.new)
        #: The stores of the new version that are not removed.
        self._present = _Occupants()
        for store in changes.new.stores:
            if store.status != _REMOVED:
                place = self._new_places[store.name]
                self._present.add(store, place, _own(place))
        #: The stores of the old version with data at places that they no longer have.
        self._gone = _Occupants()
        renamed = {change.before.name: change.after for change in changes.renamed}
        for store in changes.old.stores:
            if store.status != _PLANNED:
                place = self._old_places[store.name]
                kept = self._spots(renamed.get(store.name, changes.new.by_name.get(store.name)))
                patterns = [pattern for pattern in _own(place) if _spot(store, place, pattern) not in kept]
                self._gone.add(store, place, patterns)

    def _spots(self, store: Store | None) -> set[_Spot]:
        """Return where the data of a store of the new version lie; nowhere for one that is removed."""
        if store is None or store.status == _REMOVED:
            return set()
        place = self._new_places[store.name]
        return {_spot(store, place, pattern) for pattern in _own(place)}

    def find(self) -> Iterator[Consequence]:
        changes = self._changes
        selected = {store.name for store in (*changes.stores_before, *changes.stores_after)}
        differing = {change.before.name: change for change in (*changes.renamed, *changes.changed)}
        removed = {store.name for store in changes.removed}
        ended: dict[str, Store] = {}
        for before in self._old.stores:
            change = differing.get(before.name)
            if before.name in removed:
                ended[before.name] = before
                yield from self._removed(before)
                continue
            if change is None and before.name in self._new.by_name and before.name in selected:
                change = Change(before, self._new.by_name[before.name], ())
            if change is not None:
                if change.after.status == _REMOVED != before.status:
                    ended[change.after.name] = before
                yield from self._kept(change)
        for store in changes.added:
            yield from self._added(store)
        yield from self._uses(ended)

    # -- the life of a store -----------------------------------------------------------

    def _added(self, store: Store) -> Iterator[Consequence]:
        if store.status == _REMOVED:
            return
        effect = "It has no data yet."
        yield Consequence(store.name, "added", "", store.name, effect, Impact.SAFE, store.location)
        yield from self._overlaps(store, None)

    def _removed(self, store: Store) -> Iterator[Consequence]:
        """The store is not in the new version at all."""
        effect, impact = self._end(store)
        yield Consequence(store.name, "removed", store.name, "", effect, impact, store.location)

    def _end(self, store: Store) -> tuple[str, Impact]:
        """Take a store of the old version that ends; return what becomes of its data."""
        left = self._left_behind(store)
        match store.status:
            case "planned":
                return "It was only planned, so it has no data.", Impact.SAFE
            case "removed":
                return f"It was marked as removed before. {left}", Impact.SAFE
            case "deprecated":
                return f"It was deprecated before. {left}", Impact.CAREFUL
        return f"It was not deprecated before, so it may still be in use. {left}", Impact.BREAKING

    def _left_behind(self, store: Store) -> str:
        """Return a sentence about the data of a store that ends."""
        place = self._old_places[store.name]
        owned = {
            pattern.text: name
            for pattern in _own(place)
            for name in islice(self._present.same(store, place, pattern, {store.name}), 1)
        }
        orphaned = [_text(place, pattern) for pattern in _own(place) if pattern.text not in owned]
        sentences = []
        if orphaned:
            sentences.append(f"Its data stay until you delete them: {_listed(orphaned)}.")
        if owned:
            others = _listed(f"{text} of {shown(name)}" for text, name in owned.items())
            sentences.append(f"Its data now count as data of another store: {others}.")
        return " ".join(sentences) or "The registry does not say where its data lie."

    def _kept(self, change: Change) -> Iterator[Consequence]:
        """The store is in both versions."""
        before, after = change.before, change.after
        place = after.places.of("status")
        if after.status == _REMOVED:
            if before.status != _REMOVED:
                effect, impact = self._end(before)
                yield Consequence(after.name, "status", before.status, after.status, effect, impact, place)
            return
        if before.status in {_PLANNED, _REMOVED}:
            if before.status != after.status:
                is_old = before.status == _REMOVED
                effect = (
                    "What is left of its data from before is in use again." if is_old else "It has no data until now."
                )
                impact = Impact.CAREFUL if is_old else Impact.SAFE
                yield Consequence(after.name, "status", before.status, after.status, effect, impact, place)
                yield from self._overlaps(after, before)
            elif self._has_moved(before, after):
                yield from self._overlaps(after, before)
            return
        yield from self._renamed(before, after)
        yield from self._moved(before, after)
        if before.backend == after.backend:
            yield from self._search(before, after)
        yield from self._items(change)
        yield from _access(before, after)
        if after.status != before.status and after.status in {_DEPRECATED, _PLANNED}:
            effect = "Its data stay and are still in use."
            impact = Impact.SAFE if after.status == _DEPRECATED else Impact.CAREFUL
            yield Consequence(after.name, "status", before.status, after.status, effect, impact, place)

    def _renamed(self, before: Store, after: Store) -> Iterator[Consequence]:
        if before.name != after.name:
            effect = (
                "Names in code change, and its data move as well."
                if self._has_moved(before, after)
                else "Only names in code change: no key and no table moves."
            )
            yield Consequence(after.name, "renamed", before.name, after.name, effect, Impact.SAFE, after.location)

    def _uses(self, ended: dict[str, Store]) -> Iterator[Consequence]:
        """Who still uses the stores that end, as the lint rule finds it."""
        ended = {name: store for name, store in ended.items() if store.status not in {_PLANNED, _REMOVED}}
        if not ended:
            return
        # Who read a store that is gone stands in the old version, who names it as a replacement in the new one.
        gone = (store._replace(status=_REMOVED) for name, store in ended.items() if name not in self._new.by_name)
        for problem in check_uses(self._new._replace(stores=(*self._new.stores, *gone))):
            if problem.store in ended:
                effect = f"{problem.message[:1].upper()}{problem.message[1:]}."
                yield Consequence(problem.store, "in_use", "", "", effect, Impact.BREAKING, problem.location)

    # -- where data lie ----------------------------------------------------------------

    def _has_moved(self, before: Store, after: Store) -> bool:
        was, now = self._old_places[before.name], self._new_places[after.name]
        # Not the search index: it is built of the data, which stay where they are.
        return before.backend != after.backend or (_own(was), was[1:4]) != (_own(now), now[1:4])

    def _moved(self, before: Store, after: Store) -> Iterator[Consequence]:
        if not self._has_moved(before, after):
            return
        if before.backend != after.backend:
            yield self._other_backend(before, after)
        else:
            was, now = self._old_places[before.name], self._new_places[after.name]
            yield from _moved_keys(was, now, after)
            yield from _moved_rows(was, now, after)
        yield from self._overlaps(after, before)

    def _other_backend(self, before: Store, after: Store) -> Consequence:
        old, new = self._old.backend_label(before.backend), self._new.backend_label(after.backend)
        place = self._old_places[before.name]
        left = [_text(place, pattern) for pattern in _own(place)]
        effect = f"The data stay in {old}, and nothing moves them to {new}."
        effect += f" Orphaned: {_listed(left)}." if left else ""
        return Consequence(after.name, "backend", old, new, effect, Impact.BREAKING, after.places.of("backend"))

    def _overlaps(self, store: Store, before: Store | None) -> Iterator[Consequence]:
        """Find other stores, in either version, with data where the store has its data now."""
        place = self._new_places[store.name]
        was = _own(self._old_places[before.name]) if before and before.backend == store.backend else ()
        for pattern in _own(place):
            if pattern in was and pattern.what != "table":
                continue
            effects = [*self._shared(store, pattern, place)]
            effects += [*self._leftovers(store, before, pattern, place)]
            for effect, impact in effects:
                field = "table" if pattern.what == "table" else "prefix"
                text = _rows(place) if pattern.what == "table" else pattern.text
                yield Consequence(store.name, "overlap", "", text, effect, impact, store.places.of(field))

    def _shared(self, store: Store, pattern: Pattern, place: Place) -> Iterator[tuple[str, Impact]]:
        own = {store.name}
        same = [*islice(self._present.same(store, place, pattern, own), _COLLECTED)]
        own.update(same)
        around = [*islice(self._present.around(store, pattern, own), _COLLECTED)]
        inside = [*islice(self._present.inside(store, pattern, own), _COLLECTED)]
        if same:
            text = f"{_stores(same)} lie there as well ({_text(place, pattern)})"
            yield f"The data of {text}: each overwrites and deletes those of the other.", Impact.BREAKING
        if around:
            scans = _listed(f"{text} ({shown(name)})" for text, name in around)
            yield f"A scan of {scans} also finds the keys {shown(pattern.text)}.", Impact.CAREFUL
        if inside:
            yield f"A scan of {shown(pattern.text)} also finds the keys of {_stores(inside)}.", Impact.CAREFUL

    def _leftovers(
        self, store: Store, before: Store | None, pattern: Pattern, place: Place
    ) -> Iterator[tuple[str, Impact]]:
        own = {store.name, before.name if before else ""}
        names = [*islice(self._gone.same(store, place, pattern, own), _COLLECTED)]
        if names:
            text = _text(place, pattern)
            yield f"What is left of the data of {_stores(names)} lies there as well: {text}.", Impact.CAREFUL

    # -- what the data are -------------------------------------------------------------

    def _search(self, before: Store, after: Store) -> Iterator[Consequence]:
        was, now = self._old_places[before.name].search, self._new_places[after.name].search
        if before.enable_search != after.enable_search:
            place = after.places.of("enableSearch")
            if after.enable_search:
                effect = (
                    "Values written before may be of another type than the index reads: it finds them only when they "
                    "have been written again."
                )
                yield Consequence(after.name, "search", "off", "on", effect, Impact.BREAKING, place)
            else:
                named = f" {shown(was)}" if was else ""
                effect = f"The index{named} stays until you drop it, and code can no longer search the store."
                yield Consequence(after.name, "search", "on", "off", effect, Impact.CAREFUL, place)
        elif was != now:
            effects = (
                f"The index {shown(was)} stays until you drop it." if was else "",
                f"The index {shown(now)} has to be built before code can search it." if now else "",
            )
            place = after.places.of("physical.index")
            yield Consequence(after.name, "index", was, now, " ".join(filter(None, effects)), Impact.CAREFUL, place)

    def _items(self, change: Change) -> Iterator[Consequence]:
        """Changes of the items of ``keys``. When the whole store has moved, its items say nothing more."""
        if self._has_moved(change.before, change.after):
            return
        for field in change.fields:
            if not field.key or field.field == "purpose":
                continue
            if field.field != "keys":
                effect, impact = _item_effect(field)
                before, after = field.before or "", field.after or ""
                found = next((key for key in change.after.keys if key.pattern == field.key), None)
                place = found.places.of(field.field) if found else change.after.location
            elif field.before is not None and field.after is None:
                ttl = field.before[2]
                effect = f"Entries {shown(field.key)} stay " + (
                    f"until they expire ({ttl})." if ttl else "until you delete them: no TTL is stated."
                )
                impact, before, after = Impact.CAREFUL, "", ""
                old = next((key for key in change.before.keys if key.pattern == field.key), None)
                place = old.places.of() if old else change.after.location
            else:
                continue
            what = "item" if field.field == "keys" else field.field
            yield Consequence(change.after.name, what, str(before), str(after), effect, impact, place, field.key)


def _item_effect(field: FieldChange) -> tuple[str, Impact]:
    """Take the change of the type or TTL of an item of ``keys``; return what it does to its entries."""
    key = shown(field.key)
    if field.field == "ttl":
        kept = f" ({field.before})" if field.before else ", which was not stated,"
        effect = f"Entries {key} that exist keep the TTL they have{kept} until they are written again."
        return effect, Impact.CAREFUL
    if field.before and field.after:
        effect = (
            f"Entries {key} that exist are still of the type {field.before}: commands for another type fail on them."
        )
        return effect, Impact.BREAKING
    return f"Only one version states the type of entries {key}: check that it is the same.", Impact.CAREFUL


def _moved_keys(was: Place, now: Place, store: Store) -> Iterator[Consequence]:
    for what, field in (("keys", "prefix"), ("locks", "physical.locks")):
        before, after = _patterns(was, what), _patterns(now, what)
        if before == after:
            continue
        gone = [pattern for pattern in before if pattern not in after]
        if not gone:
            effect, impact = "Keys are written in more places; those that exist stay where they are.", Impact.SAFE
        elif what == "locks":
            effect = (
                f"Locks that are held under {_listed(gone)} are not seen: while both versions run, two can hold the "
                "same lock."
            )
            impact = Impact.CAREFUL
        else:
            noun = "key pattern" if len(gone) == 1 else "key patterns"
            effect = (
                f"{len(gone):,} {noun} orphaned: {_listed(gone)}. The old keys stay, and code no longer finds them."
            )
            impact = Impact.BREAKING
        place = store.places.of(field)
        yield Consequence(store.name, what, _listed(before), _listed(after), effect, impact, place)


def _moved_rows(was: Place, now: Place, store: Store) -> Iterator[Consequence]:
    if not was.table or was[1:4] == now[1:4]:
        return
    before, after = _rows(was), _rows(now) if now.table else ""
    if was.table != now.table:
        instead = f"; code reads {after} instead" if after else ""
        effect = f"The rows stay in the table {shown(was.table)}{instead}."
    else:
        effect = f"The rows stay where they are, but those written before are told apart as {before}, not {after}."
    yield Consequence(store.name, "table", before, after, effect, Impact.BREAKING, store.places.of("table"))


def _access(before: Store, after: Store) -> Iterator[Consequence]:
    """Find services that may read or write less than before."""
    was, now = rights(before), rights(after)
    for had, has, lost, field in (
        (False, None, "read", "readers"),
        (True, False, "write", "writers"),
        (True, None, "read or write", "writers"),
    ):
        names = [name for name, may_write in was.items() if (may_write, now.get(name)) == (had, has)]
        if names:
            effect = f"{_listed(names)} can no longer {lost} it, once the rules of access follow the registry."
            place = after.places.of("service" if before.service in names else field)
            yield Consequence(after.name, "access", _listed(names), "", effect, Impact.BREAKING, place)


def _places(registry: Registry) -> dict[str, Place]:
    return {store.name: place_of(store, registry) for store in registry.stores}


def _spot(store: Store, place: Place, pattern: Pattern) -> _Spot:
    if pattern.what == "table":
        return _Spot(store.backend, True, pattern.parts, place.column, place.value)
    return _Spot(store.backend, False, pattern.parts)


def _distinct(names: Iterable[str], without: set[str]) -> Iterator[str]:
    """Yield each name once."""
    seen = set(without)
    for name in names:
        if name not in seen:
            seen.add(name)
            yield name


def _own(place: Place) -> tuple[Pattern, ...]:
    """Return the patterns of the whole store: of keys, locks and tables."""
    return tuple(pattern for pattern in place.patterns if pattern.key is None and pattern.what != "index")


def _patterns(place: Place, what: str) -> list[str]:
    return list(dict.fromkeys(pattern.text for pattern in place.patterns if pattern.what == what and not pattern.key))


def _text(place: Place, pattern: Pattern) -> str:
    """Return a pattern of a place for a sentence."""
    return f"the table {_rows(place)}" if pattern.what == "table" else pattern.text


def _rows(place: Place) -> str:
    """Return the table, and what tells the rows of the store apart in it."""
    return f"{place.table} ({place.column} = {place.value})" if place.column else place.table


def _listed(texts: Iterable[str]) -> str:
    found = [*map(cut, texts)]
    return listed(found, len(found))


def _stores(names: list[str]) -> str:
    return f"the store{'s' if len(names) > 1 else ''} {_listed(map(shown, names))}"
