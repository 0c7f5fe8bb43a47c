"""Stems for the search index: each word is reduced once a build.

Sphinx remembers stems for one page at a time. The rows of tables repeat the same words all over a site, the names of
services and what stores are usually called. Reducing them in pure Python can cost more than writing the tables.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

#: What is wrapped, an attribute of the language of a search index.
_METHOD = "stem"


def remember_stems(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let a builder's search index remember stems from page to page (``doctree-resolved``).

    A stem depends on nothing but its word
    (https://www.sphinx-doc.org/en/master/usage/configuration.html#confval-html_search_language). Only the object
    of this build is changed. Does nothing for a builder without a search index, and where Sphinx has changed.
    """
    language = _language(app)
    stem = getattr(language, _METHOD, None)
    if callable(stem) and _METHOD not in getattr(language, "__dict__", {_METHOD: stem}):
        setattr(language, _METHOD, cache(stem))


def forget_stems(app: Sphinx, exception: Exception | None) -> None:
    """Give the language its own method back (``build-finished``)."""
    language = _language(app)
    if hasattr(getattr(language, "__dict__", {}).get(_METHOD), "cache_info"):
        delattr(language, _METHOD)


def _language(app: Sphinx) -> object:
    return getattr(getattr(app.builder, "indexer", None), "lang", None)
