"""A document that was just read -> Sphinx's titles, tables of contents and captions, with placeholders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_statestores.sphinx_ext.read.ancestry import ancestors
from sphinx_statestores.sphinx_ext.read.placeholders import statestores_inline

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.read.questions import Question

_QUOTED = (nodes.title, nodes.caption)
#: Attributes of Sphinx's environment with a value for each document.
_PARTS = ("titles", "longtitles", "tocs")


@dataclass(frozen=True)
class Headings:
    """Titles, tables of contents and captions of a document, with placeholders."""

    #: The questions of the placeholders.
    questions: tuple[Question, ...]
    #: Attribute of the environment -> its value for the document.
    parts: dict[str, nodes.Element]
    #: Id of a section, table or figure -> its title or caption.
    captions: dict[str, nodes.Element]


def is_quoted(node: nodes.Node) -> bool:
    """Return whether a node is in a heading or a caption."""
    return any(isinstance(parent, _QUOTED) for parent in ancestors(node))


def headings_of(document: nodes.document, env: BuildEnvironment) -> Headings | None:
    """Return the headings of a document that was just read; None without placeholders.

    Call it after Sphinx's environment collectors.
    """
    asking = [node for node in document.findall(statestores_inline) if is_quoted(node)]
    if not asking:
        return None
    kept = {part: getattr(env, part).get(env.docname) for part in _PARTS}
    captions: dict[str, nodes.Element] = {
        identifier: _copied(title)
        for kind in _QUOTED
        for title in document.findall(kind)
        if any(True for _ in title.findall(statestores_inline))
        for identifier in title.parent["ids"]
    }
    return Headings(
        tuple(dict.fromkeys(node["question"] for node in asking)),
        {part: _copied(tree) for part, tree in kept.items() if tree is not None},
        captions,
    )


def _copied(tree: nodes.Element) -> nodes.Element:
    """Return a copy of a heading without a reference to its document, which would be pickled with it."""
    copied = tree.deepcopy()
    for node in copied.findall():
        node.document = None  # type: ignore[assignment] # as in a node outside of any document
    return copied
