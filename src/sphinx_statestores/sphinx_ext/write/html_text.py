"""Text that is marked as HTML."""

from __future__ import annotations


class Html(str):
    """HTML that an autoescaping template does not escape again. It is pickled as a plain string."""

    __slots__ = ()

    def __html__(self) -> str:
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)
