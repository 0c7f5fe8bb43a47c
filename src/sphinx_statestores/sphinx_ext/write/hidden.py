"""HTML pages -> warnings about link targets that another extension hides."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import listed
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.write.addresses import puts_all_on_one_page

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx


def warn_hidden(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Warn of link targets that are not on their page, because another extension hides them (``html-page-context``).

    Whether it hides them is known only from the HTML: some extensions decide this in the writer.
    """
    if doctree is None:
        return
    uncertain = current(app.env).answers.site.uncertain_targets
    for docname in app.env.found_docs if puts_all_on_one_page(app.builder) else (pagename,):
        anchors = [target.anchor for target in uncertain.get(docname, ())]
        missing = [anchor for anchor in anchors if f'id="{escape(anchor)}"' not in context["body"]]
        if missing:
            message = (
                f"links lead to {listed(map(repr, missing), len(missing))} of this page, which another extension "
                "hides: show these stores elsewhere, or add ':no-index:' to the hidden content"
            )
            warn(Kind.UNSHOWN_STORE, message, (docname, None))
