"""How far an edit of the registry reaches: which questions it may give another answer to.

Most edits are to one store: its purpose, its prefix. Then most questions need not be answered to know that their
answers are the same. What reaches further, or might, is left to whoever compares the answers themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.query import select
from sphinx_statestores.sphinx_ext.questions import (
    CountQuestion,
    EntriesQuestion,
    EntryQuestion,
    LabelQuestion,
    LinkQuestion,
    LiteralQuestion,
    ServiceQuestion,
    TableQuestion,
    TotalsQuestion,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.registry.model import Key, Registry, Store
    from sphinx_statestores.registry.query import Query
    from sphinx_statestores.sphinx_ext.questions import Question

#: What decides which stores a question is about, where links land and what they are called on other pages. An edit of
#: any of these is not looked at here.
_DECISIVE = ("name", "backend", "service", "status", "replaced_by", "readers", "writers", "tags")
#: What may be edited: told of the store itself, and of no other.
_TOLD = ("purpose", "prefix", "table", "enable_search", "since", "extra")


class Edit(NamedTuple):
    """What differs between two registries that are the same but for what is told of single stores."""

    #: The names of the stores of which something else is told.
    changed: frozenset[str]
    #: The names of those that stand elsewhere in their file.
    moved: frozenset[str]


def find_edit(before: Registry, after: Registry) -> Edit | None:
    """Return what differs between two registries; None when it is more than what is told of single stores."""
    if before.names != after.names or before.backends != after.backends or before.guide != after.guide:
        return None
    # A column is left away when no store at all has its field.
    if _titles(before) != _titles(after) or before.extra_fields != after.extra_fields:
        return None
    changed, moved = set(), set()
    for old, new in zip(before.stores, after.stores, strict=True):
        if old is new:
            continue
        if _values(old, _DECISIVE) != _values(new, _DECISIVE):
            return None
        if _values(old, _TOLD) != _values(new, _TOLD) or _keys(old.keys) != _keys(new.keys):
            changed.add(new.name)
        if old.places != new.places:
            moved.add(new.name)
    return Edit(frozenset(changed), frozenset(moved))


def may_reach(edit: Edit, question: Question, registry: Registry, columns: Iterable[str]) -> bool:
    """Return whether a question may have another answer after an edit; *columns* are those of the project."""
    if isinstance(question, ServiceQuestion):
        question = question.shown
    if isinstance(question, (LinkQuestion, LiteralQuestion)):
        return question.name in edit.changed
    if isinstance(question, LabelQuestion):
        return False
    if isinstance(question, EntryQuestion):
        return question.name in edit.changed or question.name in edit.moved
    if isinstance(question, TableQuestion):
        query = question.query
        fields = {*(question.columns or columns), query.group, *(key.removeprefix("-") for key in query.sort)}
        return _may_select(edit.changed | edit.moved if "source" in fields else edit.changed, query, registry)
    if isinstance(question, EntriesQuestion):
        return _may_select(edit.changed | edit.moved, question.query, registry)
    if isinstance(question, (TotalsQuestion, CountQuestion)):
        return _may_select(edit.changed, question.query, registry)
    return True


def decides_by_what_is_told(question: Question) -> bool:
    """Return whether what is told of stores decides which ones a question is about.

    Then an edit may move the places where links land.
    """
    shown = question.shown if isinstance(question, ServiceQuestion) else question
    return isinstance(
        shown, (TableQuestion, EntriesQuestion, TotalsQuestion, CountQuestion)
    ) and _looks_at_what_is_told(shown.query)


def _looks_at_what_is_told(query: Query) -> bool:
    # It may be what a store is found by, or what decides whether it is among the first.
    return bool(query.search) or query.limit is not None


def _may_select(names: frozenset[str], query: Query, registry: Registry) -> bool:
    if _looks_at_what_is_told(query):
        return True
    wanted = frozenset(query.service.wanted)
    if wanted and not any(registry.by_name[name].service in wanted for name in names):
        return False
    return any(store.name in names for store in select(registry, query))


def _titles(registry: Registry) -> list[tuple[str, str, str]]:
    return [(service.name, service.title, service.docs) for service in registry.services.values()]


def _values(store: Store, fields: tuple[str, ...]) -> list[object]:
    return [getattr(store, field) for field in fields]


def _keys(keys: tuple[Key, ...]) -> list[tuple[str, ...]]:
    return [key[:4] for key in keys]
