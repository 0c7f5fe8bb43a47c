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
_FORMAT = f"5 of {__version__}"


class Written(NamedTuple):
    """The fingerprints of a written page."""

    #: Digest of its questions.
    asked: str
    #: Digest of its results.
    shown: str
    #: Other documents whose content it shows: a ``todolist`` copies from other pages.
    quoted: tuple[str, ...] = ()


@dataclass
class OutputRecord:
    """The record of one output folder."""

    file: Path
    #: Digest of the inputs of all results if every page was up to date; otherwise empty.
    inputs: str
    pages: dict[str, Written]
    #: The fingerprints of this build, once its documents have been read.
    fingerprints: Fingerprints | None = None
    #: Document -> its fingerprints in this build, as far as computed.
    found: dict[str, Written] = field(default_factory=dict)
    #: Document -> the other documents whose content it shows, for documents resolved in this build.
    quoted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Document resolved in this build -> the state of its file before.
    resolved: dict[str, object] = field(default_factory=dict)

    def save(self, inputs: str, pages: dict[str, Written]) -> None:
        """Replace the record, in memory and in the file."""
        if (inputs, pages) == (self.inputs, self.pages):
            return
        self.inputs, self.pages = inputs, pages
        state = {"format": _FORMAT, "inputs": inputs, "pages": pages}
        keep(self.file, json.dumps(state, indent=0, sort_keys=True).encode())


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


def _read(file: Path) -> tuple[str, dict[str, Written]]:
    try:
        state = json.loads(read_kept(file) or b"")
        if state["format"] == _FORMAT:
            pages = {
                str(docname): Written(str(asked), str(shown), tuple(map(str, quoted)))
                for docname, (asked, shown, quoted) in state["pages"].items()
            }
            return str(state["inputs"]), pages
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    return "", {}
