"""What is found becomes a registry that loads, at the cost of loading it a few times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.imports import importer_called, registry_file
from sphinx_statestores.imports.format import Data, FoundStore, Imported, ImportOptions, Section
from sphinx_statestores.imports.registry_file import combine
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.problems import Kind, Location
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.problems import Problem

SOUND: dict[str, Data] = {"backend": "redis", "service": "A"}


def store(name: str, line: int, **fields: Data) -> FoundStore:
    """Make a store that was found in a line."""
    return FoundStore(name, {**SOUND, **fields}, Location("x.csv", line), {"prefix": line + 100})


def test_a_field_or_a_store_is_left_out() -> None:
    """A field that cannot be is left out at its own line, a store without what it needs too; the rest stays."""
    found = combine(
        [
            Imported(
                (
                    store("a", 1, prefix="a b"),
                    store("b", 2, service="no name"),
                    store("c", 3, table="t" * 70, backend="mysql"),
                    store("d", 4, keys=[{"pattern": "\x07"}]),
                    store("e", 5),
                )
            )
        ]
    )
    assert [(found.name, sorted(found.fields)) for found in found.stores] == [
        (name, ["backend", "service"]) for name in "acde"
    ]
    assert [(p.location.line, p.kind) for p in found.problems] == [
        (101, Kind.INVALID_VALUE),
        (2, Kind.INVALID_NAME),
        (3, Kind.INVALID_VALUE),
        (4, Kind.INVALID_VALUE),
    ]


def test_a_section_is_left_out() -> None:
    """A section with an error is left out, and named; another one and the stores stay."""
    sections = {
        "x-backend-guide": Section([{"useCase": "U", "backend": "nope"}], Location("p.md", 9)),
        "x-services": Section({"A": "An A"}, Location("p.md", 8)),
    }
    found = combine([Imported((store("a", 1),), sections)])
    assert (len(found.stores), list(found.sections)) == (1, ["x-services"])
    assert [(p.kind, p.location) for p in found.problems] == [(Kind.UNKNOWN_BACKEND, Location("p.md", 9))]


def test_a_registry_without_a_sound_store() -> None:
    """Where nothing is left, there are no stores, and each field that they lack has one problem, which names them."""
    found = combine([Imported((FoundStore("a", {}, Location("x", 1)), FoundStore("b", {}, Location("x", 2))))])
    assert found.stores == ()
    assert [(str(p.location), p.kind, p.message.endswith("'a', 'b'")) for p in found.problems] == [
        ("x:1", Kind.MISSING_FIELD, True),
        ("x:1", Kind.MISSING_FIELD, True),
    ]


@pytest.mark.parametrize("row", ["s{n},redis,", "s{n},,A", "s{n},kafka{n},A", "s{n},redis,../{n}", "s{n},redis,A"])
def test_wrong_rows_cost_what_right_ones_do(row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many stores are wrong, what is found is loaded a fixed number of times."""

    def loads(number: int) -> int:
        calls = 0

        def counted(sources: Iterable[SourceText | Problem]) -> tuple[Registry, list[Problem]]:
            nonlocal calls
            calls += 1
            return load_sources(sources)

        monkeypatch.setattr(registry_file, "load_sources", counted)
        text = "name,backend,service\n" + "".join(f"{row.format(n=n)}\n" for n in range(number))
        combine([importer_called("csv").read(SourceText("x.csv", text, ""), ImportOptions())])
        return calls

    assert loads(5) == loads(100) <= 3
