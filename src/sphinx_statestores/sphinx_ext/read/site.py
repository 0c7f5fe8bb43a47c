"""What reading a page needs of the build that is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from gettext import NullTranslations

    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.read.questions import CountQuestion, LabelQuestion


class ReadingSite(Protocol):
    """The domain, as those see it who read pages."""

    @property
    def has_begun(self) -> bool:
        """Whether a build is under way."""

    def words(self, docname: str) -> NullTranslations:
        """Return the words for a document that is read, and note that it has some of them."""

    def note_guide_parts(self, docname: str) -> tuple[str, ...]:
        """Return the parts of the guide that the registry has, and note that a document was read with these."""

    def text_of(self, question: CountQuestion | LabelQuestion) -> str:
        """Return what a role shows within a line of text, by the registry of this build."""


def site_of(env: BuildEnvironment) -> ReadingSite:
    """Return what knows the build that is under way."""
    return cast("ReadingSite", env.get_domain("statestore"))
