"""The exceptions for a server that cannot be read, and for one of its queries. No message has text of a server."""

from __future__ import annotations


class ServerError(Exception):
    """A server, its address or its credentials cannot be used. The message has no credentials and no keys."""


class RefusedError(Exception):
    """A server refuses a query, and can still be asked others."""

    def __init__(self, reason: str, *, is_too_long: bool = False) -> None:
        """Take the reason, and whether the query took longer than it may."""
        super().__init__(reason)
        self.is_too_long = is_too_long
