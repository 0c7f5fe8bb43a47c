"""What others than the registry's files tell of stores: columns and sort keys, like fields of the user's own."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry.fields import FACT_FIELDS, FIELDS, find_field, may_be_own
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.numbers import size_text
from sphinx_statestores.registry.query import parse_query
from sphinx_statestores.registry.query_check import check_query
from sphinx_statestores.registry.selection import select
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Registry

TEXT = """
x-state-stores:
  a: {backend: redis, prefix: a, service: A, purpose: p}
  b: {backend: redis, prefix: b, service: A, purpose: p}
  c: {backend: redis, prefix: c, service: A, purpose: p}
"""
FACTS = {"seen-keys": {"a": "900", "b": "1204"}, "seen-bytes": {"a": "2097152", "b": "900000"}, "seen": {}}


def registry(text: str = TEXT) -> Registry:
    """Return a registry that somebody knows more about."""
    return load_sources([SourceText("r.yaml", text, "")])[0]._replace(facts=FACTS)


def names(found: Registry, sort: str) -> str:
    """Return the names of all stores in an order."""
    query, complaints = parse_query({"sort": sort}, may_be_own)
    assert not complaints
    return "".join(store.name for store in select(found, query))


def test_they_are_sorted_by_number() -> None:
    """Numbers and sizes are sorted by what they are and not by what is shown; unknown ones come first."""
    assert names(registry(), "seen-keys") == "cab"
    assert names(registry(), "-seen-keys") == "bac"
    assert names(registry(), "-seen-bytes") == "abc"


def test_they_are_filters() -> None:
    """Stores can be selected by a fact, and an unknown one is a complaint."""
    found = registry()
    query, complaints = parse_query({"seen-keys": "900, 1204", "sort": "-name"}, may_be_own)
    assert not complaints
    assert not check_query(query, found)
    assert [store.name for store in select(found, query)] == ["b", "a"]
    assert check_query(query, found._replace(facts={}))


def test_sizes_have_units() -> None:
    """A size is shown with a unit, and a store without one has an empty text."""
    found = registry()
    field = find_field("seen-bytes", found)
    assert field is not None
    assert [field.value(store, found) for store in found.stores] == ["2048 KiB", "879 KiB", ""]


def test_a_registry_without_facts_has_no_such_field() -> None:
    """Without facts, the field is unknown, and the message says what it needs."""
    found = registry()._replace(facts={})
    assert find_field("seen-keys", found) is None
    [complaint] = check_query(parse_query({"sort": "seen-keys"}, may_be_own)[0], found)
    assert "statestores_observed" in complaint.message


def test_a_field_of_the_registry_comes_first() -> None:
    """A registry that declares a field of the same name keeps it."""
    text = f"x-fields: {{seen: date}}{TEXT}".replace("purpose: p}", "purpose: p, seen: 2026-01-01}", 1)
    field = find_field("seen", registry(text))
    assert field is not None
    assert field.is_own


def test_no_field_of_the_format_is_hidden() -> None:
    """No such field has the name of one of the format."""
    assert not FACT_FIELDS.keys() & FIELDS.keys()


def test_facts_can_be_pickled_and_not_changed() -> None:
    """Facts survive pickling, and nobody can change them."""
    found = registry()
    assert pickle.loads(pickle.dumps(found)).facts == found.facts  # noqa: S301 - made here
    with pytest.raises(TypeError):
        found.facts["seen"]["a"] = "x"  # type: ignore[index]


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (10239, "10239 B"), (10240, "10 KiB"), (1_258_291, "1229 KiB"), (10 * 1024**3, "10 GiB"),
     (2**80, "1073741824 PiB")],
)  # fmt: skip
def test_size_text(number: int, text: str) -> None:
    """A size has at least two digits and no fraction."""
    assert size_text(number) == text
