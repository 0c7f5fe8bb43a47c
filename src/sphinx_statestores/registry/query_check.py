"""A query and a registry -> complaints about names that the registry does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.backend_names import BackendNames
from sphinx_statestores.registry.fields import CUSTOM, FIELD_FILTERS, as_text, find_field
from sphinx_statestores.registry.model import STATUSES, Registry
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import FILTERS, FLAGS, WILDCARD, Complaint, Terms, empty_filter, unknown_field
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.selection import bound, fits_any, items_of, matcher, spelled
from sphinx_statestores.registry.suggest import Suggestions, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sphinx_statestores.registry.fields import Field
    from sphinx_statestores.registry.query import Query
    from sphinx_statestores.registry.suggest import Suggest

#: So many values of a choice are named in a message.
_VALUES_NAMED = 20


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
    complaints = [unknown(name) for name, _ in plain if find_field(spelled(name, registry), registry) is None]
    complaints += [
        empty_filter(name)
        for name, terms in plain
        if not terms and (own := registry.own_fields.get(spelled(name, registry))) and own.type not in FLAGS
    ]
    for option, keys in (("sort", [key.removeprefix("-") for key in query.sort]), ("group-by", [query.group])):
        complaints += [
            unknown_field(option, key, registry) for key in keys if key and find_field(key, registry) is None
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
    unwanted = [term for term in query.match.unwanted if not (hidden and fits_any(hidden, term))]
    for term in (*query.match.wanted, *unwanted) if registry.stores else ():
        if not fits_any(registry, term):
            near = suggest(term.replace("*", ""), registry.names) or ": '*' matches any characters"
            complaints.append(Complaint(Kind.UNMATCHED_PATTERN, f"{shown(term)} matches no store{near}"))
    filters = [spelled(name, registry) for name, _ in query.extra]
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
            values[name] = frozenset(items_of(texts - {""}))
        if complaint := _unmatched(field, terms, values[name], suggest):
            complaints.append(complaint)
    return complaints


def _unmatched(field: Field, terms: Terms, values: Collection[str], suggest: Suggest) -> Complaint | None:
    """Return a complaint about the first term that fits no value which some store has or, of a few, may have."""
    possible = ("true", "false") if field.type in FLAGS else field.choices
    for term in (*terms.wanted, *terms.unwanted) if possible else terms.wanted if values else ():
        if WILDCARD.search(term):
            if term in terms.unwanted or any(map(matcher((term,)), {*possible, *values})):
                continue
        elif term in possible or term in values:
            continue
        message = f"{shown(term)} matches no value of {shown(field.key)}"
        if possible and not WILDCARD.search(term):
            near = suggest(term, possible) or f": use one of {', '.join(map(shown, possible[:_VALUES_NAMED]))}"
            return Complaint(Kind.INVALID_OPTION, f"{message}{near}")
        return Complaint(Kind.UNMATCHED_PATTERN, f"{message}: '*' matches any characters")
    return None


def unknown_filter(name: str, registry: Registry) -> Complaint:
    """Say that there is no such filter, and which one may be meant."""
    near = did_you_mean(name, (*FILTERS, *FIELD_FILTERS, *registry.own_fields))
    return Complaint(Kind.UNKNOWN_OPTION, f"unknown filter {shown(name)}{near}")
