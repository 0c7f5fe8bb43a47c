"""A query and a registry -> stores: filters, sorting, grouping and a limit, using the registry's indexes."""

from __future__ import annotations

import re
import shlex
from bisect import bisect_left
from fnmatch import translate
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.backend_names import BackendNames
from sphinx_statestores.registry.fields import FIELDS, as_text, find_field
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.messages import must_be
from sphinx_statestores.registry.model import STATUSES, Registry, Store
from sphinx_statestores.registry.numbers import LARGEST, whole_number
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import Suggestions, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sphinx_statestores.registry.suggest import Suggest

#: The maximum number of globs, search words and sort fields in a query, and the maximum length of each in characters:
#: every store is compared with all of them.
TERM_LIMIT = 200
TERM_LENGTH = 200
#: So many fields of the user's own does a query filter by.
EXTRA_LIMIT = 20
#: A query in one line has at most so many characters.
LINE_LIMIT = 10_000


class Complaint(NamedTuple):
    """A part of a query that is unknown or not valid; the rest of the query is used."""

    kind: Kind
    message: str


class Terms(NamedTuple):
    """The terms of one filter. A store matches if it has any wanted value and no unwanted one."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether this filters anything."""
        return bool(self.wanted or self.unwanted)


class Query(NamedTuple):
    """The filters, order and grouping of stores. Without filters, it selects all stores, sorted by name."""

    #: Owning services.
    service: Terms = Terms()
    #: Backend keys.
    backend: Terms = Terms()
    #: Globs on the name.
    match: Terms = Terms()
    status: Terms = Terms()
    tag: Terms = Terms()
    #: Words in names, purposes, services, backends, prefixes, tables, tags or keys; case is ignored.
    search: Terms = Terms()
    #: Services other than the owner that read it.
    reader: Terms = Terms()
    #: Services other than the owner that write it.
    writer: Terms = Terms()
    #: Fields of the user's own (``x-...``) with globs on their values; of a list, any item may pass.
    extra: tuple[tuple[str, Terms], ...] = ()
    #: Fields to sort by before the name, with ``-`` in front for the other direction.
    sort: tuple[str, ...] = ()
    #: The field to group by; empty for none.
    group: str = ""
    #: The maximum number of stores; None for all.
    limit: int | None = None

    @property
    def is_of_all(self) -> bool:
        """Whether it asks for every store."""
        return self.limit is None and not _is_filtering(self)


class Group(NamedTuple):
    """The stores with the same value of the grouping field."""

    label: str
    stores: tuple[Store, ...]


#: The filters, by the name that directives, roles and the command line give them.
FILTERS = ("service", "backend", "match", "status", "tag", "search", "reader", "writer")
#: What the name of a filter by a field of the user's own begins with.
EXTRA_FILTER = "x-"


#: The filters that compare every store with each term; the others use an index.
_COMPARED_WITH_ALL = ("match", "search")
_ORDERS = ("sort", "group-by")
_WILDCARD = re.compile(r"[*?\[]")


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


def _is_filtering(query: Query) -> bool:
    # The named filters come first, and behind them those by the user's own fields.
    return any(query[: len(FILTERS) + 1])


def is_filter(name: str) -> bool:
    """Return whether a filter is called so: it is one of :data:`FILTERS`, or a field of the user's own."""
    return name in FILTERS or name.startswith(EXTRA_FILTER)


def parse_terms(text: str, *, phrases: bool = False) -> Terms:
    """Take a list such as ``redis, !mysql``; return its terms. ``!`` marks an unwanted term.

    Terms are separated by commas or blanks; with *phrases*, by commas only.
    """
    parts = re.split(r"[,\n]" if phrases else r"[,\s]", re.sub(r"!\s+", "!", text))
    # Duplicates are removed; the order is kept.
    wanted: dict[str, None] = {}
    unwanted: dict[str, None] = {}
    for part in parts:
        term = " ".join(part.split())
        if term.startswith("!"):
            term, kept = term[1:].strip(), unwanted
        else:
            kept = wanted
        if term:
            kept[term] = None
    return Terms(tuple(wanted), tuple(unwanted))


