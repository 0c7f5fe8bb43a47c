"""The ids that links to stores and backends use."""

from __future__ import annotations

_STORE = "store-"
_BACKEND = "state-backend-"


def store_anchor(name: str) -> str:
    """Return the id of a store's row or entry."""
    return f"{_STORE}{name}"


def backend_anchor(key: str) -> str:
    """Return the id of the first line of a backend guide that names a backend."""
    return f"{_BACKEND}{key}"
