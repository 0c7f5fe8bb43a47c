"""``statestore``: all data of one store, as an object description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx import addnodes
from sphinx.directives import ObjectDescription

from sphinx_statestores.registry.phrases import fill
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import Complaint
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.shapes import QUALIFIED_NAME
from sphinx_statestores.sphinx_ext.read.anchors import store_anchor
from sphinx_statestores.sphinx_ext.read.directives.base import Options, StoreDirective
from sphinx_statestores.sphinx_ext.read.questions import EntryQuestion

if TYPE_CHECKING:
    from docutils.nodes import Node


class StoreEntry(StoreDirective, ObjectDescription[str]):
    """One store: its name as the signature, its fields, and the author's content.

    The name and the content are in the doctree; the fields are a question.
    """

    argument = ("the name of a store", "auth-statestore")
    takes_content = True
    required_arguments = 0
    option_spec = Options(*ObjectDescription.option_spec or ())

    def made(self) -> list[Node]:
        """Describe the store in the domain, whichever spelling was used."""
        self.options = self.known(self.options)
        self.name = "statestore:store"
        return ObjectDescription.run(self)

    def get_signatures(self) -> list[str]:
        """Return one name. Several lines are not several names, since the fields are those of one store."""
        return [" ".join(self.arguments[0].split())]

    def handle_signature(self, sig: str, signode: addnodes.desc_signature) -> str:
        """Add the name to the signature; return it."""
        signode += addnodes.desc_name(sig, sig)
        signode["fullname"] = sig
        return sig

    def add_target_and_index(self, name: str, sig: str, signode: addnodes.desc_signature) -> None:
        """Make the name a link target for ``:store:``, and add it to the general index."""
        if not QUALIFIED_NAME.fullmatch(name):
            return  # not a valid name, and the general index prints an id without escaping it
        anchor = store_anchor(name)
        there = self.state.document.ids.get(anchor)
        if isinstance(there, addnodes.desc_signature):
            message = (
                f"the store {shown(name)} already has an entry on this page, which links lead to: add ':no-index:' "
                "to one of the two"
            )
            self.complain([Complaint(Kind.DUPLICATE_ENTRY, message)])
        if there is not None:
            return
        signode["ids"].append(anchor)
        self.state.document.note_explicit_target(signode)
        if "no-index-entry" not in self.options:
            entry = fill(self.words.gettext("{name} (state store)"), name=name)
            self.indexnode["entries"].append(("single", entry, anchor, "", None))

    def transform_content(self, content_node: addnodes.desc_content) -> None:
        """Insert the placeholder for the fields before the author's content."""
        question = EntryQuestion(self.names[0], indexed="no-index" not in self.options)
        content_node.insert(0, self.placeholder(question, {}))

    def _object_hierarchy_parts(self, sig_node: addnodes.desc_signature) -> tuple[str, ...]:
        return (sig_node["fullname"],)

    def _toc_entry_name(self, sig_node: addnodes.desc_signature) -> str:
        return str(sig_node["fullname"]) if sig_node.get("_toc_parts") else ""
