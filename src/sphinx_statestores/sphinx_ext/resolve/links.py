"""Names in the text -> links, for roles and for inline literals."""

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
    store = site.registry.by_name.get(name)
    if store is None:
        return Link(False, name, None)
    target = site.store_target(name) or site.service_pages.get(store.service)
    note = store_note(store, site)
    card = store_card(store, site.cells) if site.settings.preview else None
    return Link(True, name, replace(target, title=note) if target else None, note, card)


def store_note(store: Store, site: SiteIndex) -> str:
    """Return a description of a store in one line, for links to it."""
    registry = site.registry
    facts = f"{registry.backend_label(store.backend)}, {registry.service_title(store.service)}"
    if store.purpose:
        facts = f"{facts}: {plain(store.purpose)}"
    status = status_text(store, site.cells)
    return f"{status} {facts}" if status else facts
