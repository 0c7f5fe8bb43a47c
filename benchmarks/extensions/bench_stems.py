"""Has Sphinx's search index reduce each word to its stem once a build, and does nothing else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Register."""
    app.connect("doctree-resolved", _remember_stems)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _remember_stems(app: Sphinx, *_: object) -> None:
    language = app.builder.indexer.lang  # type: ignore[attr-defined] # of builders of HTML
    if not hasattr(language.stem, "cache_info"):
        language.stem = cache(language.stem)
