"""Which documents have to be written again because their answers changed.

What a document was last written with is a fact about an output folder, not about the environment: two
builders may share doctrees, and a build may stop between reading and writing. So it is kept in a file for
each output folder, beside the doctrees, and a document is taken out of it before it is written.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx.application import ENV_PICKLE_FILENAME

from sphinx_statestores import __version__
from sphinx_statestores.sphinx_ext.files import keep, read_kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.fingerprints import Fingerprints
    from sphinx_statestores.sphinx_ext.surroundings import Surroundings

#: A page is written again by another version: what it makes of the same answers may differ.
_FORMAT = f"4 of {__version__}"


class Shown(NamedTuple):
    """What a document was written with."""

    #: Digest of what it asks.
    asked: str
    #: Digest of the answers.
    answered: str


class Written(NamedTuple):
    """What an output folder was written with."""

    #: Of everything that answers depend on; empty when not every document is up to date with it.
    inputs: str
    #: Tells one environment that Sphinx has saved from another.
    environment: str
    #: Digests of what a page has around its content.
    layout: str
    navigation: str
    #: Digest of the registry and the settings; empty where that is not all that is not in the environment.
    settings: str
    documents: dict[str, Shown]

    @property
    def asked(self) -> dict[str, str]:
        """Document -> digest of what it asks."""
        return {docname: shown.asked for docname, shown in self.documents.items()}


def _unsettled(documents: dict[str, Shown]) -> Written:
    return Written("", "", "", "", "", documents)


@dataclass
class Freshness:
    """Compares the answers of this build with those that an output folder was written with."""

    file: Path
    #: Where Sphinx saves its environment whenever a document has been read.
    environment: Path
    recorded: Written
    surroundings: Surroundings
    #: What everything depends on in this build.
    inputs: str = ""
    #: Whether that is what everything was last written with.
    has_same_inputs: bool = False
    #: Whether it is but for what is told of single stores.
    has_same_names: bool = False
    #: The documents that have been read, or have gone, in this build.
    purged: set[str] = field(default_factory=set)
    #: Whether none has since everything was last written.
    has_same_documents: bool = False
    #: The documents that this build has begun to write.
    begun: set[str] = field(default_factory=set)
    _fingerprints: Fingerprints | None = None
    _make: Callable[[], Fingerprints] | None = None
    #: Document -> digest of what it asks in this build.
    _asked: dict[str, str] = field(default_factory=dict)
    #: Document -> digest of its answers in this build, as far as it has been needed.
    _answered: dict[str, str] = field(default_factory=dict)
    #: What the folder was written with, when this build found nothing to be done.
    _before: Written | None = None
    #: What it was written with before this build.
    _last: Written = field(init=False)
    #: What tells the environment that this build began with.
    _environment: str = field(init=False)

    def __post_init__(self) -> None:
        self._last = self.recorded
        self._environment = self._environment_stamp()

    def is_untouched(self, settings: str, make: Callable[[], Fingerprints]) -> bool:
        """Return whether it takes nothing but the settings and the environment to know that nothing is outdated.

        *make* is called when fingerprints are needed all the same, for a document that is written for other reasons.
        """
        self._make = make
        if self.purged or not settings or settings != self.recorded.settings:
            return False
        if not self._has_environment_of(self.recorded):
            return False
        self.inputs, self.has_same_inputs, self.has_same_names = self.recorded.inputs, True, True
        self.has_same_documents = True
        self._before = self.recorded
        self._asked = self.recorded.asked
        return True

    def outdated(self, fingerprints: Fingerprints) -> list[str]:
        """Return the documents whose answers are not those they were written with.

        From here on they count as unwritten, whatever becomes of this build.
        """
        self._fingerprints, self.inputs = fingerprints, fingerprints.inputs()
        self.has_same_documents = not self.purged and self._has_environment_of(self.recorded)
        is_same = self.has_same_inputs = self.recorded.inputs == self.inputs
        edit = None if is_same or not self.recorded.inputs else fingerprints.edit_since(self.recorded.inputs)
        # After such an edit, documents that are the same ask the same.
        asks_the_same = edit is not None and self.has_same_documents
        self._asked = self.recorded.asked if asks_the_same else fingerprints.asked()
        self.has_same_names = is_same or edit is not None
        sound = {}
        for docname, shown in self.recorded.documents.items():
            asked = self._asked.get(docname)
            if asked is None:
                continue
            # Where it is known that the answers are the same, nobody has to give them.
            is_known = shown.asked == asked and (is_same or (edit and not fingerprints.may_differ(docname, edit)))
            # After a small edit a page that may differ does, as a rule, and is about to be written.
            if is_known or self._answer(docname, is_kept=edit is not None) == shown.answered:
                sound[docname] = shown._replace(asked=asked)
        if is_same and sound == self.recorded.documents and len(sound) == len(self._asked):
            self._before = self.recorded
            return []
        self._save(_unsettled(sound))
        return sorted(docname for docname in self._asked if docname not in sound)

    def is_unchanged(self) -> bool:
        """Return whether everything that an output folder is made of is what it was made of.

        Whether documents have been written is another question.
        """
        return self._before is not None and self._has_environment_of(self._before)

    def begin_document(self, docname: str) -> None:
        """Note that a document is being written, and what with: its questions have just been answered."""
        self.begun.add(docname)
        self.unsettle()
        if docname not in self._asked:
            return
        if docname not in self._answered:
            self._answer(docname)
        if self._fingerprints is not None:
            self._fingerprints.forget(docname)

    def unsettle(self) -> None:
        """Note that something is being written: until this build has succeeded, it is not known what is there."""
        if self.recorded.inputs:
            self._save(_unsettled(self.recorded.documents))

    def has_same_surroundings(self) -> bool:
        """Return whether what a page has around its content is what everything was last written with."""
        return self.surroundings.layout == self._last.layout != "" and self._navigation() == self._last.navigation

    def finish(self, settings: str, documents: set[str]) -> None:
        """Record that what was begun has been written, with these settings; *documents* are all that there are."""
        if self.recorded is self._before and self.is_unchanged():
            return
        shown = dict(self.recorded.documents)
        for docname in self.begun & self._asked.keys():
            shown[docname] = Shown(self._asked[docname], self._answered[docname])
        stamp = self._environment_stamp()
        # What was read has to be written, and saved: Sphinx may be asked for other pages, and does not save that a
        # document has gone.
        is_whole = (
            shown.keys() == self._asked.keys()
            and not (self.purged & documents) - self.begun
            and not (self.purged and stamp == self._environment)
        )
        shown = {docname: shown[docname] for docname in sorted(shown)}
        if is_whole:
            written = Written(
                self.inputs, stamp, self.surroundings.layout, self._navigation(), settings if stamp else "", shown
            )
        else:
            written = _unsettled(shown)
        self._save(written)

    def _navigation(self) -> str:
        # Where headings show answers, there are no settings: navigation may change though no document has.
        is_known = self.has_same_documents and self._last.settings
        return self._last.navigation if is_known else self.surroundings.navigation

    def _answer(self, docname: str, *, is_kept: bool = False) -> str:
        if self._fingerprints is None:
            if self._make is None:
                raise RuntimeError("there are no answers before the documents have been read")
            self._fingerprints = self._make()
        self._answered[docname] = self._fingerprints.answered(docname)
        if not is_kept:
            self._fingerprints.forget(docname)
        return self._answered[docname]

    def _has_environment_of(self, written: Written) -> bool:
        return written.environment == self._environment_stamp() != ""

    def _environment_stamp(self) -> str:
        try:
            status = self.environment.stat()
        except OSError:
            return ""
        return f"{status.st_mtime_ns} {status.st_size}"

    def _save(self, written: Written) -> None:
        if written == self.recorded:
            return
        self.recorded = written
        text = json.dumps({"format": _FORMAT, **written._asdict()}, indent=0, sort_keys=True)
        keep(self.file, text.encode())


def open_freshness(builder: Builder, doctreedir: Path, surroundings: Surroundings) -> Freshness:
    """Read what a builder's output folder was last written with; nothing when that is not to be had."""
    # The folder is named by its digest: it may be anywhere, and two builders may write into one.
    outdir = os.fsencode(Path(builder.outdir).absolute())
    key = blake2b(builder.name.encode() + b"\0" + outdir, digest_size=8).hexdigest()
    file = doctreedir / "statestores" / f"{builder.name}-{key}.json"
    return Freshness(file, doctreedir / ENV_PICKLE_FILENAME, _read(file), surroundings)


def _read(file: Path) -> Written:
    try:
        state = json.loads(read_kept(file) or b"")
        if state["format"] == _FORMAT:
            documents = {
                str(docname): Shown(str(asked), str(answered))
                for docname, (asked, answered) in state["documents"].items()
            }
            digests = {name: str(state[name]) for name in Written._fields[:-1]}
            return Written(**digests, documents=documents)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass  # lost or damaged: everything is written anew, which is always right
    return _unsettled({})
