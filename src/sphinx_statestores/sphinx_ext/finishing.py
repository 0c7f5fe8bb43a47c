"""What Sphinx makes anew in every build, though nothing has changed: left as it is.

A build that reads nothing and writes nothing still writes the search index and the inventory, both of them with an
entry for each store. They are made of the environment, of the registry and of where links land, and when these are
what they were, so are the files. The same holds for our own indices.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.builders.html import INVENTORY_FILENAME, StandaloneHTMLBuilder
from sphinx.util.parallel import SerialTasks

from sphinx_statestores.sphinx_ext.render.links import makes_site

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.freshness import Freshness


def spare_finishing(builder: Builder, freshness: Freshness) -> None:
    """See to it that a builder of pages leaves what is unchanged, when it finishes (event ``write-started``)."""
    # Builders that derive from these make other files of the same, each in its own way.
    if makes_site(builder):
        builder.finish_tasks = _SparingTasks(builder, freshness)


def is_page_unchanged(builder: Builder, freshness: Freshness, pagename: str) -> bool:
    """Return whether the page of an index is there, and is what this build would make of it."""
    if not (makes_site(builder) and freshness.has_same_names and Path(builder.get_outfilename(pagename)).is_file()):
        return False
    if is_build_unchanged(builder, freshness):
        return True
    # Sphinx writes all documents when a template has changed, and tells nobody.
    return freshness.begun < set(builder.env.found_docs) and freshness.has_same_surroundings(surroundings(builder))


def surroundings(builder: Builder) -> str:
    """Return a digest of what any page of a site may have around its content: navigation, and what is configured."""
    if not makes_site(builder):
        return ""
    env = builder.env
    information = getattr(builder, "build_info", None)
    parts: list[object] = [
        # What Sphinx itself compares to find out whether all pages have to be written again.
        [getattr(information, name, "") for name in ("config_hash", "tags_hash")],
        sorted(env.toctree_includes.items()),
        [(docname, env.titles[docname].astext()) for docname in sorted(env.titles)],
        [(docname, env.tocs[docname].astext()) for docname in sorted(env.tocs)],
    ]
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def is_build_unchanged(builder: Builder, freshness: Freshness) -> bool:
    """Return whether a build that comes to its end has found nothing to be done."""
    # Older versions of Sphinx write the root document in each build, changed or not.
    root = {builder.config.root_doc}
    written = freshness.begun
    if written - root or (written and set(builder.env.found_docs) == root):
        return False
    return freshness.is_unchanged()


class _SparingTasks(SerialTasks):
    """Does a builder's last tasks one by one, as Sphinx does, but for those that change nothing."""

    def __init__(self, builder: StandaloneHTMLBuilder, freshness: Freshness) -> None:
        super().__init__()
        self._builder = builder
        self._freshness = freshness

    def add_task(
        self, task_func: Callable[..., Any], arg: Any = None, result_func: Callable[[Any], None] | None = None
    ) -> None:
        builder = self._builder
        made = {builder.dump_search_index: builder.searchindex_filename, builder.dump_inventory: INVENTORY_FILENAME}
        file = made.get(task_func)
        if (
            file is None
            or not Path(builder.outdir, file).is_file()
            or not is_build_unchanged(builder, self._freshness)
        ):
            super().add_task(task_func, arg, result_func)
