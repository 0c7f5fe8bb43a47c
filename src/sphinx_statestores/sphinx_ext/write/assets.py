"""Style sheets, scripts and their data -> the HTML pages that use them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sphinxcontrib.serializinghtml import SerializingHTMLBuilder

from sphinx_statestores.registry.phrases import gettext_noop
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.read.questions import (
    ClaimsQuestion,
    CountQuestion,
    LabelQuestion,
    LinkQuestion,
    LiteralQuestion,
)
from sphinx_statestores.sphinx_ext.resolve.entries import COMMAND_CLASS
from sphinx_statestores.sphinx_ext.write.addresses import (
    Addresses,
    puts_all_on_one_page,
    runs_scripts,
    site_address,
)
from sphinx_statestores.sphinx_ext.write.html_rows import BOX_CLASS, TOOLS_DATA
from sphinx_statestores.sphinx_ext.write.html_text import compact_json, script_json
from sphinx_statestores.sphinx_ext.write.indices import INDEX_PAGES
from sphinx_statestores.sphinx_ext.write.site_files import write_site_file
from sphinx_statestores.sphinx_ext.write.svg import PICTURE_CLASS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.resolve.answers import Answers
    from sphinx_statestores.sphinx_ext.resolve.blocks import Card
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex

_STATIC = Path(__file__).parents[1] / "static"
_STYLESHEET = "statestores.css"
#: The style sheet that makes room for the heads of tables in the box of a theme, on pages with a table only.
_HEADS = "statestores-heads.css"
#: The name of a script and a style sheet, and the id of the script's data.
_PREVIEW = "statestores-preview"
_SEARCH = "statestores-search"
#: The name of the script and the style sheet of tables with tools.
_TABLE = "statestores-table"
#: The script that finds the stores of a key, which others load when somebody looks for one.
_FIND_KEY = "statestores-find-key.js"
#: The file with the keys of all stores, which that script loads. It asks the server for the newest: no page has its
#: digest, which would be another one on all pages after each edit of a key.
_KEYS = "statestores-keys.js"
#: The name of the script that copies commands.
_COPY = "statestores-copy"
#: What the script calls the button, before and after a copy.
_COPY_WORDS = {"data-copy": gettext_noop("Copy"), "data-copied": gettext_noop("Copied.")}
#: The title of the stores of a key among the results of a search.
_OWNERS = gettext_noop("Stores that the key may belong to, the best match first")
#: The style sheet of pictures.
_PICTURES = "statestores-pictures.css"
#: The file with a description of each store, loaded only by the search page.
_NOTES = "statestores-notes.js"
#: The attribute of a doctree with the previews of its stores.
_CARDS = "statestores_cards"
#: Questions with inline results, which do not need the style sheet.
_IN_A_LINE = (LinkQuestion, LiteralQuestion, CountQuestion, LabelQuestion, ClaimsQuestion)


def add_static_files(app: Sphinx) -> None:
    """Add the static files of the extension to the site (``builder-inited``).

    Not earlier: Sphinx would include the absolute path in the hash of the configuration, and rewrite all pages in
    another environment.
    """
    app.config.html_static_path.append(str(_STATIC))


def add_site_assets(app: Sphinx) -> None:
    """Add the assets to the whole site for builders that make no pages (``builder-inited``).

    Serializing builders leave the pages to another program, which gets one list of assets for all pages.
    """
    if isinstance(app.builder, SerializingHTMLBuilder):
        app.add_css_file(_STYLESHEET)
        if app.config.statestores_preview:
            app.add_css_file(f"{_PREVIEW}.css")
            app.add_js_file(f"{_PREVIEW}.js", loading_method="defer")
        _add_table_tools(app)
        _add_copy_buttons(app)
        app.add_css_file(_PICTURES)


def note_cards(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Store the previews of the linked stores in the doctree (``doctree-resolved``).

    Not when the page is created: here the links have just been answered, and another process may create the page.
    """
    build = current(app.env)
    if runs_scripts(app.builder) and build.project.settings.preview:
        cards = _cards(build.answers, app.builder, docname, sorted(_documents_on(app, docname)))
        if cards:
            doctree[_CARDS] = script_json(cards)


