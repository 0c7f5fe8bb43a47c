"""Where a command's words go: results to standard output, all else to standard error."""

from __future__ import annotations

import os
import re
import sys

from sphinx_statestores.cli.outcome import UnusableError
from sphinx_statestores.cli.terminal import is_terminal, printable_lines
from sphinx_statestores.registry.quoting import log_line

_LONE_RETURN = re.compile(r"\r(?!\n)")


def print_result(text: str) -> None:
    """Write what was asked for to standard output, as UTF-8 with plain line ends, all of it now.

    A file or a pipe gets the text as it is; a terminal gets nothing that it would obey.
    """
    print_styled(printable_lines(text) if is_terminal() else text)


def print_difference(text: str) -> None:
    r"""Write a diff to standard output, so that each of its lines is one line of a log as well.

    A lone carriage return, where some logs begin a line, is written as ``\r``.
    """
    print_result(_LONE_RETURN.sub(r"\\r", text))


def print_styled(text: str) -> None:
    """Do the same with a text that is fit for a terminal already, and may have colours."""
    if sys.stdout is None:  # closed by the shell: `>&-`
        raise UnusableError("standard output: it is closed")
    try:
        # What was no text in a file's name is written as it was.
        sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left in the buffer would fail again at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UnusableError(f"standard output: {error.strerror}") from error


def complain(line: str) -> None:
    """Write a line to standard error: nothing in it is obeyed by a terminal, or by a service that shows the log."""
    if sys.stderr is not None:
        print(log_line(line), file=sys.stderr)
