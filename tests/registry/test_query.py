"""Query -> stores: filters, order, groups, limits, and the texts that queries are made from."""

from __future__ import annotations

import random
from fnmatch import fnmatchcase, translate
from typing import TYPE_CHECKING, SupportsIndex

import pytest
from work import counted_calls

from sphinx_statestores.registry.fields import as_text, find_field
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import Key, Registry, Service, Store
from sphinx_statestores.registry.places import Places
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import (
    FILTERS,
    TERM_LENGTH,
    TERM_LIMIT,
    Complaint,
    Query,
    Terms,
    parse_query,
    parse_query_text,
    parse_terms,
)
from sphinx_statestores.registry.query_check import check_query
from sphinx_statestores.registry.selection import group, select
from sphinx_statestores.registry.source import decode_source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

NOWHERE = Places("f.yaml")


def store(name: str, backend: str = "redis", service: str = "Auth", **fields: object) -> Store:
    purpose = str(fields.pop("purpose", ""))
    return Store(name, backend, service, purpose, NOWHERE)._replace(**fields)  # type: ignore[arg-type]


def registry_of(*stores: Store, **titles: str) -> Registry:
    services = {s.service: Service(s.service, titles.get(s.service, s.service), "", NOWHERE) for s in stores}
    return Registry(tuple(sorted(stores, key=lambda s: s.name)), dict(sorted(services.items())))


SMALL = registry_of(
    store("auth-lock", tags=("hot",)),
    store("auth-statestore", purpose="Session and `token` state", prefix="auth", status="deprecated"),
    store("mail-index", "redis", "Mail", purpose="Search", tags=("hot", "search"), enable_search=True),
    store("mail-statestore", "mysql", "Mail", purpose="Letters", table="letters", status="planned"),
    store(
        "realm-statestore",
        "mysql",
        "Realm",
        tags=("core",),
        keys=(Key("realm:{id}", "hash", "60", "One kingdom", NOWHERE),),
        extra=(("x-owner", "team b"),),
    ),
    Realm="Realms of the World",
)


def ask(**options: str) -> list[str]:
    query, complaints = parse_query({name.replace("_", "-"): value for name, value in options.items()})
    assert complaints == []
    return [found.name.removesuffix("-statestore") for found in select(SMALL, query)]


