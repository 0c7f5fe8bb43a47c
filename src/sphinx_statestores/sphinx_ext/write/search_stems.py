"""Words -> stems for the search index, cached for a whole build.

Sphinx caches stems for one page. Table rows repeat the same words on many pages, such as the names of services.
Stemming them again in pure Python can take longer than writing the tables.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

#: The wrapped method of the search language.
_METHOD = "stem"


def remember_stems(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Cache the stems of a builder's search index across pages (``doctree-resolved``).

    A stem depends only on its word
    (https://www.sphinx-doc.org/en/master/usage/configuration.html#confval-html_search_language). Only the object of
    this build is changed. Does nothing for a builder without a search index, or if Sphinx's attributes differ.
    """
    language = _language(app)
    stem = getattr(language, _METHOD, None)
    if callable(stem) and _METHOD not in getattr(language, "__dict__", {_METHOD: stem}):
        setattr(language, _METHOD, cache(stem))


def forget_stems(app: Sphinx, exception: Exception | None) -> None:
    """Restore the original method (``build-finished``)."""
    language = _language(app)
    if hasattr(getattr(language, "__dict__", {}).get(_METHOD), "cache_info"):
        delattr(language, _METHOD)


def _language(app: Sphinx) -> object:
    return getattr(getattr(app.builder, "indexer", None), "lang", None)
