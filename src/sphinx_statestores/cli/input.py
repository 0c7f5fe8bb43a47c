"""Standard input -> the text of a registry, or lines as they arrive."""

from __future__ import annotations

import io
import select
import sys
from typing import TYPE_CHECKING, cast

from sphinx_statestores.cli.outcome import UnusableError
from sphinx_statestores.registry.source import read_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from sphinx_statestores.registry.problems import Problem
    from sphinx_statestores.registry.source import SourceText

#: The most that is read at once, and the maximum length of a line, in bytes.
_CHUNK = 1 << 16
_LINE_LIMIT = 1 << 20


def read_standard_input(name: str, size_limit: int) -> SourceText | Problem:
    """Read a registry from standard input; *name* is its name in messages, *size_limit* the maximum size in bytes.

    Returns the text, or the problem with it. Raises UnusableError when it cannot be read.
    """
    try:
        return read_stream(cast("BinaryIO", _Waiting(_bytes())), name, size_limit)
    except OSError as error:
        raise UnusableError(f"standard input: {error.strerror or error}") from error
    except ValueError as error:  # closed by Python, or not decodable
        raise UnusableError(f"standard input: {error}") from error


def read_lines() -> Iterator[list[str]]:
    """Yield the lines of standard input, as many at once as have arrived; undecodable bytes become surrogates.

    Raises UnusableError when it cannot be read, or has a line that is too long.
    """
    rest = b""
    try:
        stream = _Waiting(_bytes())
        while data := stream.read_some(_CHUNK):
            *lines, rest = (rest + data).split(b"\n")
            if lines:
                yield [_decoded(line) for line in lines]
            if len(rest) > _LINE_LIMIT:
                raise UnusableError(f"standard input: a line has more than {_LINE_LIMIT:,} bytes")
    except OSError as error:
        raise UnusableError(f"standard input: {error.strerror or error}") from error
    except ValueError as error:  # closed by Python
        raise UnusableError(f"standard input: {error}") from error
    if rest:
        yield [_decoded(rest)]


def _decoded(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _bytes() -> BinaryIO:
    """Return standard input. Raises UnusableError when it is closed."""
    if sys.stdin is None:  # closed by the shell: `<&-`
        raise UnusableError("standard input: it is closed")
    buffer = getattr(sys.stdin, "buffer", None)
    if buffer is None:  # a program that calls the command may replace it by a text stream
        buffer = io.BytesIO(sys.stdin.read().encode("utf-8", "surrogateescape"))
    return cast("BinaryIO", buffer)


class _Waiting:
    """A stream that waits when a non-blocking pipe has no data yet, instead of reporting its end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        """Return up to *size* bytes; empty at the end of the stream."""
        while (data := cast("bytes | None", self._stream.read(size))) is None:
            select.select([self._stream], [], [])
        return data

    def read_some(self, size: int) -> bytes:
        """Return what is there, at most *size* bytes; wait for one; empty at the end of the stream."""
        read: Callable[[int], bytes | None] = getattr(self._stream, "read1", self._stream.read)
        while (data := read(size)) is None:
            select.select([self._stream], [], [])
        return data
