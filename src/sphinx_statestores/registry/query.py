"""A query and a registry -> stores: filters, sorting, grouping and a limit, using the registry's indexes."""

from __future__ import annotations

import re
import shlex
from bisect import bisect_left
from fnmatch import translate
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sphinx_statestores.registry.backend_names import BackendNames
from sphinx_statestores.registry.field_hints import field_hint
from sphinx_statestores.registry.fields import (
    CUSTOM,
    FIELD_FILTERS,
    FIELDS,
    FILTER_NAMES,
    FieldType,
    as_text,
    find_field,
)
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.messages import must_be
from sphinx_statestores.registry.model import STATUSES, Registry, Store
from sphinx_statestores.registry.numbers import LARGEST, whole_number
from sphinx_statestores.registry.own_fields import Names, sort_value, with_names
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import Suggestions, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sphinx_statestores.registry.fields import Field
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
    def size(self) -> int:
        """The number of terms in all filters."""
        found = [getattr(self, name) for name in FILTERS] + [terms for _, terms in self.extra]
        return sum(len(terms.wanted) + len(terms.unwanted) for terms in found)

    @property
    def is_of_all(self) -> bool:
        """Whether it asks for every store."""
        return self.limit is None and not _is_filtering(self)


class Group(NamedTuple):
    """The stores with the same value of the grouping field."""

    label: str
    stores: tuple[Store, ...]


#: The filters, by the name that directives, roles and the command line give them.
FILTERS = FILTER_NAMES
#: The filters that compare every store with each term; the others use an index.
_COMPARED_WITH_ALL = ("match", "search")
_ORDERS = ("sort", "group-by")
#: The types whose values are sorted as numbers.
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DURATION, FieldType.SIZE})
#: The types of fields that are true or false: a filter by one needs no value.
_FLAGS = frozenset({FieldType.FLAG, FieldType.YES_OR_NO})
_FLAG_FILTERS = frozenset(name for name in FIELD_FILTERS if FIELDS[name].type in _FLAGS)
_WILDCARD = re.compile(r"[*?\[]")
#: So many values of a choice are named in a message.
_VALUES_NAMED = 20


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


def is_filter(name: str, own: Callable[[str], bool] | None = None) -> bool:
    """Return whether a filter is called so: it is one of :data:`FILTERS`, or may be a field of the user's own.

    *own* tells which names may be those of declared fields, as :func:`parse_query` takes it.
    """
    return name in FILTERS or _is_extra(name, own)


def _is_extra(name: str, own: Callable[[str], bool] | None) -> bool:
    return name.startswith(CUSTOM) or name in FIELD_FILTERS or _is_own(name, own)


def _is_own(name: str, own: Callable[[str], bool] | None) -> bool:
    # A custom field needs no declaration.
    return own is not None and not name.startswith(CUSTOM) and own(name)


def _may_be_empty(name: str, own: Callable[[str], bool] | None) -> bool:
    # A registry tells whether there is such a field of the user's own, and whether it needs a value.
    return name in _FLAG_FILTERS or _is_own(name, own)


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


