"""Inline literals of a document -> links to stores, or messages about unknown names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.sphinx_ext.logging import inform, warn
from sphinx_statestores.sphinx_ext.read.ancestry import ancestors, document_of, is_left_out, nearest_place
from sphinx_statestores.sphinx_ext.read.literals import literal_question
from sphinx_statestores.sphinx_ext.write.addresses import linked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.resolve.answers import Answers


def link_literals(
    literals: Iterable[nodes.literal], answers: Answers, builder: Builder, env: BuildEnvironment
) -> None:
    """Replace literals that are names of stores by links; report those that only look like names."""
    for node in literals:
        home = document_of(node, env)
        question = literal_question(node)
        if question is None or home in answers.site.documents.without_autolink or is_left_out(node, builder.tags):
            continue
        found = answers.literal(question)
        if found.is_unknown:
            _complain(answers, node, home)
        if found.foreign:
            _link_to_another_project(node, home, env)
        if found.link is None:
            continue
        if found.link.target is not None:
            words = node.deepcopy()
            words["classes"] += ["xref", "statestore", "statestore-store"]
            node.replace_self(linked(builder, home, found.link.target, words))
        elif found.link.note and builder.format == "html":
            explained = nodes.abbreviation("", "", node.deepcopy(), explanation=found.link.note)
            node.replace_self(explained)


def _link_to_another_project(node: nodes.literal, home: str, env: BuildEnvironment) -> None:
    """Replace a literal by the link that ``:store:`` would give. intersphinx may be configured not to resolve it."""
    words = node.deepcopy()
    words["classes"] += ["xref", "statestore", "statestore-store"]
    asked = addnodes.pending_xref(
        "", refdomain="statestore", reftype="store", reftarget=node.astext(), refdoc=home, refexplicit=True
    )
    asked.source, asked.line = node.source, node.line
    link = env.events.emit_firstresult("missing-reference", env, asked, words)
    if isinstance(link, nodes.Node):
        node.replace_self(link)


def _complain(answers: Answers, node: nodes.literal, home: str) -> None:
    message = answers.complaints.about_literal(node.astext())
    place = nearest_place(node)
    # A description without a line number: the message names the described object.
    described = [name for parent in ancestors(node) if isinstance(parent, addnodes.desc) for name in _names(parent)]
    if place is None and described:
        message = f"{message} (in the description of {shown(described[0])})"
    if answers.site.settings.unknown_literals == "warning":
        warn(Kind.UNKNOWN_LITERAL, message, place or home)
    else:
        inform(message, place or home)


def _names(description: addnodes.desc) -> list[str]:
    return [
        identifier for signature in description.findall(addnodes.desc_signature) for identifier in signature["ids"]
    ]
