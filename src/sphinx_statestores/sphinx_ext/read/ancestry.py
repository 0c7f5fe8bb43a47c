"""Where a node stands: what it is inside, and which document it comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.environment import BuildEnvironment
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


def document_of(node: nodes.Node, env: BuildEnvironment) -> str:
    """Return the document that a node comes from; *env* knows the one that is being written.

    Some builders put all documents into one tree (``sphinx.util.nodes.inline_all_toctrees``). There, a node below a
    ``start_of_file`` has the document that it was read in above it, and not the ``start_of_file``; sections carry the
    name of theirs.
    """
    top: nodes.Element | None = None
    for parent in ancestors(node):
        if isinstance(parent, addnodes.start_of_file) or (isinstance(parent, nodes.section) and "docname" in parent):
            return str(parent["docname"])
        top = parent
    source = top.get("source") if isinstance(top, nodes.document) else None
    if not source or source == os.fspath(env.doc2path(env.docname)):
        return env.docname
    return env.path2doc(source) or env.docname
