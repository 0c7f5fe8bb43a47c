"""The registry and the questions of documents -> which stores and services the documents cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.phrases import fill
from sphinx_statestores.sphinx_ext.read.questions import (
    EntriesQuestion,
    EntryQuestion,
    ServiceQuestion,
    TableQuestion,
)
from sphinx_statestores.sphinx_ext.resolve.blocks import Bullets, Paragraph, Span, Target, joined, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sphinx_statestores.sphinx_ext.read.questions import CoverageQuestion
    from sphinx_statestores.sphinx_ext.resolve.blocks import Block, Spans
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex


class Coverage(NamedTuple):
    """The stores and services that are not covered."""

    #: The number of stores in use: planned, active or deprecated.
    stores: int
    #: Stores without an entry that no text mentions.
    unmentioned: tuple[str, ...]
    #: Stores that the page of their service neither lists nor mentions.
    missing_at_home: tuple[str, ...]
    #: Services that own stores and have no page.
    without_page: tuple[str, ...]
    #: Removed store -> the documents that mention it.
    removed: tuple[tuple[str, tuple[str, ...]], ...]
    #: Stores that no code uses; empty while some of the code is not known.
    unused: tuple[str, ...] = ()

    @property
    def percent(self) -> float:
        """The percentage of stores that are mentioned."""
        return 100 * (self.stores - len(self.unmentioned)) / self.stores if self.stores else 100.0


def coverage(site: SiteIndex) -> Coverage:
    """Return the coverage of the registry by the documents of a site."""
    registry, pages = site.registry, site.service_pages
    used = [store for store in registry.stores if store.status != "removed"]
    # Only the service's own page counts: a large site may have a table of all stores on many pages.
    home = {store.name: pages[store.service].docname for store in used if store.service in pages}
    homes = frozenset(home.values())
    described: set[str] = set()
    at_home = {name for name, docnames in site.mentions.items() if home.get(name) in docnames}
    for docname, questions in site.questions.items():
        for asked in questions:
            question = asked.shown if isinstance(asked, ServiceQuestion) else asked
            shown: Iterable[str] = ()
            if isinstance(question, EntryQuestion):
                described.add(question.name)
                shown = (question.name,)
            elif isinstance(question, (TableQuestion, EntriesQuestion)) and docname in homes:
                shown = (store.name for store in site.select(question.query))
            at_home.update(name for name in shown if home.get(name) == docname)
    return Coverage(
        len(used),
        tuple(store.name for store in used if store.name not in site.mentions and store.name not in described),
        tuple(store.name for store in used if home.get(store.name) and store.name not in at_home),
        tuple(name for name in registry.services if name in registry.by_service and name not in pages),
        tuple(
            (store.name, tuple(site.mentions[store.name]))
            for store in registry.stores
            if store.status == "removed" and store.name in site.mentions
        ),
        site.usage.unused if site.usage else (),
    )


def coverage_blocks(question: CoverageQuestion, site: SiteIndex) -> tuple[Block, ...]:
    """Return the coverage as a page displays it."""
    return tuple(_blocks(site, coverage(site)))


def _blocks(site: SiteIndex, found: Coverage) -> Iterator[Block]:
    mentioned = found.stores - len(found.unmentioned)
    words = site.words
    message = words.ngettext(
        "{mentioned} of {number} store is mentioned ({percent} %).",
        "{mentioned} of {number} stores are mentioned ({percent} %).",
        found.stores,
    )
    text = fill(message, mentioned=mentioned, number=found.stores, percent=f"{found.percent:.0f}")
    yield Paragraph((Span(text),))
    parts: tuple[tuple[str, tuple[Spans, ...]], ...] = (
        (
            words.gettext("**Stores that no page mentions ({number})**"),
            tuple(_store(site, name) for name in found.unmentioned),
        ),
        (
            words.gettext("**Stores that are missing from the page of their service ({number})**"),
            tuple(_store(site, n) for n in found.missing_at_home),
        ),
        (
            words.gettext("**Services without a page ({number})**"),
            tuple((Span(site.registry.service_title(n)),) for n in found.without_page),
        ),
        (
            words.gettext("**Removed stores that are still mentioned ({number})**"),
            tuple(_removed(site, *item) for item in found.removed),
        ),
        (
            words.gettext("**Stores that no code uses ({number})**"),
            tuple(_store(site, name) for name in found.unused),
        ),
    )
    for title, items in parts:
        if items:
            yield Paragraph(sentence(fill(title, number=len(items))))
            yield Bullets(items)


def _store(site: SiteIndex, name: str) -> Spans:
    return (site.cells.store(name),)


def _removed(site: SiteIndex, name: str, docnames: tuple[str, ...]) -> Spans:
    pages = (Span(site.title(docname), "", Target(docname)) for docname in docnames)
    return (Span(name, "code"), Span(": "), *joined(pages))
