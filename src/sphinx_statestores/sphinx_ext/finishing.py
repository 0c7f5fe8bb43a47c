"""What Sphinx makes anew in every build, though nothing has changed: left as it is.

A build that reads nothing and writes nothing still writes the search index and the inventory, both of them with an
entry for each store. They are made of the environment, of the registry and of where links land, and when these are
what they were, so are the files. The same holds for our own indices.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.builders.html import INVENTORY_FILENAME, StandaloneHTMLBuilder
from sphinx.util.parallel import SerialTasks

from sphinx_statestores.sphinx_ext.render.links import makes_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.freshness import Freshness


def spare_finishing(builder: Builder, freshness: Freshness) -> None:
    """See to it that a builder of pages leaves what is unchanged, when it finishes (event ``write-started``)."""
    # Builders that derive from these make other files of the same, each in its own way.
    if makes_site(builder):
        tasks = _SparingTasks(builder, freshness)
        builder.finish_tasks = tasks
        builder.load_indexer = tasks.load_indexer  # type: ignore[method-assign]


def is_page_unchanged(builder: Builder, freshness: Freshness, pagename: str) -> bool:
    """Return whether the page of an index is there, and is what this build would make of it."""
    return (
        makes_site(builder)
        and freshness.has_same_names
        and Path(builder.get_outfilename(pagename)).is_file()
        and (is_build_unchanged(builder, freshness) or _is_site_the_same(builder, freshness))
    )


def _is_site_the_same(builder: Builder, freshness: Freshness) -> bool:
    """Return whether pages of a site look as they did, whatever some of them tell."""
    # Sphinx writes all documents when a file has changed that is in all of them, and tells nobody.
    return freshness.begun < set(builder.env.found_docs) and freshness.has_same_surroundings()


def is_build_unchanged(builder: Builder, freshness: Freshness) -> bool:
    """Return whether a build that comes to its end has found nothing to be done."""
    # Older versions of Sphinx write the root document in each build, changed or not.
    root = {builder.config.root_doc}
    written = freshness.begun
    if written - root or (written and set(builder.env.found_docs) == root):
        return False
    return freshness.is_unchanged()


class _SparingTasks(SerialTasks):
    """Does a builder's last tasks one by one, as Sphinx does, but for those that change nothing.

    Nor is the search index read in order to be written as it was.
    """

    def __init__(self, builder: StandaloneHTMLBuilder, freshness: Freshness) -> None:
        super().__init__()
        self._builder = builder
        self._freshness = freshness
        self._has_index = True

    def load_indexer(self, docnames: Iterable[str]) -> None:
        """Read the search index of the build before, as Sphinx does, or see whether it is needed at all."""
        pages = set(docnames)
        self._has_index = bool(pages) or not self._is_left(self._builder.searchindex_filename)
        if self._has_index:
            type(self._builder).load_indexer(self._builder, pages)

    def add_task(
        self, task_func: Callable[..., Any], arg: Any = None, result_func: Callable[[Any], None] | None = None
    ) -> None:
        builder = self._builder
        if task_func == builder.dump_inventory and self._is_inventory_left():
            return
        if task_func == builder.dump_search_index:
            if self._is_left(builder.searchindex_filename):
                return
            if not self._has_index:
                type(builder).load_indexer(builder, set())
        super().add_task(task_func, arg, result_func)

    def _is_left(self, file: str) -> bool:
        return Path(self._builder.outdir, file).is_file() and is_build_unchanged(self._builder, self._freshness)

    def _is_inventory_left(self) -> bool:
        """Return whether the inventory is what it would be: it has names and addresses, and tells nothing else."""
        builder, freshness = self._builder, self._freshness
        if self._is_left(INVENTORY_FILENAME):
            return True
        return (
            Path(builder.outdir, INVENTORY_FILENAME).is_file()
            and freshness.has_same_names
            and freshness.has_same_documents
            and _is_site_the_same(builder, freshness)
        )
