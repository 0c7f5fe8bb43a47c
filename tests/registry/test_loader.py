"""Files -> (registry, problems): merging, defaults, order, and that nothing raises."""

from __future__ import annotations

import gc
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sphinx_statestores.registry.backends import KNOWN_BACKENDS
from sphinx_statestores.registry.guide import DEFAULT_BACKEND_CHOICES, DEFAULT_CONVENTIONS
from sphinx_statestores.registry.layout import Layout
from sphinx_statestores.registry.loader import load, load_sources
from sphinx_statestores.registry.model import Reference, Registry
from sphinx_statestores.registry.naming import constant_name
from sphinx_statestores.registry.problems import Kind, Location, Problem, Severity
from sphinx_statestores.registry.source import SourceText, decode_source

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = [ROOT / "schemas" / name for name in ("state-stores.yaml", "state-stores-guide.yaml")]

AUTH = "x-state-stores:\n  auth: {backend: redis, service: Auth, purpose: Sessions, prefix: auth}\n"
STORE = "  '{}': {{backend: redis, service: Auth, purpose: Sessions}}\n"
MAIL = "x-state-stores:\n  mail: {backend: mysql, service: Mail, purpose: Letters}\n"

#: What a registry that shows each field has no reason to avoid: names that only stand in that field.
DEAD_NAMES = {Kind.UNKNOWN_REFERENCE, Kind.UNUSED_SERVICE}


def load_texts(**texts: str) -> tuple[Registry, list[Problem]]:
    """Load texts as files that are called ``NAME.yaml``."""
    sources = [decode_source(f"{name}.yaml", text.encode()) for name, text in texts.items()]
    return load_sources(sources)


def sound(**texts: str) -> Registry:
    registry, problems = load_texts(**texts)
    assert [problem for problem in problems if problem.kind not in DEAD_NAMES] == []
    return registry


def test_the_repository_has_124_stores() -> None:
    """The repository's own registry loads without a problem, with all its stores, services and backends."""
    registry, problems = load(SCHEMAS)
    assert problems == []
    assert len(registry.stores) == 124
    assert len(registry.services) == 44
    assert {key: len(found) for key, found in registry.by_backend.items()} == {"redis": 77, "mysql": 47}


def test_the_defaults_are_those_of_the_reference() -> None:
    """Conventions and backend guide, where a registry has none, are those of the reference document."""
    bare, _ = load(SCHEMAS[:1])
    full, _ = load(SCHEMAS)
    assert bare.guide.conventions == DEFAULT_CONVENTIONS
    assert bare.guide.backend_choices == DEFAULT_BACKEND_CHOICES
    assert [convention[:-1] for convention in DEFAULT_CONVENTIONS] == [c[:-1] for c in full.guide.conventions]
    assert [choice[:-1] for choice in DEFAULT_BACKEND_CHOICES] == [c[:-1] for c in full.guide.backend_choices]


def test_what_has_no_default_is_empty() -> None:
    """Without a guide there are no deployments, no generated code, and a reference that names no project."""
    guide = sound(a=AUTH).guide
    assert (guide.deployments, guide.generated_code, guide.reference) == ((), None, Reference())


def test_an_empty_guide_section_is_no_default() -> None:
    """A registry that writes an empty list of conventions or choices has none."""
    guide = sound(a=AUTH + "x-naming-conventions: []\nx-backend-guide: []\n").guide
    assert (guide.conventions, guide.backend_choices) == ((), ())


