"""Numbers and titles in headings and captions, which Sphinx quotes outside of doctrees.

Sphinx extracts titles, tables of contents and labels when it reads a page. It quotes them without transforms in
navigation, links, the search index and inventories. The extracted values keep their placeholders, and in every build
they are replaced by copies with text before anything is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.util.nodes import clean_astext

from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.read.ancestry import holds
from sphinx_statestores.sphinx_ext.read.anchors import store_anchor
from sphinx_statestores.sphinx_ext.read.headings import is_quoted
from sphinx_statestores.sphinx_ext.read.placeholders import statestores_contents, statestores_inline

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.project import CurrentBuild
    from sphinx_statestores.sphinx_ext.resolve.answers import Answers


def as_written(text: str, node: nodes.Node, builder: Builder) -> str:
    """Return *text* for the position of a node, as the writer of *builder* needs it."""
    # The writer of manual pages does not escape backslashes in section headings, where they begin a roff escape.
    return text.replace("\\", "\N{SET MINUS}") if builder.format == "man" and is_quoted(node) else text


def fill_headings(app: Sphinx, env: BuildEnvironment) -> None:
    """Replace the placeholders in all headings by text, once all documents have been read (``env-updated``)."""
    build = current(env)
    build.forget_answers()
    labels = cast("dict[str, Any]", env.get_domain("std").data["labels"])
    for docname, headings in build.headings.items():
        for part, tree in headings.parts.items():
            getattr(env, part)[docname] = _filled(tree, build.answers)
        contents = env.tocs.get(docname)
        if contents is not None and _list_entries(contents, docname, build):
            env.toc_num_entries[docname] = len(list(contents.findall(nodes.reference)))
        texts = {name: clean_astext(_filled(title, build.answers)) for name, title in headings.captions.items()}
        for name, (place, identifier, text) in labels.items():
            if place == docname and text and identifier in texts:
                labels[name] = (place, identifier, texts[identifier])


def _list_entries(contents: nodes.Element, docname: str, build: CurrentBuild) -> bool:
    """Replace the placeholders for entries in a table of contents by items; return whether there were any."""
    placeholders = list(contents.findall(statestores_contents))
    for placeholder in placeholders:
        shown = all(holds(condition, build.project.builder.tags) for condition in placeholder["conditions"])
        names = build.answers.entry_names(placeholder["question"]) if shown else ()
        items = placeholder.parent
        items.replace(placeholder, [_item(name, docname) for name in names])
        if not len(items):
            items.parent.remove(items)
    return bool(placeholders)


def _item(name: str, docname: str) -> nodes.list_item:
    """Return an item of a table of contents, like those of other object descriptions."""
    link = nodes.reference(
        "", "", nodes.literal("", name), internal=True, refuri=docname, anchorname=f"#{store_anchor(name)}"
    )
    return nodes.list_item("", addnodes.compact_paragraph("", "", link, skip_section_number=True))


def _filled(tree: nodes.Element, answers: Answers) -> nodes.Element:
    filled = tree.deepcopy()
    for node in list(filled.findall(statestores_inline)):
        node.parent.replace(node, nodes.Text(answers.words(node["question"])))
    return filled
