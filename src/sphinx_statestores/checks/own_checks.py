"""A registry -> problems found by its own demands: ``required`` of its fields, and the rules of ``x-rules``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.fields import FieldType, find_field, find_file_field, may_be_own
from sphinx_statestores.registry.problems import Kind, Problem, Severity
from sphinx_statestores.registry.query import parse_query_text
from sphinx_statestores.registry.query_check import check_query
from sphinx_statestores.registry.quoting import escaped, listed, printable, shown
from sphinx_statestores.registry.selection import matcher, select
from sphinx_statestores.registry.suggest import Suggestions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sphinx_statestores.registry.fields import Field
    from sphinx_statestores.registry.model import OwnRule, Registry, Store
    from sphinx_statestores.registry.problems import Location
    from sphinx_statestores.registry.suggest import Suggest

#: Complaints about a query that may be right: it is about stores that do not exist yet.
_MAY_BE_RIGHT = frozenset({Kind.UNKNOWN_TAG, Kind.UNMATCHED_PATTERN})
#: The maximum number of terms in a query of a registry: every store is compared with each.
TERMS_LIMIT = 50


def check_own(registry: Registry) -> Iterator[Problem]:
    """Find stores that lack a required field, or break a rule; and rules that cannot be checked.

    Each rule takes time for the number of stores that it applies to, and each term of a query for that of all stores.
    """
    suggest = Suggestions().did_you_mean
    values: dict[str, frozenset[str]] = {}

    def selected(text: str, what: str, location: Location) -> tuple[Iterable[Store], list[Problem]]:
        return _selected(registry, text, what, location, suggest, values)

    for field in registry.guide.fields:
        if field.required:
            what = f"'required' of the field {escaped(field.name)}"
            stores, problems = selected(field.required, what, field.places.of("required"))
            yield from problems
            column = find_field(field.name, registry)
            lacking = (store for store in stores if column and not _is_given(column, store, registry))
            for store in lacking:
                message = f"the store {shown(store.name)} has no {escaped(field.name)}: add '{field.name}: ...' to it"
                yield Problem(Kind.REQUIRED_FIELD, message, store.location, store=store.name)
    for rule in registry.guide.rules:
        what = f"'when' of the rule {escaped(rule.name)}"
        stores, problems = selected(rule.when, what, rule.places.of("when"))
        yield from problems
        checks = list(_checks(rule, registry))
        for store in stores:
            for check in checks:
                if fault := check.fault(store):
                    message = f"rule {rule.name}: {fault}" + (f" ({rule.message})" if rule.message else "")
                    location = store.places.of(check.place)
                    yield Problem(Kind.OWN_RULE, printable(message), location, rule.severity, store.name, rule.name)


def _selected(
    registry: Registry,
    text: str,
    what: str,
    location: Location,
    suggest: Suggest,
    values: dict[str, frozenset[str]],
) -> tuple[Iterable[Store], list[Problem]]:
    """Return the stores that a query in one line selects, and problems of the query: with one, it selects none."""
    query, complaints = parse_query_text(text, may_be_own)
    if query.size > TERMS_LIMIT:
        message = f"{what} has {query.size:,} terms: write at most {TERMS_LIMIT}, or a pattern such as 'match=auth-*'"
        return (), [Problem(Kind.INVALID_QUERY, message, location)]
    complaints += check_query(query, registry, suggest, values=values)
    problems = [
        Problem(
            Kind.INVALID_QUERY,
            f"{what}: {complaint.message}",
            location,
            Severity.INFO if complaint.kind in _MAY_BE_RIGHT else None,
        )
        for complaint in complaints
    ]
    is_sound = all(complaint.kind in _MAY_BE_RIGHT for complaint in complaints)
    return (select(registry, query) if is_sound else ()), problems


class _Check(NamedTuple):
    """One demand of a rule."""

    #: The field that a problem stands at; empty for the name of the store.
    place: str
    #: Takes a store; returns what is wrong with it, and what to do, or an empty text.
    fault: Callable[[Store], str]


def _checks(rule: OwnRule, registry: Registry) -> Iterator[_Check]:
    for name in rule.require:
        if field := find_file_field(name, registry):
            yield _required(name, field, registry)
    for name in rule.forbid:
        if field := find_file_field(name, registry):
            yield _forbidden(name, field, registry)
    for name, globs in rule.match:
        if field := find_file_field(name, registry):
            yield _matching(name, field, globs, registry)


def _required(name: str, field: Field, registry: Registry) -> _Check:
    def fault(store: Store) -> str:
        if _is_given(field, store, registry):
            return ""
        example = "true" if field.type is FieldType.FLAG else "..."
        return f"the store {shown(store.name)} needs {escaped(name)}: add '{name}: {example}' to it"

    return _Check("", fault)


def _forbidden(name: str, field: Field, registry: Registry) -> _Check:
    def fault(store: Store) -> str:
        # What is not in the file is a default, which nobody can remove.
        if name not in store.places.names or not _is_given(field, store, registry):
            return ""
        return f"the store {shown(store.name)} must not have {escaped(name)}: remove it"

    return _Check(name, fault)


def _matching(name: str, field: Field, globs: tuple[str, ...], registry: Registry) -> _Check:
    matches = matcher(globs)
    wanted = listed((shown(glob) for glob in globs), len(globs), "or")

    def fault(store: Store) -> str:
        value = field.recorded(store, registry)
        for text in (value,) if isinstance(value, str) else value:
            if text and not matches(text):
                return f"{escaped(name)} of the store {shown(store.name)} is {shown(text)}: it must match {wanted}"
        return ""

    return _Check(name, fault)


def _is_given(field: Field, store: Store, registry: Registry) -> bool:
    """Return whether a store has a field; a flag that is false counts as missing."""
    value = field.recorded(store, registry)
    return value == "true" if field.type is FieldType.FLAG else bool(value)
