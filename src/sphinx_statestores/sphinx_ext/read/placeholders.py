"""The placeholder nodes, which are replaced by blocks or text when a document is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.read.ancestry import ancestors
from sphinx_statestores.sphinx_ext.read.questions import CountQuestion
from sphinx_statestores.sphinx_ext.read.site import site_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class statestores_block(nodes.General, nodes.Element):  # noqa: N801 - docutils spells nodes so
    """A placeholder for blocks.

    ``question`` is a :data:`~sphinx_statestores.sphinx_ext.read.questions.Question`, ``docname`` the document with
    the directive, whose name is ``directive``. The optional child is a :class:`statestores_empty`.
    """

    def astext(self) -> str:
        """Return an empty text: the content is not known yet when other extensions quote a page."""
        return ""


class statestores_empty(nodes.General, nodes.TextElement):  # noqa: N801 - docutils spells nodes so
    """The text of a paragraph that is displayed when there are no blocks.

    Not a ``paragraph``: extensions that quote the first paragraphs of a page would take it for one.
    """


class statestores_inline(nodes.Inline, nodes.TextElement):  # noqa: N801 - docutils spells nodes so
    """A placeholder for inline text; ``question`` and ``docname`` are as in :class:`statestores_block`.

    While the page is being read, the optional children are its text: ids are made from it, and ids must not depend on
    the registry. ``is_read`` is set afterwards.
    """

    def astext(self) -> str:
        """Return the text from the current registry: other extensions quote titles and paragraphs without a writer.

        The doctree does not contain this text. An extension that stores it at read time keeps the text of that build.
        """
        env = getattr(getattr(self.document, "settings", None), "env", None)
        if not self.get("is_read") or env is None or not site_of(env).has_begun:
            return super().astext()
        return site_of(env).text_of(self["question"])


class statestores_contents(nodes.General, nodes.Element):  # noqa: N801 - docutils spells nodes so
    """A placeholder for entries in a table of contents.

    ``question`` is a ``ContentsQuestion``; ``conditions`` are the expressions of the ``only`` directives around it.
    """


def note_that_all_is_read(app: Sphinx, document: nodes.document) -> None:
    """Mark the inline placeholders as read, after ids and terms have been created (``doctree-read``)."""
    for node in document.findall(statestores_inline):
        node["is_read"] = True
        if isinstance(node["question"], CountQuestion) and _is_in_term(node):
            message = (
                "a glossary term contains a number, without which ':term:' and the index know it: move the number "
                "into the definition"
            )
            warn(Kind.NUMBER_IN_TERM, message, node)


def _is_in_term(node: nodes.Node) -> bool:
    above = list(ancestors(node))
    return any(isinstance(parent, nodes.term) for parent in above) and any(
        isinstance(parent, addnodes.glossary) for parent in above
    )
