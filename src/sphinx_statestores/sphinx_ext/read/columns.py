"""The columns that a page may ask for: the fields of stores, and what only a site knows of them."""

from __future__ import annotations

from sphinx_statestores.registry.fields import Field, find_field

#: The columns of a table that names none.
DEFAULT_COLUMNS = ("name", "backend", "service", "purpose")

#: The pages that mention a store.
BACKLINKS = Field("backlinks", "Mentioned In", lambda *_: "")


def find_column(key: str) -> Field | None:
    """Return the field that a column called *key* shows."""
    return BACKLINKS if key == BACKLINKS.key else find_field(key)
