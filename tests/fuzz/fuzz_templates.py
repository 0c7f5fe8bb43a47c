"""Random jinja templates: whatever they do, they see a registry and nothing else."""

from __future__ import annotations

import contextlib
import os
from functools import cache
from typing import TYPE_CHECKING
from unittest.mock import patch

from fuzz_dice import CANARY, Dice
from fuzz_documents import damage
from fuzz_promises import as_values, check_line, check_no_canary, promise
from nasty import registry_text

from sphinx_statestores.export import format_called
from sphinx_statestores.export.format import ExportError, ExportOptions
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from pathlib import Path

    from sphinx_statestores.registry.model import Registry

#: Stands in the registry: a template may show it, and an error message may not.
VALUE = "qzxvalueqzx"
_TEXTS = {"html": "<b>", "plain": f"{VALUE} text", "jinja": "{{ 7 * 191 }}", "formats": "{0.__class__} %(x)s"}

NAMES = [
    "registry", "stores", "services", "backends", "guide", "totals", "stores_of", "store", "x", "self", "loop",
    "cycler", "joiner", "namespace", "lipsum", "dict", "range", "caller", "super", "varargs", "True", "none",
    "undefined_name", "_", "config", "request", "url_for", "get_flashed_messages", "environment", "__builtins__",
    "open", "os", "import",
]  # fmt: skip
ATTRIBUTES = [
    "stores", "name", "purpose", "service", "backend", "services", "by_name", "guide", "files", "keys", "tags",
    "extra", "places", "path", "location", "conventions", "outputs", "total", "title", "label", "key", "values",
    "items", "get", "clear", "update", "pop", "append", "insert", "sort", "_replace", "_make", "_asdict", "_fields",
    "with_paths", "read", "__class__", "__base__", "__mro__", "__subclasses__", "__init__", "__globals__",
    "__builtins__", "__dict__", "__doc__", "__getattribute__", "__reduce__", "__call__", "__self__", "__func__",
    "__code__", "__module__", "__class_getitem__", "format", "format_map", "encode", "decode", "join", "replace",
    "maketrans", "translate", "center", "zfill", "expandtabs", "gi_frame", "cr_frame", "f_globals", "tb_frame",
    "mro", "func_globals", "im_func", "environment", "eval_ctx", "blocks", "_TemplateReference__context",
    "exported_vars", "loader", "searchpath", "parent", "resolve", "root", "cache", "name_or",
]  # fmt: skip
FILTERS = [
    "abs", "attr('__class__')", "attr('format')", "batch(3)", "capitalize", "center(40)", "d", "default('x')",
    "dictsort", "e", "escape", "filesizeformat", "first", "float", "forceescape", "format(1)", "format",
    "groupby('service')", "indent", "int", "items", "join(',')", "join", "last", "length", "list", "lower",
    "map(attribute='name')", "map('upper')", "max", "map('attr', '__class__')", "min", "pprint", "random", "reject",
    "rejectattr('x')", "replace('a', 'b')", "reverse", "round", "safe", "select", "selectattr('service')",
    "slice(3)", "sort", "sort(attribute='__class__')", "string", "sum", "striptags", "sum(attribute='x')", "title",
    "tojson", "trim", "truncate(9)", "unique", "upper", "urlencode", "urlize", "wordcount", "wordwrap(3)",
    "xmlattr", "md", "csharp", "xml", "json", "csv", "plain", "kebab", "nonsense", "map('nope')",
]  # fmt: skip
TESTS = [
    *(
        "defined",
        "undefined",
        "none",
        "mapping",
        "sequence",
        "string",
        "number",
        "callable",
        "divisibleby(0)",
        "even",
    ),
    *("in stores", "sameas(registry)", "filter", "test", "nonsense", "lt(1)", "iterable"),
]
LITERALS = [
    "''", "'a'", "'{0.__class__}'", "'{0.__init__.__globals__}'", "'%s'", "'%(x)s'", "'\\ud800'", "'\\x1b[31m'",
    "'\\n'", "1", "0", "-1", "2 ** 40", "10 ** 20", "1.5", "[]", "[1, 2]", "{}", "{'a': 1}", "()", "'a' * 100",
    "'a' * 10 ** 5", "range(5)", "range(1000)", "range(10 ** 9)", "'/etc/passwd'", "'auth'", "'__class__'",
]  # fmt: skip
#: What a template may try to include: files beside it, hidden ones, links, whatever lies outside.
FILES = [
    "part.jinja", "sub/inner.jinja", "t.jinja", ".hidden.jinja", "link.jinja", "dir/secret.txt",
    "proc/self/environ", "loop.jinja", "../secret.jinja", "../.git/config", "../../outside/secret.txt",
    "/etc/passwd", "/proc/self/environ", ".git/config", ".git/HEAD", "sub/../../secret.jinja", "./part.jinja",
    "sub", ".", "", "x" * 300, "a/" * 3000, "pipe", "sub//inner.jinja", "sub\\\\inner.jinja", "..\\\\secret.jinja",
    "part.jinja\\x00", "\\ud800", "~/.netrc", "hard.jinja/.", "file:///etc/passwd", "%2e%2e/secret.jinja",
    "sub/up/secret.jinja", "dir2/.hidden.jinja", "binary.jinja",
]  # fmt: skip


