"""A builder as other projects have them: its writer knows the nodes of docutils and Sphinx, and ends at any other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes
from sphinx.builders import Builder
from sphinx.util.docutils import SphinxTranslator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from sphinx.application import Sphinx

#: Where nodes are defined that every writer knows.
KNOWN = frozenset({"docutils.nodes", "sphinx.addnodes"})


class ForeignTranslator(SphinxTranslator):
    """Writes the texts, the anchors and the links of a document, each anchor and link in a line of its own."""

    def __init__(self, document: nodes.document, builder: Builder) -> None:
        super().__init__(document, builder)
        self.out: list[str] = []

    def dispatch_visit(self, node: nodes.Node) -> None:
        """Write what is of interest of a node."""
        if type(node).__module__ not in KNOWN:
            raise NotImplementedError(f"{type(node).__module__}.{type(node).__name__}")
        if isinstance(node, nodes.Text):
            self.out.append(node.astext())
        elif isinstance(node, nodes.target) and "refid" in node:
            self.out.append(f"\n[{node['refid']}]\n")
        elif isinstance(node, (nodes.section, nodes.footnote, addnodes.desc_signature)):
            self.out.extend(f"\n[{name}]\n" for name in node["ids"])
        elif isinstance(node, nodes.reference):
            self.out.append(f"\n<{node.get('refuri', '#' + node.get('refid', ''))}>\n")

    def dispatch_departure(self, node: nodes.Node) -> None:
        """Write nothing."""


class ForeignBuilder(Builder):
    """Writes a file for each document. Its first line is the title, taken before anything is written."""

    name = "foreign"
    format = "foreign"
    allow_parallel = True
    default_translator_class = ForeignTranslator

    def get_outdated_docs(self) -> Iterator[str]:
        """Write all documents."""
        yield from self.env.found_docs

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """Return a document's address."""
        return f"{docname}.txt"

    def prepare_writing(self, docnames: AbstractSet[str]) -> None:
        """Name the pages, as those must that publish them."""
        found = {name: self.env.get_doctree(name).findall(nodes.title) for name in self.env.found_docs}
        self.names = {name: next(titles).astext() for name, titles in found.items()}

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Write one document."""
        translator = ForeignTranslator(doctree, self)
        doctree.walkabout(translator)
        text = f"{self.names[docname]}\n{''.join(translator.out)}"
        Path(self.outdir, f"{docname}.txt").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the builder."""
    app.add_builder(ForeignBuilder)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
