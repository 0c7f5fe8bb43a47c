"""Where links land: one rule, the same whatever was built before and in how many processes.

A store is found in the table on its service's page; else in the first table that shows it, in the order
of the toctrees. Tables with ``:no-index:`` do not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.query import select
from sphinx_statestores.sphinx_ext.content import Target
from sphinx_statestores.sphinx_ext.questions import GuideQuestion, TableQuestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.sphinx_ext.questions import Question


def store_anchor(name: str) -> str:
    """Return the id of a store's row."""
    return f"store-{name}"


def backend_anchor(key: str) -> str:
    """Return the id of the first line of a backend guide that names a backend."""
    return f"store-backend-{key}"


def reading_order(env: BuildEnvironment) -> list[str]:
    """Return all documents in the order of the toctrees; those in no toctree come last, by name."""
    order: dict[str, None] = {}
    waiting = [env.config.root_doc]
    while waiting:
        docname = waiting.pop()
        if docname in order or docname not in env.found_docs:
            continue
        order[docname] = None
        waiting.extend(reversed(env.toctree_includes.get(docname, [])))
    order.update(dict.fromkeys(sorted(env.found_docs)))
    return list(order)


def service_pages(registry: Registry, configured: Mapping[str, str], documents: Iterable[str]) -> dict[str, Target]:
    """Return the page of each service that has one: the configured one, else that of ``x-services``."""
    known = frozenset(documents)
    pages = {}
    for service in registry.services.values():
        page = configured.get(service.name) or service.docs
        if page in known:
            pages[service.name] = Target(page)
        elif page.startswith(("https://", "http://")):
            pages[service.name] = Target("", uri=page)
    return pages


def store_places(
    registry: Registry,
    pages: Mapping[str, Target],
    order: Iterable[str],
    questions: Mapping[str, Iterable[Question]],
) -> dict[str, Target]:
    """Return the document and id of each store that a table shows."""
    first: dict[str, str] = {}
    at_home: dict[str, str] = {}
    for docname in order:
        for question in questions.get(docname, ()):
            if isinstance(question, TableQuestion) and question.indexed:
                for store in select(registry, question.query):
                    first.setdefault(store.name, docname)
                    page = pages.get(store.service)
                    if page is not None and page.docname == docname:
                        at_home[store.name] = docname
    return {name: Target(at_home.get(name, docname), store_anchor(name)) for name, docname in first.items()}


def backend_places(
    registry: Registry, order: Iterable[str], questions: Mapping[str, Iterable[Question]]
) -> dict[str, Target]:
    """Return the document and id of each backend that a backend guide names."""
    for docname in order:
        if GuideQuestion("backends") in questions.get(docname, ()):
            keys = dict.fromkeys(choice.backend for choice in registry.guide.backend_choices)
            return {key: Target(docname, backend_anchor(key)) for key in keys}
    return {}
