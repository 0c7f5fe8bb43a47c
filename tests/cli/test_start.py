"""What the command imports: no more than it needs, since that is most of the time in which it starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sphinx_statestores.cli import COMMANDS, MODULES

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
before = set(sys.modules)
from sphinx_statestores.cli import main
try:
    status = main(sys.argv[1:])
except SystemExit as exited:
    status = exited.code
modules = sorted(set(sys.modules) - before)
import json
print(json.dumps([status, modules]), file=sys.stderr)
"""
#: Each takes a good part of the time that all the rest takes.
HEAVY = {
    "sphinx",
    "docutils",
    "jinja2",
    "markupsafe",
    "asyncio",
    "concurrent",
    "dataclasses",
    "difflib",
    "email",
    "http",
    "inspect",
    "json",
    "multiprocessing",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
}


def imported(*arguments: str) -> set[str]:
    """Return what a command that succeeds imports, beside what Python has imported before."""
    # Isolated from what an environment imports at every start.
    source = f"sys.path.insert(0, {str(ROOT / 'src')!r})"
    program = PROGRAM.replace("import sys\n", f"import sys\n{source}\n", 1)
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    status, modules = json.loads(done.stderr.splitlines()[-1])
    assert status == 0, done.stderr
    return set(modules)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("check", "schemas/state-stores.yaml"),
        ("list", "schemas/state-stores.yaml"),
    ],
)
def test_nothing_heavy_is_imported(arguments: tuple[str, ...]) -> None:
    """Neither Sphinx nor any other heavy module is imported where a command has no use for it."""
    assert {name for name in imported(*arguments) if name.partition(".")[0] in HEAVY} == set()


def test_a_template_is_rendered_elsewhere() -> None:
    """The command that renders a template has a process that imports jinja, and does not import it itself."""
    modules = imported("generate", "--template", "docs/samples/stores.go.jinja", "schemas/state-stores.yaml")
    assert "sphinx_statestores.export.template" in modules
    assert {name.partition(".")[0] for name in modules} & {"jinja2", "markupsafe"} == set()


def test_the_version_needs_no_registry() -> None:
    """``--version`` reads no YAML and imports no command, and of the registry what makes a text harmless alone."""
    modules = imported("--version")
    needed = {f"sphinx_statestores.registry{name}" for name in ("", ".numbers", ".quoting")}
    assert {name for name in modules if name.partition(".")[0] == "yaml" or ".registry" in name} <= needed
    assert not {f"sphinx_statestores.cli.{name}" for name in COMMANDS} & modules


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_itself_alone(command: str) -> None:
    """Each command has a module of its name, its help is printed, and the other commands are not imported for it."""
    modules = imported(command, "--help")
    assert {name for name in COMMANDS if f"sphinx_statestores.cli.{MODULES.get(name, name)}" in modules} == {command}
