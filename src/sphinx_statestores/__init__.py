"""State stores in Sphinx: a registry of key spaces and tables as a living part of a documentation site."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

__version__ = "0.1.0"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx.

    The import is made here and not above, so that the command line and other users of the data
    need no Sphinx.
    """
    from sphinx_statestores.sphinx_ext import setup as setup_sphinx  # noqa: PLC0415

    return setup_sphinx(app)
