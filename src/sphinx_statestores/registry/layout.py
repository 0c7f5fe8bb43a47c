"""Templates for where a backend keeps the data of a store, and for the commands that show them; what they become."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: The fields of a template, which stand in braces.
TEMPLATE_FIELDS = ("name", "prefix", "table", "service", "snake")
#: The fields of a command, beside those of a template: what the templates of the store's layout become.
COMMAND_FIELDS = ("pattern", "start", "index", "column", "value", "where")
#: The mark in a template for a part that differs from key to key.
WILDCARD = "*"
#: The characters that separate the parts of a key.
SEPARATORS = ":/"

#: A character that has a meaning in the key patterns of Redis: https://redis.io/docs/latest/commands/keys/
GLOB = re.compile(r"[*?\[\]\\]")
#: A field in braces, also one of the user's own, which no template has. ``${NAME}`` is a variable of a shell.
FIELD = re.compile(r"(?<!\$)\{(x-[\w-]+|\w+)\}")
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

    def over(self, other: Layout) -> Layout:
        """Return this layout, with the templates of another one for those that are empty."""
        if not any(other):
            return self
        return Layout._make(own or general for own, general in zip(self, other, strict=True))

    def without(self, parts: Collection[str]) -> Layout:
        """Return this layout without the templates with some names in a registry."""
        return Layout._make(
            type(template)() if name in parts else template for name, template in zip(LAYOUT_NAMES, self, strict=True)
        )

    @property
    def templates(self) -> dict[str, str | tuple[str, ...]]:
        """The templates that are not empty, by their names in a registry."""
        keys, *others = self
        named: dict[str, str | tuple[str, ...]] = {"keys": keys, **dict(zip(LAYOUT_NAMES[1:], others, strict=True))}
        return {name: template for name, template in named.items() if template}

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
#: Those of keys, in which a part may differ from key to key.
KEY_PATTERNS = ("keys", "locks")
#: Each store of a backend has the patterns of all its templates.
TEMPLATES_LIMIT = 20


class ResolvedLayout(NamedTuple):
    """Where the data of one store lie: what its layout becomes. An empty value stands for nothing."""

    #: The name that the store has in its own registry; in one that it is merged into, it may have another one.
    name: str
    #: Of each pattern of keys the texts between the wildcards.
    keys: tuple[tuple[str, ...], ...] = ()
    #: Of the pattern of locks the texts between the wildcards.
    locks: tuple[str, ...] = ()
    #: The name of the search index.
    search: str = ""
    table: str = ""
    #: The column that tells the stores of the table apart, and the value of this one; both empty for an own table.
    column: str = ""
    value: str = ""


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
