"""The site: the extension's directives, roles and events, registered in the order in which they happen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from sphinx.util import logging

from sphinx_statestores import __version__
from sphinx_statestores.sphinx_ext.binding import AnswerQuestions
from sphinx_statestores.sphinx_ext.build import start_build
from sphinx_statestores.sphinx_ext.config import CONFIG_VALUES
from sphinx_statestores.sphinx_ext.coverage import coverage
from sphinx_statestores.sphinx_ext.coverage_builder import CoverageBuilder
from sphinx_statestores.sphinx_ext.directives import DIRECTIVES
from sphinx_statestores.sphinx_ext.domain import StateStoreDomain
from sphinx_statestores.sphinx_ext.freshness import Freshness, fingerprint_inputs, open_freshness
from sphinx_statestores.sphinx_ext.headings import answer_headings
from sphinx_statestores.sphinx_ext.page_assets import add_page_assets
from sphinx_statestores.sphinx_ext.questions import statestores_block, statestores_inline
from sphinx_statestores.sphinx_ext.roles import ROLES

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx import addnodes
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.domains import Domain
    from sphinx.environment import BuildEnvironment
    from sphinx.util.docutils import SphinxTranslator
    from sphinx.util.typing import ExtensionMetadata

_logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything."""
    for value in CONFIG_VALUES:
        app.add_config_value(value.name, value.default, value.rebuild, value.types)
    app.add_domain(StateStoreDomain)
    for name, role in ROLES.items():
        app.add_role(name, role)
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    app.add_node(statestores_block)
    visitors = (_visit_inline, _depart_inline)
    app.add_node(statestores_inline, html=visitors, latex=visitors, text=visitors, man=visitors, texinfo=visitors)
    app.add_post_transform(AnswerQuestions)
    app.add_builder(CoverageBuilder)

    handlers = _Handlers()
    app.connect("config-inited", _add_static_files)
    app.connect("builder-inited", handlers.begin)
    app.connect("doctree-read", _note_document)
    app.connect("env-updated", handlers.find_outdated)
    app.connect("doctree-resolved", handlers.note_written)
    app.connect("warn-missing-reference", _warn_unknown)
    app.connect("html-page-context", add_page_assets)
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

    def begin(self, app: Sphinx) -> None:
        """Read the registry, before any document: one version of it serves the whole build."""
        _domain(app.env).begin(start_build(app))
        self._freshness = open_freshness(app.builder, Path(app.doctreedir))

    def find_outdated(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Name the documents that have to be written again though nobody touched them."""
        domain = _domain(env)
        domain.forget_answers()
        answer_headings(env, domain.headings, domain.answers)
        if self._freshness is None:
            return []
        return self._freshness.outdated(domain.answers, fingerprint_inputs(domain.answers))

    def note_written(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Remember that a document is on its way out."""
        if self._freshness is not None:
            self._freshness.begin_document(docname)

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        """Record what was written, unless the build failed: then nothing is known."""
        if self._freshness is None or exception is not None:
            return
        self._freshness.finish()
        domain = _domain(app.env)
        build = domain.build
        # Not exceptions: those would be reported as faults of the extension.
        if build.settings.strict and build.errors:
            _logger.error(
                "the registry of state stores has %s", "1 error" if build.errors == 1 else f"{build.errors:,} errors"
            )
            app.statuscode = 1
        wanted = build.settings.coverage_fail_under
        if wanted and (percent := coverage(domain.answers).percent) < wanted:
            _logger.error("%.1f %% of the state stores are mentioned, and %g %% have to be", percent, wanted)
            app.statuscode = 1


def _domain(env: BuildEnvironment) -> StateStoreDomain:
    return cast("StateStoreDomain", env.get_domain(StateStoreDomain.name))


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
