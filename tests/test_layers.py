"""Which module may import which: downward only, at the top of the file, and the core without Sphinx."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "sphinx_statestores"
PACKAGE = "sphinx_statestores"
#: What the core's modules may import beside the standard library.
CORE_NEEDS = {"yaml"}


class Import(NamedTuple):
    """One imported name of a module."""

    module: str
    #: The module that is imported, as far as it is one.
    target: str
    line: int
    #: Whether it is for type checkers only.
    typing_only: bool
    #: Whether it stands in a function.
    deferred: bool


@cache
def modules() -> dict[str, Path]:
    """Return the package's modules, by dotted name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = (PACKAGE, *path.relative_to(SOURCE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(module: str, tree: ast.AST, known: frozenset[str], *, is_package: bool) -> list[Import]:
    """List what a module imports, wherever in it."""
    found: list[Import] = []

    def visit(node: ast.AST, *, typing_only: bool, deferred: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(module, name.name, node.lineno, typing_only, deferred) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = module.split(".")[: len(module.split(".")) - node.level + is_package]
                base = ".".join([*up, *([node.module] if node.module else [])])
            for name in node.names:
                submodule = f"{base}.{name.name}"
                found.append(
                    Import(module, submodule if submodule in known else base, node.lineno, typing_only, deferred)
                )
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            for statement in node.body:
                visit(statement, typing_only=True, deferred=deferred)
            for statement in node.orelse:
                visit(statement, typing_only=typing_only, deferred=deferred)
        else:
            inside = deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for child in ast.iter_child_nodes(node):
                visit(child, typing_only=typing_only, deferred=inside)

    visit(tree, typing_only=False, deferred=False)
    return found


@cache
def all_imports() -> tuple[Import, ...]:
    """Return everything that any module of the package imports."""
    known = frozenset(modules())
    found: list[Import] = []
    for module, path in modules().items():
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        found += imports_of(module, tree, known, is_package=path.stem == "__init__")
    return tuple(found)


def layer(name: str) -> str:
    """Return the layer of one of the package's modules, or the distribution's top name of another."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return parts[0]
    return parts[1] if len(parts) > 1 else PACKAGE


def imported_by(part: str) -> set[str]:
    """Return the layers and other packages that a layer imports, itself and the standard library aside."""
    return {
        layer(found.target)
        for found in all_imports()
        if layer(found.module) == part
        and layer(found.target) != part
        and (layer(found.target) not in sys.stdlib_module_names)
    }


def test_all_layers_are_known() -> None:
    """The package consists of the layers that this file has rules for, and of no other."""
    assert {layer(name) for name in modules()} == {
        PACKAGE,
        "__main__",
        "checks",
        "cli",
        "export",
        "imports",
        "live",
        "registry",
        "sphinx_ext",
    }


@pytest.mark.parametrize(
    ("part", "allowed"),
    [
        ("registry", CORE_NEEDS),
        ("checks", {"registry"}),
        ("export", {"registry", "checks", "jinja2"}),
        ("imports", {"registry", "yaml"}),
        ("live", {"registry", "redis", "pymysql"}),
        ("cli", {PACKAGE, "registry", "checks", "export", "imports", "live"}),
        ("__main__", {"cli"}),
    ],
)
def test_imports_lead_downward(part: str, allowed: set[str]) -> None:
    """A layer of the core imports only the layers below it, for types too, and nothing of Sphinx or docutils."""
    assert imported_by(part) <= allowed


def test_the_site_does_not_import_the_command() -> None:
    """The Sphinx side and the command line are two outlets that do not know each other."""
    assert not imported_by("sphinx_ext") & {"cli", "__main__"}


def test_the_package_imports_nothing_at_run_time() -> None:
    """Importing the package itself imports neither Sphinx nor any of its layers."""
    found = [f for f in all_imports() if f.module == PACKAGE and not f.typing_only and not f.deferred]
    assert {layer(f.target) for f in found} <= sys.stdlib_module_names


def test_imports_stand_at_the_top() -> None:
    """No function imports anything, but for ``setup()``, which must not cost the command line Sphinx.

    What is seldom needed of the standard library may wait as well, for a fast start.
    """
    deferred = [(f.module, f.target) for f in all_imports() if f.deferred and f.target not in sys.stdlib_module_names]
    assert sorted(set(deferred)) == [
        (PACKAGE, f"{PACKAGE}.sphinx_ext"),
    ]


def test_one_module_of_the_core_imports_jinja() -> None:
    """Only a process that renders a template needs jinja: no module imports that of the process."""
    importing = {f.module for f in all_imports() if f.target == "jinja2" or f.target.startswith("jinja2.")}
    worker = f"{PACKAGE}.export.template_worker"
    assert {module for module in importing if layer(module) != "sphinx_ext"} == {worker}
    assert worker not in {f.target for f in all_imports()}


def test_one_module_imports_each_package_of_servers() -> None:
    """Only a command that reads a server needs its package: no module imports one that does."""
    for package, name in {"redis": "redis_server", "pymysql": "mysql_server"}.items():
        module = f"{PACKAGE}.live.{name}"
        assert {f.module for f in all_imports() if f.target.partition(".")[0] == package} == {module}
        assert module not in {f.target for f in all_imports()}


def test_the_format_of_templates_is_imported_when_it_is_asked_for() -> None:
    """What starts processes is imported by name, as every format is, or by the site's generated pages."""
    importing = {f.module for f in all_imports() if f.target == f"{PACKAGE}.export.template"}
    assert importing == {f"{PACKAGE}.sphinx_ext.generated_pages"}


#: A part of the site -> the parts that it may import, for types too.
ROOMS = {
    "logging": set(),
    "words": set(),
    "read": {"config", "logging"},
    "config_values": {"read"},
    "config": {"config_values", "read"},
    "resolve": {"config", "read"},
    "generated_pages": {"config"},
    "incremental": {"project", "read", "resolve"},
    "observations": {"config", "incremental"},
    "project": {
        "config",
        "config_names",
        "config_values",
        "generated_pages",
        "incremental",
        "logging",
        "observations",
        "read",
        "resolve",
        "words",
    },
    "write": {"logging", "project", "read", "resolve", "words"},
    "domain": {"logging", "project", "read", "resolve", "words", "write"},
    "config_names": {"config"},
    "finish": {"logging", "project", "resolve"},
}


def room(name: str) -> str:
    """Return the part of the site that a module is: a folder, or a module beside them; empty for ``setup()``."""
    return (*name.split("."), "", "")[2]


def test_the_site_has_one_room_for_each_phase() -> None:
    """Pages are read, resolved and written by parts of their own, and none looks into one that comes after it."""
    site = f"{PACKAGE}.sphinx_ext"
    found: dict[str, set[str]] = {}
    for each in all_imports():
        if each.module.startswith(f"{site}.") and each.target.startswith(f"{site}."):
            found.setdefault(room(each.module), set()).add(room(each.target))
    assert {room(name) for name in modules() if name.startswith(f"{site}.")} == ROOMS.keys()
    assert {
        part: others - {part} - ROOMS[part] for part, others in found.items() if others - {part} - ROOMS[part]
    } == {}


def test_only_setup_sees_all_of_the_site() -> None:
    """``sphinx_ext/__init__.py`` registers what the parts have, and none of them imports it."""
    assert not [found for found in all_imports() if found.target == f"{PACKAGE}.sphinx_ext" and room(found.module)]


@pytest.mark.parametrize("name", modules())
def test_every_module_says_what_it_is_for(name: str) -> None:
    """Each module has a docstring, whose first line is a sentence."""
    said = ast.get_docstring(ast.parse(modules()[name].read_text(encoding="utf-8")))
    assert said
    assert said.splitlines()[0].endswith((".", ":", "?"))


def cycles(edges: dict[str, set[str]]) -> set[str]:
    """Return the nodes from which a way leads back to themselves."""

    def reachable(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = list(edges.get(start, ()))
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting += edges.get(node, ())
        return seen

    return {node for node in edges if node in reachable(node)}


def test_there_is_no_import_cycle() -> None:
    """No module imports itself by any detour, for types neither."""
    edges: dict[str, set[str]] = {name: set() for name in modules()}
    for found in all_imports():
        if found.target in edges and found.module != PACKAGE:
            edges[found.module].add(found.target)
    assert cycles(edges) == set()
    assert sum(map(len, edges.values())) > 20  # imports were found at all


def test_the_rules_see_what_they_forbid() -> None:
    """The functions of this file find relative, deferred and typing imports, and a cycle where there is one."""
    text = """
from __future__ import annotations
from typing import TYPE_CHECKING
import docutils.nodes
from . import model
from ..cli import main
from p.registry import query
if TYPE_CHECKING:
    import sphinx
else:
    import yaml
try:
    def f():
        if TYPE_CHECKING:
            import a
        import b
except ImportError:
    import c
"""
    known = frozenset({"p.registry.model", "p.registry.query", "p.cli"})
    found = imports_of("p.registry.reader", ast.parse(text), known, is_package=False)
    assert [tuple(f)[1:2] + tuple(f)[3:] for f in found] == [
        ("__future__", False, False),
        ("typing", False, False),
        ("docutils.nodes", False, False),
        ("p.registry.model", False, False),
        ("p.cli", False, False),
        ("p.registry.query", False, False),
        ("sphinx", True, False),
        ("yaml", False, False),
        ("a", True, True),
        ("b", False, True),
        ("c", False, False),
    ]
    (package,) = imports_of("p.registry", ast.parse("from . import model"), known, is_package=True)
    assert package.target == "p.registry.model"
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == {"b", "c"}


BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"sphinx", "docutils", "markdown_it", "myst_parser"}:
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
try:
    import sphinx
except ImportError:
    pass
else:
    raise SystemExit("sphinx is not blocked")
from sphinx_statestores.cli import main
status = main(["generate", "markdown"])
sys.stdout.flush()
loaded = {name.partition(".")[0] for name in sys.modules} & {"sphinx", "docutils", "jinja2"}
loaded |= {name for name in sys.modules if name.startswith("sphinx_statestores.sphinx_ext")}
raise SystemExit(f"loaded: {sorted(loaded)}" if loaded else status)
"""


def test_the_command_works_without_sphinx() -> None:
    """Where neither Sphinx nor docutils can be imported, the command generates the whole page."""
    done = subprocess.run([sys.executable, "-c", BLOCKED], cwd=ROOT, capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == (ROOT / "docs" / "GENERATED-STATE-STORES.md").read_bytes()
