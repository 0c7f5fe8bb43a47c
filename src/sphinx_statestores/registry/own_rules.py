"""``x-rules`` -> the lint rules of the user's own, and problems in them. :mod:`~.own_checks` applies them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.fields import CUSTOM, FILE_FIELDS, OWN_NAME, OWN_NAME_RULE
from sphinx_statestores.registry.messages import one_of
from sphinx_statestores.registry.model import OwnRule
from sphinx_statestores.registry.problems import Kind, Severity
from sphinx_statestores.registry.quoting import escaped, shown
from sphinx_statestores.registry.reader import Mapping, Sequence

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Mapping as Mapped

    from sphinx_statestores.registry.model import OwnField
    from sphinx_statestores.registry.reader import Node, Scalar
    from sphinx_statestores.registry.shapes import Entry, Inspector

#: The maximum number of rules, of the fields in a part of a rule, and of the globs for a field. Each glob has at most
#: so many characters.
RULES_LIMIT = 200
FIELDS_LIMIT = 50
GLOBS_LIMIT = 50
GLOB_LENGTH = 200

_PARTS = ("when", "require", "forbid", "match", "severity", "message")
_SEVERITIES = {severity.value: severity for severity in Severity}
_BUILT_IN = frozenset(kind.subtype for kind in Kind)


def spelled(name: str) -> str:
    """Return the name of a rule as rules are compared: ``_`` and ``-`` are one."""
    return name.replace("-", "_")


def read_rules(inspector: Inspector, node: Node, fields: Mapped[str, OwnField]) -> list[tuple[Scalar, OwnRule]]:
    """Read ``x-rules``: name -> ``when``, ``require``, ``forbid``, ``match``, ``severity``, ``message``.

    *fields* are the declared fields of the registry. Returns (key, rule) pairs. A rule with problems demands nothing,
    but its name is known.
    """
    found = []
    entries = inspector.entries(node, "'x-rules'") or {}
    if len(entries) > RULES_LIMIT:
        message = f"'x-rules' has {len(entries):,} rules: the first {RULES_LIMIT} are used"
        inspector.report(Kind.INVALID_VALUE, message, node)
    known = {"name": None, **dict.fromkeys(FILE_FIELDS), **dict.fromkeys(fields)}
    for key, value in list(entries.values())[:RULES_LIMIT]:
        rule = _read_rule(inspector, key, value, known)
        if rule is not None:
            found.append((key, rule))
    return found


def _read_rule(inspector: Inspector, key: Scalar, node: Node, known: Collection[str]) -> OwnRule | None:
    name, before = key.text, inspector.errors
    what = f"the rule {escaped(name)} in 'x-rules'"
    if not OWN_NAME.fullmatch(name):
        inspector.report(Kind.INVALID_NAME, f"{escaped(name)} is not a valid name for a rule: {OWN_NAME_RULE}", key)
    elif spelled(name) in _BUILT_IN:
        message = f"{escaped(name)} is the name of a built-in kind of problem: choose another name for the rule"
        inspector.report(Kind.INVALID_NAME, message, key)
    if inspector.errors > before:
        return None
    entries = inspector.entries(node, what)
    if entries is None:
        return OwnRule(name, "all", places=inspector.places(key, {}))
    inspector.other_fields(entries, _PARTS, what)
    when = inspector.filled(entries["when"].value, f"'when' of {what}") if "when" in entries else "all"
    require, forbid = (_fields(inspector, entries, part, what, known) for part in ("require", "forbid"))
    match = _match(inspector, entries, what, known)
    if inspector.errors == before and entries.keys().isdisjoint(("require", "forbid", "match")):
        message = f"{what} checks nothing: add 'require', 'forbid' or 'match', such as 'require: [purpose]'"
        inspector.report(Kind.MISSING_FIELD, message, key)
    for field in set(require) & set(forbid):
        message = f"{what} both requires and forbids {escaped(field)}: remove one of the two"
        inspector.report(Kind.INVALID_VALUE, message, entries["forbid"].value)
    severity = _severity(inspector, entries["severity"].value, what) if "severity" in entries else None
    message = inspector.prose(entries["message"].value, f"'message' of {what}") if "message" in entries else ""
    places = inspector.places(key, entries)
    if inspector.errors > before:
        return OwnRule(name, when, places=places)
    return OwnRule(name, when, require, forbid, match, severity, " ".join(message.split()), places)


def _fields(
    inspector: Inspector, entries: Mapped[str, Entry], part: str, what: str, known: Collection[str]
) -> tuple[str, ...]:
    """Return the known fields of a list."""
    if part not in entries:
        return ()
    node, subject = entries[part].value, f"{part!r} of {what}"
    names = inspector.words(node, subject)
    if len(names) > FIELDS_LIMIT:
        message = f"{subject} has {len(names):,} fields: write at most {FIELDS_LIMIT}"
        inspector.report(Kind.INVALID_VALUE, message, node)
    _report_empty(inspector, node, subject, "the fields, such as [purpose]")
    return tuple(name for name in names if _is_known(inspector, name, node, subject, known))


def _report_empty(inspector: Inspector, node: Node, subject: str, wanted: str) -> None:
    if (isinstance(node, Sequence) and not node.items) or (isinstance(node, Mapping) and not node.pairs):
        inspector.report(Kind.MISSING_FIELD, f"{subject} is empty: write {wanted}", node)


def _is_known(inspector: Inspector, name: str, node: Node, subject: str, known: Collection[str]) -> bool:
    if name in known or name.startswith(CUSTOM):
        return True
    near = inspector.suggestion(name, known) or "; 'x-fields' declares fields of your own"
    inspector.report(Kind.UNKNOWN_FIELD, f"unknown field in {subject}: {escaped(name)}{near}", node)
    return False


def _match(
    inspector: Inspector, entries: Mapped[str, Entry], what: str, known: Collection[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the known fields of ``match``, each with its globs."""
    if "match" not in entries:
        return ()
    node, subject = entries["match"].value, f"'match' of {what}"
    found = []
    items = inspector.entries(node, subject) or {}
    _report_empty(inspector, node, subject, "fields with globs, such as 'prefix: \"app:*\"'")
    if len(items) > FIELDS_LIMIT:
        message = f"{subject} has {len(items):,} fields: write at most {FIELDS_LIMIT}"
        inspector.report(Kind.INVALID_VALUE, message, node)
    for name, (key, value) in items.items():
        globs = _globs(inspector, value, f"{escaped(name)} in {subject}")
        if _is_known(inspector, name, key, subject, known) and globs:
            found.append((name, globs))
    return tuple(found)


def _globs(inspector: Inspector, node: Node, subject: str) -> tuple[str, ...]:
    # A glob may have a comma: a text is one.
    globs = inspector.texts(node, subject)
    _report_empty(inspector, node, subject, 'the globs, such as ["app:*"]')
    if len(globs) > GLOBS_LIMIT or any(len(glob) > GLOB_LENGTH for glob in globs):
        message = f"{subject} is too long: write at most {GLOBS_LIMIT} globs of {GLOB_LENGTH} characters each"
        inspector.report(Kind.INVALID_VALUE, message, node)
    return globs


def _severity(inspector: Inspector, node: Node, what: str) -> Severity | None:
    subject = f"'severity' of {what}"
    word = inspector.filled(node, subject)
    if word and word not in _SEVERITIES:
        near = inspector.suggestion(word, _SEVERITIES)
        inspector.report(Kind.INVALID_VALUE, one_of(subject, _SEVERITIES, f"{shown(word)}{near}"), node)
    return _SEVERITIES.get(word)
