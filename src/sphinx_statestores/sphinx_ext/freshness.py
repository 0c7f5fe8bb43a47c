"""Which documents have to be written again because their answers changed.

What a document was last written with is a fact about an output folder, not about the environment: two
builders may share doctrees, and a build may stop between reading and writing. So it is kept in a file for
each output folder, beside the doctrees, and a document is taken out of it before it is written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores import __version__
from sphinx_statestores.export.files import write_if_different

if TYPE_CHECKING:
    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.answers import Answers

#: A page is written again by another version: what it makes of the same answers may differ.
_FORMAT = f"1 of {__version__}"


class Written(NamedTuple):
    """What an output folder was written with."""

    #: Of everything that answers depend on; empty when not every document is up to date with it.
    inputs: str
    #: Document -> fingerprint of its answers.
    documents: dict[str, str]


@dataclass
class Freshness:
    """Compares the answers of this build with those that an output folder was written with."""

    file: Path
    recorded: Written
    #: What everything depends on in this build.
    inputs: str = ""
    #: Document -> fingerprint of its answers in this build.
    current: dict[str, str] = field(default_factory=dict)
    #: The documents that this build has begun to write.
    begun: set[str] = field(default_factory=set)

    def outdated(self, answers: Answers, inputs: str) -> list[str]:
        """Return the documents whose answers are not those they were written with.

        From here on they count as unwritten, whatever becomes of this build.
        """
        self.inputs = inputs
        if self.recorded.inputs == inputs:
            self.current = dict(self.recorded.documents)
            return []
        self.current = answers.fingerprints()
        sound = {
            docname: fingerprint
            for docname, fingerprint in self.recorded.documents.items()
            if self.current.get(docname) == fingerprint
        }
        self._save(Written("", sound))
        return sorted(docname for docname in self.current if docname not in sound)

    def finish(self) -> None:
        """Record that what was begun has been written."""
        documents = {**self.recorded.documents, **{docname: self.current[docname] for docname in self.begun}}
        documents = {docname: documents[docname] for docname in sorted(self.current) if docname in documents}
        self._save(Written(self.inputs if documents == self.current else "", documents))

    def begin_document(self, docname: str) -> None:
        """Note that a document is being written."""
        if docname in self.current:
            self.begun.add(docname)

    def _save(self, written: Written) -> None:
        self.recorded = written
        text = json.dumps({"format": _FORMAT, **written._asdict()}, indent=0, sort_keys=True)
        write_if_different(self.file, text)


def open_freshness(builder: Builder, doctreedir: Path) -> Freshness:
    """Read what a builder's output folder was last written with; nothing when that is not to be had."""
    # The folder is named by its digest: it may be anywhere, and two builders may write into one.
    key = blake2b(f"{builder.name}\0{Path(builder.outdir).absolute()}".encode(), digest_size=8).hexdigest()
    file = doctreedir / "statestores" / f"{builder.name}-{key}.json"
    return Freshness(file, _read(file))


def fingerprint_inputs(answers: Answers) -> str:
    """Return a digest of everything that answers depend on."""
    registry = answers.registry
    everything = [
        registry.files,
        repr(answers.settings),
        answers.order,
        answers.titles,
        answers.questions,
        answers.quoted,
        answers.version_digests(),
    ]
    return blake2b(json.dumps(everything).encode(), digest_size=16).hexdigest()


def _read(file: Path) -> Written:
    try:
        state = json.loads(file.read_bytes())
        if state["format"] == _FORMAT:
            documents = {str(docname): str(digest) for docname, digest in state["documents"].items()}
            return Written(str(state["inputs"]), documents)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass  # lost or damaged: everything is written anew, which is always right
    return Written("", {})
