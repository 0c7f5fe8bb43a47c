"""A registry and a jinja template of the project -> text, rendered in a separate process.

Templates are untrusted, and no sandbox inside this process could limit their time and memory.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import sysconfig
import threading
from contextlib import suppress
from importlib.machinery import PathFinder
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sphinx_statestores.export.format import ExportError, Format, Written
from sphinx_statestores.export.template_exchange import LIMITS, OVERHEAD, Limits, Request, read_answers
from sphinx_statestores.export.template_files import find_template
from sphinx_statestores.export.template_values import as_plain_values

if TYPE_CHECKING:
    from typing import BinaryIO

    from sphinx_statestores.export.format import ExportOptions
    from sphinx_statestores.export.template_exchange import Pages
    from sphinx_statestores.registry.model import Registry

#: The number of lines at the start of a file in which the mark of a generated file is expected.
_MARKED_LINES = 10

#: The program of the process. Its arguments are the folders of the required packages. They are appended to
#: ``sys.path``, after the standard library: nothing else of this process's path is used.
_PROGRAM = "import sys; sys.path += sys.argv[1:]; from sphinx_statestores.export.template_worker import main; main()"
_NEEDED = ("jinja2", "markupsafe")
_OWN_FOLDER = str(Path(__file__).absolute().parents[2])
#: Variables that Python may need to start. The template gets no other environment variables.
_ENVIRONMENT = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


def render(path: Path, registry: Registry, root: Path | None = None, limits: Limits = LIMITS) -> str:
    """Take the path of a template and a registry; return the text.

    *root* is the root of the repository when a registry names the template; None when the caller is trusted. Raises
    :exc:`ExportError` for any fault of the template.
    """
    (text,) = _rendered(path, registry, root, None, limits)
    if isinstance(text, ExportError):
        raise text
    return text


def render_pages(path: Path, registry: Registry, pages: Pages, limits: Limits = LIMITS) -> list[str | ExportError]:
    """Take a template, a registry and services; return the page of each service, or the error.

    Raises :exc:`ExportError` when the template cannot be read or the process cannot be started.
    """
    return _rendered(path, registry, None, pages, limits) if pages.services else []


def _rendered(
    path: Path, registry: Registry, root: Path | None, pages: Pages | None, limits: Limits
) -> list[str | ExportError]:
    file = find_template(path, root)
    count = 1 if pages is None else len(pages.services)
    request = Request(file, as_plain_values(registry), pages, limits)
    data, end = _ask(pickle.dumps(request, protocol=5), limits.output + OVERHEAD * count, limits.seconds)
    answers = islice(read_answers(data), count)
    rendered = [words if is_text else ExportError(words) for is_text, words in answers]
    return rendered + [ExportError(f"{file.name}: {end}")] * (count - len(rendered))


def _ask(request: bytes, most: int, seconds: float) -> tuple[bytes, str]:
    """Run a process with a request; return up to *most* bytes of its output, and how it ended.

    When this returns or raises, the process and the thread that watches it have ended.
    """
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        process.kill()

    watch = threading.Timer(seconds, end)
    with _start() as process:
        try:
            watch.start()
            data = _exchange(process, request, most)
        finally:
            process.kill()
            process.wait()
            watch.cancel()
            if watch.is_alive():
                watch.join()
    return data, f"it ran for more than {seconds:g} seconds" if is_late.is_set() else _ending(process.returncode)


def _start() -> subprocess.Popen[bytes]:
    if not sys.executable:
        raise ExportError(
            "a template is rendered by a separate process, but no Python interpreter was found to run it"
        )
    command = [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _PROGRAM, *_folders()]
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter, and a program that is written here
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(sys.executable).anchor or None,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise ExportError(f"the process that renders a template cannot be started: {error.strerror}") from error


def _folders() -> list[str]:
    """Return the folders of the packages that the process needs."""
    # Installed packages first: `sys.path` may have untrusted folders, such as the current one.
    installed = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), _OWN_FOLDER]
    folders = [_OWN_FOLDER]
    for name in _NEEDED:
        found = PathFinder.find_spec(name, [*installed, *sys.path])
        if found is None or found.origin is None:
            raise ExportError(f"a template needs the package {name!r}, which is not installed")
        # The folder that holds the package.
        folders.append(str(Path(found.origin).absolute().parents[1]))
    return list(dict.fromkeys(folders))


def _exchange(process: subprocess.Popen[bytes], request: bytes, most: int) -> bytes:
    with suppress(OSError), cast("BinaryIO", process.stdin) as stream:  # it may have ended already
        stream.write(request)
    data = cast("BinaryIO", process.stdout).read(most)
    if len(data) < most:
        # Wait first: the process's own exit status says more than that it was killed.
        process.wait()
    return data


def _ending(status: int) -> str:
    """Return why a process ended before its output was complete."""
    how = f"status {status}"
    with suppress(ValueError):
        how = signal.Signals(-status).name
    return f"the process that renders it has crashed ({how}): the template may need too much memory"


def _write(registry: Registry, options: ExportOptions) -> Written:
    if options.template is None:
        raise ExportError("no template is given: name it with --template, or as 'template' of the output")
    return Written(render(options.template, registry, options.template_root))


def _is_marked(beginning: str) -> bool:
    """Return whether one of the first lines names this program, as ``Code generated by statestores`` does."""
    return any("statestores" in line for line in beginning.splitlines()[:_MARKED_LINES])


FORMAT = Format(_write, _is_marked, frozenset({"template"}))