def test_every_field_of_a_store() -> None:
    """Each field of the format reaches the store, as it is written."""
    registry = sound(
        a="""
x-state-stores:
  auth-sessions:
    backend: mongodb
    prefix: auth
    table: sessions
    service: Auth
    purpose: |
      Sessions of
      `players`
    enableSearch: true
    status: deprecated
    replacedBy: auth-tokens
    since: 1.10
    readers: [Gateway, Mail]
    writers: Gateway
    tags: [hot]
    keys:
      - {pattern: "s:{id}", type: hash, ttl: 3600, purpose: One}
    classification: confidential
    retention: 30 days
    rebuildable: false
    sensitive: [email, address]
    x-owner: team a
    x-limits: {rows: 10, kinds: [a, b]}
"""
    )
    (store,) = registry.stores
    key = store.keys[0]
    assert store._replace(places=store.places, keys=()) == (
        "auth-sessions",
        "mongodb",
        "Auth",
        "Sessions of `players`",
        store.places,
        "auth",
        "sessions",
        True,
        "deprecated",
        "auth-tokens",
        "1.10",
        ("Gateway", "Mail"),
        ("Gateway",),
        ("hot",),
        (),
        (("x-owner", "team a"), ("x-limits", "rows: 10, kinds: a, b")),
        Layout(),
        None,
        "confidential",
        "30 days",
        False,
        ("email", "address"),
    )
    assert key[:-1] == ("s:{id}", "hash", "3600", "One")
    assert key.places.of("ttl") == Location("a.yaml", 19, 46)


def test_the_defaults_of_a_store() -> None:
    """A store with the required fields alone is active and has nothing else."""
    (store,) = sound(a=MAIL).stores
    assert store[5:] == ("", "", False, "active", "", "", (), (), (), (), (), Layout(), None, "", "", None, ())


def test_every_field_of_the_guide() -> None:
    """Each field of the other sections reaches the guide, as it is written."""
    guide = sound(
        a=AUTH
        + """\
x-naming-conventions:
  - {pattern: "{service}", backends: redis, description: D, prefer: P}
x-backend-guide:
  - {useCase: U, backend: redis, enableSearch: true, rationale: R}
x-deployments:
  - {title: T, note: N, stores: {b: 6379, a: "host:1"}}
x-generated-code: {language: python, path: p.py, namespace: n, class: C, names: [auth]}
x-reference:
  {project: P, regenerate: make, deployments: "  Text.\\n", closing: {label: L, href: h, text: t}}
"""
    ).guide
    assert [c[:-1] for c in guide.conventions] == [("{service}", ("redis",), "D", "P")]
    assert [c[:-1] for c in guide.backend_choices] == [("U", "redis", True, "R")]
    assert [d[:-1] for d in guide.deployments] == [("T", "N", (("b", "6379"), ("a", "host:1")))]
    assert guide.generated_code is not None
    assert guide.generated_code[:-1] == ("python", "p.py", "n", "C", ("auth",))
    assert guide.reference[:-1] == ("P", "make", "Text.", "L", "h", "t")
    assert guide.deployments[0].places.of("stores.a") == Location("a.yaml", 8, 46)
    assert guide.reference.places.of("closing.href") == Location("a.yaml", 11, 86)


def test_files_are_merged() -> None:
    """Several files give one registry: stores of both, sorted by name, each with the place in its own file."""
    registry = sound(b=MAIL, a=AUTH)
    assert registry.names == ("auth", "mail")
    assert [str(store.location) for store in registry.stores] == ["a.yaml:2:3", "b.yaml:2:3"]
    assert list(registry.services) == ["Auth", "Mail"]
    assert [file.path for file in registry.files] == ["b.yaml", "a.yaml"]


def test_lists_of_the_guide_are_joined() -> None:
    """Conventions, choices and deployments of several files follow each other in the order of the files."""
    registry = sound(
        a=AUTH + "x-naming-conventions: [{pattern: one}]\nx-deployments: [{title: One, stores: {}}]\n",
        b="x-naming-conventions: [{pattern: two}]\nx-deployments: [{title: Two, stores: {}}]\n",
    )
    assert [convention.pattern for convention in registry.guide.conventions] == ["one", "two"]
    assert [deployment.title for deployment in registry.guide.deployments] == ["One", "Two"]


