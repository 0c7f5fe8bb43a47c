"""A project's own template as a format: what it sees, what it may not do, where its mistakes are."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from sphinx_statestores.export import format_called
from sphinx_statestores.export.format import ExportError, ExportOptions
from sphinx_statestores.export.template import render, render_pages
from sphinx_statestores.export.template_exchange import LIMITS, Pages, Request, read_answers
from sphinx_statestores.export.template_files import find_template
from sphinx_statestores.export.template_values import FILTERS, as_plain_values
from sphinx_statestores.export.template_worker import answer
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import Registry
from sphinx_statestores.registry.source import SourceText

STORES = """\
x-services: {Unused: {}}
x-reference: {project: Shop}
x-state-stores:
  b-lock: {backend: redis, prefix: b, service: B, purpose: "Locks | `b`"}
  a: {backend: mysql, service: A, purpose: p, x-team: t}
"""


def read() -> Registry:
    return load_sources([SourceText("schemas/stores.yaml", STORES, "")])[0]


def rendered(folder: Path, text: str, registry: Registry | None = None, **more: str) -> str:
    """Render a template as its process does, without the process, which takes longer than all else."""
    for name, content in {"t.jinja": text, **{f"{name}.jinja": content for name, content in more.items()}}.items():
        (folder / name).write_text(content, encoding="utf-8", newline="")
    stream = io.BytesIO()
    file = find_template(folder / "t.jinja", None)
    answer(Request(file, as_plain_values(registry or read()), None, LIMITS), stream)
    (found,) = read_answers(stream.getvalue())
    if not found.is_text:
        raise ExportError(found.words)
    return found.words


def test_a_process_of_its_own(tmp_path: Path) -> None:
    """The format and its process give what the process is told to make."""
    template = "{% for store in stores %}\n{{ store.name }} \u2028\N{CAT}\n{% endfor %}"
    (tmp_path / "t.jinja").write_text(template, encoding="utf-8", newline="")
    text, problems = format_called("template").write(read(), ExportOptions(template=tmp_path / "t.jinja"))
    assert text == rendered(tmp_path, template) == "a \u2028\N{CAT}\nb-lock \u2028\N{CAT}\n"
    assert problems == ()


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{% for store in stores %}\n{{ store.name }}\n{% endfor %}\n", "a\nb-lock\n"),
        ("{{ stores[0].location.line }} {{ stores[1].constant }}", "5 BLock"),
        ("{% for store in stores %}{{ registry.table_of(store) }};{% endfor %}", "a;;"),
        ("{{ services | map(attribute='name') | join(',') }}", "A,B,Unused"),
        ("{% for s in services %}{{ stores_of(s) | map(attribute='name') | join }};{% endfor %}", "a;b-lock;;"),
        ("{{ backends | map(attribute='label') | join(',') }}", "Redis,MySQL"),
        ("{{ guide.reference.project }} {{ totals.total }} {{ totals.parts[0][1] }}", "Shop 2 1"),
        ("{{ dict(stores[0].extra)['x-team'] }}", "t"),
        ("{{ stores[1].purpose }}", "Locks | `b`"),
        ("{{ stores[1].purpose | plain }}", "Locks | b"),
        ("{{ stores[1].purpose | md }}", "Locks \\| `b`"),
        (
            "{{ '<\"' | csharp }} {{ '<\"' | xml }} {{ '<\"' | json }} {{ '=\"' | csv }}",
            '"<\\"" &lt;" "<\\"" "\'="""',
        ),
        ("{{ 5 | csharp }} {{ 5 | json }} {{ 5 | md }} {{ ['a', 1] | json }}", '"5" 5 5 ["a", 1]'),
        ("{{ 'SaveLoad' | kebab }}", "save-load"),
        ("{% for s in stores %}{{ keys_of(s) | join }} {{ place_of(s).table }};{% endfor %}", " a;b:* ;"),
        ("{{ place_of(stores[1]).patterns[0].text }} {{ place_of(stores[1]).patterns[0].what }}", "b:* keys"),
        (
            "{% for a in accesses() %}{{ a.service }} {{ a.store }} {{ a.may_write }};{% endfor %}",
            "A a True;B b-lock True;",
        ),
        (
            "{{ 'a\"b`c.d\\\\e' | sql_name }} {{ 'a.b' | sql_table }} {{ \"a'b\" | sql }}",
            '"a""b`c.d\\e" "a"."b" \'a\'\'b\'',
        ),
        ("{{ 'a`b.c' | mysql_name }} {{ 'a.b' | mysql_table }} {{ \"a'b\" | mysql }}", "`a``b.c` `a`.`b` 'a''b'"),
        ("{{ \"a'b\" | shell }} {{ 'a\"b' | redis }}", "'a'\"'\"'b' \"a\\\"b\""),
        ("no newline", "no newline"),
        ("", ""),
    ],
)
def test_what_a_template_sees(tmp_path: Path, template: str, text: str) -> None:
    """A template sees the registry and its parts, and has a filter for each kind of text."""
    assert rendered(tmp_path, template) == text


