"""A query and a registry -> stores: filtered, sorted, grouped and limited, using the indexes of the registry."""

from __future__ import annotations

import re
from bisect import bisect_left
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sphinx_statestores.registry.fields import FieldType, as_text, find_field
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.own_fields import Names, sort_value, with_names
from sphinx_statestores.registry.query import FLAGS, WILDCARD, Terms, has_filter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sphinx_statestores.registry.fields import Field
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.query import Query


class Group(NamedTuple):
    """The stores with the same value of the grouping field."""

    label: str
    stores: tuple[Store, ...]


#: The types whose values are sorted as numbers.
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DURATION, FieldType.SIZE})


class _Exact(NamedTuple):
    """A filter by exact values."""

    terms: Callable[[Query], Terms]
    positions: Callable[[Registry], Mapping[str, Sequence[int]]]
    values: Callable[[Store], tuple[str, ...]]


_EXACT = {
    "service": _Exact(
        lambda query: query.service, lambda registry: registry.by_service, lambda store: (store.service,)
    ),
    "backend": _Exact(
        lambda query: query.backend, lambda registry: registry.by_backend, lambda store: (store.backend,)
    ),
    "status": _Exact(lambda query: query.status, lambda registry: registry.by_status, lambda store: (store.status,)),
    "tag": _Exact(lambda query: query.tag, lambda registry: registry.by_tag, lambda store: store.tags),
    "reader": _Exact(lambda query: query.reader, lambda registry: registry.by_reader, lambda store: store.readers),
    "writer": _Exact(lambda query: query.writer, lambda registry: registry.by_writer, lambda store: store.writers),
}


def bound(query: Query, registry: Registry) -> Query:
    """Return a query for one registry: with the spelling of its fields, and without fields that it does not declare.

    A filter by a boolean without a value asks for true. Custom (``x-``) fields are kept in any case.
    """
    if not (query.extra or query.sort or query.group):
        return query
    extra = []
    for name, terms in query.extra:
        own_name = spelled(name, registry)
        if field := find_field(own_name, registry):
            is_flag = field.type in FLAGS
            found = Terms(*(tuple(map(_truth, part)) for part in terms or _TRUE)) if is_flag else terms
            if found:
                extra.append((own_name, found))
    sort = tuple(key for key in query.sort if find_field(key.removeprefix("-"), registry) is not None)
    group = query.group if find_field(query.group, registry) is not None else ""
    return query._replace(extra=tuple(extra), sort=sort, group=group)


_TRUE = Terms(("true",))
_TRUTHS = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def _truth(term: str) -> str:
    """Return a term for a boolean as registries record it."""
    word = term.lower()
    return _TRUTHS.get(word, word)


def select(registry: Registry, query: Query) -> tuple[Store, ...]:
    """Return the stores that a query selects, in its order; an unknown name selects none. Raises nothing."""
    return arranged(registry, query, filtered(registry, query))


def filtered(registry: Registry, query: Query) -> Sequence[Store]:
    """Return the stores that the filters of a query let pass, sorted by name.

    The filter with the fewest matching stores in an index is applied first, so the cost of a filter by service
    depends on the service's stores, not on the whole registry.
    """
    query = bound(query, registry)
    if not has_filter(query):
        return registry.stores
    positions, narrowed = _narrowest(registry, query)
    tests = list(_tests(registry, query, narrowed))
    looked_at = registry.stores if positions is None else [registry.stores[position] for position in positions]
    return [store for store in looked_at if all(test(store) for test in tests)] if tests else looked_at


def arranged(registry: Registry, query: Query, stores: Sequence[Store]) -> tuple[Store, ...]:
    """Return stores in the order of a query, as many as it wants."""
    if query.sort:
        stores = _sorted(registry, stores, query.sort)
    if query.limit is not None:
        stores = stores[: query.limit]
    return tuple(stores)


