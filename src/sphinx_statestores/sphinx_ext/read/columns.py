"""The columns that a page may ask for: the fields of stores, and what only a site knows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.fields import FIELDS, Field, find_field

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Registry

#: The columns of a table that names none.
DEFAULT_COLUMNS = ("name", "backend", "service", "purpose")

#: The pages that mention a store.
BACKLINKS = Field("backlinks", "Mentioned In", lambda *_: "")


def find_column(key: str) -> Field | None:
    """Return the field that a column called *key* shows."""
    return BACKLINKS if key == BACKLINKS.key else find_field(key)


def has_column(key: str, registry: Registry) -> bool:
    """Return whether a table can have a column: it shows a field of the format, or one that some store has."""
    return key in FIELDS or key == BACKLINKS.key or key in registry.extra_fields
