"""The site that every contender builds, and the edits that are made to it."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.registry import Size, Store, kebab, make_stores

if TYPE_CHECKING:
    from collections.abc import Callable

#: The document with the table of all stores.
INDEX = "index"
LINKS_PER_PAGE = 5

_WORDS = (
    "a about after again all an and another any are as ask at batch be because before between both but by call "
    "can change client close come copy count day does done each early either end enough entry every expire fail "
    "few find first for from game give group handler has here hold hour if in instead into is it job keep key "
    "know last late later lease less limit list load lock long many match may message minute more most must name "
    "need never new next no node none not of often old on once one only open or order other out over owner page "
    "part player queue read ready record refuse repeat reply request restart result retry round row run same save "
    "see seldom send server session set several shard since slow so some soon start state stay step still stop "
    "such take task than that the their them then there these they this time to token too turn two under until "
    "update use value version wait when where which while who window with without worker write"
).split()


@dataclass(frozen=True)
class Page:
    """The page of a service."""

    service: str
    #: Five, with ``*words*`` that are stressed and ```words``` that are code.
    paragraphs: tuple[str, ...]
    #: The names of the stores that it links to.
    links: tuple[str, ...]

    @property
    def docname(self) -> str:
        """What Sphinx calls it."""
        return page_of(self.service)


@dataclass(frozen=True)
class Site:
    """What is documented."""

    #: Service by service.
    stores: tuple[Store, ...]
    pages: tuple[Page, ...]
    #: The position of the store that edits are about: other pages than its service's link to it.
    subject: int

    @cached_property
    def by_name(self) -> dict[str, Store]:
        """Name -> store, sorted by name."""
        return {store.name: store for store in sorted(self.stores)}

    @cached_property
    def by_service(self) -> dict[str, list[Store]]:
        """Service -> its stores, sorted by name."""
        found: dict[str, list[Store]] = {}
        for store in self.by_name.values():
            found.setdefault(store.service, []).append(store)
        return found

    @property
    def docnames(self) -> set[str]:
        """All documents."""
        return {INDEX, *(page.docname for page in self.pages)}

    @property
    def linking(self) -> set[str]:
        """The documents that link to the store that edits are about."""
        name = self.stores[self.subject].name
        return {page.docname for page in self.pages if name in page.links}

    @property
    def showing(self) -> set[str]:
        """The documents that show the store that edits are about, in a table or as a link."""
        return {INDEX, page_of(self.stores[self.subject].service), *self.linking}


class Edit(NamedTuple):
    """What is done to a site between two builds, and what has to follow."""

    #: Takes the site and the number of the edit.
    apply: Callable[[Site, int], Site]
    #: The documents that have to be read again, of the edited site.
    read: Callable[[Site], set[str]]
    #: The documents that have to be written again.
    written: Callable[[Site], set[str]]


def page_of(service: str) -> str:
    """Return the document of a service."""
    return f"services/{kebab(service)}"


def make_site(size: Size) -> Site:
    """Return the site of a size, the same every time."""
    stores = make_stores(size)
    names = [store.name for store in stores]
    pages = []
    for service in dict.fromkeys(store.service for store in stores):
        dice = random.Random(f"{size} {service}")
        paragraphs = tuple(_paragraph(dice) for _ in range(5))
        pages.append(Page(service, paragraphs, tuple(dice.choice(names) for _ in range(LINKS_PER_PAGE))))
    return Site(stores, tuple(pages), _subject(stores, pages))


def change_purpose(site: Site, number: int) -> Site:
    """Change the purpose of one store."""
    stores = list(site.stores)
    stores[site.subject] = stores[site.subject]._replace(
        purpose=f"Something else for the time being, number {number}"
    )
    return replace(site, stores=tuple(stores))


def rename_store(site: Site, number: int) -> Site:
    """Call one store something else, in the registry and in the links of all pages."""
    stores = list(site.stores)
    old = stores[site.subject].name
    new = f"{kebab(stores[site.subject].service)}-renamed-{number}"
    stores[site.subject] = stores[site.subject]._replace(name=new)
    pages = [replace(page, links=tuple(new if name == old else name for name in page.links)) for page in site.pages]
    return replace(site, stores=tuple(stores), pages=tuple(pages))


def edit_prose(site: Site, number: int) -> Site:
    """Add a sentence to a paragraph of the page of one service."""
    pages = list(site.pages)
    [position] = (i for i, page in enumerate(pages) if page.service == site.stores[site.subject].service)
    first, second, *rest = pages[position].paragraphs
    edited = (first, f"{second} This is said for the time number {number}.", *rest)
    pages[position] = replace(pages[position], paragraphs=edited)
    return replace(site, pages=tuple(pages))


#: Scenario -> edit, in the order in which they are made. Sphinx writes the root document, here the index, whenever
#: it writes anything.
EDITS = {
    "noop": Edit(lambda site, _: site, lambda _: set(), lambda _: set()),
    "purpose": Edit(change_purpose, lambda _: set(), lambda site: site.showing),
    "rename": Edit(rename_store, lambda site: site.linking, lambda site: site.showing),
    "prose": Edit(
        edit_prose,
        lambda site: {page_of(site.stores[site.subject].service)},
        lambda site: {INDEX, page_of(site.stores[site.subject].service)},
    ),
}


def _paragraph(dice: random.Random) -> str:
    words = [dice.choice(_WORDS) for _ in range(dice.randint(45, 75))]
    first, second, stressed = dice.sample(range(1, len(words) - 1), 3)
    words[first] = f"`{words[first]}`"
    words[second] = f"`{words[second]}`"
    words[stressed] = f"*{words[stressed]}*"
    return f"{words[0].capitalize()} {' '.join(words[1:])}."


def _subject(stores: tuple[Store, ...], pages: list[Page]) -> int:
    """Return the position of a linked store of a service that is neither large nor small."""
    linked_by: dict[str, set[str]] = {}
    for page in pages:
        for name in page.links:
            linked_by.setdefault(name, set()).add(page.service)
    counts: dict[str, int] = {}
    for store in stores:
        counts[store.service] = counts.get(store.service, 0) + 1
    middle = sorted(counts.values())[len(counts) // 2]
    suitable = [
        position for position, store in enumerate(stores) if linked_by.get(store.name, set()) - {store.service}
    ]
    if not suitable:
        raise ValueError("no page links to a store of another service: the site is too small")
    return min(suitable, key=lambda position: abs(counts[stores[position].service] - middle))
