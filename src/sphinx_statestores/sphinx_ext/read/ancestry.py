"""A node -> its ancestors, its document, and whether it is displayed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.environment import BuildEnvironment
    from sphinx.util.tags import Tags


#: Packages whose nodes always display their content in place.
_SHOWN_IN = ("docutils", "sphinx_design", "sphinx_statestores", "myst_parser")
#: Node class -> whether it is from one of these packages. Cached, since every node has ancestors.
_SHOWING: dict[type, bool] = {}


def ancestors(node: nodes.Node) -> Iterator[nodes.Element]:
    """Yield the ancestors of a node, the nearest first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def is_left_out(node: nodes.Node, tags: Tags) -> bool:
    """Return whether a node is not displayed: in an ``only`` for other builders, or a substitution definition."""
    return any(
        isinstance(parent, nodes.substitution_definition)
        or (isinstance(parent, addnodes.only) and not holds(parent["expr"], tags))
        for parent in ancestors(node)
    )


def holder_of(node: nodes.Node) -> nodes.Element | None:
    """Return the outermost ancestor of a node from another extension; None when there is none.

    Such a node may hide its content (``ifconfig``), copy it to another page (``todo``), or both.
    """
    holders = [parent for parent in ancestors(node) if not _shows(type(parent))]
    return holders[-1] if holders else None


def _shows(node_class: type[nodes.Element]) -> bool:
    found = _SHOWING.get(node_class)
    if found is None:
        package = node_class.__module__
        found = package == "sphinx.addnodes" or package.partition(".")[0] in _SHOWN_IN
        _SHOWING[node_class] = found
    return found


def is_page(tree: nodes.Element) -> bool:
    """Return whether a resolved tree is that of a page, or of several that a builder assembles.

    Other extensions resolve copied parts of pages, in a document node without a source.
    """
    return isinstance(tree, nodes.document) and bool(tree.get("source"))


def nearest_place(node: nodes.Element) -> nodes.Element | None:
    """Return the nearest node around or before *node* that has a line number and the source for it.

    Return None inside an object description without one: it may be a docstring, and its ancestors are from another
    file. Sphinx rebuilds the fields of a description, so they have neither source nor line.
    """
    for each in (node, *ancestors(node)):
        if isinstance(each, addnodes.desc):
            return None
        siblings = each.parent.children[: each.parent.index(each)] if each.parent is not None else []
        for candidate in (each, *reversed(siblings)):
            if isinstance(candidate, nodes.Element) and candidate.source and candidate.line:
                return candidate
    return None


def holds(condition: str, tags: Tags) -> bool:
    """Return whether the expression of an ``only`` is true for these tags.

    An invalid expression counts as true: Sphinx warns of it and keeps the content.
    """
    try:
        return tags.eval_condition(condition)
    except Exception:  # noqa: BLE001 - as Sphinx does: the exceptions depend on the versions of Jinja2 and Sphinx
        return True


def document_of(node: nodes.Node, env: BuildEnvironment) -> str:
    """Return the document that a node comes from; *env* has the document that is being written.

    Some builders assemble all documents into one tree (``sphinx.util.nodes.inline_all_toctrees``). There, the
    ancestors of a node may be those in its own document, without the ``start_of_file``; sections have the attribute
    ``docname``.
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
