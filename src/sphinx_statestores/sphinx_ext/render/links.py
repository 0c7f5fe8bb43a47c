"""Targets -> addresses and references, as a builder's pages need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.content import Target


def puts_all_on_one_page(builder: Builder) -> bool:
    """Return whether a builder makes one HTML page of all documents."""
    return builder.name == "singlehtml"


def relative_uri(builder: Builder, docname: str, target: Target) -> str:
    """Return the address of a target as seen from a document."""
    if target.uri:
        return target.uri
    if _is_on_page(builder, docname, target):
        return f"#{target.anchor}"
    uri = builder.get_relative_uri(docname, target.docname)
    return f"{uri}#{target.anchor}" if target.anchor else uri


def reference(builder: Builder, docname: str, target: Target, words: nodes.Node) -> nodes.reference:
    """Return a reference to a target around some words.

    Not ``make_refnode``: with some versions of Sphinx it gives the one page of ``singlehtml`` two ``#`` in an
    address.
    """
    node = nodes.reference("", "", words, internal=not target.uri)
    if not target.uri and _is_on_page(builder, docname, target):
        node["refid"] = target.anchor
    else:
        node["refuri"] = relative_uri(builder, docname, target)
    if target.title:
        node["reftitle"] = target.title
    return node


def _is_on_page(builder: Builder, docname: str, target: Target) -> bool:
    return bool(target.anchor) and (target.docname == docname or puts_all_on_one_page(builder))
