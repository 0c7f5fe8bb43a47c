"""What is left of keys, values and tables that belong to no store."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_servers import REGISTRY, registry_of
from work import counted_calls

from sphinx_statestores.live.masking import GROUPS_LIMIT, SHARED_BY, UnknownKeys, masked_tables, registry_words
from sphinx_statestores.registry.key_index import KeyIndex

if TYPE_CHECKING:
    from collections.abc import Iterable


@cache
def words() -> frozenset[str]:
    """Return the words of the registry."""
    registry = registry_of(REGISTRY)
    index = KeyIndex(registry)
    return registry_words(registry, (pattern for store in registry.stores for pattern in index.place(store).patterns))


def patterns(keys: Iterable[str]) -> dict[str, int]:
    """Return pattern -> number of keys."""
    unknown = UnknownKeys(words())
    for key in keys:
        unknown.group_of(key).add_rows(1)
    return {pattern: tally.keys for pattern, tally in unknown.groups().items()}


def test_the_words_of_a_registry() -> None:
    """Names of stores and services, prefixes, tables and patterns have words; a number is none."""
    assert {"auth-store", "auth_store", "Auth", "Order", "edge", "lock", "set", "session", "user", "cart"} <= words()
    assert not any(word.isdigit() or ":" in word or "*" in word for word in words())


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        # The name of a group, which several keys have.
        (["legacy:job:1", "legacy:job:2", "legacy:mail:x@y.org"], {"legacy:*": 3}),
        # Two keys are too few.
        (["legacy:job:1", "legacy:job:2"], {"*": 2}),
        # Whole keys.
        (["alice", "bob", "4711", "alice@example.com", ""], {"*": 5}),
        (["leader"] * 3, {"leader": 3}),
        # Words of the registry stay, at any place.
        (["ghost:lock:1", "ghost:lock:2", "ghost:set:7"], {"ghost:lock:*": 2, "ghost:set:*": 1}),
        (["auth-store:ann:cart", "Auth:1"], {"auth-store:*:cart": 1, "Auth:*": 1}),
        (["x9:session:ann"], {"*:session:*": 1}),
        # Digits, other signs, other scripts, and what is too long.
        (["u17:a"] * 3 + ["a.b:c"] * 3 + ["ann@x:c"] * 3 + ["\u0430nn:x"] * 3, {"*": 12}),
        (["w" * 32 + ":1"] * 3 + ["w" * 33 + ":1"] * 3, {"w" * 32 + ":*": 3, "*": 3}),
        (["-a:1"] * 3 + ["_b:1"] * 3, {"*": 6}),
        # Names of people in front of the same words.
        (
            [f"{name}:{what}" for name in ("ann", "bob", "kim") for what in ("basket", "mail", "visits")],
            {"*": 9},
        ),
        ([f"{name}:{what}" for name in ("ann", "u17") for what in ("basket", "mail", "visits")], {"*": 6}),
        # Groups may have the same numbers.
        (
            [f"{name}:item:{number}" for name in ("old", "older") for number in range(3)],
            {"old:*": 3, "older:*": 3},
        ),
        # A name in front of an identifier.
        (
            [f"celery-task-meta-{'a' * number}{number}e-{number}" for number in range(3)],
            {"celery-task-meta-*": 3},
        ),
        (["user_1:cart", "user_2:cart", "user_x3:lock", "user_x"], {"user_*:cart": 2, "user_*:lock": 1, "*": 1}),
        ([f"{name}-{number}:basket" for name in ("ann", "bob") for number in range(3)], {"*": 6}),
        (
            ["a-1@x.org", "a-2@x.org", "a-3@x.org", "-1", "_-2", "a" * 33 + "-1", "a" * 33 + "-2", "a" * 33 + "-3"],
            {"*": 8},
        ),
        # Other separators.
        (["shop||cart||1", "shop||cart||2", "shop||x||3"], {"shop||cart||*": 2, "shop||*": 1}),
        (["files/a/b", "files/c/d", "files::::::e"], {"files/*": 2, "files::*": 1}),
        # An end without a part, and very many parts.
        (["old:1:", "old:2:", "old::"], {"old:*:": 2, "old::": 1}),
        (["old" + ":lock" * 9] * 3, {"old" + ":lock" * 5 + ":*": 3}),
        # An asterisk is no mask.
        (["*:lock"], {"*:lock": 1}),
        # No UTF-8, and controls.
        (["\udcff\udcfe:lock", "a\nb:1", "old\n:1", "old\n:2", "old\n:3"], {"*:lock": 1, "*": 4}),
    ],
)
def test_unknown_keys(keys: list[str], expected: dict[str, int]) -> None:
    """Only the registry's own words and shared names of groups are kept."""
    assert patterns(keys) == expected