def parse_query(
    options: Mapping[str, str],
    own: Callable[[str], bool] | None = None,
) -> tuple[Query, list[Complaint]]:
    """Make a query of texts, as directives take them: :data:`FILTERS`, ``x-...``, ``sort``, ``group-by``, ``limit``.

    Parts that are unknown or not valid are left out of the query. Other keys are ignored. Raises nothing.

    *own* tells which names may be those of declared fields. Who does not know the registry yet, passes
    :func:`~.fields.may_be_own`; then :func:`check_query` complains of those that it does not declare.
    """
    complaints: list[Complaint] = []
    filters = {name: parse_terms(options[name], phrases=name == "search") for name in FILTERS if name in options}
    for name in _COMPARED_WITH_ALL:
        if name in filters:
            filters[name] = Terms(*(_limited(name, terms, complaints) for terms in filters[name]))
    extra = [
        (name, Terms(*(_limited(name, terms, complaints) for terms in parse_terms(text, phrases=True))))
        for name, text in options.items()
        if _is_extra(name, own)
    ]
    if len(extra) > EXTRA_LIMIT:
        message = (
            f"a query filters by at most {EXTRA_LIMIT} fields of your own: {len(extra) - EXTRA_LIMIT:,} are ignored"
        )
        complaints.append(Complaint(Kind.INVALID_OPTION, message))
    texts = {name: text for name, text in options.items() if is_filter(name, own) or name in _ORDERS}
    complaints += [
        _empty(name) for name, text in texts.items() if not parse_terms(text) and not _may_be_empty(name, own)
    ]
    sort = []
    order = parse_terms(options.get("sort", ""))
    for key in order.unwanted:
        message = f"'sort' reverses an order with {shown(f'-{key}')}, not with {shown(f'!{key}')}"
        complaints.append(Complaint(Kind.INVALID_OPTION, message))
    for key in _limited("sort", order.wanted, complaints):
        if _may_be_field(key.removeprefix("-"), own):
            sort.append(key)
        else:
            complaints.append(_unknown_field("sort", key.removeprefix("-")))
    group = options.get("group-by", "").strip()
    if group and not _may_be_field(group, own):
        complaints.append(_unknown_field("group-by", group))
        group = ""
    limit: int | None = None
    if "limit" in options:
        limit = whole_number(options["limit"])
        if limit is None:
            message = must_be("'limit'", f"a whole number up to {LARGEST:,}", shown(options["limit"]))
            complaints.append(Complaint(Kind.INVALID_OPTION, message))
    kept = tuple(sorted((name, terms) for name, terms in extra[:EXTRA_LIMIT] if terms or _may_be_empty(name, own)))
    return Query(**filters, extra=kept, sort=tuple(sort), group=group, limit=limit), complaints


def _may_be_field(key: str, own: Callable[[str], bool] | None) -> bool:
    return find_field(key) is not None or _is_own(key, own)


def bound(query: Query, registry: Registry) -> Query:
    """Return a query for one registry: with the spelling of its fields, and without fields that it does not declare.

    A filter by a boolean without a value asks for true. Custom (``x-``) fields are kept in any case.
    """
    if not (query.extra or query.sort or query.group):
        return query
    extra = []
    for name, terms in query.extra:
        spelled = _spelled(name, registry)
        if field := find_field(spelled, registry):
            is_flag = field.type in _FLAGS
            found = Terms(*(tuple(map(_truth, part)) for part in terms or _TRUE)) if is_flag else terms
            if found:
                extra.append((spelled, found))
    sort = tuple(key for key in query.sort if find_field(key.removeprefix("-"), registry) is not None)
    group = query.group if find_field(query.group, registry) is not None else ""
    return query._replace(extra=tuple(extra), sort=sort, group=group)


_TRUE = Terms(("true",))
_TRUTHS = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def _truth(term: str) -> str:
    """Return a term for a boolean as registries record it."""
    word = term.lower()
    return _TRUTHS.get(word, word)


def parse_query_text(text: str, own: Callable[[str], bool] | None = None) -> tuple[Query, list[Complaint]]:
    """Take one line such as ``service=Auth backend=redis``; return a query and complaints. ``all`` has no filters.

    *own* is as in :func:`parse_query`.
    """
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
        if word.endswith(":") and is_filter(word[:-1], own):
            message = f"{shown(word)} is not a filter: write '=' and no blank after its name, as in 'service=Auth'"
            complaints.append(Complaint(Kind.INVALID_OPTION, message))
        elif not equals and before.endswith(":") and is_filter(before[:-1], own):
            continue  # its value
        elif not equals:
            complaints.append(Complaint(Kind.INVALID_OPTION, _not_a_filter(word, before, own)))
        elif not is_filter(name, own):
            near = "; did you mean 'match'?" if name == "name" else did_you_mean(name, (*FILTERS, *FIELD_FILTERS))
            message = f"unknown filter {shown(name)}{near}"
            complaints.append(Complaint(Kind.UNKNOWN_OPTION, message))
        else:
            options[name] = f"{options[name]},{value}" if name in options else value
    query, more = parse_query(options, own)
    return query, complaints + more


