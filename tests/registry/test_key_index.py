"""Stores -> patterns of their keys; a key -> the stores that it may belong to, the longest literal start first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from work import Word, counted_calls

from sphinx_statestores.export.published import Addresses, to_published
from sphinx_statestores.registry.federation import ForeignSite, foreign_site, merge
from sphinx_statestores.registry.key_index import KeyIndex, Pattern, place_of, resolved_layout, template_values
from sphinx_statestores.registry.layout import Layout, ResolvedLayout
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import Key, Registry, Store
from sphinx_statestores.registry.places import NOWHERE
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.source import SourceText

#: Shared with the tests of the script that does the same in a browser.
CASES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "keys.json").read_text(encoding="utf-8"))


def loaded(registry: dict[str, Any]) -> Registry:
    """Load a registry that has no errors; it needs no stores."""
    found, problems = load_sources([SourceText("a.yaml", json.dumps({"x-state-stores": {}, **registry}), "")])
    assert [str(problem) for problem in problems if problem.severity.value == "error"] == []
    return found


@pytest.fixture(scope="module")
def index() -> KeyIndex:
    """The index of the registry of the cases."""
    return KeyIndex(loaded(CASES["registry"]))


@pytest.mark.parametrize(("key", "names"), CASES["keys"].items())
def test_a_key(index: KeyIndex, key: str, names: list[str]) -> None:
    """A key belongs to the store with the longest start that its pattern matches; the others follow."""
    assert [match.store.name for match in index.matches(key)] == names


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("auth:edge:token:abc", ["auth-edge"]),
        ("same:1", ["same-a", "same-b"]),
        ("mail:1", ["xmail"]),
        ("records", ["orders"]),
        ("nobody:1", []),
    ],
)
def test_the_owners(index: KeyIndex, key: str, names: list[str]) -> None:
    """Stores that share a prefix own a key together; one that is removed or has a shorter prefix owns it not."""
    assert [match.store.name for match in index.owners(key)] == names


def test_a_prefix_wins_over_a_described_key_of_the_same_length() -> None:
    """Where a store describes keys as another one's prefix, the prefix decides."""
    stores: tuple[dict[str, dict[str, Any]], ...] = (
        {"a": {"prefix": "auth", "keys": [{"pattern": "edge:{id}"}]}, "b": {"prefix": "auth:edge"}},
        {"b": {"prefix": "auth", "keys": [{"pattern": "edge:{id}"}]}, "a": {"prefix": "auth:edge"}},
    )
    for found in stores:
        whole = {n: {"backend": "redis", "service": "A", "purpose": "P", **store} for n, store in found.items()}
        registry = loaded({"x-state-stores": whole})
        owners = [match.store.prefix for match in KeyIndex(registry).owners("auth:edge:1")]
        assert owners == ["auth:edge"]


def test_the_item_that_describes_a_key(index: KeyIndex) -> None:
    """The item of 'keys' with the longest start describes a key; of a key that none describes there is no item."""
    for key, pattern in (
        ("auth:session:1:data", "session:{id}:data"),
        ("auth:set:session:1:data", "session:{id}:data"),
        ("auth:all", "all"),
        ("auth:session:1", None),
    ):
        (match,) = index.owners(key)
        item = index.described(match, key)
        assert (item and item.pattern) == pattern


@pytest.mark.parametrize(
    ("prefix", "written", "pattern"),
    [
        ("auth", "session:{id}", "auth:session:*"),
        ("auth", "auth:session:{id}", "auth:session:*"),
        ("session", "session:{id}", "session:*"),
        ("auth", "<user>:of:{id}", "auth:*:of:*"),
        ("auth", "*", "auth:*"),
        ("{mail}", "x:{id}", "{mail}:x:*"),
        ("{mail}", "{mail}:x:{id}", "{mail}:x:*"),
        ("a<b>", "<id>", "a<b>:*"),
    ],
)
def test_items_with_and_without_the_prefix(prefix: str, written: str, pattern: str) -> None:
    """An item of 'keys' may be written with the prefix or behind it, and with any of three signs for an id."""
    store = {"backend": "redis", "prefix": prefix, "service": "A", "purpose": "P", "keys": [{"pattern": written}]}
    registry = loaded({"x-state-stores": {"s": store}})
    (described,) = (each for each in place_of(registry.stores[0], registry).patterns if each.key is not None)
    assert described.text == pattern
    assert described.start.startswith(f"{prefix}:")


