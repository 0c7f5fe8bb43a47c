"""Table bodies as finished HTML.

docutils spends its time on the ten to fifteen nodes of a row: transforms walk them, visitors dispatch on
them. A body of thousands of rows is one string instead. It is well-formed XML, as EPUB demands.
"""

from __future__ import annotations

import string
from html import escape
from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_statestores.sphinx_ext.content import without_link_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sphinx.writers.html5 import HTML5Translator

    from sphinx_statestores.sphinx_ext.content import Body, Cell, Spans, Table, Target


#: Sphinx's search divides a text here, too: names are made of the same few words.
_BETWEEN_WORDS = str.maketrans(dict.fromkeys(string.punctuation.replace("_", ""), " "))
#: Unit separator: no text has reason to hold it (https://www.rfc-editor.org/rfc/rfc20#section-5.2).
_BETWEEN_TEXTS = "\x1f"


class statestores_rows(nodes.General, nodes.Element):  # noqa: N801 - docutils spells nodes so
    """The bodies of a table: ``html`` is what a page shows, the text its words, for the search index.

    Each word once: the index asks on which pages a word is, and not how often.
    """


def visit_rows(translator: HTML5Translator, node: statestores_rows) -> None:
    """Write the rows."""
    translator.body.append(node["html"])
    raise nodes.SkipNode


def table_rows(
    table: Table, docname: str, uri: Callable[[Target], str], claim: Callable[[str], str]
) -> statestores_rows:
    """Return the ``tbody`` elements of a table in a document.

    *uri* gives the address of a link as seen from the page. *claim* is asked for the id of each row that
    wants one and returns it, or nothing when the row may not have it.
    """
    # By columns: the cells of one are much alike, and texts can be taken and escaped all at once.
    bodies = [(body, list(zip(*[row.cells for row in body.rows], strict=True))) for body in table.bodies]
    texts = {_text(body.heading) for body in table.bodies}
    for _, columns in bodies:
        for column in columns:
            texts.update([cell if isinstance(cell, str) else _text(cell) for cell in column])
    words = " ".join(sorted(set(" ".join(texts).translate(_BETWEEN_WORDS).split())))
    width = len(table.columns)
    html = "".join(part for body, columns in bodies for part in _parts(body, columns, width, docname, uri, claim))
    return statestores_rows("", nodes.Text(words), html=html)


def cell_html(cell: Cell, uri: Callable[[Target], str]) -> str:
    """Return one cell."""
    return f"<td>{escape(cell, quote=False) if isinstance(cell, str) else _spans(cell, uri)}</td>"


def _parts(
    body: Body,
    columns: Sequence[Sequence[Cell]],
    width: int,
    docname: str,
    uri: Callable[[Target], str],
    claim: Callable[[str], str],
) -> Iterator[str]:
    yield "<tbody>\n"
    if body.heading:
        heading = _spans(body.heading, uri)
        yield f'<tr class="statestore-group"><th colspan="{width}" scope="rowgroup">{heading}</th></tr>\n'
    anchors = [row.anchor and claim(row.anchor) for row in body.rows]
    begins = [f'<tr id="{anchor}"><td>' if anchor else "<tr><td>" for anchor in _escaped(anchors)]
    shown = [_column(cells, anchors, docname, uri) for cells in columns]
    for begin, cells in zip(begins, zip(*shown, strict=True), strict=True):
        yield f"{begin}{'</td><td>'.join(cells)}</td></tr>\n"
    yield "</tbody>\n"


def _column(cells: Sequence[Cell], anchors: Iterable[str], docname: str, uri: Callable[[Target], str]) -> list[str]:
    """Return what is in the cells of a column; *anchors* are the ids of their rows."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    if len(texts) == len(cells):
        return _escaped(texts, quote=False)
    known: dict[Cell, str] = {}
    column = []
    for cell, anchor in zip(cells, anchors, strict=True):
        if isinstance(cell, str):
            column.append(escape(cell, quote=False))
        elif cell and cell[0].style:
            column.append(_spans(without_link_to(docname, anchor, cell) if anchor else cell, uri))
        else:
            # Services: few of them, and each with a link.
            html = known.get(cell)
            if html is None:
                html = known[cell] = _spans(cell, uri)
            column.append(html)
    return column


def _escaped(texts: list[str], *, quote: bool = True) -> list[str]:
    """Return texts for HTML: in one go, where none of them holds what is put between them."""
    found = escape(_BETWEEN_TEXTS.join(texts), quote=quote).split(_BETWEEN_TEXTS)
    return found if len(found) == len(texts) else [escape(text, quote=quote) for text in texts]


def _text(spans: Spans) -> str:
    return spans[0].text if len(spans) == 1 else "".join([span.text for span in spans])


def _spans(spans: Spans, uri: Callable[[Target], str]) -> str:
    html = ""
    for text, style, target in spans:
        words = escape(text, quote=False)
        if style == "code":
            words = f'<code class="literal">{words}</code>'
        elif style == "strong":
            words = f"<strong>{words}</strong>"
        if target is not None:
            # A class for a link that leaves the site, which themes mark; it is the others of which there are many.
            kind = ' class="reference external"' if target.uri else ""
            title = f' title="{escape(target.title)}"' if target.title else ""
            words = f'<a{kind} href="{escape(uri(target))}"{title}>{words}</a>'
        html += words
    return html