def test_a_store_defined_in_two_files() -> None:
    """A store of two files keeps its first definition, and the error shows both places."""
    registry, problems = load_texts(a=AUTH, b=MAIL + AUTH.splitlines()[1].replace("redis", "mysql") + "\n")
    (problem,) = problems
    assert problem.kind is Kind.DUPLICATE_NAME
    assert str(problem.location) == "b.yaml:3:3"
    assert "a.yaml:2:3" in problem.message
    assert registry.by_name["auth"].backend == "redis"
    assert registry.names == ("auth", "mail")


def test_a_store_that_is_wrong_in_its_first_file() -> None:
    """A second definition is reported even where the first one cannot be used, and does not take its place."""
    registry, problems = load_texts(a=AUTH.replace("redis", "redsi"), b=AUTH)
    assert [problem.kind for problem in problems] == [Kind.UNKNOWN_BACKEND, Kind.DUPLICATE_NAME]
    assert registry.stores == ()


@pytest.mark.parametrize("section", ["x-generated-code: {path: a}\n", "x-reference: {project: A}\n"])
def test_a_section_that_cannot_be_merged(section: str) -> None:
    """A section that there can be only one of is an error in the second file, which shows both places."""
    registry, problems = load_texts(a=AUTH + section, b=section.replace("A", "B").replace(" a", " b"))
    (problem,) = problems
    assert problem.kind is Kind.DUPLICATE_NAME
    assert problem.location.path == "b.yaml"
    assert "a.yaml:3:" in problem.message
    assert {registry.guide.reference.project, getattr(registry.guide.generated_code, "path", "")} & {"A", "a"}


@pytest.mark.parametrize("section", ["x-backends: {tikv: %s}\n", "x-services: {Auth: %s}\n"])
def test_a_name_of_another_section_defined_twice(section: str) -> None:
    """A backend or a service described in two files keeps its first description, and the error shows both places."""
    registry, problems = load_texts(a=AUTH + section % "First", b=section % "Second")
    assert "First" in {registry.service_title("Auth"), registry.backend_label("tikv")}
    (problem,) = problems
    assert problem.kind is Kind.DUPLICATE_NAME
    assert problem.location.path == "b.yaml"
    assert "a.yaml:3:" in problem.message


def test_backends_of_the_registry() -> None:
    """``x-backends`` adds backends behind the known ones and relabels a known one where it stands."""
    registry = sound(
        a="x-backends: {redis: Redis 8, tikv: {label: TiKV, tables: true}, plain: {}}\n"
        + AUTH.replace("redis", "tikv")
    )
    assert registry.backends["redis"][:3] == ("redis", "Redis 8", False)
    assert registry.backends["tikv"][:3] == ("tikv", "TiKV", True)
    assert registry.backend_label("plain") == "plain"
    assert list(registry.backends) == [*KNOWN_BACKENDS, "tikv", "plain"]
    assert registry.table_of(registry.stores[0]) == "auth"


def test_a_backend_of_another_file() -> None:
    """A backend may be defined in a later file than the store that uses it."""
    assert sound(a=AUTH.replace("redis", "tikv"), b="x-backends: {tikv: TiKV}\n").names == ("auth",)


def test_services_are_described_or_found() -> None:
    """A service has the title and page of ``x-services``; one that only owns stores is called by its name."""
    registry = sound(
        a=AUTH, b=MAIL + "x-services:\n  Mail: {title: Post, docs: services/mail}\n  Idle: Nothing yet\n"
    )
    assert {service.name: (*service[1:3], service.location) for service in registry.services.values()} == {
        "Auth": ("Auth", "", Location("a.yaml", 2, 35)),
        "Idle": ("Nothing yet", "", Location("b.yaml", 5, 3)),
        "Mail": ("Post", "services/mail", Location("b.yaml", 4, 3)),
    }
    assert list(registry.services) == sorted(registry.services)
    assert (registry.service_title("Mail"), registry.service_title("Nobody")) == ("Post", "Nobody")


