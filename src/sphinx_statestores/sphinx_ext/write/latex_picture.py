r"""Drawings -> nodes for LaTeX: a ``picture`` environment, whose texts are nodes that LaTeX's own writer escapes.

It uses what the packages that Sphinx loads provide, and no macro parameters: LaTeX may read a picture as an argument.
See https://ctan.org/pkg/pict2e.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_statestores.sphinx_ext.resolve.blocks import Span
from sphinx_statestores.sphinx_ext.write.picture_layout import (
    COLOURS,
    STRIP,
    TEXTURES,
    Arrow,
    Box,
    Group,
    Line,
    Words,
    decimal,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sphinx_statestores.sphinx_ext.resolve.blocks import Target
    from sphinx_statestores.sphinx_ext.write.nodes import NodeMaker
    from sphinx_statestores.sphinx_ext.write.picture_layout import Drawing, Shape

#: The maximum height of a picture on a page, in units of the drawing.
PAGE_HEIGHT = 900.0
_INK, _LIGHT = "444444", "999999"
_BEGIN = r"{\centering\setlength{\unitlength}{.0625em}\setbox0=\hbox\bgroup"
# Not wider than the line, and not higher than the page.
_END = (
    r"\egroup\ifdim\wd0>\linewidth\setbox0=\hbox{\resizebox{\linewidth}{!}{\box0}}\fi"
    r"\ifdim\ht0>.85\textheight\setbox0=\hbox{\resizebox{!}{.85\textheight}{\box0}}\fi\box0\par}"
)
_SIZES = {
    "label": r"\footnotesize",
    "code": r"\footnotesize",
    "total": r"\footnotesize",
    "head": r"\scriptsize\bfseries",
}
_ANCHORS = {"start": "[l]", "middle": "", "end": "[r]"}


def latex_picture(drawing: Drawing, maker: NodeMaker) -> nodes.paragraph:
    """Return a drawing as a paragraph; *maker* makes the nodes of its texts."""
    paragraph = nodes.paragraph()
    size = f"({decimal(drawing.width)},{decimal(drawing.height)})"
    paragraph += _raw(rf"{_BEGIN}\begin{{picture}}{size}\def\maxovalrad{{6}}")
    for shape in drawing.shapes:
        paragraph += _nodes_of(shape, drawing.height, maker, None)
    paragraph += _raw(rf"\end{{picture}}{_END}")
    return paragraph


def _raw(text: str) -> nodes.raw:
    return nodes.raw("", text, format="latex")


def _point(x: float, y: float, height: float) -> str:
    """Return a position; LaTeX counts from the lower edge."""
    return f"({decimal(x)},{decimal(height - y)})"


def _nodes_of(shape: Shape, height: float, maker: NodeMaker, target: Target | None) -> list[nodes.Node]:
    if isinstance(shape, Group):
        return [node for part in shape.shapes for node in _nodes_of(part, height, maker, shape.target)]
    if isinstance(shape, Words):
        return list(_words(shape, height, maker, target))
    return [_raw("".join(_SHAPES[type(shape)](shape, height)))]


def _words(words: Words, height: float, maker: NodeMaker, target: Target | None) -> Iterator[nodes.Node]:
    room = decimal(words.room)
    size = _SIZES.get(words.kind, r"\scriptsize")
    yield _raw(
        rf"\put{_point(words.x, words.y, height)}{{\makebox(0,0){_ANCHORS[words.anchor]}"
        rf"{{\setbox2=\hbox\bgroup{size}\strut "
    )
    # Notes of a node are no part of its link.
    link = target if words.kind in {"label", "code"} else None
    yield from maker.inline((Span(words.text, "code" if words.kind == "code" else "", link),))
    fitted = rf"\resizebox{{{room}\unitlength}}{{\height}}{{\box2}}"
    yield _raw(rf"\egroup\ifdim\wd2>{room}\unitlength{fitted}\else\box2\fi}}}}")


def _box(box: Box, height: float) -> Iterator[str]:
    colour = COLOURS[box.colour % len(COLOURS)]
    left = _point(box.x, box.y + box.height, height)
    size = rf"{{{decimal(box.width)}\unitlength}}{{{decimal(box.height)}\unitlength}}"
    if box.kind in {"bar", "part", "stripe"}:
        light = colour if box.kind == "stripe" else _tint(colour)
        yield rf"{{\color[HTML]{{{light}}}\put{left}{{\rule{size}}}}}"
        if box.kind == "part":
            yield rf"{{\color[HTML]{{{colour}}}{_texture(box, height)}}}"
        return
    ink = colour if box.kind == "backend" else _LIGHT
    thickness = r"\thicklines" if box.kind == "backend" else r"\thinlines"
    centre = _point(box.x + box.width / 2, box.y + box.height / 2, height)
    radius = rf"\def\maxovalrad{{{decimal(box.radius)}}}"
    oval = rf"\oval({decimal(box.width)},{decimal(box.height)})"
    yield rf"{{\color[HTML]{{{ink}}}{thickness}{radius}\put{centre}{{{oval}}}}}"


def _texture(box: Box, height: float) -> str:
    lengths = TEXTURES[box.colour % len(TEXTURES)] or (box.width, 0.0)
    found, start = "", 0.0
    for dash, gap in zip(lengths[::2], lengths[1::2], strict=True):
        room = box.width - start
        if room > 0:
            left = _point(box.x + start, box.y + box.height, height)
            number = max(1, int((room - dash) / sum(lengths)) + 1)
            rule = rf"\rule{{{decimal(min(dash, room))}\unitlength}}{{{decimal(STRIP)}\unitlength}}"
            found += rf"\multiput{left}({decimal(sum(lengths))},0){{{number}}}{{{rule}}}"
        start += dash + gap
    return found


def _tint(colour: str) -> str:
    """Return a colour mixed with white."""
    return "".join(f"{255 - (255 - int(colour[at : at + 2], 16)) * 45 // 100:02X}" for at in (0, 2, 4))


def _line(line: Line, height: float) -> Iterator[str]:
    colour = COLOURS[line.colour % len(COLOURS)] if line.kind == "stored-in" else _INK
    dots = ""
    if line.kind in {"reads", "writes", "uses"}:
        length = abs(line.x2 - line.x1) + abs(line.y2 - line.y1) + line.bend
        dots = f"[{max(4, min(400, int(length / 6)))}]"
    x, y = (line.x1 + line.x2) / 2, (line.y1 + line.y2) / 2
    if line.bend:
        x = line.x1 - 0.75 * line.bend
        controls = ((x, line.y1), (x, line.y2))
    else:
        controls = (((line.x1 + x) / 2, line.y1), ((x + line.x2) / 2, line.y2))
    yield rf"{{\color[HTML]{{{colour}}}\linethickness{{{decimal(line.width)}\unitlength}}"
    begin, middle, end = _point(line.x1, line.y1, height), _point(x, y, height), _point(line.x2, line.y2, height)
    yield rf"\qbezier{dots}{begin}{_point(*controls[0], height)}{middle}"
    yield rf"\qbezier{dots}{middle}{_point(*controls[1], height)}{end}}}"


def _arrow(arrow: Arrow, height: float) -> Iterator[str]:
    vector = rf"\vector({arrow.direction},0){{0}}"
    yield rf"{{\color[HTML]{{{_INK}}}\put{_point(arrow.x, arrow.y, height)}{{{vector}}}}}"


_SHAPES: dict[type, Callable[..., Iterator[str]]] = {Box: _box, Line: _line, Arrow: _arrow}
