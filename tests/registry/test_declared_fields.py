"""Fields that a registry declares in ``x-fields``: values, and how they are sorted, grouped, filtered and merged."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.export.changes import changes_to_json
from sphinx_statestores.registry.diff import compare
from sphinx_statestores.registry.federation import foreign_site, merge
from sphinx_statestores.registry.field_hints import field_hint
from sphinx_statestores.registry.fields import FIELDS, FieldType, find_field, may_be_own
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.own_fields import CHOICE_LENGTH, CHOICES_LIMIT, FIELDS_LIMIT, seconds_of
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.prose import texts
from sphinx_statestores.registry.query import parse_query, parse_query_text
from sphinx_statestores.registry.query_check import check_query
from sphinx_statestores.registry.selection import bound, group, select, without
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.problems import Problem

DECLARED = """\
x-fields:
  indirectOnly: {type: boolean, export: true}
  tier: {type: [low, medium, high], label: Service Tier}
  rto: {type: duration, default: 4h}
  cost: integer
  reviewed: date
  contacts: list
  onCall: service
x-services: {Auth: Authentication}
"""
STORES = """\
x-state-stores:
  a: {backend: redis, prefix: a, service: Auth, purpose: p, tier: high, rto: 30 days, cost: 100, indirectOnly: true}
  b: {backend: redis, prefix: b, service: Auth, purpose: p, tier: low, cost: 20, contacts: [ops, dev]}
  c: {backend: redis, prefix: c, service: Auth, purpose: p, rto: 90m, cost: -3, indirectOnly: false, onCall: Auth}
  d: {backend: redis, prefix: d, service: Auth, purpose: p, tier: medium, rto: 1 week, reviewed: 2025-12-31}