@pytest.mark.parametrize(
    ("backend", "patterns"),
    [
        ("redis", ["p:*"]),
        ("memory", ["p:*"]),
        ("etcd", ["p/*"]),
        ("mysql", ["a_b"]),
        ("mongodb", ["p:*", "a_b"]),
        ("unknown", []),
    ],
)
def test_the_defaults(backend: str, patterns: list[str]) -> None:
    """Without a layout, keys begin with the prefix and the separator of the backend; a table is that of the store."""
    store = Store("a-b", backend, "A", "P", NOWHERE, prefix="p")
    assert [each.text for each in place_of(store, Registry((store,))).patterns] == patterns


def test_a_store_without_a_prefix_has_no_keys() -> None:
    """A template whose field has no value gives no pattern, so that no key of others is taken."""
    store = Store("a", "redis", "A", "P", NOWHERE, physical=Layout(keys=("{prefix}:*", "{name}:*")))
    assert [each.text for each in place_of(store, Registry((store,))).patterns] == ["a:*"]


def test_templates_of_a_store_replace_those_of_its_backend() -> None:
    """What a store says of itself counts; what it does not say is as for its backend."""
    general = {"table": "all", "column": "kind", "value": "{service}.{snake}"}
    stores = {
        "a-b": {"backend": "mysql", "service": "Shop", "purpose": "P"},
        "c": {"backend": "mysql", "service": "Shop", "purpose": "P", "table": "t", "physical": {"table": "{table}2"}},
    }
    registry = loaded({"x-physical": {"mysql": general}, "x-state-stores": stores})
    places = [place_of(store, registry)[1:4] for store in registry.stores]
    assert places == [("all", "kind", "Shop.a_b"), ("t2", "kind", "Shop.c")]


def test_the_layout_of_another_registry() -> None:
    """A resolved layout says the same in a registry with other layouts, and says nothing that it did not."""
    registry = loaded(CASES["registry"])
    other = registry._replace(
        backends={key: each._replace(layout=Layout(locks="x:*")) for key, each in registry.backends.items()}
    )
    for store in registry.stores:
        moved = store._replace(resolved=resolved_layout(store, registry))
        assert place_of(moved, other) == place_of(store, registry)


def test_nested_stores(index: KeyIndex) -> None:
    """Other stores of the backend whose keys a scan finds are told, each once, and no more than are wanted."""
    stores = {store.name: store for store in loaded(CASES["registry"]).stores}

    def nested(name: str, limit: int = 9) -> list[str]:
        return [
            other for each in index.place(stores[name]).patterns for other in index.nested(stores[name], each, limit)
        ]

    assert nested("auth-data")[0] == "auth-edge"
    assert nested("auth-edge") == nested("authority") == nested("accounts") == []
    assert nested("files") == ["pictures"]
    assert nested("same-a")[0] == "same-b"
    assert nested("same-a", 0) == []


@pytest.mark.parametrize(
    ("parts", "key", "is_match"),
    [
        (("a:", ":b:", ""), "a:1:b:", True),
        (("a:", ":b:", ""), "a:b:", False),
        (("a", "a", "a"), "aa", False),
        (("a", "a", "a"), "aaa", True),
        (("a", "x", "x"), "a-x", False),
        (("a" * 9, *["a"] * 9, "b"), "a" * 9999, False),
    ],
)
def test_wildcards(parts: tuple[str, ...], key: str, is_match: bool) -> None:
    """The texts between wildcards stand in a key one behind the other, and never overlap."""
    assert Pattern(parts).matches(key) is is_match


