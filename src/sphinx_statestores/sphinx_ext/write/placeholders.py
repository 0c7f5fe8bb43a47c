"""The post-transform that replaces the placeholders of a document by nodes when the document is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from sphinx_statestores.registry.messages import must_be
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.read.ancestry import ancestors, document_of, holder_of, is_left_out, is_page
from sphinx_statestores.sphinx_ext.read.placeholders import (
    statestores_block,
    statestores_empty,
    statestores_inline,
)
from sphinx_statestores.sphinx_ext.resolve.blocks import Chart, Definition, Map, Table
from sphinx_statestores.sphinx_ext.write.addresses import (
    Addresses,
    has_permalinks,
    puts_all_on_one_page,
    runs_scripts,
)
from sphinx_statestores.sphinx_ext.write.headings import as_written
from sphinx_statestores.sphinx_ext.write.html_rows import box_classes, statestores_box, table_rows
from sphinx_statestores.sphinx_ext.write.literals import link_literals
from sphinx_statestores.sphinx_ext.write.nodes import NodeMaker
from sphinx_statestores.sphinx_ext.write.pictures import PictureMaker, without_picture
from sphinx_statestores.sphinx_ext.write.widths import column_widths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.project import Project
    from sphinx_statestores.sphinx_ext.resolve.answers import Answers
    from sphinx_statestores.sphinx_ext.resolve.blocks import Block, Picture

_Node = TypeVar("_Node", bound=nodes.Element)

#: Writers that raise an exception for a table inside a table.
_WITHOUT_NESTING = frozenset({"man", "text"})
#: Outputs that have no link targets, or in which every node with an id is one.
_WITHOUT_TARGETS = frozenset({"html", "man", "text"})


class ReplacePlaceholders(SphinxPostTransform):
    """Replaces each placeholder by its content.

    It runs before references are resolved (10), because the text for an empty table may contain references, and
    before themes and sphinx-design (from 200) look for tables and tabs.
    """

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Replace the placeholders of one document, or of all documents that a builder assembles."""
        build = current(self.env)
        answers, builder = build.answers, build.project.builder
        found = self._found(answers, builder)
        if is_page(self.document) and _copy_holders(found):
            found = self._found(answers, builder)
        quoted = {node["docname"] for node in (*found.blocks, *found.words)}
        quoted.update(node["refdoc"] for node in found.roles)
        if not is_page(self.document):
            quoted |= self._origins() & answers.site.questions.keys()
        # Copied parts of a page may be resolved one by one.
        quoted.update(build.project.record.quoted.get(self.env.docname, ()))
        build.project.record.quoted[self.env.docname] = tuple(sorted(quoted - {self.env.docname}))
        # Before blocks are inserted: code in them comes from the registry, and only the page's own text is checked.
        link_literals(found.literals, answers, builder, self.env)
        for inline in found.words:
            _complain(answers, inline)
            text = as_written(answers.words(inline["question"]), inline, builder)
            inline.parent.replace(inline, nodes.Text(text))
        if not found.blocks:
            return
        ids = RowIds(builder, answers, is_copy=not is_page(self.document))
        # Displayed content comes first: an id in hidden content would be missing from the page.
        for anchored, blocks in zip(_by_holder(found.anchored), _by_holder(found.blocks), strict=True):
            for node in anchored:
                # Ids of entries, headings and labels: a row must not repeat them.
                if not is_left_out(node, builder.tags):
                    ids.take(document_of(node, self.env), node)
            for block in blocks:
                _complain(answers, block)
                _Replacement(build.project, answers, block, document_of(block, self.env), ids).put()

    def _origins(self) -> set[str]:
        """Return the documents that the nodes of a copied part may come from. Literals have no attribute for this."""
        found: set[str | None] = set()
        for node in self.document.findall(nodes.Element):
            found.add(node.get("docname"))
            if node.source:
                found.add(self.env.path2doc(node.source))
        return {docname for docname in found if docname}

    def _found(self, answers: Answers, builder: Builder) -> _Found:
        """Collect the nodes to replace in one pass, since every page pays for it."""
        found = _Found()
        for node in self.document.findall(nodes.Element):
            if node["ids"]:
                found.anchored.append(node)
            if isinstance(node, nodes.literal):
                if answers.looks_at_literals and not answers.is_irrelevant_literal(node.astext()):
                    found.literals.append(node)
            elif isinstance(node, statestores_block):
                if not is_left_out(node, builder.tags):
                    found.blocks.append(node)
            elif isinstance(node, statestores_inline):
                if not is_left_out(node, builder.tags):
                    found.words.append(node)
            elif node.get("refdomain") == "statestore" and "refdoc" in node:
                found.roles.append(node)
        return found


class _Found:
    """The nodes of a tree that the extension handles, in document order."""

    def __init__(self) -> None:
        self.literals: list[nodes.literal] = []
        self.blocks: list[statestores_block] = []
        self.words: list[statestores_inline] = []
        self.roles: list[nodes.Element] = []
        #: All nodes with ids.
        self.anchored: list[nodes.Element] = []


