"""A registry is the same after it has been written as a page, and read again."""

from __future__ import annotations

from pathlib import Path

import pytest
from nasty import VALUES

from sphinx_statestores.cli import main
from sphinx_statestores.export.csv_rows import to_csv
from sphinx_statestores.export.json_document import to_json
from sphinx_statestores.export.markdown import to_markdown
from sphinx_statestores.imports import FORMATS, importer_called, recognized
from sphinx_statestores.imports.documents import raw_of
from sphinx_statestores.imports.format import Data, ImportOptions
from sphinx_statestores.imports.registry_file import combine
from sphinx_statestores.imports.writer import store_text
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.loader import load, load_sources
from sphinx_statestores.registry.model import Registry, Service, Store
from sphinx_statestores.registry.places import NOWHERE, places_at
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.reader import read_document
from sphinx_statestores.registry.source import SourceText

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "GENERATED-STATE-STORES.md"


def test_the_page_of_the_repository(repository: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The generated page, imported and generated again, is the same page, and nothing of it warns."""
    assert main(["import", str(PAGE), "-o", "schemas/state-stores.yaml"]) == 0
    capfdbinary.readouterr()
    assert main(["generate", "markdown"]) == 0
    assert capfdbinary.readouterr().out == PAGE.read_bytes()
    kinds = {problem.kind for problem in load([repository / "schemas" / "state-stores.yaml"])[1]}
    assert kinds == set()


OTHER = """\
x-backends: {kafka: Apache Kafka}
x-services: {OrderTaking: Order taking}
x-naming-conventions:
  - {pattern: "{service}-*", backends: [redis, kafka], description: "Any | `code|bar` name"}
x-backend-guide:
  - {useCase: "*Logs*", backend: kafka, rationale: "Replay, see http://x.example/_a_"}
  - {useCase: Search, backend: redis, enableSearch: true, rationale: Index}
x-deployments:
  - {title: "One #", note: "First\\nSecond", stores: {orders: "kafka:9092", "odd name": "- x"}}
x-reference:
  project: The *Shop*
  regenerate: make `docs`
  deployments: "First\\nparagraph\\n\\n- and a second"
  closing: {label: "A [b]", href: "a b.md", text: "for more, $1"}
x-generated-code: {path: gen/Stores.cs, class: Shop.Stores, names: [orders]}
x-state-stores:
  orders: {backend: kafka, service: OrderTaking, purpose: "`a` | b \\\\ c_d *e* <br> &amp; [x](y) # z"}
  odd-name-x: {backend: postgresql, service: Z9, purpose: "lone ` tick, ``two ` in``"}
  empty: {backend: redis, service: Z9, purpose: "~~no~~ yes"}
"""


def test_a_page_of_another_registry() -> None:
    """So is one with own backends, titles of services, prose of several paragraphs and markup that is none."""
    registry, problems = load_sources([SourceText("r.yaml", OTHER, "")])
    assert {problem.kind for problem in problems} <= {Kind.UNKNOWN_REFERENCE}
    page = to_markdown(registry)
    found = combine([importer_called("markdown").read(SourceText("page.md", page, ""), ImportOptions())])
    assert {problem.kind for problem in found.problems} == {Kind.UNKNOWN_BACKEND}
    again, problems = load_sources([SourceText("r.yaml", found.text(), "")])
    assert to_markdown(again) == page


def test_json_of_a_registry_with_keys() -> None:
    """The JSON export has what follows from a registry, too: a store and its keys come back without a problem."""
    text = """x-state-stores:
  carts:
    backend: redis
    service: Cart
    purpose: P
    keys:
      - {pattern: "cart:{id}", type: hash, ttl: 1h, purpose: A cart}
      - {pattern: "cart:{id}:lines"}
"""
    registry, _ = load_sources([SourceText("r.yaml", text, "")])
    document = to_json(registry)
    assert '"source"' in document
    found = combine([importer_called("json").read(SourceText("x.json", document, ""), ImportOptions())])
    assert found.problems == ()
    again, _ = load_sources([SourceText("r.yaml", found.text(), "")])
    assert [key._replace(places=NOWHERE) for key in again.stores[0].keys] == [
        key._replace(places=NOWHERE) for key in registry.stores[0].keys
    ]


def test_csv_of_a_registry() -> None:
    """The fields of every store are the same after CSV, those that are lists and those that are no field aside."""
    text = OTHER.replace("service: Z9", "service: Z9, tags: [a, b], x-note: '=1+1', since: '007'")
    registry, _ = load_sources([SourceText("r.yaml", text, "")])
    rows = to_csv(registry, ("name", "backend", "service", "purpose", "tags", "since", "x-note"))
    found = combine([importer_called("csv").read(SourceText("x.csv", rows, ""), ImportOptions())])
    again, _ = load_sources([SourceText("r.yaml", found.text(), "")])
    facts = [(s.name, s.purpose, s.tags, s.since, s.extra) for s in again.stores]
    assert facts == [(s.name, s.purpose, s.tags, s.since, s.extra) for s in registry.stores]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "text",
    ["", "\n", "---\n", "{", "[[[", "\x00", "| a |\n|---|", '"', "a: &x [*x]", "- - - -", "%YAML 9", "---\n---\n---"],
)
def test_any_text_is_read(name: str, text: str) -> None:
    """No importer raises, whatever it is given; what has no stores is said to have none."""
    found = importer_called(name).read(SourceText("x", text, ""), ImportOptions())
    assert found.stores == ()
    assert found.problems or found.notes


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("a.md", "x", "markdown"),
        ("a.csv", "x", "csv"),
        ("a.tsv", "x", "tsv"),
        ("a.yaml", "x: 1", "yaml"),
        ("a.json", "{}", "yaml"),
        ("a.yaml", "# c\n---\napiVersion: dapr.io/v1alpha1\n", "dapr"),
        ("a.yaml", "apiVersion: backstage.io/v1alpha1\n", "backstage"),
        ("a.json", '{"name": "x", "tables": [{"columns": []}]}', "tbls"),
        ("a.mdx", "---\nid: a\ncontainer_type: cache\n---\n", "eventcatalog"),
        ("<stdin>", "| a | b |\n|---|---|\n", "markdown"),
        ("a.bin", "?", ""),
    ],
)
def test_formats_are_recognized(path: str, text: str, name: str) -> None:
    """A file's ending tells its format, and its content where endings are shared."""
    assert recognized(SourceText(path, text, "")) == name


def test_missing_prefix_speaks_where_prefixes_are_given() -> None:
    """A store without a prefix is reported as soon as another store of its backend has one, and not before."""
    text = (
        "x-state-stores: {a: {backend: redis, service: A, purpose: A}, b: {backend: redis, service: A, purpose: B}}"
    )
    assert load_sources([SourceText("r.yaml", text, "")])[1] == []
    with_one = text.replace("purpose: B", "purpose: B, prefix: b")
    assert [p.kind for p in load_sources([SourceText("r.yaml", with_one, "")])[1]] == [Kind.MISSING_PREFIX]


@pytest.mark.parametrize("text", VALUES.values(), ids=VALUES)
def test_a_page_with_any_text(text: str) -> None:
    """Whatever a text of the registry holds, it is the same after a page, and so is what the page shows."""
    store = Store("a", "mysql", "A", text, places_at("r.yaml", {"": (1, 1)}))
    page = to_markdown(Registry(stores=(store,), services={"A": Service("A", "A", "", NOWHERE)}))
    found = combine([importer_called("markdown").read(SourceText("page.md", page, ""), ImportOptions())])
    again, _ = load_sources([SourceText("r.yaml", found.text(), "")])
    assert to_markdown(again) == page
    assert [plain(store.purpose) for store in again.stores] == [plain(" ".join(text.split()))]


@pytest.mark.parametrize("text", VALUES.values(), ids=VALUES)
def test_a_written_value_is_read_as_it_was(text: str) -> None:
    """Whatever a text holds, YAML reads it as that text: as a value, as an item and as a key."""
    data: dict[str, Data] = {
        "x-a": text,
        "x-b": [text, text],
        "x-c": {text: text},
        "x-d": [{text: [text], "e": text}],
    }
    document, problems = read_document(store_text("a", data), "r.yaml")
    assert problems == []
    assert document is not None
    assert raw_of(document.root) == {"a": data}
