"""A site on the disk: its sources, and builds of it that are measured."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LAUNCHER = Path(__file__).parent / "launcher.py"


class BuildFailedError(Exception):
    """A build ended with an error, with warnings or not at all."""


@dataclass(frozen=True)
class Measured:
    """What a build took and did."""

    #: Seconds.
    wall: float
    #: Seconds of processors, with the processes that were started.
    cpu: float
    #: Bytes, the most that the largest process had at a time.
    memory: int
    #: The documents whose doctree was written.
    read: frozenset[str]
    #: The documents whose page was written.
    written: frozenset[str]


@dataclass(frozen=True)
class Sizes:
    """How many bytes a build left."""

    #: Of the doctrees of all documents.
    doctrees: int
    #: Of what is beside them: the environment, and what extensions keep.
    environment: int
    #: Of all pages.
    html: int


@dataclass(frozen=True)
class Workspace:
    """A folder with the sources of one contender and what is built of them."""

    folder: Path
    jobs: int = 1

    @property
    def sources(self) -> Path:
        """What is built."""
        return self.folder / "source"

    @property
    def html(self) -> Path:
        """The site."""
        return self.folder / "html"

    @property
    def doctrees(self) -> Path:
        """What Sphinx remembers."""
        return self.folder / "doctrees"

    def write(self, files: Mapping[str, str]) -> None:
        """Write sources; those that are the same already keep their times, as a careful generator sees to it."""
        for name, text in files.items():
            path = self.sources / name
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")

    def build(self, docnames: Iterable[str], *, seconds: float, profile: Path | None = None) -> Measured:
        """Build the site and measure it.

        Raises :exc:`BuildFailedError` when it fails, warns of anything, or takes longer than so many seconds.
        """
        before = self._stamps(docnames)
        result, log = self.folder / "measured.json", self.folder / "build.log"
        profiler = ["-m", "cProfile", "-o", str(profile)] if profile else []
        sphinx = ["-m", "sphinx", "-q", "-b", "html", "-j", str(self.jobs), "-d", str(self.doctrees)]
        build = [sys.executable, *profiler, *sphinx, str(self.sources), str(self.html)]
        _launch([str(result), str(log), *build], self.folder, seconds)
        measured = json.loads(result.read_text(encoding="utf-8"))
        said = log.read_text(encoding="utf-8", errors="replace").strip()
        if measured["status"] or said:
            raise BuildFailedError(f"exit status {measured['status']}: {said[-1500:]}")
        after = self._stamps(docnames)
        read, written = (
            frozenset(docname for docname, stamp in stamps.items() if before[part].get(docname) != stamp)
            for part, stamps in after.items()
        )
        return Measured(measured["wall"], measured["cpu"], measured["memory"], read, written)

    def sizes(self) -> Sizes:
        """Weigh what the last build left."""
        kept = [path for path in self.doctrees.rglob("*") if path.is_file()]
        doctrees = sum(path.stat().st_size for path in kept if path.suffix == ".doctree")
        return Sizes(
            doctrees,
            sum(path.stat().st_size for path in kept) - doctrees,
            sum(path.stat().st_size for path in self.html.rglob("*.html")),
        )

    def _stamps(self, docnames: Iterable[str]) -> dict[str, dict[str, int]]:
        """Return when each document was read and written: a measure that costs the build nothing."""
        found: dict[str, dict[str, int]] = {"read": {}, "written": {}}
        for docname in docnames:
            for part, path in (
                ("read", self.doctrees / f"{docname}.doctree"),
                ("written", self.html / f"{docname}.html"),
            ):
                if path.is_file():
                    found[part][docname] = path.stat().st_mtime_ns
        return found


def _launch(arguments: list[str], folder: Path, seconds: float) -> None:
    """Run the launcher in a group of its own, which is ended as a whole when it takes too long or at an interrupt."""
    # An extension under development has its modules compiled once, as what is installed has.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_LAUNCHER), *arguments],
        cwd=folder,
        # What hashing shuffles would differ from run to run.
        env={**environment, "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    try:
        status = process.wait(seconds)
    except BaseException as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if isinstance(error, subprocess.TimeoutExpired):
            raise BuildFailedError(f"stopped after {seconds:g} seconds") from error
        raise
    if status:
        raise BuildFailedError(f"it could not be started: exit status {status}")
