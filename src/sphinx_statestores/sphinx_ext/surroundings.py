"""What a page of a site has around its content: navigation, templates, and what is configured."""

from __future__ import annotations

from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_statestores.sphinx_ext.render.links import makes_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.builders import Builder


class Surroundings:
    """The surroundings of one build's pages, as digests; empty for what makes no site.

    To be asked when all documents have been read: from then on they stay.
    """

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    @cached_property
    def layout(self) -> str:
        """Digest of everything but what documents are called and how they hang together."""
        builder = self._builder
        if not makes_site(builder):
            return ""
        # What Sphinx itself compares to find out whether all pages have to be written again.
        information = getattr(builder, "build_info", None)
        return _digest(
            [
                [getattr(information, name, "") for name in ("config_hash", "tags_hash")],
                builder.templates.newest_template_mtime() if builder.templates else 0,
                [index[0] for index in builder.domain_indices],
                sorted(builder.env.toctree_includes.items()),
            ]
        )

    @cached_property
    def navigation(self) -> str:
        """Digest of the titles of all documents, of their headings and of their toctrees."""
        env = self._builder.env
        if not makes_site(self._builder):
            return ""
        return _digest(
            [
                [(docname, [*_nodes(tree)]) for docname, tree in sorted(trees.items())]
                for trees in (env.titles, env.tocs)
            ]
        )


def _nodes(tree: nodes.Node) -> Iterator[object]:
    for node in tree.findall():
        if isinstance(node, nodes.Element):
            # With what makes it end: children of one node and of the next one are told apart.
            yield type(node).__name__, len(node.children), node.attributes
        else:
            yield node.astext()


def _digest(parts: list[object]) -> str:
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
