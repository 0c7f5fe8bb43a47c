"""What configuration may say of rules: their names and their severities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.messages import one_of
from sphinx_statestores.registry.problems import RULES, Kind, Severity
from sphinx_statestores.registry.quoting import escaped
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from sphinx_statestores.registry.suggest import Suggest

#: What turns a rule off, beside the severities.
OFF = "off"
#: The settings of a rule, the mildest first.
LEVELS = (OFF, *(severity.value for severity in reversed(Severity)))


def find_rule(name: str) -> str | None:
    """Return the subtype of the rule called *name*, with ``_`` or ``-``; None when there is no such rule."""
    subtype = name.replace("-", "_")
    return subtype if subtype in RULES else None


def unknown_rule(name: str, suggestion: Suggest = did_you_mean) -> str:
    """Say that there is no such rule, and which was probably meant."""
    subtype = name.replace("-", "_")
    if any(kind.subtype == subtype for kind in Kind):
        return f"{escaped(name)} is a problem, and no rule: it can be neither set nor ignored"
    return f"unknown rule {escaped(name)}{suggestion(subtype, RULES)}"


def find_registry_rule(name: str, suggestion: Suggest = did_you_mean) -> tuple[str, str]:
    """Return the subtype of the rule called *name*, and why a registry can neither set nor ignore it.

    One of the two is empty.
    """
    rule = find_rule(name)
    if rule is None:
        return "", unknown_rule(name, suggestion)
    if RULES[rule].is_guarded:
        return "", (
            f"{escaped(name)} can be neither set nor ignored here: a change of the registry must not silence what "
            "tells of it. Set it by 'statestores_lint' in conf.py"
        )
    return rule, ""


def find_level(text: str) -> str | None:
    """Return the one of :data:`LEVELS` that a text is, in any case; None when it is none of them."""
    level = text.strip().lower()
    return level if level in LEVELS else None


def unknown_level(rule: str, text: str, suggestion: Suggest = did_you_mean) -> str:
    """Say that a rule cannot be set to this, and what was probably meant."""
    return one_of(f"the severity of {rule!r}", LEVELS, f"{escaped(text)}{suggestion(text, LEVELS)}")


def severity_of(level: str) -> Severity | None:
    """Return the severity that one of :data:`LEVELS` is; None for ``off``, and for nothing."""
    return None if level in {OFF, ""} else Severity(level)
