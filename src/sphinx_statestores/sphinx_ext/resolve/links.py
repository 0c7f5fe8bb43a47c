"""Names in prose -> what they link to: a role's target, and inline literals that are names of stores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sphinx_statestores.registry.inline import plain
from sphinx_statestores.sphinx_ext.resolve.entries import status_text, store_card

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Store
    from sphinx_statestores.sphinx_ext.read.questions import LinkQuestion
    from sphinx_statestores.sphinx_ext.resolve.blocks import Card, Target
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex


@dataclass(frozen=True, slots=True)
class Link:
    """What a role names."""

    #: Whether the registry has such a thing.
    is_known: bool
    #: What a reader sees when the author gives no words of his own.
    label: str
    #: None when no page shows it.
    target: Target | None
    #: What a reader should know of it: its facts, and that it is not in use.
    note: str = ""
    #: The same as a card; none where cards are switched off.
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Literal:
    """What an inline literal names, or seems to."""

    #: None when it stays as it is.
    link: Link | None
    #: Whether it looks like the name of a store, and is none.
    is_unknown: bool = False
    #: What the inventory of another project says of a store of this name, where it is to be a link to that.
    foreign: str = ""


#: A literal that means nothing here, as nearly all of them do.
IRRELEVANT = Literal(None)


def find_link(question: LinkQuestion, site: SiteIndex) -> Link:
    """Find what a role names."""
    name, registry = question.name, site.registry
    if question.objtype == "store":
        return _link_to_store(name, site)
    if question.objtype == "service":
        return Link(name in registry.services, registry.service_title(name), site.service_pages.get(name))
    return Link(name in registry.backends, registry.backend_label(name), site.backend_targets.get(name))


def _link_to_store(name: str, site: SiteIndex) -> Link:
    store = site.registry.by_name.get(name)
    if store is None:
        return Link(False, name, None)
    target = site.store_target(name) or site.service_pages.get(store.service)
    note = store_note(store, site)
    card = store_card(store, site.cells) if site.settings.preview else None
    return Link(True, name, replace(target, title=note) if target else None, note, card)


def store_note(store: Store, site: SiteIndex) -> str:
    """Return what a reader should know of a store before following a link to it, in one line."""
    registry = site.registry
    facts = f"{registry.backend_label(store.backend)}, {registry.service_title(store.service)}"
    if store.purpose:
        facts = f"{facts}: {plain(store.purpose)}"
    status = status_text(store, site.cells)
    return f"{status} {facts}" if status else facts
