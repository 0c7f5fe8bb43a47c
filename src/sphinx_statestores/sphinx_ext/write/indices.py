"""The indices of stores, as Sphinx makes them for any domain: by name, by service, by backend."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sphinx.domains import Index, IndexEntry

from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.phrases import gettext_noop
from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.words import plain_title
from sphinx_statestores.sphinx_ext.write.html_text import Html

if TYPE_CHECKING:
    from collections.abc import Iterable
    from gettext import NullTranslations

    from sphinx.application import Sphinx
    from sphinx.builders.html import StandaloneHTMLBuilder

    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.sphinx_ext.project import HasProject

_NO_SUBENTRIES = 0


class _StoreIndex(Index):
    """The stores that some page shows, each with a link to where it is shown."""

    def generate(self, docnames: Iterable[str] | None = None) -> tuple[list[tuple[str, list[IndexEntry]]], bool]:
        """Return the entries, of all documents or of some, by their headings."""
        site = cast("HasProject", self.domain).answers.site
        wanted = None if docnames is None else frozenset(docnames)
        groups: dict[str, list[IndexEntry]] = {}
        for store in site.registry.stores:
            target = site.store_targets.get(store.name)
            if target is not None and (wanted is None or target.docname in wanted):
                entry = IndexEntry(
                    one_line(store.name),
                    _NO_SUBENTRIES,
                    target.docname,
                    target.anchor,
                    one_line(self.beside(store, site.registry)),
                    "",
                    one_line(plain(store.purpose)),
                )
                groups.setdefault(one_line(self.heading(store, site.registry)), []).append(entry)
        found = sorted(groups.items())
        # Only pages of HTML are made of the entries of all documents. Their template writes headings as they are, and
        # escapes everything else.
        return [(Html(escape(heading)), entries) for heading, entries in found] if docnames is None else found, False

    @abstractmethod
    def heading(self, store: Store, registry: Registry) -> str:
        """Return what a store stands under."""

    def beside(self, store: Store, registry: Registry) -> str:
        """Return what stands beside a store's name."""
        return f"{registry.backend_label(store.backend)}, {registry.service_title(store.service)}"


class StoresByName(_StoreIndex):
    """All stores, under their first letters."""

    name = "stores"
    localname = gettext_noop("State stores")

    def heading(self, store: Store, registry: Registry) -> str:
        """Return the first letter."""
        return store.name[0].upper()


class StoresByService(_StoreIndex):
    """All stores, under the services that own them."""

    name = "services"
    localname = gettext_noop("State stores by service")

    def heading(self, store: Store, registry: Registry) -> str:
        """Return the service."""
        return registry.service_title(store.service)

    def beside(self, store: Store, registry: Registry) -> str:
        """Return the backend."""
        return registry.backend_label(store.backend)


class StoresByBackend(_StoreIndex):
    """All stores, under the backends that hold them."""

    name = "backends"
    localname = gettext_noop("State stores by backend")

    def heading(self, store: Store, registry: Registry) -> str:
        """Return the backend."""
        return registry.backend_label(store.backend)

    def beside(self, store: Store, registry: Registry) -> str:
        """Return the service."""
        return registry.service_title(store.service)


#: What the domain has.
INDICES: list[type[Index]] = [StoresByName, StoresByService, StoresByBackend]
_PREFIX = "statestore-"
#: What is in the page of an index: in that of Sphinx's template, and in one that is written as data.
_MADE_OF = (b"modindextable", b"indextitle")


def translated_indices(indices: Iterable[type[Index]], words: NullTranslations) -> list[type[Index]]:
    """Return the indices of a domain with the titles of ours in other words.

    Sphinx takes a title from the class, which all builds of a process have in common: so each build has its own.
    """
    ours = {index.name: index for index in INDICES}
    return [
        type(index.__name__, (ours[index.name],), {"localname": plain_title(ours[index.name].localname, words)})
        if index.name in ours
        else index
        for index in indices
    ]


def remove_old_indices(app: Sphinx) -> list[tuple[str, dict[str, Any], str]]:
    """Remove the pages of indices that this build has not, and an earlier one had (``html-collect-pages``).

    Returns no pages of its own.
    """
    builder = cast("StandaloneHTMLBuilder", app.builder)
    written = {name for name, *_ in builder.domain_indices}
    words = current(app.env).project.language.words
    for index in INDICES:
        if f"{_PREFIX}{index.name}" not in written:
            _remove_page(builder, index.name, {index.localname, plain_title(index.localname, words)})
    return []


def _remove_page(builder: StandaloneHTMLBuilder, index: str, titles: set[str]) -> None:
    """Remove the page of an index, unless a file of that name is somebody else's."""
    name = f"{_PREFIX}{index}"
    path = Path(builder.get_outfilename(name))
    if name in builder.env.found_docs or not path.is_file():
        return
    with suppress(OSError):
        content = path.read_bytes()
        if any(title.encode() in content for title in titles) and any(mark in content for mark in _MADE_OF):
            path.unlink()
            # In a site of folders, the page is all that its folder held.
            if path.parent != Path(builder.outdir):
                path.parent.rmdir()