def parse_query(options: Mapping[str, str]) -> tuple[Query, list[Complaint]]:
    """Make a query of texts, as directives take them: :data:`FILTERS`, ``x-...``, ``sort``, ``group-by``, ``limit``.

    Parts that are unknown or not valid are left out of the query. Other keys are ignored. Raises nothing.
    """
    complaints: list[Complaint] = []
    filters = {name: parse_terms(options[name], phrases=name == "search") for name in FILTERS if name in options}
    for name in _COMPARED_WITH_ALL:
        if name in filters:
            filters[name] = Terms(*(_limited(name, terms, complaints) for terms in filters[name]))
    extra = [
        (name, Terms(*(_limited(name, terms, complaints) for terms in parse_terms(text, phrases=True))))
        for name, text in options.items()
        if name.startswith(EXTRA_FILTER)
    ]
    if len(extra) > EXTRA_LIMIT:
        message = f"a query filters by at most {EXTRA_LIMIT} 'x-' fields: {len(extra) - EXTRA_LIMIT:,} are ignored"
        complaints.append(Complaint(Kind.INVALID_OPTION, message))
    texts = {name: text for name, text in options.items() if is_filter(name) or name in _ORDERS}
    complaints += [
        Complaint(Kind.INVALID_OPTION, f"{name!r} is empty, so it has no effect: give it a value, or remove it")
        for name, text in texts.items()
        if not parse_terms(text)
    ]
    sort = []
    order = parse_terms(options.get("sort", ""))
    for key in order.unwanted:
        message = f"'sort' reverses an order with {shown(f'-{key}')}, not with {shown(f'!{key}')}"
        complaints.append(Complaint(Kind.INVALID_OPTION, message))
    for key in _limited("sort", order.wanted, complaints):
        if find_field(key.removeprefix("-")) is not None:
            sort.append(key)
        else:
            complaints.append(_unknown_field("sort", key.removeprefix("-")))
    group = options.get("group-by", "").strip()
    if group and find_field(group) is None:
        complaints.append(_unknown_field("group-by", group))
        group = ""
    limit: int | None = None
    if "limit" in options:
        limit = whole_number(options["limit"])
        if limit is None:
            message = must_be("'limit'", f"a whole number up to {LARGEST:,}", shown(options["limit"]))
            complaints.append(Complaint(Kind.INVALID_OPTION, message))
    own = tuple(sorted((name, terms) for name, terms in extra[:EXTRA_LIMIT] if terms))
    return Query(**filters, extra=own, sort=tuple(sort), group=group, limit=limit), complaints


def parse_query_text(text: str) -> tuple[Query, list[Complaint]]:
    """Take one line such as ``service=Auth backend=redis``; return a query and complaints. ``all`` has no filters."""
    options: dict[str, str] = {}
    complaints: list[Complaint] = []
    if len(text) > LINE_LIMIT:
        message = f"a query of {len(text):,} characters is ignored: the limit is {LINE_LIMIT:,}"
        return Query(), [Complaint(Kind.INVALID_OPTION, message)]
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
        complaints.append(Complaint(Kind.INVALID_OPTION, f"a quotation mark is never closed in {shown(text)}"))
    for before, word in zip(["", *words], words, strict=False):
        name, equals, value = word.partition("=")
        if word == "all":
            continue
        if word.endswith(":") and is_filter(word[:-1]):
            message = f"{shown(word)} is not a filter: write '=' and no blank after its name, as in 'service=Auth'"
            complaints.append(Complaint(Kind.INVALID_OPTION, message))
        elif not equals and before.endswith(":") and is_filter(before[:-1]):
            continue  # its value
        elif not equals:
            complaints.append(Complaint(Kind.INVALID_OPTION, _not_a_filter(word, before)))
        elif not is_filter(name):
            near = "; did you mean 'match'?" if name == "name" else did_you_mean(name, FILTERS)
            message = f"unknown filter {shown(name)}{near}"
            complaints.append(Complaint(Kind.UNKNOWN_OPTION, message))
        else:
            options[name] = f"{options[name]},{value}" if name in options else value
    query, more = parse_query(options)
    return query, complaints + more


def _not_a_filter(word: str, before: str) -> str:
    """Return the complaint about a word without ``=``; *before* is the word in front of it."""
    message = f"{shown(word)} is not a filter"
    if "=" in before:
        name, _, value = before.partition("=")
        return f'{message}: put a value with blanks in quotation marks, as in {name}="{value} {word}"'
    return f"{message}: write one such as 'service=Auth' or 'tag=lock', or 'all'"


