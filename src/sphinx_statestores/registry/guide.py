"""The sections of a registry other than its stores -> values: conventions, guides, examples, text."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from sphinx_statestores.registry.backends import KNOWN_BACKENDS, Backend
from sphinx_statestores.registry.conventions import FEATURE_LIMIT
from sphinx_statestores.registry.links import link_fault
from sphinx_statestores.registry.messages import must_be
from sphinx_statestores.registry.model import (
    BackendChoice,
    Convention,
    Deployment,
    GeneratedCode,
    Output,
    Reference,
    RuleSetting,
    Service,
)
from sphinx_statestores.registry.paths import path_fault
from sphinx_statestores.registry.phrases import gettext_noop
from sphinx_statestores.registry.physical import read_commands
from sphinx_statestores.registry.places import NOWHERE
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import escaped, shown
from sphinx_statestores.registry.reader import Scalar
from sphinx_statestores.registry.rules import (
    OFF,
    find_level,
    find_registry_rule,
    severity_of,
    unknown_level,
)
from sphinx_statestores.registry.shapes import NAME, NAME_RULE, SERVICE_NAME, SERVICE_NAME_RULE, Entry, listed_places
from sphinx_statestores.registry.stores import looks_like_a_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sphinx_statestores.registry.backend_names import BackendNames
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.shapes import Inspector

#: What a pattern for names has in braces, and braces that have no other one.
_BRACES = re.compile(r"\{[^{}]*\}?|\}")
_NO_RULES: Mapping[str, str] = MappingProxyType({})
#: The one option of an output that is a path.
_TEMPLATE = "template"

#: The conventions of a registry without ``x-naming-conventions``.
DEFAULT_CONVENTIONS = (
    Convention(
        "{service}-statestore", ("redis", "mysql"), gettext_noop("Service-specific state storage"), "", NOWHERE
    ),
    Convention("{service}-{feature}", ("redis",), gettext_noop("Feature-specific ephemeral state"), "", NOWHERE),
    Convention(
        "mysql-{service}-statestore",
        ("mysql",),
        gettext_noop("Legacy pattern (prefer `{service}-statestore`)"),
        "{service}-statestore",
        NOWHERE,
    ),
)
#: The backend guide of a registry without ``x-backend-guide``.
DEFAULT_BACKEND_CHOICES = (
    BackendChoice(
        gettext_noop("Session data, tokens"), "redis", False, gettext_noop("Fast, ephemeral, supports TTL"), NOWHERE
    ),
    BackendChoice(
        gettext_noop("Caches, rankings"), "redis", False, gettext_noop("In-memory performance, sorted sets"), NOWHERE
    ),
    BackendChoice(
        gettext_noop("Persistent entities"), "mysql", False, gettext_noop("Durable, queryable, relational"), NOWHERE
    ),
    BackendChoice(
        gettext_noop("Full-text search"), "redis", True, gettext_noop("RedisSearch module for indexing"), NOWHERE
    ),
)


def read_backends(inspector: Inspector, node: Node) -> list[tuple[Scalar, Backend]]:
    """Read ``x-backends``: key -> label, or ``label``, ``tables`` and ``commands``. Return (key, backend) pairs."""
    found = []
    for name, (key, value) in (inspector.entries(node, "'x-backends'") or {}).items():
        if not NAME.fullmatch(name):
            message = f"{escaped(name)} is not a valid backend name: {NAME_RULE}"
            inspector.report(Kind.INVALID_NAME, message, key)
            continue
        if _is_store(inspector, key, value, "x-backends"):
            continue
        what = f"the backend {escaped(name)}"
        entries = _short_or_full(inspector, Entry(key, value), "label", ("label", "tables", "commands"), what)
        # A built-in backend with another label keeps its other properties.
        backend = KNOWN_BACKENDS.get(name) or Backend(name, "", has_tables=False)
        if "tables" in entries:
            has_tables = inspector.flag(entries["tables"].value, f"'tables' of {what}")
            if has_tables is not backend.has_tables:
                # The properties of the built-in backend do not apply to another backend with its key.
                backend = Backend(name, "", has_tables)
        if "commands" in entries:
            commands = read_commands(inspector, entries["commands"].value, f"'commands' of {what}")
            backend = backend._replace(commands=commands)
        label = _line(inspector, entries, "label", what) or backend.label or name
        found.append((key, backend._replace(label=label, places=inspector.places(key, entries))))
    return found


def _is_store(inspector: Inspector, key: Scalar, value: Node, section: str) -> bool:
    """Report a store in a section for something else; return whether there is one."""
    if not looks_like_a_store(value):
        return False
    message = f"{escaped(key.text)} is a store, but stands in {section!r}: move it below 'x-state-stores'"
    inspector.report(Kind.WRONG_SHAPE, message, key)
    return True


def read_services(inspector: Inspector, node: Node) -> list[tuple[Scalar, Service]]:
    """Read ``x-services``: name -> title, or name -> ``title`` and ``docs``. Return (name, service) pairs."""
    found = []
    for name, (key, value) in (inspector.entries(node, "'x-services'") or {}).items():
        if not SERVICE_NAME.fullmatch(name):
            message = f"{escaped(name)} is not a valid service name: {SERVICE_NAME_RULE}"
            inspector.report(Kind.INVALID_NAME, message, key)
            continue
        if _is_store(inspector, key, value, "x-services"):
            continue
        what = f"the service {escaped(name)}"
        entries = _short_or_full(inspector, Entry(key, value), "title", ("title", "docs"), what)
        title = _line(inspector, entries, "title", what)
        docs = _link(inspector, entries, "docs", what)
        found.append((key, Service(name, title or name, docs, inspector.places(key, entries))))
    return found


def has_default_guide(backends: Iterable[str]) -> bool:
    """Take the backends of all stores; return whether default conventions and a default backend guide apply to them.

    The defaults are about Redis and MySQL. They also apply when there are no stores.
    """
    found = set(backends)
    return not found or not found.isdisjoint({"redis", "mysql"})


def read_conventions(inspector: Inspector, node: Node, backends: BackendNames) -> list[Convention]:
    """Read ``x-naming-conventions``: a list of ``pattern``, ``backends``, ``description``, ``prefer``."""
    found = []
    fields = ("pattern", "backends", "description", "prefer")
    for item, entries in _records(inspector, node, "'x-naming-conventions'", fields, required=("pattern",)):
        what = "a naming convention"
        keys: tuple[str, ...] = ()
        if "backends" in entries:
            listed = entries["backends"].value
            written = inspector.words(listed, f"'backends' of {what}")
            keys = tuple(dict.fromkeys(backends.read(inspector, each, listed, what) for each in written))
        pattern, prefer = (_pattern(inspector, entries, field, what) for field in ("pattern", "prefer"))
        if pattern.count("{feature}") > FEATURE_LIMIT:
            message = (
                f"{shown(pattern)} has '{{feature}}' more than {FEATURE_LIMIT} times: use it once, since it matches "
                "any number of words"
            )
            inspector.report(Kind.INVALID_VALUE, message, entries["pattern"].value)
            continue
        found.append(
            Convention(
                pattern,
                keys,
                _prose(inspector, entries, "description", what),
                prefer,
                inspector.places(item, entries),
            )
        )
    return found


def _pattern(inspector: Inspector, entries: dict[str, Entry], field: str, what: str) -> str:
    """Return a pattern for names; what is in braces in it and stands for nothing is reported."""
    pattern = _line(inspector, entries, field, what)
    known = ("service", "feature")
    for found in dict.fromkeys(_BRACES.findall(pattern)):
        name = found.strip("{}")
        if found == f"{{{name}}}" and name in known:
            continue
        near = inspector.suggestion(name, known) or "; the fields are '{service}' and '{feature}'"
        fault = "unknown field" if found.startswith("{") and found.endswith("}") else "an unmatched brace"
        message = f"{fault} in {field!r} of {what}: {shown(found)}{near}"
        inspector.report(Kind.UNKNOWN_FIELD, message, entries[field].value)
    return pattern


def read_backend_choices(inspector: Inspector, node: Node, backends: BackendNames) -> list[BackendChoice]:
    """Read ``x-backend-guide``: a list of ``useCase``, ``backend``, ``enableSearch``, ``rationale``."""
    found = []
    fields = ("useCase", "backend", "enableSearch", "rationale")
    for item, entries in _records(inspector, node, "'x-backend-guide'", fields, required=("useCase", "backend")):
        what = "a row of the backend guide"
        written = _line(inspector, entries, "backend", what)
        backend = backends.read(inspector, written, entries["backend"].value, what)
        search = "enableSearch" in entries and inspector.flag(
            entries["enableSearch"].value, f"'enableSearch' of {what}"
        )
        found.append(
            BackendChoice(
                _prose(inspector, entries, "useCase", what),
                backend,
                search,
                _prose(inspector, entries, "rationale", what),
                inspector.places(item, entries),
            )
        )
    return found


def read_deployments(inspector: Inspector, node: Node) -> list[Deployment]:
    """Read ``x-deployments``: a list of ``title``, ``note``, ``stores`` (store -> address)."""
    found = []
    fields = ("title", "note", "stores")
    for item, entries in _records(inspector, node, "'x-deployments'", fields, required=("title", "stores")):
        what = "a deployment example"
        stores = inspector.entries(entries["stores"].value, f"'stores' of {what}") or {}
        found.append(
            Deployment(
                _line(inspector, entries, "title", what),
                _lines(inspector, entries, "note", what),
                tuple(
                    (name, inspector.line(value, f"the place of {shown(name)}", loose=True))
                    for name, (_, value) in stores.items()
                ),
                inspector.places(item, entries, stores=stores),
            )
        )
    return found


def read_generated_code(inspector: Inspector, node: Node) -> GeneratedCode | None:
    """Read ``x-generated-code``: ``language``, ``path``, ``namespace``, ``class``, ``names``."""
    what = "'x-generated-code'"
    entries = inspector.entries(node, what)
    if entries is None:
        return None
    inspector.other_fields(entries, ("language", "path", "namespace", "class", "names"), what)
    path = _line(inspector, entries, "path", what)
    if path:
        inspector.check_path(entries["path"].value, path, f"'path' of {what}")
    return GeneratedCode(
        _line(inspector, entries, "language", what) or "csharp",
        path,
        _line(inspector, entries, "namespace", what),
        _line(inspector, entries, "class", what) or "StateStoreDefinitions",
        inspector.words(entries["names"].value, f"'names' of {what}") if "names" in entries else (),
        inspector.places(node, entries, names=listed_places(entries, "names")),
    )


def read_reference(inspector: Inspector, node: Node) -> Reference | None:
    """Read ``x-reference``: ``project``, ``regenerate``, ``deployments``, ``closing``."""
    what = "'x-reference'"
    entries = inspector.entries(node, what)
    if entries is None:
        return None
    inspector.other_fields(entries, ("project", "regenerate", "deployments", "closing"), what)
    closing: dict[str, Entry] = {}
    if "closing" in entries:
        closing = inspector.entries(entries["closing"].value, f"'closing' of {what}") or {}
        inspector.other_fields(closing, ("label", "href", "text"), f"'closing' of {what}")
    return Reference(
        project=_line(inspector, entries, "project", what),
        regenerate=_line(inspector, entries, "regenerate", what),
        deployments=_lines(inspector, entries, "deployments", what).strip(),
        closing_label=_line(inspector, closing, "label", what),
        closing_href=_link(inspector, closing, "href", what),
        closing_text=_prose(inspector, closing, "text", what),
        places=inspector.places(node, entries, closing=closing),
    )


def read_outputs(inspector: Inspector, node: Node, section: str = "x-outputs") -> list[Output]:
    """Read ``x-outputs``: a list of ``format``, ``path`` and whatever else the format is to be told.

    *section* is what its place is called in messages.
    """
    found = []
    what = f"an item of {section!r}"
    for item in inspector.items(node, repr(section)):
        entries = inspector.entries(item, what)
        if entries is None:
            continue
        before = inspector.errors
        for field in ("format", "path"):
            if field not in entries:
                inspector.report_missing(field, what, item, [key for key in entries if key not in ("format", "path")])
        texts = {
            field: inspector.filled(entries[field].value, f"{field!r} of {what}")
            for field in ("format", "path")
            if field in entries
        }
        path = texts.get("path", "")
        if path_fault(path):
            inspector.check_path(entries["path"].value, path, f"'path' of {what}")
        elif PurePosixPath(path).is_absolute() or PureWindowsPath(path).anchor:
            message = must_be(f"'path' of {what}", "relative to this file", shown(path))
            inspector.report(Kind.INVALID_VALUE, message, entries["path"].value)
        options = tuple(
            (name, inspector.texts(value, f"{shown(name)} of {what}"))
            for name, (_, value) in entries.items()
            if name not in texts and not name.startswith("x-")
        )
        for name, values in options:
            if name == _TEMPLATE:
                for value in values:
                    inspector.check_path(entries[name].value, value, f"{name!r} of {what}")
        inspector.other_fields({name: own for name, own in entries.items() if name.startswith("x-")}, (), what)
        if inspector.errors == before:
            found.append(Output(texts["format"], path, options, inspector.places(item, entries)))
    return found


def read_lint(
    inspector: Inspector, node: Node, section: str = "x-lint", own: Mapping[str, str] = _NO_RULES
) -> list[tuple[Scalar, RuleSetting]]:
    """Read ``x-lint``: rule -> severity, or rule -> ``severity`` and ``except``.

    *section* is what its place is called in messages. *own* are the rules of the user's own: name with ``_`` for
    ``-`` -> name. Returns each setting with its key, which is spelled as the
    rule's subtype, however the file spells it.
    """
    found = []
    for name, (key, value) in (inspector.entries(node, repr(section)) or {}).items():
        rule, fault = find_registry_rule(name, inspector.suggestion, own)
        if fault:
            inspector.report(Kind.UNKNOWN_RULE, fault, key)
            continue
        what = f"the rule {rule!r}"
        entries = _short_or_full(inspector, Entry(key, value), "severity", ("severity", "except"), what)
        level = _level(inspector, entries["severity"].value, rule) if "severity" in entries else ""
        exceptions = inspector.words(entries["except"].value, f"'except' of {what}") if "except" in entries else ()
        setting = RuleSetting(severity_of(level), level == OFF, exceptions)
        found.append((key._replace(text=rule), setting))
    return found


def _level(inspector: Inspector, node: Node, rule: str) -> str:
    """Return a level as text; empty, which keeps the rule's default, when it is not valid."""
    before = inspector.errors
    # The text as written: YAML 1.1 resolves `off` to a boolean.
    text = inspector.line(node, f"the severity of {rule!r}", loose=True)
    level = find_level(text)
    if level is None and inspector.errors == before:
        inspector.report(Kind.INVALID_VALUE, unknown_level(rule, text, inspector.suggestion), node)
    return level or ""


