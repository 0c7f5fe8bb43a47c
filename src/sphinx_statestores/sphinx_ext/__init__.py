"""The Sphinx extension: registers its directives, roles and event handlers, in the order of the build.

Sphinx reads pages (``read``), their questions are answered (``resolve``) and the results are written (``write``).
``incremental`` selects the documents to write again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores import __version__
from sphinx_statestores.sphinx_ext.config import CONFIG_VALUES
from sphinx_statestores.sphinx_ext.domain import StateStoreDomain, note_document, note_source, warn_unknown
from sphinx_statestores.sphinx_ext.finish import fail_on_errors, fail_under_coverage
from sphinx_statestores.sphinx_ext.incremental.outdated import (
    find_outdated,
    find_to_read,
    note_resolved,
    note_written,
)
from sphinx_statestores.sphinx_ext.project import begin_build, begin_next_build
from sphinx_statestores.sphinx_ext.read.directives import DIRECTIVES
from sphinx_statestores.sphinx_ext.read.placeholders import (
    note_that_all_is_read,
    statestores_block,
    statestores_empty,
    statestores_inline,
)
from sphinx_statestores.sphinx_ext.read.roles import ROLES
from sphinx_statestores.sphinx_ext.write.assets import (
    add_page_assets,
    add_site_assets,
    add_static_files,
    note_cards,
    write_keys,
)
from sphinx_statestores.sphinx_ext.write.coverage_builder import CoverageBuilder
from sphinx_statestores.sphinx_ext.write.headings import fill_headings
from sphinx_statestores.sphinx_ext.write.hidden import warn_hidden
from sphinx_statestores.sphinx_ext.write.html_rows import (
    depart_box,
    statestores_box,
    statestores_rows,
    visit_box,
    visit_rows,
)
from sphinx_statestores.sphinx_ext.write.indices import fill_index_page, note_index_labels, remove_old_indices
from sphinx_statestores.sphinx_ext.write.messages import collect_messages
from sphinx_statestores.sphinx_ext.write.pictures import depart_picture, statestores_picture, visit_picture
from sphinx_statestores.sphinx_ext.write.placeholders import ReplacePlaceholders
from sphinx_statestores.sphinx_ext.write.prose import warn_contradicted
from sphinx_statestores.sphinx_ext.write.published import write_published
from sphinx_statestores.sphinx_ext.write.raw_titles import (
    escape_searched_titles,
    escape_titles,
    note_risky_titles,
)
from sphinx_statestores.sphinx_ext.write.search_stems import forget_stems, remember_stems

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register configuration values, domain, builder, nodes and event handlers; return the extension's metadata."""
    for value in CONFIG_VALUES:
        app.add_config_value(value.name, value.default, value.rebuild, value.types)
    app.add_domain(StateStoreDomain)
    for name, role in ROLES.items():
        app.add_role(name, role)
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    for node in (statestores_block, statestores_empty, statestores_inline):
        app.add_node(node)
    app.add_node(statestores_box, html=(visit_box, depart_box))
    app.add_node(statestores_rows, html=(visit_rows, None))
    app.add_node(statestores_picture, html=(visit_picture, depart_picture))
    app.add_post_transform(ReplacePlaceholders)
    app.add_builder(CoverageBuilder)

    app.connect("builder-inited", begin_build)
    app.connect("builder-inited", add_static_files)
    app.connect("builder-inited", add_site_assets)
    app.connect("env-get-outdated", begin_next_build)
    app.connect("env-get-outdated", find_to_read)
    app.connect("source-read", note_source, priority=900)  # after other extensions changed the source
    app.connect("doctree-read", note_that_all_is_read, priority=400)  # before others quote titles
    app.connect("doctree-read", note_document)
    app.connect("env-updated", fill_headings)
    app.connect("env-updated", note_index_labels)
    app.connect("env-updated", note_risky_titles)
    app.connect("env-updated", find_outdated)
    app.connect("env-updated", collect_messages)
    app.connect("warn-missing-reference", warn_unknown)
    app.connect("doctree-resolved", warn_contradicted)
    app.connect("doctree-resolved", remember_stems)
    app.connect("doctree-resolved", escape_searched_titles)
    app.connect("doctree-resolved", note_cards)
    app.connect("doctree-resolved", note_resolved)
    app.connect("html-collect-pages", remove_old_indices)
    app.connect("html-page-context", fill_index_page, priority=400)  # before themes read the title
    app.connect("html-page-context", add_page_assets)
    app.connect("html-page-context", warn_hidden)
    app.connect("html-page-context", escape_titles, priority=900)  # after the theme's own handlers
    app.connect("build-finished", write_published)
    app.connect("build-finished", write_keys)
    app.connect("build-finished", note_written)
    app.connect("build-finished", fail_on_errors)
    app.connect("build-finished", fail_under_coverage)
    app.connect("build-finished", forget_stems)
    return {
        "version": __version__,
        "env_version": 4,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
