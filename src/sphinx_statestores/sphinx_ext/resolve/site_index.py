"""A registry and the questions of all documents -> link targets, service pages, and mentions of stores.

One rule determines link targets. It depends neither on previous builds nor on the number of processes. The target of
a store is its own entry; otherwise its entry among those of its service; otherwise the table on its service's page;
otherwise the first table with the store, in the order of the toctrees. Content with ``:no-index:`` does not count.
Content inside a node of another extension counts only when there is no other target, because such a node may be
hidden.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from sphinx.domains import IndexEntry

from sphinx_statestores.registry.federation import Federation
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.links import is_address
from sphinx_statestores.registry.observed_stores import numbers_of
from sphinx_statestores.registry.paths import repository_path, repository_root
from sphinx_statestores.registry.phrases import ENGLISH, fill
from sphinx_statestores.registry.quoting import one_line, printable
from sphinx_statestores.registry.selection import arranged, filtered
from sphinx_statestores.sphinx_ext.read.anchors import backend_anchor, store_anchor
from sphinx_statestores.sphinx_ext.read.questions import (
    EntriesQuestion,
    EntryQuestion,
    GuideQuestion,
    LinkQuestion,
    LiteralQuestion,
    ServiceQuestion,
    TableQuestion,
)
from sphinx_statestores.sphinx_ext.resolve.blocks import Span, Target, joined
from sphinx_statestores.sphinx_ext.resolve.cells import StoreCells

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from gettext import NullTranslations
    from pathlib import Path

    from docutils import nodes
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.checks.code_usage import Usage
    from sphinx_statestores.registry.federation import ForeignSite
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.observation import Observation
    from sphinx_statestores.registry.observed_stores import Numbers
    from sphinx_statestores.registry.problems import Location
    from sphinx_statestores.registry.query import Query
    from sphinx_statestores.sphinx_ext.config import Settings
    from sphinx_statestores.sphinx_ext.read.questions import Asked, Question
    from sphinx_statestores.sphinx_ext.resolve.blocks import Spans
    from sphinx_statestores.sphinx_ext.resolve.versions import Versions

#: The number of places in code that an entry shows.
_USES_SHOWN = 20

#: Pairs of a document and a question, in order of preference.
Showing: TypeAlias = "tuple[tuple[str, Question], ...]"


def reading_order(
    env: BuildEnvironment, only_from: tuple[str, ...] = (), includes: Mapping[str, Sequence[str]] | None = None
) -> tuple[str, ...]:
    """Return all documents in the order of the toctrees, followed by those in no toctree, by name.

    A builder that assembles documents has only the documents in the toctrees of *only_from*. For such a builder,
    *includes* maps a document to its included documents if some toctrees do not apply.
    """
    included: Mapping[str, Sequence[str]] = {**env.toctree_includes, **(includes or {})}
    order: dict[str, None] = {}
    waiting = list(reversed(only_from)) or [env.config.root_doc]
    while waiting:
        docname = waiting.pop()
        if docname in order or docname not in env.found_docs:
            continue
        order[docname] = None
        waiting.extend(reversed(included.get(docname, ())))
    if not only_from:
        order.update(dict.fromkeys(sorted(env.found_docs)))
    return tuple(order)


@dataclass(frozen=True)
class Documents:
    """The documents of one build, once all have been read."""

    #: All documents, in the order of the toctrees.
    order: tuple[str, ...]
    #: Document -> its questions in this build. Documents without questions are left out.
    asked: Mapping[str, tuple[Asked, ...]]
    #: The questions of headings, which the navigation of any page may quote.
    quoted: tuple[Question, ...]
    titles: Mapping[str, nodes.Element]
    #: Document -> its table of contents.
    contents: Mapping[str, nodes.Element]
    #: The documents whose literals are never links.
    without_autolink: frozenset[str]
    #: Store of another project -> its inventory entry.
    foreign_stores: Mapping[str, str] = field(default_factory=dict)


class SiteIndex:
    """Finds link targets, mentions and service pages, for one registry and one set of documents. Read-only."""

    def __init__(
        self,
        registry: Registry,
        settings: Settings,
        versions: Versions,
        documents: Documents,
        words: NullTranslations = ENGLISH,
        *,
        federation: Federation | None = None,
        hidden: Registry | None = None,
        excluded: AbstractSet[str] = frozenset(),
        files: Mapping[str, Path] = MappingProxyType({}),
        original: Registry | None = None,
        prose: NullTranslations = ENGLISH,
        is_sound: bool = True,
        usage: Usage | None = None,
        observation: Observation | None = None,
    ) -> None:
        #: What code uses; None where nobody has read code.
        self.usage = usage
        #: In the language of the pages.
        self.registry: Registry = registry
        #: In its own language.
        self.original = original or registry
        #: The own registry, and the stores of other sites.
        self.federation = federation or Federation(registry)
        #: The stores that no page shows.
        self.hidden = hidden
        #: All names that a page may have for them.
        self.excluded = excluded
        self._files = files
        self._repositories: dict[str, tuple[str, str]] = {}
        self.settings = settings
        #: Other versions of the registry, which pages compare.
        self.versions = versions
        self.documents = documents
        #: What was seen on servers; None where nothing is known.
        self.observation = observation
        #: The translations of the extension's own text.
        self.words = words
        #: The translations of the registry's prose.
        self.prose = prose
        #: Whether the registry has no errors: a part of one contradicts pages that are right.
        self.is_sound = is_sound
        self._selected: dict[Query, tuple[Store, ...]] = {}
        self._cells_of_sites: dict[int, StoreCells] = {}

    def select(self, query: Query) -> tuple[Store, ...]:
        """Return the stores that a query selects. Results are cached.

        Filters look into the registry's own language, in which pages are written, so each language has the same
        stores. Rows are in the order of the texts that a page shows.
        """
        found = self._selected.get(query)
        if found is None:
            stores = filtered(self.original, query)
            if self.original is not self.registry:
                stores = [self.registry.by_name[store.name] for store in stores]
            found = self._selected[query] = arranged(self.registry, query, stores)
        return found

    # -- documents ----------------------------------------------------------------------

    @cached_property
    def questions(self) -> dict[str, tuple[Question, ...]]:
        """Document -> its questions, each one once."""
        return {
            docname: tuple(dict.fromkeys(each.question for each in asked))
            for docname, asked in self.documents.asked.items()
        }

    @cached_property
    def titles(self) -> dict[str, str]:
        """Document -> its title as plain text, with the numbers of this build."""
        return {docname: title.astext() for docname, title in self.documents.titles.items()}

    def title(self, docname: str) -> str:
        """Return the title of a document."""
        return self.titles.get(docname, docname)

    def is_generated(self, docname: str) -> bool:
        """Return whether a document is in the folder of generated pages."""
        folder = self.settings.generate_pages
        return bool(folder) and docname.startswith(f"{folder}/")

    @cached_property
    def generated_navigation(self) -> tuple[tuple[str, str, str], ...]:
        """Titles and content of the generated pages, in order. The navigation of any page may quote them.

        Sphinx does not rewrite a page when another page's title changes. Here, a change of the registry has that
        effect.
        """
        contents = self.documents.contents
        return tuple(
            (docname, self.titles.get(docname, ""), contents[docname].astext())
            for docname in self.documents.order
            if self.is_generated(docname) and docname in contents
        )

    # -- link targets -------------------------------------------------------------------

    @cached_property
    def showing(self) -> tuple[Showing, Showing]:
        """Return the questions that determine link targets: those surely displayed, and those that may be hidden."""
        certain: dict[tuple[str, Question], None] = {}
        uncertain: dict[tuple[str, Question], None] = {}
        for docname in self.documents.order:
            for asked in self.documents.asked.get(docname, ()):
                if isinstance(asked.question, _SHOWING):
                    (uncertain if asked.may_be_hidden else certain)[docname, asked.question] = None
        return tuple(certain), tuple(uncertain)

    @cached_property
    def configured_pages(self) -> dict[str, str]:
        """Service -> the document that is configured as its page, whether it exists or not."""
        pages = {name: self.settings.service_page(name) for name in self.registry.services}
        return {name: page for name, page in pages.items() if page}

    @cached_property
    def service_pages(self) -> dict[str, Target]:
        """Service -> its page, if it exists: from a directive, ``conf.py`` or ``x-services``."""
        declared: dict[str, str] = {}
        for docname, question in chain(*self.showing):
            if isinstance(question, ServiceQuestion) and question.shown.indexed:
                declared.setdefault(question.service, docname)
        known = frozenset(self.documents.order)
        pages = {}
        for service in self.registry.services.values():
            docs = service.docs if is_address(service.docs) else service.docs.strip("/")
            configured = declared.get(service.name) or self.configured_pages.get(service.name, "")
            for page in (configured, docs):
                if page in known:
                    pages[service.name] = Target(page)
                    break
                if is_address(page):
                    pages[service.name] = Target("", uri=page)
                    break
        return pages

    @cached_property
    def store_entries(self) -> dict[str, list[str]]:
        """Store -> the documents with its own entry. The first one is the link target; generated pages come last."""
        return self._entries_in(self.showing[0])

    def _entries_in(self, showing: Showing) -> dict[str, list[str]]:
        entries: dict[str, list[str]] = {}
        for docname, question in sorted(showing, key=lambda shown: self.is_generated(shown[0])):
            if isinstance(question, EntryQuestion) and question.indexed and question.name in self.registry.by_name:
                entries.setdefault(question.name, []).append(docname)
        return entries

    @cached_property
    def store_documents(self) -> dict[str, str]:
        """Store -> the document with its link target, for the stores that are on a page."""
        certain, uncertain = self.showing
        return {**self._documents_in(uncertain), **self._documents_in(certain)}

    def store_target(self, name: str) -> Target | None:
        """Return the link target of a store: on a page here or on its own site; None when there is neither."""
        docname = self.store_documents.get(name)
        return self.foreign_target(name) if docname is None else Target(docname, store_anchor(name))

    def foreign_target(self, name: str) -> Target | None:
        """Return the link target of a store on its own site; None when it is not there, or the store is our own."""
        if name in self.registry.by_name:
            origin = self.federation.origins.get(name)
        else:
            linked = self.federation.linked.get(name)
            origin = linked.site.origin(linked.store.name) if linked else None
        return Target("", store_anchor(name), uri=origin.address) if origin and origin.address else None

    def store_name(self, name: str) -> str:
        """Return the name in the registry of a store that a page may call ``namespace:name``."""
        return self.federation.aliases.get(name, name)

    def knows(self, name: str) -> bool:
        """Return whether a page may link to a store by this name: an own one, or one of another site."""
        return self.is_merged(name) or name in self.federation.linked

    def is_merged(self, name: str) -> bool:
        """Return whether the registry has a store of this name, with or without a namespace."""
        return name in self.registry.by_name or name in self.federation.aliases

    def source_uri(self, store: Store) -> str:
        """Return the URL of a store's lines in its registry, or an empty text."""
        origin = self.federation.origins.get(store.name)
        return self._uri_of(store.location) if origin is None else origin.source

    def _documents_in(self, showing: Showing) -> dict[str, str]:
        listed: dict[str, str] = {}
        at_home: dict[str, str] = {}
        first: dict[str, str] = {}
        pages = self.service_pages
        homes = {page.docname for page in pages.values()}
        for docname, stores, is_entry in self._lists_of_stores(showing):
            for store in stores:
                (listed if is_entry else first).setdefault(store.name, docname)
            if docname in homes and not is_entry:
                for store in stores:
                    page = pages.get(store.service)
                    if page is not None and page.docname == docname:
                        at_home[store.name] = docname
        own = {name: docnames[0] for name, docnames in self._entries_in(showing).items()}
        return {**first, **at_home, **listed, **own}

    def _lists_of_stores(self, showing: Showing) -> Iterator[tuple[str, tuple[Store, ...], bool]]:
        for docname, asked in showing:
            question = asked.shown if isinstance(asked, ServiceQuestion) else asked
            if isinstance(question, (TableQuestion, EntriesQuestion)) and question.indexed:
                yield docname, self.select(question.query), isinstance(question, EntriesQuestion)

    @cached_property
    def backend_targets(self) -> dict[str, Target]:
        """Backend -> its row in the first backend guide."""
        certain, uncertain = self.showing
        return self._backend_targets_in(certain) or self._backend_targets_in(uncertain)

    def _backend_targets_in(self, showing: Showing) -> dict[str, Target]:
        for docname, question in showing:
            if question == GuideQuestion("backends"):
                keys = dict.fromkeys(choice.backend for choice in self.registry.guide.backend_choices)
                return {key: Target(docname, backend_anchor(key)) for key in keys}
        return {}

    @cached_property
    def documents_of_anchors(self) -> dict[str, str]:
        """Id of a row or an entry -> the document in which it is the link target."""
        of_stores = {store_anchor(name): docname for name, docname in self.store_documents.items()}
        return of_stores | {target.anchor: target.docname for target in self.backend_targets.values()}

    @cached_property
    def index_entries(self) -> dict[str, IndexEntry]:
        """Store -> its index entry, for the stores that are on a page, sorted by name. All indices use these."""
        found = {}
        for store in self.registry.stores:
            docname = self.store_documents.get(store.name)
            if docname is not None:
                words = one_line(plain(store.purpose))
                found[store.name] = IndexEntry(store.name, 0, docname, store_anchor(store.name), "", "", words)
        return found

    @cached_property
    def uncertain_targets(self) -> dict[str, tuple[Target, ...]]:
        """Document -> the link targets in it that may be hidden, because nothing else shows them."""
        certain, uncertain = self.showing
        if not uncertain:
            return {}
        sure = self._documents_in(certain)
        sure_backends = self._backend_targets_in(certain)
        targets = [self.store_target(name) for name in self.store_documents if name not in sure]
        targets += [target for key, target in self.backend_targets.items() if key not in sure_backends]
        found: dict[str, list[Target]] = {}
        for target in targets:
            if target is not None:
                found.setdefault(target.docname, []).append(target)
        return {docname: tuple(targets) for docname, targets in found.items()}

    # -- mentions -----------------------------------------------------------------------

    @cached_property
    def mentions(self) -> dict[str, list[str]]:
        """Store -> the documents whose text mentions it, by a role or as inline code, in toctree order."""
        found: dict[str, list[str]] = {}
        for docname in self.documents.order:
            named = {
                question.name
                for question in self.questions.get(docname, ())
                if isinstance(question, LiteralQuestion)
                or (isinstance(question, LinkQuestion) and question.objtype == "store")
            }
            if self.federation.aliases:
                named = set(map(self.store_name, named))
            for name in named & self.registry.by_name.keys():
                found.setdefault(name, []).append(docname)
        return found

    def _uri_of(self, location: Location) -> str:
        """Return the URL of a location in the own registry, or an empty text."""
        found = self._repositories.get(location.path)
        if found is None:
            file, root = self._files.get(location.path), self.settings.root
            # Files of several repositories may be called otherwise here than in their own.
            path = repository_path(file, root) if file else location.path
            found = path, repository_root(file, root).name if file else ""
            self._repositories[location.path] = found
        path, repo = found
        return self.settings.source_uri(path, location.line, repo)

    def mentioned_in(self, name: str) -> Spans:
        """Return links to the documents that mention a store."""
        pages = self.mentions.get(name, ())
        return joined(Span(self.title(docname), "", Target(docname)) for docname in pages)

    def used_in(self, name: str) -> Spans:
        """Return the first places of code that use a store, by service, with links, and the number of others."""
        uses = self.usage.uses.get(name, ()) if self.usage else ()
        found: list[Span] = []
        before = ""
        for use in uses[:_USES_SHOWN]:
            # Those of nobody come last.
            if found:
                found.append(Span(", " if use.service == before else "; "))
            if use.service and use.service != before:
                found += [self.cells.service(use.service), Span(": ")]
            before = use.service
            uri = self.settings.source_uri(use.path, use.line, use.root.name)
            # The name of a file may contain surrogates, which cannot be encoded.
            found.append(Span(printable(f"{use.path}:{use.line}"), "", Target("", uri=uri) if uri else None))
        more = len(uses) - _USES_SHOWN
        if more > 0:
            found += [Span(" "), Span(fill(self.words.gettext("and {number} more"), number=more))]
        return tuple(found)

    @cached_property
    def seen(self) -> Mapping[str, Numbers]:
        """Store -> what was seen of it, for the stores of which anything was."""
        return {} if self.observation is None else numbers_of(self.observation)

    @cached_property
    def cells(self) -> StoreCells:
        """Returns the displayed content of fields."""
        return StoreCells(
            self.registry,
            self.service_pages,
            self.store_documents,
            self._uri_of,
            self.mentioned_in,
            autolink=self.settings.autolink,
            words=self.words,
            labels=self.settings.labels,
            federation=self.federation,
            foreign_target=self.foreign_target,
            prose=self.prose,
            used_in=self.used_in,
            seen=self.seen,
        )

    def cells_of(self, site: ForeignSite) -> StoreCells:
        """Returns the displayed content of fields of a site that is linked, for cards."""
        found = self._cells_of_sites.get(id(site))
        if found is None:
            found = self._cells_of_sites[id(site)] = StoreCells(
                site.registry,
                {},
                {},
                lambda _: "",
                lambda _: (),
                autolink=False,
                words=self.words,
                labels=self.settings.labels,
            )
        return found


#: The classes of questions that determine link targets.
_SHOWING = (TableQuestion, EntriesQuestion, EntryQuestion, ServiceQuestion, GuideQuestion)
