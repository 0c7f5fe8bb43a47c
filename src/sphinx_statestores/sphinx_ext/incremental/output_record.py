"""What the pages of an output folder were written with.

That is a fact about an output folder, not about the environment: two builders may share doctrees, and a build may
stop between reading and writing. So it is kept in a file for each output folder, beside the doctrees, and a document
is taken out of it before it is written.
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

#: A page is written again by another version: what it makes of the same results may differ.
_FORMAT = f"5 of {__version__}"


class Written(NamedTuple):
    """What a page was written with."""

    #: Digest of what it asks.
    asked: str
    #: Digest of what it shows.
    shown: str
    #: The documents of which it shows something, beside its own: lists of ``todo`` copy from other pages.
    quoted: tuple[str, ...] = ()


@dataclass
class OutputRecord:
    """The record of one output folder."""

    file: Path
    #: Digest of what all results were made of, when every page was up to date; else empty.
    inputs: str
    pages: dict[str, Written]
    #: What makes the digests of this build, once its documents have been read.
    fingerprints: Fingerprints | None = None
    #: Document -> what it shows in this build, as far as that is known.
    found: dict[str, Written] = field(default_factory=dict)
    #: Document -> the other documents of which it shows something, for those that were resolved in this build.
    quoted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Documents that have been resolved in this build -> their files before that.
    resolved: dict[str, object] = field(default_factory=dict)

    def save(self, inputs: str, pages: dict[str, Written]) -> None:
        """Replace what is recorded, in memory and in the file."""
        if (inputs, pages) == (self.inputs, self.pages):
            return
        self.inputs, self.pages = inputs, pages
        state = {"format": _FORMAT, "inputs": inputs, "pages": pages}
        keep(self.file, json.dumps(state, indent=0, sort_keys=True).encode())


def open_record(builder: Builder, folder: Path) -> OutputRecord:
    """Read what a builder's output folder was last written with; *folder* has the records of all of them.

    A record that is lost or damaged is empty: then everything is written again, which is always right.
    """
    # The file is named by a digest of the folder: that may be anywhere, and two builders may write into one.
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
