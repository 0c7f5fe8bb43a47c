"""Texts of a registry, of a page and names of files in the log of a build, which a CI service and a terminal obey."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from docutils import nodes
from unchecked import read_anything

from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.sphinx_ext.logging import fail, inform, report, warn

if TYPE_CHECKING:
    from conftest import Site
    from sphinx.application import Sphinx
    from sphinx.testing.util import SphinxTestApp

FOLDER = Path(__file__).parent
REGISTRY = FOLDER / "state-stores.yaml"
#: What begins a command of GitHub where it begins a line, or one of GitHub or Azure Pipelines anywhere.
COMMAND = re.compile(r"^\s*::|##(?:vso|teamcity)?\[")
#: What a terminal obeys, what turns the direction of writing, and what ends a line for some reader.
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
#: The colours of Sphinx itself.
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
TEXTS = [
    "::error file=a,line=1::x",
    "  ::add-mask::a",
    "a\n::error::x",
    "a\r::error::x",
    "a\x85::error::x\u2028::error::y\u2029::error::z",
    "##[error]x",
    "a ##[add-path]x ##vso[task.setvariable variable=a]b",
    "\x1b]0;owned\x07\x1b[2J",
    "a\u202eb\u2066c",
    "a\udcffb",
    "WARNING: \n::error::x",
]


@pytest.fixture
def reads_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry have any text."""
    read_anything(monkeypatch)


def lines(app: Sphinx) -> list[str]:
    """Return the lines of a build's output, without the colours of Sphinx."""
    tested = cast("SphinxTestApp", app)
    return COLOURS.sub("", tested.status.getvalue() + tested.warning.getvalue()).split("\n")


def assert_harmless(app: Sphinx) -> None:
    for line in lines(app):
        assert not COMMAND.search(line), line
        assert not OBEYED.search(line), ascii(line)


STORES = """\
x-state-stores:
  a: {backend: '##[error]x', service: A, purpose: p}
  b: {backend: memory, service: A, purpose: '::error::x ##[error]y'}
"""


@pytest.fixture
def app(site: Site) -> Sphinx:
    """An application that has built a page, without a warning."""
    site.write("index.rst", "Top\n===\n")
    built = site.build("dummy")
    assert built.warnings == []
    return built.app


def test_the_reproduction(site: Site) -> None:
    """No line of a build's log begins a command, whatever a label, a role and an option say."""
    site.registry(REGISTRY.read_text(encoding="utf-8"))
    site.write(
        "index.rst",
        "T\n=\n\n.. statestore-changes::\n   :from: HEAD\n     ::error::x\n\n"
        ":store:`a b` :store-count:`x y=1` :store-count:`status=dfg` ``zz-statestore``\n",
    )
    built = site.build()
    assert len(built.warnings) >= 5
    assert_harmless(built.app)


@pytest.mark.usefixtures("reads_anything")
def test_the_reproduction_alone(site: Site) -> None:
    """The same holds where reading refuses nothing, and the label is part of messages."""
    site.registry(REGISTRY.read_text(encoding="utf-8"))
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n")
    built = site.build()
    assert any("PWNED by a label" in line for line in built.warnings)
    assert_harmless(built.app)


@pytest.mark.parametrize("text", TEXTS)
def test_messages(app: Sphinx, text: str) -> None:
    """Whatever a message is made of, it is one line of the log and no command."""
    before = len(lines(app))
    warn(Kind.UNKNOWN_STORE, text, None)
    inform(text)
    fail(text)
    report(Problem(Kind.UNKNOWN_STORE, text, Location("a.yaml")), "a.yaml:1")
    report(Problem(Kind.UNDESCRIBED_KEY, text, Location("a.yaml")), "a.yaml:1")
    assert len(lines(app)) == before + 5
    assert_harmless(app)


@pytest.mark.parametrize("text", TEXTS)
def test_places(app: Sphinx, text: str) -> None:
    """Whatever a place is made of, also a document's name and the source of a node, it begins no command."""
    before = len(lines(app))
    node = nodes.paragraph()
    node.source, node.line = text, 1
    child = nodes.inline()
    node += child
    for place in (f"{text}:1", text, (text, 1), (text, None), node, child):
        warn(Kind.UNKNOWN_STORE, "x", place)
        inform("x", place)
    assert len(lines(app)) == before + 12
    assert_harmless(app)


def test_places_that_are_plain(app: Sphinx) -> None:
    """A place without anything to hide is printed as Sphinx prints it: a path, and a line where there is one."""
    node = nodes.paragraph()
    node.source, node.line = "/docs/a b.rst", 7
    for place in ("/docs/a b.rst:3", ("index", 4), ("index", None), node, None):
        warn(Kind.UNKNOWN_STORE, "x", place)
    index = Path(app.srcdir, "index.rst")
    assert [line.partition(" WARNING: ")[0] for line in lines(app) if "WARNING: x" in line] == [
        "/docs/a b.rst:3:",
        f"{index}:4:",
        f"{index}:",
        "/docs/a b.rst:7:",
        "WARNING: x [statestores.unknown_store]",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_document_of_such_a_name(site: Site) -> None:
    """A document that is called like a command is a harmless place of a warning."""
    site.write("index.rst", "T\n=\n")
    page = ":orphan:\n\nT\n=\n\n:store:`nothing` :store-count:`status=dfg`\n\n.. statestore-table::\n   :x: 1\n"
    site.write("##[error]x/::error file=x::y.rst", page)
    built = site.build()
    ours = [line for line in lines(built.app) if "[statestores." in line]
    assert len([line for line in ours if "::error file=x::y.rst:" in line]) == 3
    assert not [line for line in ours if COMMAND.search(line)]


def test_the_command_line(repository: Path) -> None:
    """No line of the command's output begins a command because of the name of a file, or of what is in it."""
    name = "::error file=a,line=1::x.yaml"
    (repository / name).write_text(STORES, "utf-8")
    for arguments in (["check"], ["list"], ["list", "--columns", "purpose,name"], ["generate", "csv"]):
        done = subprocess.run(
            [sys.executable, "-m", "sphinx_statestores", *arguments, name],
            capture_output=True,
            check=False,
            text=True,
        )
        said = (done.stdout + done.stderr).splitlines()
        assert said
        assert not [line for line in said if COMMAND.search(line)], said
