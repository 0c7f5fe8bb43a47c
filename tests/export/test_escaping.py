"""Every export with the same nasty texts: each is read back as the text that it was."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from csharp_source import Source
from jsonschema import Draft202012Validator
from markdown_readers import READERS
from nasty import BREAKS, VALUES, registry_text, store_name

from sphinx_statestores.export.csharp import to_csharp
from sphinx_statestores.export.csv_rows import to_csv
from sphinx_statestores.export.json_document import to_json
from sphinx_statestores.export.markdown import to_markdown
from sphinx_statestores.export.template import render
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import Registry
from sphinx_statestores.registry.problems import Severity
from sphinx_statestores.registry.source import SourceText

PATH = "schemas/a\n#error \u2028b.yaml"
#: Stores -> the text that is their purpose.
PURPOSES = {store_name(name): text for name, text in VALUES.items()}
SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "registry-export.schema.json"


@cache
def registry() -> Registry:
    found, problems = load_sources([SourceText(PATH, registry_text(), "")])
    assert not [problem for problem in problems if problem.severity is Severity.ERROR]
    assert {store.name: store.purpose for store in found.stores} == PURPOSES
    return found


def with_fields(**fields: str) -> Registry:
    """Return a registry of one store, with fields that no reader would let through."""
    found, _ = load_sources(
        [SourceText("a.yaml", "x-state-stores:\n  a: {backend: mysql, service: A, purpose: p}\n", "")]
    )
    changed = {"extra": (("x-note", fields.pop("note")),)} if "note" in fields else {}
    return Registry((found.stores[0]._replace(**fields, **changed),), found.services)  # type: ignore[arg-type]


# -- Markdown -----------------------------------------------------------------------------

#: All that the page is made of.
BLOCKS = {
    "heading",
    "blockquote",
    "paragraph",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "bullet_list",
    "list_item",
}
SINGLE = {"inline", "fence", "hr"}


@pytest.mark.parametrize("parser", READERS)
def test_markdown(parser: str) -> None:
    """The page has the blocks and cells of any page, and every text in them is read as it was written."""
    page = to_markdown(registry())
    tokens = READERS[parser]().parse(page)
    assert {token.type.removesuffix("_open").removesuffix("_close") for token in tokens} <= BLOCKS | SINGLE

    def said(position: int) -> str:
        """The text of an inline token; there is no markup in it but code, and what the page itself has."""
        return "".join(child.content or ("\n" if child.type == "softbreak" else "") for child in inline(position))

    def inline(position: int) -> list[Any]:
        return tokens[position].children or []

    cells = [position + 1 for position, token in enumerate(tokens) if token.type == "td_open"]
    kinds = {child.type for position in cells for child in inline(position)}
    assert kinds <= {"text", "text_special", "code_inline", "html_inline"} - {"html_inline"}
    rows = [tuple(said(position) for position in cells[start : start + 4]) for start in range(0, 4 * len(VALUES), 4)]
    titles = {store.name: registry().services[store.service].title for store in registry().stores}
    assert rows == [
        (store.name, VALUES["html"], plain(titles[store.name]), plain(store.purpose)) for store in registry().stores
    ]
    guide = [tuple(map(said, cells[start : start + 3])) for start in range(4 * len(VALUES), len(cells), 3)]
    half = len(VALUES)
    label = VALUES["html"]
    assert [(row[0], row[2]) for row in guide[:half]] == [(text, plain(text)) for text in VALUES.values()]
    assert guide[half:] == [(plain(text), label, plain(text)) for text in VALUES.values()]
    headings = [said(position + 1) for position, token in enumerate(tokens) if token.type == "heading_open"]
    assert headings[5 : 5 + half] == [f"Example: {plain(text)}" for text in VALUES.values()]
    paragraphs = [said(position + 1) for position, token in enumerate(tokens) if token.type == "paragraph_open"]
    assert "\n".join(map(plain, VALUES.values())) in paragraphs
    assert f"Total: {len(VALUES)} stores ({len(VALUES)} {label})" in paragraphs
    everything = plain(" ".join(VALUES.values()))
    assert f"This document lists all state store components used in {everything}." in paragraphs
    links = [child for position in range(len(tokens)) for child in inline(position) if child.type == "link_open"]
    assert [link.attrs["href"] for link in links] == ["a%20b&lt;(c)"]
    fences = [token for token in tokens if token.type == "fence"]
    assert [fence.info for fence in fences] == ["yaml"] * half
    # Not `safe_load`: what a plain word means is not the question.
    documents: list[Any] = [yaml.compose(fence.content, yaml.SafeLoader) for fence in fences]
    assert [[(key.value, place.value) for key, place in document.value] for document in documents] == [
        [(text, text)] for text in VALUES.values()
    ]


# -- C# -----------------------------------------------------------------------------------


def test_csharp() -> None:
    """Each literal evaluates to its text, each summary is XML that says it, and there is no other code."""
    written = to_csharp(registry())
    assert written.problems == ()
    source = Source(written.text)
    constants = {store.constant: store for store in registry().stores}
    assert {name: constant.value for name, constant in source.constants.items()} == {
        name: store.name for name, store in constants.items()
    }
    assert {name: constant.summary for name, constant in source.constants.items()} == {
        name: plain(store.purpose) for name, store in constants.items()
    }
    assert source.dictionary("Metadata") == {
        name: [f"{store.service}", store.purpose, "own"] for name, store in constants.items()
    }
    assert len(source.all("field_declaration")) == len(constants) + 2
    assert len(source.all("invocation_expression")) == 0
    # No line ends elsewhere than it seems to, and nothing hides.
    assert all(line.isprintable() for line in written.text.split("\n"))
    assert written.text.split("\n") == [*written.text.splitlines(), ""]


@pytest.mark.parametrize("text", [*VALUES.values(), BREAKS], ids=[*VALUES, "breaks"])
def test_csharp_of_any_field(text: str) -> None:
    """A prefix, a table and a purpose of any characters are literals on one line."""
    written = to_csharp(with_fields(prefix=text, table=text, purpose=text)).text
    source = Source(written)
    assert source.dictionary("Configurations") == {
        "A": ["Backend = StateBackend.MySql", f"KeyPrefix = {text}", f"TableName = {text}"]
    }
    assert source.dictionary("Metadata") == {"A": ["A", text, "mysql"]}
    assert source.constants["A"].summary == plain(text)
    assert all(line.isprintable() for line in written.split("\n"))


# -- JSON ---------------------------------------------------------------------------------


def test_json() -> None:
    """The document follows its schema, and every text comes back from it."""
    document = json.loads(to_json(registry()))
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(document)) == []
    assert {store["name"]: store["purpose"] for store in document["stores"]} == PURPOSES
    for store in document["stores"]:
        text = PURPOSES[store["name"]]
        assert (store["tags"], store["since"], store["extra"]) == ([text], text, {"x-note": text})
        [key] = store["keys"]
        assert (key["pattern"], key["type"], key["ttl"], key["purpose"]) == (text, text, text, text)
    assert {service["title"] for service in document["services"]} == set(VALUES.values())
    guide = document["guide"]
    assert [line["useCase"] for line in guide["backendGuide"]] == list(VALUES.values())
    assert [example["stores"] for example in guide["deployments"]] == [{text: text} for text in VALUES.values()]
    assert document["files"] == [PATH]


@pytest.mark.parametrize("text", [*VALUES.values(), BREAKS, "\udcff\ud800"], ids=[*VALUES, "breaks", "no-text"])
def test_json_of_any_field(text: str) -> None:
    """Whatever a text holds, the document is UTF-8 and the text comes back from it."""
    document = to_json(with_fields(purpose=text))
    [store] = json.loads(document.encode("utf-8"))["stores"]
    assert store["purpose"] == text


# -- CSV ----------------------------------------------------------------------------------


def read_csv(text: str) -> list[dict[str, str]]:
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert {len(row) for row in rows} == {len(head)}
    return [dict(zip(head, row, strict=True)) for row in rows]


def is_formula(cell: str) -> bool:
    return cell.lstrip()[:1] in {*"=+-@\uff1d\uff0b\uff0d\uff20"} if cell.strip() else False


def test_csv() -> None:
    """No cell is a formula, and without the one quote that guards it each is the text that it was."""
    rows = read_csv(to_csv(registry()))
    for column in ("purpose", "tags", "since", "x-note", "keys"):
        cells = {row["name"]: row[column] for row in rows}
        assert {name: cell.removeprefix("'") for name, cell in cells.items()} == PURPOSES
        assert not [cell for cell in cells.values() if is_formula(cell)]
    assert {row["backend"] for row in rows} == {VALUES["html"]}


@pytest.mark.parametrize("text", [*VALUES.values(), BREAKS, "\r=1", "a\rb", " =1", "", "'", "\t"])
def test_csv_of_any_field(text: str) -> None:
    """A cell with line breaks of any kind is one cell, which can be undone."""
    [row] = read_csv(to_csv(with_fields(note=text, purpose=text), ("purpose", "x-note")))
    assert row["purpose"].removeprefix("'") == row["x-note"].removeprefix("'") == text
    assert not is_formula(row["purpose"])


# -- templates ----------------------------------------------------------------------------

TEMPLATE = """
{%- for store in stores -%}
{{ store.purpose }}\ue000{{ store.purpose | csharp }}\ue000{{ store.purpose | xml }}\ue000{{ store.purpose | json }}
{{- "\ue000" }}{{ store.purpose | csv }}\ue000{{ store.purpose | md }}\ue000{{ store.purpose | plain }}\ue001
{%- endfor %}"""


def test_templates(tmp_path: Path) -> None:
    """No text of a registry is a template: it is put in as it is, and through a filter as the outlet writes it."""
    (tmp_path / "t.j2").write_text(TEMPLATE, encoding="utf-8")
    text = render(tmp_path / "t.j2", registry())
    records = [record.split("\ue000") for record in text.split("\ue001")[:-1]]
    csharp = Source(to_csharp(registry()).text).text
    markdown = to_markdown(registry())
    assert [record[0] for record in records] == [store.purpose for store in registry().stores]
    for purpose, literal, xml, as_json, cell, md, bare in records:
        assert f", {literal}, " in csharp
        assert "<" not in xml
        assert json.loads(as_json) == purpose
        assert next(csv.reader([cell]))[0].removeprefix("'") == purpose
        assert f"| {md} |\n" in markdown
        assert bare == plain(purpose)
