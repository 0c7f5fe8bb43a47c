"""The site: the extension's directives, roles and events, registered in the order in which they happen."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sphinx import version_info as sphinx_version

from sphinx_statestores import __version__
from sphinx_statestores.registry.garbage import end_without_search, put_back, search_for_garbage_seldom, set_aside
from sphinx_statestores.sphinx_ext.ahead import read_ahead
from sphinx_statestores.sphinx_ext.binding import AnswerQuestions
from sphinx_statestores.sphinx_ext.build import read_inputs, start_build
from sphinx_statestores.sphinx_ext.config import CONFIG_VALUES
from sphinx_statestores.sphinx_ext.coverage import coverage
from sphinx_statestores.sphinx_ext.coverage_builder import CoverageBuilder
from sphinx_statestores.sphinx_ext.directives import DIRECTIVES
from sphinx_statestores.sphinx_ext.domain import StateStoreDomain
from sphinx_statestores.sphinx_ext.fingerprints import Fingerprints, settings_digest
from sphinx_statestores.sphinx_ext.finishing import is_page_unchanged, spare_finishing
from sphinx_statestores.sphinx_ext.freshness import Freshness, open_freshness
from sphinx_statestores.sphinx_ext.headings import answer_headings
from sphinx_statestores.sphinx_ext.indices import index_pages, remove_old_pages
from sphinx_statestores.sphinx_ext.logging import fail
from sphinx_statestores.sphinx_ext.page_assets import add_page_assets, add_site_assets, note_cards
from sphinx_statestores.sphinx_ext.questions import statestores_block, statestores_inline
from sphinx_statestores.sphinx_ext.raw_titles import (
    escape_searched_titles,
    escape_titles,
    risky_titles,
    statestores_heading_words,
)
from sphinx_statestores.sphinx_ext.render.html_rows import statestores_rows, visit_rows
from sphinx_statestores.sphinx_ext.render.links import makes_site
from sphinx_statestores.sphinx_ext.roles import ROLES
from sphinx_statestores.sphinx_ext.search_words import remember_stems
from sphinx_statestores.sphinx_ext.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils import nodes
    from sphinx import addnodes
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.builders.html import StandaloneHTMLBuilder
    from sphinx.config import Config
    from sphinx.domains import Domain
    from sphinx.environment import BuildEnvironment
    from sphinx.util.docutils import SphinxTranslator
    from sphinx.util.typing import ExtensionMetadata

#: Whether Sphinx ends a build in which it finds no document to write, before it makes any other page: the indices and
#: what the search knows would stay as they were.
_MAY_STOP = sphinx_version < (8, 2)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything."""
    # Not later: Sphinx reads its environment before it tells anybody that it begins.
    search_for_garbage_seldom()
    for value in CONFIG_VALUES:
        app.add_config_value(value.name, value.default, value.rebuild, value.types)
    app.add_domain(StateStoreDomain)
    for name, role in ROLES.items():
        app.add_role(name, role)
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    app.add_node(statestores_block)
    app.add_node(statestores_rows, html=(visit_rows, None))
    visitors = (_visit_inline, _depart_inline)
    app.add_node(statestores_heading_words, html=visitors)
    app.add_node(statestores_inline, html=visitors, latex=visitors, text=visitors, man=visitors, texinfo=visitors)
    app.add_post_transform(AnswerQuestions)
    app.add_builder(CoverageBuilder)

    handlers = _Handlers()
    app.connect("config-inited", _add_static_files)
    app.connect("builder-inited", handlers.begin)
    app.connect("builder-inited", add_site_assets)
    app.connect("env-purge-doc", handlers.note_purged)
    app.connect("doctree-read", _note_document)
    app.connect("env-updated", handlers.find_outdated)
    app.connect("write-started", handlers.begin_writing)
    app.connect("doctree-resolved", handlers.note_written)
    app.connect("warn-missing-reference", _warn_unknown)
    app.connect("html-collect-pages", handlers.collect_pages)
    app.connect("html-page-context", handlers.add_page_assets)
    app.connect("html-page-context", handlers.escape_titles, priority=900)  # behind the theme's own
    app.connect("build-finished", handlers.finish)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


