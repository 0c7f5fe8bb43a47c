"""The nodes that stand for blocks and words until the document is written."""

from __future__ import annotations

from docutils import nodes


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
    """Stands for a few words; ``question`` and ``docname`` as in a :class:`statestores_block`."""
