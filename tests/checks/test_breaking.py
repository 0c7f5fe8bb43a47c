"""Two registries -> what their differences do to live data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.checks.breaking import consequences
from sphinx_statestores.registry.diff import compare
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.problems import has_errors
from sphinx_statestores.registry.query import parse_query
from sphinx_statestores.registry.source import decode_source

if TYPE_CHECKING:
    from sphinx_statestores.checks.breaking import Consequence
    from sphinx_statestores.registry.model import Registry

AUTH = "  auth: {backend: redis, prefix: auth, service: Auth, purpose: Sessions%s}\n"


def registry(name: str, text: str) -> Registry:
    found, problems = load_sources([decode_source(f"{name}.yaml", f"x-state-stores:\n{text}".encode())])
    assert not has_errors(problems), problems
    return found


def found_in(old: str, new: str, **filters: str) -> tuple[Consequence, ...]:
    return consequences(compare(registry("old", old), registry("new", new), parse_query(filters)[0]))


def short(old: str, new: str) -> list[str]:
    return [f"{found.impact.value} {found.store} {found.change}: {found.effect}" for found in found_in(old, new)]


@pytest.mark.parametrize(
    "change",
    [
        "purpose: Tokens",
        "purpose: Sessions, tags: [hot]",
        "purpose: Sessions, since: '2'",
        "purpose: Sessions, readers: [Mail]",
        "purpose: Sessions, writers: [Mail]",
        "purpose: Sessions, x-team: red",
        "purpose: Sessions, keys: [{pattern: 's:{id}', type: hash, ttl: 1h, purpose: x}]",
    ],
)
def test_changes_that_concern_no_data(change: str) -> None:
    """Descriptions, tags, more readers and the first items of ``keys`` have no consequence."""
    assert short(AUTH % "", AUTH.replace("purpose: Sessions", change) % "") == []


REBUILT = "The data can be rebuilt (rebuildable: true)."


@pytest.mark.parametrize(
    "change",
    [
        {"prefix: auth": "prefix: session"},
        {"backend: redis, prefix: auth": "backend: mysql"},
        {"purpose: Sessions": "purpose: Sessions, enableSearch: true"},
        {"purpose: Sessions": "purpose: Sessions, status: removed"},
    ],
)
def test_data_that_can_be_rebuilt(change: dict[str, str]) -> None:
    """Losing data that can be rebuilt needs care; the new version says whether they can."""
    new = AUTH
    for before, after in change.items():
        new = new.replace(before, after)
    yes, no = ", rebuildable: true", ", rebuildable: false"
    for old, now, is_careful in (
        ("", yes, True),
        (yes, yes, True),
        (yes, no, False),
        (yes, "", False),
        ("", "", False),
    ):
        (found,) = found_in(AUTH % old, new % now)
        assert found.impact.value == ("careful" if is_careful else "breaking")
        assert found.effect.endswith(REBUILT) is is_careful


def test_what_stays_breaking_for_data_that_can_be_rebuilt() -> None:
    """Services that lose access, uses of a removed store and mixed data are no loss of data."""
    yes = ", rebuildable: true"
    used = f"{yes}, readers: [Mail]"
    assert [found.impact.value for found in found_in(AUTH % used, AUTH % yes)] == ["breaking"]
    mail = "  mail: {backend: redis, prefix: %s, service: Mail, purpose: P, rebuildable: true}\n"
    found = found_in(AUTH % yes + mail % "mail", AUTH % yes + mail % "auth")
    assert {each.change: each.impact.value for each in found} == {"overlap": "breaking", "keys": "careful"}
    removed = found_in(AUTH % used + mail % "mail", mail % "mail")
    assert {each.change: each.impact.value for each in removed} == {"in_use": "breaking", "removed": "careful"}


def test_a_moved_prefix() -> None:
    """A prefix that moves leaves its keys behind; the place is that of the new prefix."""
    (found,) = found_in(AUTH % "", AUTH.replace("prefix: auth", "prefix: session") % "")
    assert (found.impact.value, found.change, found.before, found.after) == (
        "breaking",
        "keys",
        "auth:*",
        "session:*",
    )
    assert found.effect == "1 key pattern orphaned: auth:*. The old keys stay, and code no longer finds them."
    assert str(found.location) == "new.yaml:2:34"


def test_a_changed_layout_moves_all_stores() -> None:
    """A new layout moves stores whose own fields are the same, their locks and their rows too."""
    stores = AUTH % "" + "  mail: {backend: mysql, service: Mail, purpose: Letters}\n"
    old = "x-physical: {redis: {keys: ['{prefix}:*', '{prefix}:set:*', 'x:{name}:*'], locks: '{name}:lock:*'}}\n"
    new = (
        "x-physical: {redis: {keys: 'v2:{prefix}:*', locks: 'lock:{name}:*'},\n"
        "  mysql: {table: states, column: kind, value: '{name}'}}\n"
    )
    assert short(stores + old, stores + new) == [
        "breaking auth keys: 3 key patterns orphaned: auth:*, auth:set:*, x:auth:*. The old keys stay, and code no "
        "longer finds them.",
        "breaking mail table: The rows stay in the table 'mail'; code reads states (kind = mail) instead.",
        "careful auth locks: Locks that are held under auth:lock:* are not seen: while both versions run, two can "
        "hold the same lock.",
    ]


def test_another_value_in_a_shared_table() -> None:
    """A new value of the column that tells stores apart loses their rows; a second pattern of keys loses nothing."""
    store = "  mail: {backend: mysql, service: Mail, purpose: Letters}\n" + AUTH % ""
    old, new = (
        f"x-physical: {{mysql: {{table: states, column: kind, value: '{value}'}}, redis: {{keys: {keys}}}}}\n"
        for value, keys in (("{name}", "['{prefix}:*']"), ("{service}", "['{prefix}:*', 'set:{prefix}:*']"))
    )
    assert short(store + old, store + new) == [
        "breaking mail table: The rows stay where they are, but those written before are told apart as states "
        "(kind = mail), not states (kind = Mail).",
        "safe auth keys: Keys are written in more places; those that exist stay where they are.",
    ]


def test_another_backend() -> None:
    """Nothing moves data to another backend; what is left behind is listed, tables too."""
    new = "  auth: {backend: mysql, service: Auth, purpose: Sessions}\n"
    assert short(AUTH % "", new) == [
        "breaking auth backend: The data stay in Redis, and nothing moves them to MySQL. Orphaned: auth:*."
    ]
    assert short(new, AUTH % "") == [
        "breaking auth backend: The data stay in MySQL, and nothing moves them to Redis. Orphaned: the table auth."
    ]


def test_a_rename() -> None:
    """A rename in the same place is safe; one of a store with a default table moves its rows."""
    assert short(AUTH % "", AUTH.replace("auth:", "sessions:", 1) % "") == [
        "safe sessions renamed: Only names in code change: no key and no table moves."
    ]
    mail = "  mail: {backend: mysql, service: Mail, purpose: Letters}\n"
    assert short(mail, mail.replace("mail:", "post-box:", 1)) == [
        "breaking post-box table: The rows stay in the table 'mail'; code reads post_box instead.",
        "safe post-box renamed: Names in code change, and its data move as well.",
    ]


@pytest.mark.parametrize(
    ("status", "consequence"),
    [
        (
            "active",
            "breaking auth removed: It was not deprecated before, so it may still be in use. Its data stay until you "
            "delete them: auth:*.",
        ),
        (
            "deprecated",
            "careful auth removed: It was deprecated before. Its data stay until you delete them: auth:*.",
        ),
        (
            "removed",
            "safe auth removed: It was marked as removed before. Its data stay until you delete them: auth:*.",
        ),
        ("planned", "safe auth removed: It was only planned, so it has no data."),
    ],
)
def test_removal(status: str, consequence: str) -> None:
    """What a removal means depends on what was announced; the entry may go or be marked."""
    keep = "  keep: {backend: mysql, service: Keep, purpose: Kept}\n"
    old = AUTH % f", status: {status}" + keep
    assert short(old, keep) == [consequence]
    marked = short(old, AUTH % ", status: removed" + keep)
    assert marked == ([] if status == "removed" else [consequence.replace("removed:", "status:")])


def test_removed_but_used() -> None:
    """Readers, replacements and examples of a store that goes are told, whether its entry goes or is marked."""
    old = AUTH % ", status: deprecated, readers: [Mail]"
    rest = (
        "  past: {backend: memory, service: Auth, purpose: Past, status: deprecated, replacedBy: auth}\n"
        "x-deployments:\n  - {title: Small, stores: {auth: one}}\n"
    )
    uses = [
        "breaking auth in_use: The store 'auth' is removed, but read by 'Mail'.",
        "breaking auth in_use: 'auth' replaces the store 'past', but is removed itself.",
        "breaking auth in_use: The deployment example 'Small' names the store 'auth', which is removed.",
    ]
    found = found_in(old + rest, rest)
    assert {f"breaking auth in_use: {item.effect}" for item in found if item.change == "in_use"} == set(uses)
    assert [str(item.location).partition(":")[0] for item in found if "Mail" in item.effect] == ["old.yaml"]
    marked = AUTH % ", status: removed, readers: [Mail]"
    assert [item for item in short(old + rest, marked + rest) if "in_use" in item] == sorted(uses, key=uses.index)
    # Nothing is new about a store that was removed before.
    assert short(marked + rest, marked + rest) == []


def test_data_of_a_removed_store_in_use_by_another() -> None:
    """Keys that another store has now are not called orphaned, and that store learns what lies there."""
    new = "  other: {backend: redis, prefix: auth, service: Other, purpose: Others}\n"
    old = AUTH % ", status: deprecated" + "  gone: {backend: redis, prefix: auth, service: Gone, purpose: Gone}\n"
    assert short(old, new) == [
        "breaking gone removed: It was not deprecated before, so it may still be in use. Its data now count as data "
        "of another store: auth:* of 'other'.",
        "careful auth removed: It was deprecated before. Its data now count as data of another store: auth:* of "
        "'other'.",
        "careful other overlap: What is left of the data of the stores 'auth', 'gone' lies there as well: auth:*.",
        "safe other added: It has no data yet.",
    ]


def test_overlaps() -> None:
    """A new place in that of another store is reported in both directions; one that was there before is not."""
    both = AUTH % "" + "  edge: {backend: redis, prefix: 'auth:edge', service: Auth, purpose: Edge}\n"
    apart = both.replace("'auth:edge'", "edge")
    assert short(both, both) == []
    assert short(apart, both)[1:] == [
        "careful edge overlap: A scan of auth:* ('auth') also finds the keys 'auth:edge:*'."
    ]
    wide = both.replace("prefix: auth,", "prefix: session,")
    assert short(wide, both)[1:] == [
        "careful auth overlap: A scan of 'auth:*' also finds the keys of the store 'edge'."
    ]
    same = AUTH % "" + "  edge: {backend: redis, prefix: auth, service: Auth, purpose: Edge}\n"
    assert short(apart, same)[1] == (
        "breaking edge overlap: The data of the store 'auth' lie there as well (auth:*): each overwrites and deletes "
        "those of the other."
    )
    # Another server has keys of its own.
    assert (
        short(
            apart,
            same.replace(
                "backend: redis, prefix: auth, service: Auth, purpose: Edge",
                "backend: valkey, prefix: auth, service: Auth, purpose: Edge",
            ),
        )[1:]
        == []
    )


def test_a_shared_table() -> None:
    """Stores in one table mix only where nothing tells them apart."""
    one = "  one: {backend: mysql, service: One, purpose: Ones%s}\n"
    old = one % "" + "  two: {backend: mysql, service: Two, purpose: Twos}\n"
    new = old.replace("Twos", "Twos, table: one")
    assert [item.split(":")[0] for item in short(old, new)] == ["breaking two table", "breaking two overlap"]
    apart = ", physical: {table: all, column: kind, value: '%s'}"
    told = one % (apart % "one")
    added = "  two: {backend: mysql, service: Two, purpose: Twos" + apart % "two" + "}\n"
    assert short(told, told + added) == ["safe two added: It has no data yet."]
    assert short(told, told + added.replace("'two'", "'one'"))[0].startswith("breaking two overlap")


def test_search() -> None:
    """Values written before an index was switched on may not fit it; one that is switched off stays."""
    on = AUTH % ", enableSearch: true, physical: {index: 'idx:{name}'}"
    (found,) = found_in(AUTH % "", on)
    assert (found.impact.value, found.change, found.before, found.after) == ("breaking", "search", "off", "on")
    off = (
        "careful auth search: The index 'idx:auth' stays until you drop it, and code can no longer search the store."
    )
    assert short(on, AUTH % "") == [off]
    assert short(on, on.replace("idx:", "index:")) == [
        "careful auth index: The index 'idx:auth' stays until you drop it. The index 'index:auth' has to be built "
        "before code can search it."
    ]


ITEM = ", keys: [{pattern: 's:{id}', purpose: One%s}]"


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        (
            ", type: string",
            ", type: hash",
            "breaking auth type: Entries 's:{id}' that exist are still of the type string: commands for another type "
            "fail on them.",
        ),
        (
            "",
            ", type: hash",
            "careful auth type: Only one version states the type of entries 's:{id}': check that it is the same.",
        ),
        (
            ", ttl: 1h",
            ", ttl: 2h",
            "careful auth ttl: Entries 's:{id}' that exist keep the TTL they have (1h) until they are written again.",
        ),
        (
            "",
            ", ttl: 2h",
            "careful auth ttl: Entries 's:{id}' that exist keep the TTL they have, which was not stated, until they "
            "are written again.",
        ),
    ],
)
def test_items_of_keys(before: str, after: str, effect: str) -> None:
    """Entries that exist keep their type and their TTL."""
    assert short(AUTH % (ITEM % before), AUTH % (ITEM % after)) == [effect]


def test_items_that_go() -> None:
    """Entries of an item that goes stay for their TTL; when the whole store moves, items say nothing more."""
    old = AUTH % (ITEM % ", ttl: 1h")
    assert short(old, AUTH % "") == ["careful auth item: Entries 's:{id}' stay until they expire (1h)."]
    assert short(AUTH % (ITEM % ""), AUTH % "") == [
        "careful auth item: Entries 's:{id}' stay until you delete them: no TTL is stated."
    ]
    moved = AUTH.replace("prefix: auth", "prefix: b") % ""
    assert [item.split(":")[0] for item in short(old, moved)] == ["breaking auth keys"]


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        (", readers: [Mail, Post]", ", readers: [Post]", "Mail can no longer read"),
        (", writers: [Mail]", "", "Mail can no longer read or write"),
        (", writers: [Mail]", ", readers: [Mail]", "Mail can no longer write"),
        (", readers: [Mail]", ", writers: [Mail]", ""),
        (", readers: [Mail, Post]", "", "Mail, Post can no longer read"),
    ],
)
def test_access(before: str, after: str, lost: str) -> None:
    """A service that reads or writes less than before is reported by what it can no longer do."""
    effects = [f"breaking auth access: {lost} it, once the rules of access follow the registry."] if lost else []
    assert short(AUTH % before, AUTH % after) == effects


def test_another_owner() -> None:
    """The owner before loses its access, unless it stays as a writer."""
    other = AUTH.replace("service: Auth", "service: Id")
    assert [found.effect.partition(" it,")[0] for found in found_in(AUTH % "", other % "")] == [
        "Auth can no longer read or write"
    ]
    assert short(AUTH % "", other % ", writers: [Auth]") == []


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("planned", "active", ["safe auth status: It has no data until now."]),
        ("active", "deprecated", ["safe auth status: Its data stay and are still in use."]),
        ("active", "planned", ["careful auth status: Its data stay and are still in use."]),
        ("removed", "active", ["careful auth status: What is left of its data from before is in use again."]),
        ("deprecated", "active", []),
    ],
)
def test_status(before: str, after: str, found: list[str]) -> None:
    """Other changes of the status say what they mean for data."""
    assert short(AUTH % f", status: {before}", AUTH % f", status: {after}") == found


def test_a_planned_store_moves_freely() -> None:
    """A store that is only planned has no data to lose."""
    moved = AUTH.replace("prefix: auth", "prefix: session")
    assert short(AUTH % ", status: planned", moved % ", status: planned") == []


def test_filters_of_the_comparison() -> None:
    """Only stores that the comparison selects are looked at."""
    other = "  mail: {backend: mysql, service: Mail, purpose: Letters}\n"
    old, new = (
        AUTH % "" + other,
        AUTH.replace("prefix: auth", "prefix: b") % "" + other.replace("Letters", "L, table: b"),
    )
    assert [found.store for found in found_in(old, new)] == ["auth", "mail"]
    assert [found.store for found in found_in(old, new, service="Mail")] == ["mail"]


def test_another_index_hides_no_change_of_entries() -> None:
    """A search index that changes its name moves no data, so the type of an entry is still compared."""
    old = AUTH % (ITEM % ", type: hash" + ", enableSearch: true, physical: {index: 'idx:{name}'}")
    new = old.replace("idx:", "idx2:").replace("type: hash", "type: string")
    assert [item.split(":")[0] for item in short(old, new)] == ["breaking auth type", "careful auth index"]


def test_a_rename_with_an_index() -> None:
    """An index that is named after its store does not make a rename move data."""
    old = AUTH % ", enableSearch: true, physical: {index: 'idx:{name}'}"
    found = short(old, old.replace("auth:", "sessions:", 1))
    assert "safe sessions renamed: Only names in code change: no key and no table moves." in found


def in_table(name: str, value: str, status: str = "active") -> str:
    layout = f"{{table: all, column: kind, value: '{value}'}}"
    return f"  {name}: {{backend: mysql, service: Shop, purpose: P, status: {status}, physical: {layout}}}\n"


def in_keys(name: str, prefix: str, status: str = "active") -> str:
    return f"  {name}: {{backend: redis, prefix: '{prefix}', service: Shop, purpose: P, status: {status}}}\n"


@pytest.mark.parametrize("number", [3, 150])
def test_one_of_many_rows_of_a_table(number: int) -> None:
    """The one store with the same value of the column is found, however many others the table has."""
    old = "".join(in_table(f"a{n}", f"v{n}") for n in range(number)) + in_table("z-last", "mine")
    assert short(old, old + in_table("new", "mine"))[0].startswith(
        "breaking new overlap: The data of the store 'z-last' lie there as well"
    )
    late = in_table("new", "mine").replace("purpose: P", "purpose: Late").replace("Shop", "Late")
    assert any(
        item.startswith("careful new overlap: What is left of the data of the store 'z-last' lies there as well")
        for item in short(old, old.replace(in_table("z-last", "mine"), "") + late)
    )
    # A store without a column has all rows, and rows that are told apart are nobody else's.
    assert short(old, old + in_table("new", "other")) == ["safe new added: It has no data yet."]
    whole = "  new: {backend: mysql, service: Shop, purpose: P, table: all}\n"
    assert short(old, old + whole)[0].startswith("breaking new overlap")
    assert short(old, old.replace(in_table("z-last", "mine"), ""))[0].endswith(
        "Its data stay until you delete them: the table all (kind = mine)."
    )


def test_another_value_leaves_rows() -> None:
    """Rows that a store of the same table no longer reads are found by the store that reads them now."""
    old = in_table("first", "one")
    assert any(
        item.startswith("careful second overlap: What is left of the data of the store 'first'")
        for item in short(old, in_table("first", "two") + in_table("second", "one"))
    )


@pytest.mark.parametrize("number", [2, 150])
def test_removed_stores_hide_no_others(number: int) -> None:
    """Stores that are removed or of the same prefix never take the place of one whose keys a scan finds."""
    gone = "".join(in_keys(f"a{n}", f"auth:a{n}", "removed") for n in range(number))
    old = gone + in_keys("live", "auth:z")
    scan = "A scan of 'auth:*' also finds the keys of the store 'live'."
    assert short(old, old + in_keys("new", "auth"))[0] == f"careful new overlap: {scan}"
    same = "".join(in_keys(f"a{n}", "auth") for n in range(number)) + in_keys("live", "auth:z")
    assert f"careful new overlap: {scan}" in short(same, same + in_keys("new", "auth"))


def test_all_scans_that_find_new_keys() -> None:
    """Each pattern around a new one is listed, the longest first, without those of removed stores."""
    old = (
        in_keys("wide", "a") + in_keys("near", "a:b") + in_keys("gone", "a:b:c", "removed") + in_keys("other", "a:bc")
    )
    assert short(old, old + in_keys("new", "a:b:c:d"))[0] == (
        "careful new overlap: A scan of a:b:* ('near'), a:* ('wide') also finds the keys 'a:b:c:d:*'."
    )
