"""Blocks -> docutils nodes: everything except HTML tables, which other writers get as nodes, too.

Writers escape text within a line, but some do not escape line breaks: the writer of manual pages keeps a dot at the
start of a line, which begins a roff request (https://man7.org/linux/man-pages/man7/roff.7.html). So a text node has
no line break, and a code block has line feeds only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.sphinx_ext.resolve.blocks import (
    WORDS_CLASS,
    Bullets,
    CodeBlock,
    Counts,
    Fields,
    Paragraph,
    Span,
    Tabs,
    as_spans,
    without_link_to,
)
from sphinx_statestores.sphinx_ext.write.addresses import linked
from sphinx_statestores.sphinx_ext.write.html_rows import SENTENCES
from sphinx_statestores.sphinx_ext.write.widths import CODE_PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.resolve.blocks import Block, Body, Cell, Spans, Table, Target

#: Writers that do not support cells over several columns.
_WITHOUT_SPANNING = frozenset({"man", "texinfo"})
#: More numbers are one sentence, with sphinx-design too.
_MOST_CARDS = 12
#: Formats that put the body of a field on a line below its name.
_BELOW = frozenset({"latex", "text"})
#: Format -> the format of its raw nodes, what code begins with, and what ends each part at which a line may break.
_BREAKS = {
    # TeX does not break lines inside code: without these breaks, a long name would overlap the next column.
    "latex": ("latex", "", r"\allowbreak{}"),
    # roff hyphenates code (https://www.gnu.org/software/groff/manual/groff.html#Manipulating-Hyphenation).
    "man": ("manpage", r"\%", r"\:"),
}

#: Begins a new page where a heading and the first rows of its table do not fit. A table allows a page break before
#: it, whatever is there. Sphinx loads the package ``needspace``.
_KEPT_TOGETHER = r"\needspace{8\baselineskip}"
#: The style of a span -> its node.
_STYLES: dict[str, type[nodes.TextElement]] = {"strong": nodes.strong, "emphasis": nodes.emphasis}


class NodeMaker:
    """Creates nodes for one document and one builder."""

    def __init__(self, builder: Builder, docname: str, *, with_design: bool) -> None:
        self._builder = builder
        self._docname = docname
        self._with_design = with_design

    def block(self, block: Block) -> list[nodes.Element]:
        """Return the nodes of a block other than a table. Raises TypeError for another type."""
        if isinstance(block, Paragraph):
            paragraph = nodes.paragraph("", "", *self.inline(block.spans))
            if block.css_class:
                paragraph["classes"].append(block.css_class)
            if block.is_heading and self._builder.format == "latex":
                return [nodes.raw("", _KEPT_TOGETHER, format="latex"), paragraph]
            return [paragraph]
        if isinstance(block, CodeBlock):
            return [self._code(block)]
        if isinstance(block, Bullets):
            items = [nodes.list_item("", nodes.paragraph("", "", *self.inline(spans))) for spans in block.items]
            return [nodes.bullet_list("", *items, bullet="-", classes=[WORDS_CLASS])]
        if isinstance(block, Tabs):
            return self._tabs(block)
        if isinstance(block, Fields):
            return [self._fields(block)]
        if isinstance(block, Counts):
            return [self._counts(block)]
        raise TypeError(block)

    def _fields(self, block: Fields) -> nodes.Element:
        if self._builder.format in _BELOW:
            return self._lines(block)
        fields = nodes.field_list(classes=["statestore-fields"])
        for name, spans in block.items:
            words = nodes.paragraph("", "", *self.inline(spans), classes=["statestore-fact"])
            fields += nodes.field("", nodes.field_name("", one_line(name)), nodes.field_body("", words))
        return fields

    def _lines(self, block: Fields) -> nodes.line_block:
        """Return a line for each field."""
        lines = nodes.line_block(classes=["statestore-fields"])
        for name, spans in block.items:
            lines += nodes.line("", "", nodes.strong("", one_line(name)), nodes.Text(": "), *self.inline(spans))
        return lines

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
        if self._builder.format not in _BREAKS:
            return nodes.literal("", text)
        raw, before, after = _BREAKS[self._builder.format]
        words = nodes.literal()
        if before:
            words += nodes.raw("", before, format=raw)
        for part in CODE_PARTS.findall(text):
            words += [nodes.Text(part), nodes.raw("", after, format=raw)]
        return words

    @staticmethod
    def _code(block: CodeBlock) -> nodes.Element:
        text = "\n".join(map(one_line, block.text.splitlines()))
        made = nodes.literal_block(text, text, language=block.language, force=False, linenos=False)
        if block.css_class:
            made["classes"].append(block.css_class)
        return made

    def _tabs(self, block: Tabs) -> list[nodes.Element]:
        if not self._with_design:
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

    def _counts(self, block: Counts) -> nodes.Element:
        if not self._with_design or self._builder.format != "html" or len(block.items) > _MOST_CARDS:
            return nodes.paragraph("", "", *self.inline(block.spans), classes=["statestore-totals"])
        # The structure of a grid of cards, as in `_tabs`.
        row = _component("grid-row", "sd-row", "sd-row-cols-2", "sd-row-cols-sm-3", "sd-row-cols-lg-4", "sd-g-2")
        for spans in block.items:
            words = nodes.paragraph("", "", *self.inline(spans), classes=["sd-card-text"])
            body = _component("card-body", "sd-card-body")
            card = _component("card", "sd-card", "sd-sphinx-override", "sd-w-100", "sd-shadow-sm")
            item = _component("grid-item", "sd-col", "sd-d-flex-row")
            row += item
            item += card
            card += body
            body += words
        classes = ("sd-container-fluid", "sd-sphinx-override", "sd-mb-4", "statestore-totals")
        grid = _component("grid-container", *classes)
        grid += row
        return grid

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
            if column.key in SENTENCES and self._builder.format == "html":
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


def _component(name: str, *classes: str) -> nodes.container:
    return nodes.container("", is_div=True, design_component=name, classes=list(classes))