def test_problems_come_in_the_order_of_the_lines() -> None:
    """Problems of one file follow its lines, whatever the order in which its sections are made sense of."""
    _, problems = load_texts(
        a="x-reference: {a: b}\nx-services: [a]\n"
        + AUTH.replace("redis", "redsi")
        + "x-backends: [a]\nx-deployments: a\n"
    )
    assert [problem.location.line for problem in problems] == [1, 2, 4, 5, 6]


def test_problems_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    """Problems follow the order of the files, whether a file could be read or not."""
    bad, missing, broken = tmp_path / "c.yaml", tmp_path / "b.yaml", tmp_path / "a.yaml"
    bad.write_text(AUTH.replace("redis", "redsi"))
    broken.write_text("a: ]\n")
    _, problems = load([bad, missing, broken, bad])
    assert [problem.location.path for problem in problems][:3] == [str(bad), str(missing), str(broken)]


def test_a_missing_file_leaves_the_others(tmp_path: Path) -> None:
    """What the readable files define is there, although another one is missing."""
    (tmp_path / "a.yaml").write_text(AUTH)
    registry, problems = load([tmp_path / "missing.yaml", tmp_path / "a.yaml"])
    assert registry.names == ("auth",)
    assert [problem.kind for problem in problems] == [Kind.UNREADABLE_FILE]


def test_an_unreadable_registry_says_only_why() -> None:
    """Where no file could be read there is no second complaint that the stores are missing."""
    _, problems = load(["/nowhere/a.yaml"])
    assert [problem.kind for problem in problems] == [Kind.UNREADABLE_FILE]


def test_a_guide_alone_is_no_registry() -> None:
    """Files without ``x-state-stores`` are named together, at the first of them."""
    registry, problems = load_texts(a="x-services: {Auth: A}\n", b="openapi: 3.1.0\n")
    (problem,) = problems
    assert problem.kind is Kind.NO_REGISTRY
    assert problem.location == Location("a.yaml")
    assert "a.yaml, b.yaml" in problem.message
    assert registry.stores == ()


@pytest.mark.parametrize("field", ["backend", "service", "status"])
def test_an_empty_text_is_no_value(field: str) -> None:
    """A quoted empty backend, service or status is an error at its value, and the store is left out."""
    values = {"backend": "memory", "service": "Auth", "status": "active", field: "''"}
    text = "x-state-stores:\n  auth:\n    purpose: Sessions\n" + "".join(f"    {k}: {v}\n" for k, v in values.items())
    registry, problems = load_texts(a=text)
    line = 4 + list(values).index(field)
    assert [(p.kind.severity, p.location.line, p.location.column) for p in problems] == [
        (Severity.ERROR, line, len(f"    {field}: ") + 1)
    ]
    assert registry.stores == ()


def test_a_chain_of_aliases_is_no_endless_depth() -> None:
    """Aliases that nest a user's own value thousands of levels deep are a problem, not a crash."""
    lines = ["a0: &a0 x"]
    lines += [f"a{n}: &a{n} {'[' * 30}*a{n - 1}{']' * 30}" for n in range(1, 200)]
    text = "\n".join(lines) + "\n" + AUTH.replace("}", ", x-deep: *a199}") + MAIL.splitlines()[1] + "\n"
    registry, _ = load_texts(a=text)
    assert set(registry.names) <= {"auth", "mail"}


@pytest.mark.parametrize("tag", ["!!int", "!!bool", "!!timestamp"])
def test_messages_hold_nothing_that_a_terminal_obeys(tag: str) -> None:
    """A value's escape characters do not reach the message about it."""
    _, problems = load_texts(a=AUTH.replace("Sessions", f'{tag} "\\e[31m"'))
    (problem,) = problems
    assert problem.kind is Kind.WRONG_SHAPE
    assert problem.message.isprintable()


