"""The indices of stores by name, by service and by backend.

Sphinx renders an index page with several template macros for each entry. For thousands of stores, that takes as long
as the text of hundreds of pages. In an HTML site, these pages are tables of rows instead.

A table of contents lists documents only, so no navigation shows the page of an index. A document with the name of the
page takes its place: Sphinx does not write the page of an index without entries.
"""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from sphinx.domains import Index, IndexEntry

from sphinx_statestores.registry.fields import FIELDS
from sphinx_statestores.registry.phrases import gettext_noop
from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.words import plain_title
from sphinx_statestores.sphinx_ext.write.addresses import Addresses, makes_site
from sphinx_statestores.sphinx_ext.write.html_rows import (
    begin_of_body,
    box_classes,
    column_html,
    group_row,
    labels_of,
)
from sphinx_statestores.sphinx_ext.write.html_text import Html

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from gettext import NullTranslations

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.builders.html import StandaloneHTMLBuilder
    from sphinx.domains.std import StandardDomain
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.sphinx_ext.project import CurrentBuild
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex


class _StoreIndex(Index):
    """An index of the stores that are on a page, each with a link to its target."""

    #: The columns of the index page: what the heading does not say.
    columns: ClassVar[tuple[str, ...]]

    def generate(self, docnames: Iterable[str] | None = None) -> tuple[list[tuple[str, list[IndexEntry]]], bool]:
        """Return (heading, entries) pairs for all documents or for *docnames*, and whether to collapse subentries.

        There are none if one of the documents takes the place of the index.
        """
        build = cast("CurrentBuild", self.domain)
        wanted = None if docnames is None else frozenset(docnames)
        if f"{self.domain.name}-{self.name}" in (self.domain.env.found_docs if wanted is None else wanted):
            return [], False
        site = build.answers.site
        # The index pages of a site are made from the stores: see `fill_index_page`.
        shows_entries = docnames is not None or not makes_site(build.project.builder)
        groups: dict[str, list[IndexEntry]] = {}
        for name, entry in site.index_entries.items():
            if wanted is None or entry.docname in wanted:
                store = site.registry.by_name[name]
                heading = one_line(self.heading(store, site.registry))
                extra = one_line(self.beside(store, site.registry)) if shows_entries else ""
                groups.setdefault(heading, []).append(entry._replace(extra=extra) if extra else entry)
        found = sorted(groups.items())
        # Only HTML pages use the entries of all documents. Sphinx's template prints headings without escaping them.
        return [(Html(escape(heading)), entries) for heading, entries in found] if docnames is None else found, False

    def body(
        self,
        title: str,
        groups: Iterable[tuple[str, list[IndexEntry]]],
        rows: Mapping[str, Mapping[str, str]],
        site: SiteIndex,
        others: Iterable[tuple[str, str]],
    ) -> str:
        """Return the HTML of an index page.

        *rows* has column -> store -> cell, *others* has the URLs and the titles of the other indices.
        """
        jumps, bodies = [], []
        titles = [site.cells.title(FIELDS[key]) for key in self.columns]
        begin = begin_of_body(labels_of(titles))
        box = " ".join(box_classes(len(titles)))
        links = " | ".join(f'<a href="{escape(address)}">{escape(other)}</a>' for address, other in others)
        beside = f'<p class="statestore-indices">{links}</p>\n' if links else ""
        for number, (heading, entries) in enumerate(groups, start=1):
            # The heading is HTML.
            jumps.append(f'<a href="#cap-{number}">{heading}</a>')
            bodies += [begin, group_row(f"<strong>{heading}</strong>", len(self.columns), f"cap-{number}")]
            cells = [rows[key] for key in self.columns]
            bodies += [f"<tr>{''.join([column[entry.name] for column in cells])}</tr>\n" for entry in entries]
            bodies.append("</tbody>\n")
        head = "".join(f'<th class="head"><p>{escape(title)}</p></th>' for title in titles)
        return (
            f'<section class="statestore-page">\n<h1>{escape(title)}</h1>\n{beside}'
            f'<p class="statestore-jumps">{" | ".join(jumps)}</p>\n'
            f'<div class="{box}">\n<table class="docutils align-default statestore-table statestore-index">\n'
            f"<thead>\n<tr>{head}</tr>\n</thead>\n{''.join(bodies)}</table>\n</div>\n</section>\n"
        )

    @abstractmethod
    def heading(self, store: Store, registry: Registry) -> str:
        """Return the heading that a store is listed under."""

    @abstractmethod
    def beside(self, store: Store, registry: Registry) -> str:
        """Return the description of a store: what the heading does not say."""


class StoresByName(_StoreIndex):
    """All stores, by first letter."""

    name = "stores"
    localname = gettext_noop("State stores by name")
    columns = ("name", "backend", "service")

    def heading(self, store: Store, registry: Registry) -> str:
        """Return the first letter."""
        return store.name[0].upper()

    def beside(self, store: Store, registry: Registry) -> str:
        """Return the backend and the service."""
        return f"{registry.backend_label(store.backend)}, {registry.service_title(store.service)}"


