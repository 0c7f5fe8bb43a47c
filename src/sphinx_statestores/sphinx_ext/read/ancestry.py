"""Where a node stands: what it is inside, and which document it comes from."""

from __future__ import annotations

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
        or (isinstance(parent, addnodes.only) and not holds(parent["expr"], tags))
        for parent in ancestors(node)
    )


def holds(condition: str, tags: Tags) -> bool:
    """Return whether the expression of an ``only`` holds.

    One that cannot be evaluated does: Sphinx warns of it and shows what is below.
    """
    try:
        return tags.eval_condition(condition)
    except Exception:  # noqa: BLE001 - as Sphinx: Jinja2 and Sphinx have several, and each version its own
        return True


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
    if isinstance(top, nodes.document) and top.get("source"):
        return env.path2doc(top["source"]) or env.docname
    return env.docname