def check_query(
    query: Query, registry: Registry, suggest: Suggest | None = None, hidden: Registry | None = None
) -> list[Complaint]:
    """Return complaints about names in a query that the registry does not have.

    *suggest* adds similar names to a message. Pass one with a shared budget to check many queries. *hidden* has the
    stores that are left out of the registry: a filter may exclude them again.
    """
    suggest = suggest or Suggestions().did_you_mean
    complaints = []
    labels = BackendNames(registry.backends)
    hints = {
        "service": "use one that owns a store or is in 'x-services'",
        "backend": "use the key of a backend",
        "status": f"use one of {', '.join(STATUSES)}",
        "tag": "no store has it",
        "reader": "use a service that reads a store or is in 'x-services'",
        "writer": "use a service that writes a store or is in 'x-services'",
    }
    known: list[tuple[str, Terms, Collection[str], Kind]] = [
        ("service", query.service, registry.services, Kind.UNKNOWN_SERVICE),
        ("backend", query.backend, registry.backends, Kind.UNKNOWN_BACKEND),
        ("status", query.status, STATUSES, Kind.INVALID_OPTION),
        ("reader", query.reader, registry.users, Kind.UNKNOWN_SERVICE),
        ("writer", query.writer, registry.users, Kind.UNKNOWN_SERVICE),
    ]
    # A registry without stores has a warning of its own.
    if query.tag and registry.stores:
        known.append(("tag", query.tag, registry.by_tag, Kind.UNKNOWN_TAG))
    users: Collection[str] = hidden.users if hidden else ()
    tags: Collection[str] = hidden.by_tag if hidden else ()
    left_out = {"service": users, "reader": users, "writer": users, "tag": tags}
    for what, terms, names, kind in known:
        gone = left_out.get(what, ())
        for term in (*terms.wanted, *(term for term in terms.unwanted if term not in gone)):
            if term not in names:
                key = labels.key_of(term) if what == "backend" else None
                near = f": write {shown(key)}" if key else suggest(term, names) or f": {hints[what]}"
                complaints.append(Complaint(kind, f"unknown {what} {shown(term)}{near}"))
    unwanted = [term for term in query.match.unwanted if not (hidden and _fits_any(hidden, term))]
    for term in (*query.match.wanted, *unwanted) if registry.stores else ():
        if not _fits_any(registry, term):
            near = suggest(term.replace("*", ""), registry.names) or ": '*' matches any characters"
            complaints.append(Complaint(Kind.UNMATCHED_PATTERN, f"{shown(term)} matches no store{near}"))
    filters = [_spelled(name, registry) for name, _ in query.extra]
    for key in (*filters, *(key.removeprefix("-") for key in query.sort), query.group):
        if key.startswith(EXTRA_FILTER) and key not in registry.extra_fields:
            near = suggest(key, registry.extra_fields)
            complaints.append(Complaint(Kind.UNKNOWN_COLUMN, f"no store has a field {shown(key)}{near}"))
    for name, terms in query.extra:
        values = registry.extra_values.get(_spelled(name, registry), {})
        items = _items(values.values()) if terms.wanted else ()
        for term in terms.wanted if values else ():
            if not any(map(_glob((term,)), items)):
                message = f"{shown(term)} matches no value of {shown(name)}: '*' matches any characters"
                complaints.append(Complaint(Kind.UNMATCHED_PATTERN, message))
    return complaints


def select(registry: Registry, query: Query) -> tuple[Store, ...]:
    """Return the stores that a query selects, in its order; an unknown name selects none. Raises nothing."""
    return arranged(registry, query, filtered(registry, query))


