"""The indices of stores: by name, by service, by backend."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, cast

from sphinx.domains import Index, IndexEntry

from sphinx_statestores.registry.inline import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.registry.model import Store
    from sphinx_statestores.sphinx_ext.answers import Answers
    from sphinx_statestores.sphinx_ext.domain import StateStoreDomain

_NO_SUBENTRIES = 0


class _StoreIndex(Index):
    """The stores that some page shows, each with a link to where it is shown."""

    def generate(self, docnames: Iterable[str] | None = None) -> tuple[list[tuple[str, list[IndexEntry]]], bool]:
        """Return the entries, of all documents or of some."""
        answers = cast("StateStoreDomain", self.domain).answers
        wanted = None if docnames is None else frozenset(docnames)
        groups: dict[str, list[IndexEntry]] = {}
        for store in answers.registry.stores:
            place = answers.store_places.get(store.name)
            if place is not None and (wanted is None or place.docname in wanted):
                entry = IndexEntry(
                    store.name,
                    _NO_SUBENTRIES,
                    place.docname,
                    place.anchor,
                    self.beside(store, answers),
                    "",
                    plain(store.purpose),
                )
                groups.setdefault(self.heading(store, answers), []).append(entry)
        return sorted(groups.items()), False

    @abstractmethod
    def heading(self, store: Store, answers: Answers) -> str:
        """Return what a store stands under."""

    def beside(self, store: Store, answers: Answers) -> str:
        """Return what stands beside a store's name."""
        service = answers.registry.service_title(store.service)
        return f"{answers.registry.backend_label(store.backend)}, {service}"


class StoresByName(_StoreIndex):
    """All stores, under their first letters."""

    name = "stores"
    localname = "State stores"

    def heading(self, store: Store, answers: Answers) -> str:
        """Return the first letter."""
        return store.name[0].upper()


class StoresByService(_StoreIndex):
    """All stores, under the services that own them."""

    name = "services"
    localname = "State stores by service"

    def heading(self, store: Store, answers: Answers) -> str:
        """Return the service."""
        return answers.registry.service_title(store.service)

    def beside(self, store: Store, answers: Answers) -> str:
        """Return the backend."""
        return answers.registry.backend_label(store.backend)


class StoresByBackend(_StoreIndex):
    """All stores, under the backends that hold them."""

    name = "backends"
    localname = "State stores by backend"

    def heading(self, store: Store, answers: Answers) -> str:
        """Return the backend."""
        return answers.registry.backend_label(store.backend)

    def beside(self, store: Store, answers: Answers) -> str:
        """Return the service."""
        return answers.registry.service_title(store.service)


INDICES: list[type[Index]] = [StoresByName, StoresByService, StoresByBackend]
