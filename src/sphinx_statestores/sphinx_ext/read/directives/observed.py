"""``statestore-observed``: what was seen on running servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.phrases import gettext_noop
from sphinx_statestores.registry.query import FILTERS
from sphinx_statestores.sphinx_ext.read.directives.base import Options, StoreDirective
from sphinx_statestores.sphinx_ext.read.questions import ObservedQuestion

if TYPE_CHECKING:
    from docutils import nodes

#: The text that is displayed when nothing was seen.
_NOTHING = gettext_noop("Nothing was observed.")


class StoreObserved(StoreDirective):
    """The servers that were asked, the stores that were seen on them, and what belongs to no store."""

    has_filters = True
    option_spec = Options(*FILTERS, "sort", "limit", "empty", "class", "name")

    argument_option = "service"

    def made(self) -> list[nodes.Node]:
        """Return a placeholder that is replaced by what was seen at write time."""
        options = self.known(self.options)
        question = ObservedQuestion(self.query(options))
        return [self.named(self.placeholder(question, options, empty=_NOTHING), options)]