def lookups(stores: int) -> int:
    """Return how many texts are compared or looked up to find a key among so many stores."""
    made = tuple(
        Store(
            f"s{number:06}", "redis", "A", "P", NOWHERE, prefix=f"p{number:06}:x" if number % 2 else f"p{number:06}"
        )
        for number in range(stores)
    )
    index = KeyIndex(Registry(made))
    counted = {Word(start): found for start, found in index._found.items()}
    index._found = counted  # type: ignore[assignment] # keys that count
    Word.used = 0
    for number in range(100):
        assert [match.store.name for match in index.matches(f"p{number:06}:y")] == (
            [f"s{number:06}"] * (1 - number % 2)
        )
    return Word.used


def test_the_cost_of_a_key() -> None:
    """A key costs as much among a hundred times as many stores."""
    assert lookups(20_000) == lookups(200)


def comparisons(items: int) -> int:
    """Return how many patterns are compared to describe keys of a store with so many items of 'keys'."""
    keys = tuple(Key(f"k{number:06}:{{id}}", "", "", "", NOWHERE) for number in range(items))
    index = KeyIndex(Registry((Store("s", "redis", "A", "P", NOWHERE, prefix="p", keys=keys),)))
    (match,) = index.owners("p:k000007:1")
    with counted_calls() as count:
        assert index.described(match, "p:k000007:1") == keys[7]
        assert index.described(match, "p:x:1") is None
    return count[0]


def test_the_cost_of_what_describes_a_key() -> None:
    """What describes a key costs as much among a hundred times as many items of a store."""
    assert comparisons(2_000) == comparisons(20)


def test_stores_of_other_sites() -> None:
    """What a site publishes has its layouts, and a merged store keeps its own among other layouts and names."""
    theirs = loaded(
        {
            "x-physical": {"redis": {"keys": "t:{name}:*"}, "mysql": {"table": "all", "column": "kind"}},
            "x-state-stores": {
                "mail": {"backend": "redis", "prefix": "mail", "service": "Mail", "purpose": "P"},
                "post": {
                    "backend": "redis",
                    "prefix": "p",
                    "service": "Mail",
                    "purpose": "P",
                    "physical": {"locks": "{snake}:*"},
                },
                "rows": {"backend": "mysql", "service": "Mail", "purpose": "P"},
            },
        }
    )
    published = to_published(theirs, Addresses("Other", "", {}, {}, {}))
    read, problems = load_sources([SourceText("statestores.json", published, "")])
    assert problems == []
    ours = loaded(
        {
            "x-physical": {"redis": {"locks": "{name}:lock:*"}},
            "x-state-stores": {"mail": {"backend": "redis", "prefix": "post", "service": "Post", "purpose": "P"}},
        }
    )
    merged, _, problems = merge(ours, [foreign_site("other", "", "other", read)])
    assert problems == []
    patterns = {s.name: [each.text for each in place_of(s, merged).patterns] for s in merged.stores}
    assert patterns == {
        "mail": ["post:*", "mail:lock:*"],
        "other:mail": ["t:mail:*"],
        "post": ["t:post:*", "post:*"],
        "rows": ["all"],
    }
    assert place_of(merged.by_name["rows"], merged)[2:4] == ("kind", "rows")


def site_of(registry: Registry, namespace: str = "") -> ForeignSite:
    """Publish a registry, and read what is published as another site does."""
    published = to_published(registry, Addresses("Other", "", {}, {}, {}))
    read, problems = load_sources([SourceText("statestores.json", published, "")])
    assert {problem.kind for problem in problems} <= {Kind.GLOB_IN_PREFIX, Kind.SAME_PREFIX}
    return foreign_site(namespace, "", "other", read)