def without(registry: Registry, queries: Iterable[Query], names: Iterable[str] = ()) -> Registry:
    """Return a registry without the stores that one of some queries asks for, and without those of some *names*.

    A query without filters asks for none, and so does one with a filter that the registry does not declare: the
    other filters alone would ask for more. What names them in the fields and the guide goes, too, and so does a
    service that owns no other store and neither reads nor writes one.
    """
    chosen = [
        store
        for query in queries
        if has_filter(query) and all(find_field(spelled(name, registry), registry) for name, _ in query.extra)
        for store in select(registry, query)
    ]
    chosen += [registry.by_name[name] for name in names if name in registry.by_name]
    if not chosen:
        return registry
    hidden = {store.name for store in chosen}
    left_over = [store for store in registry.stores if store.name not in hidden]
    left = {name for store in left_over for name in (store.service, *store.readers, *store.writers)}
    gone = {store.service for store in chosen} - left
    names_gone = Names(dict.fromkeys(hidden, ""), dict.fromkeys(gone, ""))
    stores = tuple(with_names(store, registry.own_fields, names_gone) for store in left_over)
    services = {name: service for name, service in registry.services.items() if name not in gone}
    guide = registry.guide
    code = guide.generated_code
    guide = guide._replace(
        deployments=tuple(
            deployment._replace(stores=tuple(pair for pair in deployment.stores if pair[0] not in hidden))
            for deployment in guide.deployments
        ),
        generated_code=code and code._replace(names=tuple(name for name in code.names if name not in hidden)),
        fields=tuple(field._replace(default=names_gone.replaced(field, field.default)) for field in guide.fields),
    )
    return registry._replace(stores=stores, services=services, guide=guide)


def group(registry: Registry, query: Query, stores: Sequence[Store]) -> tuple[Group, ...]:
    """Take selected stores; return them in groups by the query's field.

    A store with several values (tags) is in several groups. Stores without a value come last, in a group with an
    empty label. Backends are in the order of totals, statuses in the order of a store's life cycle, the words of
    other choices, numbers and durations in theirs; other values are sorted.
    """
    field = find_field(query.group, registry)
    if field is None:
        return (Group("", tuple(stores)),) if stores else ()
    members: dict[str, list[Store]] = {}
    for store in stores:
        value = field.value(store, registry)
        for label in (value,) if isinstance(value, str) else value or ("",):
            members.setdefault(label, []).append(store)
    order: Mapping[str, int] = {}
    if query.group == "backend":
        order = registry.label_order
    elif field.choices:
        order = {choice: position for position, choice in enumerate(field.choices)}
    elif field.type in _NUMBERS:
        numbers = {label: number for label in members if (number := sort_value(field.type, label)) is not None}
        order = {label: position for position, label in enumerate(sorted(numbers, key=numbers.__getitem__))}
    ranked = sorted(members, key=lambda label: (not label, order.get(label, len(order)), label.lower(), label))
    return tuple(Group(label, tuple(members[label])) for label in ranked)


def _narrowest(registry: Registry, query: Query) -> tuple[Sequence[int] | None, str]:
    """Return the positions of the stores to test, and the filter that they already satisfy.

    That is the shortest list from an index, or None for all stores. An index is built on first use.
    """
    found: list[tuple[Sequence[int], str]] = []
    for name, exact in _EXACT.items():
        terms = exact.terms(query)
        if terms.wanted:
            index = exact.positions(registry)
            lists = [index.get(term, ()) for term in terms.wanted]
            positions = lists[0] if len(lists) == 1 else sorted({p for positions in lists for p in positions})
            found.append((positions, "" if terms.unwanted else name))
    if query.match.wanted:
        # A glob must still be tested: the index covers only its beginning.
        found.append((_named_alike(registry, query.match.wanted), ""))
    return min(found, key=lambda narrowed: len(narrowed[0])) if found else (None, "")


def _named_alike(registry: Registry, patterns: Iterable[str]) -> list[int]:
    """Return the positions of the names that begin with the text before the first wildcard of any glob."""
    found: list[int] = []
    end = 0
    for first, last in sorted((names.start, names.stop) for names in (_name_range(registry, p) for p in patterns)):
        found.extend(range(max(first, end), last))
        end = max(end, last)
    return found


def _name_range(registry: Registry, pattern: str) -> range:
    literal = WILDCARD.split(pattern, maxsplit=1)[0]
    if not literal:
        return range(len(registry.names))
    first = bisect_left(registry.names, literal)
    last = bisect_left(registry.names, literal + "\U0010ffff", lo=first)
    return range(first, last)


def fits_any(registry: Registry, pattern: str) -> bool:
    """Return whether some store has a name that a glob fits; a name without wildcards is looked up."""
    if not WILDCARD.search(pattern):
        return pattern in registry.by_name
    match = re.compile(translate(pattern)).match
    names = _name_range(registry, pattern)
    return any(match(registry.names[position]) for position in names)


def _tests(registry: Registry, query: Query, narrowed: str) -> Iterable[Callable[[Store], bool]]:
    for name, exact in _EXACT.items():
        terms = exact.terms(query)
        if terms and name != narrowed:
            yield _exact_test(terms, exact.values)
    if query.match:
        yield _match_test(query.match)
    if query.search:
        yield _search_test(registry, query.search)
    for name, terms in query.extra:
        if (field := find_field(name, registry)) is not None:
            yield _extra_test(field, registry, terms)


