"""Inline literals of a page -> their questions, if they may name a store."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx import addnodes

from sphinx_statestores.sphinx_ext.read.ancestry import ancestors
from sphinx_statestores.sphinx_ext.read.questions import LiteralQuestion

#: The field in a page's metadata that disables links from literals.
METADATA_FIELD = "statestores-autolink"

_OFF = frozenset({"off", "false", "no"})
# With a namespace, if it is the store of another site.
_NAME = re.compile(r"(?:[A-Za-z0-9_-]{1,63}:)*[A-Za-z0-9._-]{1,128}")
_OF_KEYS = frozenset({"key", "keys", "pattern", "patterns"})
_NEVER_INSIDE = (
    nodes.title,
    nodes.subtitle,
    nodes.rubric,
    nodes.reference,
    nodes.literal_block,
    addnodes.pending_xref,
    addnodes.desc_signature,
)


def literal_question(node: nodes.literal) -> LiteralQuestion | None:
    """Return the question of a literal; None when it cannot be the name of a store.

    Literals with a role or a class, and those in headings, links and code, have none.
    """
    text = node.astext()
    # The role ``literal`` adds no class, but its source has a colon more than its text.
    if node["classes"] or node.rawsource.count(":") > text.count(":") or not _NAME.fullmatch(text):
        return None
    is_key = False
    for parent in ancestors(node):
        if isinstance(parent, _NEVER_INSIDE):
            return None
        is_key = is_key or (isinstance(parent, nodes.table) and _is_table_of_keys(parent))
    return LiteralQuestion(text, is_key)


def _is_table_of_keys(table: nodes.table) -> bool:
    """Return whether a word in a table's header is ``key`` or ``pattern``, or its plural."""
    return any(
        not _OF_KEYS.isdisjoint(re.findall("[a-z]+", cell.astext().lower()))
        for head in table.findall(nodes.thead)
        for cell in head.findall(nodes.entry)
    )


def is_switched_off(metadata: dict[str, object]) -> bool:
    """Return whether a page's metadata disable links from literals."""
    return str(metadata.get(METADATA_FIELD, "")).strip().lower() in _OFF
