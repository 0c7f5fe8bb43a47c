"""``statestores.json``: a registry comes back as it was, with both parsers, and a difference of it can be read."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from sphinx_statestores.export.published import Addresses, to_published
from sphinx_statestores.registry import reader
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import Key, Registry, Store
from sphinx_statestores.registry.places import NOWHERE
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.source import decode_source

LOADERS = ["CSafeLoader", "SafeLoader"] if yaml.__with_libyaml__ else ["SafeLoader"]
NO_PAGES = Addresses("A project", "", {}, {}, {})
FULL = """\
x-backends:
  kafka: {label: "Kafka: events", tables: true}
  unused: Unused
x-services:
  Auth: {title: "Who is \\"who\\"", docs: auth}
  Nobody: Without stores
x-naming-conventions:
  - pattern: "{service}"
x-state-stores:
  auth-lock:
    backend: redis
    prefix: "auth:lock"
    service: Auth
    purpose: 'Locks, # { [ "quoted" ] } \\ back - `code` &amp; <b>'
    enableSearch: true
    status: deprecated
    replacedBy: auth-log
    since: 2024-01-01
    readers: [Mail, Web]
    writers: [Web]
    tags: ["yes", "1", "null"]
    keys:
      - {pattern: "{id}:*", type: hash, ttl: 1:30, purpose: A lock}
      - {pattern: x}
    x-team: ": red"
    x-list: [a, b]
  auth-log: {backend: kafka, table: t, service: Auth, purpose: Events}
  mail: {backend: mysql, service: Mail, purpose: Letters}
"""


@pytest.fixture(params=LOADERS, autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test of this file once for each parser."""
    monkeypatch.setattr(reader, "PARSER", getattr(yaml, request.param))


def load(text: str) -> Registry:
    registry, problems = load_sources([decode_source("f", text.encode())])
    # A site may describe services whose stores it does not publish.
    assert {problem.kind for problem in problems} <= {Kind.UNUSED_SERVICE}
    return registry


def facts(registry: Registry) -> list[Any]:
    """Return all of the stores but their places."""
    return [
        store._replace(places=NOWHERE, keys=tuple(key._replace(places=NOWHERE) for key in store.keys))
        for store in registry.stores
    ]


def test_a_registry_comes_back() -> None:
    """Every field of every store, labels, titles and own fields come back; the text is the same the second time."""
    registry = load(FULL)
    text = to_published(registry, NO_PAGES)
    again = load(text)
    assert facts(again) == facts(registry)
    assert again.backends["kafka"]._replace(places=NOWHERE) == registry.backends["kafka"]._replace(places=NOWHERE)
    assert "unused" not in again.backends
    assert {name: service.title for name, service in again.services.items()} == {
        "Auth": 'Who is "who"',
        "Mail": "Mail",
    }
    assert to_published(again, NO_PAGES) == text
    assert json.loads(text)["x-state-stores"]["mail"] == {"backend": "mysql", "service": "Mail", "purpose": "Letters"}


@pytest.mark.parametrize(
    "purpose",
    [
        "\U0001f600 smile", "\u200c in \u0645\u200c\u0645", "a\xa0b", "\ufffd", "\u2027", "\U0010ffff", "\\u0041",
        "%TAG", "- a", "? b", "& c", "* d", "! e", "| f", "> g", "@ h", "`i`", "{j}", "[k]", ", l", "# m", "n: o",
        "'", "p #q", "tail\\", "~", "null", "\xad", "\x85", "\x7f", "\u2028",
    ],
)  # fmt: skip
def test_texts_are_read_the_same(purpose: str) -> None:
    """A text is the same by JSON, by libyaml and by pure Python."""
    store = Store(
        "a",
        "mysql",
        "Auth",
        purpose,
        NOWHERE,
        keys=(Key(purpose, "", "", purpose, NOWHERE),),
        extra=(("x-a", purpose),),
    )
    text = to_published(Registry((store,)), NO_PAGES)
    (found,) = json.loads(text)["x-state-stores"].values()
    assert (found["purpose"], found["keys"][0]["pattern"], found["x-a"]) == (purpose,) * 3
    document, problems = reader.read_document(text, "f")
    assert problems == []
    assert document is not None
    assert text.encode()
    read = [scalar.text for scalar in _scalars(document.root)]
    assert read.count(purpose) == 4


def _scalars(node: reader.Node) -> list[reader.Scalar]:
    if isinstance(node, reader.Scalar):
        return [node]
    children = node.items if isinstance(node, reader.Sequence) else [child for pair in node.pairs for child in pair]
    return [scalar for child in children for scalar in _scalars(child)]


def test_half_a_character_is_no_character() -> None:
    """What cannot be encoded, as in the name of a project from broken bytes, is replaced."""
    text = to_published(Registry(), Addresses("P\udc80", "", {}, {}, {}))
    assert json.loads(text)["x-published"]["project"] == "P\ufffd"
    assert text.encode()


def test_one_store_a_line() -> None:
    """A change of one store changes one line; an address is a line as well."""
    pages = {"auth-lock": "a.html#store-auth-lock", "mail": "m.html#store-mail"}
    addresses = NO_PAGES._replace(stores=pages, services={"Mail": "m.html"}, url="https://x.org/")
    before = to_published(load(FULL), addresses).splitlines()
    after = to_published(load(FULL.replace("purpose: Letters", "purpose: Mails")), addresses).splitlines()
    assert len(set(before) - set(after)) == len(set(after) - set(before)) == 1
    assert ' "mail": "m.html#store-mail"' in before
    assert not any(line.startswith("f:") for line in before)


def test_an_empty_registry() -> None:
    """A site without stores publishes a document that says so, and that can be read."""
    text = to_published(Registry(), Addresses("", "", {}, {}, {}))
    assert json.loads(text) == {"x-published": {"version": 1, "project": ""}, "x-state-stores": {}}


def test_a_very_long_name_of_a_field() -> None:
    """A field whose name is too long for a key on one line is left out; the document can be read."""
    store = Store("a", "mysql", "Auth", "p", NOWHERE, extra=((f"x-{'k' * 2000}", "v"), ("x-b", "w")))
    assert load(to_published(Registry((store,)), NO_PAGES)).stores[0].extra == (("x-b", "w"),)


def test_declared_fields_come_back() -> None:
    """Their types, labels and descriptions are published, and their values; what is demanded of stores is not."""
    registry = load("""\
x-fields:
  flag: {type: boolean, label: "A: flag", required: tag=none, export: true}
  level: {type: [low, 2, "null"], description: How much}
  time: {type: duration, default: 4h}
  cost: integer
  words: list
  day: date
x-rules: {own: {require: [flag]}}
x-state-stores:
  a:
    {backend: redis, service: A, purpose: p, flag: false, level: 2, cost: -3, words: [a, "1"], day: 2026-01-31}
  b: {backend: redis, service: A, purpose: p, level: "null", time: 1h, rebuildable: false, sensitive: [x]}
""")
    text = to_published(registry, NO_PAGES)
    again = load(text)
    assert facts(again) == facts(registry)
    assert to_published(again, NO_PAGES) == text
    fields = [
        (field.name, field.type, field.label, field.description, field.choices, field.required, field.is_exported)
        for field in again.guide.fields
    ]
    assert fields == [
        (*found[:5], "", False)
        for found in (
            (field.name, field.type, field.label, field.description, field.choices) for field in registry.guide.fields
        )
    ]
    assert again.guide.rules == ()
