"""``statestore``: one store in full, as Sphinx describes an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx import addnodes
from sphinx.directives import ObjectDescription

from sphinx_statestores.sphinx_ext.directives.base import Options, StoreDirective
from sphinx_statestores.sphinx_ext.landing import store_anchor
from sphinx_statestores.sphinx_ext.questions import EntryQuestion

if TYPE_CHECKING:
    from docutils.nodes import Node


class StoreEntry(StoreDirective, ObjectDescription[str]):
    """One store: its name as a definition's term, its facts, and whatever the author has to say about it.

    The name and the author's words are in the doctree; the facts are a question.
    """

    has_content = True
    option_spec = Options(*ObjectDescription.option_spec or ())

    def run(self) -> list[Node]:
        """Describe the store in the domain, whichever spelling was used."""
        self.options = self.known(self.options)
        self.name = "statestore:store"
        return super().run()

    def handle_signature(self, sig: str, signode: addnodes.desc_signature) -> str:
        """Show the name."""
        name = sig.strip()
        signode += addnodes.desc_name(name, name)
        signode["fullname"] = name
        return name

    def add_target_and_index(self, name: str, sig: str, signode: addnodes.desc_signature) -> None:
        """Make the name a target for ``:store:``, and an entry of the general index."""
        anchor = store_anchor(name)
        if anchor in self.state.document.ids:
            return
        signode["ids"].append(anchor)
        self.state.document.note_explicit_target(signode)
        if "no-index-entry" not in self.options:
            self.indexnode["entries"].append(("single", f"{name} (state store)", anchor, "", None))

    def transform_content(self, content_node: addnodes.desc_content) -> None:
        """Put the facts before the author's words."""
        question = EntryQuestion(self.arguments[0].strip(), indexed="no-index" not in self.options)
        content_node.insert(0, self.placeholder(question, {}))

    def _object_hierarchy_parts(self, sig_node: addnodes.desc_signature) -> tuple[str, ...]:
        return (sig_node["fullname"],)

    def _toc_entry_name(self, sig_node: addnodes.desc_signature) -> str:
        return str(sig_node["fullname"]) if sig_node.get("_toc_parts") else ""
