"""Inline literals that name stores: which there are in a page, and what becomes of them when it is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.sphinx_ext.logging import inform, warn
from sphinx_statestores.sphinx_ext.questions import LiteralQuestion
from sphinx_statestores.sphinx_ext.render.links import linked
from sphinx_statestores.sphinx_ext.trees import ancestors, document_of, is_left_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.builders import Builder

    from sphinx_statestores.sphinx_ext.answers import Answers

#: The field of a page's metadata that keeps its literals as they are.
METADATA_FIELD = "statestores-autolink"

_OFF = frozenset({"off", "false", "no"})
_NAME = re.compile(r"[A-Za-z0-9._-]{1,128}")
_NEVER_INSIDE = (
    nodes.title,
    nodes.subtitle,
    nodes.rubric,
    nodes.reference,
    nodes.literal_block,
    addnodes.pending_xref,
    addnodes.desc_signature,
)


def names_nothing_else(node: nodes.literal) -> bool:
    """Return whether a literal is one that may name a store.

    A role or a class says what a literal is; headings, links and code are left alone.
    """
    # The role ``literal`` leaves no class; a name has no colon.
    if node["classes"] or ":" in node.rawsource or not _NAME.fullmatch(node.astext()):
        return False
    return not any(isinstance(parent, _NEVER_INSIDE) for parent in ancestors(node))


def is_switched_off(metadata: dict[str, object]) -> bool:
    """Return whether a page's metadata keep its literals as they are."""
    return str(metadata.get(METADATA_FIELD, "")).strip().lower() in _OFF


def link_literals(literals: Iterable[nodes.literal], answers: Answers, builder: Builder, docname: str) -> None:
    """Make links of the literals that are names of stores, and complain of those that only look like it."""
    for node in literals:
        if answers.is_any_word(node.astext()):
            continue
        home = document_of(node, docname)
        if home in answers.without_autolink or not names_nothing_else(node) or is_left_out(node, builder.tags):
            continue
        answer = answers.literal(LiteralQuestion(node.astext()))
        if answer.is_unknown:
            _complain(answers, answers.unknown_literal(node.astext()), node)
        if answer.link is None:
            continue
        if answer.link.target is not None:
            words = node.deepcopy()
            words["classes"] += ["xref", "statestore", "statestore-store"]
            node.replace_self(linked(builder, home, answer.link.target, words))
        elif answer.link.note and builder.format == "html":
            explained = nodes.abbreviation("", "", node.deepcopy(), explanation=answer.link.note)
            node.replace_self(explained)


def _complain(answers: Answers, message: str, node: nodes.literal) -> None:
    place: nodes.Element = node
    while place.line is None and place.parent is not None:
        place = place.parent
    if answers.settings.unknown_literals == "warning":
        warn(Kind.UNKNOWN_LITERAL, message, place)
    else:
        inform(f"{place.source}:{place.line}: {message}")
