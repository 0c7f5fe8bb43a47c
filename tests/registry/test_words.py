"""Near names, sentences, fields, totals: the words that tables and messages are made of."""

from __future__ import annotations

import pytest

from sphinx_statestores.registry.fields import FIELDS, as_text, find_field
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import BackendChoice, Convention, GeneratedCode, Registry
from sphinx_statestores.registry.phrases import (
    DEPLOYMENTS_PARAGRAPH,
    choice_backend,
    convention_backends,
    deployment_lines,
    example_constants,
    totals_text,
)
from sphinx_statestores.registry.places import Places
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.source import decode_source
from sphinx_statestores.registry.suggest import did_you_mean, near
from sphinx_statestores.registry.totals import BREAKDOWNS, Totals, totals

NOWHERE = Places("")
TEXT = """\
x-backends: {tikv: TiKV}
x-services: {Auth: Authentication}
x-state-stores:
  auth-sessions:
    backend: mysql
    service: Auth
    purpose: Sessions
    prefix: auth
    status: deprecated
    replacedBy: auth-tokens
    since: "1.0"
    enableSearch: true
    readers: [Mail, Realm]
    writers: [Mail]
    tags: [hot, core]
    keys: [{pattern: "s:{id}"}, {pattern: "s:all"}]
    x-owner-team: team a
  auth-tokens: {backend: tikv, service: Auth, purpose: Tokens}
  mail-postgres: {backend: postgres, service: Mail, purpose: Letters}
  mail-postgresql: {backend: postgresql, service: Mail, purpose: Letters}
  mail-redis: {backend: redis, service: Mail, purpose: Letters, prefix: mail}
"""


def load_text(text: str) -> Registry:
    registry, problems = load_sources([decode_source("f.yaml", text.encode())])
    # A prefix in MySQL: odd, and every field has a value.
    assert {problem.kind for problem in problems} <= {Kind.FOREIGN_FIELD}
    return registry


REGISTRY = load_text(TEXT)


def test_near_names() -> None:
    """The most similar names come first, at most as many as asked for, whatever their case."""
    assert near("redsi", ["mysql", "redis", "memory"]) == ["redis"]
    assert near("REDIS", ["rediss", "redis"]) == ["redis", "rediss"]
    assert near("auth", ["Auth", "AUTH", "mail"]) == ["Auth", "AUTH"]
    assert (
        near("auth", ["auth1", "auth2", "auth3", "auth4"], limit=2)
        == near("auth", ["auth1", "auth2", "auth3", "auth4"])[:2]
    )
    assert near("zzz", ["auth"]) == []
    assert near("auth", []) == []


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ([], ""),
        (["mail"], ""),
        (["auths"], "; did you mean 'auths'?"),
        (["auth", "auths"], "; did you mean 'auth' or 'auths'?"),
        (["auth", "auths", "authss"], "; did you mean 'auth', 'auths' or 'authss'?"),
    ],
)
def test_did_you_mean(known: list[str], text: str) -> None:
    """Near names end a message as a question; without one the message ends as it was."""
    assert did_you_mean("auth", known) == text


@pytest.mark.parametrize(
    ("counted", "text"),
    [
        (Totals(0, ()), "0 stores"),
        (Totals(1, (("Redis", 1),)), "1 store (1 Redis)"),
        (Totals(124, (("Redis", 77), ("MySQL", 47))), "124 stores (77 Redis, 47 MySQL)"),
    ],
)
def test_the_line_of_totals(counted: Totals, text: str) -> None:
    """Totals are a number of stores, in the singular for one, and what it is made of."""
    assert totals_text(counted) == text


def test_totals_by_backend() -> None:
    """Backends are counted under their labels in the registry's order; equal labels are one, absent ones none."""
    expected = (("Redis", 1), ("MySQL", 1), ("PostgreSQL", 2), ("TiKV", 1))
    assert totals(REGISTRY, REGISTRY.stores) == Totals(5, expected)
    assert totals(REGISTRY, ()) == Totals(0, ())


def test_totals_by_service() -> None:
    """Services are counted under their titles, in the order of the alphabet."""
    assert totals(REGISTRY, REGISTRY.stores[::-1], "service") == Totals(5, (("Authentication", 2), ("Mail", 3)))


