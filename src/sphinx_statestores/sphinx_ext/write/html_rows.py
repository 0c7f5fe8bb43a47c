"""The bodies of tables -> HTML.

docutils needs time for each of the ten to fifteen nodes of a row: transforms traverse them and visitors dispatch on
them. A body of thousands of rows is one string instead. It is well-formed XML, as EPUB requires.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.sphinx_ext.resolve.blocks import Links, Span, text_of, without_link_to
from sphinx_statestores.sphinx_ext.write.html_text import script_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sphinx.writers.html5 import HTML5Translator

    from sphinx_statestores.sphinx_ext.resolve.blocks import Body, Cell, Cells, Spans, Table, Tools
    from sphinx_statestores.sphinx_ext.write.addresses import Addresses

#: The separator between cells; it keeps the words apart for programs that extract text, such as the search.
_BETWEEN_CELLS = "</td>\n<td>"
#: The columns that contain sentences: they get room, however long the names beside them are.
SENTENCES = frozenset({"purpose", "description", "rationale", "before", "after"})
#: The class of the box around a table.
BOX_CLASS = "statestore-box"
#: The class of the element with the data of a table's tools.
TOOLS_DATA = "statestore-table-data"
#: The kinds of tables in which a backend is a badge: others name several backends in a cell.
_WITH_BADGES = frozenset({"table", "changes", "observed"})
#: The number of columns from which a table is as wide as it needs.
_MANY = 7
#: The number of columns that have labels; see the style sheet.
_LABELLED = 12
#: A long part of a text in which browsers break no line, in HTML.
_LONG = re.compile(r"(?<![^\s<>\x1f-])[^\s<>\x1f-]{12,}")
#: The widths of a letter, of one of a title, of one of code, of what is around a cell and around a badge, and of the
#: mark of a title that sorts, in em. Fonts differ: these are those of wide ones.
_LETTER, _TITLE_LETTER, _CODE_LETTER, _AROUND_CELL, _AROUND_BADGE, _SORT_MARK = 0.61, 0.68, 0.55, 0.95, 0.9, 1.1
#: The length of texts that are one part, such as numbers with their units.
_SHORT = 12
#: The style of a span -> its element.
_ELEMENTS = {"strong": "strong", "emphasis": "em"}
#: Where a line of such a part may be broken: within CamelCase, and after marks between words.
_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[_./:])(?=[^\W_])")
#: Unit separator, which no text should contain (https://www.rfc-editor.org/rfc/rfc20#section-5.2).
_BETWEEN_TEXTS = "\x1f"


class statestores_box(nodes.General, nodes.Element):  # noqa: N801 - docutils spells nodes so
    """The box around a table. The style sheet lays out a table by the width of its box, not of the window."""


def box_classes(columns: int) -> list[str]:
    """Return the classes of the box around a table with a number of columns, for the style sheet."""
    return [BOX_CLASS, f"statestore-columns-{min(columns, _MANY)}"]


def visit_box(translator: HTML5Translator, node: statestores_box) -> None:
    """Begin the box of a table."""
    translator.body.append(translator.starttag(node, "div"))


def depart_box(translator: HTML5Translator, node: statestores_box) -> None:
    """End the box of a table."""
    translator.body.append("</div>\n")


class statestores_rows(nodes.General, nodes.Element):  # noqa: N801 - docutils spells nodes so
    """The bodies of a table; the attribute ``html`` has their HTML.

    The text of the node, for the search index and other extensions, has a line for each row.
    """


def visit_rows(translator: HTML5Translator, node: statestores_rows) -> None:
    """Write the HTML of the rows. Raises SkipNode."""
    translator.body.append(node["html"])
    raise nodes.SkipNode


def table_rows(
    table: Table,
    docname: str,
    addresses: Addresses,
    claim: Callable[[str], str],
    *,
    permalinks: bool = False,
    tools: bool = False,
    labels: bool = False,
) -> statestores_rows:
    """Return the ``tbody`` elements of a table in a document.

    *addresses* has the URLs of links relative to the page. *claim* takes the wanted id of a row and returns it, or an
    empty text when the row must not have it. With *permalinks*, each row with an id has a link to itself; with
    *tools*, the data of the table's tools come first; with *labels*, the style sheet can show the titles of columns
    beside the cells.
    """
    writer = _BodyWriter(
        table,
        docname,
        addresses,
        claim,
        table.row_link if permalinks else "",
        f"{labels_of([column.title for column in table.columns])}{_width_beside(table)}" if labels else "",
    )
    html = "".join(part for body in table.bodies for part in writer.parts(body))
    if tools and table.tools is not None:
        html = _tools_data(table, table.tools) + html
    text = "\n".join(line for body in table.bodies for line in _lines(body))
    return statestores_rows("", nodes.Text(text), html=html)


def _tools_data(table: Table, tools: Tools) -> str:
    """Return the data of a table's tools as an element that shows and runs nothing, whatever the page's policy is."""
    content = {
        "words": dict(tools.words),
        "columns": [column.key for column in table.columns],
        "facets": [
            {"field": facet.key, "title": facet.title, "values": facet.values, "rows": facet.rows}
            for facet in tools.facets
        ],
    }
    return f'<script type="application/json" class="{TOOLS_DATA}">{script_json(content)}</script>\n'


def _lines(body: Body) -> Iterator[str]:
    if body.heading:
        yield text_of(body.heading)
    columns = [
        cells.words if isinstance(cells, Links) and not cells.notes else [*map(_text, cells)]
        for cells in body.columns
    ]
    yield from map(", ".join, zip(*columns, strict=True))


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else text_of(cell)


class _BodyWriter:
    """Writes the bodies of one table."""

    def __init__(
        self,
        table: Table,
        docname: str,
        addresses: Addresses,
        claim: Callable[[str], str],
        row_link: str,
        labels: str,
    ) -> None:
        self._width = len(table.columns)
        self._badges = [
            position
            for position, column in enumerate(table.columns)
            if column.key == "backend" and table.kind in _WITH_BADGES
        ]
        self._docname, self._addresses, self._claim = docname, addresses, claim
        self._row_link = row_link
        self._begin = begin_of_body(labels)

    def parts(self, body: Body) -> Iterator[str]:
        """Yield the HTML of a body."""
        yield self._begin
        if body.heading:
            yield group_row(_spans(body.heading, self._addresses), self._width)
        anchors = [anchor and self._claim(anchor) for anchor in body.anchors]
        begins = [f'<tr id="{anchor}"><td>' if anchor else "<tr><td>" for anchor in _escaped(anchors)]
        links = [*_row_links(anchors, self._row_link)] if self._row_link else []
        shown = [
            column_html(
                cells,
                anchors,
                self._docname,
                self._addresses,
                are_badges=position in self._badges,
                row_links=() if position else links,
            )
            for position, cells in enumerate(body.columns)
        ]
        for begin, row in zip(begins, zip(*shown, strict=True), strict=True):
            yield f"{begin}{_BETWEEN_CELLS.join(row)}</td></tr>\n"
        yield "</tbody>\n"


def labels_of(titles: Sequence[str]) -> str:
    """Return the titles of columns as custom properties, which cost nothing for a row. The first needs no label."""
    wanted = enumerate(map(one_line, titles[1:_LABELLED]), start=2)
    return "".join(f"--statestore-{number}:{_css_string(title)};" for number, title in wanted)


def _width_beside(table: Table) -> str:
    """Return the width that the columns beside the first need as a custom property: what is left, a name may take.

    A column needs room for its longest word or short text; sentences, and code between columns, a share of the box.
    """
    letters = _AROUND_CELL
    shares: list[str] = []
    last = len(table.columns) - 1
    for position, column in enumerate(table.columns[1:], start=1):
        mark = _SORT_MARK if table.tools is not None else 0
        title = _TITLE_LETTER * max(map(len, column.title.split()), default=0) + mark
        if column.key in SENTENCES:
            # The share includes what is around the cell.
            shares.append(f"max({title:.1f}em,var(--statestore-sentences))")
            continue
        letters += _AROUND_CELL
        words, code = 0, 0
        for cell in {cell for body in table.bodies for cell in _distinct(body.columns[position])}:
            if isinstance(cell, str):
                words = max(words, _longest(cell))
            elif len(cell) == 1 and cell[0].style == "code":
                code = max(code, len(cell[0].text))
            else:
                words = max([words, *(_longest(span.text) for span in cell if span.style != "code")])
        badge = _AROUND_BADGE if column.key == "backend" and table.kind in _WITH_BADGES else 0
        needed = max(title, _LETTER * words + badge)
        if code and position < last:
            shares.append(f"max({needed:.1f}em,min({_CODE_LETTER * code + 1:.1f}em,var(--statestore-code)))")
        else:
            letters += needed
    return f"--statestore-others:calc({' + '.join([f'{letters:.1f}em', *shares])});"


def _distinct(cells: Cells) -> Iterable[Cell]:
    if isinstance(cells, Links):
        return ((Span(word, cells.style),) for word in dict.fromkeys(cells.words))
    return dict.fromkeys(cells)


def _longest(text: str) -> int:
    """Return the length of the longest part of a text that should not be broken: a word, or all of a short text."""
    if len(text) <= _SHORT:
        return len(text)
    return max((len(part) for word in re.split(r"[\s-]", text) for part in _parts(word)), default=0)


def _parts(word: str) -> list[str]:
    return _BREAK.split(word) if _LONG.search(word) else [word]


def _css_string(text: str) -> str:
    """Return a text as a string of CSS (https://www.w3.org/TR/css-syntax-3/#escaping)."""
    escaped = [each if each.isalnum() or each == " " else rf"\{ord(each):x} " for each in text]
    return f'"{"".join(escaped)}"'


def begin_of_body(labels: str) -> str:
    """Return the beginning of a ``tbody``, with the custom properties of :func:`labels_of`."""
    return f'<tbody style="{escape(labels)}">\n' if labels else "<tbody>\n"


def group_row(heading: str, columns: int, anchor: str = "") -> str:
    """Return the row above a group of rows; *heading* is HTML, and *anchor* the id of the row."""
    identifier = f'id="{escape(anchor)}" ' if anchor else ""
    begin = f'<tr {identifier}class="statestore-group"><th colspan="{columns}" scope="rowgroup">'
    return f"{begin}{heading}</th></tr>\n"


def _row_links(anchors: Iterable[str], name: str) -> Iterator[str]:
    """Yield the link of each row to itself; empty without an id.

    It has no text, which programs that read the page would take for a part of the cell: the style sheet shows one.
    """
    rest = f'" aria-label="{escape(name)}"></a>'
    for anchor in anchors:
        yield f'<a class="statestore-permalink" href="#{escape(anchor)}{rest}' if anchor else ""


def column_html(
    cells: Cells,
    anchors: Sequence[str],
    docname: str,
    addresses: Addresses,
    *,
    are_badges: bool = False,
    row_links: Sequence[str] = (),
) -> list[str]:
    """Return the HTML of a column's cells in a document; *anchors* are the ids of the rows.

    The words that follow a link are behind its own text and the link of the row.
    """
    shown = _cells_html(cells, anchors, docname, addresses)
    if are_badges:
        # The element is short, since each row has one.
        shown = [f"<b>{cell}</b>" if cell else cell for cell in shown]
    if row_links:
        shown = [f"{cell}{link}" for cell, link in zip(shown, row_links, strict=True)]
    if isinstance(cells, Links) and cells.notes:
        notes = [f" <em>{escape(note, quote=False)}</em>" if note else "" for note in cells.notes]
        shown = [f"{cell}{note}" for cell, note in zip(shown, notes, strict=True)]
    return shown


def _cells_html(cells: Cells, anchors: Sequence[str], docname: str, addresses: Addresses) -> list[str]:
    if isinstance(cells, Links):
        return _links(cells, anchors, docname, addresses)
    texts = [cell for cell in cells if isinstance(cell, str)]
    if len(texts) == len(cells):
        return _words_of(texts)
    return [
        _words(cell)
        if isinstance(cell, str)
        else _spans(without_link_to(docname, anchor, cell) if anchor else cell, addresses)
        for cell, anchor in zip(cells, anchors, strict=True)
    ]


def _links(cells: Links, anchors: Sequence[str], docname: str, addresses: Addresses) -> list[str]:
    words = _words_of(cells.words)
    if cells.style == "code":
        words = [f'<code class="literal">{word}</code>' for word in words]
    known: dict[tuple[str, str, str], str] = {}
    found = []
    for word, own, target in zip(
        words, anchors, zip(cells.docnames, cells.anchors, cells.uris, strict=True), strict=True
    ):
        docname_of_it, anchor, uri = target
        if not (docname_of_it or uri) or (own and own == anchor and docname_of_it == docname):
            found.append(word)
            continue
        begin = known.get(target)
        if begin is None:
            begin = "" if addresses.leads_nowhere(*target) else _begin_of_link(addresses.address(*target), uri)
            if not anchor:
                # Services: few different targets in many rows.
                known[target] = begin
        found.append(f"{begin}{word}</a>" if begin else word)
    return found


def _begin_of_link(address: str, uri: str, title: str = "") -> str:
    # Themes mark links with the class for external links; the others, which are far more, need no class.
    kind = ' class="reference external"' if uri else ""
    explained = f' title="{escape(title)}"' if title else ""
    return f'<a{kind} href="{escape(address)}"{explained}>'


def _escaped(texts: Iterable[str], escaped: Callable[[str], str] = escape) -> list[str]:
    """Escape texts for HTML, all at once if none of them contains the separator."""
    texts = list(texts)
    found = escaped(_BETWEEN_TEXTS.join(texts)).split(_BETWEEN_TEXTS)
    return found if len(found) == len(texts) else [*map(escaped, texts)]


def _words_of(texts: Iterable[str]) -> list[str]:
    """Return texts as HTML; equal ones, such as services and backends, are looked at once."""
    texts = list(texts)
    distinct = list(dict.fromkeys(texts))
    found = dict(zip(distinct, _escaped(distinct, _words), strict=True))
    return [found[text] for text in texts]


def _words(text: str) -> str:
    """Return a text as HTML, with the places within its long words where a line may be broken."""
    return _LONG.sub(lambda found: _BREAK.sub("<wbr/>", found[0]), escape(text, quote=False))


def _spans(spans: Spans, addresses: Addresses) -> str:
    html = ""
    # The style sheet cannot tell code with words around it from code alone.
    kind = "literal" if len(spans) == 1 else "literal statestore-part"
    for span in spans:
        words = _words(span.text)
        if span.style == "code":
            words = f'<code class="{kind}">{words}</code>'
        elif span.style:
            element = _ELEMENTS[span.style]
            words = f"<{element}>{words}</{element}>"
        target = span.target
        if target is not None and not addresses.leads_nowhere(target.docname, target.anchor, target.uri):
            words = f"{_begin_of_link(addresses.of(target), target.uri, target.title)}{words}</a>"
        html += words
    return html
