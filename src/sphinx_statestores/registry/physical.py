"""``x-physical``, ``physical`` of a store and ``commands`` of a backend -> templates, and problems in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry.commands import LANGUAGES, quoted_field
from sphinx_statestores.registry.layout import (
    COMMAND_FIELDS,
    FIELD,
    KEY_PATTERNS,
    LAYOUT_NAMES,
    TEMPLATE_FIELDS,
    TEMPLATES_LIMIT,
    WILDCARD,
    CommandTemplate,
    Layout,
)
from sphinx_statestores.registry.messages import must_be
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import escaped, shown, unquoted
from sphinx_statestores.registry.reader import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Collection

    from sphinx_statestores.registry.backend_names import BackendNames
    from sphinx_statestores.registry.backends import Backend
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.shapes import Inspector

_BRACES = re.compile(r"\{[^{}]*\}?|\}")


def read_physical(inspector: Inspector, node: Node, backends: BackendNames) -> list[tuple[Scalar, Layout]]:
    """Read ``x-physical``: backend -> layout. Return each layout with its key, whose text is that of a backend."""
    found = []
    for name, (key, value) in (inspector.entries(node, "'x-physical'") or {}).items():
        known = backends.read(inspector, name, key, "'x-physical'")
        if known not in backends.backends:
            continue
        what = f"{escaped(name)} in 'x-physical'"
        layout = read_layout(inspector, value, what)
        if layout.value and not layout.column:
            message = f"'value' of {what} has no effect without a 'column': add the column that it is in"
            inspector.report(Kind.FOREIGN_FIELD, message, value)
        check_parts(inspector, value, backends.backends[known], what)
        found.append((key._replace(text=known), layout))
    return found


def check_parts(inspector: Inspector, node: Node, backend: Backend, what: str) -> None:
    """Report the parts of a layout that have no effect in a backend."""
    for key, _ in node.pairs if isinstance(node, Mapping) else ():
        if isinstance(key, Scalar) and key.text in backend.foreign_parts:
            message = f"{key.text!r} of {what} has no effect in {unquoted(backend.label)}: remove it"
            inspector.report(Kind.FOREIGN_FIELD, message, key)


def read_layout(inspector: Inspector, node: Node, what: str) -> Layout:
    """Read a mapping from :data:`~.layout.LAYOUT_NAMES` to templates. Wrong templates are left out."""
    entries = inspector.entries(node, what) or {}
    inspector.other_fields(entries, LAYOUT_NAMES, what)
    keys: tuple[str, ...] = ()
    if "keys" in entries:
        value = entries["keys"].value
        items = (value,) if isinstance(value, Scalar) else inspector.items(value, f"'keys' of {what}")
        if len(items) > TEMPLATES_LIMIT:
            message = f"'keys' of {what} has {len(items):,} templates: write at most {TEMPLATES_LIMIT}"
            inspector.report(Kind.INVALID_VALUE, message, value)
            items = ()
        keys = tuple(filter(None, [_template(inspector, item, "keys", what) for item in items]))
    others = (
        _template(inspector, entries[field].value, field, what) if field in entries else ""
        for field in LAYOUT_NAMES[1:]
    )
    return Layout(keys, *others)


def _template(inspector: Inspector, node: Node, field: str, what: str) -> str:
    """Return a template; empty when it is not valid, which is reported."""
    text = inspector.filled(node, f"{field!r} of {what}")
    return text if text and _is_valid(inspector, node, text, field, what) else ""


def _is_valid(inspector: Inspector, node: Node, text: str, field: str, what: str) -> bool:
    """Return whether a template can be filled in; report why not."""
    subject = f"{field!r} of {what}"
    before = len(inspector.problems)
    for found in dict.fromkeys(_BRACES.findall(text)):
        name = found.strip("{}")
        if found == f"{{{name}}}" and name in TEMPLATE_FIELDS:
            continue
        hint = f"; write {WILDCARD!r} for a part that differs from key to key" if field in KEY_PATTERNS else ""
        _report_field(inspector, node, found, subject, TEMPLATE_FIELDS, hint)
    if field not in KEY_PATTERNS and WILDCARD in text:
        message = f"{subject} has {WILDCARD!r}, which only templates of keys can have: {shown(text)}"
        inspector.report(Kind.INVALID_VALUE, message, node)
    elif text.startswith(WILDCARD):
        message = (
            f"{subject} begins with {WILDCARD!r}, so no key can be told by it: begin it with a text or a field: "
            f"{shown(text)}"
        )
        inspector.report(Kind.INVALID_VALUE, message, node)
    return len(inspector.problems) == before


def _report_field(
    inspector: Inspector, node: Node, found: str, subject: str, known: Collection[str], hint: str = ""
) -> None:
    names = ", ".join(f"{{{name}}}" for name in known)
    near = inspector.suggestion(found.strip("{}"), known) or hint or f"; the fields are {names}"
    fault = "unknown field" if found.startswith("{") and found.endswith("}") else "an unmatched brace"
    inspector.report(Kind.UNKNOWN_FIELD, f"{fault} in {subject}: {shown(found)}{near}", node)


def read_commands(inspector: Inspector, node: Node, what: str) -> tuple[CommandTemplate, ...]:
    """Read ``commands``: a list of texts, which are commands of a shell, and of mappings from language to text."""
    items = (node,) if isinstance(node, Scalar) else inspector.items(node, what)
    if len(items) > TEMPLATES_LIMIT:
        message = f"{what} has {len(items):,} commands: write at most {TEMPLATES_LIMIT}"
        inspector.report(Kind.INVALID_VALUE, message, node)
        return ()
    found = (_command(inspector, item, f"a command in {what}") for item in items)
    return tuple(template for template in found if template is not None)


def _command(inspector: Inspector, node: Node, what: str) -> CommandTemplate | None:
    language, value = "shell", node
    if not isinstance(node, Scalar):
        entries = inspector.entries(node, what)
        if entries is None:
            return None
        inspector.other_fields(entries, LANGUAGES, what)
        named = [name for name in entries if name in LANGUAGES]
        if len(named) != 1:
            wanted = f"a text, or one of {', '.join(LANGUAGES)} with a text"
            inspector.report(Kind.INVALID_VALUE, must_be(what, wanted, f"{len(named)} of these"), node)
            return None
        language, value = named[0], entries[named[0]].value
    text = inspector.filled(value, what)
    template = CommandTemplate(language, text)
    return template if text and _is_safe(inspector, value, template, what) else None


def _is_safe(inspector: Inspector, node: Node, template: CommandTemplate, what: str) -> bool:
    """Return whether a command has known fields only, each where its value is quoted; report why not."""
    before = len(inspector.problems)
    known = [
        *TEMPLATE_FIELDS,
        *(field for field in COMMAND_FIELDS if field != "where" or template.language != "shell"),
    ]
    for found in dict.fromkeys(field[0] for field in FIELD.finditer(template.text)):
        if found.strip("{}") not in known:
            _report_field(inspector, node, found, what, known)
    if field := quoted_field(template):
        message = (
            f"{field} is, or may be, in quotes or a comment in {what}: its value is quoted when it is filled in, so "
            "write only plain words and complete quoted texts before it"
        )
        inspector.report(Kind.INVALID_VALUE, message, node)
    return len(inspector.problems) == before
