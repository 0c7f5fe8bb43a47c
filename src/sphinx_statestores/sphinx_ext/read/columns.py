"""Column keys -> fields: those of stores, and those that only a site has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.fields import FIELDS, Field, find_field

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Registry

#: The default columns of a table.
DEFAULT_COLUMNS = ("name", "backend", "service", "purpose")

#: The column with the pages that mention a store.
BACKLINKS = Field("backlinks", "Mentioned In", lambda *_: "")


def find_column(key: str) -> Field | None:
    """Take the key of a column; return its field, or None for an unknown key."""
    return BACKLINKS if key == BACKLINKS.key else find_field(key)


def has_column(key: str, registry: Registry) -> bool:
    """Return whether a table can have a column: the key is a field of the format, or of a store in the registry."""
    return key in FIELDS or key == BACKLINKS.key or key in registry.extra_fields
