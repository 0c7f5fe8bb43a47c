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


#: Packages whose nodes show what is in them, where it stands.
_SHOWN_IN = ("docutils", "sphinx_design", "sphinx_statestores", "myst_parser")
#: Class of a node -> whether it is one of these, as far as that has been asked: each node of a page has ancestors.
_SHOWING: dict[type, bool] = {}


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


def holder_of(node: nodes.Node) -> nodes.Element | None:
    """Return the outermost node of another extension that a node is in; None when there is none.

    Such a node may hide what is in it (``ifconfig``), copy it to another page (``todo``), or both.
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
    """Return whether a tree that is resolved is that of a page, or of several that a builder puts together.

    Other extensions have parts of pages resolved that they have copied: in a tree from no source.
    """
    return isinstance(tree, nodes.document) and bool(tree.get("source"))


def nearest_place(node: nodes.Element) -> nodes.Element | None:
    """Return the nearest node, around *node* or before it, that knows its line and the source which that is of.

    None when the description of an object has none: it may be a docstring, and what is around it is in another file.
    Sphinx makes the fields of such a description anew, which then know neither.
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
    source = top.get("source") if isinstance(top, nodes.document) else None
    if not source or source == os.fspath(env.doc2path(env.docname)):
        return env.docname
    return env.path2doc(source) or env.docname