ALL = ["auth-lock", "auth", "mail-index", "mail", "realm"]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, ALL),
        ({"service": "Auth"}, ["auth-lock", "auth"]),
        ({"service": "Auth, Realm"}, ["auth-lock", "auth", "realm"]),
        ({"service": "Auth Realm"}, ["auth-lock", "auth", "realm"]),
        ({"service": "!Auth"}, ["mail-index", "mail", "realm"]),
        ({"service": "!Auth,!Mail"}, ["realm"]),
        ({"service": "Auth,!Auth"}, []),
        ({"service": "auth"}, []),
        ({"backend": "mysql"}, ["mail", "realm"]),
        ({"backend": "!mysql"}, ["auth-lock", "auth", "mail-index"]),
        ({"backend": "redis,mysql"}, ALL),
        ({"match": "auth-*"}, ["auth-lock", "auth"]),
        ({"match": "auth-lock"}, ["auth-lock"]),
        ({"match": "auth"}, []),
        ({"match": "*-statestore"}, ["auth", "mail", "realm"]),
        ({"match": "*-statestore,!mail-*"}, ["auth", "realm"]),
        ({"match": "!*-statestore"}, ["auth-lock", "mail-index"]),
        ({"match": "mail-*,auth-l*"}, ["auth-lock", "mail-index", "mail"]),
        ({"match": "mail-*,*-index"}, ["mail-index", "mail"]),
        ({"match": "[am]*-?????*"}, ["auth", "mail-index", "mail"]),
        ({"match": "[!am]*"}, ["realm"]),
        ({"match": "AUTH-*"}, []),
        ({"match": "auth.lock"}, []),
        ({"status": "deprecated"}, ["auth"]),
        ({"status": "active,planned"}, ["auth-lock", "mail-index", "mail", "realm"]),
        ({"status": "!active"}, ["auth", "mail"]),
        ({"tag": "hot"}, ["auth-lock", "mail-index"]),
        ({"tag": "hot,search"}, ["auth-lock", "mail-index"]),
        ({"tag": "hot,!search"}, ["auth-lock"]),
        ({"tag": "!hot"}, ["auth", "mail", "realm"]),
        ({"search": "LETTERS"}, ["mail"]),
        ({"search": "token state"}, ["auth"]),
        ({"search": "state token"}, ["auth"]),
        ({"search": "`token`"}, []),
        ({"search": "letters, session"}, ["auth", "mail"]),
        ({"search": "!auth"}, ["mail-index", "mail", "realm"]),
        ({"search": "mail, !search"}, ["mail"]),
        ({"search": "world"}, ["realm"]),
        ({"search": "MySQL"}, ["mail", "realm"]),
        ({"search": "mail_"}, []),
        ({"search": "realm_statestore"}, ["realm"]),
        ({"search": "core"}, ["realm"]),
        ({"search": "realm:{id}"}, ["realm"]),
        ({"search": "kingdom"}, ["realm"]),
        ({"service": "Mail", "backend": "redis"}, ["mail-index"]),
        ({"service": "Mail", "backend": "!redis", "match": "*store"}, ["mail"]),
        ({"tag": "hot", "status": "active", "search": "search"}, ["mail-index"]),
        ({"limit": "2"}, ["auth-lock", "auth"]),
        ({"limit": "0"}, []),
        ({"limit": "99"}, ALL),
        ({"limit": "1", "service": "Mail"}, ["mail-index"]),
        ({"limit": "1", "sort": "-name"}, ["realm"]),
    ],
)
def test_filters(options: dict[str, str], names: list[str]) -> None:
    """Terms of one filter are alternatives, filters are conditions, ``!`` excludes, the limit comes last."""
    assert ask(**options) == names


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("name", ALL),
        ("-name", ["realm", "mail", "mail-index", "auth", "auth-lock"]),
        ("backend", ["mail", "realm", "auth-lock", "auth", "mail-index"]),
        ("-backend", ["auth-lock", "auth", "mail-index", "mail", "realm"]),
        ("backend,-name", ["realm", "mail", "mail-index", "auth", "auth-lock"]),
        ("-service", ["realm", "mail-index", "mail", "auth-lock", "auth"]),
        ("table", ["auth-lock", "auth", "mail-index", "mail", "realm"]),
        ("-x-owner", ["realm", "auth-lock", "auth", "mail-index", "mail"]),
    ],
)
def test_sorting(sort: str, names: list[str]) -> None:
    """Stores are sorted by the fields in their order, ``-`` turns one around, and the name decides in the end."""
    assert ask(sort=sort) == names


def test_sorting_looks_at_no_case() -> None:
    """Capital letters do not come before small ones."""
    registry = registry_of(store("a", purpose="beta"), store("b", purpose="Alpha"), store("c", purpose="Gamma"))
    assert [s.name for s in select(registry, Query(sort=("purpose",)))] == ["b", "a", "c"]


def groups(by: str, registry: Registry = SMALL) -> list[tuple[str, list[str]]]:
    query = Query(group=by)
    return [
        (found.label, [s.name.removesuffix("-statestore") for s in found.stores])
        for found in group(registry, query, select(registry, query))
    ]


def test_groups_by_service() -> None:
    """Services make groups under their titles, in the order of the alphabet."""
    assert groups("service") == [
        ("Auth", ["auth-lock", "auth"]),
        ("Mail", ["mail-index", "mail"]),
        ("Realms of the World", ["realm"]),
    ]


def test_groups_by_backend() -> None:
    """Backends make groups in the order of the registry, not of the alphabet."""
    assert groups("backend") == [("Redis", ["auth-lock", "auth", "mail-index"]), ("MySQL", ["mail", "realm"])]


def test_groups_by_status() -> None:
    """Statuses make groups in the order of a store's life."""
    assert [label for label, _ in groups("status")] == ["planned", "active", "deprecated"]


def test_groups_by_tag() -> None:
    """A store is in the group of each of its tags; those without a tag come last, under an empty label."""
    assert groups("tags") == [
        ("core", ["realm"]),
        ("hot", ["auth-lock", "mail-index"]),
        ("search", ["mail-index"]),
        ("", ["auth", "mail"]),
    ]