@pytest.mark.parametrize(
    "secret",
    [
        "ann.smith@example.com",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0",
        "550e8400-e29b-41d4-a716-446655440000",
        "+4917012345",
        "192.168.0.7",
        "Ann Smith",
        "ann.smith",
        "müller",
        "王芳",
        "2024-01-31",
        "x" * 40,
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    ],
)
@pytest.mark.parametrize(
    "template", ["{}", "{}:a", "{}:b:{}", "old:{}", "old:{}:lock", "{}/x|y", "auth-store:{}", "{}:session:{}:cart"]
)
def test_secrets(secret: str, template: str) -> None:
    """No part of a key that looks like data of a user is kept, wherever it is and however often."""
    found = patterns([template.replace("{}", secret)] * 5 + ["old:1"] * 5)
    assert not any(secret in pattern for pattern in found)
    assert sum(found.values()) == 10


def test_the_number_of_groups() -> None:
    """There is a limited number of groups; the smallest ones become one."""
    names = [f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrst"]
    kinds = ["lock", "set", "session"]
    keys = [
        f"{name}:{kind}:{number}"
        for rank, name in enumerate(names[:90])
        for kind in kinds
        for number in range(2 + rank % 3)
    ]
    found = patterns(keys)
    assert len(found) == GROUPS_LIMIT
    assert sum(found.values()) == len(keys)
    assert min(number for pattern, number in found.items() if pattern != "*") == 3
    assert list(found) == sorted(found)


def test_too_many_names() -> None:
    """So many first words are no names of groups, but of people or things, and none is kept."""
    names = [f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrstu"]
    assert len(names) > GROUPS_LIMIT
    assert patterns(f"{name}:{number}x" for name in names for number in range(3)) == {"*": 330}
    few = patterns(f"{name}:{number}x" for name in names[:GROUPS_LIMIT] for number in range(3))
    assert len(few) == GROUPS_LIMIT


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("flyway_schema_history", "flyway_schema_history"),
        ("__EFMigrationsHistory", "__EFMigrationsHistory"),
        ("orders_2024_01", "orders_*"),
        ("tenant_4711_orders", "tenant_*_orders"),
        ("t4711", "*"),
        ("ann@example.com", "*"),
        ("backup-of-orders", "backup-of-orders"),
        ("über", "*"),
        ("a b", "*"),
        ("audit_log", "audit_log"),
    ],
)
def test_tables(name: str, pattern: str) -> None:
    """The words of a table's name are kept, but no part with a digit, and nothing with other signs."""
    assert masked_tables([(name, 5, 7)], {"audit_log"}) == {pattern: (5, 7)}


def test_tables_with_one_pattern() -> None:
    """Tables that are alike are one, and a limited number remains."""
    assert masked_tables([("o_1", 1, 10), ("o_2", 2, 20), ("p", 0, 0)], ()) == {"o_*": (3, 30), "p": (0, 0)}
    many = masked_tables(((f"{a}{b}", 1, 1) for a in "abcdefghijkl" for b in "abcdefghij"), ())
    assert len(many) == GROUPS_LIMIT
    assert many["*"] == (21, 21)


KEYS = st.lists(
    st.lists(
        st.one_of(st.sampled_from(["lock", "auth", "old", "ann", "u1", ""]), st.text(max_size=6)), max_size=5
    ).map(":".join),
    max_size=30,
)


@given(KEYS)
def test_any_keys(keys: list[str]) -> None:
    """Whatever keys there are: all are counted, and only words that may be kept are in patterns."""
    found = patterns(keys)
    assert sum(found.values()) == len(keys)
    firsts = Counter(key.partition(":")[0].partition("/")[0].partition("|")[0] for key in keys)
    shared = {first for first, number in firsts.items() if number >= SHARED_BY and first.isascii()}
    for pattern in found:
        first, *others = re.split(r"[:/|]+", pattern)
        first = re.sub(r"^[A-Za-z][A-Za-z_-]*[_-]\*$", "*", first)
        assert {first} <= {"*", ""} | words() | {name for name in shared if name.replace("-", "_").isidentifier()}
        assert set(others) <= {"*", ""} | words()


def calls(keys: int) -> int:
    """Return the work for so many keys."""
    with counted_calls() as count:
        patterns(f"u{number}:basket:{number}" for number in range(keys))
    return count[0]


def test_the_cost_of_unknown_keys() -> None:
    """The work grows in proportion to the keys."""
    few, many = calls(1_000), calls(4_000)
    assert many < 4.2 * few
