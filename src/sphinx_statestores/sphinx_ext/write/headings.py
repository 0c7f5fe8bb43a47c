"""Numbers and titles in headings and captions, which Sphinx quotes in places that are no doctree.

Titles, tables of contents and labels are taken from a page when it is read, and quoted without a transform: in
navigation, in links to the page, in the search index, in inventories. What is taken is kept as it was read, with its
placeholders. Before anything is written, in every build, Sphinx gets the same with text in their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from sphinx.util.nodes import clean_astext

from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.read.ancestry import ancestors
from sphinx_statestores.sphinx_ext.read.placeholders import statestores_inline

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.read.questions import Question
    from sphinx_statestores.sphinx_ext.resolve.answers import Answers

_QUOTED = (nodes.title, nodes.caption)
#: What Sphinx's environment has for each document, by the name of its attribute.
_PARTS = ("titles", "longtitles", "tocs")


@dataclass(frozen=True)
class Headings:
    """What was taken from the headings of a document, with placeholders in it."""

    #: What the placeholders ask.
    questions: tuple[Question, ...]
    #: Attribute of the environment -> what it has for the document.
    parts: dict[str, nodes.Element]
    #: Id of a section, table or figure -> its title or caption.
    captions: dict[str, nodes.Element]


def is_quoted(node: nodes.Node) -> bool:
    """Return whether a node stands in a heading or a caption."""
    return any(isinstance(parent, _QUOTED) for parent in ancestors(node))


def as_written(text: str, node: nodes.Node, builder: Builder) -> str:
    """Return *text* as it is put in the place of a node, for the writer of *builder*."""
    # That of manual pages escapes nothing in the headings of sections, where a backslash begins an escape of roff.
    return text.replace("\\", "\N{SET MINUS}") if builder.format == "man" and is_quoted(node) else text


def headings_of(document: nodes.document, env: BuildEnvironment) -> Headings | None:
    """Return what Sphinx has taken from the headings of the document that was just read; None without placeholders.

    To be called when the collectors of the environment have seen the document.
    """
    asking = [node for node in document.findall(statestores_inline) if is_quoted(node)]
    if not asking:
        return None
    kept = {part: getattr(env, part).get(env.docname) for part in _PARTS}
    captions: dict[str, nodes.Element] = {
        identifier: _copied(title)
        for kind in _QUOTED
        for title in document.findall(kind)
        if any(True for _ in title.findall(statestores_inline))
        for identifier in title.parent["ids"]
    }
    return Headings(
        tuple(dict.fromkeys(node["question"] for node in asking)),
        {part: _copied(tree) for part, tree in kept.items() if tree is not None},
        captions,
    )


def _copied(tree: nodes.Element) -> nodes.Element:
    """Return a copy of a heading that does not keep its document, which would be pickled with it."""
    copied = tree.deepcopy()
    for node in copied.findall():
        node.document = None  # type: ignore[assignment] # as in a node that is in no document
    return copied


def fill_headings(app: Sphinx, env: BuildEnvironment) -> None:
    """Give Sphinx the texts of all headings, now that all documents have been read (``env-updated``)."""
    build = current(env)
    build.forget_answers()
    labels = cast("dict[str, Any]", env.get_domain("std").data["labels"])
    for docname, headings in build.headings.items():
        for part, tree in headings.parts.items():
            getattr(env, part)[docname] = _filled(tree, build.answers)
        texts = {name: clean_astext(_filled(title, build.answers)) for name, title in headings.captions.items()}
        for name, (place, identifier, text) in labels.items():
            if place == docname and text and identifier in texts:
                labels[name] = (place, identifier, texts[identifier])


def _filled(tree: nodes.Element, answers: Answers) -> nodes.Element:
    filled = tree.deepcopy()
    for node in list(filled.findall(statestores_inline)):
        node.parent.replace(node, nodes.Text(answers.words(node["question"])))
    return filled
