"""Table bodies as finished HTML.

docutils spends its time on the ten to fifteen nodes of a row: transforms walk them, visitors dispatch on
them. A body of thousands of rows is one string instead. It is well-formed XML, as EPUB demands.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sphinx_statestores.sphinx_ext.content import Target, without_link_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sphinx_statestores.sphinx_ext.content import Body, Spans, Table


def table_bodies(table: Table, docname: str, uri: Callable[[Target], str], claim: Callable[[str], str]) -> str:
    """Return the ``tbody`` elements of a table in a document.

    *uri* gives the address of a link as seen from the page. *claim* is asked for the id of each row that
    wants one and returns it, or nothing when the row may not have it.
    """
    return "".join(part for body in table.bodies for part in _body(body, len(table.columns), docname, uri, claim))


def _body(
    body: Body, width: int, docname: str, uri: Callable[[Target], str], claim: Callable[[str], str]
) -> Iterator[str]:
    yield "<tbody>\n"
    if body.heading:
        heading = _spans(body.heading, uri)
        yield f'<tr class="statestore-group"><th colspan="{width}" scope="rowgroup">{heading}</th></tr>\n'
    # Few distinct cells fill most of a table: backends, services.
    cells: dict[Spans, str] = {}
    for row in body.rows:
        anchor = row.anchor and claim(row.anchor)
        yield f'<tr id="{escape(anchor)}">' if anchor else "<tr>"
        for given in row.cells:
            spans = without_link_to(Target(docname, anchor), given) if anchor else given
            cell = cells.get(spans)
            if cell is None:
                # The search index strips tags and splits at blanks: without the line end, cells would run together.
                cell = cells[spans] = f"<td>{_spans(spans, uri)}</td>\n"
            yield cell
        yield "</tr>\n"
    yield "</tbody>\n"


def _spans(spans: Spans, uri: Callable[[Target], str]) -> str:
    html = []
    for text, style, target in spans:
        words = escape(text, quote=False)
        if style == "code":
            words = f'<code class="docutils literal notranslate">{words}</code>'
        elif style == "strong":
            words = f"<strong>{words}</strong>"
        if target is not None:
            kind = "external" if target.uri else "internal"
            title = f' title="{escape(target.title)}"' if target.title else ""
            words = f'<a class="reference {kind}" href="{escape(uri(target))}"{title}>{words}</a>'
        html.append(words)
    return "".join(html)
