"""Commands that show data of a store: whatever a registry contains, a value stays one word, text or name."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from typing import Any

import pytest

from sphinx_statestores.registry.backends import KNOWN_BACKENDS
from sphinx_statestores.registry.commands import LANGUAGES, commands_for, quoted_field
from sphinx_statestores.registry.federation import foreign_site, merge
from sphinx_statestores.registry.layout import CommandTemplate, Layout
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import Registry, Store
from sphinx_statestores.registry.places import NOWHERE
from sphinx_statestores.registry.source import SourceText

HOSTILE = (
    "'; rm -rf / #",
    '"; DROP TABLE x; --',
    "`id`$(id)${HOME}",
    "\\'; x",
    "a\\",
    "{name}{table}",
    "-rf",
    "%s%n",
    "ключ \u2026",
    "x'--\u00a0y",
)


def with_commands(*commands: Any, physical: Any = None, **store: Any) -> tuple[str, ...]:
    """Return the commands of a store of a backend with these templates."""
    registry = {
        "x-backends": {"own": {"tables": "table" in store, "commands": [*commands]}},
        "x-physical": {"own": physical or {}},
        "x-state-stores": {"s": {"backend": "own", "service": "Shop", "purpose": "P", **store}},
    }
    found, problems = load_sources([SourceText("a.yaml", json.dumps(registry), "")])
    assert [str(problem) for problem in problems if problem.severity.value == "error"] == []
    return commands_for(found.stores[0], found)


@pytest.mark.parametrize(
    ("backend", "commands"),
    [
        ("redis", ["redis-cli --scan --pattern 'a:b:*' | head -n 20"]),
        ("valkey", ["valkey-cli --scan --pattern 'a:b:*' | head -n 20"]),
        ("mysql", ["SELECT * FROM `s_t` LIMIT 10;"]),
        ("mariadb", ["SELECT * FROM `s_t` LIMIT 10;"]),
        ("postgresql", ['SELECT * FROM "s_t" LIMIT 10;']),
        ("sqlite", ['SELECT * FROM "s_t" LIMIT 10;']),
        ("cassandra", ['SELECT * FROM "s_t" LIMIT 10;']),
        ("mongodb", ['db.getCollection("s_t").find().limit(10)']),
        ("dynamodb", ["aws dynamodb scan --table-name='s_t' --max-items 10"]),
        ("s3", ["aws s3api list-objects-v2 --bucket \"$BUCKET\" --prefix='a:b/' --max-items 20"]),
        ("memory", []),
        ("unknown", []),
    ],
)
def test_the_defaults(backend: str, commands: list[str]) -> None:
    """Common backends have a command each, which reads a little and changes nothing."""
    store = Store("s-t", backend, "A", "P", NOWHERE, prefix="a:b")
    assert [*commands_for(store, Registry((store,)))] == commands


def test_no_default_blocks_a_server() -> None:
    """No command is KEYS, and each template could be written in a registry."""
    for backend in KNOWN_BACKENDS.values():
        for template in backend.commands:
            assert "KEYS" not in template.text
            assert quoted_field(template) == ""
            assert template.language in LANGUAGES


def test_layouts_in_commands() -> None:
    """Locks and indices have commands of their own; a pattern that another one includes has none."""
    layout = Layout(keys=("{prefix}:*", "{prefix}:set:*"), locks="{name}:lock:*", search="{name}-idx")
    backend = KNOWN_BACKENDS["redis"]._replace(layout=layout)
    store = Store("s", "redis", "A", "P", NOWHERE, prefix="p", enable_search=True)
    assert commands_for(store, Registry((store,), backends={"redis": backend})) == (
        "redis-cli --scan --pattern 'p:*' | head -n 20",
        "redis-cli --scan --pattern 's:lock:*' | head -n 20",
        "redis-cli FT.INFO 's-idx'",
    )


@pytest.mark.parametrize(
    ("backend", "command"),
    [
        ("mysql", "SELECT * FROM `all` WHERE `kind` = 's' LIMIT 10;"),
        ("postgres", 'SELECT * FROM "all" WHERE "kind" = \'s\' LIMIT 10;'),
        ("mongodb", 'db.getCollection("all").find({"kind": "s"}).limit(10)'),
    ],
)
def test_a_shared_table(backend: str, command: str) -> None:
    """Of a table that stores share, the rows of the store are selected."""
    own = KNOWN_BACKENDS[backend]._replace(layout=Layout(table="all", column="kind", value="{name}"))
    store = Store("s", backend, "A", "P", NOWHERE)
    assert commands_for(store, Registry((store,), backends={backend: own})) == (command,)


@pytest.mark.parametrize("layout", [Layout(table="a\\"), Layout(table="a", column="b\\c", value="x")])
def test_no_command_has_a_name_that_mysql_misreads(layout: Layout) -> None:
    """The client of MySQL may take a backslash in a name for an escape; other clients do not."""
    found = {}
    for backend in ("mysql", "postgres"):
        own = KNOWN_BACKENDS[backend]._replace(layout=layout)
        store = Store("s", backend, "A", "P", NOWHERE)
        found[backend] = len(commands_for(store, Registry((store,), backends={backend: own})))
    assert found == {"mysql": 0, "postgres": 1}


def test_wildcards_in_a_prefix_are_escaped() -> None:
    """Characters of a prefix that Redis takes for wildcards stand for themselves."""
    store = Store("s", "redis", "A", "P", NOWHERE, prefix="a[b]*?\\")
    (command,) = commands_for(store, Registry((store,)))
    assert "'a\\[b\\]\\*\\?\\\\:*'" in command


@pytest.mark.parametrize("value", HOSTILE)
def test_a_shell_gets_the_value_as_one_word(value: str) -> None:
    """A shell passes any value on as one argument, as it is."""
    shell = shutil.which("sh")
    assert shell is not None
    command = LANGUAGES["shell"]("prefix", value)
    done = subprocess.run(
        [shell, "-c", f"printf '%s|' a {command} z"], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert done.stdout == f"a|{value}|z|"


@pytest.mark.parametrize("value", HOSTILE)
def test_a_database_gets_the_value_as_one_text_or_name(value: str) -> None:
    """SQLite takes any value as a text or as the name of a column, as it is."""
    text = LANGUAGES["sql"]("value", value)
    name = '"."'.join(LANGUAGES["sql"]("table", part)[1:-1] for part in [value])
    with sqlite3.connect(":memory:") as database:
        cursor = database.execute(f'SELECT {text} AS "{name}"')
        assert cursor.fetchone() == (value,)
        assert cursor.description[0][0] == value
    database.close()


@pytest.mark.parametrize("value", HOSTILE)
def test_mongosh_gets_the_value_as_one_text(value: str) -> None:
    """A text for mongosh is a JSON string, which JavaScript reads the same."""
    assert json.loads(LANGUAGES["mongosh"]("table", value)) == value


@pytest.mark.parametrize(
    ("value", "text", "name"),
    [("a'b", "'a''b'", "`a'b`"), ("a\\'b", "'a\\\\''b'", "`a\\'b`"), ("a`b.c", "'a`b.c'", "`a``b`.`c`")],
)
def test_mysql_has_quotes_of_its_own(value: str, text: str, name: str) -> None:
    """MySQL takes a backslash in a text for the begin of an escape, and backticks around names."""
    assert LANGUAGES["mysql"]("value", value) == text
    assert LANGUAGES["mysql"]("table", value) == name


def test_the_name_of_a_merged_store() -> None:
    """A command for a store from another site has the name that the store has there."""
    section = "x-backends: {kafka: {commands: ['kcat -t {name} -g {snake} -k {start}']}}\n"
    store = "{backend: kafka, prefix: p, service: A, purpose: P, physical: {keys: '{name}/*'}}"
    text = f"{section}x-state-stores: {{my-mail: {store}}}"
    own, _ = load_sources([SourceText("a.yaml", text, "")])
    merged, _, problems = merge(own, [foreign_site("a", "", "a", own)])
    assert problems == []
    for name in ("my-mail", "a:my-mail"):
        assert commands_for(merged.by_name[name], merged) == ("kcat -t 'my-mail' -g 'my_mail' -k 'my-mail/'",)


@pytest.mark.parametrize("prefix", ["';rm-rf", '";DROP', "$(id)", "`id`", "\\", "{name}"])
def test_a_hostile_registry(prefix: str) -> None:
    """A prefix of a registry is one word of the command on a page."""
    shell = shutil.which("sh")
    assert shell is not None
    (command,) = with_commands("printf '%s|' {prefix} {start}", prefix=prefix)
    done = subprocess.run([shell, "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == f"{prefix}|{prefix}:|"


def test_fields_without_a_value() -> None:
    """A command is left out when the store has no value for one of its fields."""
    assert with_commands("a {prefix}", "b {name}", "c {index}", "d {column}", "e {pattern}") == ("b 's'",)


def test_braces_that_are_no_fields() -> None:
    """Variables of a shell, and braces with anything but a word, are kept."""
    assert with_commands("x ${HOME} | awk '{ print }' {name}") == ("x ${HOME} | awk '{ print }' 's'",)


def test_languages_of_own_commands() -> None:
    """A text is a command of a shell; others name their language; no command at all takes the default ones away."""
    commands = with_commands(
        "look {table}", {"sql": "SELECT {value} FROM {table}{where}"}, {"mongosh": "f({table}, {where})"},
        table="a.b", physical={"column": "k"},
    )  # fmt: skip
    assert commands == (
        "look 'a.b'",
        'SELECT \'s\' FROM "a"."b" WHERE "k" = \'s\'',
        'f("a.b", {"k": "s"})',
    )
    store = "{backend: redis, prefix: p, service: A, purpose: P}"
    text = f"x-backends: {{redis: {{commands: []}}}}\nx-state-stores: {{s: {store}}}"
    registry, problems = load_sources([SourceText("a.yaml", text, "")])
    assert (problems, commands_for(registry.stores[0], registry)) == ([], ())
    assert registry.backend_label("redis") == "Redis"


@pytest.mark.parametrize(
    ("language", "text", "field"),
    [
        ("shell", "a '{name}'", "{name}"),
        ("shell", 'a "x {prefix}"', "{prefix}"),
        ("shell", "a `b {name}`", "{name}"),
        ("shell", "a \\{name}", "{name}"),
        ("shell", "a $'\\'{name}'", "{name}"),
        ("shell", "a 'it'{name}'is'", ""),
        ("shell", 'a "\\"" {name} \'x\'', "{name}"),
        ("shell", "a \"$X\" $Y ${Z} {name} 'x' --{prefix}", ""),
        ("shell", 'echo "$(redis-cli GET "{prefix}")"', "{prefix}"),
        ("shell", 'echo "${X:-"{prefix}"}"', "{prefix}"),
        ("shell", "echo $(({prefix}))", "{prefix}"),
        ("shell", "(( {prefix} ))", "{prefix}"),
        ("shell", "cat <<X\n{prefix}\nX", "{prefix}"),
        ("shell", "look # {name}", "{name}"),
        ("sql", "SELECT $$ {prefix} $$", "{prefix}"),
        ("sql", "SELECT $a$ {prefix} $a$", "{prefix}"),
        ("sql", "SELECT 'a\\' || '{prefix}'", "{prefix}"),
        ("sql", "SELECT E{prefix}", "{prefix}"),
        ("sql", "SELECT q'[it's {prefix}]'", "{prefix}"),
        ("sql", "SELECT 1 -- {name}", "{name}"),
        ("sql", "SELECT ` ' ` {name}", "{name}"),
        ("sql", "SELECT \"a\", 'it''s', 1 - 2 / 3 FROM {table}{where}", ""),
        ("mysql", "SELECT `a` FROM {table}{where}", ""),
        ("mysql", "SELECT 1 # {name}", "{name}"),
        ("mongosh", "f(/'/, '{prefix}')", "{prefix}"),
        ("mongosh", "f(`${ {prefix} }`)", "{prefix}"),
        ("mongosh", "f() // {prefix}", "{prefix}"),
        ("mongosh", "f({$match: {a: {prefix}}})", ""),
        ("sql", "SELECT '{name}'", "{name}"),
        ("sql", 'SELECT * FROM "{table}"', "{table}"),
        ("sql", "SELECT /* {name} */ 1", "{name}"),
        ("mysql", "SELECT * FROM `{table}`", "{table}"),
        ("mysql", "SELECT 'it\\'s {name}'", "{name}"),
        ("mongosh", 'f("{table}")', "{table}"),
        ("mongosh", 'f("a", {table})', ""),
    ],
)
def test_fields_in_quotes(language: str, text: str, field: str) -> None:
    """A field that is or may be in quotes or a comment is found: its value would not be quoted there."""
    assert quoted_field(CommandTemplate(language, text)) == field
