"""The interface of the domain for code that reads pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from gettext import NullTranslations

    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.read.questions import CountQuestion, LabelQuestion


class ReadingSite(Protocol):
    """The part of the domain that the read phase uses."""

    @property
    def has_begun(self) -> bool:
        """Whether a build has started."""

    def words(self, docname: str) -> NullTranslations:
        """Return the translations for a document that is being read, and record that it uses them."""

    def note_guide_parts(self, docname: str) -> tuple[str, ...]:
        """Return the parts of the guide that the registry has, and note that a document was read with these."""

    def text_of(self, question: CountQuestion | LabelQuestion) -> str:
        """Return the text of an inline role, from the registry of this build."""


def site_of(env: BuildEnvironment) -> ReadingSite:
    """Return the domain object of an environment."""
    return cast("ReadingSite", env.get_domain("statestore"))
