"""What a table with many columns costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sphinx_statestores.imports import normalize as module
from sphinx_statestores.imports.format import ImportOptions, Report
from sphinx_statestores.imports.normalize import Group, Row, column_names, normalize

if TYPE_CHECKING:
    import pytest


class Counted(str):
    """A text that counts how often it is compared with another one."""

    __slots__ = ()
    number: ClassVar[int] = 0

    def __eq__(self, other: object) -> bool:
        Counted.number += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_names_of_many_columns() -> None:
    """Each name is compared with few others to make it unique."""
    for columns in (100, 1000):
        Counted.number = 0
        assert len(column_names(Counted(f"c{number}") for number in range(columns))) == columns
        assert Counted.number < columns


def test_fields_of_many_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each field of a project's own is compared with few others to find those that are there twice."""
    monkeypatch.setattr(module, "_own_field", lambda name: Counted(f"x-{name}"))
    for columns in (100, 1000):
        names = ("name", "backend", "service", *(f"c{number}" for number in range(columns)))
        row = Row(dict.fromkeys(names, "redis"), 2)
        Counted.number = 0
        (store,) = normalize(Group("column", names, (row,), 1), ImportOptions({}, {}), Report("t.csv"))
        assert len(store.fields) == columns + 2
        assert Counted.number < 20 * columns