def _not_a_filter(word: str, before: str, own: Callable[[str], bool] | None) -> str:
    """Return the complaint about a word without ``=``; *before* is the word in front of it."""
    if word in FILTERS or word in FIELD_FILTERS:
        example = "true" if word in _FLAG_FILTERS else "..."
        return f"{shown(word)} has no value: write '{word}={example}'"
    message = f"{shown(word)} is not a filter"
    if "=" in before:
        name, _, value = before.partition("=")
        return f'{message}: put a value with blanks in quotation marks, as in {name}="{value} {word}"'
    # A service, whose name begins with a capital letter, is meant more often than a field.
    is_flag = _is_own(word, own) and not word[:1].isupper()
    flag = f"; a field that is true or false is written '{word}=true'" if is_flag else ""
    return f"{message}: write one such as 'service=Auth' or 'tag=lock', or 'all'{flag}"


def check_query(
    query: Query,
    registry: Registry,
    suggest: Suggest | None = None,
    hidden: Registry | None = None,
    unknown: Callable[[str], Complaint] | None = None,
    values: dict[str, frozenset[str]] | None = None,
) -> list[Complaint]:
    """Return complaints about names in a query that the registry does not have.

    *suggest* adds similar names to a message. Pass one with a shared budget to check many queries. *hidden* has the
    stores that are left out of the registry: a filter may exclude them again. *unknown* takes the name of a filter
    that is none, and returns the complaint about it. *values* keeps the values of fields: pass the same one to check
    many queries of one registry.
    """
    suggest = suggest or Suggestions().did_you_mean
    unknown = unknown or (lambda name: unknown_filter(name, registry))
    values = {} if values is None else values
    # Custom fields are looked for below.
    plain = [
        (name, terms) for name, terms in query.extra if not name.startswith(CUSTOM) and name not in FIELD_FILTERS
    ]
    complaints = [unknown(name) for name, _ in plain if find_field(_spelled(name, registry), registry) is None]
    complaints += [
        _empty(name)
        for name, terms in plain
        if not terms and (own := registry.own_fields.get(_spelled(name, registry))) and own.type not in _FLAGS
    ]
    for option, keys in (("sort", [key.removeprefix("-") for key in query.sort]), ("group-by", [query.group])):
        complaints += [
            _unknown_field(option, key, registry) for key in keys if key and find_field(key, registry) is None
        ]
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
        if key.startswith(CUSTOM) and key not in registry.extra_fields and key not in registry.own_fields:
            near = suggest(key, registry.extra_fields)
            complaints.append(Complaint(Kind.UNKNOWN_COLUMN, f"no store has a field {shown(key)}{near}"))
    for name, terms in bound(query, registry).extra:
        field = find_field(name, registry)
        if field is None:
            continue
        if name not in values:
            texts = {as_text(field.recorded(store, registry)) for store in registry.stores}
            values[name] = frozenset(_items(texts - {""}))
        if complaint := _unmatched(field, terms, values[name], suggest):
            complaints.append(complaint)
    return complaints


