"""Text of a command -> standard output for results, standard error for messages."""

from __future__ import annotations

import re
import select
import sys
from typing import TYPE_CHECKING, Any, cast

from sphinx_statestores.cli.outcome import UnusableError
from sphinx_statestores.cli.terminal import is_terminal, printable_lines
from sphinx_statestores.registry.quoting import log_line

#: The names of a file that mean standard output. The second one could not be replaced by a file.
STANDARD_OUTPUT = ("-", "/dev/stdout")

_LONE_RETURN = re.compile(r"\r(?!\n)")

if TYPE_CHECKING:
    from io import RawIOBase
    from typing import TextIO


def print_result(text: str) -> None:
    """Write a result to standard output, as UTF-8 with line feeds, and flush it.

    Control characters are escaped on a terminal, but not in a file or a pipe. Raises UnusableError when the result
    cannot be written, BrokenPipeError when the reader has closed the pipe.
    """
    print_styled(printable_lines(text) if is_terminal() else text)


def print_difference(text: str) -> None:
    r"""Write a diff to standard output, so that each line is one line of a CI log, too.

    A lone carriage return, at which some logs begin a line, is written as ``\r``. Raises the same as
    :func:`print_result`.
    """
    print_result(_LONE_RETURN.sub(r"\\r", text))


def print_styled(text: str) -> None:
    """Write text to standard output that is safe for a terminal and may have colours.

    Raises the same as :func:`print_result`.
    """
    if not text:
        return  # nothing to write, even if standard output is closed
    if sys.stdout is None:  # closed by the shell: `>&-`
        raise UnusableError("standard output: it is closed")
    try:
        # Undecodable bytes in file names are restored.
        _write(sys.stdout, text, "utf-8", "surrogateescape")
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnusableError(f"standard output: {error.strerror or error}") from error
    except ValueError as error:  # closed by Python, or the encoding lacks some of the characters
        raise UnusableError(f"standard output: {error}") from error


def complain(line: str) -> None:
    """Write a line to standard error, without control characters and commands to a CI service.

    Errors are ignored: there is no place to report them, and the exit status is set anyway.
    """
    if sys.stderr is None:
        return
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    try:
        _write(sys.stderr, f"{log_line(line)}\n", encoding, "backslashreplace")
    except (OSError, ValueError):
        return


def _write(stream: TextIO, text: str, encoding: str, errors: str) -> None:
    """Write all of a text, bypassing Python's buffer: if the buffer cannot be flushed, Python fails again at exit."""
    # Earlier output comes first.
    stream.flush()
    buffer: Any = getattr(stream, "buffer", None)
    if buffer is None:  # a program that calls the command may replace it by a text stream
        stream.write(text)
        return
    raw = cast("RawIOBase", getattr(buffer, "raw", buffer))
    rest = memoryview(text.encode(encoding, errors))
    while rest:
        written = raw.write(rest)
        if written is None:  # a non-blocking pipe is full
            select.select([], [raw], [])
        else:
            rest = rest[written:]
