"""A question -> complaints about names that the registry does not have."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sphinx_statestores.registry.backend_names import BackendNames
from sphinx_statestores.registry.fields import FIELD_FILTERS
from sphinx_statestores.registry.model import Guide, Registry
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import Complaint
from sphinx_statestores.registry.query_check import check_query
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import Suggestions
from sphinx_statestores.sphinx_ext.read.columns import has_column, unknown_column
from sphinx_statestores.sphinx_ext.read.directives import DIRECTIVES
from sphinx_statestores.sphinx_ext.read.directives.base import unknown_option
from sphinx_statestores.sphinx_ext.read.questions import (
    ChangesQuestion,
    ChartQuestion,
    CountQuestion,
    EntriesQuestion,
    EntryQuestion,
    LinkQuestion,
    MapQuestion,
    ObservedQuestion,
    ServiceQuestion,
    TableQuestion,
    TotalsQuestion,
    compared_versions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sphinx_statestores.registry.query import Query
    from sphinx_statestores.sphinx_ext.read.questions import Question
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex


class Complaints:
    """Finds unknown names in the questions of one site. Suggestions share one budget."""

    def __init__(self, site: SiteIndex) -> None:
        self._site = site
        self._suggestions = Suggestions()
        self._labels = BackendNames(site.registry.backends)

    def about(self, question: Question, directive: str = "") -> list[Complaint]:
        """Return complaints about the unknown names in a question of a directive, or of a role."""
        find = _FINDING.get(type(question))
        return find(self, question, directive) if find else []

    def near(self, question: LinkQuestion) -> str:
        """Take the question of a link with an unknown name; return similar names as the end of a message."""
        registry = self._site.registry
        if question.objtype == "backend" and (key := self._labels.key_of(question.name)):
            return f": write {shown(key)}"
        known: dict[str, Collection[str]] = {
            "store": self._store_names,
            "service": registry.services,
            "backend": registry.backends,
        }
        return self._suggestions.did_you_mean(question.name, known[question.objtype])

    def about_name(self, question: LinkQuestion) -> str:
        """Say that there is no such store, service or backend, or that no page is to show it."""
        if question.objtype == "store" and question.name in self._site.excluded:
            return f"the store {shown(question.name)} is excluded by statestores_exclude, so no page shows it"
        return f"unknown {question.objtype} {shown(question.name)}{self.near(question)}"

    def about_target(self, name: str) -> str:
        """Say why a link to a known store has no target, and what to do."""
        site = self._site
        linked = None if site.is_merged(name) else site.federation.linked.get(name)
        if linked is None:
            reason = f"no page shows the store {shown(name)}, so the link has no target"
            return f"{reason}: add a table or an entry that shows it"
        title = shown(linked.site.title)
        if not linked.site.publication.stores.get(linked.store.name):
            return f"no page of the site {title} shows the store {shown(name)}, so the link has no target"
        reason = f"the copy of the site {title} has no address, so the link to {shown(name)} has no target"
        return f"{reason}: set html_baseurl in the conf.py of that site, or name its URL"

    @cached_property
    def _store_names(self) -> Collection[str]:
        federation = self._site.federation
        return dict.fromkeys((*self._site.registry.names, *federation.linked))

    def about_literal(self, name: str) -> str:
        """Say that an inline literal looks like a store and is none, or names one that no page is to show."""
        if name in self._site.excluded:
            return self.about_name(LinkQuestion("store", name))
        near = self.near(LinkQuestion("store", name))
        return f"{shown(name)} looks like a state store, but there is no store of that name{near}"

    def _about_query(
        self, question: TotalsQuestion | CountQuestion | EntriesQuestion | ChartQuestion, directive: str
    ) -> list[Complaint]:
        return self._about_filters(question.query, directive)

    def _about_map(self, question: MapQuestion, directive: str) -> list[Complaint]:
        found = self._about_filters(question.query, directive)
        users, name = self._site.registry.users, question.service
        if name and name not in users:
            backend = self._labels.key_of(name)
            near = (
                f": write ':backend: {backend}'"
                if backend
                else self._suggestions.did_you_mean(name, users) or ": a map takes the name of a service"
            )
            found.append(Complaint(Kind.UNKNOWN_SERVICE, f"unknown service {shown(name)}{near}"))
        return found

    def _about_observed(self, question: ObservedQuestion, directive: str) -> list[Complaint]:
        found = self._about_filters(question.query, directive)
        # What is wrong with the file was told.
        if not self._site.settings.observed:
            message = (
                "nothing was observed: set 'statestores_observed' to the file that 'statestores observe' has written"
            )
            found.append(Complaint(Kind.INVALID_CONFIG, message))
        return found

    def _about_filters(self, query: Query, directive: str) -> list[Complaint]:
        site = self._site
        unknown = self._unknown_option(directive, site.registry)
        return check_query(query, site.registry, self._suggestions.did_you_mean, site.hidden, unknown)

    def _unknown_option(self, directive: str, registry: Registry) -> Callable[[str], Complaint] | None:
        """Return what makes a complaint about an option of a directive that is no filter; None for a role."""
        # The domain's spelling has a colon.
        known = DIRECTIVES.get(directive.replace(":", "-"))
        if known is None:
            return None
        options = (*known.option_spec, *registry.own_fields)
        return lambda name: unknown_option(name, directive, options, FIELD_FILTERS)

    def _about_table(self, question: TableQuestion, directive: str) -> list[Complaint]:
        registry = self._site.registry
        return [
            *self._about_filters(question.query, directive),
            *(
                Complaint(Kind.UNKNOWN_COLUMN, unknown_column(key, registry))
                for key in question.columns
                if not has_column(key, registry)
            ),
        ]

    def _about_service(self, question: ServiceQuestion, directive: str) -> list[Complaint]:
        return self.about(question.shown, directive)

    def _about_entry(self, question: EntryQuestion, _: str) -> list[Complaint]:
        site, name = self._site, question.name
        if name in site.registry.by_name:
            return []
        if name in site.federation.aliases:
            message = f"the store {shown(name)} has another name on this site: write {shown(site.store_name(name))}"
            return [Complaint(Kind.UNKNOWN_STORE, message)]
        if name in site.federation.linked:
            title = shown(site.federation.linked[name].site.title)
            message = f"the store {shown(name)} is only linked: the site {title} has its entry"
            return [Complaint(Kind.UNKNOWN_STORE, message)]
        return [Complaint(Kind.UNKNOWN_STORE, self.about_name(LinkQuestion("store", question.name)))]

    def _about_changes(self, question: ChangesQuestion, directive: str) -> list[Complaint]:
        versions = [self._site.versions.read(version) for version in compared_versions(question)]
        found = [Complaint(Kind.MISSING_REVISION, version.complaint) for version in versions if version.complaint]
        registries = [version.registry for version in versions if version.registry]
        if question.after is None:
            registries.append(self._site.federation.own)
        # Names that only one of the versions has are valid.
        services = {name: service for registry in registries for name, service in registry.services.items()}
        backends = {key: backend for registry in registries for key, backend in registry.backends.items()}
        # Sorted, because names are searched by bisection. A store of both versions is there twice.
        stores = [store for registry in registries for store in registry.stores]
        in_order = tuple(sorted(stores, key=lambda store: store.name))
        fields = {field.name: field for registry in registries for field in registry.guide.fields}
        guide = Guide(fields=tuple(fields.values()))
        registry = Registry(stores=in_order, services=services, backends=backends, guide=guide)
        unknown = self._unknown_option(directive, registry)
        return found + check_query(question.query, registry, self._suggestions.did_you_mean, unknown=unknown)


#: Class of a question -> the method that checks it.
_FINDING: dict[type, Callable[[Complaints, Any, str], list[Complaint]]] = {
    TableQuestion: Complaints._about_table,  # noqa: SLF001 - the table of its own methods
    ServiceQuestion: Complaints._about_service,  # noqa: SLF001
    EntryQuestion: Complaints._about_entry,  # noqa: SLF001
    ChangesQuestion: Complaints._about_changes,  # noqa: SLF001
    TotalsQuestion: Complaints._about_query,  # noqa: SLF001
    CountQuestion: Complaints._about_query,  # noqa: SLF001
    EntriesQuestion: Complaints._about_query,  # noqa: SLF001
    ChartQuestion: Complaints._about_query,  # noqa: SLF001
    MapQuestion: Complaints._about_map,  # noqa: SLF001
    ObservedQuestion: Complaints._about_observed,  # noqa: SLF001
}
