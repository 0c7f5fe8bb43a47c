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
    from collections.abc import Callable, Iterator

    from sphinx.writers.html5 import HTML5Translator

    from sphinx_statestores.sphinx_ext.content import Body, Cell, Spans, Table, Target


#: Sphinx's search divides a text here, too: names are made of the same few words.
_BETWEEN_WORDS = str.maketrans(dict.fromkeys(string.punctuation.replace("_", ""), " "))


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
    texts = []
    for body in table.bodies:
        texts.append(_text(body.heading))
        for row in body.rows:
            texts += [cell if isinstance(cell, str) else _text(cell) for cell in row.cells]
    width = len(table.columns)
    html = "".join(part for body in table.bodies for part in _parts(body, width, docname, uri, claim))
    words = " ".join(sorted(set(" ".join(texts).translate(_BETWEEN_WORDS).split())))
    return statestores_rows("", nodes.Text(words), html=html)


def cell_html(cell: Cell, uri: Callable[[Target], str]) -> str:
    """Return one cell."""
    return f"<td>{escape(cell, quote=False) if isinstance(cell, str) else _spans(cell, uri)}</td>"


def _parts(
    body: Body, width: int, docname: str, uri: Callable[[Target], str], claim: Callable[[str], str]
) -> Iterator[str]:
    yield "<tbody>\n"
    if body.heading:
        heading = _spans(body.heading, uri)
        yield f'<tr class="statestore-group"><th colspan="{width}" scope="rowgroup">{heading}</th></tr>\n'
    # Services: few of them, and each with a link.
    known: dict[Cell, str] = {}
    for cells, wanted in body.rows:
        anchor = wanted and claim(wanted)
        row = f'<tr id="{escape(anchor)}">' if anchor else "<tr>"
        for cell in cells:
            if isinstance(cell, str):
                row += f"<td>{escape(cell, quote=False)}</td>"
                continue
            html = known.get(cell)
            if html is None:
                shown = without_link_to(docname, anchor, cell) if anchor else cell
                html = f"<td>{_spans(shown, uri)}</td>"
                if cell and not cell[0].style:
                    known[cell] = html
            row += html
        yield f"{row}</tr>\n"
    yield "</tbody>\n"


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
