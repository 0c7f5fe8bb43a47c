"""A document that was just read -> what it asks, and what its headings ask."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

from sphinx_statestores.sphinx_ext.read.ancestry import ancestors
from sphinx_statestores.sphinx_ext.read.literals import names_nothing_else
from sphinx_statestores.sphinx_ext.read.placeholders import statestores_block, statestores_inline
from sphinx_statestores.sphinx_ext.read.questions import Asked, LinkQuestion, LiteralQuestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.sphinx_ext.read.questions import Question

#: The nodes that may ask something.
_ASKING = (statestores_block, statestores_inline, nodes.literal, addnodes.pending_xref)
#: Packages whose nodes show what is in them, where it stands.
_SHOWN_IN = ("docutils", "sphinx_design", "sphinx_statestores", "myst_parser")


def asked_in(document: nodes.document) -> tuple[Asked, ...]:
    """Return what a document asks, each question once for each set of conditions, in the order of the text.

    To be called when all transforms of reading are done: MyST makes cross-references of ``[](#name)`` in one.
    """
    found = [
        asked
        for node in document.findall()
        if isinstance(node, _ASKING)
        for question in _questions_of(node)
        if (asked := _placed(node, question)) is not None
    ]
    return tuple(dict.fromkeys(found))


def _placed(node: nodes.Element, question: Question) -> Asked | None:
    """Return a question with what is around it; None in a substitution's definition: it is asked where it is used."""
    conditions = []
    may_be_hidden = False
    for parent in ancestors(node):
        place = _PLACES.get(type(parent)) or _place(type(parent))
        if place is _Place.SHOWN:
            continue
        if place is _Place.DEFINITION:
            return None
        if place is _Place.ONLY:
            conditions.append(parent["expr"])
        else:
            may_be_hidden = True
    return Asked(question, tuple(conditions), may_be_hidden)


class _Place(Enum):
    """What a node means for what is in it."""

    SHOWN = 1
    #: It is shown where the definition is used.
    DEFINITION = 2
    #: It is shown under a condition.
    ONLY = 3
    #: Another extension decides.
    FOREIGN = 4


def _place(node_class: type[nodes.Element]) -> _Place:
    package = node_class.__module__
    if issubclass(node_class, nodes.substitution_definition):
        found = _Place.DEFINITION
    elif issubclass(node_class, addnodes.only):
        found = _Place.ONLY
    elif package == "sphinx.addnodes" or package.partition(".")[0] in _SHOWN_IN:
        found = _Place.SHOWN
    else:
        found = _Place.FOREIGN
    _PLACES[node_class] = found
    return found


#: Class of a node -> what it means, as far as it has been asked for.
_PLACES: dict[type, _Place] = {}


def _questions_of(node: nodes.Element) -> Iterator[Question]:
    if isinstance(node, (statestores_block, statestores_inline)):
        yield node["question"]
    elif isinstance(node, nodes.literal):
        if names_nothing_else(node):
            yield LiteralQuestion(node.astext())
    elif isinstance(node, addnodes.pending_xref):
        if node.get("refdomain") == "statestore":
            yield LinkQuestion(node["reftype"].removeprefix("store-"), node["reftarget"])
        elif node.get("reftype") in {"any", "myst"}:
            yield LinkQuestion("store", node["reftarget"])
