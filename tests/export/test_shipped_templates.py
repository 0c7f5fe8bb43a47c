"""The shipped templates: a case is a registry dropped into ``snippets``, with ``NAME.TEMPLATE`` for each of them.

Run ``UPDATE_CASES=1 pytest`` once and read what it wrote.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
from pathlib import Path
from urllib.parse import unquote_plus

import pytest

from sphinx_statestores.export.format import ExportError
from sphinx_statestores.export.shipped import SHIPPED, template_called
from sphinx_statestores.export.template_exchange import LIMITS, Request, read_answers
from sphinx_statestores.export.template_files import find_template
from sphinx_statestores.export.template_values import as_plain_values
from sphinx_statestores.export.template_worker import answer
from sphinx_statestores.registry.layout import Layout
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.model import Registry, Store
from sphinx_statestores.registry.places import NOWHERE
from sphinx_statestores.registry.problems import has_errors

CASES = Path(__file__).parent / "snippets"
NAMES = sorted(path.stem for path in CASES.glob("*.yaml"))
#: Values that end a quotation, a command or a comment in one of the languages.
HOSTILE = [
    "a'; DROP TABLE x; --",
    'a" "~*" on nopass',
    "a` TO 'x'@'%'; --",
    "a\\",
    "a\\'",
    'a\\"',
    "$(touch x)`id`",
    "a\nACL SETUSER default on nopass ~*",
    "a\u2028b\r\nc",
    "*/ -- # {{ 7 * 7 }}",
    "a,db0=*,b%2C%2a",
    "[a-z]?*",
]


def rendered(name: str, registry: Registry) -> str:
    """Render a shipped template as its process does, without the process, which takes longer than all else."""
    stream = io.BytesIO()
    file = find_template(template_called(name), None)
    answer(Request(file, as_plain_values(registry), None, LIMITS), stream)
    (found,) = read_answers(stream.getvalue())
    assert found.is_text, found.words
    return found.words


def hostile(backend: str, text: str) -> Registry:
    """A registry as Python can make one: the reader rejects such names of services."""
    store = Store("store", backend, text, "", NOWHERE, prefix=text, table=text, readers=(f"Reader{text}",))
    return Registry(stores=(store,))


@pytest.mark.parametrize("template", SHIPPED)
@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, template: str) -> None:
    """A template writes the case as it was read once."""
    registry, problems = load([CASES / f"{name}.yaml"])
    assert not has_errors(problems)
    text = rendered(template, registry)
    expected = CASES / f"{name}.{template}"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


def on_one_line(text: str) -> str:
    return re.sub("[\n\r\u2028]", " ", text)


@pytest.mark.parametrize("text", HOSTILE)
def test_redis_acl_holds_any_value(text: str) -> None:
    """Each value is one argument of redis-cli, and a pattern matches its text alone."""
    lines = rendered("redis-acl", hostile("redis", text)).splitlines()
    glob = re.sub(r"[*?\[\]\\]", r"\\\g<0>", on_one_line(text)).replace(" ", "?")
    wanted = {on_one_line(text): f"~{glob}:*", f"Reader{on_one_line(text)}": f"%R~{glob}:*"}
    assert len(lines) == 2
    for line in lines:
        # The escapes of redis-cli in double quotes are those of JSON here.
        name, _, rest = line.removeprefix("ACL SETUSER ").partition(" resetkeys ")
        assert wanted[json.loads(name)] == json.loads(rest)


#: A value in quotes, as MySQL and PostgreSQL read it.
_MYSQL = re.compile(r"(?:`(?:[^`]|``)*`\.?)+|'(?:[^'\\]|''|\\.)*'")
_SQL = re.compile(r'(?:"(?:[^"]|"")*"\.?)+')


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("backend", "quoted"),
    [("mysql", _MYSQL), ("postgresql", _SQL)],
)
def test_grants_hold_any_value(backend: str, quoted: re.Pattern[str], text: str) -> None:
    """What is not in quotes is the statement itself, whatever the values are."""
    first, *lines = rendered("grants", hostile(backend, text)).splitlines()
    assert first == f"-- {backend}"
    found = set()
    for line in lines:
        if backend == "mysql" and "\\" in text:
            assert line == "-- A table is left out: the mysql client may misread a name with a backslash."
            continue
        tail = line.removesuffix("@'%';") if backend == "mysql" else line.removesuffix(";")
        assert tail != line
        found.add(quoted.sub("X", tail))
    wanted = (
        set()
        if backend == "mysql" and "\\" in text
        else {"GRANT SELECT, INSERT, UPDATE, DELETE ON X TO X", "GRANT SELECT ON X TO X"}
    )
    assert found == wanted


@pytest.mark.parametrize("text", HOSTILE)
def test_exporter_holds_any_value(text: str) -> None:
    """The shell reads one argument, of which the exporter makes one pattern."""
    (argument,) = shlex.split(rendered("redis-exporter", hostile("redis", text)))
    option, _, value = argument.partition("=")
    assert option == "--count-keys"
    assert not set(value) & set(",= ")
    # Line breaks need not be replaced: they are encoded.
    glob = re.sub(r"[*?\[\]\\]", r"\\\g<0>", text)
    assert unquote_plus(value) == f"{glob}:*"


def test_services_that_differ_in_case_stay_apart() -> None:
    """The rights of one service never go to another one."""
    stores = tuple(Store(name, "redis", name.title(), "", NOWHERE, prefix=name) for name in ("a", "b"))
    other = stores[1]._replace(service="A".lower(), readers=())
    text = rendered("redis-acl", Registry(stores=(stores[0], other)))
    assert sorted(text.splitlines()) == ['ACL SETUSER "A" resetkeys "~a:*"', 'ACL SETUSER "a" resetkeys "~b:*"']


def test_a_shipped_name_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file never replaces a shipped template; what has a folder or a suffix is always a file."""
    monkeypatch.chdir(tmp_path)
    for name in (*SHIPPED, "own"):
        (tmp_path / name).write_text("own", encoding="utf-8")
    assert [template_called(name).name for name in SHIPPED] == [f"{name}.jinja" for name in SHIPPED]
    assert template_called("./grants").read_text(encoding="utf-8") == "own"
    assert template_called("own") == Path("own")
    assert template_called("x/grants") == Path("x/grants")
    assert template_called("grants.jinja") == Path("grants.jinja")
    assert template_called("x" * 5000) == Path("x" * 5000)


