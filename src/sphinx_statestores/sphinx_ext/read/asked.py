"""A document that was just read -> its questions, and its conditional toctrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

from sphinx_statestores.sphinx_ext.read.ancestry import ancestors, holder_of
from sphinx_statestores.sphinx_ext.read.literals import literal_question
from sphinx_statestores.sphinx_ext.read.placeholders import statestores_block, statestores_inline
from sphinx_statestores.sphinx_ext.read.questions import Asked, Included, LinkQuestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.sphinx_ext.read.questions import Question

#: The node classes that may have questions.
_ASKING = (statestores_block, statestores_inline, nodes.literal, addnodes.pending_xref)


def asked_in(document: nodes.document) -> tuple[Asked, ...]:
    """Return the questions of a document in document order, each once for each set of conditions.

    Call it after all transforms of the read phase: one of MyST's creates the cross-references of ``[](#name)``.
    """
    found = [
        asked
        for node in document.findall()
        if isinstance(node, _ASKING)
        for question in _questions_of(node)
        if (asked := _placed(node, question)) is not None
    ]
    return tuple(dict.fromkeys(found))


def conditional_toctrees(document: nodes.document) -> tuple[Included, ...]:
    """Return the toctrees of a document if one of them is inside an ``only``; otherwise an empty tuple.

    Sphinx itself records the toctrees without their conditions.
    """
    found = tuple(
        Included(
            tuple(node["includefiles"]),
            tuple(parent["expr"] for parent in ancestors(node) if isinstance(parent, addnodes.only)),
        )
        for node in document.findall(addnodes.toctree)
    )
    return found if any(each.conditions for each in found) else ()


def _placed(node: nodes.Element, question: Question) -> Asked | None:
    """Return a question with its conditions; None in a substitution definition: its uses have their own."""
    conditions = []
    for parent in ancestors(node):
        if isinstance(parent, nodes.substitution_definition):
            return None
        if isinstance(parent, addnodes.only):
            conditions.append(parent["expr"])
    return Asked(question, tuple(conditions), holder_of(node) is not None)


def _questions_of(node: nodes.Element) -> Iterator[Question]:
    if isinstance(node, (statestores_block, statestores_inline)):
        yield node["question"]
    elif isinstance(node, nodes.literal):
        question = literal_question(node)
        if question is not None:
            yield question
    elif isinstance(node, addnodes.pending_xref):
        if node.get("refdomain") == "statestore":
            yield LinkQuestion(node["reftype"].removeprefix("store-"), node["reftarget"])
        elif node.get("reftype") in {"any", "myst"}:
            yield LinkQuestion("store", node["reftarget"])
