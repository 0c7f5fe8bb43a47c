"""Where a command's words go: results to standard output, all else to standard error."""

from __future__ import annotations

import os
import sys

from sphinx_statestores.cli.outcome import UnusableError
from sphinx_statestores.export.files import encode


def print_result(text: str) -> None:
    """Write what was asked for to standard output, as UTF-8 with plain line ends, all of it now."""
    try:
        sys.stdout.buffer.write(encode(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left in the buffer would fail again at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UnusableError(f"standard output: {error.strerror}") from error


def complain(line: str) -> None:
    """Write a line to standard error; a file's name that is no text is shown escaped."""
    print(line.encode("utf-8", "backslashreplace").decode(), file=sys.stderr)