def test_an_unknown_name() -> None:
    """A name that is neither gets a suggestion and the names that there are."""
    with pytest.raises(ExportError) as raised:
        template_called("redis_acl")
    assert str(raised.value) == (
        "redis_acl: there is no such file, and no shipped template of this name; did you mean 'redis-acl'? (the "
        "shipped templates are grants, redis-acl, redis-exporter)"
    )


def test_each_template_is_shipped() -> None:
    """Each file of the folder has a name in the list, and each name a file."""
    folder = template_called("grants").parent
    assert {path.stem for path in folder.iterdir()} == SHIPPED.keys()


def test_no_pattern_of_redis_has_a_blank() -> None:
    """A blank would make Redis reject the whole command; ``?`` matches it."""
    store = Store("a", "redis", "Shop", "", NOWHERE, physical=Layout(keys=("q x*", "two  blanks:*")))
    assert rendered("redis-acl", Registry((store,))) == 'ACL SETUSER "Shop" resetkeys "~q?x*" "~two??blanks:*"\n'


def test_the_default_user_keeps_its_keys() -> None:
    """A service never changes the rights of connections without a login; names that are only similar are users."""
    stores = [
        Store(f"s{n}", "redis", name, "", NOWHERE, prefix=name) for n, name in enumerate(("default", "Default"))
    ]
    first, second = rendered("redis-acl", Registry(tuple(stores))).splitlines()
    assert sorted((first[:22], second[:22])) == ['# The service "default', 'ACL SETUSER "Default" ']


def test_planned_tables_get_no_grants() -> None:
    """A table that does not exist yet would end the run of the statements; one with another store has grants."""
    stores = [
        Store("a", "mysql", "Shop", "", NOWHERE, table="t", status="planned"),
        Store("b", "mysql", "Mail", "", NOWHERE, table="t"),
        Store("c", "postgresql", "Shop", "", NOWHERE, table="t", status="planned"),
    ]
    assert rendered("grants", Registry(tuple(stores))) == (
        "-- mysql\nGRANT SELECT, INSERT, UPDATE, DELETE ON `t` TO 'Mail'@'%';\n"
    )
