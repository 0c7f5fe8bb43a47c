"""A store -> commands that show its data, with values quoted for the language of each command.

A value is never part of the syntax of a command, whatever a registry contains.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry.key_index import place_of, template_values
from sphinx_statestores.registry.layout import FIELD, GLOB
from sphinx_statestores.registry.quoting import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sphinx_statestores.registry.key_index import Pattern, Place
    from sphinx_statestores.registry.layout import CommandTemplate
    from sphinx_statestores.registry.model import Registry, Store

#: The fields that are names of tables and columns, and no texts.
_IDENTIFIERS = frozenset({"table", "column"})
#: The fields that each pattern of keys has a value of its own for.
_OF_PATTERNS = frozenset({"pattern", "start"})
# Language -> what may be before a field: what is known to leave no quotes, comment or expansion open. A field behind
# anything else is rejected, since the syntax of a language has more ways to quote than a pattern can know.
# https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
# https://www.postgresql.org/docs/current/sql-syntax-lexical.html - of `E'...'`, a field behind a letter is a part
_BEFORE = {
    "shell": re.compile(r"""(?:[^'"`\\$#(<]|\((?!\()|<(?!<)|\$\w|\$\{\w+\}|'[^']*'|"(?:[^"`\\$]|\$\w)*")*+"""),
    "sql": re.compile(r"""(?:[^'"`\\$#/-]|-(?!-)|/(?!\*)|(?<![\w&])'[^'\\]*'|"[^"\\]*")*+(?<![\w&])"""),
    "mysql": re.compile(r"""(?:[^'"`\\$#/-]|-(?!-)|/(?!\*)|(?<![\w&])'[^'\\]*'|"[^"\\]*"|`[^`\\]*`)*+(?<![\w&])"""),
    "mongosh": re.compile(r"""(?:[^'"`\\/]|'[^'\\]*'|"[^"\\]*")*+"""),
}


def _shell(field: str, value: str) -> str:
    return "'" + value.replace("'", "'\"'\"'") + "'"


def sql_name(text: str) -> str:
    """Return one identifier of SQL, such as a role, in quotes."""
    return '"' + text.replace('"', '""') + '"'


def mysql_name(text: str) -> str:
    """Return one identifier of MySQL in quotes."""
    return "`" + text.replace("`", "``") + "`"


def _sql(field: str, value: str) -> str:
    if field in _IDENTIFIERS:
        return ".".join(map(sql_name, value.split(".")))
    return "'" + value.replace("'", "''") + "'"


def _mysql(field: str, value: str) -> str:
    if field in _IDENTIFIERS:
        return ".".join(map(mysql_name, value.split(".")))
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _javascript(field: str, value: str) -> str:
    # Values have no control characters. Not `json`, which takes time to import.
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


#: Language of a command -> the function that quotes the value of a field.
LANGUAGES: dict[str, Callable[[str, str], str]] = {
    "shell": _shell,
    "sql": _sql,
    "mysql": _mysql,
    "mongosh": _javascript,
}

#: Name -> the function that makes a text on one line part of a language.
QUOTING: dict[str, Callable[[str], str]] = {
    "shell": lambda text: _shell("", text),
    "sql": lambda text: _sql("", text),
    "sql_name": sql_name,
    "sql_table": lambda text: _sql("table", text),
    "mysql": lambda text: _mysql("", text),
    "mysql_name": mysql_name,
    "mysql_table": lambda text: _mysql("table", text),
    # An argument of redis-cli: https://redis.io/docs/latest/develop/tools/cli/#string-quoting-and-escaping
    "redis": lambda text: _javascript("", text),
}


def quoted_field(template: CommandTemplate) -> str:
    """Return the first field of a command that is or may be in quotes or a comment, where no value is safe."""
    for found in FIELD.finditer(template.text):
        # A condition begins with a blank, and has its values quoted by itself.
        before = template.text[: found.start()] + (" " if found[1] == "where" else "")
        if not _BEFORE[template.language].fullmatch(before):
            return found[0]
    return ""


def commands_for(store: Store, registry: Registry, place: Place | None = None) -> tuple[str, ...]:
    """Take a store, and where its data lie if that is known; return the commands of its backend, one line each.

    A command with fields for key patterns is repeated for each pattern that no other one of the store includes. A
    command is left out when the store has no value for one of its fields, or one that no quotes make safe; only
    ``{where}`` may be empty.
    """
    backend = registry.backends.get(store.backend)
    if backend is None or not backend.commands:
        return ()
    place = place or place_of(store, registry)
    values = template_values(store, registry)
    values |= {"table": place.table, "column": place.column, "value": place.value, "index": place.search}
    found: dict[str, None] = {}
    for template in backend.commands:
        fields = {field[1] for field in FIELD.finditer(template.text)}
        patterns = widest(place.patterns) if fields & _OF_PATTERNS else [None]
        for pattern in patterns:
            of_pattern = {} if pattern is None else {"pattern": as_glob(pattern), "start": pattern.start}
            text = _filled(template, {**values, **of_pattern})
            if text:
                found[text] = None
    return tuple(found)


def _filled(template: CommandTemplate, values: dict[str, str]) -> str:
    """Return a command; empty when one of its values is."""
    quote = LANGUAGES[template.language]
    is_complete = True

    def value_of(field: re.Match[str]) -> str:
        nonlocal is_complete
        if field[1] == "where":
            is_complete = is_complete and not _is_misread(template.language, "column", values["column"])
            return _where(template.language, values)
        value = one_line(values.get(field[1], ""))
        is_complete = is_complete and bool(value) and not _is_misread(template.language, field[1], value)
        return quote(field[1], value)

    text = FIELD.sub(value_of, template.text)
    return text if is_complete else ""


def _is_misread(language: str, field: str, value: str) -> bool:
    r"""Return whether the client of MySQL may read a name otherwise: it may take ``\`` for an escape."""
    return language == "mysql" and field in _IDENTIFIERS and "\\" in value


def _where(language: str, values: dict[str, str]) -> str:
    """Return the condition for the rows of a store in a table that it shares; empty for a table of its own."""
    if not values["column"]:
        return ""
    quote = LANGUAGES[language]
    column, value = (quote(field, one_line(values[field])) for field in ("column", "value"))
    return f"{{{column}: {value}}}" if language == "mongosh" else f" WHERE {column} = {value}"


def widest(patterns: tuple[Pattern, ...]) -> Iterator[Pattern]:
    """Yield the patterns of whole stores, without those that another one includes."""
    own = [pattern for pattern in patterns if pattern.key is None and pattern.is_of_keys]
    starts = [pattern.start for pattern in own if pattern.is_prefix]
    for position, pattern in enumerate(own):
        if pattern not in own[:position] and not any(
            pattern.start.startswith(start) and (pattern.start != start or not pattern.is_prefix) for start in starts
        ):
            yield pattern


def as_glob(pattern: Pattern) -> str:
    """Return a pattern as a glob of Redis, in which special characters of its texts have no meaning."""
    return "*".join(GLOB.sub(r"\\\g<0>", part) for part in pattern.parts)
