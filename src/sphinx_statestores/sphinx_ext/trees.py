"""Where a node stands in its tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.util.tags import Tags


def ancestors(node: nodes.Node) -> Iterator[nodes.Element]:
    """Yield what a node stands in, the nearest first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def is_left_out(node: nodes.Node, tags: Tags) -> bool:
    """Return whether a node never reaches the reader: in an ``only`` for others, or in a definition."""
    return any(
        isinstance(parent, nodes.substitution_definition)
        or (isinstance(parent, addnodes.only) and not tags.eval_condition(parent["expr"]))
        for parent in ancestors(node)
    )


def document_of(node: nodes.Node, docname: str) -> str:
    """Return the document that a node comes from, where some builders put many into one, *docname* by default."""
    for parent in ancestors(node):
        if isinstance(parent, addnodes.start_of_file):
            return str(parent["docname"])
    return docname
