"""``statestore-changes``: the changes between two versions of the registry."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sphinx_statestores.registry.diff import KINDS
from sphinx_statestores.registry.messages import one_of
from sphinx_statestores.registry.phrases import NO_CHANGES
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import FILTERS, Complaint
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.sphinx_ext.read.directives.base import Options, StoreDirective
from sphinx_statestores.sphinx_ext.read.questions import ChangesQuestion, Version

if TYPE_CHECKING:
    from docutils import nodes


class StoreChanges(StoreDirective):
    """The stores that were added, removed, renamed or changed, field by field.

    The versions are read at write time, not at read time: a file or a branch may change while the page does not.
    """

    has_filters = True
    option_spec = Options("from", "to", *FILTERS, "show", "empty", "class", "name")

    argument_option = "from"

    def made(self) -> list[nodes.Node]:
        """Return a placeholder that is replaced by the changes at write time."""
        options = self.known(self.options)
        query = self.query(options)
        before, after = (options.get(name, "").strip() for name in ("from", "to"))
        # An argument has been reported with the option to write instead.
        if not before and not self.arguments:
            message = "'from' is missing, the version to compare with: a file or 'REVISION:path'; write ':from: v1.0'"
            self.complain([Complaint(Kind.INVALID_OPTION, message)])
        question = ChangesQuestion(
            self._version(before) if before else None,
            self._version(after) if after else None,
            query,
            self._shown(options.get("show", "")),
        )
        return [self.named(self.placeholder(question, options, empty=NO_CHANGES), options)]

    def _version(self, text: str) -> Version:
        """Return a version: a path is relative to the page, or with a leading ``/`` to the source folder."""
        if text.startswith("/"):
            return Version(text.lstrip("/"), "")
        return Version(text, PurePosixPath(self.env.docname).parent.as_posix())

    def _shown(self, text: str) -> tuple[str, ...]:
        wanted = text.replace(",", " ").split()
        for kind in wanted:
            if kind not in KINDS:
                message = one_of("each word of 'show'", KINDS, f"{shown(kind)}{did_you_mean(kind, KINDS)}")
                self.complain([Complaint(Kind.INVALID_OPTION, message)])
        return tuple(kind for kind in KINDS if kind in wanted) or KINDS
