"""The words of tables in Sphinx's search index: each is reduced to its stem once.

Sphinx reduces every word anew for every page. The rows of tables repeat the same words all over a site, the names of
services and what stores are usually called, and reducing them, in pure Python, costs more than writing the tables.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.builders import Builder


def remember_stems(builder: Builder) -> None:
    """See to it that a builder's search index reduces each word once a build; others have none.

    A stem depends on nothing but its word
    (https://www.sphinx-doc.org/en/master/usage/configuration.html#confval-html_search_language).
    """
    indexer = getattr(builder, "indexer", None)
    if indexer is not None and not hasattr(indexer.lang.stem, "cache_info"):
        indexer.lang.stem = cache(indexer.lang.stem)
