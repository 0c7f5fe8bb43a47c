"""``x-code`` -> where code names stores: globs of files and templates of names, and problems in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry.globs import NEGATION, glob_fault
from sphinx_statestores.registry.model import CodeUse
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import escaped, shown
from sphinx_statestores.registry.reader import Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.shapes import Entry, Inspector
    from sphinx_statestores.registry.suggest import Suggest

SECTION = "x-code"
#: The fields of a template: the constant of a store in generated code, and its name.
CONSTANT, NAME = "constant", "name"
USE_FIELDS = (CONSTANT, NAME)
#: The maximum number of items, of globs or templates in one of them, and of the characters of a template.
ITEMS_LIMIT = 20
TEXTS_LIMIT = 20
TEMPLATE_LENGTH = 200

_PARTS = ("language", "files", "use")
_FIELD = re.compile(r"\{(\w+)\}")


def read_code(inspector: Inspector, node: Node) -> list[CodeUse]:
    """Read ``x-code``: a list of ``language``, ``files``, ``use``. An item with a fault is left out."""
    found = []
    what = f"an item of {SECTION!r}"
    items = inspector.items(node, repr(SECTION))
    if len(items) > ITEMS_LIMIT:
        message = f"{SECTION!r} has {len(items):,} items: write at most {ITEMS_LIMIT}"
        inspector.report(Kind.INVALID_VALUE, message, node)
    for item in items[:ITEMS_LIMIT]:
        before = inspector.errors
        entries = inspector.entries(item, what)
        if entries is None:
            continue
        inspector.other_fields(entries, _PARTS, what)
        language = inspector.line(entries["language"].value, f"'language' of {what}") if "language" in entries else ""
        for field in ("files", "use"):
            if field not in entries:
                inspector.report_missing(field, what, item, [key for key in entries if key not in _PARTS])
        files = _texts(inspector, entries, "files", what, glob_fault)
        uses = _texts(inspector, entries, "use", what, template_fault)
        if files and all(glob.startswith(NEGATION) for glob in files):
            message = (
                f"'files' of {what} only leaves files out: add a glob of those that are meant, without {NEGATION!r}"
            )
            inspector.report(Kind.INVALID_VALUE, message, entries["files"].value)
        if inspector.errors == before:
            found.append(CodeUse(language.strip(), files, uses, inspector.places(item, entries)))
    return found


def _texts(
    inspector: Inspector,
    entries: Mapping[str, Entry],
    field: str,
    what: str,
    find_fault: Callable[[str, Suggest], str],
) -> tuple[str, ...]:
    """Return the texts of a list; report those with a fault, and a list without any."""
    if field not in entries:
        return ()
    node, before = entries[field].value, inspector.errors
    subject = f"{field!r} of {what}"
    texts = tuple(dict.fromkeys(text.strip() for text in inspector.texts(node, subject) if text.strip()))
    if not texts and inspector.errors == before:
        inspector.report(Kind.MISSING_FIELD, f"{subject} is empty", node)
    if len(texts) > TEXTS_LIMIT:
        message = f"{subject} has {len(texts):,} texts: write at most {TEXTS_LIMIT}"
        inspector.report(Kind.INVALID_VALUE, message, node)
        return ()
    items = node.items if isinstance(node, Sequence) else ()
    places = {item.text.strip(): item for item in items if isinstance(item, Scalar)}
    for text in texts:
        if fault := find_fault(text, inspector.suggestion):
            inspector.report(Kind.INVALID_VALUE, f"{subject} is {shown(text)}: {fault}", places.get(text, node))
    return texts


def template_fault(text: str, suggestion: Suggest) -> str:
    """Take a template of how code names a store; return what is wrong with it, or an empty text."""
    if len(text) > TEMPLATE_LENGTH:
        return f"it is longer than {TEMPLATE_LENGTH} characters"
    fields = [name for name in _FIELD.findall(text) if name in USE_FIELDS]
    wanted = " or ".join(f"{{{name}}}" for name in USE_FIELDS)
    if not fields:
        other = next(iter(_FIELD.findall(text)), "")
        near = suggestion(other, USE_FIELDS) if other else ""
        return (
            f"it has no field: write {wanted} for the store" if not near else f"unknown field {escaped(other)}{near}"
        )
    if len(fields) > 1:
        return f"it has more than one field: write {wanted} once"
    if not text.replace(f"{{{fields[0]}}}", "").strip():
        return "it matches every word: add the text around the name, such as quotes"
    return ""


def split_template(text: str) -> tuple[str, str, str]:
    """Take a template without a fault; return the text before its field, the field, and the text after it."""
    for field in USE_FIELDS:
        before, found, after = text.partition(f"{{{field}}}")
        if found:
            return before, field, after
    raise ValueError(f"a template without a field: {text!r}")
