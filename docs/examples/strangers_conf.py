"""What a conf.py has that pages of strangers are built with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

extensions = ["myst_parser", "sphinx_statestores"]

statestores_registry = "../schemas/state-stores.yaml"
# These win over `x-lint` and the comments of the registry, which a pull request can change.
statestores_lint = {"invisible_characters": "error", "foreign_prefix": "error"}
statestores_strict = True


def setup(app: Sphinx) -> None:
    """Show no raw HTML, in whatever markup it is written."""
    app.connect("doctree-read", remove_raw)


def remove_raw(app: Sphinx, doctree: nodes.document) -> None:
    """Remove raw HTML from a page that has just been read."""
    for node in list(doctree.findall(nodes.raw)):
        node.parent.remove(node)
