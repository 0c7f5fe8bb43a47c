"""A project's own template as a format: what it sees, what it may not do, where its mistakes are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.export import format_called
from sphinx_statestores.export.format import ExportError, ExportOptions
from sphinx_statestores.export.template import FILTERS, render
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Registry

STORES = """\
x-services: {Unused: {}}
x-reference: {project: Shop}
x-state-stores:
  b-lock: {backend: redis, prefix: b, service: B, purpose: "Locks | `b`"}
  a: {backend: mysql, service: A, purpose: p, x-team: t}
"""


def read() -> Registry:
    return load_sources([SourceText("schemas/stores.yaml", STORES, "")])[0]


def rendered(folder: Path, text: str, **more: str) -> str:
    for name, content in {"t.jinja": text, **{f"{name}.jinja": content for name, content in more.items()}}.items():
        (folder / name).write_text(content, encoding="utf-8", newline="")
    text, problems = format_called("template").write(read(), ExportOptions(template=folder / "t.jinja"))
    assert problems == ()
    return text


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
        ("no newline", "no newline"),
        ("", ""),
    ],
)
def test_what_a_template_sees(tmp_path: Path, template: str, text: str) -> None:
    """A template sees the registry and its parts, and has a filter for each kind of text."""
    assert rendered(tmp_path, template) == text


def test_templates_beside_it(tmp_path: Path) -> None:
    """A template may use those that stand beside it."""
    assert (
        rendered(
            tmp_path, "{% extends 'base.jinja' %}{% block x %}1{% endblock %}", base="<{% block x %}{% endblock %}>"
        )
        == "<1>"
    )


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("a\n{{ nope }}", "t.jinja:2: UndefinedError: 'nope' is undefined"),
        ("{{ stores[0].nme }}", "t.jinja:1: UndefinedError: "),
        ("{{ nope | csharp }}", "t.jinja:1: UndefinedError: 'nope' is undefined"),
        ("a\n\n{% for %}", "t.jinja:3: Expected an expression, got 'end of statement block'"),
        ("{% endfor %}", "t.jinja:1: "),
        ("{{ 1 | nope }}", "t.jinja:1: No filter named 'nope'."),
        ("{{ 1 / 0 }}", "t.jinja:1: ZeroDivisionError: division by zero"),
        ("\n{% include 'other.jinja' %}", "other.jinja:2: UndefinedError: 'x' is undefined"),
        ("{% include 'none.jinja' %}", "t.jinja:1: there is no template 'none.jinja' beside it"),
        ("{% include '../none.jinja' %}", "t.jinja:1: there is no template '../none.jinja' beside it"),
        ("{{ stores.__class__ }}", "t.jinja:1: SecurityError: "),
        ("{{ ''.format.__globals__ }}", "t.jinja:1: SecurityError: "),
        ("{{ stores[0]._replace(name='x') }}", "t.jinja:1: SecurityError: "),
        ("{{ range(10 ** 9) | list }}", "t.jinja:1: OverflowError: "),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "t.jinja:1: RecursionError: "),
    ],
)
def test_mistakes(tmp_path: Path, template: str, message: str) -> None:
    """A mistake in a template, or what a template may not do, is an error with its file and line."""
    with pytest.raises(ExportError) as raised:
        rendered(tmp_path, template, other="\n{{ x }}")
    assert str(raised.value).startswith(f"{tmp_path}/{message}")


def test_a_template_that_there_is_not(tmp_path: Path) -> None:
    """A template that is not there, or is a folder, is an error that names it."""
    for path in (tmp_path / "none.jinja", tmp_path):
        with pytest.raises(ExportError) as raised:
            render(path, read())
        assert str(raised.value) == f"{path}: there is no such file"


def test_a_template_that_is_no_text(tmp_path: Path) -> None:
    """A template that is not UTF-8 is an error that names it."""
    (tmp_path / "t.jinja").write_bytes(b"\xff")
    with pytest.raises(ExportError, match=r"t\.jinja: UnicodeDecodeError: "):
        render(tmp_path / "t.jinja", read())


def test_no_template() -> None:
    """The format without a template says that it needs one."""
    with pytest.raises(ExportError, match="name it with --template"):
        format_called("template").write(read(), ExportOptions())


def test_the_filters_are_documented() -> None:
    """The documentation names every filter."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
    assert [name for name in FILTERS if f"`{name}`" not in page] == []
