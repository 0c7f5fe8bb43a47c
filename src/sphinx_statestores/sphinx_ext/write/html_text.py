"""Finished HTML as a text."""

from __future__ import annotations


class Html(str):
    """HTML, which a template that does escape what it is given leaves as it is. Pickled, it is a plain text."""

    __slots__ = ()

    def __html__(self) -> str:
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)