def test_digests_tell_contents_apart() -> None:
    """A file's digest differs when its content does, and only then."""
    digests = [sound(a=text).files[0].digest for text in (AUTH, AUTH, AUTH + "# note\n")]
    assert digests[0] == digests[1] != digests[2]


def test_a_file_that_cannot_be_parsed_is_still_listed() -> None:
    """A file that was read belongs to the registry's files even when it is not YAML: its next version matters."""
    registry, problems = load_texts(a=AUTH, b="a: ]\n")
    assert [file.path for file in registry.files] == ["a.yaml", "b.yaml"]
    assert [problem.kind for problem in problems] == [Kind.NOT_YAML]


def test_paths_are_kept_as_given() -> None:
    """Problems and stores name the file as the caller did."""
    source = SourceText("../schemas/a.yaml", AUTH, "")
    registry, _ = load_sources([source])
    assert registry.stores[0].location == Location("../schemas/a.yaml", 2, 3)


def test_loading_twice_gives_equal_registries() -> None:
    """A registry is a value: equal files give equal ones, also after pickling."""
    assert sound(a=AUTH, b=MAIL) == sound(a=AUTH, b=MAIL)
    registry = sound(a=AUTH)
    assert pickle.loads(pickle.dumps(registry)) == registry  # noqa: S301 - its own bytes


def test_own_tables() -> None:
    """A store's table is the given one, its name with ``_`` where the backend has tables, else nothing."""
    registry = sound(
        a="x-state-stores:\n"
        "  a-b: {backend: mysql, service: A, purpose: p}\n"
        "  b-c: {backend: mysql, service: A, purpose: p, table: mine}\n"
        "  c-d: {backend: memory, service: A, purpose: p}\n"
    )
    assert [registry.table_of(store) for store in registry.stores] == ["a_b", "mine", ""]


def test_extra_fields_are_named() -> None:
    """The registry knows which fields of the users' own there are."""
    registry = sound(a=AUTH.replace("}", ", x-owner: me, x-tier: ~}"))
    assert registry.extra_fields == {"x-owner", "x-tier"}


def test_a_registry_is_frozen() -> None:
    """Nothing of a registry can be set."""
    registry = sound(a=AUTH)
    with pytest.raises(AttributeError):
        registry.stores = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        registry.stores[0].name = "b"  # type: ignore[misc]


@pytest.mark.parametrize(
    "text",
    [
        "hunter2\n",
        "- hunter2\n",
        "hunter2: hunter2\nhunter2: 1\n",
        "5: hunter2\n",
        "password: *hunter2\n",
        "password: !hunter2 x\n",
        "password: hunter2: x\n",
        "'hunter2\n",
        "hunter2\x00\n",
    ],
)
def test_nothing_of_another_file_is_repeated(text: str) -> None:
    """A file that turns out to be no registry is refused without a word of what it holds."""
    registry, problems = load_texts(a=text)
    assert registry.stores == ()
    assert problems
    assert not any("hunter2" in problem.message or "5" in problem.message for problem in problems)


def test_words_of_a_registry_are_repeated() -> None:
    """In a file that names a section, the message about a tag or an alias names it."""
    for written in ("*other", "!other x"):
        _, (problem,) = load_texts(a=AUTH.replace("Sessions", written))
        assert "other'" in problem.message


def test_the_size_limit_reaches_the_files(tmp_path: Path) -> None:
    """Files above the limit are not read; the others are."""
    small, large = tmp_path / "a.yaml", tmp_path / "b.yaml"
    small.write_text(AUTH)
    large.write_text(MAIL + "#" * 1000)
    registry, problems = load([small, large], size_limit=500)
    assert registry.names == ("auth",)
    assert [problem.kind for problem in problems] == [Kind.UNREADABLE_FILE]


