"""Registry -> CSV: one store a row, the columns of tables."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.export.csv_rows import FORMAT, cell, to_csv
from sphinx_statestores.export.format import ExportError
from sphinx_statestores.registry.fields import FIELDS
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Registry


def read(text: str) -> Registry:
    return load_sources([SourceText("schemas/stores.yaml", text, "")])[0]


STORES = """\
x-services: {A: Service A}
x-state-stores:
  b: {backend: mysql, service: A, purpose: "say \\"b\\", or not", tags: [x, y], x-team: t, x-area: z, colour: red}
  a: {backend: redis, prefix: 'a:b', service: A, purpose: p, enableSearch: true}
"""


def test_all_columns() -> None:
    """Without a choice the columns are all fields of the format, then those of the project's own by name."""
    head, *rows = csv.reader(to_csv(read(STORES)).splitlines(), strict=True)
    assert head == [*FIELDS, "x-area", "x-team"]
    first, second = (dict(zip(head, row, strict=True)) for row in rows)
    assert (first["name"], first["backend"], first["service"], first["prefix"], first["search"]) == (
        "a",
        "Redis",
        "Service A",
        "a:b",
        "yes",
    )
    assert (second["table"], second["tags"], second["source"], second["x-team"]) == (
        "b",
        "x, y",
        "schemas/stores.yaml:3",
        "t",
    )


def test_chosen_columns() -> None:
    """Chosen columns come in their order, and a cell with a quote or a comma is in quotes."""
    assert to_csv(read(STORES), ("purpose", "name", "x-team")) == (
        'purpose,name,x-team\np,a,\n"say ""b"", or not",b,t\n'
    )


def test_one_empty_column() -> None:
    """A row of one empty cell is not an empty line."""
    assert to_csv(read(STORES), ("since",)) == 'since\n""\n""\n'


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("bakend", "unknown column 'bakend'; did you mean 'backend'?"),
        ("x-tem", "unknown column 'x-tem'; did you mean 'x-team'?"),
        ("colour", "unknown column 'colour'; the columns are name, backend, service, purpose, prefix, table, "),
    ],
)
def test_columns_that_there_are_not(column: str, message: str) -> None:
    """A column that no store has is refused, with the one that may have been meant."""
    with pytest.raises(ExportError) as raised:
        to_csv(read(STORES), ("name", column))
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("plain - text", "plain - text"),
        ("a,b", '"a,b"'),
        ('a"b', '"a""b"'),
        ("a\nb", '"a\nb"'),
        ("a\rb", '"a\rb"'),
        (" a", '" a"'),
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@a", "'@a"),
        (" =1", "' =1"),
        ("'a", "''a"),
        ("'", "''"),
        ("\ta", "'\ta"),
        ('=a"', '"\'=a"""'),
    ],
)
def test_cells(text: str, written: str) -> None:
    """A cell is in quotes where it has to be, and guarded where a spreadsheet would calculate it."""
    assert cell(text) == written


def test_no_store() -> None:
    """A registry without stores gives the head alone."""
    assert to_csv(read("x-state-stores: {}"), ("name", "backend")) == "name,backend\n"


DECLARED = """\
x-fields:
  tier: {type: [low, high], label: Service Tier}
  indirectOnly: boolean
  unused: list
x-state-stores:
  a: {backend: redis, service: A, purpose: p, tier: high, indirectOnly: true, x-team: t, sensitive: [email, name]}
  b: {backend: redis, service: A, purpose: p, indirectOnly: false, rebuildable: false, classification: public}
"""


def test_declared_fields() -> None:
    """Declared fields are columns in their order, also without values, before other fields of the project's own."""
    head, *rows = csv.reader(to_csv(read(DECLARED)).splitlines(), strict=True)
    assert head == [*FIELDS, "tier", "indirectOnly", "unused", "x-team"]
    assert [row[-8:] for row in rows] == [
        ["", "", "", "email, name", "high", "yes", "", "t"],
        ["public", "", "no", "", "", "no", "", ""],
    ]
    assert to_csv(read(DECLARED), ("tier", "name")) == "tier,name\nhigh,a\n,b\n"
    with pytest.raises(ExportError, match="unknown column 'teir'; did you mean 'tier'"):
        to_csv(read(DECLARED), ("teir",))


@pytest.mark.parametrize(
    ("head", "is_ours"),
    [
        (",".join((*FIELDS, "tier", "indirectOnly")), True),
        ("name,backend,service,purpose,prefix,table,constant,source,status,replaced-by,tier", True),
        ("name,backend,service,owner,contact", False),
        ("name,backend,service", True),
        ("name,x-team", True),
        ("id,name,email", False),
        ("name,backend,tier", False),
        ("name,backend,service,an e-mail", False),
    ],
)
def test_whose_file_it_is(head: str, is_ours: bool) -> None:
    """A file is an earlier output if its columns are known, or if it has all fields and others could be declared."""
    assert FORMAT.recognizes(f"{head}\n1,2,3\n") is is_ours
