"""The text of a query -> the query: filters, order, grouping and a limit; and what it complains of."""

from __future__ import annotations

import re
import shlex
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.field_hints import field_hint
from sphinx_statestores.registry.fields import CUSTOM, FIELD_FILTERS, FIELDS, FILTER_NAMES, FieldType, find_field
from sphinx_statestores.registry.messages import must_be
from sphinx_statestores.registry.numbers import LARGEST, whole_number
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx_statestores.registry.model import Registry


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
        return self.limit is None and not has_filter(self)


#: The filters, by the name that directives, roles and the command line give them.
FILTERS = FILTER_NAMES
#: The filters that compare every store with each term; the others use an index.
_COMPARED_WITH_ALL = ("match", "search")
_ORDERS = ("sort", "group-by")
#: The types of fields that are true or false: a filter by one needs no value.
FLAGS = frozenset({FieldType.FLAG, FieldType.YES_OR_NO})
_FLAG_FILTERS = frozenset(name for name in FIELD_FILTERS if FIELDS[name].type in FLAGS)
WILDCARD = re.compile(r"[*?\[]")


def has_filter(query: Query) -> bool:
    """Return whether a query has a filter."""
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
        empty_filter(name) for name, text in texts.items() if not parse_terms(text) and not _may_be_empty(name, own)
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
            complaints.append(unknown_field("sort", key.removeprefix("-")))
    group = options.get("group-by", "").strip()
    if group and not _may_be_field(group, own):
        complaints.append(unknown_field("group-by", group))
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


def empty_filter(name: str) -> Complaint:
    """Say that a filter has no value."""
    message = f"{name!r} is empty, so it has no effect: give it a value, or remove it"
    return Complaint(Kind.INVALID_OPTION, message)


def _limited(option: str, terms: tuple[str, ...], complaints: list[Complaint]) -> tuple[str, ...]:
    """Return the terms up to the limit for filters that compare every store; complain about the others."""
    found = tuple(term for term in terms if len(term) <= TERM_LENGTH)
    if option == "match":
        # A name without wildcards uses an index, so these are not limited.
        globs = tuple(islice(filter(WILDCARD.search, found), TERM_LIMIT + 1))
        if len(globs) > TERM_LIMIT:
            found = (*(term for term in found if not WILDCARD.search(term)), *globs[:TERM_LIMIT])
    else:
        found = found[:TERM_LIMIT]
    if len(found) < len(terms):
        message = (
            f"{option!r} takes at most {TERM_LIMIT} terms of {TERM_LENGTH} characters each: "
            f"{len(terms) - len(found):,} are ignored"
        )
        complaints.append(Complaint(Kind.INVALID_OPTION, message))
    return found


def unknown_field(option: str, key: str, registry: Registry | None = None) -> Complaint:
    """Say that there is no such field to sort or to group by, and which one may be meant."""
    near = field_hint(key, "fields", registry)
    return Complaint(Kind.INVALID_OPTION, f"unknown {option} field {shown(key)}{near}")
