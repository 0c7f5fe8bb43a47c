"""``statestore-coverage``: the stores and services that the documents do not cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.sphinx_ext.read.directives.base import Options, StoreDirective
from sphinx_statestores.sphinx_ext.read.questions import CoverageQuestion

if TYPE_CHECKING:
    from docutils import nodes


class StoreCoverage(StoreDirective):
    """Stores that no page mentions, services without a page, and other differences between pages and registry."""

    option_spec = Options("class", "name")

    def made(self) -> list[nodes.Node]:
        """Return a placeholder that is replaced by the coverage at write time."""
        options = self.known(self.options)
        return [self.named(self.placeholder(CoverageQuestion(), options), options)]
