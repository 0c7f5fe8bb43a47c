"""What the tests share: small sites that are built again and again, a browser, the command and a terminal."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any, Protocol, cast

import hypothesis
import pytest
import sphinx
from playwright.sync_api import Error, sync_playwright
from sphinx.testing.util import SphinxTestApp

from benchmarks.browser import start_chromium
from benchmarks.outputs import output_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from docutils import nodes
    from playwright.sync_api import Browser, Page
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

#: Fixtures of running servers.
pytest_plugins = ["live_servers"]

ROOT = Path(__file__).parent.parent

# No test depends on what the caller's environment says of terminals (Sphinx colours its output where CI is set).
_TERMINAL = ("NO_COLO", "FORCE_COLO", "TERM", "COLUMNS", "PYTHONUNBUFFERED", "COVERAGE")
for _name in [name for name in os.environ if name == "CI" or name.startswith(_TERMINAL)]:
    del os.environ[_name]

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

REGISTRY = """\
x-state-stores:
  auth-statestore:
    backend: redis
    prefix: auth
    service: Auth
    purpose: Session and token state (ephemeral)
  auth-lock:
    backend: redis
    prefix: auth:lock # statestores: ignore[nested_prefix]
    service: Auth
    purpose: Locks for `auth-statestore`
    tags: [lock]
  account-statestore:
    backend: mysql
    service: Account
    purpose: Persistent account data
    x-team: identity
  account-archive:
    backend: mysql
    service: Account
    purpose: Accounts that were closed
    status: deprecated
    replacedBy: account-statestore
    readers: [Auth]
  character-encounter-statestore:
    backend: mysql
    service: CharacterEncounter
    purpose: Encounter records & "perspectives" <of> participants
"""

# A busy machine must not fail a test.
hypothesis.settings.register_profile(
    "project", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("project")


@dataclass
class Built:
    """What a build did."""

    app: Sphinx
    outdir: Path
    #: One line each, without colours.
    warnings: list[str]
    #: The documents that were read, sorted.
    read: list[str]
    #: The documents that were written, sorted.
    written: list[str]
    #: What it said beside its warnings, without colours.
    status: str

    @property
    def env(self) -> BuildEnvironment:
        """The environment after the build."""
        return self.app.env

    def text(self, name: str) -> str:
        """The content of an output file."""
        return (self.outdir / name).read_text(encoding="utf-8")

    def resolved(self, docname: str) -> nodes.document:
        """The doctree that the builder's writer gets."""
        resolve: Any = self.env.get_and_resolve_doctree
        if sphinx.version_info < (9,):
            return cast("nodes.document", resolve(docname, self.app.builder))
        return cast("nodes.document", resolve(docname, self.app.builder, tags=self.app.tags))

    def files(self) -> dict[str, bytes]:
        """Every output file that must not depend on the way to it."""
        return output_files(self.outdir)


#: What is written where no page shows an edit. Sphinx up to 8.1 ends a build that finds nothing to write, and leaves
#: the indices as they were.
WRITTEN_UNSEEN = ["index"] if sphinx.version_info < (8, 2) else []


class Site:
    """A Sphinx project in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._apps: list[SphinxTestApp] = []
        self.registry(REGISTRY)
        self.conf("")

    def write(self, name: str, text: str) -> None:
        """Write a source file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")

    def conf(self, text: str) -> None:
        """Write conf.py: the extension, then *text*."""
        # Newer versions of Sphinx show the kinds of warnings unasked.
        head = 'extensions = ["sphinx_statestores", "myst_parser"]\nhtml_theme = "basic"\nshow_warning_types = True\n'
        self.write("conf.py", head + dedent(text))

    def registry(self, text: str, name: str = "schemas/state-stores.yaml") -> None:
        """Write the registry."""
        self.write(name, text)

    def build(
        self,
        builder: str = "html",
        *,
        parallel: int = 0,
        builddir: str = "_build",
        filenames: Sequence[Path] = (),
        **confoverrides: Any,
    ) -> Built:
        """Run Sphinx as from the command line: a new application over what is on the disk."""
        self.close()
        app = SphinxTestApp(
            builder,
            srcdir=self.folder,
            builddir=self.folder / builddir,
            parallel=parallel,
            confoverrides=confoverrides,
        )
        self._apps.append(app)
        read: list[str] = []
        written: set[str] = set()
        app.connect("env-before-read-docs", lambda *args: read.extend(args[2]))
        app.connect("doctree-resolved", lambda *args: written.add(args[2]))
        app.build(filenames=list(filenames))
        warnings = _COLOURS.sub("", app.warning.getvalue()).splitlines()
        status = _COLOURS.sub("", app.status.getvalue())
        return Built(app, Path(app.outdir), warnings, sorted(read), sorted(written), status)

    def close(self) -> None:
        """Undo what the applications did to docutils."""
        for app in self._apps:
            app.cleanup()