def test_groups_by_a_field_of_the_users_own() -> None:
    """A field of the user's own makes groups as well."""
    assert groups("x-owner") == [("team b", ["realm"]), ("", ["auth-lock", "auth", "mail-index", "mail"])]


def test_groups_keep_the_order_of_their_stores() -> None:
    """Inside a group the stores stand as the query sorted them."""
    query = Query(sort=("-name",), group="service", service=Terms(("Auth",)))
    (found,) = group(SMALL, query, select(SMALL, query))
    assert [s.name for s in found.stores] == ["auth-statestore", "auth-lock"]


def test_no_grouping_is_one_group() -> None:
    """Without a field there is one group without a label, and none at all without stores."""
    assert groups("") == [("", ALL)]
    assert group(SMALL, Query(), ()) == ()
    assert group(SMALL, Query(group="service"), ()) == ()


def test_a_tag_that_is_written_twice() -> None:
    """A store that repeats a tag is selected once and stands once in the tag's group."""
    text = "x-state-stores:\n  a: {backend: redis, service: A, purpose: p, tags: [t, t]}\n"
    registry, _ = load_sources([decode_source("f.yaml", text.encode())])
    assert [s.name for s in select(registry, Query(tag=Terms(("t",))))] == ["a"]
    assert groups("tags", registry) == [("t", ["a"])]


@pytest.mark.parametrize(
    ("text", "phrases", "terms"),
    [
        ("", False, Terms()),
        ("a", False, Terms(("a",))),
        ("a,b", False, Terms(("a", "b"))),
        (" a ,, b\nc ", False, Terms(("a", "b", "c"))),
        ("a !b", False, Terms(("a",), ("b",))),
        ("a, a, !b, !b", False, Terms(("a",), ("b",))),
        ("!", False, Terms()),
        ("two  words, other", True, Terms(("two words", "other"))),
        ("! two words", True, Terms((), ("two words",))),
        ("one\ntwo", True, Terms(("one", "two"))),
    ],
)
def test_terms(text: str, phrases: bool, terms: Terms) -> None:
    """A list is split at commas and blanks, or at commas only, without empty or repeated terms."""
    assert parse_terms(text, phrases=phrases) == terms


def test_a_lone_exclamation_mark_is_not_lost() -> None:
    """``! redis`` never means the contrary of ``!redis``."""
    assert "redis" not in parse_terms("! redis").wanted


def test_options_that_are_no_filters_are_left_alone() -> None:
    """Other options of a directive are none of the query's business."""
    assert parse_query({"class": "wide", "columns": "name"}) == (Query(), [])


@pytest.mark.parametrize(
    ("options", "kind", "parts"),
    [
        ({"sort": "nam"}, Kind.INVALID_OPTION, ["unknown sort field 'nam'", "did you mean 'name'"]),
        ({"sort": "-servce"}, Kind.INVALID_OPTION, ["'servce'", "did you mean 'service'"]),
        ({"group-by": "bakcend"}, Kind.INVALID_OPTION, ["unknown group-by field", "did you mean 'backend'"]),
        ({"group-by": "zzz"}, Kind.INVALID_OPTION, ["'zzz'"]),
        ({"limit": "many"}, Kind.INVALID_OPTION, ["'limit'", "'many'"]),
        ({"limit": "-1"}, Kind.INVALID_OPTION, ["'limit'", "'-1'"]),
        ({"limit": ""}, Kind.INVALID_OPTION, ["'limit'"]),
        ({"limit": "1.5"}, Kind.INVALID_OPTION, ["'1.5'"]),
    ],
)
def test_options_that_are_not_understood(options: dict[str, str], kind: Kind, parts: list[str]) -> None:
    """What is not understood is complained about, with what may be meant, and left out of the query."""
    query, complaints = parse_query({**options, "service": "Auth"})
    assert query == Query(service=Terms(("Auth",)))
    (complaint,) = complaints
    assert complaint.kind is kind
    for part in parts:
        assert part in complaint.message