def add_page_assets(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Add the assets that a page needs (``html-page-context``)."""
    cards = doctree.get(_CARDS) if doctree is not None and runs_scripts(app.builder) else None
    if cards:
        _add_cards(context, cards)
    if isinstance(app.builder, SerializingHTMLBuilder):
        return
    if pagename in INDEX_PAGES or _shows_blocks(current(app.env).answers, _documents_on(app, pagename)):
        app.add_css_file(_STYLESHEET)
    if BOX_CLASS in context.get("body", "") and runs_scripts(app.builder):
        app.add_css_file(_HEADS)
    if cards:
        app.add_css_file(f"{_PREVIEW}.css")
        app.add_js_file(f"{_PREVIEW}.js", loading_method="defer")
    # Looked for in the page itself: other extensions insert tables of their own accord.
    if TOOLS_DATA in context.get("body", "") and runs_scripts(app.builder):
        _add_table_tools(app)
    if COMMAND_CLASS in context.get("body", "") and runs_scripts(app.builder):
        _add_copy_buttons(app)
    if PICTURE_CLASS in context.get("body", ""):
        app.add_css_file(_PICTURES)
    if pagename == "search" and doctree is None and runs_scripts(app.builder):
        notes = _write_notes(app)
        if notes:
            # The URL is an attribute of the script element, which every theme prints.
            title = current(app.env).answers.site.words.gettext(_OWNERS)
            attributes: dict[str, Any] = {"data-notes": notes, "data-key": title, **_finder()}
            app.add_css_file(_STYLESHEET)
            app.add_js_file(f"{_SEARCH}.js", loading_method="defer", **attributes)


def _add_table_tools(app: Sphinx) -> None:
    app.add_css_file(f"{_TABLE}.css")
    # Not deferred: it begins before the browser lays out a large table.
    app.add_js_file(f"{_TABLE}.js", **_finder())


@cache
def _finder() -> dict[str, Any]:
    """Return the attribute with the URL of the script that finds keys, for the scripts that load it."""
    return {"data-finder": f"{_FIND_KEY}?v={_digest(_STATIC / _FIND_KEY)}"}


def _digest(path: Path) -> str:
    """Return a digest of a file for its URL, so that browsers load it again when it changes."""
    return f"{crc32(path.read_bytes()):08x}"


def _add_copy_buttons(app: Sphinx) -> None:
    words = current(app.env).answers.site.words
    attributes: dict[str, Any] = {name: words.gettext(word) for name, word in _COPY_WORDS.items()}
    app.add_js_file(f"{_COPY}.js", loading_method="defer", **attributes)


def write_keys(app: Sphinx, exception: Exception | None) -> None:
    """Write the keys of all stores for the search and for tables, if they have changed (``build-finished``)."""
    build = current(app.env)
    static = Path(app.outdir, "_static")
    if exception is not None or not build.has_begun or not runs_scripts(app.builder) or not static.is_dir():
        return
    site = build.answers.site
    write_site_file(
        app,
        static / _KEYS,
        lambda: f"window.statestoresKeys = {compact_json(_keys(site, app.builder))};\n",
        "stores cannot be found by their keys",
    )


def _keys(site: SiteIndex, builder: Builder) -> list[tuple[object, ...]]:
    """Return name, address, and the patterns of keys for each store: those of the store, then those of its ``keys``.

    Of equal patterns, the first is that of the likely owner: removed stores come last.
    """
    registry, index = site.registry, site.cells.key_index
    found: list[tuple[object, ...]] = []
    for store in sorted(registry.stores, key=lambda store: store.status == "removed"):
        patterns = index.place(store).patterns
        own, described = ([p.parts for p in patterns if (p.key is None) is is_own] for is_own in (True, False))
        target = site.store_target(store.name)
        address = "" if target is None else site_address(target, builder)
        if own:
            found.append((store.name, address, own, described) if described else (store.name, address, own))
    return found


def _shows_blocks(answers: Answers, docnames: Iterable[str]) -> bool:
    """Return whether one of the documents shows blocks, which need the style sheet."""
    return any(
        not isinstance(question, _IN_A_LINE)
        for docname in docnames
        for question in answers.site.questions.get(docname, ())
    )


def _write_notes(app: Sphinx) -> str:
    """Write the descriptions of stores for the search; return the URL of the file, or an empty text on failure.

    The URL contains a digest of the content. Sphinx caches its own digests for the whole process.
    """
    notes = Path(app.outdir, "_static", _NOTES)
    is_there = write_site_file(
        app,
        notes,
        lambda: _notes(current(app.env).answers),
        "search results do not show purposes of stores",
    )
    return f"{_NOTES}?v={_digest(notes)}" if is_there else ""


def _notes(answers: Answers) -> str:
    text = f"window.statestoresNotes = {compact_json(answers.store_notes)};\n"
    if elsewhere := answers.foreign_notes:
        text += f"window.statestoresElsewhere = {compact_json(elsewhere)};\n"
    return text


def _documents_on(app: Sphinx, pagename: str) -> Collection[str]:
    return app.env.found_docs if puts_all_on_one_page(app.builder) else (pagename,)


def _cards(answers: Answers, builder: Builder, pagename: str, docnames: Iterable[str]) -> dict[str, object]:
    """Return URL -> preview for the stores that the text of a page links."""
    cards: dict[str, object] = {}
    addresses = Addresses(builder, pagename)
    for docname in docnames:
        for link in answers.linked_stores(docname):
            if link.card is not None and link.target is not None and link.target.anchor:
                cards[addresses.of(link.target)] = _card_data(link.card)
    return cards


def _card_data(card: Card) -> dict[str, object]:
    data: dict[str, object] = {"name": card.name, "status": card.status, "purpose": card.purpose}
    data["facts"] = card.facts
    return {**data, "where": card.where} if card.where else data


def _add_cards(context: dict[str, Any], cards: str) -> None:
    """Add the previews to a page. A script could not load them from a file when the page is opened from disk.

    They are added to the body, which every theme prints.
    """
    context["body"] += f'<script type="application/json" id="{_PREVIEW}">{cards}</script>\n'
