"""The public API: what a program may rely on, without Sphinx, and the page that says so."""

from __future__ import annotations

import doctest
import functools
import importlib
import inspect
import re
import subprocess
import sys
from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import sphinx_statestores

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "python-api.md"
#: What the page promises. A person edits it, on purpose, together with the page and the changelog.
PROMISED = Path(__file__).with_name("public_api.txt")

#: What is public by its name and no part of the promise: it serves the reader of files and the site.
NOT_PROMISED = {
    "Backend": {"foreign_fields", "foreign_parts", "has_prefixes", "places", "shares_keys"},
    "Key": {"places"},
    "Problem": {"severity_override", "subject"},
    "Query": {"is_of_all"},
    "Registry": {"facts", "guide", "ignores", "label_order", "publications"},
    "Service": {"places"},
    "Store": {"places"},
}


def described() -> str:
    """Return all public names with their signatures, fields and members, as the file has them."""
    return "".join(f"{line}\n" for name in sphinx_statestores.__all__ for line in lines_of(name))


def lines_of(name: str) -> Iterator[str]:
    value: Any = getattr(sphinx_statestores, name)
    if inspect.isfunction(value):
        yield f"{name}{signature(value)}"
        return
    yield f"class {name}"
    members = dict(fields_of(value))
    for owner in reversed(value.__mro__):
        if owner.__module__.startswith("sphinx_statestores"):
            members |= dict(members_of(owner))
    for member, text in sorted(members.items()):
        if member not in NOT_PROMISED.get(name, ()):
            yield f"    {member}{text}"


def fields_of(value: Any) -> Iterator[tuple[str, str]]:
    if issubclass(value, Enum):
        yield from ((member.name, f" = {member.value!r}") for member in value)
    elif hasattr(value, "_fields"):
        declared: dict[str, Any] = {}
        for owner in reversed(value.__mro__):
            declared |= inspect.get_annotations(owner)
        for field in value._fields:
            annotation = getattr(declared[field], "__forward_arg__", declared[field])
            yield field, f": {annotation}{' = ...' if field in value._field_defaults else ''}"
    elif is_dataclass(value):
        owner = value if isinstance(value, type) else type(value)
        yield from ((field, f": {annotation}") for field, annotation in inspect.get_annotations(owner).items())


def members_of(owner: type) -> Iterator[tuple[str, str]]:
    for name, member in vars(owner).items():
        getter = member.func if isinstance(member, functools.cached_property) else getattr(member, "fget", None)
        if name.startswith("_") or name in getattr(owner, "_fields", ()):
            continue
        if getter is not None:
            yield name, f": {inspect.get_annotations(getter)['return']}"
        elif inspect.isfunction(member) and owner.__module__ == member.__module__:
            yield name, signature(member)


def signature(function: Any) -> str:
    return re.sub(r"'([^']+)'", r"\1", str(inspect.signature(function)))


def test_what_is_promised_is_there() -> None:
    """Names, signatures, fields and members of the public API are those of the file that promises them."""
    assert described().splitlines() == PROMISED.read_text(encoding="utf-8").splitlines()


def test_everything_explains_itself() -> None:
    """Each public name has a docstring, and that of a function says what it returns and what it raises."""
    for name in sphinx_statestores.__all__:
        value = getattr(sphinx_statestores, name)
        text = value.__doc__ or ""
        assert not text.startswith(f"{name}("), name
        assert text.partition("\n")[0].endswith("."), name
        if inspect.isfunction(value):
            assert re.search(r"\b[Rr]aise", text), name
            assert re.search(r"\b[Rr]eturn|^Make ", text), name


def test_the_page_names_everything() -> None:
    """Every public name has a place of its own on the page, and every name that the page lists is public."""
    text = PAGE.read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)", text, re.MULTILINE)
    assert sorted(listed) == sorted(sphinx_statestores.__all__)


EXAMPLES = re.findall(r"^```pycon\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_example_runs_as_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the root of the repository, the examples of the page print what the page says, one after the other."""
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    for number, example in enumerate(EXAMPLES, 1):
        test = parser.get_doctest(example, names, f"example {number} of {PAGE.name}", str(PAGE), 0)
        said: list[str] = []
        assert test.examples
        runner.run(test, out=said.append, clear_globs=False)
        names = test.globs
        assert said == []
    assert len(EXAMPLES) >= 4


PROGRAM = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"sphinx", "docutils", "jinja2", "pygments"}:
            raise ImportError(f"{name} is blocked")
sys.meta_path.insert(0, Blocked())
before = set(sys.modules)
import sphinx_statestores
print(*sorted(name for name in set(sys.modules) - before if name.startswith("sphinx_statestores") or "yaml" in name))
assert set(dir(sphinx_statestores)) >= set(sphinx_statestores.__all__)
from sphinx_statestores import *
for name in sphinx_statestores.__all__:
    assert eval(name) is getattr(sphinx_statestores, name), name
registry, problems = load(["schemas/state-stores.yaml"])
print(len(registry.stores), problems, to_json(registry)[:1], to_csharp(registry).problems)
"""


def test_it_needs_no_sphinx() -> None:
    """Where no module of Sphinx can be imported everything works, and the package alone imports no module of its."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["sphinx_statestores", "124 [] { ()"]


def test_a_wrong_name_is_an_attribute_error() -> None:
    """A name that is not public is reported as that of any module is, and submodules can be imported as always."""
    for name in ("laod", "__path_of__", "kinds"):
        with pytest.raises(AttributeError, match=f"has no attribute '{name}'"):
            getattr(sphinx_statestores, name)
    assert importlib.import_module("sphinx_statestores.export").FORMATS


def test_names_are_where_the_package_looks_for_them() -> None:
    """The package's list of modules has each public name once, and type checkers are told the same modules."""
    listed = {name: module for module, names in sphinx_statestores._PUBLIC.items() for name in names}
    assert sorted(listed) == sorted(sphinx_statestores.__all__) == sphinx_statestores.__all__
    assert {module.partition(".")[0] for module in listed.values()} == {"export", "registry"}
    assert sum(map(len, sphinx_statestores._PUBLIC.values())) == len(listed)
    source = (ROOT / "src" / "sphinx_statestores" / "__init__.py").read_text(encoding="utf-8")
    told = re.findall(r"^    from sphinx_statestores\.(\S+) import (.+)$", source, re.MULTILINE)
    told = [(module, names) for module, names in told if module != "sphinx_ext"]
    assert {name: module for module, names in told for name in names.split(", ")} == listed