class Templates:
    """A template of a project's own."""

    name = "template"
    suffix = ".jinja"

    def __init__(self, folder: Path) -> None:
        self._outside = folder / self.name / "outside"
        self._project = folder / self.name / "project"

    def make(self, dice: Dice) -> bytes:
        """Return a template."""
        text = "".join(_statement(dice, 3) for _ in range(dice.randint(1, 4)))
        return damage(dice, text, dice.one([0, 0, 0, 0, 1, 2]))

    def check(self, data: bytes) -> None:
        """Render a template: it gives a text or an `ExportError`, and shows nothing but the registry."""
        self._make_files()
        path = self._project / "tools" / "t.jinja"
        path.write_bytes(data)
        registry = _registry()
        before = as_values(registry)
        environment = {"FUZZ_SECRET": CANARY, "HOME": str(self._outside)}
        message = text = ""
        with contextlib.chdir(self._project), patch.dict(os.environ, environment):
            try:
                text = format_called("template").write(registry, ExportOptions(template=path)).text
            except ExportError as error:
                message = str(error)
        check_no_canary(text, "what a template shows")
        # What Linux keeps of a process's environment is that of its start.
        promise("nothing from outside is in what a template shows", "PATH=" not in text)
        check_no_canary(message, "what is said of a template")
        check_line(message)
        promise("no message quotes a value", VALUE not in message, message)
        promise("no text of a registry is a template", "1337" not in text, text[:500])
        promise("what a template gives is text", _is_text(text), text[:500])
        if as_values(registry) != before:
            _registry.cache_clear()
            promise("no template changes the registry", holds=False)

    def _make_files(self) -> None:
        tools = self._project / "tools"
        if tools.exists():
            return
        secret = f"secret {CANARY}\n"
        for path, text in {
            self._outside / "secret.txt": secret,
            self._outside / ".netrc": secret,
            self._project / ".git/config": secret,
            self._project / ".git/HEAD": secret,
            self._project / "secret.jinja": secret,
            tools / ".hidden.jinja": secret,
            tools / "dir2/.hidden.jinja": secret,
            tools / ".git/config": secret,
            tools / "part.jinja": "{% macro m(x) %}{{ x }}{% endmacro %}part {{ stores | length }}\n",
            tools / "sub/inner.jinja": "{% block b %}inner{% endblock %}\n",
        }.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (tools / "binary.jinja").write_bytes(b"\xff\xfe\x00")
        os.mkfifo(tools / "pipe")
        for link, target in {
            "link.jinja": "../../outside/secret.txt",
            "dir": "../../outside",
            "proc": "/proc",
            "loop.jinja": "loop.jinja",
            "sub/up": "../..",
        }.items():
            (tools / link).symlink_to(target)


@cache
def _registry() -> Registry:
    text = registry_text({**dict.fromkeys(("a", "b"), f"{VALUE} & more"), **_TEXTS})
    return load_sources([SourceText("schemas/s.yaml", text, "")])[0]


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _expression(dice: Dice, depth: int) -> str:
    if depth <= 0:
        return dice.one(NAMES) if dice.chance(0.7) else dice.one(LITERALS)
    inner = _expression(dice, depth - dice.randint(1, 2))
    match dice.randint(0, 11):
        case 0 | 1 | 2:
            return f"{inner}.{dice.one(ATTRIBUTES)}"
        case 3:
            return f"{inner}[{dice.one(LITERALS)}]"
        case 4 | 5:
            return f"({inner} | {dice.one(FILTERS)})"
        case 6:
            return f"{inner}({', '.join(_expression(dice, depth - 2) for _ in range(dice.few(2)))})"
        case 7:
            operator = dice.one(["+", "~", "*", "%", "==", "in", "and", "//", "-", "<"])
            return f"({inner} {operator} {_expression(dice, 0)})"
        case 8:
            return f"({inner} is {dice.one(TESTS)})"
        case 9:
            return f"({inner} if {_expression(dice, 0)} else {_expression(dice, 0)})"
        case 10:
            return f"'{{0.{dice.one(ATTRIBUTES)}}}'.format({inner})"
        case _:
            return inner


def _statement(dice: Dice, depth: int) -> str:
    def body() -> str:
        return "".join(_statement(dice, depth - 1) for _ in range(dice.randint(1, 2))) if depth > 0 else "x"

    value = _expression(dice, dice.randint(0, 3))
    file = f"'{dice.one(FILES)}'" if dice.chance(0.9) else value
    match dice.randint(0, 15):
        case 0 | 1:
            return f"{{% for {dice.one(['x', 'store', 'x, store'])} in {value} %}}{body()}{{% endfor %}}\n"
        case 2:
            return f"{{% if {value} %}}{body()}{{% else %}}{body()}{{% endif %}}"
        case 3:
            return f"{{% set {dice.one(['x', 'store', 'registry', 'x.y', 'ns.a'])} = {value} %}}"
        case 4:
            return f"{{% macro m(x={value}) %}}{body()}{{% endmacro %}}{{{{ m({value}) }}}}"
        case 5:
            return f"{{% filter {dice.one(FILTERS).partition('(')[0]} %}}{body()}{{% endfilter %}}"
        case 6 | 7 | 8:
            return f"{{% include {file} {dice.one(['', '', 'ignore missing', 'without context'])} %}}\n"
        case 9:
            return f"{{% import {file} as x %}}{{{{ x.{dice.one(ATTRIBUTES)} }}}}{{{{ x }}}}"
        case 10:
            return f"{{% from {file} import {dice.one(['m', 'b', '__class__', '_x'])} %}}{{{{ m({value}) }}}}"
        case 11:
            return f"{{% extends {file} %}}{{% block b %}}{body()}{{{{ super() }}}}{{% endblock %}}"
        case 12:
            return f"{{% call(x) {value}() %}}{body()}{{% endcall %}}"
        case 13:
            return dice.one(
                ["{% raw %}{{ x }}{% endraw %}", "{# c #}", "text\n", "{% with x = 1 %}{{ x }}{% endwith %}"]
            )
        case _:
            return f"{{{{ {value} }}}}\n"
