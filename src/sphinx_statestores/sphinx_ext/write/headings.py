"""Numbers and titles in headings and captions, which Sphinx quotes in places that are no doctree.

Titles, tables of contents and labels are taken from a page when it is read, and quoted without a transform: in
navigation, in links to the page, in the search index, in inventories. What is taken is kept as it was read, with its
placeholders. Before anything is written, in every build, Sphinx gets the same with text in their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from sphinx.util.nodes import clean_astext

from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.read.headings import is_quoted
from sphinx_statestores.sphinx_ext.read.placeholders import statestores_inline

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.resolve.answers import Answers


def as_written(text: str, node: nodes.Node, builder: Builder) -> str:
    """Return *text* as it is put in the place of a node, for the writer of *builder*."""
    # That of manual pages escapes nothing in the headings of sections, where a backslash begins an escape of roff.
    return text.replace("\\", "\N{SET MINUS}") if builder.format == "man" and is_quoted(node) else text


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
