"""The nodes that stand for blocks and words until the document is written."""

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
    """Stands for blocks.

    ``question`` is a :data:`~sphinx_statestores.sphinx_ext.read.questions.Question`, ``docname`` the document that
    asks it. Its one child, if any, is a :class:`statestores_empty`.
    """

    def astext(self) -> str:
        """Return nothing: what is shown is not known yet, and other extensions quote pages that were just read."""
        return ""


class statestores_empty(nodes.General, nodes.TextElement):  # noqa: N801 - docutils spells nodes so
    """The words of a paragraph that is shown when there are no blocks.

    No ``paragraph``: extensions that quote the first paragraphs of a page would take it for one.
    """


class statestores_inline(nodes.Inline, nodes.TextElement):  # noqa: N801 - docutils spells nodes so
    """Stands for a few words; ``question`` and ``docname`` as in a :class:`statestores_block`.

    Its children, if any, are its text until the page has been read: ids are made of it, and no id depends on the
    registry. ``is_read`` is set from then on.
    """

    def astext(self) -> str:
        """Return the words of the build that asks: other extensions quote titles and paragraphs without a writer.

        A doctree holds none of them. What others keep of a page when it is read is what the registry said then.
        """
        env = getattr(getattr(self.document, "settings", None), "env", None)
        if not self.get("is_read") or env is None or not site_of(env).has_begun:
            return super().astext()
        return site_of(env).text_of(self["question"])


def note_that_all_is_read(app: Sphinx, document: nodes.document) -> None:
    """Let placeholders have their text, now that ids and terms are made (``doctree-read``)."""
    for node in document.findall(statestores_inline):
        node["is_read"] = True
        if isinstance(node["question"], CountQuestion) and _is_in_term(node):
            message = (
                "a number in a glossary term: ':term:' and the general index know the term without it; "
                "put the number into the definition"
            )
            warn(Kind.NUMBER_IN_TERM, message, node)


def _is_in_term(node: nodes.Node) -> bool:
    above = list(ancestors(node))
    return any(isinstance(parent, nodes.term) for parent in above) and any(
        isinstance(parent, addnodes.glossary) for parent in above
    )
