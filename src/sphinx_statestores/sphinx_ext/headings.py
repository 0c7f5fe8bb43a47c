"""Numbers and titles in headings and captions, which Sphinx quotes in places that are no doctree.

Titles, tables of contents and labels are taken from a page when it is read, and quoted without a transform: in
navigation, in links to the page, in the search index, in inventories. So what is asked in them is put in as text
before anything is written, in every build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.nodes import clean_astext

from sphinx_statestores.sphinx_ext.questions import statestores_inline
from sphinx_statestores.sphinx_ext.trees import ancestors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.answers import Answers

_QUOTED = (nodes.title, nodes.caption)


def is_quoted(node: nodes.Node) -> bool:
    """Return whether a node stands in a heading or a caption."""
    return any(isinstance(parent, _QUOTED) for parent in ancestors(node))


def as_written(text: str, node: nodes.Node, builder: Builder) -> str:
    """Return *text* as it is put in the place of a node, for the writer of *builder*."""
    # That of manual pages escapes nothing in the headings of sections, where a backslash begins an escape of roff.
    return text.replace("\\", "\N{SET MINUS}") if builder.format == "man" and is_quoted(node) else text


def answer_headings(env: BuildEnvironment, docnames: Iterable[str], answers: Answers) -> None:
    """Put the answers into everything that was taken from the headings of some documents."""
    for docname in docnames:
        for kept in (env.titles, env.longtitles, env.tocs):
            if docname in kept:
                _answer(kept[docname], answers)
        doctree = env.get_doctree(docname)
        _answer(doctree, answers)
        texts = {
            identifier: clean_astext(title)
            for kind in _QUOTED
            for title in doctree.findall(kind)
            for identifier in title.parent["ids"]
        }
        labels = env.get_domain("std").data["labels"]
        for name, (place, identifier, text) in labels.items():
            if place == docname and text and identifier in texts:
                labels[name] = (place, identifier, texts[identifier])


def _answer(tree: nodes.Node, answers: Answers) -> None:
    for node in tree.findall(statestores_inline):
        node.children = []
        node.append(nodes.Text(answers.words(node["question"])))
