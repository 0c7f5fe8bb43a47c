"""Inline literals that name stores, when a page is written: links, and messages about those that only look so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.sphinx_ext.logging import inform, warn
from sphinx_statestores.sphinx_ext.read.ancestry import document_of, is_left_out
from sphinx_statestores.sphinx_ext.read.literals import names_nothing_else
from sphinx_statestores.sphinx_ext.read.questions import LiteralQuestion
from sphinx_statestores.sphinx_ext.write.addresses import linked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.resolve.answers import Answers


def link_literals(
    literals: Iterable[nodes.literal], answers: Answers, builder: Builder, env: BuildEnvironment
) -> None:
    """Make links of the literals that are names of stores, and complain of those that only look like it."""
    for node in literals:
        home = document_of(node, env)
        is_kept = home in answers.site.documents.without_autolink or not names_nothing_else(node)
        if is_kept or is_left_out(node, builder.tags):
            continue
        found = answers.literal(LiteralQuestion(node.astext()))
        if found.is_unknown:
            _complain(answers, answers.complaints.about_literal(node.astext()), node)
        if found.link is None:
            continue
        if found.link.target is not None:
            words = node.deepcopy()
            words["classes"] += ["xref", "statestore", "statestore-store"]
            node.replace_self(linked(builder, home, found.link.target, words))
        elif found.link.note and builder.format == "html":
            explained = nodes.abbreviation("", "", node.deepcopy(), explanation=found.link.note)
            node.replace_self(explained)


def _complain(answers: Answers, message: str, node: nodes.literal) -> None:
    place: nodes.Element = node
    while place.line is None and place.parent is not None:
        place = place.parent
    if answers.site.settings.unknown_literals == "warning":
        warn(Kind.UNKNOWN_LITERAL, message, place)
    else:
        inform(f"{place.source}:{place.line}: {message}")