@pytest.fixture(scope="module")
def new_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Site]]:
    """Return what makes a site that several tests share; each has a registry of five stores and no pages yet."""
    made: list[Site] = []

    def make() -> Site:
        made.append(Site(tmp_path_factory.mktemp("site") / "site"))
        return made[-1]

    yield make
    for found in made:
        found.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site with a registry of five stores and no pages yet."""
    found = Site(tmp_path / "site")
    yield found
    found.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium: the one that ``CHROMIUM`` names, the machine's, or Playwright's own."""
    with sync_playwright() as playwright:
        try:
            started = start_chromium(playwright)
        except Error as error:
            pytest.fail(f"these tests need Chromium ('make chromium' installs it): {error}")
        yield started
        started.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return what opens a page by its address, with the options of a browser's context; its errors fail a test."""
    contexts = []
    errors: list[str] = []

    def open_page(address: str, **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type] # whatever a context takes
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


class Server:
    """A web server on this machine that answers what a test says, and notes what it is asked."""

    def __init__(self) -> None:
        #: Path -> content, or status and headers of an answer without content.
        self.answers: dict[str, bytes | tuple[int, dict[str, str]]] = {}
        #: Headers of all answers.
        self.headers: dict[str, str] = {}
        #: In seconds.
        self.delay = 0.0
        #: How many bytes an answer promises and does not send.
        self.missing = 0
        #: Path and headers of each request.
        self.requests: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append((self.path, dict(self.headers)))
                time.sleep(outer.delay)
                found = outer.answers.get(self.path.partition("?")[0], (404, {}))
                status, headers = (200, {}) if isinstance(found, bytes) else found
                content = found if isinstance(found, bytes) else b""
                self.send_response(status)
                for name, value in {
                    "Content-Length": str(len(content) + outer.missing),
                    **outer.headers,
                    **headers,
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):  # whoever asked may have gone
                    self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - that of the base class
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}/"

    def asked(self) -> list[str]:
        """Return the paths of the requests since the last call."""
        found = [path for path, _ in self.requests]
        self.requests.clear()
        return found

    def close(self) -> None:
        """Stop it; a second time does nothing."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A web server without anything; no proxy stands before it."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    found = Server()
    yield found
    found.close()


COMMAND = (sys.executable, "-m", "sphinx_statestores")


class Run(Protocol):
    """Runs the command; the result has its text as bytes."""

    def __call__(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]: ...


class RunInTerminal(Protocol):
    """Runs the command with a terminal for standard output; returns what it got, and the exit status."""

    def __call__(self, *arguments: str, **environment: str) -> tuple[str, int]: ...


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "TERM": "xterm-256color", **more}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to an empty folder, the root of a repository."""
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run() -> Run:
    """Run the command as a script does: its output goes to pipes."""

    def started(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        environment = _environment(**options.pop("env", {}))
        settings: dict[str, Any] = {"capture_output": True, "timeout": 120, "env": environment, **options}
        return subprocess.run([*COMMAND, *arguments], check=False, **settings)

    return started


@pytest.fixture
def run_in_terminal() -> RunInTerminal:
    """Run the command as a person does: standard output is a terminal, all that it gets is returned."""
    pty = pytest.importorskip("pty")

    def started(*arguments: str, **environment: str) -> tuple[str, int]:
        reading, writing = pty.openpty()
        with subprocess.Popen(
            [*COMMAND, *arguments], stdout=writing, stderr=subprocess.DEVNULL, env=_environment(**environment)
        ) as process:
            os.close(writing)
            got = b""
            while True:
                try:
                    piece = os.read(reading, 65536)
                except OSError:  # what Linux says at the end of a terminal
                    break
                if not piece:
                    break
                got += piece
            os.close(reading)
            status = process.wait(timeout=120)
        return got.decode().replace("\r\n", "\n"), status

    return started


class Repository:
    """A git repository in a folder, without anything of the user's configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        """Run git; it has to succeed."""
        who = {
            f"GIT_{role}_{part}": "someone@example.org"
            for role in ("AUTHOR", "COMMITTER")
            for part in ("NAME", "EMAIL")
        }
        quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            [str(shutil.which("git")), *arguments],
            cwd=self.folder,
            env={**os.environ, **who, **quiet},
            check=True,
            capture_output=True,
        )
        return done.stdout.decode().strip()

    def write(self, name: str, text: str | bytes) -> None:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self, tag: str) -> None:
        """Commit everything, and tag it."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", tag)
        self.git("tag", tag)


@pytest.fixture
def git_repository(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository(tmp_path / "repository")