def test_an_unwanted_sort_field_is_not_ignored() -> None:
    """``!name`` sorts by nothing, so it is complained about."""
    assert [complaint.kind for complaint in parse_query({"sort": "!name"})[1]] == [Kind.INVALID_OPTION]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("all", Query()),
        ("service=Auth", Query(service=Terms(("Auth",)))),
        ("service=Auth backend=redis", Query(service=Terms(("Auth",)), backend=Terms(("redis",)))),
        ("service=Auth,!Mail", Query(service=Terms(("Auth",), ("Mail",)))),
        ("service=Auth service=Mail", Query(service=Terms(("Auth", "Mail")))),
        ("search='two words'", Query(search=Terms(("two words",)))),
        ('search="two words" tag=hot', Query(search=Terms(("two words",)), tag=Terms(("hot",)))),
        ("match=a=b", Query(match=Terms(("a=b",)))),
    ],
)
def test_queries_in_one_line(text: str, query: Query) -> None:
    """One line of ``filter=terms`` is a query; quotes hold words together, equal filters add up."""
    assert parse_query_text(text) == (query, [])


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("servce=Auth", Kind.UNKNOWN_OPTION, "'servce'; did you mean 'service'"),
        ("name=auth-lock", Kind.UNKNOWN_OPTION, "'name'; did you mean 'match'"),
        ("Service=Auth", Kind.UNKNOWN_OPTION, "did you mean 'service'"),
        ("sort=name", Kind.UNKNOWN_OPTION, "'sort'"),
        ("Auth", Kind.INVALID_OPTION, "'Auth' is not a filter"),
        ("service: Auth", Kind.INVALID_OPTION, "'service:' is not a filter: write '=' and no blank after its name"),
        ("x-team=Order Team", Kind.INVALID_OPTION, "'Team' is not a filter: put a value with blanks in quotation"),
        ("status=", Kind.INVALID_OPTION, "'status' is empty"),
        ("service=, backend=mysql", Kind.INVALID_OPTION, "'service' is empty"),
        ("search='open", Kind.INVALID_OPTION, "quotation mark"),
    ],
)
def test_lines_that_are_not_understood(text: str, kind: Kind, part: str) -> None:
    """A word that is no filter is complained about, with the filter that may be meant."""
    _, complaints = parse_query_text(text)
    assert [complaint.kind for complaint in complaints] == [kind]
    assert part in complaints[0].message


def test_the_rest_of_a_line_is_understood() -> None:
    """One bad word does not spoil the others."""
    query, complaints = parse_query_text("bakcend=redis service=Auth oops")
    assert query == Query(service=Terms(("Auth",)))
    assert len(complaints) == 2


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("service=Auth backend=redis status=active match=auth-*", []),
        ("tag=none", [Complaint(Kind.UNKNOWN_TAG, "unknown tag 'none': no store has it")]),
        (
            "match=!none-*",
            [Complaint(Kind.UNMATCHED_PATTERN, "'none-*' matches no store: '*' matches any characters")],
        ),
        ("service=Atuh", [Complaint(Kind.UNKNOWN_SERVICE, "unknown service 'Atuh'; did you mean 'Auth'?")]),
        ("service=!auth", [Complaint(Kind.UNKNOWN_SERVICE, "unknown service 'auth'; did you mean 'Auth'?")]),
        ("backend=Redis", [Complaint(Kind.UNKNOWN_BACKEND, "unknown backend 'Redis': write 'redis'")]),
        ("status=actve", [Complaint(Kind.INVALID_OPTION, "unknown status 'actve'; did you mean 'active'?")]),
        (
            "service=Qqq",
            [
                Complaint(
                    Kind.UNKNOWN_SERVICE,
                    "unknown service 'Qqq': use one that owns a store or is in 'x-services'",
                )
            ],
        ),
    ],
)
def test_names_that_the_registry_does_not_know(text: str, complaints: list[Complaint]) -> None:
    """A service, backend or status that the registry does not know is complained about with a near one."""
    query, _ = parse_query_text(text)
    assert check_query(query, SMALL) == complaints


def test_own_fields_that_no_store_has() -> None:
    """Sorting or grouping by a field of the user's own that no store has is complained about."""
    query, complaints = parse_query({"sort": "-x-ower,x-owner", "group-by": "x-team"})
    assert complaints == []
    found = check_query(query, SMALL)
    assert [complaint.kind for complaint in found] == [Kind.UNKNOWN_COLUMN, Kind.UNKNOWN_COLUMN]
    assert "did you mean 'x-owner'?" in found[0].message
    assert "'x-team'" in found[1].message