def filtered(registry: Registry, query: Query) -> Sequence[Store]:
    """Return the stores that the filters of a query let pass, sorted by name.

    The filter with the fewest matching stores in an index is applied first, so the cost of a filter by service
    depends on the service's stores, not on the whole registry.
    """
    if not _is_filtering(query):
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

    A query without filters asks for none. What names them in the fields and the guide goes, too, and so does a
    service that owns no other store and neither reads nor writes one.
    """
    chosen = [store for query in queries if _is_filtering(query) for store in select(registry, query)]
    chosen += [registry.by_name[name] for name in names if name in registry.by_name]
    if not chosen:
        return registry
    hidden = {store.name for store in chosen}
    stores = tuple(
        store._replace(replaced_by="") if store.replaced_by in hidden else store
        for store in registry.stores
        if store.name not in hidden
    )
    left = {name for store in stores for name in (store.service, *store.readers, *store.writers)}
    gone = {store.service for store in chosen} - left
    services = {name: service for name, service in registry.services.items() if name not in gone}
    guide = registry.guide
    code = guide.generated_code
    guide = guide._replace(
        deployments=tuple(
            deployment._replace(stores=tuple(pair for pair in deployment.stores if pair[0] not in hidden))
            for deployment in guide.deployments
        ),
        generated_code=code and code._replace(names=tuple(name for name in code.names if name not in hidden)),
    )
    return registry._replace(stores=stores, services=services, guide=guide)


def group(registry: Registry, query: Query, stores: Sequence[Store]) -> tuple[Group, ...]:
    """Take selected stores; return them in groups by the query's field.

    A store with several values (tags) is in several groups. Stores without a value come last, in a group with an
    empty label. Backends are in the order of totals, statuses in the order of a store's life cycle, other values are
    sorted.
    """
    field = find_field(query.group)
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
    elif query.group == "status":
        order = {status: position for position, status in enumerate(STATUSES)}
    ranked = sorted(members, key=lambda label: (not label, order.get(label, len(order)), label.lower(), label))
    return tuple(Group(label, tuple(members[label])) for label in ranked)


def _limited(option: str, terms: tuple[str, ...], complaints: list[Complaint]) -> tuple[str, ...]:
    """Return the terms up to the limit for filters that compare every store; complain about the others."""
    found = tuple(term for term in terms if len(term) <= TERM_LENGTH)
    if option == "match":
        # A name without wildcards uses an index, so these are not limited.
        globs = tuple(islice(filter(_WILDCARD.search, found), TERM_LIMIT + 1))
        if len(globs) > TERM_LIMIT:
            found = (*(term for term in found if not _WILDCARD.search(term)), *globs[:TERM_LIMIT])
    else:
        found = found[:TERM_LIMIT]
    if len(found) < len(terms):
        message = (
            f"{option!r} takes at most {TERM_LIMIT} terms of {TERM_LENGTH} characters each: "
            f"{len(terms) - len(found):,} are ignored"
        )
        complaints.append(Complaint(Kind.INVALID_OPTION, message))
    return found


def _unknown_field(option: str, key: str) -> Complaint:
    near = did_you_mean(key, FIELDS) or f"; the fields are {', '.join(FIELDS)} and x-..."
    return Complaint(Kind.INVALID_OPTION, f"unknown {option} field {shown(key)}{near}")


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
    literal = _WILDCARD.split(pattern, maxsplit=1)[0]
    if not literal:
        return range(len(registry.names))
    first = bisect_left(registry.names, literal)
    last = bisect_left(registry.names, literal + "\U0010ffff", lo=first)
    return range(first, last)


def _fits_any(registry: Registry, pattern: str) -> bool:
    """Return whether some store has a name that a glob fits; a name without wildcards is looked up."""
    if not _WILDCARD.search(pattern):
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
        yield _extra_test(registry.extra_values.get(_spelled(name, registry), {}), terms)


def _exact_test(terms: Terms, values: Callable[[Store], tuple[str, ...]]) -> Callable[[Store], bool]:
    wanted, unwanted = frozenset(terms.wanted), frozenset(terms.unwanted)
    return lambda store: (not wanted or not wanted.isdisjoint(values(store))) and unwanted.isdisjoint(values(store))


def _spelled(name: str, registry: Registry) -> str:
    """Return the name of a field as the registry has it: reStructuredText makes that of an option lower case."""
    if name in registry.extra_fields:
        return name
    return min((field for field in registry.extra_fields if field.lower() == name.lower()), default=name)


def _items(texts: Iterable[str]) -> set[str]:
    """Return the values that a filter compares: each text, and the items of a list, which is a text with commas."""
    return {item for text in texts for item in (text, *text.split(", "))}


def _extra_test(values: Mapping[str, str], terms: Terms) -> Callable[[Store], bool]:
    wanted, unwanted = _glob(terms.wanted), _glob(terms.unwanted)

    def test(store: Store) -> bool:
        text = values.get(store.name)
        if text is None:
            return not terms.wanted
        items = _items((text,))
        return (not terms.wanted or any(map(wanted, items))) and not any(map(unwanted, items))

    return test


@lru_cache(maxsize=256)
def _glob(patterns: tuple[str, ...]) -> Callable[[str], object]:
    """Return a function that matches a name against globs. Cached, because a page uses each query several times."""
    names = frozenset(pattern for pattern in patterns if not _WILDCARD.search(pattern))
    globs = [translate(pattern) for pattern in patterns if _WILDCARD.search(pattern)]
    match = re.compile("|".join(globs) or r"(?!)").match
    return lambda name: name in names or match(name)


def _match_test(terms: Terms) -> Callable[[Store], bool]:
    wanted, unwanted = _glob(terms.wanted), _glob(terms.unwanted)
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
        field = find_field(key.removeprefix("-"))
        if field is not None:
            value = field.value
            ordered.sort(key=lambda store: as_text(value(store, registry)).lower(), reverse=key.startswith("-"))
    return ordered
