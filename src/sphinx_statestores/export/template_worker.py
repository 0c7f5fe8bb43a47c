"""A request on standard input -> rendered templates on standard output. This module is the program of a process.

Templates are untrusted. No sandbox inside a program can limit their time and memory, so the process has resource
limits, an empty environment, and access only to the registry and the files beside the template. An error is reported
by its location and its kind. The text of an exception is never reported, since it may contain values.
"""

from __future__ import annotations

import math
import os
import pickle
import re
import sys
import traceback
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from jinja2 import BaseLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, Undefined, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from sphinx_statestores.export.template_exchange import MESSAGE_LENGTH, write_answer
from sphinx_statestores.export.template_files import TemplateFileError, find_included, read_template, shown_path
from sphinx_statestores.export.template_values import FILTERS, variables_of
from sphinx_statestores.registry.quoting import SHOWN_LENGTH, printable, shown
from sphinx_statestores.registry.source import MIB

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment, Template, TemplateRuntimeError

    from sphinx_statestores.export.template_exchange import Limits, Request
    from sphinx_statestores.export.template_files import TemplateFile

#: The memory of a registry with its cached properties, as a multiple of the size of its pickle.
_UNPICKLED = 16
#: Memory that is freed to report an error, in bytes.
_RESERVE = 16 * MIB
#: The memory of Python and jinja with the reserve, in bytes.
_OWN_MEMORY = 64 * MIB

#: Python raises SystemError when there is no memory left for a MemoryError.
_OUT_OF_MEMORY = (MemoryError, SystemError)

_NEWLINE = re.compile(r"\r\n|\r|\n")
# Quoted parts of jinja's messages, and which of them may be reported. Somebody may name a secret file as a template;
# passwords have capitals or digits.
_QUOTED = re.compile("'[^']*'|\"[^\"]*\"")
_TOLD = re.compile(r"[a-z_ ]{1,30}|[^\w\s]{1,3}")


def main() -> None:
    """Read a request from standard input; write an answer for each text to standard output."""
    data = sys.stdin.buffer.read()
    request: Request = pickle.loads(data)  # noqa: S301 - it comes from the program that has started this one
    _limit_this_process(request.limits, len(data))
    answer(request, sys.stdout.buffer)


def _limit_this_process(limits: Limits, size: int) -> None:
    """Set the resource limits of this process, as far as supported; *size* is that of the request in bytes."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    memory = _OWN_MEMORY + limits.memory + _UNPICKLED * size
    # The caller has its own timeout; this limit ends a process whose caller has gone.
    seconds = math.ceil(limits.seconds) + 1
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
    ):
        with suppress(OSError, ValueError):  # a lower limit is set already, or the system does not support this one
            resource.setrlimit(kind, (most, most))


def answer(request: Request, stream: BinaryIO) -> None:
    """Render the request; write an answer for each text to *stream*."""
    limits = request.limits
    loader = _Loader(request.file, limits.output)
    # Freed on an error: otherwise there may be no memory left to report it.
    reserve: list[bytearray] = [bytearray(_RESERVE)]
    template: Template | None = None
    message = ""
    try:
        template = _compiled(_environment(loader, is_page=request.pages is not None), loader)
    except Exception as error:  # noqa: BLE001 - an invalid template, of any kind
        reserve.clear()
        message = _message(error, loader, limits)
    left = limits.output
    for variables in variables_of(request.registry, request.pages):
        data = bytearray()
        if template is not None:
            try:
                reserve[:] = [bytearray(_RESERVE)]
                _render(template, variables, data, left)
                message = ""
            except Exception as error:  # noqa: BLE001 - the template's expressions may raise anything
                reserve.clear()
                message = _message(error, loader, limits)
        if message:
            data[:] = message[:MESSAGE_LENGTH].encode("utf-8", "backslashreplace")
        else:
            left -= len(data)
        write_answer(stream, is_text=not message, data=data)


class _Loader(BaseLoader):
    """Loads the templates in a folder, and caches their sources by the names in messages."""

    def __init__(self, file: TemplateFile, limit: int) -> None:
        self.file = file
        self.sources: dict[str, str] = {}
        self._limit = limit

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        try:
            source = read_template(find_included(os.fsdecode(self.file.folder), template), self._limit)
        except FileNotFoundError:
            raise TemplateNotFound(template) from None
        except TemplateFileError as error:
            raise _RefusedError(template, str(error)) from None
        name = shown_path(str(Path(self.file.parent, template)))
        self.sources[name] = source
        return source, name, lambda: True

    def read_first(self) -> str:
        """Return the text of the main template, without the checks of included names."""
        self.sources[self.file.name] = source = read_template(os.fsdecode(self.file.path), self._limit)
        return source


class _RefusedError(Exception):
    """A template includes a file that is not allowed or not a template."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        self.reason = reason


