"""A registry through a jinja template of the project's own, which is rendered by a process of its own.

A template comes from many hands, and no sandbox within this program would keep it from taking all time and memory.
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

#: In so many lines an output is expected to say that it is one.
_MARKED_LINES = 10

#: What the process runs. Its arguments are the folders of what it needs beside the standard library, behind which
#: they come: nothing that this program finds modules in is looked at.
_PROGRAM = "import sys; sys.path += sys.argv[1:]; from sphinx_statestores.export.template_worker import main; main()"
_NEEDED = ("jinja2", "markupsafe")
_OWN_FOLDER = str(Path(__file__).absolute().parents[2])
#: What Python may need to start; everything else in the environment is none of a template's business.
_ENVIRONMENT = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


def render(path: Path, registry: Registry, root: Path | None = None, limits: Limits = LIMITS) -> str:
    """Return what a template makes of a registry; raise :exc:`ExportError` for whatever is wrong with it.

    *root* is that of the repository where a registry names the template, None where the person who calls does.
    """
    (text,) = _rendered(path, registry, root, None, limits)
    if isinstance(text, ExportError):
        raise text
    return text


def render_pages(path: Path, registry: Registry, pages: Pages, limits: Limits = LIMITS) -> list[str | ExportError]:
    """Return what a template makes of each service of some pages, or why it cannot; raise :exc:`ExportError`."""
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
    """Start a process with a request; return at most so many bytes of what it says, and how it has ended.

    Whatever happens, neither the process nor the thread that watches it is there afterwards.
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
    return data, f"it runs for more than {seconds:g} seconds" if is_late.is_set() else _ending(process.returncode)


def _start() -> subprocess.Popen[bytes]:
    if not sys.executable:
        raise ExportError("a template is rendered by a process of its own, and this program knows no Python for it")
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
    """Return the folders of what the process needs beside the standard library."""
    # What is installed comes first: `sys.path` may have folders of strangers, as the current one.
    installed = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), _OWN_FOLDER]
    folders = [_OWN_FOLDER]
    for name in _NEEDED:
        found = PathFinder.find_spec(name, [*installed, *sys.path])
        if found is None or found.origin is None:
            raise ExportError(f"a template needs the package {name!r}, which is not installed")
        # The folder of a package is that above the one with its first file.
        folders.append(str(Path(found.origin).absolute().parents[1]))
    return list(dict.fromkeys(folders))


def _exchange(process: subprocess.Popen[bytes], request: bytes, most: int) -> bytes:
    with suppress(OSError), cast("BinaryIO", process.stdin) as stream:  # it may have ended already
        stream.write(request)
    data = cast("BinaryIO", process.stdout).read(most)
    if len(data) < most:
        # How it ends by itself tells more than that it has been stopped.
        process.wait()
    return data


def _ending(status: int) -> str:
    """Say how a process has ended that should have said more."""
    how = f"status {status}"
    with suppress(ValueError):
        how = signal.Signals(-status).name
    return f"the process that renders it has ended ({how}): the template may need more memory than there is"


def _write(registry: Registry, options: ExportOptions) -> Written:
    if options.template is None:
        raise ExportError("there is no template: name it with --template, or as 'template' of the output")
    return Written(render(options.template, registry, options.template_root))


def _is_marked(beginning: str) -> bool:
    """Return whether one of the first lines names this program, as ``Code generated by statestores`` does."""
    return any("statestores" in line for line in beginning.splitlines()[:_MARKED_LINES])


FORMAT = Format(_write, _is_marked, frozenset({"template"}))
