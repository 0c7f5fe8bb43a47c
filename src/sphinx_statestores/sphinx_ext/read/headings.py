"""What Sphinx takes from the headings and captions of a page when it is read, kept with the placeholders in it."""

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
#: What Sphinx's environment has for each document, by the name of its attribute.
_PARTS = ("titles", "longtitles", "tocs")


@dataclass(frozen=True)
class Headings:
    """What was taken from the headings of a document, with placeholders in it."""

    #: What the placeholders ask.
    questions: tuple[Question, ...]
    #: Attribute of the environment -> what it has for the document.
    parts: dict[str, nodes.Element]
    #: Id of a section, table or figure -> its title or caption.
    captions: dict[str, nodes.Element]


def is_quoted(node: nodes.Node) -> bool:
    """Return whether a node stands in a heading or a caption."""
    return any(isinstance(parent, _QUOTED) for parent in ancestors(node))


def headings_of(document: nodes.document, env: BuildEnvironment) -> Headings | None:
    """Return what Sphinx has taken from the headings of the document that was just read; None without placeholders.

    To be called when the collectors of the environment have seen the document.
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
    """Return a copy of a heading that does not keep its document, which would be pickled with it."""
    copied = tree.deepcopy()
    for node in copied.findall():
        node.document = None  # type: ignore[assignment] # as in a node that is in no document
    return copied