"""

EDITED = STORES.replace("cost: 100, indirectOnly: true", "cost: 5, indirectOnly: false, contacts: [x]")


def loaded(*texts: str) -> tuple[Registry, list[Problem]]:
    return load_sources([SourceText(f"{number}.yaml", text, "") for number, text in enumerate(texts)])


REGISTRY, PROBLEMS = loaded(DECLARED + STORES)


def names(text: str, registry: Registry = REGISTRY) -> str:
    query, complaints = parse_query_text(text, may_be_own)
    assert [*complaints, *check_query(query, registry)] == []
    return " ".join(store.name for store in select(registry, query))


def test_values_are_kept_as_texts() -> None:
    """A store has the declared values as texts, in the order of the declaration; a default fills what is missing."""
    assert PROBLEMS == []
    a, b, c, d = (dict(store.extra) for store in REGISTRY.stores)
    assert a == {"indirectOnly": "true", "tier": "high", "rto": "30 days", "cost": "100"}
    assert b == {"tier": "low", "rto": "4h", "cost": "20", "contacts": "ops, dev"}
    assert c == {"indirectOnly": "false", "rto": "90m", "cost": "-3", "onCall": "Auth"}
    assert d == {"tier": "medium", "rto": "1 week", "reviewed": "2025-12-31"}
    assert list(a) == ["indirectOnly", "tier", "rto", "cost"]


def test_a_field_has_a_title_and_shows_its_values() -> None:
    """The title is the label, or the words of the name; true is yes, a list is several texts, a service its title."""
    a, b, c, _ = REGISTRY.stores
    shown = {name: find_field(name, REGISTRY) for name in REGISTRY.own_fields}
    assert [field.title for field in shown.values() if field][:3] == ["Indirect Only", "Service Tier", "Rto"]
    values = [
        (field.value(store, REGISTRY), field.recorded(store, REGISTRY))
        for name, store in (
            ("indirectOnly", a),
            ("indirectOnly", b),
            ("indirectOnly", c),
            ("contacts", b),
            ("onCall", c),
        )
        if (field := shown[name])
    ]
    assert values == [
        ("yes", "true"),
        ("", ""),
        ("no", "false"),
        (("ops", "dev"), ("ops", "dev")),
        ("Authentication", "Auth"),
    ]
    assert find_field("indirectOnly") is None
    assert find_field("indirectonly", REGISTRY) is None


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("rto", "c b d a"),
        ("-rto", "a d b c"),
        ("cost", "d c b a"),
        ("tier", "c b d a"),
        ("-tier", "a d b c"),
        ("reviewed", "a b c d"),
        ("indirectOnly", "b d c a"),
    ],
)
def test_they_are_sorted_by_what_they_stand_for(key: str, order: str) -> None:
    """Numbers, durations and words of a choice have their own order; no value comes first."""
    query, complaints = parse_query({"sort": key}, may_be_own)
    assert complaints == []
    assert " ".join(store.name for store in select(REGISTRY, query)) == order


def test_groups_are_in_the_same_order() -> None:
    """Groups by a choice and by a number are in the order of the values; the group without a value is the last."""
    for key, labels in (("tier", ["low", "medium", "high", ""]), ("cost", ["-3", "20", "100", ""])):
        query, _ = parse_query({"group-by": key}, may_be_own)
        assert [found.label for found in group(REGISTRY, query, REGISTRY.stores)] == labels


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("indirectOnly=true", "a"),
        ("indirectOnly=yes", "a"),
        ("indirectonly=True", "a"),
        ("INDIRECTONLY=no", "c"),
        ("indirectOnly=!true", "b c d"),
        ("indirectOnly=!*", "b d"),
        ("indirectOnly=", "a"),
        ("tier=low,high", "a b"),
        ("contacts=dev", "b"),
        ("rto=4h", "b"),
        ("cost=*0 tier=high", "a"),
        ("onCall=Auth backend=redis", "c"),
    ],
)
def test_they_are_filters(text: str, found: str) -> None:
    """A declared field filters as a custom one does; the case of its name is free, and a boolean needs no value."""
    assert names(text) == found


def test_what_is_not_declared_is_no_filter() -> None:
    """A name that the registry does not declare is complained of, with similar ones; the rest of the query stands."""
    query, complaints = parse_query(
        {"indrectOnly": "true", "service": "Auth", "tier": "", "sort": "teir,-cost", "group-by": "cots"}, may_be_own
    )
    assert complaints == []
    assert [(found.kind, found.message) for found in check_query(query, REGISTRY)] == [
        (Kind.UNKNOWN_OPTION, "unknown filter 'indrectOnly'; did you mean 'indirectOnly'?"),
        (Kind.INVALID_OPTION, "'tier' is empty, so it has no effect: give it a value, or remove it"),
        (Kind.INVALID_OPTION, "unknown sort field 'teir'; did you mean 'tier'?"),
        (Kind.INVALID_OPTION, "unknown group-by field 'cots'; did you mean 'cost' or 'contacts'?"),
    ]
    kept = bound(query, REGISTRY)
    assert (kept.extra, kept.sort, kept.group) == ((), ("-cost",), "")
    assert [store.name for store in select(REGISTRY, query)] == ["a", "b", "c", "d"]
    # A filter that is none hides nothing.
    assert without(REGISTRY, [parse_query_text("indrectOnly=true", may_be_own)[0]]) is REGISTRY


def test_a_word_that_is_no_choice_is_complained_of() -> None:
    """A filter by a choice takes its words, also those that no store has now; others get a suggestion."""
    registry, _ = loaded(DECLARED + STORES.replace("tier: medium, ", ""))
    for text, message in (
        ("tier=medium", ""),
        ("indirectOnly=false", ""),
        ("tier=hihg", "'hihg' matches no value of 'tier'; did you mean 'high'?"),
    ):
        query, _ = parse_query_text(text, may_be_own)
        assert [found.message for found in check_query(query, registry)] == [message][: bool(message)]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("1h30m", 5400),
        ("1 day, 3h and 30 min", 99000),
        ("0.5 h", 1800),
        ("2 Weeks", 1_209_600),
        ("500ms", 0.5),
        ("1 month", 2_629_746),
        ("30", None),
        ("days", None),
        ("3 fortnights", None),
        ("", None),
        ("1h" * 60, None),
        ("-1h", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    """A duration is one or several numbers, each with its unit."""
    assert seconds_of(text) == seconds


def test_several_files_declare_together() -> None:
    """Equal declarations of two files are one; of different ones the first is used, and the second is reported."""
    tier = "tier: {type: [low, medium, high], label: Service Tier}"
    other = f"x-fields:\n  {tier}\n  cost: text\n  Tier: text\n  more: text\n"
    registry, problems = loaded(DECLARED + STORES, other)
    assert [field.name for field in registry.guide.fields][-3:] == ["contacts", "onCall", "more"]
    assert registry.own_fields["cost"].type is FieldType.INTEGER
    assert [(found.kind, found.location.line, found.message) for found in problems] == [
        (
            Kind.DUPLICATE_NAME,
            3,
            "'cost' is defined twice in 'x-fields'; the definition at 0.yaml:5:3 is used",
        ),
        (
            Kind.INVALID_NAME,
            4,
            "'Tier' in 'x-fields' differs only in case from 'tier' at 0.yaml:3:3: rename one of the two",
        ),
    ]


def test_there_are_limits() -> None:
    """So many fields and words are read, and the rest is reported."""
    fields = "x-fields:\n" + "".join(f"  f{number}: text\n" for number in range(FIELDS_LIMIT + 1))
    registry, problems = loaded(fields + STORES.replace(", tier", ", x-tier"))
    assert len(registry.guide.fields) == FIELDS_LIMIT
    assert f"declares {FIELDS_LIMIT + 1} fields" in problems[0].message
    words = ", ".join(f"w{number}" for number in range(CHOICES_LIMIT + 1))
    registry, problems = loaded(f"x-fields: {{one: {{type: [{words}]}}}}\n{STORES}")
    assert registry.guide.fields == ()
    assert problems[0].kind is Kind.INVALID_VALUE
    registry, problems = loaded(f"x-fields: {{one: {{type: [{'w' * (CHOICE_LENGTH + 1)}]}}}}\n{STORES}")
    assert registry.guide.fields == ()
    assert problems[0].kind is Kind.INVALID_VALUE


def test_a_message_about_a_choice_is_short_and_printable() -> None:
    """A wrong word gets the first words of a long choice, and none of them can hide in the message."""
    words = ", ".join(f'"{"w" * 80}{number}\\u202e"' for number in range(150))
    _, problems = loaded(f"x-fields: {{tier: {{type: [{words}]}}}}\n" + STORES.replace("rto:", "x-rto:"))
    found = [problem.message for problem in problems if problem.kind is Kind.INVALID_VALUE]
    assert len(found) == 3
    assert all(message.isprintable() and len(message) < 2000 and "130 more" in message for message in found)


def test_no_built_in_name_can_be_declared() -> None:
    """Names of fields, filters and options are taken, in any case; what could not be an option is no name."""
    taken = [*FIELDS, "replacedBy", "enableSearch", "match", "SORT", "group-by", "Columns", "caption", "backlinks"]
    assert not any(map(may_be_own, taken))
    assert not any(map(may_be_own, ["", "a b", "1a", "a:b", "ä", "-a", "a" * 65, "a.b"]))
    assert all(map(may_be_own, ["indirectOnly", "x-cost", "a", "a" * 64, "owner_team", "sortBy"]))


def test_a_registry_with_them_is_a_value() -> None:
    """It can be pickled and copied, and its declarations cannot be changed."""
    found = pickle.loads(pickle.dumps(REGISTRY))  # noqa: S301 - its own
    assert found == REGISTRY
    assert found.own_fields == REGISTRY.own_fields
    assert find_field("rto", found) == find_field("rto", REGISTRY)
    with pytest.raises(TypeError):
        REGISTRY.own_fields["other"] = REGISTRY.own_fields["tier"]  # type: ignore[index]


def test_a_difference_names_them() -> None:
    """A changed value, and a changed default, are changes of the stores; a filter works for both versions."""
    new, _ = loaded(DECLARED.replace("4h", "5h") + STORES.replace("tier: low", "tier: high"))
    changed = {change.after.name: change.fields for change in compare(REGISTRY, new).changed}
    assert {name: [field[:3] for field in fields] for name, fields in changed.items()} == {
        "b": [("tier", "low", "high"), ("rto", "4h", "5h")],
    }
    written = json.loads(changes_to_json(compare(REGISTRY, loaded(DECLARED + EDITED)[0])))
    assert {field["field"]: (field["before"], field["after"]) for field in written["changed"][0]["fields"]} == {
        "indirectOnly": (True, False),
        "cost": (100, 5),
        "contacts": (None, ["x"]),
    }
    query, _ = parse_query_text("tier=high", may_be_own)
    old, _ = loaded(STORES)
    assert [change.after.name for change in compare(old, new, query).changed] == ["b"]


def test_labels_are_translated() -> None:
    """The label of a declared field is prose, at its place, also if no store has the field; a value is not."""
    found = {text.text: str(text.location) for text in texts(loaded(DECLARED + "x-state-stores: {}\n")[0])}
    assert found["Service Tier"] == "0.yaml:3:44"
    assert found["Indirect Only"] == "0.yaml:2:3"
    assert "high" not in found


def test_a_merged_site_brings_its_fields() -> None:
    """The fields of another site keep their labels and types; those of the project come first."""
    own, _ = loaded(
        "x-fields: {tier: text}\nx-state-stores: {z: {backend: redis, prefix: z, service: Z, purpose: p}}"
    )
    merged, _, problems = merge(own, [foreign_site("other", "https://other.example/", "other", REGISTRY)])
    assert problems == []
    assert merged.own_fields["tier"].type is FieldType.LOOSE
    assert merged.own_fields["rto"] == REGISTRY.own_fields["rto"]
    assert names("indirectOnly=true", merged) == "a"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("classification=restricted,confidential", "a c"),
        ("rebuildable=true", "b"),
        ("rebuildable=!no", "b c"),
        ("rebuildable=", "b"),
        ("rebuildable=!*", "c"),
        ("sensitive=email", "a c"),
        ("sensitive=!*", "b"),
        ("'retention=*days' classification=confidential", "c"),
        ("retention=!*", ""),
    ],
)
def test_what_operators_ask_for_is_a_filter(text: str, found: str) -> None:
    """Classification, retention, sensitive data and whether a store may be flushed filter as declared fields do."""
    registry, problems = loaded("""\