@pytest.mark.parametrize("prefix", ["{mail}", "{name}", "st*r", "a:{prefix}:b", "x{", "${name}"])
@pytest.mark.parametrize("layout", [None, "{prefix}:*", "of:{prefix}/*/end"])
def test_a_prefix_is_a_text_on_every_site(prefix: str, layout: str | None) -> None:
    """A prefix is no template, whatever signs it has: over two sites, the keys of its store stay the same."""
    store = {"backend": "redis", "prefix": prefix, "service": "Mail", "purpose": "P", "keys": [{"pattern": "x:{id}"}]}
    physical = {"redis": {"keys": layout}} if layout else {}
    first = loaded({"x-physical": physical, "x-state-stores": {"mail": store}})
    patterns = place_of(first.stores[0], first).patterns
    assert patterns[0].parts[0] in {f"{prefix}:", f"of:{prefix}/"}
    other = loaded({"x-physical": {"redis": {"keys": "other:{prefix}:*", "locks": "{name}:lock:*"}}})
    second, _, problems = merge(other, [site_of(first)])
    third, _, more = merge(other, [site_of(second, "b")])
    assert [*problems, *more] == []
    for registry in (second, third):
        found = place_of(registry.by_name["mail"], registry).patterns
        assert [(each.parts, each.what, each.key and each.key.pattern) for each in found] == [
            (each.parts, each.what, each.key and each.key.pattern) for each in patterns
        ]


def test_a_layout_over_two_sites() -> None:
    """What a site says of its own stores is not said of those that it has merged, on a third site neither."""
    mail = {"backend": "redis", "prefix": "mail", "service": "Mail", "purpose": "P"}
    first = loaded({"x-state-stores": {"mail": mail}})
    locks = {"x-physical": {"redis": {"locks": "{name}:lock:*"}}}
    own = loaded({**locks, "x-state-stores": {"mail": {**mail, "prefix": "own"}}})
    second, _, _ = merge(own, [site_of(first, "a")])
    third, _, _ = merge(loaded(locks), [site_of(second, "b")])
    for registry in (second, third):
        found = {s.name: [each.text for each in place_of(s, registry).patterns] for s in registry.stores}
        assert found == {"mail": ["own:*", "mail:lock:*"], "a:mail": ["mail:*"]}
        assert template_values(registry.by_name["a:mail"], registry)["name"] == "mail"


def test_layouts_are_published_where_they_do_not_follow_from_the_registry() -> None:
    """What a site publishes of its own stores, and of merged ones that keep their layout, has no resolved layouts."""
    mail = {"backend": "redis", "prefix": "mail", "service": "Mail", "purpose": "P"}
    first = loaded({"x-physical": {"redis": {"keys": "a:{prefix}:*"}}, "x-state-stores": {"mail": mail}})
    assert not site_of(first).publication.layouts
    assert not site_of(
        merge(loaded({}), [site_of(loaded({"x-state-stores": {"mail": mail}}))])[0]
    ).publication.layouts
    merged, _, _ = merge(loaded({"x-state-stores": {"own": mail}}), [site_of(first)])
    assert site_of(merged).publication.layouts == {"mail": ResolvedLayout("mail", (("a:mail:", ""),))}


@pytest.mark.parametrize(
    "layout",
    [
        [],
        {"keys": "a:*"},
        {"keys": [[]]},
        {"keys": [["", "a"]]},
        {"keys": [["a", ["b"]]]},
        {"keys": [["a\nb", ""]]},
        {"keys": [["a", ""]] * 21},
        {"locks": [""]},
        {"name": 7},
        {"table": ["t"]},
    ],
)
def test_published_layouts_that_are_not_valid(layout: object) -> None:
    """A published layout that is not valid is reported, and the registry says where the data lie."""
    store = {"backend": "redis", "prefix": "p", "service": "A", "purpose": "P"}
    text = json.dumps({"x-published": {"layouts": {"s": layout}}, "x-state-stores": {"s": store}})
    registry, problems = load_sources([SourceText("statestores.json", text, "")])
    assert [problem.severity.value for problem in problems][:1] == ["error"]
    assert [each.text for each in place_of(registry.stores[0], registry).patterns] == ["p:*"]


