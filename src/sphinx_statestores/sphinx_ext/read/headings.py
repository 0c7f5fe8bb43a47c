"""A document that was just read -> Sphinx's titles, tables of contents and captions, with placeholders.

A table of contents also gets placeholders for the entries of stores, which are not in the document yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

from sphinx_statestores.sphinx_ext.read.ancestry import ancestors, holder_of
from sphinx_statestores.sphinx_ext.read.placeholders import (
    statestores_block,
    statestores_contents,
    statestores_inline,
)
from sphinx_statestores.sphinx_ext.read.questions import ContentsQuestion, EntriesQuestion, ServiceQuestion

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.read.questions import Question

_QUOTED = (nodes.title, nodes.caption)
#: Attributes of Sphinx's environment with a value for each document.
_PARTS = ("titles", "longtitles", "tocs")


@dataclass(frozen=True)
class Headings:
    """Titles, tables of contents and captions of a document, with placeholders."""

    #: The questions of the placeholders, and those for entries.
    questions: tuple[Question, ...]
    #: Attribute of the environment -> its value for the document.
    parts: dict[str, nodes.Element]
    #: Id of a section, table or figure -> its title or caption.
    captions: dict[str, nodes.Element]


def is_quoted(node: nodes.Node) -> bool:
    """Return whether a node is in a heading or a caption."""
    return any(isinstance(parent, _QUOTED) for parent in ancestors(node))


def headings_of(document: nodes.document, env: BuildEnvironment) -> Headings | None:
    """Return the headings of a document that was just read; None without placeholders and without entries.

    Call it after Sphinx's environment collectors.
    """
    asking = [node for node in document.findall(statestores_inline) if is_quoted(node)]
    listing = _listing(document) if env.config.toc_object_entries else []
    if not asking and not listing:
        return None
    kept = {part: getattr(env, part).get(env.docname) for part in _PARTS}
    captions: dict[str, nodes.Element] = {
        identifier: _copied(title)
        for kind in _QUOTED
        for title in document.findall(kind)
        if any(True for _ in title.findall(statestores_inline))
        for identifier in title.parent["ids"]
    }
    parts = {part: _copied(tree) for part, tree in kept.items() if tree is not None}
    questions: list[Question] = [node["question"] for node in asking]
    # A theme may collect the contents later: then they have no entries.
    contents = parts.get("tocs")
    if contents is not None and listing:
        sections = _sections_in(contents, document)
        for block, question in listing:
            if _list_in_contents(sections, block, question):
                questions.append(question)
    return Headings(tuple(dict.fromkeys(questions)), parts, captions)


def _listing(document: nodes.document) -> list[tuple[statestores_block, ContentsQuestion]]:
    """Return the placeholders of entries that are link targets, each with the question for their names."""
    found = []
    for block in document.findall(statestores_block):
        question = block["question"]
        shown = question.shown if isinstance(question, ServiceQuestion) else question
        if isinstance(shown, EntriesQuestion) and shown.indexed and holder_of(block) is None:
            found.append((block, ContentsQuestion(shown.query)))
    return found


def _sections_in(contents: nodes.Element, document: nodes.document) -> dict[str, nodes.Element]:
    """Return the items of sections in a table of contents: first id of a section -> its item."""
    items: dict[str, nodes.Element] = {}
    for link in contents.findall(nodes.reference):
        # Not those of object descriptions.
        if not link.parent.get("skip_section_number"):
            items.setdefault(link.get("anchorname", "").removeprefix("#"), link.parent.parent)
    # Sphinx leaves out the id in the first entry of all: its link leads to the top of the page.
    top = items.pop("", None)
    first = next(iter(document.findall(nodes.section)), None)
    if top is not None and first is not None:
        for identifier in first["ids"][:1]:
            items.setdefault(identifier, top)
    return items


def _list_in_contents(sections: dict[str, nodes.Element], block: nodes.Element, question: ContentsQuestion) -> bool:
    """Insert a placeholder below the section of a block in a table of contents; return whether there is one."""
    above = list(ancestors(block))
    section = next((parent for parent in above if isinstance(parent, nodes.section)), None)
    item = sections.get(section["ids"][0]) if section is not None and section["ids"] else None
    if item is None:
        return False
    items = item.children[-1]
    if not isinstance(items, nodes.bullet_list):
        items = nodes.bullet_list()
        item.append(items)
    conditions = [parent["expr"] for parent in above if isinstance(parent, addnodes.only)]
    placeholder = statestores_contents("", question=question, conditions=conditions)
    # Behind what precedes the first section in it.
    position = 0
    while position < len(items) and not _is_of_section(items[position]):
        position += 1
    items.insert(position, placeholder)
    return True


def _is_of_section(item: nodes.Node) -> bool:
    """Return whether an item of a table of contents is that of a section."""
    paragraphs = item.findall(addnodes.compact_paragraph)
    return any(not paragraph.get("skip_section_number") for paragraph in paragraphs)


def _copied(tree: nodes.Element) -> nodes.Element:
    """Return a copy of a heading without a reference to its document, which would be pickled with it."""
    copied = tree.deepcopy()
    for node in copied.findall():
        node.document = None  # type: ignore[assignment] # as in a node outside of any document
    return copied
