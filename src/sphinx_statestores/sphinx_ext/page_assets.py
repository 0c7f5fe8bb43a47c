"""What HTML pages load beside their text: style sheets, scripts and the scripts' data, each only where it is used."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zlib import crc32

from sphinx.util.osutil import relative_uri
from sphinxcontrib.serializinghtml import SerializingHTMLBuilder

from sphinx_statestores.export.files import write_if_different
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import printable
from sphinx_statestores.sphinx_ext.domain import StateStoreDomain
from sphinx_statestores.sphinx_ext.indices import INDEX_PAGES
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.render.links import Addresses, makes_site, puts_all_on_one_page

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.answers import Answers

_STYLESHEET = "statestores.css"
#: The name of a pair of files, ``.js`` and ``.css``, and the id of the data that they read.
_PREVIEW = "statestores-preview"
_SEARCH = "statestores-search"
#: What the search knows of each store: a file of its own, since it is large and changes seldom.
_NOTES = "statestores-notes.js"
#: What a document carries the cards of its stores in.
_CARDS = "statestores_cards"


def add_site_assets(app: Sphinx) -> None:
    """Add what pages may need to all of a site, where no page is made (event ``builder-inited``).

    Serialising builders leave pages to another program. They tell it once for all pages what to load.
    """
    if isinstance(app.builder, SerializingHTMLBuilder):
        app.add_css_file(_STYLESHEET)
        if app.config.statestores_preview:
            app.add_css_file(f"{_PREVIEW}.css")
            app.add_js_file(f"{_PREVIEW}.js", loading_method="defer")


def add_page_assets(
    app: Sphinx, pagename: str, context: dict[str, Any], doctree: nodes.document | None, *, are_notes_the_same: bool
) -> None:
    """Add what a page needs, when Sphinx makes the page (event ``html-page-context``).

    With *are_notes_the_same*, the file with what the search knows of stores is as the last build has written it.
    """
    domain = cast("StateStoreDomain", app.env.get_domain(StateStoreDomain.name))
    builder = app.builder
    cards = doctree.get(_CARDS) if doctree is not None and _runs_scripts(builder) else None
    if cards:
        _add_cards(context, cards)
    if isinstance(builder, SerializingHTMLBuilder):
        return
    if domain.shows_blocks(_documents_on(app, pagename)) or (pagename in INDEX_PAGES and makes_site(builder)):
        app.add_css_file(_STYLESHEET)
    if cards:
        app.add_css_file(f"{_PREVIEW}.css")
        app.add_js_file(f"{_PREVIEW}.js", loading_method="defer")
    if pagename == "search" and doctree is None and _runs_scripts(builder):
        _add_notes(app, context, are_notes_the_same=are_notes_the_same)


def _add_notes(app: Sphinx, context: dict[str, Any], *, are_notes_the_same: bool) -> None:
    """Let the page of the search say what each store is for."""
    notes = Path(app.outdir, "_static", _NOTES)
    try:
        if not (are_notes_the_same and notes.is_file()):
            domain = cast("StateStoreDomain", app.env.get_domain(StateStoreDomain.name))
            text = f"window.statestoresNotes = {_json(domain.answers.store_notes)};\n"
            # A build that is killed leaves nothing in the site that nobody asked for.
            write_if_different(notes, text, scratch=Path(app.doctreedir, "statestores"))
        checksum = crc32(notes.read_bytes())
    except OSError as error:
        message = f"the search cannot say what stores are for: {printable(str(notes))}: {error.strerror}"
        warn(Kind.UNWRITABLE_FILE, message, None)
        return
    # Not by add_js_file: Sphinx looks at a file once in a process, and this one changes between two builds.
    uri = relative_uri(app.builder.get_target_uri("search"), f"_static/{_NOTES}")
    _add_to_head(context, f'<script defer="defer" src="{escape(uri)}?v={checksum:08x}"></script>')
    app.add_js_file(f"{_SEARCH}.js", loading_method="defer")


def note_cards(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let the tree of a page carry the cards of the stores that its text links (event ``doctree-resolved``).

    Not when the page is made: here its links have just been answered, and another process may write it.
    """
    domain = cast("StateStoreDomain", app.env.get_domain(StateStoreDomain.name))
    if _runs_scripts(app.builder) and domain.build.settings.preview:
        cards = _cards(domain.answers, app.builder, docname, sorted(_documents_on(app, docname)))
        if cards:
            doctree[_CARDS] = _json(cards)


def _runs_scripts(builder: Builder) -> bool:
    """Return whether pages may run scripts: in a book or a help file nothing hovers, either."""
    return builder.format == "html" and not getattr(builder, "embedded", False)


def _documents_on(app: Sphinx, pagename: str) -> Collection[str]:
    return app.env.found_docs if puts_all_on_one_page(app.builder) else (pagename,)


def _cards(answers: Answers, builder: Builder, pagename: str, docnames: Iterable[str]) -> dict[str, object]:
    """Return the card of each store that a page's text links, by the link's address as the page has it."""
    cards: dict[str, object] = {}
    addresses = Addresses(builder, pagename)
    for docname in docnames:
        for link in answers.linked_stores(docname):
            if link.card is not None and link.target is not None and link.target.anchor:
                cards[addresses.of(link.target)] = link.card._asdict()
    return cards


def _add_cards(context: dict[str, Any], cards: str) -> None:
    """Add the preview's data to a page, since a page that is opened as a file may fetch none.

    ``<`` is escaped, so that no text ends the element
    (https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements).
    """
    text = cards.replace("<", "\\u003c")
    _add_to_head(context, f'<script type="application/json" id="{_PREVIEW}">{text}</script>')


def _add_to_head(context: dict[str, Any], element: str) -> None:
    context["metatags"] = f"{context.get('metatags', '')}{element}\n"


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
