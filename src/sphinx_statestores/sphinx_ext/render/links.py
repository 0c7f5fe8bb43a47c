"""Targets -> addresses and references, as a builder's pages need them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from docutils import nodes
from sphinx.builders.dirhtml import DirectoryHTMLBuilder
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.builders.singlehtml import SingleFileHTMLBuilder
from sphinx.errors import NoUri

if TYPE_CHECKING:
    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.content import Target


def makes_site(builder: Builder) -> TypeGuard[StandaloneHTMLBuilder]:
    """Return whether a builder makes a site: a page of HTML for each document, and nothing else of it."""
    return type(builder) in {StandaloneHTMLBuilder, DirectoryHTMLBuilder}


def puts_all_on_one_page(builder: Builder) -> bool:
    """Return whether a builder makes one HTML page of all documents."""
    return isinstance(builder, SingleFileHTMLBuilder)


def starts_of_one_document(builder: Builder) -> tuple[str, ...]:
    """Return the documents from which a builder puts its output together; none when each has a page of its own."""
    if puts_all_on_one_page(builder):
        return (builder.config.root_doc,)
    listed = {"latex": "latex_documents", "texinfo": "texinfo_documents", "man": "man_pages"}.get(builder.name)
    return tuple(entry[0] for entry in getattr(builder.config, listed)) if listed else ()


class Addresses:
    """Knows the addresses of targets as seen from one document; the way to another document is found once."""

    def __init__(self, builder: Builder, docname: str) -> None:
        self._builder = builder
        self._docname = docname
        self._documents: dict[str, str] = {}

    def of(self, target: Target) -> str:
        """Return the address of a target."""
        if target.uri:
            return target.uri
        if _is_on_page(self._builder, self._docname, target):
            return f"#{target.anchor}"
        uri = self._documents.get(target.docname)
        if uri is None:
            uri = self._documents[target.docname] = self._builder.get_relative_uri(self._docname, target.docname)
        return f"{uri}#{target.anchor}" if target.anchor else uri


def linked(builder: Builder, docname: str, target: Target, words: nodes.Node) -> nodes.Node:
    """Return a reference to a target around some words; the words alone where the output does not have the target.

    A PDF has the documents of its toctree, and no orphans.
    """
    try:
        return reference(builder, docname, target, words)
    except NoUri:
        return words


def reference(builder: Builder, docname: str, target: Target, words: nodes.Node) -> nodes.reference:
    """Return a reference to a target around some words.

    Raises :exc:`sphinx.errors.NoUri` when the output does not have the target's document.

    Not ``make_refnode``: with some versions of Sphinx it gives the one page of ``singlehtml`` two ``#`` in an
    address.
    """
    node = nodes.reference("", "", words, internal=not target.uri)
    if not target.uri and _is_on_page(builder, docname, target):
        node["refid"] = target.anchor
    else:
        node["refuri"] = Addresses(builder, docname).of(target)
    if target.title:
        node["reftitle"] = target.title
    return node


def _is_on_page(builder: Builder, docname: str, target: Target) -> bool:
    return bool(target.anchor) and (target.docname == docname or puts_all_on_one_page(builder))
