"""The roles, by their names in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from docutils import nodes
from sphinx.roles import XRefRole
from sphinx.util.docutils import SphinxRole

from sphinx_statestores.registry.fields import may_be_own
from sphinx_statestores.registry.query import parse_query_text
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.read.placeholders import statestores_inline
from sphinx_statestores.sphinx_ext.read.questions import CountQuestion, LabelQuestion

if TYPE_CHECKING:
    from docutils.nodes import Element, Node, system_message
    from sphinx.environment import BuildEnvironment


class StoreRole(XRefRole):
    """A cross-reference to a store, a service or a backend, with or without the domain in the role's name."""

    def __init__(self, objtype: str, innernodeclass: type[nodes.TextElement]) -> None:
        super().__init__(warn_dangling=True, innernodeclass=innernodeclass)
        self._objtype = objtype

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Return a reference of the domain, for either spelling of the role."""
        self.name = f"statestore:{self._objtype}"
        return super().run()

    def process_link(
        self, env: BuildEnvironment, refnode: Element, has_explicit_title: bool, title: str, target: str
    ) -> tuple[str, str]:
        """Handle ``~``: display the name without its final ``-statestore``."""
        target = " ".join(target.split())
        if has_explicit_title:
            return title, target
        title = " ".join(title.split())
        if target.startswith("~"):
            target = target[1:]
            title = target.removesuffix("-statestore")
        return title, target

    def result_nodes(
        self, document: nodes.document, env: BuildEnvironment, node: Element, is_ref: bool
    ) -> tuple[list[Node], list[system_message]]:
        """Add a placeholder for a service's title or a backend's label: navigation may quote it from a heading."""
        if is_ref and self._objtype != "store" and not node["refexplicit"]:
            name = node["reftarget"]
            words = cast("nodes.Element", node[0])
            words.children = []
            # The initial text is the name: ids of headings are made from it.
            question = LabelQuestion(self._objtype, name)
            words += statestores_inline(name, name, question=question, docname=env.docname)
        return [node], []


class StoreCountRole(SphinxRole):
    """The number of stores that match filters, such as ``service=Auth backend=redis`` or ``all``."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Return a placeholder that is replaced by the number when the page is written."""
        query, complaints = parse_query_text(self.text, may_be_own)
        for complaint in complaints:
            warn(complaint.kind, complaint.message, self.get_location())
        node = statestores_inline(self.rawtext, "", question=CountQuestion(query), docname=self.env.docname)
        self.set_source_info(node)
        return [node], []


ROLES: dict[str, SphinxRole] = {
    "store": StoreRole("store", nodes.literal),
    "store-service": StoreRole("service", nodes.inline),
    "store-backend": StoreRole("backend", nodes.inline),
    "store-count": StoreCountRole(),
}