x-state-stores:
  a: {backend: redis, prefix: a, service: A, purpose: p, classification: restricted, sensitive: [email, name],
      rebuildable: false, retention: 1 year}
  b: {backend: redis, prefix: b, service: A, purpose: p, rebuildable: true, retention: 30}
  c: {backend: redis, prefix: c, service: A, purpose: p, classification: confidential, sensitive: email,
      retention: 30 days}
""")
    assert problems == []
    query, complaints = parse_query_text(text)
    assert [*complaints, *check_query(query, registry)] == []
    assert " ".join(store.name for store in select(registry, query)) == found
    query, _ = parse_query_text("classification=confidental")
    (complaint,) = check_query(query, registry)
    assert complaint.message == "'confidental' matches no value of 'classification'; did you mean 'confidential'?"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("bakend", "; did you mean 'backend'?"),
        ("owner", "; did you mean 'service'?"),
        ("searchable", "; did you mean 'search'?"),
        ("owner-team", "; did you mean 'x-owner-team'?"),
        ("indirect-only", "; did you mean 'indirectOnly'?"),
        ("nothing-like-it", "; the columns are name, backend, service, purpose, prefix"),
    ],
)
def test_a_word_that_is_no_field(word: str, hint: str) -> None:
    """A misspelt field, another word for one, and one without its ``x-`` are known; for others all are named."""
    registry, _ = loaded(
        "x-fields: {indirectOnly: boolean}\n"
        "x-state-stores: {a: {backend: redis, service: A, purpose: P, x-owner-team: T}}\n"
    )
    assert field_hint(word, "columns", registry).startswith(hint)


NAMING = """\
x-fields:
  shadow: store
  copyOf: {type: store, default: secret-x}
  onCall: {type: service, default: Hidden}
  note: text