class StoresByService(_StoreIndex):
    """All stores, by owning service."""

    name = "services"
    localname = gettext_noop("State stores by service")
    columns = ("name", "backend")

    def heading(self, store: Store, registry: Registry) -> str:
        """Return the service."""
        return registry.service_title(store.service)

    def beside(self, store: Store, registry: Registry) -> str:
        """Return the backend."""
        return registry.backend_label(store.backend)


class StoresByBackend(_StoreIndex):
    """All stores, by backend."""

    name = "backends"
    localname = gettext_noop("State stores by backend")
    columns = ("name", "service")

    def heading(self, store: Store, registry: Registry) -> str:
        """Return the backend."""
        return registry.backend_label(store.backend)

    def beside(self, store: Store, registry: Registry) -> str:
        """Return the service."""
        return registry.service_title(store.service)


_INDICES: tuple[type[_StoreIndex], ...] = (StoresByName, StoresByService, StoresByBackend)
#: The indices of the domain.
INDICES: list[type[Index]] = [*_INDICES]
#: Page name -> index. Sphinx uses these names for the index pages of every domain.
INDEX_PAGES = {f"statestore-{index.name}": index for index in _INDICES}
#: Content that identifies an index page: in ours, in that of Sphinx's template, in that of a serializing builder.
_MADE_OF = (b"statestore-index", b"modindextable", b"indextitle")


def fill_index_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> str | None:
    """Add the content to an index page, and select its template (``html-page-context``)."""
    index = INDEX_PAGES.get(pagename)
    if index is None or doctree is not None or templatename != "domainindex.html":
        return None
    # Sphinx's template sets the title of the page, which is too late for some themes.
    context.setdefault("title", context["indextitle"])
    if not makes_site(app.builder):
        return None
    build, domain = current(app.env), app.env.get_domain("statestore")
    site = build.answers.site
    if not build.index_cells:
        # The index pages of a site are in one folder, so they share their cells with relative URLs.
        build.index_cells = _cells(site, Addresses(app.builder, pagename), pagename)
    written = {name for name, *_ in app.builder.domain_indices}
    others = [
        (app.builder.get_relative_uri(pagename, name), str(other.localname))
        for other in domain.indices
        if (name := f"{domain.name}-{other.name}") != pagename and (name in written or name in app.env.found_docs)
    ]
    context["body"] = index(domain).body(context["indextitle"], context["content"], build.index_cells, site, others)
    return "page.html"


def _cells(site: SiteIndex, addresses: Addresses, pagename: str) -> dict[str, dict[str, str]]:
    """Return column -> store -> cell, for all columns of the indices and all stores that are on a page."""
    names = list(site.index_entries)
    stores = [site.registry.by_name[name] for name in names]
    found = {}
    for key in dict.fromkeys(key for index in _INDICES for key in index.columns):
        column = site.cells.column(FIELDS[key], stores, noting_status=True)
        cells = column_html(column, [""] * len(stores), pagename, addresses, are_badges=key == "backend")
        found[key] = dict(zip(names, [f"<td>{cell}</td>\n" for cell in cells], strict=True))
    return found


def translated_indices(indices: Iterable[type[Index]], words: NullTranslations) -> list[type[Index]]:
    """Return the indices of a domain with translated titles.

    Sphinx takes the title from the class, which all builds of a process share: so each build gets subclasses.
    """
    ours = {index.name: index for index in INDICES}
    return [
        type(index.__name__, (ours[index.name],), {"localname": plain_title(ours[index.name].localname, words)})
        if index.name in ours
        else index
        for index in indices
    ]


def note_index_labels(app: Sphinx, env: BuildEnvironment) -> None:
    """Note the labels of indices again that went with the document in place of an index (``env-updated``).

    Sphinx notes them before it reads documents, and forgets those of a document that it reads or that is gone.
    """
    domain, labels = env.get_domain("statestore"), cast("StandardDomain", env.get_domain("std"))
    for index in domain.indices:
        name = f"{domain.name}-{index.name}"
        if name not in labels.labels:
            labels.note_hyperlink_target(name, name, "", index.localname)


def remove_old_indices(app: Sphinx) -> list[tuple[str, dict[str, Any], str]]:
    """Remove the pages of indices that an earlier build had and this one has not (``html-collect-pages``).

    Returns no pages.
    """
    builder = cast("StandaloneHTMLBuilder", app.builder)
    written = {name for name, *_ in builder.domain_indices}
    words = current(app.env).project.language.words
    for name, index in INDEX_PAGES.items():
        if name not in written:
            _remove_page(builder, name, {index.localname, plain_title(index.localname, words)})
    return []


def _remove_page(builder: StandaloneHTMLBuilder, name: str, titles: set[str]) -> None:
    """Remove an index page, unless the file has other content."""
    path = Path(builder.get_outfilename(name))
    if name in builder.env.found_docs or not path.is_file():
        return
    with suppress(OSError):
        content = path.read_bytes()
        if any(title.encode() in content for title in titles) and any(mark in content for mark in _MADE_OF):
            path.unlink()
            # With the builder ``dirhtml``, the page has a folder of its own.
            if path.parent != Path(builder.outdir):
                path.parent.rmdir()
