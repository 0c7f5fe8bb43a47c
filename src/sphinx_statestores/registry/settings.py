"""``statestores.toml``, or ``[tool.statestores]`` of ``pyproject.toml`` -> what command line and site share.

Such a file comes from the same hands as the registry, so that it may say no more than the registry may: its paths
stay in the repository, its lint settings are those of ``x-lint``, and its outputs follow the rules of ``x-outputs``.
What a command line or ``conf.py`` says comes first.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sphinx_statestores.registry.guide import read_lint, read_outputs
from sphinx_statestores.registry.links import is_address, link_fault
from sphinx_statestores.registry.paths import (
    absolute_path,
    default_files,
    is_file,
    is_folder,
    path_fault,
    repository_root,
    resolve_inside,
)
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.reader import Mapping as MappingNode
from sphinx_statestores.registry.reader import Scalar
from sphinx_statestores.registry.reader import Sequence as SequenceNode
from sphinx_statestores.registry.shapes import Inspector, shape
from sphinx_statestores.registry.source import SourceText, read_source
from sphinx_statestores.registry.source_links import SOURCE_FIELDS, template_fault
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sphinx_statestores.registry.model import Output, Registry, RuleSetting
    from sphinx_statestores.registry.reader import Node

#: The names of a file with settings, the first of which wins in a folder that has both.
OWN_FILE, PYPROJECT = "statestores.toml", "pyproject.toml"
#: Where a registry is looked for from a folder of a repository, when nothing names one.
DEFAULT_REGISTRY = Path("schemas/state-stores.yaml")
#: The settings that a file may have.
SETTINGS = ("registry", "root", "lint", "outputs", "observed", "source_url", "source_ref")

#: The table of ``pyproject.toml``.
_TABLE = ("tool", "statestores")
#: What a file may take: a parser of TOML needs memory and time for the square of the parts of a key.
_SIZE_LIMIT = 256 * 1024
_DOTS_LIMIT = 250
_MENTIONED = re.compile(r"(?<![\w-])statestores(?![\w-])")
# What the parser says of the place of an error, at the end of its message.
_PLACE = re.compile(r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
# The marks of a key, and those of what it names.
_QUOTES = " \t\"'"

#: The keys and positions that lead to a value -> its line and column, both from 1.
_Positions: TypeAlias = "dict[tuple[str | int, ...], tuple[int, int]]"


class SharedSettings(NamedTuple):
    """What a settings file says; what it does not say, or says wrongly, is as if there were none.

    Paths are from the root of the file system, or from the current folder where the search began in a relative one.
    """

    #: None where there is no such file.
    file: Path | None = None
    #: A file, which brings its guide along; or several, which are taken as they are.
    registry: Path | tuple[Path, ...] | None = None
    root: Path | None = None
    #: Rule -> what wins over ``x-lint``; None to check no rules.
    lint: Mapping[str, RuleSetting] | None = MappingProxyType({})
    #: Generated files, beside those of ``x-outputs``.
    outputs: tuple[Output, ...] = ()
    #: What was seen on servers; None where nothing is said of it.
    observed: tuple[Path, ...] | None = None
    source_url: str | None = None
    source_ref: str | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def registry_files(self) -> list[Path] | None:
        """The files of the registry; None where nothing is said of them."""
        if self.registry is None or isinstance(self.registry, tuple):
            return None if self.registry is None else list(self.registry)
        return default_files(self.registry)


def find_settings(folder: Path, root: Path | None = None) -> SharedSettings:
    """Read the nearest settings file in *folder* or above it, up to the root of the repository.

    *root* is that root where somebody has named it. A ``pyproject.toml`` counts only when it has the table. Returns
    what the file says, and what is wrong with it, at its lines. Raises nothing.
    """
    boundary = repository_root(folder / OWN_FILE, root)
    for each in _upward(folder, boundary):
        found = _read_folder(each, boundary)
        if found is not None:
            return found
    return SharedSettings()


def find_registry(folder: Path, root: Path | None = None) -> Path | None:
    """Return the nearest ``schemas/state-stores.yaml``, of *folder* or of one above it, in the repository."""
    found = (each / DEFAULT_REGISTRY for each in _upward(folder, repository_root(folder / OWN_FILE, root)))
    return next((path for path in found if is_file(path)), None)


def with_outputs(registry: Registry, outputs: tuple[Output, ...]) -> Registry:
    """Return a registry that declares more generated files."""
    if not outputs:
        return registry
    guide = registry.guide
    return registry._replace(guide=guide._replace(outputs=(*guide.outputs, *outputs)))


def _upward(folder: Path, boundary: Path) -> Iterator[Path]:
    """Yield a folder and those above it up to *boundary*, each as it is called from where *folder* is."""
    start = absolute_path(folder)
    for each in (start, *start.parents):
        yield each if folder.is_absolute() else Path(os.path.relpath(each, absolute_path(".")))
        if each == boundary:
            return


def _read_folder(folder: Path, boundary: Path) -> SharedSettings | None:
    """Return the settings of a folder; None when it has none."""
    own, shared = folder / OWN_FILE, folder / PYPROJECT
    text = _mentioning(shared, boundary)
    in_shared = None if text is None else _read(text, shared, boundary, _TABLE)
    # A link to nothing is meant to be the file.
    if not os.path.lexists(own) or is_folder(own):
        return in_shared
    source = read_source(own, _SIZE_LIMIT, boundary)
    if isinstance(source, Problem):
        found = SharedSettings(own, problems=(source,))
    else:
        found = _read(source.text, own, boundary, ()) or SharedSettings(own)
    if text is not None and in_shared is not None:
        message = f"[tool.statestores] is ignored, since {OWN_FILE} is in the same folder: keep only one of the two"
        both = Problem(Kind.INVALID_CONFIG, message, Location(str(shared), *_positions(text).get(_TABLE, (1, 0))))
        found = found._replace(problems=(*found.problems, both))
    return found


def _mentioning(path: Path, boundary: Path) -> str | None:
    """Return the text of a ``pyproject.toml`` that may have the table; None for any other."""
    if not is_file(path):
        return None
    source = read_source(path, _SIZE_LIMIT, boundary)
    # One that cannot be read says nothing to this program: others will tell.
    return source.text if isinstance(source, SourceText) and _MENTIONED.search(source.text) else None


def _read(text: str, file: Path, boundary: Path, table: tuple[str, ...]) -> SharedSettings | None:
    """Return what is in a text; None when it lacks the table."""
    found: Any = None
    fault, place = _too_many_dots(text)
    if not fault:
        found, fault, place = _parsed(text)
    if fault:
        if table and not any(position[:2] == table for position in _positions(text)):
            return None  # others will tell
        problem = Problem(Kind.NOT_TOML, fault, Location(str(file), *place))
        return SharedSettings(file, problems=(problem,))
    for key in table:
        found = found.get(key) if isinstance(found, dict) else None
    if found is None:
        return None
    return _Reader(file, boundary, _positions(text), table).read(found)


def _too_many_dots(text: str) -> tuple[str, tuple[int, int]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > _DOTS_LIMIT:
            return f"this line has more than {_DOTS_LIMIT} dots: use tables instead", (number, 0)
    return "", (0, 0)


def _parsed(text: str) -> tuple[Any, str, tuple[int, int]]:
    """Return what a text says; else why it is no TOML, and where."""
    import tomllib  # noqa: PLC0415 - start-up: most folders have no settings

    try:
        return tomllib.loads(text + "\n"), "", (0, 0)
    except RecursionError:
        return None, "values are nested too deeply", (0, 0)
    except ValueError as error:
        message = str(error)
        said = _PLACE.search(message)
        place = (int(said["line"]), int(said["column"])) if said and said["line"] else (text.count("\n") + 1, 0)
        reason = _PLACE.sub("", message)
        return None, f"this is not well-formed TOML: {reason[:1].lower()}{reason[1:]}", place


def _positions(text: str) -> _Positions:
    """Return where tables and keys stand, as far as they begin a line: the parser does not tell."""
    found: _Positions = {}
    header: tuple[str | int, ...] = ()
    numbers: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        column = len(line) - len(line.lstrip()) + 1
        if stripped.startswith("["):
            name = _parts(stripped.lstrip("[").partition("]")[0])
            header = name
            if stripped.startswith("[["):
                numbers[name] = numbers.get(name, -1) + 1
                header = (*name, numbers[name])
            found.setdefault(name, (number, column))
            found.setdefault(header, (number, column))
        elif not stripped.startswith("#") and "=" in stripped:
            path = header
            for part in _parts(stripped.partition("=")[0]):
                path = (*path, part)
                found.setdefault(path, (number, column))
    return found


def _parts(key: str) -> tuple[str, ...]:
    return tuple(part.strip(_QUOTES) for part in key.split(".")[:_DOTS_LIMIT])


class _TomlInspector(Inspector):
    """Looks at values of TOML, which has no texts that are read as something else."""

    @staticmethod
    def _misread(scalar: Scalar) -> str:
        return f"must be a string; found {shape(scalar)}: put it in quotes"


class _Reader:
    """Reads the settings of one file."""

    def __init__(self, file: Path, boundary: Path, positions: _Positions, table: tuple[str, ...]) -> None:
        self._file = file
        self._boundary = boundary
        self._positions = positions
        self._table = table
        self._inspector = _TomlInspector(str(file))

    def read(self, found: Any) -> SharedSettings:
        """Return the settings in a table."""
        inspector = self._inspector
        node = self._node(found, self._table)
        settings: dict[str, Any] = {}
        if not isinstance(node, MappingNode):
            inspector.report(Kind.WRONG_SHAPE, f"'tool.statestores' must be a table; found {shape(node)}", node)
        for key, value in node.pairs if isinstance(node, MappingNode) else ():
            name = key.text if isinstance(key, Scalar) else ""
            if name in SETTINGS:
                settings[name] = getattr(self, f"_{name}")(value)
            else:
                message = f"unknown setting {shown(name)}{did_you_mean(name, SETTINGS)}{_elsewhere(name)}"
                inspector.report(Kind.INVALID_CONFIG, message, key)
        return SharedSettings(self._file, **settings, problems=tuple(inspector.problems))

    def _node(self, value: Any, path: tuple[str | int, ...]) -> Node:
        """Return a value as one of YAML, with the line of the nearest key or table around it."""
        line, column = self._place(path)
        if isinstance(value, dict):
            pairs = tuple(
                (Scalar(key, "str", *self._place((*path, key))), self._node(each, (*path, key)))
                for key, each in value.items()
            )
            return MappingNode(pairs, line, column, 1, 1)
        if isinstance(value, list):
            items = tuple(self._node(each, (*path, number)) for number, each in enumerate(value))
            return SequenceNode(items, line, column, 1, 1)
        if isinstance(value, str):
            return Scalar(value, "str", line, column)
        if isinstance(value, bool):
            return Scalar(str(value).lower(), "bool", line, column)
        if isinstance(value, (int, float)):
            return Scalar(hex(value) if isinstance(value, int) else str(value), "float", line, column)
        return Scalar(str(value), "timestamp", line, column)

    def _place(self, path: tuple[str | int, ...]) -> tuple[int, int]:
        while path and path not in self._positions:
            path = path[:-1]
        return self._positions.get(path, (1, 0))

    # -- one method a setting -----------------------------------------------------------

    def _registry(self, node: Node) -> Path | tuple[Path, ...]:
        """Return what is named; nothing, rather than the default, where that cannot be used."""
        paths = self._paths(node, "registry")
        return paths[0] if paths and not isinstance(node, SequenceNode) else paths

    def _observed(self, node: Node) -> tuple[Path, ...]:
        return self._paths(node, "observed")

    def _paths(self, node: Node, name: str) -> tuple[Path, ...]:
        """Return one path or several; nothing when one of them was reported."""
        items = node.items if isinstance(node, SequenceNode) else (node,)
        found: list[Path] = []
        for item in items:
            if not isinstance(item, Scalar) or item.kind != "str":
                message = f"{name!r} must be a path or a list of paths; found {shape(item)}"
                message += " in the list" if isinstance(node, SequenceNode) else ""
                self._inspector.report(Kind.WRONG_SHAPE, message, item)
                return ()
            path = self._path(item, name)
            if path is None:
                return ()
            found.append(path)
        return tuple(found)

    def _root(self, node: Node) -> Path | None:
        text = self._text(node, "root", "a path")
        path = None if text is None else self._path(node, "root")
        if text is not None and path is not None and not is_folder(path):
            self._inspector.report(Kind.INVALID_VALUE, f"'root': {shown(text)} is not a folder", node)
            return None
        return path

    def _lint(self, node: Node) -> Mapping[str, RuleSetting] | None:
        if isinstance(node, Scalar) and node.kind == "bool":
            return MappingProxyType({}) if node.text == "true" else None
        if not isinstance(node, MappingNode):
            message = f"'lint' must be true, false or a table from rules to severities; found {shape(node)}"
            self._inspector.report(Kind.WRONG_SHAPE, message, node)
            return MappingProxyType({})
        return MappingProxyType({key.text: setting for key, setting in read_lint(self._inspector, node, "lint")})

    def _outputs(self, node: Node) -> tuple[Output, ...]:
        if not isinstance(node, SequenceNode):
            message = f"'outputs' must be a list of tables ([[...outputs]]); found {shape(node)}"
            self._inspector.report(Kind.WRONG_SHAPE, message, node)
            return ()
        return tuple(read_outputs(self._inspector, node, "outputs"))

    def _source_url(self, node: Node) -> str | None:
        text = self._text(node, "source_url", "a string")
        if text is None:
            return None
        fault = template_fault(text, SOURCE_FIELDS)
        if unlinked := link_fault(text):
            fault = f"{shown(text)} is not a valid link: {unlinked}"
        if fault:
            self._inspector.report(Kind.INVALID_VALUE, f"'source_url': {fault}", node)
            return None
        return text

    def _source_ref(self, node: Node) -> str | None:
        return self._text(node, "source_ref", "a string")

    def _text(self, node: Node, name: str, wanted: str) -> str | None:
        if isinstance(node, Scalar) and node.kind == "str":
            return node.text
        self._inspector.report(Kind.WRONG_SHAPE, f"{name!r} must be {wanted}; found {shape(node)}", node)
        return None

    def _path(self, node: Node, name: str) -> Path | None:
        """Return a path that stays in the repository, from the folder of the file; None when it was reported."""
        text = node.text if isinstance(node, Scalar) else ""
        fault = path_fault(text)
        if not text.strip():
            fault = "the path is empty"
        elif is_address(text):
            fault = "only conf.py names other sites: 'statestores_registry' and 'statestores_sites' take a URL"
        elif not fault and (PurePosixPath(text).is_absolute() or PureWindowsPath(text).anchor):
            fault = f"write a path relative to the folder of {self._file.name}"
        elif not fault:
            fault = self._outside(absolute_path(self._file.parent / text))
        if fault:
            self._inspector.report(Kind.INVALID_VALUE, f"{name!r}: {shown(text)}: {fault}", node)
            return None
        path = absolute_path(self._file.parent / text)
        return path if self._file.is_absolute() else Path(os.path.relpath(path, absolute_path(".")))

    def _outside(self, path: Path) -> str:
        """Say why a path cannot be used, with all links followed; nothing when it can."""
        if path.is_relative_to(self._boundary):
            try:
                resolve_inside(path, self._boundary)
            except OSError as error:
                return error.strerror or "this is not a valid file name"
            return ""
        return (
            "this is outside the repository: remove it here, and set it in conf.py or on the command line, where any "
            "path is allowed"
        )


def _elsewhere(name: str) -> str:
    """Say where a setting belongs that is one of the site's alone; nothing for any other."""
    return f": set {name} in conf.py" if name.startswith("statestores_") else ""