def test_templates_beside_it(tmp_path: Path) -> None:
    """A template may use those that stand beside it and in folders there, by every statement that does so."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/m.jinja").write_text("{% macro m(x) %}({{ x }}){% endmacro %}", encoding="utf-8")
    text = rendered(
        tmp_path,
        "{% extends 'base.jinja' %}{% import 'parts/m.jinja' as n %}{% from 'parts/m.jinja' import m with context %}"
        "{% block x %}{{ m(1) }}{{ n.m(2) }}{% include ['none.jinja', 'part.jinja'] %}"
        "{% set name = 'part' %}{% include name ~ '.jinja' %}{% include 'none.jinja' ignore missing %}{% endblock %}",
        base="<{% block x %}{% endblock %}>",
        part="+",
    )
    assert text == "<(1)(2)++>"


def test_what_the_template_of_a_page_sees(tmp_path: Path) -> None:
    """The template of a page sees its service and its stores; blocks leave their lines, and a wrong name nothing."""
    (tmp_path / "t.jinja").write_text(
        "{{ service.title | heading }}\n{% if with_store_pages %}\n{{ stores | map(attribute='name') | join }}\n"
        "{% endif %}\n{{ registry.stores | length }}{{ nope }}\n",
        encoding="utf-8",
    )
    pages = Pages(("A", "B"), with_store_pages=True)
    assert render_pages(tmp_path / "t.jinja", read(), pages) == ["A\n====\n\na\n\n2\n", "B\n====\n\nb-lock\n\n2\n"]
    assert render_pages(tmp_path / "none.jinja", read(), Pages(())) == []


def test_a_mistake_on_one_page(tmp_path: Path) -> None:
    """What goes wrong for one page is the error of that page, and the others are made."""
    (tmp_path / "t.jinja").write_text("{{ 1 // (service.name == 'B') }}", encoding="utf-8")
    failed, made = render_pages(tmp_path / "t.jinja", read(), Pages(("A", "B")))
    assert str(failed) == f"{tmp_path}/t.jinja:1: division by zero"
    assert made == "1"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("a\n{{ nope }}", "t.jinja:2: 'nope' is undefined"),
        ("{{ stores[0].nme }}", "t.jinja:1: 'nme' is undefined"),
        ("{{ nope | csharp }}", "t.jinja:1: 'nope' is undefined"),
        ("{{ {}['a b'] }}", "t.jinja:1: a name or a field is undefined"),
        ("\n{% include 'other.jinja' %}", "other.jinja:2: 'x' is undefined"),
        ("{% macro m() %}\n{{ y }}\n{% endmacro %}\n{{ m() }}", "t.jinja:2: 'y' is undefined"),
        ("{{ 1 / 0 }}", "t.jinja:1: division by zero"),
        ("{{ 1 + 'a' }}", "t.jinja:1: this fails (TypeError)"),
        ("{{ stores.__class__ }}", "t.jinja:1: this is not allowed in a template"),
        ("{{ ''.format.__globals__ }}", "t.jinja:1: this is not allowed in a template"),
        ("{{ stores[0]._replace(name='x') }}", "t.jinja:1: this is not allowed in a template"),
        ("{{ range(10 ** 9) | list }}", "t.jinja:1: a number or a range is too large"),
        ("{% include 'none.jinja' %}", "t.jinja:1: there is no template 'none.jinja' beside it"),
        ("{% include ['a', 'none.jinja'] %}", "t.jinja:1: there is no template 'none.jinja' beside it"),
        ("{% include 'no' ~ 'ne' %}", "t.jinja:1: there is no template of that name beside it"),
        ("{% include '../none.jinja' %}", "t.jinja:1: the template '../none.jinja' cannot be included: "),
        ("{% include '..' ~ '/x' %}", "t.jinja:1: the template cannot be included: "),
        ("{% include '../x' ignore missing %}", "t.jinja:1: the template '../x' cannot be included: "),
        ("{% include '' %}", "t.jinja:1: the template '' cannot be included: "),
        ("{% include 5 %}", "t.jinja:1: this fails (TypeError)"),
    ],
)
def test_mistakes(tmp_path: Path, template: str, message: str) -> None:
    """A mistake in a template, or what a template may not do, is an error with its file and line."""
    with pytest.raises(ExportError) as raised:
        rendered(tmp_path, template, other="\n{{ x }}")
    assert str(raised.value).startswith(f"{tmp_path}/{message}")


@pytest.mark.parametrize(
    ("template", "line", "word"),
    [
        ("a\n\n{% for %}", 3, ""),
        ("{% endfor %}", 1, "endfor"),
        ("{% for store in stores %}\n", 1, "endfor"),
        ("{{ 1 | nope }}", 1, "nope"),
        ("{{ 1 is nope }}", 1, "nope"),
        ("{{ 'a }}", 1, ""),
        ("\n{# a", 2, ""),
        ("{% include 'other.jinja' %}", 3, "unknown"),
    ],
)
def test_what_is_no_template(tmp_path: Path, template: str, line: int, word: str) -> None:
    """Of a mistake in the language itself, its line is told, and the word of the language that is wrong."""
    with pytest.raises(ExportError) as raised:
        rendered(tmp_path, template, other="\n\n{% unknown %}")
    place, _, words = str(raised.value).partition(": ")
    assert place == f"{tmp_path}/{'other' if word == 'unknown' else 't'}.jinja:{line}"
    assert words
    assert word in words


@pytest.mark.parametrize(
    "template",
    [
        "{% hunter2 %}",
        "{% Correct_Horse %}",
        "{{ 1 | hunter2 }}",
        "{{ 1 is hunter2 }}",
        "{{ a hunter2 }}",
        "{{ 'x' hunter2='hunter2' }}",
        "{{ {}[stores[1].purpose] }}",
        "{{ stores[1].purpose + 1 }}",
        "{{ stores[1].purpose | int + {} }}",
        "{{ 'x'.encode(stores[1].purpose) }}",
        "{{ '{x}'.format(y=stores[1].purpose) }}",
        "{{ stores[1].purpose() }}",
        "{{ {}[stores[1].purpose].x }}",
        "{{ 'x' | attr(stores[1].purpose) }}",
        "{% include stores[1].purpose %}",
        "{% include [stores[1].purpose] %}",
        "{% include '../' ~ stores[1].purpose %}",
        "{% extends stores[1].purpose %}",
        "{% from 'other.jinja' import hunter2_nope %}{{ hunter2_nope(stores[1].purpose) }}",
    ],
)
def test_messages_quote_no_values(tmp_path: Path, template: str) -> None:
    """A message tells no value of a registry, and no word of a file that looks like a password."""
    text = STORES.replace("Locks | `b`", "hunter2 secret")
    registry = load_sources([SourceText("schemas/stores.yaml", text, "")])[0]
    with pytest.raises(ExportError) as raised:
        rendered(tmp_path, template, registry, other="")
    words = str(raised.value).removeprefix(str(tmp_path))
    assert "hunter2 " not in words
    assert "secret" not in words
    assert "hunter2" not in words or "hunter2_nope" in words
    assert "Correct" not in words


@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\x85", "\u2028", "\u2029", "\u202e", "\x07"])
@pytest.mark.parametrize(
    "template",
    ["{{% include 'a{}b' %}}", "{{% include '../a{}b' %}}", "{{{{ 'x'.encode('a{}b') }}}}", "{{{{ {} }}}}"],
)
def test_a_message_is_one_line(tmp_path: Path, template: str, character: str) -> None:
    """Whatever a template holds, a message about it is one line without characters that a terminal would obey."""
    with pytest.raises(ExportError) as raised:
        rendered(tmp_path, template.format(character))
    assert str(raised.value).isprintable()


def test_a_template_with_an_odd_name(tmp_path: Path) -> None:
    """The name of a template is shown on one line, and a very long one by its beginning."""
    (tmp_path / "a\n::error::b.jinja").write_text("{{ x }}", encoding="utf-8")
    with pytest.raises(ExportError) as raised:
        render(tmp_path / "a\n::error::b.jinja", read())
    assert str(raised.value) == f"{tmp_path}/a\\n::error::b.jinja:1: 'x' is undefined"
    with pytest.raises(ExportError) as raised:
        render(Path("x" * 100_000), read())
    assert str(raised.value).startswith("xxxxxxxxxx")
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("prefix", ["{{ ", "{% if ", "{% for x in "])
def test_a_long_message_is_cut(tmp_path: Path, prefix: str) -> None:
    """A message stays short, however long the words of a template are."""
    with pytest.raises(ExportError) as raised:
        rendered(tmp_path, f"{prefix}'{'y' * 100_000}'.{'x' * 100_000}.z {'y' * 100_000}")
    assert len(str(raised.value)) < 600


def test_a_template_that_there_is_not(tmp_path: Path) -> None:
    """A template that is not there, or is a folder, is an error that names it."""
    for path, message in (
        (tmp_path / "none.jinja", "there is no such file"),
        (tmp_path, "the template is a directory"),
    ):
        with pytest.raises(ExportError) as raised:
            render(path, read())
        assert str(raised.value) == f"{path}: {message}"


def test_a_template_that_is_no_text(tmp_path: Path) -> None:
    """A template that is not UTF-8 is an error that names it."""
    (tmp_path / "t.jinja").write_bytes(b"\xff")
    with pytest.raises(ExportError, match=r"t\.jinja: the template is not UTF-8$"):
        render(tmp_path / "t.jinja", read())


@pytest.mark.parametrize(
    "template",
    [
        "{{ registry.services.clear() }}",
        "{{ registry.backends.update(a=1) }}",
        "{{ registry.by_name.pop('a') }}",
        "{{ registry.by_service.clear() }}",
        "{{ guide.lint.clear() }}",
        "{{ stores.append(1) }}",
        "{{ stores[0].keys.clear() }}",
        "{% set stores.x = 1 %}",
        "{% set registry.stores = () %}",
        "{{ dict(a=1).clear() }}",
        "{{ [1].append(2) }}",
    ],
)
def test_nothing_can_be_changed(tmp_path: Path, template: str) -> None:
    """No value that a template sees can be changed by it."""
    with pytest.raises(ExportError):
        rendered(tmp_path, template)


@pytest.mark.parametrize(
    "expression",
    [
        "stores_of.__globals__",
        "registry.table_of.__self__",
        "registry.table_of.__func__",
        "registry.with_paths",
        "self.__init__",
        "self._TemplateReference__context",
        "cycler.__init__.__globals__",
        "joiner.__init__",
        "namespace.__init__",
        "range.__class__.__mro__",
        "''|attr('__class__')",
        "''['__class__']",
        "('{0.__class__}' | attr('format'))(1)",
        "'{0.__class__}'.format(1)",
        "'{x.__class__}'.format_map({'x': 1})",
        "('%s' | attr('__mod__'))(1)",
        "dict.__subclasses__()",
        "lipsum()",
        "(stores | map('first')).gi_frame",
        "stores[0].places.__class__",
    ],
)
def test_there_is_no_way_out(tmp_path: Path, expression: str) -> None:
    """No expression leads from what a template sees to what it does not."""
    with pytest.raises(ExportError, match=r"is not allowed in a template|is undefined"):
        rendered(tmp_path, f"{{{{ {expression} }}}}")


@pytest.mark.parametrize("text", ["\\ud800", "\\udcff", "a\\udfffb"])
def test_half_a_character(tmp_path: Path, text: str) -> None:
    """A template that makes what is no text is an error."""
    with pytest.raises(ExportError) as raised:
        rendered(tmp_path, f"{{{{ '{text}' }}}}")
    assert str(raised.value) == f"{tmp_path}/t.jinja: it generates a lone surrogate, which is not a valid character"


def test_a_path_that_is_no_text(tmp_path: Path) -> None:
    """What of a file's name is no text is U+FFFD for a template."""
    (tmp_path / "t.jinja").write_text(
        "{{ stores[0].location.path }} {{ services[0].location.path }}", encoding="utf-8"
    )
    registry = load_sources([SourceText("caf\udce9.yaml", STORES, "")])[0]
    assert render(tmp_path / "t.jinja", registry) == "caf\ufffd.yaml caf\ufffd.yaml"


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are no text")
def test_a_template_whose_name_is_no_text(tmp_path: Path) -> None:
    """A person may name a template, in a folder, whose names are no text; it may include others."""
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / os.fsdecode(b"\xff.jinja")).write_text("{% include 'o.jinja' %}", encoding="utf-8")
    (folder / "o.jinja").write_text("a{{ 1 / b }}", encoding="utf-8")
    with pytest.raises(ExportError) as raised:
        render(folder / os.fsdecode(b"\xff.jinja"), read())
    assert str(raised.value) == f"{tmp_path}/caf\\udce9/o.jinja:1: 'b' is undefined"


def test_a_template_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path is shown as it was given, that of an include too."""
    monkeypatch.chdir(tmp_path)
    Path("t.jinja").write_text("{% include 'o.jinja' %}", encoding="utf-8")
    Path("o.jinja").write_text("{{ x }}", encoding="utf-8")
    with pytest.raises(ExportError) as raised:
        render(Path("t.jinja"), read())
    assert str(raised.value) == "o.jinja:1: 'x' is undefined"


def test_a_registry_without_anything(tmp_path: Path) -> None:
    """An empty registry is rendered as any other."""
    (tmp_path / "t.jinja").write_text("{{ stores | length }}{{ registry.services | length }}", encoding="utf-8")
    assert render(tmp_path / "t.jinja", Registry()) == "00"


def test_no_template() -> None:
    """The format without a template says that it needs one."""
    with pytest.raises(ExportError, match="name it with --template"):
        format_called("template").write(read(), ExportOptions())


def test_the_filters_are_documented() -> None:
    """The documentation names every filter."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "exports.md").read_text(encoding="utf-8")
    assert [name for name in FILTERS if f"`{name}`" not in page] == []