def test_stores_with_the_same_rows() -> None:
    """Stores that share a table are told apart by its column; the message names the value that two of them share."""
    stores = {
        name: {"backend": "mysql", "service": "A", "purpose": "P", "physical": {"value": value}}
        for name, value in (("one", "x"), ("two", "order"), ("three", "order"))
    }
    text = json.dumps({"x-physical": {"mysql": {"table": "all", "column": "k"}}, "x-state-stores": stores})
    _, problems = load_sources([SourceText("a.yaml", text, "")])
    (problem,) = [problem for problem in problems if problem.kind is Kind.SAME_TABLE]
    assert "have the same value 'order' in the column 'k' of the table 'all'; the other one is at" in problem.message


def test_parts_of_another_backend() -> None:
    """A part of a layout that has no meaning in a backend places nothing, wherever it is written."""
    general = {"redis": {"table": "all", "column": "k"}, "mysql": {"keys": "{name}:*", "index": "{name}-idx"}}
    stores = {
        "one": {"backend": "redis", "prefix": "one", "service": "A", "purpose": "P", "physical": {"value": "v"}},
        "two": {"backend": "mysql", "service": "A", "purpose": "P", "physical": {"locks": "l:*"}},
    }
    registry = loaded({"x-physical": general, "x-state-stores": stores})
    places = [place_of(store, registry) for store in registry.stores]
    assert [[pattern.text for pattern in place.patterns] for place in places] == [["one:*"], ["two"]]
    assert [(place.table, place.column, place.search) for place in places] == [("", "", ""), ("two", "", "")]


TEXTS = st.text("ab:", min_size=1, max_size=4)


@given(st.lists(TEXTS, min_size=1, max_size=12), st.lists(st.text("ab:", max_size=6), max_size=6))
def test_all_beginnings_of_a_key(prefixes: list[str], keys: list[str]) -> None:
    """Every store whose keys begin as a key does is found, the one with the longest beginning first."""
    stores = tuple(
        Store(f"s{number:02}", "redis", "A", "P", NOWHERE, prefix=prefix) for number, prefix in enumerate(prefixes)
    )
    starts = {store.name: place_of(store, Registry(stores)).patterns[0].start for store in stores}
    index = KeyIndex(Registry(stores))
    for key in keys:
        found = [match.store.name for match in index.matches(key)]
        assert found == sorted(
            (name for name, start in starts.items() if key.startswith(start)),
            key=lambda name: (-len(starts[name]), name),
        )


@given(st.lists(st.lists(st.sampled_from(["a", "b", ":", "{x}"]), min_size=1, max_size=5), max_size=8), TEXTS)
def test_the_most_exact_item(items: list[list[str]], rest: str) -> None:
    """Of all items whose patterns match, one with the longest beginning describes a key."""
    keys = tuple(Key("".join(item), "", "", "", NOWHERE) for item in items)
    store = Store("s", "redis", "A", "P", NOWHERE, prefix="p", keys=keys)
    registry = Registry((store,))
    index = KeyIndex(registry)
    (match,) = index.owners(f"p:{rest}")
    fitting = [
        pattern
        for pattern in place_of(store, registry).patterns
        if pattern.key is not None and pattern.matches(f"p:{rest}")
    ]
    found = index.described_by(match, f"p:{rest}")
    if not fitting:
        assert found is None
    else:
        assert found is not None
        assert found.matches(f"p:{rest}")
        assert len(found.start) == max(len(pattern.start) for pattern in fitting)
        assert index.described(match, f"p:{rest}") is found.key