SERVICES = ("Account", "Auth", "CharacterEncounter", "Mail", "Realm", "SaveLoad", "Voice")
BACKENDS = ("redis", "mysql", "memory", "postgres", "postgresql")
WORDS = ("auth", "cache", "index", "lock", "mail", "player", "realm", "state", "token", "voice")
TAGS = ("cold", "core", "hot", "search")
STATUSES = ("planned", "active", "deprecated", "removed")
TITLES = {"Auth": "Authentication", "Voice": "Talking players"}


def synthetic(size: int) -> Registry:
    """Make a registry in which names, words and tags overlap as they do in a real one."""
    chance = random.Random(size)
    stores = []
    for number in range(size):
        words = chance.sample(WORDS, 3)
        stores.append(
            store(
                f"{words[0]}-{words[1]}-{number}",
                chance.choice(BACKENDS),
                chance.choice(SERVICES),
                purpose=" ".join(chance.sample(WORDS, 3)).capitalize() + " of `players`",
                prefix=chance.choice(("", words[2])),
                status=chance.choice(STATUSES),
                tags=tuple(chance.sample(TAGS, chance.randrange(3))),
                readers=tuple(chance.sample(SERVICES, chance.randrange(3))),
                writers=tuple(chance.sample(SERVICES, chance.randrange(2))),
                keys=tuple(Key(f"{words[2]}:{{id}}", "", "", words[0], NOWHERE) for _ in range(chance.randrange(2))),
            )
        )
    return registry_of(*stores, **TITLES)


def random_query(chance: random.Random) -> Query:
    def terms(values: tuple[str, ...], most: int = 2) -> Terms:
        wanted = chance.sample(values, chance.randrange(most + 1))
        unwanted = chance.sample(values, chance.choice((0, 0, 1)))
        return Terms(tuple(wanted), tuple(unwanted))

    globs = (
        "auth-*",
        "*-1",
        "*lock*",
        "[a-l]*",
        "mail-??*",
        "*",
        "realm-token-17",
        "none",
        "?????-*",
        "v*e-*",
        "[!v]*5",
    )
    makers = {
        "service": lambda: terms((*SERVICES, "Nobody")),
        "backend": lambda: terms(BACKENDS),
        "match": lambda: terms(globs, 3),
        "status": lambda: terms(STATUSES),
        "tag": lambda: terms((*TAGS, "none")),
        "reader": lambda: terms((*SERVICES, "Nobody")),
        "writer": lambda: terms(SERVICES),
        "search": lambda: terms((*WORDS, "AUTHENTICATION", "player state", "`players`", "postgresql", "players")),
    }
    chosen = chance.sample(FILTERS, chance.randrange(1, 4))
    fields = ("name", "backend", "service", "purpose", "prefix", "table", "tags", "status")
    filters = {name: makers[name]() if name in chosen else Terms() for name in FILTERS}
    return Query(
        service=filters["service"],
        backend=filters["backend"],
        match=filters["match"],
        status=filters["status"],
        tag=filters["tag"],
        search=filters["search"],
        reader=filters["reader"],
        writer=filters["writer"],
        sort=tuple(chance.choice(("", "-")) + key for key in chance.sample(fields, chance.randrange(3))),
        limit=chance.choice((None, None, None, 0, 7, 1000)),
    )


def by_brute_force(registry: Registry, query: Query) -> list[str]:
    """Answer a query as its documentation says, looking at every store."""

    def passes(found: Store, name: str, terms: Terms) -> bool:
        def holds(term: str) -> bool:
            if name == "match":
                return fnmatchcase(found.name, term)
            if name == "tag":
                return term in found.tags
            if name in {"reader", "writer"}:
                return term in getattr(found, f"{name}s")
            if name == "search":
                texts = [found.name, found.purpose.replace("`", ""), found.service, found.prefix, *found.tags]
                texts += [TITLES.get(found.service, ""), registry.backend_label(found.backend)]
                texts += [registry.table_of(found), *(t for key in found.keys for t in (key.pattern, key.purpose))]
                return all(any(word in text.lower() for text in texts) for word in term.lower().split())
            return bool(getattr(found, name) == term)

        wanted = not terms.wanted or any(holds(term) for term in terms.wanted)
        return wanted and not any(holds(term) for term in terms.unwanted)

    stores = [s for s in registry.stores if all(passes(s, name, getattr(query, name)) for name in FILTERS)]
    stores.sort(key=lambda s: s.name)
    for key in reversed(query.sort):
        field = find_field(key.removeprefix("-"))
        assert field is not None
        ranks = {s.name: as_text(field.value(s, registry)).lower() for s in stores}
        values = sorted(set(ranks.values()), reverse=key.startswith("-"))
        stores = [s for value in values for s in stores if ranks[s.name] == value]
    return [s.name for s in (stores if query.limit is None else stores[: query.limit])]