def _by_holder(found: Iterable[_Node]) -> tuple[list[_Node], list[_Node]]:
    """Return the nodes outside of other extensions' nodes, and those inside."""
    free: list[_Node] = []
    held: list[_Node] = []
    for node in found:
        (free if holder_of(node) is None else held).append(node)
    return free, held


def _copy_holders(found: _Found) -> bool:
    """Copy the nodes of other extensions that contain placeholders; return whether there are any.

    Another extension may have kept such a node at read time, to display it on other pages. There, the links are
    relative to another page, and the shown documents must be recorded as quoted.
    """
    asking = (*found.literals, *found.blocks, *found.words, *found.roles)
    holders = {id(holder): holder for node in asking if (holder := holder_of(node)) is not None}
    for holder in holders.values():
        holder.parent.replace(holder, holder.deepcopy())
    return bool(holders)


class RowIds:
    """Assigns the ids of rows, each once a page."""

    def __init__(self, builder: Builder, answers: Answers, *, is_copy: bool) -> None:
        self._is_copy = is_copy
        self._one_page = puts_all_on_one_page(builder)
        self._answers = answers
        self._given: set[tuple[str, str]] = set()

    def take(self, docname: str, node: nodes.Element) -> None:
        """Record that a node has its ids; remove those from an entry that a row already has."""
        if isinstance(node, addnodes.desc_signature):
            node["ids"] = [anchor for anchor in node["ids"] if (docname, anchor) not in self._given]
        self._given.update((docname, anchor) for anchor in node["ids"])

    def claimant(self, docname: str, asking: str) -> Callable[[str], str]:
        """Return the function that assigns ids to rows in a document; *asking* is the document with the directive.

        Copied content gets no ids, whether it is from the same page or another one: links lead to the original.
        """
        if self._is_copy or docname != asking:
            return lambda _: ""
        given = self._given

        def claim(anchor: str) -> str:
            if self._one_page and self._answers.site.documents_of_anchors.get(anchor) != docname:
                return ""
            if (docname, anchor) in given:
                return ""
            given.add((docname, anchor))
            return anchor

        return claim