def test_collisions_between_files() -> None:
    """What two files have in common is reported in the second, which names the place in the first."""
    auth = AUTH.replace("auth: {", "auth-statestore: {")
    _, problems = load_texts(b=auth, a=AUTH)
    assert [(str(problem.location), problem.kind) for problem in problems] == [
        ("a.yaml:2:3", Kind.CONSTANT_COLLISION),
        ("a.yaml:2:68", Kind.SAME_PREFIX),
    ]
    assert problems[0].message.endswith("; the other one is at b.yaml:2:3")
    assert problems[1].message.endswith("; the other one is at b.yaml:2:79")


NAMES = some.lists(
    some.lists(some.sampled_from(["a", "A", "3", "-", ".", "_", "statestore", "Statestore"]), min_size=1, max_size=5)
    .map("".join)
    .filter(re.compile("[A-Za-z0-9]").match),
    unique=True,
    max_size=6,
)


@given(NAMES)
def test_collisions_of_names(names: list[str]) -> None:
    """Each name that is that of an earlier store but for its case, or has its constant, is reported."""
    registry, problems = load_texts(a="x-state-stores:\n" + "".join(STORE.format(name) for name in names))
    assert {*registry.names} == {*names}
    for kind, key in ((Kind.NAME_COLLISION, str.lower), (Kind.CONSTANT_COLLISION, constant_name)):
        keys = [key(name) for name in names]
        expected = [name for position, name in enumerate(names) if keys[position] in keys[:position]]
        assert [problem.store for problem in problems if problem.kind is kind] == expected


def test_a_file_that_is_named_twice() -> None:
    """The second time, all that a file defines is defined twice, and nothing collides beyond that."""
    sources = [decode_source("a.yaml", AUTH.encode())] * 2
    registry, problems = load_sources(sources)
    assert registry.names == ("auth",)
    assert {problem.kind for problem in problems} <= {Kind.DUPLICATE_NAME}


def test_an_error_is_in_the_file_whose_line_it_is() -> None:
    """Services that differ in case only are compared in the order of the files."""
    _, problems = load_texts(b=AUTH, a=MAIL.replace("Mail,", "auth,"))
    assert [(str(problem.location), problem.kind) for problem in problems] == [("a.yaml:2:35", Kind.NAME_COLLISION)]
    assert "'auth' differs only in case from 'Auth' at b.yaml:2:35: rename" in problems[0].message


@pytest.mark.parametrize("was_enabled", [True, False])
def test_the_search_for_garbage_is_left_as_it_was(was_enabled: bool) -> None:
    """Loading pauses Python's search for garbage, and leaves it on or off as it found it."""
    before = gc.isenabled()
    (gc.enable if was_enabled else gc.disable)()
    try:
        load_texts(a=AUTH, b="a: ]")
        assert gc.isenabled() is was_enabled
    finally:
        (gc.enable if before else gc.disable)()


@pytest.mark.parametrize(
    ("section", "same", "other"),
    [
        ("x-backends", "kafka: Kafka", "kafka: Apache Kafka"),
        ("x-services", "Auth: {title: Authentication}", "Auth: Identity"),
        ("x-lint", "long_purpose: off", "long_purpose: error"),
    ],
)
def test_two_files_may_say_the_same(section: str, same: str, other: str) -> None:
    """A backend, a service or a rule that two files define alike is no problem; another definition is an error."""
    stores = "x-state-stores: {%s: {backend: memory, service: Auth, purpose: P}}\n"
    first = SourceText("a.yaml", f"{stores % 'auth-one'}{section}: {{{same}}}\n", "")
    again = SourceText("b.yaml", f"{stores % 'auth-two'}{section}: {{{same}}}\n", "")
    unlike = SourceText("b.yaml", f"{stores % 'auth-two'}{section}: {{{other}}}\n", "")
    assert load_sources([first, again])[1] == []
    (problem,) = load_sources([first, unlike])[1]
    assert problem.kind is Kind.DUPLICATE_NAME
    assert f"is defined twice in '{section}'; the definition at a.yaml" in problem.message
