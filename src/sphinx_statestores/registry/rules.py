"""Names and severities in configuration -> lint rules and levels, or messages about unknown ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.fields import OWN_NAME
from sphinx_statestores.registry.messages import one_of
from sphinx_statestores.registry.problems import RULES, Kind, Severity
from sphinx_statestores.registry.quoting import escaped
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sphinx_statestores.registry.suggest import Suggest

#: The value that turns a rule off; it is used beside the severities.
OFF = "off"
#: The possible settings of a rule, from mild to severe.
LEVELS = (OFF, *(severity.value for severity in reversed(Severity)))


def find_rule(name: str) -> str | None:
    """Take the name of a rule, with ``_`` or ``-``; return its subtype, or None for an unknown rule."""
    subtype = name.replace("-", "_")
    return subtype if subtype in RULES else None


def find_own_rule(name: str) -> str | None:
    """Take the name of a rule that is not built in; return it if a registry may declare it, or None."""
    is_kind = any(kind.subtype == name.replace("-", "_") for kind in Kind)
    return name if not is_kind and OWN_NAME.fullmatch(name) else None


def unknown_rule(name: str, suggestion: Suggest = did_you_mean, own: Iterable[str] = ()) -> str:
    """Take the name of an unknown rule; return a message with suggestions, also of the user's *own* rules."""
    subtype = name.replace("-", "_")
    if any(kind.subtype == subtype for kind in Kind):
        return f"{escaped(name)} is a kind of problem but not a lint rule: it can be neither set nor ignored"
    names = tuple(own)
    return f"unknown rule {escaped(name)}{suggestion(subtype, (*names, *RULES) if names else RULES)}"


def find_registry_rule(name: str, suggestion: Suggest, own: Mapping[str, str]) -> tuple[str, str]:
    """Take the name of a rule; return its subtype, or the reason why a registry can neither set nor ignore it.

    One of the two is empty. *own* are the rules of the user's own: name with ``_`` for ``-`` -> name.
    """
    if (found := own.get(name.replace("-", "_"))) is not None:
        return found, ""
    rule = find_rule(name)
    if rule is None:
        return "", unknown_rule(name, suggestion, own.values())
    if RULES[rule].is_guarded:
        return "", (f"{escaped(name)} cannot be set or ignored in a registry: set it in conf.py ('statestores_lint')")
    return rule, ""


def find_level(text: str) -> str | None:
    """Take a text in any case; return the one of :data:`LEVELS` that it names, or None."""
    level = text.strip().lower()
    return level if level in LEVELS else None


def unknown_level(rule: str, text: str, suggestion: Suggest = did_you_mean) -> str:
    """Say that a rule cannot be set to this, and what was probably meant."""
    return one_of(f"the severity of {rule!r}", LEVELS, f"{escaped(text)}{suggestion(text, LEVELS)}")


def severity_of(level: str) -> Severity | None:
    """Take one of :data:`LEVELS`; return its severity, or None for ``off``."""
    return None if level in {OFF, ""} else Severity(level)
