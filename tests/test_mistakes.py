"""The mistakes of new users, each with the exact messages that it gets: the files of ``mistakes`` are the table.

A case is a line ``=== NAME``, the input, and its messages, a line with ``--> `` for each. Where the input stands
depends on the file: ``registry.txt`` has registries, ``pages.txt`` pages of a site, ``conf.txt`` lines of
``conf.py``, ``commands.txt`` arguments of the command. Run ``UPDATE_CASES=1 pytest`` once after adding a case, and
read what it wrote: does each message say what is wrong, where it is and what to do?
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from sphinx_statestores.checks.lint import lint
from sphinx_statestores.cli import main
from sphinx_statestores.registry import reader
from sphinx_statestores.registry.loader import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conftest import Built, Site

TABLE = Path(__file__).parent / "mistakes"
FILES = ("registry", "pages", "conf", "commands")
PARSERS = [
    pytest.param("CSafeLoader", marks=pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML lacks libyaml")),
    "SafeLoader",
]


class Case(NamedTuple):
    """One mistake."""

    text: str
    messages: list[str]


def read_cases(file: str) -> dict[str, Case]:
    """The cases of a file, by name."""
    found: dict[str, Case] = {}
    for part in re.split(r"^=== ", (TABLE / f"{file}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, _, rest = part.partition("\n")
        lines = rest.splitlines(keepends=True)
        messages = [line[4:].rstrip("\n") for line in lines if line.startswith("--> ")]
        assert name not in found, f"two cases are called {name}"
        found[name] = Case("".join(line for line in lines if not line.startswith("--> ")), messages)
    return found


CASES = {file: read_cases(file) for file in FILES}


def compare(file: str, messages: Mapping[str, list[str]]) -> None:
    """Compare the messages of all cases of a file with those that are expected, or write them."""
    if os.environ.get("UPDATE_CASES"):
        parts = [
            f"=== {name}\n{case.text}" + "".join(f"--> {message}\n" for message in messages.get(name, case.messages))
            for name, case in CASES[file].items()
        ]
        (TABLE / f"{file}.txt").write_text("".join(parts), encoding="utf-8")
    else:
        assert messages == {name: CASES[file][name].messages for name in messages}


@pytest.mark.parametrize("parser", PARSERS)
def test_registries(parser: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mistake in a registry gets its messages, whichever parser reads it."""
    loader: Any = getattr(yaml, parser)
    monkeypatch.setattr(reader, "PARSER", loader)
    monkeypatch.chdir(tmp_path)
    path = Path("stores.yaml")
    found = {}
    for name, case in CASES["registry"].items():
        path.write_text(case.text, encoding="utf-8")
        registry, problems = load([path])
        found[name] = [str(problem) for problem in lint(registry, None, problems) if problem.severity.value != "info"]
    compare("registry", found)


def warnings(site: Site, built: Built) -> list[str]:
    """The warnings of a build, with paths from the folder of the site."""
    folder = str(site.folder)
    names = ((f"{folder}/", ""), (f"{Path(folder).parent}/", "../"), (f"{Path(folder).parent.parent}/", "../../"))
    found = []
    for warning in built.warnings:
        for path, name in names:
            warning = warning.replace(path, name)  # noqa: PLW2901
        found.append(warning)
    return found


def test_pages(site: Site) -> None:
    """Each mistake in a page gets its messages, at its line."""
    for name, case in CASES["pages"].items():
        site.write(f"{name}.rst", f":orphan:\n\n{case.text}")
    site.write("index.rst", "Stores\n======\n\n.. statestore-table::\n")
    site.conf("""
        statestores_unknown_literals = "warning"
        statestores_table_presets = {"wrong": {"colums": "name"}}
        """)
    found: dict[str, list[str]] = {name: [] for name in CASES["pages"]}
    for warning in warnings(site, site.build("text")):
        page, is_ours, _ = warning.partition(".rst:")
        if is_ours:
            found[page].append(warning)
    compare("pages", found)


@pytest.fixture
def built_with(new_site: Callable[[], Site]) -> Callable[[str], list[str]]:
    """Return what builds a site with a mistake in its ``conf.py`` and returns its warnings."""
    site = new_site()
    site.write("index.rst", "Stores\n======\n\n.. statestore-table::\n\n:store-service:`Auth`\n")

    def build(text: str) -> list[str]:
        site.conf(text)
        shutil.rmtree(site.folder / "_build", ignore_errors=True)
        # Sphinx has its own words for some of them, which differ from version to version.
        return [warning for warning in warnings(site, site.build("dummy")) if "[statestores." in warning]

    return build


def test_configurations(built_with: Callable[[str], list[str]]) -> None:
    """Each mistake in ``conf.py`` gets its messages."""
    compare("conf", {name: built_with(case.text) for name, case in CASES["conf"].items()})


def test_commands(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Each mistake in a command gets its messages."""
    monkeypatch.chdir(site.folder)
    found = {}
    for name, case in CASES["commands"].items():
        main(shlex.split(case.text))
        captured = capsys.readouterr()
        found[name] = (captured.out + captured.err).splitlines()
    compare("commands", found)


def test_no_mistake_passes_without_a_word() -> None:
    """There are at least seventy mistakes in the table, and each has a message."""
    cases = [(file, name, case) for file in FILES for name, case in CASES[file].items()]
    assert [(file, name) for file, name, case in cases if not case.messages] == []
    assert len(cases) >= 70


def test_troubleshooting_quotes_messages() -> None:
    """Each message that the page on usual errors quotes is one of the table, word for word."""
    page = (Path(__file__).parent.parent / "docs/howto/troubleshooting.md").read_text(encoding="utf-8")
    quoted = "".join(re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)).splitlines()
    known = "\n".join(message for cases in CASES.values() for case in cases.values() for message in case.messages)
    assert len(quoted) > 30
    assert [line for line in quoted if f" {line} [" not in known] == []
