"""Names in the text -> links, for roles and for inline literals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.phrases import fill, gettext_noop
from sphinx_statestores.sphinx_ext.resolve.entries import status_text, store_card

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.sphinx_ext.read.questions import LinkQuestion
    from sphinx_statestores.sphinx_ext.resolve.blocks import Card, Target
    from sphinx_statestores.sphinx_ext.resolve.cells import StoreCells
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex


@dataclass(frozen=True, slots=True)
class Link:
    """The result of a role."""

    #: Whether the registry has this name.
    is_known: bool
    #: The text of the link, unless the author gives an explicit title.
    label: str
    #: None when no page shows the object.
    target: Target | None
    #: A description in one line: fields, and the status of a store that is not in use.
    note: str = ""
    #: The preview; None when previews are disabled.
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Literal:
    """The result of an inline literal."""

    #: None for a literal that is not a link.
    link: Link | None
    #: Whether it looks like the name of a store but is unknown.
    is_unknown: bool = False
    #: The inventory entry of another project, if the link leads to a store there.
    foreign: str = ""


#: Where a store is that another site shows.
_IN_SITE = gettext_noop("in {site}")

#: The result of a literal that neither is nor looks like the name of a store, as nearly all.
IRRELEVANT = Literal(None)


def find_link(question: LinkQuestion, site: SiteIndex) -> Link:
    """Return the link of a role."""
    name, registry = question.name, site.registry
    if question.objtype == "store":
        return _link_to_store(name, site)
    if question.objtype == "service":
        return Link(name in registry.services, registry.service_title(name), site.service_pages.get(name))
    return Link(name in registry.backends, registry.backend_label(name), site.backend_targets.get(name))


def _link_to_store(name: str, site: SiteIndex) -> Link:
    called = site.store_name(name)
    store = site.registry.by_name.get(called)
    if store is None:
        return _link_to_another_site(name, site)
    origin = site.federation.origins.get(called)
    where = "" if origin is None else _in_site(origin.site, site)
    target = site.store_target(called) or site.service_pages.get(store.service)
    note = store_note(store, site)
    card = store_card(store, site.cells, where) if site.settings.preview else None
    return Link(True, name, replace(target, title=note) if target else None, note, card)


def _link_to_another_site(name: str, site: SiteIndex) -> Link:
    """Return the link to a store of a site that is linked, and not merged."""
    found = site.federation.linked.get(name)
    if found is None:
        return Link(False, name, None)
    cells = site.cells_of(found.site)
    where = _in_site(found.site.title, site)
    note = _note(found.store, found.site.registry, cells, where)
    target = site.foreign_target(name)
    card = store_card(found.store, cells, where) if site.settings.preview else None
    return Link(True, name, replace(target, title=note) if target else None, note, card)


def _in_site(title: str, site: SiteIndex) -> str:
    return fill(site.words.gettext(_IN_SITE), site=title)


def store_note(store: Store, site: SiteIndex) -> str:
    """Return a description of a store in one line, for links to it."""
    origin = site.federation.origins.get(store.name)
    where = "" if origin is None else _in_site(origin.site, site)
    return _note(store, site.registry, site.cells, where)


def foreign_notes(site: SiteIndex) -> Iterator[tuple[str, str, str]]:
    """Yield name, URL and description of each store of another site that no page here shows, for the search."""
    federation = site.federation
    merged = (name for name in federation.origins if name not in site.store_documents)
    linked = (name for name in federation.linked if not site.is_merged(name))
    seen = set()
    for name in (*merged, *linked):
        target = site.foreign_target(name)
        # A linked store may have two names; the first is the shorter one.
        if target is not None and target.uri not in seen:
            seen.add(target.uri)
            yield name, target.uri, _foreign_note(name, site)


def _foreign_note(name: str, site: SiteIndex) -> str:
    if name in site.registry.by_name:
        return store_note(site.registry.by_name[name], site)
    found = site.federation.linked[name]
    return _note(found.store, found.site.registry, site.cells_of(found.site), _in_site(found.site.title, site))


def _note(store: Store, registry: Registry, cells: StoreCells, where: str) -> str:
    facts = f"{registry.backend_label(store.backend)}, {registry.service_title(store.service)}"
    if store.purpose:
        facts = f"{facts}: {plain(store.purpose)}"
    status = status_text(store, cells)
    facts = f"{status} {facts}" if status else facts
    return f"{facts} ({where})" if where else facts
