"""Names of stores and keys of backends -> the ids of their link targets."""

from __future__ import annotations

_STORE = "store-"
_FOREIGN_STORE = "store."
_BACKEND = "state-backend-"


def store_anchor(name: str) -> str:
    """Take the name of a store; return the id of its row or entry."""
    # A colon, which follows a namespace, is not allowed in the ids of an e-book.
    return f"{_FOREIGN_STORE}{name.replace(':', '.')}" if ":" in name else f"{_STORE}{name}"


def backend_anchor(key: str) -> str:
    """Take the key of a backend; return the id of its first row in a backend guide."""
    return f"{_BACKEND}{key}"
