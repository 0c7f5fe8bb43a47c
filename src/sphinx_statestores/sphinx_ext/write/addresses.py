"""Link targets -> URLs and reference nodes, for a builder."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard
from urllib.parse import quote

from docutils import nodes
from sphinx.builders.dirhtml import DirectoryHTMLBuilder
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.builders.singlehtml import SingleFileHTMLBuilder
from sphinx.errors import NoUri

if TYPE_CHECKING:
    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.resolve.blocks import Target


def makes_site(builder: Builder) -> TypeGuard[StandaloneHTMLBuilder]:
    """Return whether a builder makes an HTML site with one page for each document."""
    return type(builder) in {StandaloneHTMLBuilder, DirectoryHTMLBuilder}


def runs_scripts(builder: Builder) -> bool:
    """Return whether pages may run scripts. In an e-book or a help file there is no hovering."""
    return builder.format == "html" and not getattr(builder, "embedded", False)


def has_permalinks(builder: Builder) -> bool:
    """Return whether what has an address shows a link to itself, as headings do."""
    return bool(getattr(builder, "add_permalinks", False) and builder.config.html_permalinks)


def puts_all_on_one_page(builder: Builder) -> bool:
    """Return whether a builder makes one HTML page of all documents."""
    return isinstance(builder, SingleFileHTMLBuilder)


def starts_of_one_document(builder: Builder) -> tuple[str, ...]:
    """Return the root documents of a builder that assembles documents; empty for one page for each document."""
    if puts_all_on_one_page(builder):
        return (builder.config.root_doc,)
    listed = {"latex": "latex_documents", "texinfo": "texinfo_documents", "man": "man_pages"}.get(builder.name)
    if not listed:
        return ()
    appendices = getattr(builder.config, f"{builder.name}_appendices", None) or ()
    return (*(entry[0] for entry in getattr(builder.config, listed)), *appendices)


def site_address(target: Target, builder: Builder) -> str:
    """Return the address of a target, relative to the root of the site."""
    if target.uri:
        return target.uri
    if puts_all_on_one_page(builder):
        page = quote(f"{builder.config.root_doc}{getattr(builder, 'out_suffix', '.html')}")
        return f"{page}#{target.anchor or f'document-{target.docname}'}"
    # Builders quote the names of documents, or do not.
    page = quote(builder.get_target_uri(target.docname), safe="/%")
    return f"{page}#{target.anchor}" if target.anchor else page


class Addresses:
    """Returns the URLs of link targets relative to one document. The relative path to each document is cached."""

    def __init__(self, builder: Builder, docname: str) -> None:
        self._builder = builder
        self._docname = docname
        self._documents: dict[str, str] = {}

    def of(self, target: Target) -> str:
        """Return the URL of a target."""
        return self.address(target.docname, target.anchor, target.uri)

    def address(self, docname: str, anchor: str, uri: str = "") -> str:
        """Return the URL of ``Target(docname, anchor, uri)``."""
        if uri:
            return uri
        if anchor and _is_on_page(self._builder, self._docname, docname):
            return f"#{anchor}"
        known = self._documents.get(docname)
        if known is None:
            known = self._documents[docname] = self._builder.get_relative_uri(self._docname, docname)
        return f"{known}#{anchor}" if anchor else known

    def leads_nowhere(self, docname: str, anchor: str, uri: str = "") -> bool:
        """Return whether a link leads to the page that contains it."""
        return not uri and not anchor and _is_on_page(self._builder, self._docname, docname)


def linked(builder: Builder, docname: str, target: Target, words: nodes.Node) -> nodes.Node:
    """Return a reference to a target with *words* as content, or only *words* when the output has no such target.

    A PDF contains only the documents of its toctree. A manual page displays addresses instead of links. A link to the
    top of its own page has no effect.
    """
    is_own_page = not target.uri and not target.anchor and _is_on_page(builder, docname, target.docname)
    if is_own_page or (builder.format == "man" and not target.uri):
        return words
    try:
        return reference(builder, docname, target, words)
    except NoUri:
        return words


def reference(builder: Builder, docname: str, target: Target, words: nodes.Node) -> nodes.reference:
    """Return a reference to a target with *words* as content.

    Raises :exc:`sphinx.errors.NoUri` when the output does not contain the target's document.

    Not ``make_refnode``: some versions of Sphinx generate two ``#`` in the URLs of ``singlehtml``.
    """
    node = nodes.reference("", "", words, internal=not target.uri)
    if target.anchor and not target.uri and _is_on_page(builder, docname, target.docname):
        node["refid"] = target.anchor
    else:
        node["refuri"] = Addresses(builder, docname).of(target)
    if target.title:
        node["reftitle"] = target.title
    return node


def _is_on_page(builder: Builder, docname: str, other: str) -> bool:
    return other == docname or puts_all_on_one_page(builder)
