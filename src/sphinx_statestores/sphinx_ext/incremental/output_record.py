"""An output folder -> the fingerprints that its pages were written with.

They depend on the output folder and not on the environment: two builders may share doctrees, and a build may stop
between reading and writing. So there is a file for each output folder, beside the doctrees, and a document is removed
from it before its page is written.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores import __version__
from sphinx_statestores.sphinx_ext.incremental.files import keep, read_kept

if TYPE_CHECKING:
    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.incremental.fingerprints import Fingerprints

#: The version of the record. It includes that of the package, which may render the same results differently.
_FORMAT = f"6 of {__version__}"


class Written(NamedTuple):
    """The fingerprints of a written page."""

    #: Digest of its questions.
    asked: str
    #: Digest of its results.
    shown: str
    #: Other documents whose content it shows: a ``todolist`` copies from other pages.
    quoted: tuple[str, ...] = ()


class SiteFile(NamedTuple):
    """A file of the site that is ours alone, as a build has left it."""

    #: Digest of what it was made of.
    inputs: str
    #: See :func:`stamp_of`.
    stamp: tuple[int, ...]


@dataclass
class OutputRecord:
    """The record of one output folder."""

    file: Path
    #: Digest of the inputs of all results if every page was up to date; otherwise empty.
    inputs: str
    pages: dict[str, Written]
    #: Name -> file of the site beside its pages.
    files: dict[str, SiteFile]
    #: Whether a file has been written since the record was saved.
    has_new_files: bool = False
    #: The fingerprints of this build, once its documents have been read.
    fingerprints: Fingerprints | None = None
    #: Document -> its fingerprints in this build, as far as computed.
    found: dict[str, Written] = field(default_factory=dict)
    #: Document -> the other documents whose content it shows, for documents resolved in this build.
    quoted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Document resolved in this build -> the state of its file before.
    resolved: dict[str, object] = field(default_factory=dict)

    def save(self, inputs: str, pages: dict[str, Written]) -> None:
        """Replace the record of the pages in memory, and what has changed of the whole in the file."""
        if (inputs, pages) == (self.inputs, self.pages) and not self.has_new_files:
            return
        self.inputs, self.pages, self.has_new_files = inputs, pages, False
        state = {"format": _FORMAT, "inputs": inputs, "pages": pages, "files": self.files}
        keep(self.file, json.dumps(state, indent=0, sort_keys=True).encode())

    def is_current(self, path: Path, made_of: object) -> bool:
        """Return whether a file is as a build has left it that had the same inputs and *made_of*."""
        stamp = stamp_of(path)
        return bool(stamp and self.fingerprints) and self.files.get(path.name) == SiteFile(
            self._inputs_of(made_of), stamp
        )

    def note_file(self, path: Path, made_of: object) -> None:
        """Record a file of the site that has been written, until :meth:`save` keeps it."""
        self.files[path.name] = SiteFile(self._inputs_of(made_of), stamp_of(path))
        self.has_new_files = True

    def _inputs_of(self, made_of: object) -> str:
        """Return a digest; empty, which is none, if the documents of this build have not been read."""
        prints = self.fingerprints
        return "" if prints is None else blake2b(repr((prints.inputs, made_of)).encode(), digest_size=16).hexdigest()


def open_record(builder: Builder, folder: Path) -> OutputRecord:
    """Read the record of a builder's output folder; *folder* contains the records of all builders.

    A missing or damaged record is empty: then all pages are written again.
    """
    # The file name is a digest of the output folder, which may be anywhere. Several builders may share an output
    # folder.
    outdir = os.fsencode(Path(builder.outdir).absolute())
    key = blake2b(builder.name.encode() + b"\0" + outdir, digest_size=8).hexdigest()
    file = folder / f"{builder.name}-{key}.json"
    return OutputRecord(file, *_read(file))


def stamp_of(path: Path) -> tuple[int, ...]:
    """Return mtime, size and inode of a file; an empty tuple if there is none."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read(file: Path) -> tuple[str, dict[str, Written], dict[str, SiteFile]]:
    try:
        state = json.loads(read_kept(file) or b"")
        if state["format"] == _FORMAT:
            pages = {
                str(docname): Written(str(asked), str(shown), tuple(map(str, quoted)))
                for docname, (asked, shown, quoted) in state["pages"].items()
            }
            files = {
                str(name): SiteFile(str(inputs), tuple(map(int, stamp)))
                for name, (inputs, stamp) in state["files"].items()
            }
            return str(state["inputs"]), pages, files
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    return "", {}, {}