class _TooLargeError(Exception):
    """The generated text is too large."""


class _SurrogateError(Exception):
    """The generated text contains surrogates."""


class _Named(Undefined):
    """An undefined value; using it raises an exception with its name."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[TemplateRuntimeError] = UndefinedError,
    ) -> None:
        super().__init__(hint, obj, name, partial(_with_name, exc, name))  # type: ignore[arg-type] # called, to raise


class _StrictlyNamed(_Named, StrictUndefined):
    """The same, but converting it to text raises as well."""

    __slots__ = ()


def _with_name(kind: type[TemplateRuntimeError], name: object, message: str) -> TemplateRuntimeError:
    error = kind(message)
    error.name = name  # type: ignore[attr-defined] # as AttributeError has one
    return error


def _environment(loader: _Loader, *, is_page: bool) -> Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        undefined=_Named if is_page else _StrictlyNamed,
        # The output format is not known to be HTML: a template chooses a filter for each text.
        autoescape=False,
        trim_blocks=not is_page,
        lstrip_blocks=not is_page,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    environment.globals.pop("lipsum", None)
    return environment


def _compiled(environment: Environment, loader: _Loader) -> Template:
    code = environment.compile(loader.read_first(), filename=loader.file.name)
    return environment.template_class.from_code(environment, code, environment.make_globals(None))


def _render(template: Template, variables: dict[str, Any], data: bytearray, limit: int) -> None:
    """Append the text to *data*, encoded as UTF-8."""
    for piece in template.generate(variables):
        try:
            data += piece.encode("utf-8")
        except UnicodeEncodeError:
            raise _SurrogateError from None
        if len(data) > limit:
            raise _TooLargeError


def _message(error: Exception, loader: _Loader, limits: Limits) -> str:
    """Return the location and kind of an error, quoting only words of the template itself."""
    name, number = _place(error, loader)
    # Out of memory: do not search a file that may be large.
    line = "" if isinstance(error, _OUT_OF_MEMORY) else _line(loader.sources.get(name, ""), number)
    return f"{name}:{number}: {_kind(error, line, limits)}" if number else f"{name}: {_kind(error, line, limits)}"


def _place(error: Exception, loader: _Loader) -> tuple[str, int]:
    """Return the template or included file and the line of an error; the line is 0 when it is not known."""
    if isinstance(error, TemplateSyntaxError):
        return error.filename or loader.file.name, error.lineno
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    return next((place for place in reversed(frames) if place[0] in loader.sources), (loader.file.name, 0))


def _line(source: str, number: int) -> str:
    """Return a line of a template, numbered as in jinja."""
    lines = _NEWLINE.split(source)
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _kind(error: Exception, line: str, limits: Limits) -> str:
    """Return a description of an error; *line* is the template's line, and only its words are quoted."""
    match error:
        case TemplateSyntaxError():
            return printable(_QUOTED.sub(_allowed_quote, error.message or "this is not a valid template"))
        case SecurityError():
            return "this is not allowed in a template"
        case UndefinedError():
            return f"{_quoted_name(getattr(error, 'name', None), line) or 'a name or a field'} is undefined"
        case TemplateNotFound():
            return f"there is no template {_quoted_path(error.name, line) or 'of that name'} beside it"
        case _RefusedError():
            return f"the template {_quoted_path(error.name, line)} {error.reason}".replace("  ", " ")
        case TemplateFileError():
            return f"the template {error}"
        case _SurrogateError():
            return "it generates a lone surrogate, which is not a valid character"
        case _TooLargeError():
            return f"it generates more text than the limit of {limits.output:,} bytes"
        case MemoryError() | SystemError():
            return f"it needs more memory than the limit of {limits.memory / MIB:,.0f} MiB"
        case RecursionError():
            return "it calls itself too often, or is nested too deeply"
        case ZeroDivisionError():
            return "division by zero"
        case OverflowError():
            return "a number or a range is too large"
    return f"this fails ({type(error).__name__})"


def _allowed_quote(match: re.Match[str]) -> str:
    return match[0] if _TOLD.fullmatch(match[0][1:-1]) else "'...'"


def _quoted_name(name: object, line: str) -> str:
    """Return an identifier in quotes when it is a word of the line; otherwise an empty text."""
    if (
        isinstance(name, str)
        and name.isidentifier()
        and len(name) <= SHOWN_LENGTH
        and name in re.findall(r"\w+", line)
    ):
        return repr(name)
    return ""


def _quoted_path(name: object, line: str) -> str:
    """Return the name of a template in quotes when it is in the line; otherwise an empty text."""
    return shown(name) if isinstance(name, str) and name in line else ""
