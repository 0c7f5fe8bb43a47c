"""Spares Sphinx what the measured extension spares it, and does nothing else.

Each word of the search index is reduced to its stem once a build, and Python looks for garbage seldom and not once
more at the end of the program.
"""

from __future__ import annotations

import atexit
import gc
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_SELDOM = 10_000


def setup(app: Sphinx) -> dict[str, Any]:
    """Register."""
    _, *others = gc.get_threshold()
    gc.set_threshold(_SELDOM, *others)
    atexit.register(gc.freeze)
    app.connect("doctree-resolved", _remember_stems)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _remember_stems(app: Sphinx, *_: object) -> None:
    language = app.builder.indexer.lang  # type: ignore[attr-defined] # of builders of HTML
    if not hasattr(language.stem, "cache_info"):
        language.stem = cache(language.stem)
