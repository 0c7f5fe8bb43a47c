"""Standard input -> the text of a registry."""

from __future__ import annotations

import io
import select
import sys
from typing import TYPE_CHECKING, cast

from sphinx_statestores.cli.outcome import UnusableError
from sphinx_statestores.registry.source import read_stream

if TYPE_CHECKING:
    from typing import BinaryIO

    from sphinx_statestores.registry.problems import Problem
    from sphinx_statestores.registry.source import SourceText


def read_standard_input(name: str, size_limit: int) -> SourceText | Problem:
    """Read a registry from standard input; *name* is its name in messages, *size_limit* the maximum size in bytes.

    Returns the text, or the problem with it. Raises UnusableError when it cannot be read.
    """
    if sys.stdin is None:  # closed by the shell: `<&-`
        raise UnusableError("standard input: it is closed")
    try:
        buffer = getattr(sys.stdin, "buffer", None)
        if buffer is None:  # a program that calls the command may replace it by a text stream
            buffer = io.BytesIO(sys.stdin.read().encode("utf-8", "surrogateescape"))
        return read_stream(cast("BinaryIO", _Waiting(buffer)), name, size_limit)
    except OSError as error:
        raise UnusableError(f"standard input: {error.strerror or error}") from error
    except ValueError as error:  # closed by Python, or not decodable
        raise UnusableError(f"standard input: {error}") from error


class _Waiting:
    """A stream that waits when a non-blocking pipe has no data yet, instead of reporting its end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        """Return up to *size* bytes; empty at the end of the stream."""
        while (data := cast("bytes | None", self._stream.read(size))) is None:
            select.select([self._stream], [], [])
        return data
