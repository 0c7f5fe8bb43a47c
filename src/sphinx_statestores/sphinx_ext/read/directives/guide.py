"""The directives for the parts of the guide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.phrases import gettext_noop
from sphinx_statestores.sphinx_ext.read.directives.base import Options, StoreDirective
from sphinx_statestores.sphinx_ext.read.questions import GuideQuestion

if TYPE_CHECKING:
    from docutils import nodes


#: Part -> the text that is displayed when the registry does not have it.
EMPTY_PARTS = {
    "conventions": gettext_noop("No naming conventions."),
    "backends": gettext_noop("No backend guide."),
    "deployments": gettext_noop("No deployment examples."),
    "code": gettext_noop("No generated code."),
}


class GuideDirective(StoreDirective):
    """One part of the guide."""

    #: A key of :data:`sphinx_statestores.sphinx_ext.resolve.guide.GUIDE_PARTS`.
    part = ""
    option_spec = Options("no-index", "class", "name")

    def made(self) -> list[nodes.Node]:
        """Return a placeholder that is replaced by the part at write time."""
        options = self.known(self.options)
        question = GuideQuestion(self.part, indexed=not self.flag(options, "no-index"))
        return [self.named(self.placeholder(question, options, empty=EMPTY_PARTS[self.part]), options)]


class StoreConventions(GuideDirective):
    """The naming conventions, and how many stores follow each."""

    part = "conventions"


class StoreBackends(GuideDirective):
    """The backend selection guide."""

    part = "backends"


class StoreDeployments(GuideDirective):
    """The deployment examples."""

    part = "deployments"


class StoreCode(GuideDirective):
    """The generated-code reference."""

    part = "code"
