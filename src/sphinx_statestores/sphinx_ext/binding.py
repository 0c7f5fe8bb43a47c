"""Questions of a doctree -> answers, when the document is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.sphinx_ext.autolink import link_literals
from sphinx_statestores.sphinx_ext.content import Definition, Table
from sphinx_statestores.sphinx_ext.domain import StateStoreDomain
from sphinx_statestores.sphinx_ext.headings import as_written
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.questions import statestores_block, statestores_inline
from sphinx_statestores.sphinx_ext.render.doctree import NodeMaker, column_widths
from sphinx_statestores.sphinx_ext.render.html_rows import table_rows
from sphinx_statestores.sphinx_ext.render.links import Addresses, puts_all_on_one_page
from sphinx_statestores.sphinx_ext.trees import ancestors, document_of, is_left_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.answers import Answers
    from sphinx_statestores.sphinx_ext.build import Build
    from sphinx_statestores.sphinx_ext.content import Block


#: Writers that end with an exception at a table in a table.
_WITHOUT_NESTING = frozenset({"man", "text"})


class AnswerQuestions(SphinxPostTransform):
    """Replace each placeholder by its answer.

    Before references are resolved (10), since an answer's empty text may hold some, and before themes and
    sphinx-design (from 200 on) look for tables and tabs.
    """

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Answer all questions of one document, or of all documents that a builder puts into one."""
        domain = cast("StateStoreDomain", self.env.get_domain(StateStoreDomain.name))
        answers = domain.answers
        tags = domain.build.builder.tags
        literals: list[nodes.literal] = []
        blocks: list[statestores_block] = []
        words: list[statestores_inline] = []
        anchored: list[nodes.Element] = []
        # One walk for all: it is what a page without stores pays.
        for node in self.document.findall(nodes.Element):
            if node["ids"]:
                anchored.append(node)
            if isinstance(node, nodes.literal):
                literals.append(node)
            elif isinstance(node, statestores_block) and not is_left_out(node, tags):
                blocks.append(node)
            elif isinstance(node, statestores_inline) and not is_left_out(node, tags):
                words.append(node)
        if answers.looks_at_literals:
            # Before there are answers: their code is the registry's, and only prose is checked against it.
            link_literals(literals, answers, domain.build.builder, self.env.docname)
        if not blocks and not words:
            return
        for inline in words:
            _complain(answers, inline)
            text = as_written(answers.words(inline["question"]), inline, domain.build.builder)
            inline.parent.replace(inline, nodes.Text(text))
        ids = RowIds(domain.build.builder, answers)
        for node in anchored:
            # Ids of an entry, or of a heading or a label of the same words: no row may have them too.
            if not is_left_out(node, tags):
                ids.take(document_of(node, self.env.docname), node["ids"])
        for block in blocks:
            _complain(answers, block)
            _Binder(domain.build, answers, block, ids).bind()


class RowIds:
    """Gives out the ids of rows, each once a page."""

    def __init__(self, builder: Builder, answers: Answers) -> None:
        self._one_page = puts_all_on_one_page(builder)
        self._answers = answers
        self._given: set[tuple[str, str]] = set()

    def take(self, docname: str, anchors: Iterable[str]) -> None:
        """Note that ids are given already."""
        self._given.update((docname, anchor) for anchor in anchors)

    def claimant(self, docname: str) -> Callable[[str], str]:
        """Return what gives out the ids of a document's rows."""
        given = self._given

        def claim(anchor: str) -> str:
            if self._one_page and self._answers.landing_documents.get(anchor) != docname:
                return ""
            if (docname, anchor) in given:
                return ""
            given.add((docname, anchor))
            return anchor

        return claim


class _Binder:
    """Puts the answer to one block's question into the tree."""

    def __init__(self, build: Build, answers: Answers, block: statestores_block, ids: RowIds) -> None:
        self._builder = build.builder
        self._block = block
        self._docname: str = block["docname"]
        self._claim = ids.claimant(self._docname)
        self._nodes = NodeMaker(build.builder, self._docname, with_tabs=build.with_tabs)
        self._answer: tuple[Block, ...] = answers.blocks(block["question"])
        #: Whether it stands in a table where the output cannot have another.
        self._is_nested = build.builder.format in _WITHOUT_NESTING and any(
            isinstance(parent, nodes.entry) for parent in ancestors(block)
        )

    def bind(self) -> None:
        # A table that was made when the page was read holds its caption, its names and the question.
        parent = self._block.parent
        shell = parent if isinstance(parent, nodes.table) else None
        made = list(self._made(shell))
        replaced = shell if shell is not None else self._block
        if not made and replaced["ids"]:
            # There is nothing to be shown, and links that lead here still do.
            made.append(nodes.target())
        for node in made:
            if isinstance(node, nodes.Element):
                node["classes"] += [name for name in self._block["classes"] if name not in node["classes"]]
                node.source, node.line = self._block.source, self._block.line
        if made and isinstance(made[0], nodes.Element):
            first = made[0]
            first.update_basic_atts(replaced)
            if first["ids"] and isinstance(first, nodes.paragraph) and self._builder.format == "latex":
                # LaTeX labels no paragraph.
                first.insert(0, nodes.target("", "", ids=first["ids"]))
        # Not `replace_self`, which stops at classes that nothing is left to have.
        replaced.parent.replace(replaced, made)

    def _made(self, shell: nodes.table | None) -> Iterator[nodes.Node]:
        if not self._answer or (isinstance(self._answer[0], Table) and self._answer[0].is_empty):
            yield from self._block.children
            return
        for block in self._answer:
            made = self._nodes_of(block)
            if isinstance(block, Table) and shell is not None:
                # The caption, and what the parser had to say about it.
                said = [child for child in shell.children if child is not self._block]
                if isinstance(made[0], nodes.table):
                    made[0].insert(0, said)
                    if "align" in shell:
                        made[0]["align"] = shell["align"]
                else:
                    yield from (nodes.paragraph("", "", *c) if isinstance(c, nodes.title) else c for c in said)
            yield from made

    def _nodes_of(self, block: Block) -> list[nodes.Element]:
        if isinstance(block, Table):
            return [self._nodes.listed(block) if self._is_nested else self._table(block)]
        if isinstance(block, Definition):
            anchor = block.anchor and self._claim(block.anchor)
            content = [node for part in block.blocks for node in self._nodes_of(part)]
            return [self._nodes.definition(block.name, anchor, content)]
        return self._nodes.block(block)

    def _table(self, table: Table) -> nodes.table:
        given: tuple[int, ...] = self._block.get("widths", ())
        if given and len(given) != len(table.columns):
            message = f"'widths' has {len(given)} numbers for {len(table.columns)} columns"
            warn(Kind.INVALID_OPTION, message, self._block)
            given = ()
        classes = [f"statestore-{table.kind}"]
        if self._builder.format == "html":
            # A browser fits columns to their content better than any share of the width does.
            classes.append("colwidths-given" if given else "colwidths-auto")
            rows = table_rows(table, self._docname, Addresses(self._builder, self._docname).of, self._claim)
            return self._nodes.table_around(rows, table, given or [1] * len(table.columns), classes)
        classes.append("colwidths-given")
        body = self._nodes.table_body(table, self._claim)
        return self._nodes.table_around(body, table, column_widths(table, given, self._builder.format), classes)


def _complain(answers: Answers, node: statestores_block | statestores_inline) -> None:
    for complaint in answers.complaints(node["question"]):
        warn(complaint.kind, complaint.message, node)
