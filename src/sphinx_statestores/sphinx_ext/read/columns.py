"""Column keys -> fields: those of stores, and those that only a site has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.field_hints import field_hint
from sphinx_statestores.registry.fields import CUSTOM, FIELDS, Field, find_field, may_be_own
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Registry

#: The default columns of a table.
DEFAULT_COLUMNS = ("name", "backend", "service", "purpose")

#: The column with the pages that mention a store.
BACKLINKS = Field("backlinks", "Mentioned In", lambda *_: "")
#: What entries have of code: the places that use a store. No table has a column for it.
USED_IN = Field("used-in", "Used In", lambda *_: "")


def find_column(key: str, registry: Registry | None = None) -> Field | None:
    """Take the key of a column; return its field, or None for a key that is unknown, also to the *registry*."""
    return BACKLINKS if key == BACKLINKS.key else find_field(key, registry)


def may_be_column(key: str) -> bool:
    """Return whether a registry can have a column with this key, whatever it has."""
    return find_column(key) is not None or may_be_own(key)


def has_column(key: str, registry: Registry) -> bool:
    """Return whether a table can have a column: the key is a field of the format, or one of the registry's own."""
    is_custom = key.startswith(CUSTOM) and key in registry.extra_fields
    is_own = key in registry.own_fields or is_custom
    return key in FIELDS or key == BACKLINKS.key or is_own or key in registry.facts


def unknown_column(key: str, registry: Registry | None = None) -> str:
    """Say that there is no such column, and which one may be meant."""
    if registry is not None and key.startswith(CUSTOM):
        return f"no store has a field {shown(key)}{did_you_mean(key, registry.extra_fields)}"
    return f"unknown column {shown(key)}{field_hint(key, 'columns', registry, (BACKLINKS.key,))}"
