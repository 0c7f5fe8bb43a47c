"""What HTML pages load beside their text: style sheets, scripts and the scripts' data, each only where it is used."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any, cast

from sphinx_statestores.sphinx_ext.domain import StateStoreDomain
from sphinx_statestores.sphinx_ext.render.links import puts_all_on_one_page, relative_uri

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.answers import Answers

_STYLESHEET = "statestores.css"
#: The name of a pair of files, ``.js`` and ``.css``, and the id of the data that they read.
_PREVIEW = "statestores-preview"
_SEARCH = "statestores-search"


def add_page_assets(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Add what a page needs, when Sphinx makes the page (event ``html-page-context``)."""
    domain = cast("StateStoreDomain", app.env.get_domain(StateStoreDomain.name))
    builder = app.builder
    docnames = app.env.found_docs if puts_all_on_one_page(builder) else (pagename,)
    if domain.shows_blocks(docnames):
        app.add_css_file(_STYLESHEET)
    # In a book or a help file nothing hovers, and a script may not run.
    if getattr(builder, "embedded", False):
        return
    if doctree is not None and domain.build.settings.preview:
        cards = _cards(domain.answers, builder, pagename, sorted(docnames))
        if cards:
            app.add_css_file(f"{_PREVIEW}.css")
            _add_script(app, context, _PREVIEW, cards)
    if pagename == "search" and doctree is None:
        _add_script(app, context, _SEARCH, domain.answers.store_notes)


def _cards(answers: Answers, builder: Builder, pagename: str, docnames: Iterable[str]) -> dict[str, object]:
    """Return the card of each store that a page's text links, by the link's address as the page has it."""
    cards: dict[str, object] = {}
    for docname in docnames:
        for link in answers.linked_stores(docname):
            if link.card is not None and link.target is not None and link.target.anchor:
                cards[relative_uri(builder, pagename, link.target)] = link.card._asdict()
    return cards


def _add_script(app: Sphinx, context: dict[str, Any], name: str, content: object) -> None:
    """Add a script to a page, and data for it: in the page, since a page that is opened as a file may load none.

    ``<`` is escaped, so that no text ends the element
    (https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements).
    """
    app.add_js_file(f"{name}.js", loading_method="defer")
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    element = f'<script type="application/json" id="{escape(name)}">{text}</script>\n'
    context["metatags"] = context.get("metatags", "") + element