def _exact_test(terms: Terms, values: Callable[[Store], tuple[str, ...]]) -> Callable[[Store], bool]:
    wanted, unwanted = frozenset(terms.wanted), frozenset(terms.unwanted)
    return lambda store: (not wanted or not wanted.isdisjoint(values(store))) and unwanted.isdisjoint(values(store))


def spelled(name: str, registry: Registry) -> str:
    """Return the name of a field as the registry has it: reStructuredText makes that of an option lower case."""
    if name in registry.own_fields or name in registry.extra_fields:
        return name
    for known in (registry.own_fields, registry.extra_fields, registry.facts):
        if found := [field for field in known if field.lower() == name.lower()]:
            return min(found)
    return name


def items_of(texts: Iterable[str]) -> set[str]:
    """Return the values that a filter compares: each text, and the items of a list, which is a text with commas."""
    return {item for text in texts for item in (text, *text.split(", "))}


def _extra_test(field: Field, registry: Registry, terms: Terms) -> Callable[[Store], bool]:
    wanted, unwanted = matcher(terms.wanted), matcher(terms.unwanted)
    recorded = field.recorded

    def test(store: Store) -> bool:
        text = as_text(recorded(store, registry))
        if not text:
            return not terms.wanted
        items = items_of((text,))
        return (not terms.wanted or any(map(wanted, items))) and not any(map(unwanted, items))

    return test


@lru_cache(maxsize=256)
def matcher(patterns: tuple[str, ...]) -> Callable[[str], object]:
    """Return a function that matches a name against globs. Cached, because a page uses each query several times."""
    names = frozenset(pattern for pattern in patterns if not WILDCARD.search(pattern))
    globs = [translate(pattern) for pattern in patterns if WILDCARD.search(pattern)]
    match = re.compile("|".join(globs) or r"(?!)").match
    return lambda name: name in names or match(name)


def _match_test(terms: Terms) -> Callable[[Store], bool]:
    wanted, unwanted = matcher(terms.wanted), matcher(terms.unwanted)
    if not terms.wanted:
        return lambda store: not unwanted(store.name)
    return lambda store: bool(wanted(store.name)) and not unwanted(store.name)


def _search_test(registry: Registry, terms: Terms) -> Callable[[Store], bool]:
    wanted = [frozenset(term.lower().split()) for term in terms.wanted]
    unwanted = [frozenset(term.lower().split()) for term in terms.unwanted]

    def found(phrase: frozenset[str], text: str) -> bool:
        return all(map(text.__contains__, phrase))

    def test(store: Store) -> bool:
        text = _searched(registry, store)
        return (not wanted or any(found(phrase, text) for phrase in wanted)) and not any(
            found(phrase, text) for phrase in unwanted
        )

    return test


def _searched(registry: Registry, store: Store) -> str:
    keys = (text for key in store.keys for text in (key.pattern, key.purpose))
    return "\n".join(
        (
            store.name,
            plain(store.purpose),
            store.service,
            registry.service_title(store.service),
            registry.backend_label(store.backend),
            store.prefix,
            registry.table_of(store),
            *store.tags,
            *keys,
        )
    ).lower()


def _sorted(registry: Registry, stores: Sequence[Store], keys: tuple[str, ...]) -> list[Store]:
    ordered = sorted(stores, key=lambda store: store.name)
    # The sort is stable: the least important key first.
    for key in reversed(keys):
        field = find_field(key.removeprefix("-"), registry)
        if field is not None:
            ordered.sort(key=_sort_key(field, registry), reverse=key.startswith("-"))
    return ordered


def _sort_key(field: Field, registry: Registry) -> Callable[[Store], Any]:
    """Return a function from a store to what it is sorted by: the displayed text, or what that stands for."""
    value, recorded, of_type = field.value, field.recorded, field.type
    if of_type in _NUMBERS:

        def by_number(store: Store) -> tuple[bool, float, str]:
            text = as_text(recorded(store, registry))
            number = sort_value(of_type, text)
            # A store without a value comes first, as with texts.
            return bool(text) and number is None, float("-inf") if number is None else number, text

        return by_number
    # Statuses are sorted as words.
    if field.choices and field.key != "status":
        order = {choice: position for position, choice in enumerate(field.choices)}

        def by_choice(store: Store) -> tuple[int, str]:
            text = as_text(value(store, registry))
            return order.get(text, len(order) if text else -1), text

        return by_choice
    return lambda store: as_text(value(store, registry)).lower()
