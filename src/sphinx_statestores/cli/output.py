"""Where a command's words go: results to standard output, all else to standard error."""

from __future__ import annotations

import re
import select
import sys
from typing import TYPE_CHECKING, Any, cast

from sphinx_statestores.cli.outcome import UnusableError
from sphinx_statestores.cli.terminal import is_terminal, printable_lines
from sphinx_statestores.registry.quoting import log_line

_LONE_RETURN = re.compile(r"\r(?!\n)")

if TYPE_CHECKING:
    from io import RawIOBase
    from typing import TextIO


def print_result(text: str) -> None:
    """Write what was asked for to standard output, as UTF-8 with plain line ends, all of it now.

    A file or a pipe gets the text as it is; a terminal gets nothing that it would obey. Raises UnusableError when
    it cannot be written, and BrokenPipeError when nobody reads it.
    """
    print_styled(printable_lines(text) if is_terminal() else text)


def print_difference(text: str) -> None:
    r"""Write a diff to standard output, so that each of its lines is one line of a log as well.

    A lone carriage return, where some logs begin a line, is written as ``\r``.
    """
    print_result(_LONE_RETURN.sub(r"\\r", text))


def print_styled(text: str) -> None:
    """Do the same with a text that is fit for a terminal already, and may have colours."""
    if not text:
        return  # which works where nothing can be written, too
    if sys.stdout is None:  # closed by the shell: `>&-`
        raise UnusableError("standard output: it is closed")
    try:
        # What was no text in a file's name is written as it was.
        _write(sys.stdout, text, "utf-8", "surrogateescape")
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnusableError(f"standard output: {error.strerror or error}") from error
    except ValueError as error:  # closed by Python, or of an encoding that does not have these characters
        raise UnusableError(f"standard output: {error}") from error


def complain(line: str) -> None:
    """Write a line to standard error: nothing in it is obeyed by a terminal, or by a service that shows the log.

    Where it cannot be written, nobody can be told so: the exit status says enough.
    """
    if sys.stderr is None:
        return
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    try:
        _write(sys.stderr, f"{log_line(line)}\n", encoding, "backslashreplace")
    except (OSError, ValueError):
        return


def _write(stream: TextIO, text: str, encoding: str, errors: str) -> None:
    """Write a text, all of it, past what Python keeps: what is kept and cannot be written fails again at the end."""
    # What others have printed comes first.
    stream.flush()
    buffer: Any = getattr(stream, "buffer", None)
    if buffer is None:  # no file at all: a program that calls the command collects what it says
        stream.write(text)
        return
    raw = cast("RawIOBase", getattr(buffer, "raw", buffer))
    rest = memoryview(text.encode(encoding, errors))
    while rest:
        written = raw.write(rest)
        if written is None:  # a pipe that is full, and that nobody waits for unless told to
            select.select([], [raw], [])
        else:
            rest = rest[written:]
