"""Blocks -> docutils nodes: everything except HTML tables, which other writers get as nodes, too.

Writers escape text within a line, but some do not escape line breaks: the writer of manual pages keeps a dot at the
start of a line, which begins a roff request (https://man7.org/linux/man-pages/man7/roff.7.html). So a text node has
no line break, and a code block has line feeds only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils import column_width
from sphinx import addnodes

from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.sphinx_ext.resolve.blocks import (
    Bullets,
    CodeBlock,
    Fields,
    Paragraph,
    Span,
    Tabs,
    as_spans,
    without_link_to,
)
from sphinx_statestores.sphinx_ext.write.addresses import linked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.resolve.blocks import Block, Body, Cell, Spans, Table, Target

#: The maximum width of a column in characters. Longer cells are wrapped.
_WIDEST = 48
#: The minimum width of a column in text output, in characters.
_NARROWEST = 8
#: The space between columns in LaTeX, in characters: without it, short words are hyphenated.
_LATEX_SPACE = 8
#: Writers that do not support cells over several columns.
_WITHOUT_SPANNING = frozenset({"man", "texinfo"})
#: A part of code, up to a position where a line may break.
_CODE_PARTS = re.compile(r"[^-_:./]*[-_:./]+|[^-_:./]+")

#: The style of a span -> its node.
_STYLES: dict[str, type[nodes.TextElement]] = {"strong": nodes.strong, "emphasis": nodes.emphasis}
#: The columns that contain sentences: they get room, however long the names beside them are.
_SENTENCES = frozenset({"purpose", "description", "rationale", "before", "after"})


class NodeMaker:
    """Creates nodes for one document and one builder."""

    def __init__(self, builder: Builder, docname: str, *, with_tabs: bool) -> None:
        self._builder = builder
        self._docname = docname
        self._with_tabs = with_tabs

    def block(self, block: Block) -> list[nodes.Element]:
        """Return the nodes of a block other than a table. Raises TypeError for another type."""
        if isinstance(block, Paragraph):
            paragraph = nodes.paragraph("", "", *self.inline(block.spans))
            if block.css_class:
                paragraph["classes"].append(block.css_class)
            return [paragraph]
        if isinstance(block, CodeBlock):
            return [self._code(block)]
        if isinstance(block, Bullets):
            items = [nodes.list_item("", nodes.paragraph("", "", *self.inline(spans))) for spans in block.items]
            return [nodes.bullet_list("", *items, bullet="-")]
        if isinstance(block, Tabs):
            return self._tabs(block)
        if isinstance(block, Fields):
            return [self._fields(block)]
        raise TypeError(block)

    def _fields(self, block: Fields) -> nodes.field_list:
        fields = nodes.field_list(classes=["statestore-fields"])
        for name, spans in block.items:
            words = nodes.paragraph("", "", *self.inline(spans), classes=["statestore-fact"])
            fields += nodes.field("", nodes.field_name("", one_line(name)), nodes.field_body("", words))
        return fields

    def definition(self, name: str, anchor: str, content: Iterable[nodes.Node]) -> addnodes.desc:
        """Return the object description of a store; *content* are the nodes in it."""
        name = one_line(name)
        signature = addnodes.desc_signature("", "", addnodes.desc_name("", name), fullname=name)
        if anchor:
            signature["ids"].append(anchor)
        body = addnodes.desc_content("", *content)
        classes = ["statestore", "store"]
        return addnodes.desc(
            "", signature, body, domain="statestore", objtype="store", desctype="store", classes=classes
        )

    def inline(self, spans: Spans) -> list[nodes.Node]:
        """Return the nodes of inline text."""
        return [self._span(one_line(span.text), span.style, span.target) for span in spans]

    def _span(self, text: str, style: str, target: Target | None) -> nodes.Node:
        words: nodes.Node
        if style == "code":
            words = self._code_words(text)
        elif style:
            words = _STYLES[style]("", text)
        elif target is not None:
            words = nodes.inline("", text)
        else:
            words = nodes.Text(text)
        if target is None:
            return words
        return linked(self._builder, self._docname, target, words)

    def _code_words(self, text: str) -> nodes.literal:
        if self._builder.format != "latex":
            return nodes.literal("", text)
        # TeX does not break lines inside code: without these breaks, a long name would overlap the next column.
        words = nodes.literal()
        for part in _CODE_PARTS.findall(text):
            words += [nodes.Text(part), nodes.raw("", r"\allowbreak{}", format="latex")]
        return words

    @staticmethod
    def _code(block: CodeBlock) -> nodes.Element:
        text = "\n".join(map(one_line, block.text.splitlines()))
        return nodes.literal_block(text, text, language=block.language, force=False, linenos=False)

    def _tabs(self, block: Tabs) -> list[nodes.Element]:
        if not self._with_tabs:
            parts = [(nodes.rubric("", one_line(title)), self._code(code)) for title, code in block.items]
            return [node for part in parts for node in part]
        # sphinx-design turns this structure into tabs, or into titled blocks outside of HTML, when it resolves a
        # page. Its directives cannot be used, since they run at read time.
        tab_set = _component("tab-set", "sd-tab-set")
        for title, code in block.items:
            tab_item = _component("tab-item", "sd-tab-item")
            tab_item += nodes.rubric("", one_line(title), classes=["sd-tab-label"])
            content = _component("tab-content", "sd-tab-content")
            content += self._code(code)
            tab_item += content
            tab_set += tab_item
        return [tab_set]

    # -- tables -----------------------------------------------------------------------

    def table_around(
        self, body: nodes.Node, table: Table, widths: Sequence[int], classes: Iterable[str]
    ) -> nodes.table:
        """Return a table with columns and a header around a body."""
        group = nodes.tgroup("", cols=len(table.columns))
        group += [nodes.colspec("", colwidth=width) for width in widths]
        head = nodes.row()
        for column in table.columns:
            title = nodes.entry("", nodes.paragraph("", one_line(column.title)))
            if column.key in _SENTENCES and self._builder.format == "html":
                title["classes"].append("statestore-sentences")
            head += title
        group += [nodes.thead("", head), body]
        return nodes.table("", group, classes=list(classes))

    def table_body(self, table: Table, claim: Callable[[str], str]) -> nodes.tbody:
        """Return the body of a table; *claim* returns the id for each row that wants one."""
        body_node = nodes.tbody()
        for body in table.bodies:
            if body.heading:
                body_node += self._heading(body, len(table.columns))
            for cells, anchor in zip(body.rows, body.anchors, strict=True):
                body_node += self._row(cells, anchor and claim(anchor))
        return body_node

    def listed(self, table: Table) -> nodes.bullet_list:
        """Return the rows of a table as a bullet list, for positions where no table is possible."""
        items = nodes.bullet_list(bullet="*")
        for body in table.bodies:
            for cells in ((body.heading,), *body.rows):
                spans = [span for cell in cells if cell for span in (Span(", "), *as_spans(cell))][1:]
                if spans:
                    items += nodes.list_item("", nodes.paragraph("", "", *self.inline(tuple(spans))))
        return items

    def _heading(self, body: Body, width: int) -> nodes.row:
        return self.wide_row([nodes.paragraph("", "", *self.inline(body.heading))], width)

    def wide_row(self, content: Sequence[nodes.Node], width: int) -> nodes.row:
        """Return a row with one cell over the whole width, or in the first column if cells cannot span columns."""
        entry = nodes.entry("", *content)
        if self._builder.format in _WITHOUT_SPANNING:
            return nodes.row("", entry, *(nodes.entry("", nodes.paragraph()) for _ in range(width - 1)))
        if width > 1:
            entry["morecols"] = width - 1
        return nodes.row("", entry)

    def _row(self, row: Iterable[Cell], anchor: str) -> nodes.row:
        cells = [as_spans(cell) for cell in row]
        if anchor:
            cells = [without_link_to(self._docname, anchor, spans) for spans in cells]
        paragraphs = [nodes.paragraph("", "", *self.inline(spans)) for spans in cells]
        entries = [nodes.entry("", paragraph) for paragraph in paragraphs]
        if anchor and self._builder.format == "latex":
            # LaTeX labels neither rows nor cells, and a target before a paragraph would be a separate line.
            paragraphs[0].insert(0, nodes.target("", "", ids=[anchor]))
        elif anchor:
            # As docutils does for a target before a paragraph: writers label one of the two.
            paragraphs[0]["ids"].append(anchor)
            entries[0].insert(0, nodes.target("", "", refid=anchor))
        return nodes.row("", *entries)


def column_widths(table: Table, given: Sequence[int], output_format: str) -> list[int]:
    """Return the widths of the columns: the given shares, or the widths of their content in characters.

    Names are not wrapped, sentences are. Text output takes widths in characters, so given shares are scaled. Other
    outputs take them as shares of a line; LaTeX subtracts the space between columns.
    """
    if given and output_format != "text":
        return list(given)
    widths = [_width(column.title) for column in table.columns]
    for body in table.bodies:
        for position, cells in enumerate(body.columns):
            needed = max(map(_length, cells), default=0)
            if needed > widths[position]:
                widths[position] = min(needed, max(_WIDEST, widths[position]))
    if given:
        # With narrower columns, the text builder of older Sphinx versions does not terminate.
        return [max(_NARROWEST, sum(widths) * share // sum(given)) for share in given]
    return [width + _LATEX_SPACE for width in widths] if output_format == "latex" else widths


def _length(cell: Cell) -> int:
    # Text output puts code in quotation marks, and emphasis between asterisks.
    spans = as_spans(cell)
    note = 0
    if spans and spans[-1].style == "emphasis":
        # The word after a link may be on a line of its own.
        note = _width(spans[-1].text) + 2
        spans = spans[:-2]
    return max(note, sum(_width(span.text) + 2 * (span.style == "code") for span in spans))


def _width(text: str) -> int:
    """Return the width of a text on a terminal: Chinese, Japanese and Korean characters take two columns."""
    return len(text) if text.isascii() else column_width(text)


def _component(name: str, css_class: str) -> nodes.container:
    return nodes.container("", is_div=True, design_component=name, classes=[css_class])
