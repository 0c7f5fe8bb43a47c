"""Names in ``conf.py`` that are like configuration values of this extension, and are none."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import near
from sphinx_statestores.sphinx_ext.config import CONFIG_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sphinx.config import Config

_PREFIX = "statestores_"
_NAME = re.compile(_PREFIX + "[a-z_]+")
#: What people write for the prefix, without case and underscores.
_SPELLINGS = ("sphinxstatestores", "statestores", "statestore")


class UnknownName(NamedTuple):
    """A name that Sphinx and all extensions ignore."""

    line: int
    message: str


@dataclass(frozen=True)
class ConfigFile:
    """``conf.py``, as it is written: which names it sets, and where."""

    path: Path
    #: Name -> the line that sets it first.
    lines: Mapping[str, int]

    def place(self, message: str) -> str:
        """Take a message that begins with the name of a value; return ``path:line`` of that value, else of line 1."""
        name = _NAME.match(message)
        return f"{self.path}:{self.lines.get(name[0], 1) if name else 1}"

    def unknown_names(self, config: Config) -> list[UnknownName]:
        """Return the names that are misspelt values of this extension, each once.

        Any unknown name that begins with ``statestores_`` counts. Another one does if it is like a value's name.
        """
        return [
            UnknownName(line, message)
            for name, line in self.lines.items()
            if name not in config and (message := _judged(name))
        ]


def read_config_file(path: Path) -> ConfigFile:
    """Parse ``conf.py`` without running it. A file that cannot be read or parsed sets no names."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ConfigFile(path, {})
    lines: dict[str, int] = {}
    for name, line in _names_set(tree.body):
        lines.setdefault(name, line)
    return ConfigFile(path, lines)


def _judged(name: str) -> str:
    """Say what a name was meant to be; nothing when it is nobody's business."""
    squashed = name.lower().replace("_", "")
    spelling = next((each for each in _SPELLINGS if squashed.startswith(each)), None)
    if spelling is None or name.startswith("_"):
        return ""
    # The prefix that all have in common would make each of them near.
    words = {value.name.removeprefix(_PREFIX).replace("_", ""): value.name for value in CONFIG_VALUES}
    found = near(squashed.removeprefix(spelling), words, limit=1)
    if found:
        return f"unknown configuration value {shown(name)}; did you mean {words[found[0]]!r}?"
    if not name.startswith(_PREFIX):
        return ""
    known = ", ".join(value.name.removeprefix(_PREFIX) for value in CONFIG_VALUES)
    return f"unknown configuration value {shown(name)}; after {_PREFIX!r} comes one of {known}"


def _names_set(body: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Yield the names that a module sets, each with its line; not those of its functions and classes."""
    waiting: list[ast.AST] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        waiting += reversed(list(ast.iter_child_nodes(node)))