x-state-stores:
  a-x: {backend: redis, prefix: a, service: Auth, purpose: p, shadow: secret-x, note: secret-x}
  b-x: {backend: redis, prefix: b, service: Auth, purpose: p, shadow: a-x, copyOf: b-x, onCall: Auth}
  secret-x: {backend: redis, prefix: s, service: Hidden, purpose: p}
"""


def test_fields_do_not_name_what_is_hidden() -> None:
    """Where a store is left out, no field of type store or service names it or its service, nor does a default."""
    registry, problems = loaded(NAMING)
    assert problems == []
    query, _ = parse_query_text("match=secret-*")
    left = without(registry, [query])
    assert [store.extra for store in left.stores] == [
        (("note", "secret-x"),),
        (("shadow", "a-x"), ("copyOf", "b-x"), ("onCall", "Auth")),
    ]
    assert [field.default for field in left.guide.fields] == ["", "", "", ""]


def test_fields_name_the_stores_of_their_own_site() -> None:
    """A field of type store of another site names the store of that site under the name that it has here."""
    registry, _ = loaded(NAMING)
    own, _ = loaded("x-state-stores: {secret-x: {backend: redis, prefix: p, service: Own, purpose: p}}")
    merged, _, problems = merge(own, [foreign_site("other", "", "other", registry)])
    assert problems == []
    extra = {store.name: dict(store.extra) for store in merged.stores}
    assert extra["a-x"] == {
        "shadow": "other:secret-x",
        "copyOf": "other:secret-x",
        "onCall": "Hidden",
        "note": "secret-x",
    }
    assert extra["b-x"]["shadow"] == "a-x"
    assert extra["other:secret-x"]["copyOf"] == "other:secret-x"


@pytest.mark.parametrize("text", ["service=Auth tier=low", "tier=!low backend=redis", "tier=low", "match=* tier=*"])
def test_a_registry_without_the_field_hides_nothing(text: str) -> None:
    """A query that filters by a field hides no store of an older version or another site that does not declare it."""
    query, _ = parse_query_text(text, may_be_own)
    older, _ = loaded(STORES)
    assert without(older, [query]) is older
    assert without(REGISTRY, [query]) is not REGISTRY


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tier=hihg", "'hihg' matches no value of 'tier'; did you mean 'high'?"),
        ("tier=low,!hihg", "'hihg' matches no value of 'tier'; did you mean 'high'?"),
        ("indirectOnly=maybe", "'maybe' matches no value of 'indirectOnly': use one of 'true', 'false'"),
        ("rebuildable=maybe", "'maybe' matches no value of 'rebuildable': use one of 'true', 'false'"),
        ("classification=secret", "'secret' matches no value of 'classification': use one of 'public', 'internal', "),
    ],
)
def test_a_word_that_no_value_can_be(text: str, message: str) -> None:
    """A filter by a choice or a boolean is wrong when no value can be its term, whatever the stores have."""
    query, complaints = parse_query_text(text, may_be_own)
    (found,) = [*complaints, *check_query(query, REGISTRY)]
    assert found.kind is Kind.INVALID_OPTION
    assert found.message.startswith(message)


@pytest.mark.parametrize(("text", "number"), [("tier=h*", 0), ("tier=z*", 1), ("tier=z*,y*", 1), ("cost=7,20", 1)])
def test_a_pattern_that_may_fit_later(text: str, number: int) -> None:
    """A pattern, or a value of a field of any values, may fit a later store: only the first one gets a hint."""
    query, _ = parse_query_text(text, may_be_own)
    kinds = [complaint.kind for complaint in check_query(query, REGISTRY)]
    assert kinds == [Kind.UNMATCHED_PATTERN] * number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("indirectOnly", "or 'all'; a field that is true or false is written 'indirectOnly=true'"),
        ("rebuildable", "'rebuildable' has no value: write 'rebuildable=true'"),
        ("service=Auth tag", "'tag' has no value: write 'tag=...'"),
        ("clasification=public", "unknown filter 'clasification'; did you mean 'classification'?"),
    ],
)
def test_a_line_that_is_nearly_right(text: str, message: str) -> None:
    """A filter without ``=`` gets its right spelling, and the built-in fields are among the suggestions."""
    _, (complaint,) = parse_query_text(text, REGISTRY.own_fields.__contains__)
    assert complaint.message.endswith(message)


def test_custom_fields_in_another_case() -> None:
    """A filter finds the field of exactly its name first; a custom field that only case parts from it is reported."""
    registry, problems = loaded(
        "x-fields: {X-Team2: boolean, x-Cost: text}\n"
        "x-state-stores:\n"
        "  a: {backend: redis, prefix: a, service: Auth, purpose: p, x-team2: 5, X-Team2: true}\n"
        "  b: {backend: redis, prefix: b, service: Auth, purpose: p, x-cost: 5, x-other: 1}\n"
    )
    assert [(found.kind, found.location.line, found.location.column) for found in problems] == [
        (Kind.UNKNOWN_FIELD, 3, 61),
        (Kind.UNKNOWN_FIELD, 4, 61),
    ]
    assert "did you mean 'X-Team2'?" in problems[0].message
    assert names("x-team2=5", registry) == "a"
    assert names("X-Team2=true", registry) == "a"
    assert names("x-cost=5", registry) == "b"
    assert names("X-COST=!*", registry) == "a b"