@pytest.mark.parametrize("by", BREAKDOWNS)
def test_parts_add_up(by: str) -> None:
    """The parts of a total add up to it."""
    counted = totals(REGISTRY, REGISTRY.stores[1:], by)
    assert sum(number for _, number in counted.parts) == counted.total == 4


def test_every_field_of_a_full_store() -> None:
    """Each field gives the fact that its name says, with labels and titles instead of keys."""
    values = {key: field.value(REGISTRY.by_name["auth-sessions"], REGISTRY) for key, field in FIELDS.items()}
    assert values == {
        "name": "auth-sessions",
        "backend": "MySQL",
        "service": "Authentication",
        "purpose": "Sessions",
        "prefix": "auth",
        "table": "auth_sessions",
        "constant": "AuthSessions",
        "source": "f.yaml:4",
        "status": "deprecated",
        "replaced-by": "auth-tokens",
        "since": "1.0",
        "search": "yes",
        "readers": ("Mail", "Realm"),
        "writers": ("Mail",),
        "tags": ("hot", "core"),
        "physical": (),
        "keys": ("s:{id}", "s:all"),
        "classification": "",
        "retention": "",
        "rebuildable": "",
        "sensitive": (),
    }


def test_every_field_of_a_bare_store() -> None:
    """A fact that a store does not have is an empty text or no text."""
    values = {key: field.value(REGISTRY.by_name["auth-tokens"], REGISTRY) for key, field in FIELDS.items()}
    assert {key for key, value in values.items() if not value} == {
        "prefix",
        "table",
        "physical",
        "replaced-by",
        "since",
        "search",
        "readers",
        "writers",
        "tags",
        "keys",
        "classification",
        "retention",
        "rebuildable",
        "sensitive",
    }


def test_fields_are_found_by_name() -> None:
    """A field is found by its key; ``x-`` fields are made up as needed, and unknown ones are none."""
    assert find_field("backend") is FIELDS["backend"]
    assert find_field("bakcend") is None
    assert find_field("") is None
    own = find_field("x-owner-team")
    assert own is not None
    assert own.title == "Owner Team"
    assert [own.value(store, REGISTRY) for store in REGISTRY.stores] == ["team a", "", "", "", ""]


def test_field_keys_are_their_own() -> None:
    """Each field is kept under its own key, and has a heading."""
    assert all(field.key == key and field.title for key, field in FIELDS.items())


def test_several_values_are_one_text() -> None:
    """Several values are joined by commas; one stays as it is."""
    assert [as_text(value) for value in ("a", ("a", "b"), ())] == ["a", "a, b", ""]


def test_labels_of_the_guide() -> None:
    """Conventions and choices name backends by their labels, and a key that is not known by itself."""
    convention = Convention("p", ("redis", "tikv", "other"), "", "", NOWHERE)
    assert convention_backends(REGISTRY, convention) == "Redis/TiKV/other"
    assert choice_backend(REGISTRY, BackendChoice("", "redis", True, "", NOWHERE)) == "Redis + Search"
    assert choice_backend(REGISTRY, BackendChoice("", "redis", False, "", NOWHERE)) == "Redis"


def test_a_deployment_example() -> None:
    """An example is its note as comments, then one line a store with the places in a column."""
    stores = (("auth", "redis:6379"), ("a-name-that-is-too-long", "mysql:3306"))
    assert deployment_lines("One\nTwo", stores).split("\n") == [
        "# One",
        "# Two",
        "auth:                redis:6379",
        "a-name-that-is-too-long: mysql:3306",
    ]
    assert deployment_lines("", ()) == ""


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), ["C.AuthSessions", "C.AuthTokens"]),
        (("mail-redis", "gone"), ["C.MailRedis"]),
        (("gone",), ["C.AuthSessions", "C.AuthTokens"]),
    ],
)
def test_example_constants(names: tuple[str, ...], expected: list[str]) -> None:
    """The stores that are named serve as examples as far as they exist; else the first two do."""
    assert example_constants(REGISTRY, GeneratedCode("csharp", "", "", "C", names, NOWHERE)) == expected


def test_the_paragraph_on_deployments_is_one() -> None:
    """The default words on deployments hold no empty line and no blank at their ends."""
    lines = DEPLOYMENTS_PARAGRAPH.split("\n")
    assert len(lines) > 1
    assert all(line and line == line.strip() for line in lines)
