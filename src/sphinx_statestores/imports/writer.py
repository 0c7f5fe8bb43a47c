"""Stores and sections -> YAML as a person writes it: fields in their usual order, quotes only where needed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from sphinx_statestores.imports.format import Plain
from sphinx_statestores.registry.loader import STORES_SECTION
from sphinx_statestores.registry.model import Store
from sphinx_statestores.registry.reader import plain_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sphinx_statestores.imports.format import Data, FoundStore

#: What `statestores schema` prints, beside the registry; and the line that tells editors so: https://github.com/redhat-developer/yaml-language-server#using-inlined-schema
SCHEMA_NAME = "state-stores.schema.json"
MODELINE = f"# yaml-language-server: $schema=./{SCHEMA_NAME}"
#: A registry file that stores are merged into.
NO_STORES = f"{MODELINE}\n\n{STORES_SECTION}: {{}}\n"
#: Fields that need no line when they have these values.
_DEFAULTS = {"status": Store._field_defaults["status"], "enableSearch": Store._field_defaults["enable_search"]}
_LEVEL = "  "
#: A list that is longer has a line for each item.
_WIDTH = 100
#: A longer text could not be the key of a mapping.
_KEY_LENGTH = 512

# What a text without quotes may not begin with, hold or end with: https://yaml.org/spec/1.2.2/#733-plain-style
_NOT_PLAIN = re.compile(r"""^$|^[\s,\[\]{}#&*!|>'"%@`=]|^[-?:](?:\s|$)|^(?:---|\.\.\.)|:(?:\s|$)|\s#|\s$""")
_NOT_PLAIN_IN_LIST = re.compile(r"[,\[\]{}?:]")
# What some YAML reads as a number: 0o17, 1_000, 1e5, 12:30.
_LIKE_A_NUMBER = re.compile(r"[-+.]?[0-9][0-9a-fA-FxXoO_.:+-]*|[-+]?\.(?:inf|nan)|null|y|n", re.IGNORECASE)

# https://www.rfc-editor.org/rfc/rfc8259#section-6
_IN_JSON = re.compile(r"true|false|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


def scalar(text: str, *, in_list: bool = False) -> str:
    """Write a text as a value of one line, in quotes where it would be something else without."""
    if isinstance(text, Plain):
        return text
    if text.isprintable():
        is_plain = not _NOT_PLAIN.search(text) and plain_kind(text) == "str" and not _LIKE_A_NUMBER.fullmatch(text)
        if is_plain and not (in_list and _NOT_PLAIN_IN_LIST.search(text)):
            return text
        if '"' not in text and "\\" not in text:
            return f'"{text}"'
        return "'{}'".format(text.replace("'", "''"))
    return '"{}"'.format("".join(map(_escaped, text)))


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character == "\n":
        return "\\n"
    return character if character.isprintable() else f"\\U{ord(character):08X}"


def registry_text(
    stores: Iterable[FoundStore], sections: Mapping[str, Data], *, comments: Iterable[str] = (), modeline: bool = True
) -> str:
    """Return a registry file, its *comments* before all else.

    The same values give the same bytes.
    """
    head = [MODELINE] if modeline else []
    head += [f"# {comment}".rstrip() for comment in comments]
    found = "\n".join(head) + "\n\n" if head else ""
    entries = "\n".join(store_text(store.name, without_defaults(store)) for store in stores)
    parts = [f"{STORES_SECTION}:\n{entries}"] if entries else []
    parts += [section_text(name, value) for name, value in sections.items()]
    return found + "\n".join(parts)


def is_default(store: str, field: str, value: Data) -> bool:
    """Return whether a store that has no such field has the value all the same."""
    return value == (store.replace("-", "_") if field == "table" else _DEFAULTS.get(field))


def without_defaults(store: FoundStore) -> dict[str, Data]:
    """Return the fields that a new store needs."""
    return {field: value for field, value in store.fields.items() if not is_default(store.name, field, value)}


def store_text(name: str, fields: Mapping[str, Data], indent: str = _LEVEL, step: str = _LEVEL) -> str:
    """Return the lines of a store."""
    lines = [f"{indent}{key_text(name)}:"]
    for field, value in fields.items():
        lines += field_lines(field, value, indent + step, step)
    return "\n".join(lines) + "\n"


def section_text(name: str, value: Data) -> str:
    """Return the lines of a section."""
    return "\n".join(field_lines(name, value, "", _LEVEL)) + "\n"


def key_text(name: str) -> str:
    """Return the key of a mapping."""
    return scalar(name[:_KEY_LENGTH])


def field_lines(name: str, value: Data, indent: str, step: str = _LEVEL) -> Iterator[str]:
    """Yield the lines of a field: its value beside it, or in lines of its own."""
    begin = f"{indent}{key_text(name)}:"
    if isinstance(value, dict) and value:
        yield begin
        for inner, part in value.items():
            yield from field_lines(inner, part, indent + step, step)
    elif isinstance(value, list) and value and not (in_one_line := _in_one_line(value, len(begin))):
        yield begin
        for item in value:
            yield from item_lines(item, indent + step, step)
    elif isinstance(value, list):
        yield f"{begin} {in_one_line if value else '[]'}"
    elif isinstance(value, str) and "\n" in value and _is_block(value):
        yield f"{begin} |"
        yield from (f"{indent}{step}{line}".rstrip() for line in value.split("\n"))
    else:
        yield f"{begin} {_inline(value)}"


def item_lines(item: Data, indent: str, step: str = _LEVEL) -> Iterator[str]:
    """Yield the lines of an item of a list."""
    if not isinstance(item, dict) or not item:
        yield f"{indent}- {_inline(item)}"
        return
    first = True
    for name, value in item.items():
        for line in field_lines(name, value, f"{indent}  ", step):
            yield f"{indent}- {line[len(indent) + 2 :]}" if first else line
            first = False


def _in_one_line(items: list[Data], before: int) -> str:
    """Return a short list of short texts in brackets; empty when it needs lines."""
    if not all(isinstance(item, str) for item in items):
        return ""
    text = f"[{', '.join(scalar(str(item), in_list=True) for item in items)}]"
    return text if before + len(text) < _WIDTH else ""


def _inline(value: Data) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, list):
        return f"[{', '.join(flow_text(item) for item in value)}]"
    pairs = (f"{scalar(name[:_KEY_LENGTH], in_list=True)}: {flow_text(part)}" for name, part in value.items())
    return f"{{{', '.join(pairs)}}}"


def flow_text(value: Data) -> str:
    """Return a value as it stands in brackets or braces."""
    return scalar(value, in_list=True) if isinstance(value, str) else _inline(value)


def json_text(value: Data) -> str:
    """Return a value as it stands in JSON, which has fewer ways to write a number or a truth value."""
    if isinstance(value, Plain):
        return value if _IN_JSON.fullmatch(value) else json.dumps(value)
    if isinstance(value, list):
        return f"[{', '.join(map(json_text, value))}]"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(name, ensure_ascii=False)}: {json_text(part)}" for name, part in value.items())
        return f"{{{', '.join(pairs)}}}"
    return json.dumps(value, ensure_ascii=False)


def _is_block(text: str) -> bool:
    """Return whether a text of several lines keeps them in a block, and loses nothing there."""
    lines = text.split("\n")
    return (
        all(line.isprintable() and line == line.rstrip() for line in lines)
        and lines[0][:1] not in {"", " "}
        and lines[-1] != ""
    )