class _Handlers:
    """The handlers of one application; what they share lives from the first event to the last."""

    def __init__(self) -> None:
        self._freshness: Freshness | None = None
        #: Of this build, once its headings have their texts.
        self._risky_titles: dict[str, str] | None = None

    def begin(self, app: Sphinx) -> None:
        """Read the registry, or begin to, before any document: one version of it serves the whole build."""
        domain = _domain(app.env)
        self._risky_titles = None
        inputs = read_inputs(app)
        ahead = read_ahead(app, inputs)
        domain.begin(ahead or partial(start_build, app, inputs))
        if ahead is None:
            # What is wrong with the registry is said before anything else, and pages may be made of it.
            _ = domain.build
        self._freshness = open_freshness(app.builder, Path(app.doctreedir), Surroundings(app.builder))

    def note_purged(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Remember that a document has gone or is read again, before Sphinx has saved the environment."""
        if self._freshness is not None:
            self._freshness.purged.add(docname)

    def find_outdated(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Name the documents that have to be written again though nobody touched them."""
        domain = _domain(env)
        domain.forget_answers()

        def fingerprints() -> Fingerprints:
            return Fingerprints(domain.build, domain.answers)

        if self._freshness is not None and self._freshness.is_untouched(_settings(domain), fingerprints):
            return []
        answer_headings(env, domain.headings, domain.answers)
        if self._freshness is None:
            return []
        outdated = self._freshness.outdated(fingerprints())
        if not outdated and _MAY_STOP and not self._freshness.has_same_inputs:
            return [app.config.root_doc]
        return outdated

    def begin_writing(self, app: Sphinx, builder: Builder) -> None:
        """Prepare the end of the build."""
        if self._freshness is not None:
            spare_finishing(builder, self._freshness)
            # Reading leaves much that is garbage; without it, what has been answered is most of what there is.
            if not self._freshness.purged:
                set_aside()

    def note_written(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Remember that a document is on its way out."""
        remember_stems(app.builder)
        if app.builder.format == "html" and self._is_named_by_registry(app, docname):
            escape_searched_titles(doctree)
        if self._freshness is not None:
            self._freshness.begin_document(docname)
        note_cards(app, doctree, docname)

    def collect_pages(self, app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Yield the pages of the indices, but for those that are there and are the same."""
        builder, freshness = app.builder, self._freshness
        if not makes_site(builder):
            remove_old_pages(cast("StandaloneHTMLBuilder", builder))
            return
        if freshness is None:
            return
        for page in index_pages(_domain(app.env), builder, partial(is_page_unchanged, builder, freshness)):
            freshness.unsettle()
            yield page

    def add_page_assets(
        self, app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
    ) -> None:
        """Add what a page loads."""
        is_same = self._freshness is not None and self._freshness.has_same_inputs
        add_page_assets(app, pagename, context, doctree, are_notes_the_same=is_same)

    def escape_titles(
        self, app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
    ) -> None:
        """Escape the titles that a theme prints as they are, those that the registry gives."""
        if self._risky_titles is None:
            named = [docname for docname in app.env.titles if self._is_named_by_registry(app, docname)]
            self._risky_titles = risky_titles(app.env, named)
        escape_titles(context, self._risky_titles)

    @staticmethod
    def _is_named_by_registry(app: Sphinx, docname: str) -> bool:
        """Return whether there is something of the registry in the headings of a document."""
        domain = _domain(app.env)
        return docname in domain.headings or domain.answers.is_generated(docname)

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        """Record what was written, unless the build failed: then nothing is known."""
        put_back()
        end_without_search()
        if self._freshness is None or exception is not None:
            return
        domain = _domain(app.env)
        self._freshness.finish(_settings(domain), set(app.env.found_docs))
        build = domain.build
        # Not exceptions: those would be reported as faults of the extension.
        if build.settings.strict and build.errors:
            number = "1 error" if build.errors == 1 else f"{build.errors:,} errors"
            fail(f"the registry of state stores has {number}")
            app.statuscode = 1
        wanted = build.settings.coverage_fail_under
        if wanted and (percent := coverage(domain.answers).percent) < wanted:
            fail(f"{percent:.1f} % of the state stores are mentioned, and {wanted:g} % have to be")
            app.statuscode = 1


def _domain(env: BuildEnvironment) -> StateStoreDomain:
    return cast("StateStoreDomain", env.get_domain(StateStoreDomain.name))


def _settings(domain: StateStoreDomain) -> str:
    """Return a digest of what decides about answers outside of the environment; nothing where there is more."""
    return "" if domain.headings or domain.compares_versions else settings_digest(domain.build)


def _add_static_files(app: Sphinx, config: Config) -> None:
    # Not later: Sphinx compares the configuration with that of the last build after this event.
    config.html_static_path = [*config.html_static_path, str(Path(__file__).parent / "static")]


def _note_document(app: Sphinx, document: nodes.document) -> None:
    _domain(app.env).note_document(app.env.docname, document)


def _warn_unknown(app: Sphinx, domain: Domain | None, node: addnodes.pending_xref) -> bool | None:
    if isinstance(domain, StateStoreDomain):
        domain.warn_unknown(node)
        return True
    return None


def _visit_inline(translator: SphinxTranslator, node: statestores_inline) -> None:
    """Show the text that a quoted heading has been given: those trees are never transformed."""


def _depart_inline(translator: SphinxTranslator, node: statestores_inline) -> None:
    """Do nothing after it."""
