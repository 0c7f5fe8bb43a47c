"""What HTML pages load beside their text: style sheets, scripts and the scripts' data, each only where it is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sphinxcontrib.serializinghtml import SerializingHTMLBuilder

from sphinx_statestores.export.files import encode, write_if_different
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import printable
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.read.questions import CountQuestion, LabelQuestion, LinkQuestion, LiteralQuestion
from sphinx_statestores.sphinx_ext.write.addresses import Addresses, puts_all_on_one_page
from sphinx_statestores.sphinx_ext.write.indices import INDEX_PAGES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.resolve.answers import Answers
    from sphinx_statestores.sphinx_ext.resolve.blocks import Card

_STATIC = Path(__file__).parents[1] / "static"
_STYLESHEET = "statestores.css"
#: The name of a pair of files, ``.js`` and ``.css``, and the id of the data that they read.
_PREVIEW = "statestores-preview"
_SEARCH = "statestores-search"
#: What the search knows of each store: a file of its own, which only the page of the search loads.
_NOTES = "statestores-notes.js"
#: What a document carries the cards of its stores in.
_CARDS = "statestores_cards"
#: The questions that are answered within a line of text: nothing of them needs the style sheet.
_IN_A_LINE = (LinkQuestion, LiteralQuestion, CountQuestion, LabelQuestion)


def add_static_files(app: Sphinx) -> None:
    """Let Sphinx copy the files that pages load (``builder-inited``).

    Not before: Sphinx would compare the absolute path with that of the last build, and write all pages again in
    another environment.
    """
    app.config.html_static_path.append(str(_STATIC))


def add_site_assets(app: Sphinx) -> None:
    """Add what pages may need to all of a site, where no page is made (``builder-inited``).

    Serialising builders leave pages to another program. They tell it once for all pages what to load.
    """
    if isinstance(app.builder, SerializingHTMLBuilder):
        app.add_css_file(_STYLESHEET)
        if app.config.statestores_preview:
            app.add_css_file(f"{_PREVIEW}.css")
            app.add_js_file(f"{_PREVIEW}.js", loading_method="defer")


def note_cards(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let the tree of a page carry the cards of the stores that its text links (``doctree-resolved``).

    Not when the page is made: here its links have just been answered, and another process may write it.
    """
    build = current(app.env)
    if _runs_scripts(app.builder) and build.project.settings.preview:
        cards = _cards(build.answers, app.builder, docname, sorted(_documents_on(app, docname)))
        if cards:
            doctree[_CARDS] = _json(cards)


def add_page_assets(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Add what a page needs, when Sphinx makes the page (``html-page-context``)."""
    cards = doctree.get(_CARDS) if doctree is not None and _runs_scripts(app.builder) else None
    if cards:
        _add_cards(context, cards)
    if isinstance(app.builder, SerializingHTMLBuilder):
        return
    if pagename in INDEX_PAGES or _shows_blocks(current(app.env).answers, _documents_on(app, pagename)):
        app.add_css_file(_STYLESHEET)
    if cards:
        app.add_css_file(f"{_PREVIEW}.css")
        app.add_js_file(f"{_PREVIEW}.js", loading_method="defer")
    if pagename == "search" and doctree is None and _runs_scripts(app.builder):
        notes = _write_notes(app)
        if notes:
            # Its address as an attribute of the script, which all themes print.
            attributes: dict[str, Any] = {"data-notes": notes}
            app.add_js_file(f"{_SEARCH}.js", loading_method="defer", **attributes)


def _shows_blocks(answers: Answers, docnames: Iterable[str]) -> bool:
    """Return whether some of these documents show more than words in a line: what the stylesheet is for."""
    return any(
        not isinstance(question, _IN_A_LINE)
        for docname in docnames
        for question in answers.site.questions.get(docname, ())
    )


def _write_notes(app: Sphinx) -> str:
    """Write what the search says of each store; return the address of it, or nothing when it cannot be written.

    The address changes with the content, so that browsers keep no old one. Sphinx would remember that of an earlier
    build of the same program.
    """
    notes = Path(app.outdir, "_static", _NOTES)
    text = f"window.statestoresNotes = {_json(current(app.env).answers.store_notes)};\n"
    try:
        # A build that is killed leaves nothing in the site that nobody asked for.
        write_if_different(notes, text, scratch=Path(app.doctreedir, "statestores"))
    except OSError as error:
        message = f"the search cannot say what stores are for: {printable(str(notes))}: {error.strerror}"
        warn(Kind.UNWRITABLE_FILE, message, None)
        return ""
    return f"{_NOTES}?v={crc32(encode(text)):08x}"


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
                cards[addresses.of(link.target)] = _card_data(link.card)
    return cards


def _card_data(card: Card) -> dict[str, object]:
    return {"name": card.name, "status": card.status, "purpose": card.purpose, "facts": card.facts}


def _add_cards(context: dict[str, Any], cards: str) -> None:
    """Add the preview's data to a page, since a page that is opened as a file may fetch none.

    At the end of its text, which all themes print. ``<`` is escaped, so that no text ends the element
    (https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements).
    """
    text = cards.replace("<", "\\u003c")
    context["body"] += f'<script type="application/json" id="{_PREVIEW}">{text}</script>\n'


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
