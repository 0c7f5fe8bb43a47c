"""Which inline literals of a page may name a store."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx import addnodes

from sphinx_statestores.sphinx_ext.read.ancestry import ancestors

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
