"""The registries of other sites -> one registry with the project's own, and where each store comes from."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.key_index import resolved_layout
from sphinx_statestores.registry.links import is_web_address
from sphinx_statestores.registry.model import Registry
from sphinx_statestores.registry.own_fields import Names, with_names
from sphinx_statestores.registry.problems import Kind, Problem
from sphinx_statestores.registry.published import Publication
from sphinx_statestores.registry.quoting import cut, escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sphinx_statestores.registry.model import Service, Store


class Origin(NamedTuple):
    """Where a store of another site comes from."""

    #: The name of the site.
    site: str
    #: The URL of the store on the site; empty when the site shows it on no page, or has no known address.
    address: str
    #: The URL of its lines in the registry of the site; may be empty.
    source: str
    #: That of the site; may be empty.
    namespace: str


class ForeignSite(NamedTuple):
    """Another site, with the registry that it has published."""

    #: May be empty.
    namespace: str
    title: str
    #: The root of the site as a URL that ends in ``/``; empty when it is not known.
    root: str
    registry: Registry
    publication: Publication

    def address(self, relative: str) -> str:
        """Take an address of :class:`Publication`; return the URL, or an empty text."""
        if not relative or is_web_address(relative):
            return relative
        return f"{self.root}{relative}" if self.root else ""

    def origin(self, name: str) -> Origin:
        """Take the name of a store on the site; return where it comes from."""
        publication = self.publication
        address = self.address(publication.stores.get(name, ""))
        return Origin(self.title, address, publication.sources.get(name, ""), self.namespace)


class LinkedStore(NamedTuple):
    """A store of a site that is linked, and not merged."""

    site: ForeignSite
    store: Store


class Federation(NamedTuple):
    """What a project knows of the stores of other sites."""

    #: The project's own registry.
    own: Registry = Registry()
    #: Store of the merged registry -> where it comes from. Own stores are left out.
    origins: Mapping[str, Origin] = MappingProxyType({})
    #: ``namespace:name`` -> the name in the merged registry.
    aliases: Mapping[str, str] = MappingProxyType({})
    #: ``namespace:name``, or the name alone -> a store that is only linked. Names of the merged registry have
    #: precedence.
    linked: Mapping[str, LinkedStore] = MappingProxyType({})


#: A project that knows of no other site.
NO_SITES = Federation()


def foreign_site(namespace: str, root: str, name: str, registry: Registry) -> ForeignSite:
    """Take a namespace (may be empty), the root of a site (may be empty) and the registry that it has published.

    *name* is the site's name where the site itself gives none. A root that is not known is that which the file gives.
    """
    publication = next(iter(registry.publications.values()), Publication())
    # In every card of the site: long names are cut.
    title = cut(" ".join(publication.project.split()) or namespace or name)
    return ForeignSite(namespace, title, root or publication.url, registry, publication)


def merge(
    own: Registry, merged: Sequence[ForeignSite], linked: Sequence[ForeignSite] = ()
) -> tuple[Registry, Federation, list[Problem]]:
    """Merge the registries of sites into a project's own one; return it, the origins of stores and the problems.

    Own stores keep their names. A store of a site with a namespace whose name is that of another store is called
    ``namespace:name``. Without a namespace, the second of two equal names is an error, and is left out. Own services,
    backends and declared fields have precedence, then those of the first site. The rest of the guide is the project's
    own.
    """
    names = _linked_names(linked)
    if not merged:
        return own, Federation(own, linked=names), []
    times = Counter(own.by_name.keys())
    for site in merged:
        times.update(site.registry.by_name.keys())
    stores: dict[str, Store] = dict(own.by_name)
    origins: dict[str, Origin] = {}
    aliases: dict[str, str] = {}
    problems: list[Problem] = []
    services, backends = dict(own.services), dict(own.backends)
    # What is demanded of stores, and generated of them, is the project's own.
    fields = {field.name.lower(): field for field in own.guide.fields}
    for site in merged:
        called = {
            name: f"{site.namespace}:{name}" if site.namespace and times[name] > 1 else name
            for name in site.registry.by_name
        }
        for store in _renamed(site.registry, called):
            name = called[store.name]
            if name in stores:
                problems.append(_twice(store, name, stores[name], site))
                continue
            stores[name] = store if name == store.name else store._replace(name=name)
            origins[name] = site.origin(store.name)
            if site.namespace:
                aliases[f"{site.namespace}:{store.name}"] = name
        for service in site.registry.services.values():
            services.setdefault(service.name, _with_page(service, site))
        for key, backend in site.registry.backends.items():
            backends.setdefault(key, backend)
        for field in site.registry.guide.fields:
            fields.setdefault(field.name.lower(), field)
    registry = Registry(
        tuple(stores[name] for name in sorted(stores)),
        {name: services[name] for name in sorted(services)},
        backends,
        own.guide._replace(fields=tuple(fields.values())),
        own.files,
        own.ignores,
    )
    return registry, Federation(own, origins, aliases, names), problems


def _renamed(registry: Registry, called: Mapping[str, str]) -> Iterable[Store]:
    """Yield the stores of a site under their own names; what follows from a name stays as it was on the site.

    So does where their data lie.
    """
    names = Names(stores=called)
    for found in registry.stores:
        store = with_names(found, registry.own_fields, names)
        is_same = store is found and called[found.name] == found.name
        table = store.table if is_same else registry.table_of(found)
        yield store._replace(table=table, resolved=resolved_layout(found, registry))


def _twice(store: Store, name: str, first: Store, site: ForeignSite) -> Problem:
    message = f"{escaped(name)} is defined twice; the definition at {first.location} is used"
    if site.namespace:
        message += ": give one of the sites another namespace"
    else:
        message += ": give the site a namespace, such as ('other-site', ADDRESS) in statestores_registry"
    return Problem(Kind.DUPLICATE_NAME, message, store.location, store=store.name)


def _with_page(service: Service, site: ForeignSite) -> Service:
    """Return a service of a site, whose page is not a document of this project."""
    page = site.publication.services.get(service.name, "") or (service.docs if is_web_address(service.docs) else "")
    return service._replace(docs=site.address(page))


def _linked_names(linked: Sequence[ForeignSite]) -> dict[str, LinkedStore]:
    names: dict[str, LinkedStore] = {}
    for site in linked:
        for store in site.registry.stores:
            found = LinkedStore(site, store)
            names.setdefault(store.name, found)
            if site.namespace:
                names.setdefault(f"{site.namespace}:{store.name}", found)
    return names