def _records(
    inspector: Inspector, node: Node, what: str, fields: tuple[str, ...], required: tuple[str, ...]
) -> Iterator[tuple[Node, dict[str, Entry]]]:
    """Yield the mappings of a list that have all required fields; report the others."""
    for item in inspector.items(node, what):
        entries = inspector.entries(item, f"an item of {what}")
        if entries is None:
            continue
        inspector.other_fields(entries, fields, f"an item of {what}")
        missing = [field for field in required if field not in entries]
        for field in missing:
            inspector.report_missing(field, f"an item of {what}", item, [key for key in entries if key not in fields])
        if not missing:
            yield item, entries


def _short_or_full(
    inspector: Inspector, entry: Entry, short: str, fields: tuple[str, ...], what: str
) -> dict[str, Entry]:
    """Return the fields of a value. A plain text is a short form for a mapping with only the field *short*."""
    if isinstance(entry.value, Scalar):
        return {short: entry}
    entries = inspector.entries(entry.value, what) or {}
    inspector.other_fields(entries, fields, what)
    return entries


def _line(inspector: Inspector, entries: dict[str, Entry], field: str, what: str) -> str:
    return inspector.line(entries[field].value, f"{field!r} of {what}") if field in entries else ""


def _prose(inspector: Inspector, entries: dict[str, Entry], field: str, what: str) -> str:
    return inspector.prose(entries[field].value, f"{field!r} of {what}") if field in entries else ""


def _lines(inspector: Inspector, entries: dict[str, Entry], field: str, what: str) -> str:
    return inspector.lines(entries[field].value, f"{field!r} of {what}") if field in entries else ""


def _link(inspector: Inspector, entries: dict[str, Entry], field: str, what: str) -> str:
    """Return a link; empty when it is not allowed."""
    link = _line(inspector, entries, field, what)
    fault = link_fault(link)
    if fault:
        message = f"{field!r} of {what} is {shown(link)}, which is not a valid link: {fault}"
        inspector.report(Kind.INVALID_VALUE, message, entries[field].value)
        return ""
    return link
