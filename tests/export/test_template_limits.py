"""What a template may take: time, memory, text; and the process that it has, of which nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sphinx_statestores.export.format import ExportError
from sphinx_statestores.export.template import render, render_pages
from sphinx_statestores.export.template_exchange import LIMITS, Limits, Pages, read_answers
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.source import MIB, SourceText

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Registry

posix = pytest.mark.skipif(os.name != "posix", reason="needs limits of processes, and signals")
linux = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")

STORES = """\
x-state-stores:
  a-lock: {backend: redis, prefix: a, service: A, purpose: p}
  b-lock: {backend: redis, prefix: b, service: B, purpose: p}
"""
#: The process starts in a fraction of a second; a template that never ends is given no more.
SHORT = Limits(seconds=0.8)
SMALL = Limits(memory=20 * MIB)
FOREVER = (
    "{% for a in range(100000) %}{% for b in range(100000) %}{% for c in range(100000) %}{% endfor %}{% endfor %}"
    "{% endfor %}"
)
#: A list of two lists of two lists ..., which has a few bytes, and a text of very many.
SHARED = "{% set n = namespace(x=[]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}"


def read() -> Registry:
    return load_sources([SourceText("schemas/stores.yaml", STORES, "")])[0]


def failure(folder: Path, text: str, limits: Limits = LIMITS) -> str:
    """Return why a template cannot be rendered, without the path of its folder."""
    (folder / "t.jinja").write_text(text, encoding="utf-8")
    with pytest.raises(ExportError) as raised:
        render(folder / "t.jinja", read(), None, limits)
    return str(raised.value).removeprefix(f"{folder}/")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Return the processes that are started for templates."""
    found: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            found.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    return found


@pytest.mark.parametrize(
    "template",
    [
        FOREVER,
        "{{ 10 ** (10 ** 10) }}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(99) }}",
        SHARED + "{{ n.x | string }}",
        SHARED + "{{ n.x == [1] }}" + FOREVER,
        "{{ " + "1 + " * 200_000 + "1 }}",
    ],
    ids=["loops", "power", "macros", "nested lists", "comparison", "long expression"],
)
def test_time(tmp_path: Path, template: str, started: list[subprocess.Popen[bytes]]) -> None:
    """A template that takes too long is stopped, whatever it does, and its process is gone."""
    assert failure(tmp_path, template, SHORT) == "t.jinja: it ran for more than 0.8 seconds"
    (process,) = started
    assert process.poll() is not None
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


@posix
@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' * 10 ** 10 }}",
        "{{ [1] * 10 ** 10 }}",
        "{{ 'a' | center(10 ** 10) }}",
        "{{ '%999999999d' % 1 }}",
        "{{ '{:999999999}'.format(1) }}",
        "{{ 'a' | indent(10 ** 10, true) }}",
        "{{ 'a'.ljust(10 ** 10) }}",
        "{{ 'aaaa'.replace('a', 'b' * 10 ** 8) }}",
        "{% set n = namespace(x='aaaa') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
        "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
        "{% set n = namespace(x=[]) %}{% for i in range(99999) %}{% set n.x = [n.x, i ~ 'a' * 9999] %}{% endfor %}",
        "{% set n = namespace(x=[]) %}{% for i in range(99999) %}{% for j in range(99) %}"
        "{% set n.x = [n.x, [i] * 50] %}"
        "{% endfor %}{% endfor %}",
        "{% set x %}{% for i in range(99999) %}{{ 'a' * 99999 }}{% endfor %}{% endset %}",
        "{% macro m() %}{% for i in range(99999) %}{{ 'a' * 99999 }}{% endfor %}{% endmacro %}{{ m() }}",
    ],
)
def test_memory(tmp_path: Path, template: str) -> None:
    """A template that wants too much memory is an error that says so."""
    assert failure(tmp_path, template, SMALL).endswith(": it needs more memory than the limit of 20 MiB")


@posix
def test_memory_of_a_page(tmp_path: Path) -> None:
    """A page that wants too much memory is the error of that page, and the next one is made."""
    (tmp_path / "t.jinja").write_text("{{ 'a' * (10 ** 10 if service.name == 'A' else 3) }}", encoding="utf-8")
    failed, made = render_pages(tmp_path / "t.jinja", read(), Pages(("A", "B")), limits=SMALL)
    assert "more memory than the limit of 20 MiB" in str(failed)
    assert made == "aaa"


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' * 1001 }}",
        "{% for i in range(1001) %}a{% endfor %}",
        "{{ '\N{CAT}' * 251 }}",
        FOREVER.replace("{% endf", "a{% endf", 1),
    ],
    ids=["at once", "in pieces", "bytes", "without end"],
)
def test_text(tmp_path: Path, template: str) -> None:
    """A template that makes too much text is stopped when it does."""
    message = failure(tmp_path, template, Limits(output=1000))
    assert message == "t.jinja: it generates more text than the limit of 1,000 bytes"


def test_text_of_all_pages(tmp_path: Path) -> None:
    """The limit is for the texts of all pages together."""
    (tmp_path / "t.jinja").write_text("{{ 'a' * 600 }}", encoding="utf-8")
    made, failed = render_pages(tmp_path / "t.jinja", read(), Pages(("A", "B")), limits=Limits(output=1000))
    assert made == "a" * 600
    assert "1,000 bytes" in str(failed)