def _unmatched(field: Field, terms: Terms, values: Collection[str], suggest: Suggest) -> Complaint | None:
    """Return a complaint about the first term that fits no value which some store has or, of a few, may have."""
    possible = ("true", "false") if field.type in _FLAGS else field.choices
    for term in (*terms.wanted, *terms.unwanted) if possible else terms.wanted if values else ():
        if _WILDCARD.search(term):
            if term in terms.unwanted or any(map(matcher((term,)), {*possible, *values})):
                continue
        elif term in possible or term in values:
            continue
        message = f"{shown(term)} matches no value of {shown(field.key)}"
        if possible and not _WILDCARD.search(term):
            near = suggest(term, possible) or f": use one of {', '.join(map(shown, possible[:_VALUES_NAMED]))}"
            return Complaint(Kind.INVALID_OPTION, f"{message}{near}")
        return Complaint(Kind.UNMATCHED_PATTERN, f"{message}: '*' matches any characters")
    return None


def unknown_filter(name: str, registry: Registry) -> Complaint:
    """Say that there is no such filter, and which one may be meant."""
    near = did_you_mean(name, (*FILTERS, *FIELD_FILTERS, *registry.own_fields))
    return Complaint(Kind.UNKNOWN_OPTION, f"unknown filter {shown(name)}{near}")


def _empty(name: str) -> Complaint:
    message = f"{name!r} is empty, so it has no effect: give it a value, or remove it"
    return Complaint(Kind.INVALID_OPTION, message)


def select(registry: Registry, query: Query) -> tuple[Store, ...]:
    """Return the stores that a query selects, in its order; an unknown name selects none. Raises nothing."""
    return arranged(registry, query, filtered(registry, query))


def filtered(registry: Registry, query: Query) -> Sequence[Store]:
    """Return the stores that the filters of a query let pass, sorted by name.

    The filter with the fewest matching stores in an index is applied first, so the cost of a filter by service
    depends on the service's stores, not on the whole registry.
    """
    query = bound(query, registry)
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

    A query without filters asks for none, and so does one with a filter that the registry does not declare: the
    other filters alone would ask for more. What names them in the fields and the guide goes, too, and so does a
    service that owns no other store and neither reads nor writes one.
    """
    chosen = [
        store
        for query in queries
        if _is_filtering(query) and all(find_field(_spelled(name, registry), registry) for name, _ in query.extra)
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


def _unknown_field(option: str, key: str, registry: Registry | None = None) -> Complaint:
    near = field_hint(key, "fields", registry)
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
        if (field := find_field(name, registry)) is not None:
            yield _extra_test(field, registry, terms)


def _exact_test(terms: Terms, values: Callable[[Store], tuple[str, ...]]) -> Callable[[Store], bool]:
    wanted, unwanted = frozenset(terms.wanted), frozenset(terms.unwanted)
    return lambda store: (not wanted or not wanted.isdisjoint(values(store))) and unwanted.isdisjoint(values(store))


def _spelled(name: str, registry: Registry) -> str:
    """Return the name of a field as the registry has it: reStructuredText makes that of an option lower case."""
    if name in registry.own_fields or name in registry.extra_fields:
        return name
    for known in (registry.own_fields, registry.extra_fields, registry.facts):
        if found := [field for field in known if field.lower() == name.lower()]:
            return min(found)
    return name


def _items(texts: Iterable[str]) -> set[str]:
    """Return the values that a filter compares: each text, and the items of a list, which is a text with commas."""
    return {item for text in texts for item in (text, *text.split(", "))}


def _extra_test(field: Field, registry: Registry, terms: Terms) -> Callable[[Store], bool]:
    wanted, unwanted = matcher(terms.wanted), matcher(terms.unwanted)
    recorded = field.recorded

    def test(store: Store) -> bool:
        text = as_text(recorded(store, registry))
        if not text:
            return not terms.wanted
        items = _items((text,))
        return (not terms.wanted or any(map(wanted, items))) and not any(map(unwanted, items))

    return test


@lru_cache(maxsize=256)
def matcher(patterns: tuple[str, ...]) -> Callable[[str], object]:
    """Return a function that matches a name against globs. Cached, because a page uses each query several times."""
    names = frozenset(pattern for pattern in patterns if not _WILDCARD.search(pattern))
    globs = [translate(pattern) for pattern in patterns if _WILDCARD.search(pattern)]
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