def test_indexes_answer_as_brute_force_does() -> None:
    """For hundreds of random questions the indexes give exactly the stores, in the order, of a plain search."""
    registry = synthetic(300)
    chance = random.Random(20261123)
    answers = set()
    for _ in range(600):
        query = random_query(chance)
        expected = by_brute_force(registry, query)
        assert [s.name for s in select(registry, query)] == expected, query
        answers.add(len(expected))
    assert len(answers) > 30  # the questions are neither all empty nor all alike


class Counted(tuple[Store, ...]):  # noqa: SLOT001 - it counts in an attribute
    """Stores that count how many of them are looked at."""

    looked_at = 0

    def __getitem__(self, index: SupportsIndex | slice) -> Store | tuple[Store, ...]:  # type: ignore[override]
        found = super().__getitem__(index)
        self.looked_at += len(found) if isinstance(index, slice) else 1
        return found

    def __iter__(self) -> Iterator[Store]:
        for found in super().__iter__():
            self.looked_at += 1
            yield found


def counted(registry: Registry) -> tuple[Registry, Counted]:
    stores = Counted(registry.stores)
    found = Registry(stores, registry.services, registry.backends)
    # Indexes are built once, whoever asks first.
    assert found.names
    assert found.by_service
    assert found.by_backend
    assert found.by_status
    assert found.by_tag
    stores.looked_at = 0
    return found, stores


LARGE = registry_of(
    *(
        store(
            f"{service.lower()}-{number}",
            ("redis", "mysql")[number % 2],
            service,
            tags=("hot",) if number < 2 else (),
        )
        for service in (f"Service{n:03}" for n in range(500))
        for number in range(20)
    )
)


@pytest.mark.parametrize(
    ("text", "found", "looked_at"),
    [
        ("service=Service007", 20, 20),
        ("service=Service007,Service123", 40, 40),
        ("service=Service007 backend=redis", 10, 20),
        ("service=Service007 search=service", 20, 20),
        ("backend=mysql service=Service007 tag=hot", 1, 20),
        ("match=service042-*", 20, 20),
        ("match=service042-1?", 10, 11),
        ("match=service042-1", 1, 11),
        ("match=service04?-1", 10, 200),
        ("service=Nobody backend=redis", 0, 0),
        ("match=zzz*", 0, 0),
        ("search=service042", 20, 10_000),
    ],
)
def test_a_filter_looks_at_few_stores(text: str, found: int, looked_at: int) -> None:
    """Among ten thousand stores a question looks at those that its rarest value or its glob's beginning allow."""
    assert len(LARGE.stores) == 10_000
    registry, stores = counted(LARGE)
    query, _ = parse_query_text(text)
    assert len(select(registry, query)) == found
    assert stores.looked_at <= looked_at
    if found:
        assert stores.looked_at >= found


def test_very_many_names_to_match() -> None:
    """Names are looked up: a list of them has no limit, and the globs beside them still count."""
    names = [f"service{number:03}-1" for number in range(0, 500, 2)]
    query, complaints = parse_query({"match": ", ".join([*names, "service001-*", "!service002-*"])})
    assert complaints == []
    wanted = {*names, *(f"service001-{number}" for number in range(20))} - {"service002-1"}
    assert {found.name for found in select(LARGE, query)} == wanted


@pytest.mark.parametrize("option", ["match", "search", "sort"])
def test_lists_that_are_too_long(option: str) -> None:
    """Of what every store is compared with, a query takes so much and no more, and says what is left out."""
    first = [f"x-{number}*" for number in range(TERM_LIMIT)]
    for more, number in (
        (["x-next*"], 1),
        (["x" * (TERM_LENGTH + 1)], 1),
        ([f"x-more{n}*" for n in range(5000)], 5000),
    ):
        query, complaints = parse_query({option: ",".join([*first, *more])})
        taken = query.sort if option == "sort" else getattr(query, option).wanted
        assert taken == tuple(first)
        message = f"{option!r} takes at most 200 terms of 200 characters each: {number:,} are ignored"
        assert complaints == [Complaint(Kind.INVALID_OPTION, message)]