@pytest.mark.parametrize(
    "template",
    [
        "{% include 't.jinja' %}",
        "{% import 't.jinja' as t %}",
        "{% extends 't.jinja' %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for x in [[[1]]] recursive %}{{ loop([[x]]) }}{% endfor %}",
        "{{ " + "(" * 9999 + "1" + ")" * 9999 + " }}",
        "{{ " + "-" * 9999 + "1 }}",
        "{% if 1 %}" * 9999 + "{% endif %}" * 9999,
    ],
    ids=["include", "import", "extends", "macro", "loop", "brackets", "signs", "blocks"],
)
def test_depth(tmp_path: Path, template: str) -> None:
    """A template that never ends calling itself, or nests without end, is an error that says so."""
    assert failure(tmp_path, template).endswith(": it calls itself too often, or is nested too deeply")


def test_a_large_template(tmp_path: Path) -> None:
    """A template larger than the limit is not read, and neither is such an include."""
    (tmp_path / "large").write_bytes(b"a" * 1001)
    limits = Limits(output=1000)
    message = "is larger than the limit of 1,000 bytes"
    assert failure(tmp_path, "a" * 1001, limits) == f"t.jinja: the template {message}"
    assert failure(tmp_path, "{% include 'large' %}", limits) == f"t.jinja:1: the template 'large' {message}"


def test_pages_after_one_that_never_ends(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """All pages have one process and one time: those that were made before it ran out are kept."""
    (tmp_path / "t.jinja").write_text(
        "{{ service.name }}{% if service.name == 'B' %}" + FOREVER + "{% endif %}", encoding="utf-8"
    )
    made, *failed = render_pages(tmp_path / "t.jinja", read(), Pages(("A", "B", "A")), limits=Limits(seconds=3))
    assert made == "A"
    assert [str(error) for error in failed] == [f"{tmp_path}/t.jinja: it ran for more than 3 seconds"] * 2
    assert len(started) == 1


@posix
def test_interrupt(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """Stopped from the keyboard, the program leaves no process and no thread."""
    (tmp_path / "t.jinja").write_text(FOREVER, encoding="utf-8")
    # A program that was started in the background may ignore interrupts, and so do its tests.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        interrupter = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
        interrupter.start()
        with pytest.raises(KeyboardInterrupt):
            render(tmp_path / "t.jinja", read())
        interrupter.join()
    finally:
        signal.signal(signal.SIGINT, before)
    (process,) = started
    assert process.poll() is not None
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


@posix
def test_a_process_that_dies(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """A process that is ended from outside is an error that says how it has ended."""
    (tmp_path / "t.jinja").write_text(FOREVER, encoding="utf-8")

    def kill() -> None:
        while not started:
            time.sleep(0.01)
        started[0].terminate()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(ExportError, match=r"t\.jinja: the process that renders it has crashed \(SIGTERM\)"):
        render(tmp_path / "t.jinja", read())
    killer.join()


def test_no_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no Python can be started, that is what is said."""
    (tmp_path / "t.jinja").write_text("", encoding="utf-8")
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(ExportError, match="no Python interpreter was found"):
        render(tmp_path / "t.jinja", read())
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    with pytest.raises(ExportError, match="cannot be started: "):
        render(tmp_path / "t.jinja", read())


def test_no_jinja(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where jinja is not installed, that is what is said."""
    (tmp_path / "t.jinja").write_text("", encoding="utf-8")
    monkeypatch.setattr(PathFinder, "find_spec", lambda *_: None)
    with pytest.raises(ExportError, match="a template needs the package 'jinja2', which is not installed"):
        render(tmp_path / "t.jinja", read())


@linux
def test_the_process_has_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process has nothing of the environment of its program but the paths of shared libraries."""
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    environments: list[bytes] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            found = b""
            while not found and self.poll() is None:  # the system sets it a little later than the program begins
                found = Path(f"/proc/{self.pid}/environ").read_bytes()
            environments.append(found)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    (tmp_path / "t.jinja").write_text("a", encoding="utf-8")
    assert render(tmp_path / "t.jinja", read()) == "a"
    assert environments == [b"LD_LIBRARY_PATH=%s\0" % os.fsencode(tmp_path)]


def test_the_process_imports_nothing_of_strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules of the current folder, of ``sys.path`` and of PYTHONPATH never get into the process."""
    names = (
        "json",
        "re",
        "pickle",
        "yaml",
        "usercustomize",
        "sitecustomize",
        "sphinx_statestores",
        "jinja2",
        "markupsafe",
    )
    for name in names:
        (tmp_path / f"{name}.py").write_text("open('ran', 'w').close()\n1 / 0\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "json.py"))
    (tmp_path / "t.jinja").write_text("{{ [1] | json }}", encoding="utf-8")
    assert render(tmp_path / "t.jinja", read()) == "[1]"
    assert not (tmp_path / "ran").exists()


def test_answers_that_are_cut_off() -> None:
    """Of answers that are cut off those that are whole are read, and nothing of them is evaluated."""
    whole = b"\1" + (3).to_bytes(8) + b"a\nb" + b"\0" + (1).to_bytes(8) + b"\xff"
    assert list(read_answers(whole)) == [(True, "a\nb"), (False, "\ufffd")]
    for length in range(12, len(whole)):
        assert list(read_answers(whole[:length])) == [(True, "a\nb")]
    assert list(read_answers(b"\1" + (1 << 63).to_bytes(8) + b"a")) == []
    assert list(read_answers(b"")) == []