class _Replacement:
    """Creates the nodes of one placeholder and inserts them.

    *docname* is the document in which they are displayed. It may differ from the document with the directive: a
    ``todolist`` copies from other pages.
    """

    def __init__(
        self, project: Project, answers: Answers, block: statestores_block, docname: str, ids: RowIds
    ) -> None:
        self._builder = project.builder
        self._block = block
        self._docname = docname
        self._claim = ids.claimant(docname, block["docname"])
        self._nodes = NodeMaker(project.builder, docname, with_design=project.with_design)
        self._pictures = PictureMaker(project.builder, docname, self._nodes, project.engines)
        found = answers.blocks(block["question"])
        self._blocks: tuple[Block, ...] = found if self._pictures.draws else tuple(map(without_picture, found))
        #: Whether it is inside a table and the output does not support nested tables.
        self._is_nested = self._builder.format in _WITHOUT_NESTING and any(
            isinstance(parent, nodes.entry) for parent in ancestors(block)
        )

    def put(self) -> None:
        # A table that was created at read time contains its caption, its names and the placeholder.
        parent = self._block.parent
        if isinstance(parent, nodes.figure) and not self._pictures.has_figures:
            parent = _as_table(parent)
        shell = parent if isinstance(parent, nodes.table) else None
        made = list(self._made(shell))
        replaced = shell if shell is not None else self._block
        if not made and replaced["ids"]:
            # Nothing is displayed, but links to this position keep working.
            made.append(nodes.target())
        for node in made:
            if isinstance(node, nodes.Element):
                node["classes"] += [name for name in self._block["classes"] if name not in node["classes"]]
                node.source, node.line = self._block.source, self._block.line
        if made and isinstance(made[0], nodes.Element):
            made[0].update_basic_atts(replaced)
            made[:0] = self._targets(made[0]["ids"], replaced.parent)
        if self._builder.format == "html":
            made = [_boxed(node) for node in made]
        # Not `replace_self`, which fails an assertion when no node is left to take over the classes.
        replaced.parent.replace(replaced, made)

    def _targets(self, ids: Iterable[str], parent: nodes.Element) -> list[nodes.Node]:
        """Return targets for ids, where a writer ignores the ids of paragraphs, lists and tables.

        docutils does the same for a label before a block; such a label is in the document already.
        """
        if self._builder.format in _WITHOUT_TARGETS:
            return []
        labels = {child["refid"] for child in parent.children if isinstance(child, nodes.target) and "refid" in child}
        return [nodes.target("", "", refid=name) for name in ids if name not in labels]

    def _made(self, shell: nodes.table | None) -> Iterator[nodes.Node]:
        blocks = self._blocks
        # The caption, and the parser's messages about it.
        said = [] if shell is None else [child for child in shell.children if child is not self._block]
        if not blocks or (isinstance(blocks[0], Table) and blocks[0].is_empty):
            yield from self._empty(blocks[0] if blocks and isinstance(blocks[0], Table) else None, said)
            return
        for block in blocks:
            made = self._nodes_of(block)
            if isinstance(block, Table) and shell is not None:
                if isinstance(made[0], nodes.table):
                    made[0].insert(0, said)
                    if "align" in shell:
                        made[0]["align"] = shell["align"]
                else:
                    yield from _as_paragraphs(said)
            yield from made

    def _empty(self, table: Table | None, said: list[nodes.Node]) -> Iterator[nodes.Node]:
        """Yield the content for an empty result, inside of a table if its caption is numbered."""
        words: list[nodes.Node] = []
        for child in self._block.children:
            is_text = isinstance(child, statestores_empty)
            words.append(nodes.paragraph("", "", *child.children, classes=["statestore-empty"]) if is_text else child)
        if table is None:
            yield from _as_paragraphs(said)
        if table is None or not said or self._is_nested:
            yield from words
            return
        body = nodes.tbody("", self._nodes.wide_row(words, len(table.columns)))
        widths = column_widths(table, [1] * len(table.columns), self._builder.format)
        shown = self._nodes.table_around(body, table, widths, [f"statestore-{table.kind}"])
        shown.insert(0, said)
        yield shown

    def _nodes_of(self, block: Block) -> list[nodes.Element]:
        if isinstance(block, Table):
            return [self._nodes.listed(block) if self._is_nested else self._table(block)]
        if isinstance(block, (Map, Chart)):
            return self._picture(block)
        if isinstance(block, Definition):
            anchor = block.anchor and self._claim(block.anchor)
            content: list[nodes.Node] = [node for part in block.blocks for node in self._nodes_of(part)]
            if self._builder.format == "html":
                content = [_boxed(node) for node in content]
            return [self._nodes.definition(block.name, anchor, content)]
        return self._nodes.block(block)

    def _picture(self, picture: Picture) -> list[nodes.Element]:
        made = self._pictures.nodes_of(picture, self._block)
        parent = self._block.parent
        if isinstance(parent, nodes.figure) and len(made) > 1:
            # A figure is on one page: it has the last part, and the caption.
            parent.parent.insert(parent.parent.index(parent), made[:-1])
            made = made[-1:]
        return made

    def _table(self, table: Table) -> nodes.table:
        given: tuple[int, ...] = self._block.get("widths", ())
        if given and len(given) != len(table.columns):
            found = f"{len(given)} for {len(table.columns)} columns"
            message = must_be("'widths'", "'auto', or one number for each column", found)
            warn(Kind.INVALID_OPTION, message, self._block)
            given = ()
        classes = [f"statestore-{table.kind}"]
        if self._builder.format == "html":
            # Browsers fit columns to their content better than equal shares would.
            classes.append("colwidths-given" if given else "colwidths-auto")
            rows = table_rows(
                table,
                self._docname,
                Addresses(self._builder, self._docname),
                self._claim,
                permalinks=has_permalinks(self._builder),
                tools=runs_scripts(self._builder),
                labels=runs_scripts(self._builder),
            )
            return self._nodes.table_around(rows, table, given or [1] * len(table.columns), classes)
        classes.append("colwidths-given")
        body = self._nodes.table_body(table, self._claim)
        return self._nodes.table_around(body, table, column_widths(table, given, self._builder.format), classes)


def _as_paragraphs(said: Iterable[nodes.Node]) -> Iterator[nodes.Node]:
    """Yield a caption as a paragraph, and the messages about it."""
    for node in said:
        yield nodes.paragraph("", "", *node.children) if isinstance(node, nodes.title) else node


def _as_table(figure: nodes.figure) -> nodes.table:
    """Replace a figure by a table that has its caption and its placeholder; return the table."""
    table = nodes.table()
    table.update_basic_atts(figure)
    table.source, table.line = figure.source, figure.line
    captions = [child for child in figure.children if isinstance(child, nodes.caption)]
    for caption in captions:
        title = nodes.title(caption.rawsource, "", *caption.children)
        title.source, title.line = caption.source, caption.line
        table += title
    table += [child for child in figure.children if child not in captions]
    figure.parent.replace(figure, table)
    return table


def _boxed(node: nodes.Node) -> nodes.Node:
    """Return a table in its box, and any other node as it is."""
    if not isinstance(node, nodes.table):
        return node
    columns = len(list(node.findall(nodes.colspec)))
    return statestores_box("", node, classes=box_classes(columns))


def _complain(answers: Answers, node: statestores_block | statestores_inline) -> None:
    for complaint in answers.complaints.about(node["question"], node.get("directive", "")):
        warn(complaint.kind, complaint.message, node)
