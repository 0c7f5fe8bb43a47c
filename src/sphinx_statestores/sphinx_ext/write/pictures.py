"""Maps and charts -> docutils nodes: SVG in HTML, a drawing in LaTeX, or a node of another extension."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.project import ENGINE_EXTENSIONS
from sphinx_statestores.sphinx_ext.resolve.blocks import Chart, Map
from sphinx_statestores.sphinx_ext.write.addresses import Addresses, runs_scripts
from sphinx_statestores.sphinx_ext.write.graph_text import ENGINES, is_too_large
from sphinx_statestores.sphinx_ext.write.html_rows import statestores_box
from sphinx_statestores.sphinx_ext.write.latex_picture import PAGE_HEIGHT, latex_picture
from sphinx_statestores.sphinx_ext.write.picture_layout import draw, draw_pages
from sphinx_statestores.sphinx_ext.write.svg import PICTURE_CLASS, svg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sphinx.builders import Builder
    from sphinx.writers.html5 import HTML5Translator

    from sphinx_statestores.sphinx_ext.resolve.blocks import Block, Picture
    from sphinx_statestores.sphinx_ext.write.nodes import NodeMaker


class statestores_picture(nodes.General, nodes.Element):  # noqa: N801 - docutils spells nodes so
    """The box around an SVG, which scrolls; the attribute ``label`` has its accessible name."""


def visit_picture(translator: HTML5Translator, node: statestores_picture) -> None:
    """Begin the box of a picture."""
    # Reachable by the keyboard, which scrolls it, even if nothing in it is a link.
    attributes = {"tabindex": "0", "role": "group", "aria-label": node["label"]}
    translator.body.append(translator.starttag(node, "div", "", **attributes))


def depart_picture(translator: HTML5Translator, node: statestores_picture) -> None:
    """End the box of a picture."""
    translator.body.append("</div>\n")


def without_picture(block: Block) -> Block:
    """Return a block; for a picture, the table with its facts."""
    return block.table if isinstance(block, (Map, Chart)) else block


class PictureMaker:
    """Creates the nodes of pictures for one document and one builder."""

    def __init__(
        self, builder: Builder, docname: str, maker: NodeMaker, engines: Mapping[str, type[nodes.Element]]
    ) -> None:
        self._builder = builder
        self._docname = docname
        self._maker = maker
        #: Engine -> the class of the nodes that its extension draws.
        self._engines = engines
        #: Whether the output has pictures. An e-book must declare them, and the viewers of help files are older than
        #: SVG; these and all other outputs get tables.
        self.draws = builder.format == "latex" or runs_scripts(builder)
        #: Whether a picture with a caption stays a figure, even if it is a table.
        self.has_figures = builder.format in {"html", "latex"}

    def nodes_of(self, picture: Picture, asking: nodes.Element) -> list[nodes.Element]:
        """Return the nodes of a picture: several in LaTeX, where one is at most as high as a page.

        *asking* is the placeholder, with the options of the picture.
        """
        if self._builder.format == "latex":
            return [latex_picture(drawing, self._maker) for drawing in draw_pages(picture, PAGE_HEIGHT)]
        title = one_line(asking.get("alt") or picture.title)
        addresses = Addresses(self._builder, self._docname)
        engine = asking.get("engine", "svg")
        if engine in ENGINES and isinstance(picture, Map):
            made = self._by_engine(engine, picture, title, addresses, asking)
            if made is not None:
                return [made]
        kind = "map" if isinstance(picture, Map) else "chart"
        html = svg(draw(picture), title, one_line(picture.description), addresses)
        classes = [PICTURE_CLASS, f"{PICTURE_CLASS}-{kind}"]
        return [statestores_picture("", nodes.raw("", html, format="html"), label=title, classes=classes)]

    def _by_engine(
        self, engine: str, found: Map, title: str, addresses: Addresses, asking: nodes.Element
    ) -> nodes.Element | None:
        """Return a node that another extension draws; None, with a warning, if it cannot."""
        node = self._engines.get(engine)
        reason = f"add {ENGINE_EXTENSIONS[engine]!r} to 'extensions' in conf.py"
        if node is not None:
            text = ENGINES[engine](found, addresses)
            if not is_too_large(engine, found, text):
                # The other extension does not escape the text, and may write no ids.
                made = node("", code=text, alt=escape(title), options={"docname": self._docname})
                return statestores_box("", made)
            reason = f"the map is too large for {engine}: select fewer stores, or write ':detail: services'"
        message = f"'engine' is {engine}, but the map is drawn as SVG: {reason}"
        warn(Kind.INVALID_OPTION, message, asking)
        return None
