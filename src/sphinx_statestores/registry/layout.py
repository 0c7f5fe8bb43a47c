"""Templates for where a backend keeps the data of a store, and for the commands that show them; their fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The fields of a template, which stand in braces.
TEMPLATE_FIELDS = ("name", "prefix", "table", "service", "snake")
#: The fields of a command, beside those of a template: what the templates of the store's layout become.
COMMAND_FIELDS = ("pattern", "start", "index", "column", "value", "where")
#: The mark in a template for a part that differs from key to key.
WILDCARD = "*"
#: The characters that separate the parts of a key.
SEPARATORS = ":/"

#: A field in braces. ``${NAME}`` is a variable of a shell.
FIELD = re.compile(r"(?<!\$)\{(\w+)\}")
_FIELD_AND_SEPARATOR = re.compile(rf"{FIELD.pattern}([{SEPARATORS}]?)")


class Layout(NamedTuple):
    """Where the data of stores lie. Each text is a template; an empty one stands for the default."""

    #: Templates of keys; ``*`` stands for the part that differs from key to key.
    keys: tuple[str, ...] = ()
    #: The template of the keys of locks.
    locks: str = ""
    #: The name of the search index; ``index`` in a registry.
    search: str = ""
    table: str = ""
    #: Of a table that several stores share: the column that tells them apart.
    column: str = ""
    #: The value in that column.
    value: str = ""
    #: Whether an empty text stands for nothing, and not for the default.
    is_whole: bool = False

    def over(self, other: Layout) -> Layout:
        """Return this layout, with the templates of another one for those that are empty."""
        if self.is_whole or not any(other):
            return self
        return Layout._make(own or general for own, general in zip(self, other, strict=True))

    @property
    def templates(self) -> dict[str, str | tuple[str, ...]]:
        """The templates that are not empty, by their names in a registry."""
        named = zip(LAYOUT_NAMES, self[: len(LAYOUT_NAMES)], strict=True)
        return {name: template for name, template in named if isinstance(template, str | tuple) and template}

    @property
    def lines(self) -> tuple[str, ...]:
        """The templates that are not empty, each as a text with its name: ``keys: {prefix}:*``."""
        return tuple(
            f"{name}: {template}"
            for name, found in self.templates.items()
            for template in ((found,) if isinstance(found, str) else found)
        )


#: The names of a layout's templates in a registry, in the order of :class:`Layout`.
LAYOUT_NAMES = ("keys", "locks", "index", "table", "column", "value")


class CommandTemplate(NamedTuple):
    """A command that shows data of a store."""

    #: How values are quoted: a key of :data:`~.commands.LANGUAGES`.
    language: str
    text: str


def filled(template: str, values: Mapping[str, str]) -> str | None:
    """Take a template and the values of its fields; return its text, or None when one of the values is empty.

    After a value that ends with a separator, that of the template is left out: ``files/`` in ``{prefix}/*``.
    """
    is_complete = True

    def value_of(field: re.Match[str]) -> str:
        nonlocal is_complete
        value = values.get(field[1], "")
        is_complete = is_complete and bool(value)
        return value if value.endswith((*SEPARATORS,)) else f"{value}{field[2]}"

    text = _FIELD_AND_SEPARATOR.sub(value_of, template)
    return text if is_complete else None