def test_globs_are_compiled_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store is compared with many globs at once, and the same globs are made ready once."""
    made: list[str] = []

    def translated(glob: str) -> str:
        made.append(glob)
        return translate(glob)

    monkeypatch.setattr("sphinx_statestores.registry.selection.translate", translated)
    globs = [f"*e{number:03}-1?" for number in range(100)]
    query, complaints = parse_query({"match": ",".join(globs)})
    assert complaints == []
    with counted_calls() as calls:
        assert len(select(LARGE, query)) == 1000
        assert len(select(LARGE, query)) == 1000
    assert made == globs
    # Three calls for each store, and some for each glob.
    assert calls[0] < 2 * 4 * len(LARGE.stores) + 1000 * len(globs)


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, "match='" + "a" * 1_000_000, "service=" + "A," * 100_000, "'" * 1_000_001, "x=1 " * 100_000],
)
def test_lines_that_are_too_long(text: str) -> None:
    """A line of megabytes is left out whole, at once and in few words."""
    with counted_calls() as calls:
        query, complaints = parse_query_text(text)
    assert calls[0] < 100
    assert query == Query()
    assert [complaint.kind for complaint in complaints] == [Kind.INVALID_OPTION]
    assert len(complaints[0].message) < 200


LONG = "y" * 5000


@pytest.mark.parametrize(
    "options",
    [
        {"sort": f"!{LONG}"},
        {"sort": "y" * 150},
        {"group-by": LONG},
        {"service": LONG, "backend": LONG, "status": f"!{LONG}", "tag": LONG},
        {"group-by": f"x-{LONG}"},
    ],
)
def test_complaints_are_short(options: dict[str, str]) -> None:
    """What is said of a long word shows its beginning."""
    query, complaints = parse_query(options)
    complaints += check_query(query, SMALL)
    assert complaints
    assert all("yyy..." in complaint.message and len(complaint.message) < 320 for complaint in complaints)


@pytest.mark.parametrize("text", [f"{LONG}", f"{LONG}=1", f"service='{LONG}"])
def test_complaints_about_lines_are_short(text: str) -> None:
    """What is said of a long word in a line shows its beginning."""
    _, complaints = parse_query_text(text)
    assert complaints
    assert all("yyy..." in complaint.message and len(complaint.message) < 250 for complaint in complaints)


def test_unknown_names_of_many_queries_share_a_budget() -> None:
    """Who checks many queries says how near names are found."""
    query, _ = parse_query({"service": "Auht", "group-by": "x-onwer"})
    asked = []

    def suggest(word: str, known: Collection[str]) -> str:
        asked.append((word, tuple(known)))
        return "!"

    found = check_query(query, SMALL, suggest)
    assert [complaint.message for complaint in found] == [
        "unknown service 'Auht'!",
        "no store has a field 'x-onwer'!",
    ]
    assert asked == [("Auht", ("Auth", "Mail", "Realm")), ("x-onwer", ("x-owner",))]


def test_excluding_what_is_hidden() -> None:
    """A filter may exclude the services and tags of hidden stores again, each by the filter of its own kind."""
    store = Store("gone", "redis", "Ghost", "P", NOWHERE, readers=("Reader",), writers=("Writer",), tags=("old",))
    hidden = Registry((store,), {"Ghost": Service("Ghost", "Ghost", "", NOWHERE)})

    def complained(**filters: str) -> list[str]:
        query, _ = parse_query(filters)
        return [complaint.message for complaint in check_query(query, SMALL, hidden=hidden)]

    assert complained(service="!Ghost, !Reader", reader="!Reader, !Ghost", writer="!Writer", tag="!old") == []
    assert len(complained(tag="!Ghost")) == len(complained(service="!old")) == len(complained(reader="!old")) == 1
    assert (
        len(complained(backend="!Ghost")) == len(complained(status="!old")) == len(complained(service="Ghost")) == 1
    )
