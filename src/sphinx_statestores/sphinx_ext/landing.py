"""Where links land: one rule, the same whatever was built before and in how many processes.

A store is found at its own entry; else at its entry among those of its service; else in the table on its
service's page; else in the first table that shows it, in the order of the toctrees. What has ``:no-index:``
does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.links import is_address
from sphinx_statestores.registry.query import select
from sphinx_statestores.sphinx_ext.content import Target
from sphinx_statestores.sphinx_ext.questions import (
    EntriesQuestion,
    EntryQuestion,
    GuideQuestion,
    ServiceQuestion,
    TableQuestion,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.sphinx_ext.questions import Question


_STORE = "store-"
_BACKEND = "state-backend-"


def store_anchor(name: str) -> str:
    """Return the id of a store's row."""
    return f"{_STORE}{name}"


def backend_anchor(key: str) -> str:
    """Return the id of the first line of a backend guide that names a backend."""
    return f"{_BACKEND}{key}"


def reading_order(env: BuildEnvironment, only_from: tuple[str, ...] = ()) -> list[str]:
    """Return all documents in the order of the toctrees; those in no toctree come last, by name.

    A builder that puts documents together has only those that toctrees lead to, *only_from* some of them.
    """
    order: dict[str, None] = {}
    waiting = list(reversed(only_from)) or [env.config.root_doc]
    while waiting:
        docname = waiting.pop()
        if docname in order or docname not in env.found_docs:
            continue
        order[docname] = None
        waiting.extend(reversed(env.toctree_includes.get(docname, [])))
    if not only_from:
        order.update(dict.fromkeys(sorted(env.found_docs)))
    return list(order)


def service_pages(registry: Registry, configured: Mapping[str, str], documents: Iterable[str]) -> dict[str, Target]:
    """Return the page of each service that has one: the configured one, or that of ``x-services``."""
    known = frozenset(documents)
    pages = {}
    for service in registry.services.values():
        docs = service.docs if is_address(service.docs) else service.docs.strip("/")
        for page in (configured.get(service.name, ""), docs):
            if page in known:
                pages[service.name] = Target(page)
                break
            if is_address(page):
                pages[service.name] = Target("", uri=page)
                break
    return pages


def declared_pages(order: Iterable[str], questions: Mapping[str, Iterable[Question]]) -> dict[str, str]:
    """Return the page of each service that a ``statestore-service`` makes its page; the first one counts."""
    pages: dict[str, str] = {}
    for docname in order:
        for question in questions.get(docname, ()):
            if isinstance(question, ServiceQuestion) and question.shown.indexed:
                pages.setdefault(question.service, docname)
    return pages


def store_places(
    registry: Registry,
    pages: Mapping[str, Target],
    entries: Mapping[str, Sequence[str]],
    order: Iterable[str],
    questions: Mapping[str, Iterable[Question]],
) -> dict[str, Target]:
    """Return the document and id of each store that a page shows; *entries* as from :func:`store_entries`."""
    own = {name: docnames[0] for name, docnames in entries.items()}
    homes = {page.docname for page in pages.values()}
    listed: dict[str, str] = {}
    at_home: dict[str, str] = {}
    first: dict[str, str] = {}
    for docname in order:
        for asked in questions.get(docname, ()):
            question = asked.shown if isinstance(asked, ServiceQuestion) else asked
            if isinstance(question, EntriesQuestion) and question.indexed:
                for store in select(registry, question.query):
                    listed.setdefault(store.name, docname)
            elif isinstance(question, TableQuestion) and question.indexed:
                stores = select(registry, question.query)
                for store in stores:
                    first.setdefault(store.name, docname)
                if docname in homes:
                    for store in stores:
                        page = pages.get(store.service)
                        if page is not None and page.docname == docname:
                            at_home[store.name] = docname
    found = {**first, **at_home, **listed, **own}
    return {name: Target(docname, store_anchor(name)) for name, docname in found.items()}


def store_entries(
    registry: Registry, order: Iterable[str], questions: Mapping[str, Iterable[Question]]
) -> dict[str, list[str]]:
    """Return the documents that have a store's own entry, in the given order."""
    entries: dict[str, list[str]] = {}
    for docname in order:
        for question in questions.get(docname, ()):
            if isinstance(question, EntryQuestion) and question.indexed and question.name in registry.by_name:
                entries.setdefault(question.name, []).append(docname)
    return entries


def backend_places(
    registry: Registry, order: Iterable[str], questions: Mapping[str, Iterable[Question]]
) -> dict[str, Target]:
    """Return the document and id of each backend that a backend guide names."""
    for docname in order:
        if GuideQuestion("backends") in questions.get(docname, ()):
            keys = dict.fromkeys(choice.backend for choice in registry.guide.backend_choices)
            return {key: Target(docname, backend_anchor(key)) for key in keys}
    return {}
