"""Nodes of ``x-state-stores`` -> stores: the checks of one store and of each of its fields."""

from __future__ import annotations

import re
from sys import intern
from typing import TYPE_CHECKING

from sphinx_statestores.registry.field_words import DEPRECATED, meant_field, squashed
from sphinx_statestores.registry.fields import CUSTOM, FILE_FIELDS, PURPOSE_LIMIT, FieldType
from sphinx_statestores.registry.layout import GLOB
from sphinx_statestores.registry.messages import one_of
from sphinx_statestores.registry.model import KEY_FIELDS, Key, Store
from sphinx_statestores.registry.naming import kebab_case
from sphinx_statestores.registry.own_fields import read_own
from sphinx_statestores.registry.physical import check_parts, read_layout
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import escaped, listed, shown, unquoted
from sphinx_statestores.registry.reader import Mapping, Scalar, Sequence
from sphinx_statestores.registry.shapes import (
    NAME,
    NAME_RULE,
    QUALIFIED_NAME,
    SERVICE_NAME,
    SERVICE_NAME_RULE,
    Entry,
    listed_places,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from sphinx_statestores.registry.backend_names import BackendNames
    from sphinx_statestores.registry.backends import Backend
    from sphinx_statestores.registry.fields import Field
    from sphinx_statestores.registry.own_fields import StoreFields
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.shapes import Inspector

_BACKEND = frozenset({"backend"})
_KEBAB_CASE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BLANK = re.compile(r"\s")
# https://dev.mysql.com/doc/refman/8.4/en/identifiers.html and .../identifier-length.html
_MYSQL = frozenset({"mysql", "mariadb"})
_MYSQL_TABLE_LENGTH = 64
_NOT_IN_MYSQL = re.compile("[\x00\U00010000-\U0010ffff]")


def read_store(
    inspector: Inspector, name: Scalar, node: Node, backends: BackendNames, fields: StoreFields
) -> Store | None:
    """Make a store of one item of ``x-state-stores``; nothing when there is an error in it.

    *fields* are those that stores may have.
    """
    before = inspector.errors
    what = f"the store {escaped(name.text)}"
    if name.text in FILE_FIELDS and not isinstance(node, Mapping):
        message = (
            f"{escaped(name.text)} is a field of a store, but is not inside one: indent it below the store's name"
        )
        inspector.report(Kind.WRONG_SHAPE, message, name)
        return None
    if _report_nested(inspector, name, node):
        return None
    entries = inspector.entries(node, what)
    _check_name(inspector, name)
    if entries is None:
        return None
    known = fields.known
    extra = inspector.other_fields(entries, known, what, lambda word: _field_hint(inspector, word, known, entries))
    if fields.own:
        _report_other_case(inspector, entries, fields, what)
        extra = (*read_own(inspector, entries, fields.own, what), *extra)
    written = _required(inspector, entries, "backend", name, what, known)
    # Each of them once, whatever the number of stores.
    service = intern(_required(inspector, entries, "service", name, what, known))
    if service and not SERVICE_NAME.fullmatch(service):
        _report_service(inspector, service, entries["service"].value)
    purpose = _purpose(inspector, entries, name, what)
    optional = _optional_fields(inspector, entries, what)
    if written:
        written = backends.read(inspector, written, entries["backend"].value, what)
    backend = intern(written)
    if backend in backends.backends:
        _check_place(inspector, entries, name, backends.backends[backend], what)
    if inspector.errors > before:
        return None
    return Store(
        name.text,
        backend,
        service,
        purpose,
        inspector.places(name, entries, **_listed(entries)),
        extra=extra,
        **optional,  # type: ignore[arg-type] # each value has the type of its field
    )


def looks_like_a_store(node: Node, required: frozenset[str] = frozenset({"backend", "service"})) -> bool:
    """Return whether a value is a mapping with the *required* fields."""
    return isinstance(node, Mapping) and required <= {key.text for key, _ in node.pairs if isinstance(key, Scalar)}


def _report_nested(inspector: Inspector, name: Scalar, node: Node) -> bool:
    """Report stores that are grouped below a name, such as that of their service; return whether there are any."""
    nested = _stores_in(node)
    if nested:
        of_service = f", each with 'service: {name.text}'" if SERVICE_NAME.fullmatch(name.text) else ""
        names = listed(map(shown, nested), len(nested))
        message = (
            f"{escaped(name.text)} is not a store but contains {names}: write stores directly below "
            f"'x-state-stores'{of_service}"
        )
        inspector.report(Kind.WRONG_SHAPE, message, name)
    return bool(nested)


def _stores_in(node: Node, depth: int = 2) -> list[str]:
    """Return the names of the stores in what is no store itself: in a mapping, a list, or one that it contains."""
    if isinstance(node, Sequence):
        named = [item for item in node.items if looks_like_a_store(item, _BACKEND | {"name"})]
        return [value.text for item in named for key, value in _texts(item) if key == "name"]
    if not isinstance(node, Mapping) or looks_like_a_store(node, _BACKEND):
        return []
    inside = [
        (key.text, value)
        for key, value in node.pairs
        if isinstance(key, Scalar) and key.text not in FILE_FIELDS and not key.text.startswith("x-")
    ]
    found = [key for key, value in inside if looks_like_a_store(value, _BACKEND)]
    if found or depth == 1:
        return found
    return [nested for _, value in inside for nested in _stores_in(value, depth - 1)]


def _texts(node: Node) -> Iterator[tuple[str, Scalar]]:
    for key, value in node.pairs if isinstance(node, Mapping) else ():
        if isinstance(key, Scalar) and isinstance(value, Scalar):
            yield key.text, value


def _check_name(inspector: Inspector, name: Scalar) -> None:
    # Of a name with a namespace, the rest is that of an ordinary store.
    plain = name.text
    if inspector.is_published and QUALIFIED_NAME.fullmatch(plain):
        plain = plain.rpartition(":")[2]
    if not NAME.fullmatch(plain):
        better = re.sub("[^a-z0-9]+", "-", kebab_case(plain)).strip("-")
        hint = f"; write {escaped(better)}?" if plain.isascii() and NAME.fullmatch(better) else ""
        inspector.report(
            Kind.INVALID_NAME, f"{escaped(name.text)} is not a valid store name: {NAME_RULE}{hint}", name
        )
    elif not _KEBAB_CASE.fullmatch(plain):
        better = "-".join(word for word in re.split("[._-]+", kebab_case(plain)) if word)
        message = f"{escaped(name.text)} is not in kebab-case: write {escaped(better)}"
        inspector.report(Kind.NOT_KEBAB_CASE, message, name)


def _required(
    inspector: Inspector, entries: dict[str, Entry], field: str, name: Scalar, what: str, known: Collection[str]
) -> str:
    if field in entries:
        return inspector.filled(entries[field].value, f"{field!r} of {what}")
    unknown = [key for key in entries if key not in known]
    inspector.report_missing(field, what, name, unknown, tuple(key for key in unknown if meant_field(key) == field))
    return ""


def _field_hint(inspector: Inspector, word: str, known: Collection[str], given: Collection[str]) -> str:
    """Return the end of the message about an unknown field of a store; *given* has the fields that the store has."""
    if squashed(word) in DEPRECATED:
        return "; write 'status: deprecated' if it is"
    field = meant_field(word)
    # Beside the field, its synonym stands for something else: `owner` beside `service`.
    if field and field not in given:
        return f"; did you mean {field!r}?"
    near = inspector.suggestion(word, [name for name in known if name != field] if field else known)
    return near or "; a field of your own begins with 'x-' or is declared in 'x-fields'"


def _report_other_case(inspector: Inspector, entries: dict[str, Entry], fields: StoreFields, what: str) -> None:
    """Warn of custom fields whose names differ only in case from those of declared ones."""
    custom = [name for name in entries if name.startswith(CUSTOM) and name not in fields.own]
    if not custom:
        return
    declared = {name.lower(): name for name in fields.own if name.lower().startswith(CUSTOM)}
    for name in custom:
        if meant := declared.get(name.lower()):
            message = f"{escaped(name)} in {what} is not declared; did you mean {meant!r}?"
            inspector.report(Kind.UNKNOWN_FIELD, message, entries[name].key)


def _report_service(inspector: Inspector, service: str, node: Node) -> None:
    message = f"{escaped(service)} is not a valid service name: {SERVICE_NAME_RULE}"
    inspector.report(Kind.INVALID_NAME, message, node)


def _purpose(inspector: Inspector, entries: dict[str, Entry], name: Scalar, what: str) -> str:
    if "purpose" not in entries:
        inspector.report(
            Kind.MISSING_PURPOSE, f"{what} has no 'purpose': add a sentence that says what it is for", name
        )
        return ""
    node = entries["purpose"].value
    purpose = " ".join(inspector.prose(node, f"'purpose' of {what}").split())
    if isinstance(node, Scalar) and node.kind == "str" and not node.text.strip():
        inspector.report(
            Kind.MISSING_PURPOSE, f"'purpose' of {what} is empty: say in a sentence what it is for", node
        )
    if len(purpose) > PURPOSE_LIMIT:
        message = f"'purpose' of {what} has {len(purpose):,} characters: shorten it to at most {PURPOSE_LIMIT:,}"
        inspector.report(Kind.LONG_PURPOSE, message, node)
    return purpose


def _check_place(inspector: Inspector, entries: dict[str, Entry], name: Scalar, backend: Backend, what: str) -> None:
    """Check the fields that locate a store in its backend: prefix, table, search index."""
    for field in sorted(backend.foreign_fields & entries.keys()):
        message = f"{field!r} of {what} has no effect in {unquoted(backend.label)}: remove it"
        inspector.report(Kind.FOREIGN_FIELD, message, entries[field].key)
    if "physical" in entries:
        check_parts(inspector, entries["physical"].value, backend, f"'physical' of {what}")
    if backend.key in _MYSQL and backend.has_tables:
        if "table" in entries:
            _check_mysql_table(inspector, entries["table"].value, what)
        elif len(name.text) > _MYSQL_TABLE_LENGTH:
            message = (
                f"{what} has no 'table', and its name is too long for one (MySQL allows {_MYSQL_TABLE_LENGTH} "
                "characters): add 'table: ...' to it"
            )
            inspector.report(Kind.INVALID_VALUE, message, name)


def _is_empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.kind == "str" and not node.text


def _check_mysql_table(inspector: Inspector, node: Node, what: str) -> None:
    if not isinstance(node, Scalar) or node.kind != "str":
        return
    if len(node.text) > _MYSQL_TABLE_LENGTH:
        reason = f"has {len(node.text)} characters, but MySQL allows only {_MYSQL_TABLE_LENGTH}"
    elif node.text.endswith(" "):
        reason = "ends with a space, which MySQL does not allow"
    elif found := _NOT_IN_MYSQL.search(node.text):
        reason = f"has the character U+{ord(found[0]):04X}, which MySQL does not allow in a name"
    else:
        return
    inspector.report(Kind.INVALID_VALUE, f"'table' of {what} {reason}", node)


def _prefix(inspector: Inspector, node: Node, subject: str) -> str:
    prefix = inspector.line(node, subject, is_name=True)
    if blank := _BLANK.search(prefix):
        inspector.report(Kind.INVALID_VALUE, f"{subject} contains a space (U+{ord(blank[0]):04X}): remove it", node)
    if glob := GLOB.search(prefix):
        message = (
            f"{subject} has {glob[0]!r}, which is a wildcard in key patterns: write the exact text that the keys "
            "begin with"
        )
        inspector.report(Kind.GLOB_IN_PREFIX, message, node)
    return prefix


def _table(inspector: Inspector, node: Node, subject: str) -> str:
    table = inspector.line(node, subject, is_name=True)
    if _is_empty(node):
        inspector.report(Kind.MISSING_FIELD, f"{subject} is empty", node)
    return table


def _choice(inspector: Inspector, node: Node, subject: str, choices: tuple[str, ...]) -> str:
    word = inspector.filled(node, subject)
    if word and word not in choices:
        near = inspector.suggestion(word, choices)
        inspector.report(Kind.INVALID_VALUE, one_of(subject, choices, f"{shown(word)}{near}"), node)
    return word


def _yes_or_no(inspector: Inspector, node: Node, subject: str) -> bool | None:
    before = inspector.errors
    value = inspector.flag(node, subject)
    return None if inspector.errors > before else value


def _services(inspector: Inspector, node: Node, subject: str) -> tuple[str, ...]:
    services = inspector.words(node, subject)
    for service in services:
        if not SERVICE_NAME.fullmatch(service):
            _report_service(inspector, service, node)
    return services


def _listed(entries: dict[str, Entry]) -> dict[str, dict[str, Entry]]:
    """Return the items of a store's lists of services as if they were fields, so that each has its place."""
    return {name: listed_places(entries, name) for name in _SERVICES if name in entries}


def _keys(inspector: Inspector, node: Node, what: str) -> tuple[Key, ...]:
    keys = []
    for item in inspector.items(node, what):
        entries = inspector.entries(item, f"an item of {what}")
        if entries is None:
            continue
        inspector.other_fields(entries, KEY_FIELDS, f"an item of {what}")
        before = inspector.errors
        values = dict.fromkeys(KEY_FIELDS, "")
        for field in values:
            if field in entries:
                read = inspector.prose if field == "purpose" else inspector.line
                values[field] = read(entries[field].value, f"{field!r} in {what}", loose=True)
        if not values["pattern"] and inspector.errors == before:
            inspector.report_missing(
                "pattern", f"an item of {what}", item, [key for key in entries if key not in values]
            )
        keys.append(Key(**values, places=inspector.places(item, entries)))
    return tuple(keys)


#: Field type -> the function that reads a value.
_READ: dict[FieldType, Callable[[Inspector, Node, str, Field], object]] = {
    FieldType.LINE: lambda inspector, node, subject, _: inspector.line(node, subject),
    FieldType.LOOSE: lambda inspector, node, subject, _: inspector.line(node, subject, loose=True),
    FieldType.PROSE: lambda inspector, node, subject, _: inspector.prose(node, subject),
    FieldType.FLAG: lambda inspector, node, subject, _: inspector.flag(node, subject),
    FieldType.YES_OR_NO: lambda inspector, node, subject, _: _yes_or_no(inspector, node, subject),
    FieldType.CHOICE: lambda inspector, node, subject, field: _choice(inspector, node, subject, field.choices),
    FieldType.TEXTS: lambda inspector, node, subject, _: inspector.words(node, subject),
    FieldType.SERVICES: lambda inspector, node, subject, _: _services(inspector, node, subject),
    FieldType.STORE: lambda inspector, node, subject, _: inspector.line(node, subject, is_name=True),
    FieldType.PREFIX: lambda inspector, node, subject, _: _prefix(inspector, node, subject),
    FieldType.TABLE: lambda inspector, node, subject, _: _table(inspector, node, subject),
    FieldType.LAYOUT: lambda inspector, node, subject, _: read_layout(inspector, node, subject),
    FieldType.KEYS: lambda inspector, node, subject, _: _keys(inspector, node, subject),
}
#: The optional fields; the required ones are read separately.
_OPTIONAL = {name: (field, _READ[field.type]) for name, field in FILE_FIELDS.items() if not field.is_required}
_SERVICES = tuple(name for name, field in FILE_FIELDS.items() if field.type is FieldType.SERVICES)


def _optional_fields(inspector: Inspector, entries: dict[str, Entry], what: str) -> dict[str, object]:
    """Return attribute -> value for the optional fields of a store."""
    found: dict[str, object] = {}
    for name, (_, node) in entries.items():
        if name in _OPTIONAL:
            field, read = _OPTIONAL[name]
            found[field.attribute] = read(inspector, node, f"{escaped(name)} of {what}", field)
    return found
