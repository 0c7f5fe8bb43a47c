"""Drawings -> SVG that is part of an HTML page.

It is well-formed XML. Colours come from the style sheet; without it, the picture has the colour of the text.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sphinx_statestores.sphinx_ext.write.picture_layout import (
    CODE,
    COLOURS,
    SMALL,
    STRIP,
    TEXT,
    TEXTURES,
    Arrow,
    Box,
    Group,
    Line,
    Words,
    decimal,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sphinx_statestores.sphinx_ext.write.addresses import Addresses
    from sphinx_statestores.sphinx_ext.write.picture_layout import Drawing, Shape

#: The class of the element around a picture. Pages that have it load the style sheet of pictures.
PICTURE_CLASS = "statestore-picture"
#: The units in the text size of the page.
_UNITS = 16
_SIZES = {"label": TEXT, "code": CODE, "note": SMALL, "number": SMALL, "total": TEXT, "head": SMALL}
#: Where the middle of a line is above its baseline, as a share of the text size.
_RISE = 0.35
_DASHES = {"reads": "2 4", "writes": "8 4", "uses": "8 3 2 3"}


def svg(drawing: Drawing, title: str, description: str, addresses: Addresses) -> str:
    """Return a picture as an ``svg`` element of HTML; *title* is its accessible name.

    It does not become smaller than its texts can be read: the box around it scrolls.
    """
    width, height = decimal(drawing.width), decimal(drawing.height)
    name = escape(title)
    shapes = "".join(_shapes(drawing.shapes, addresses))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="group" viewBox="0 0 {width} {height}"'
        f' width="{decimal(drawing.width / _UNITS)}em" height="{decimal(drawing.height / _UNITS)}em"'
        f' direction="ltr" fill="currentColor" font-size="{decimal(TEXT)}">\n'
        f"<title>{name}</title>\n<desc>{escape(description)}</desc>\n{shapes}</svg>"
    )


def _shapes(shapes: Iterable[Shape], addresses: Addresses) -> Iterable[str]:
    for shape in shapes:
        yield _SHAPES[type(shape)](shape, addresses)


def _group(group: Group, addresses: Addresses) -> str:
    content = "".join(_shapes(group.shapes, addresses))
    hint = f"<title>{escape(group.hint)}</title>" if group.hint else ""
    target = group.target
    if target is None or addresses.leads_nowhere(target.docname, target.anchor, target.uri):
        return f"<g>{hint}{content}</g>\n"
    kind = ' class="reference external"' if target.uri else ""
    return f'<a{kind} href="{escape(addresses.of(target))}">{hint}{content}</a>\n'


def _words(words: Words, _: Addresses) -> str:
    size = _SIZES[words.kind]
    position = f'x="{decimal(words.x)}" y="{decimal(words.y + _RISE * size)}"'
    anchor = "" if words.anchor == "start" else f' text-anchor="{words.anchor}"'
    font = ' font-family="monospace"' if words.kind == "code" else ""
    text = escape(words.text, quote=False)
    return (
        f'<text class="statestore-{words.kind}" {position}{anchor}{font} font-size="{decimal(size)}">{text}</text>\n'
    )


def _box(box: Box, _: Addresses) -> str:
    position = (
        f'x="{decimal(box.x)}" y="{decimal(box.y)}" width="{decimal(box.width)}" height="{decimal(box.height)}"'
    )
    status = f" statestore-{box.status}" if box.status and box.status != "active" else ""
    colour = "" if box.kind == "service" else f" statestore-colour-{box.colour % len(COLOURS)}"
    kind = "bar" if box.kind == "part" else box.kind
    style = f'class="statestore-{kind}{colour}{status}"'
    # Without the style sheet, an outline.
    plain = "" if box.kind == "stripe" else ' fill="none" stroke="currentColor"'
    found = f'<rect {style} {position} rx="{decimal(box.radius)}"{plain}/>\n'
    if box.kind == "part":
        # At the lower edge, where it leaves room for the number.
        dashes = " ".join(map(str, TEXTURES[box.colour % len(TEXTURES)]))
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        found += (
            f'<path class="statestore-texture{colour}" d="M{decimal(box.x)} '
            f'{decimal(box.y + box.height - STRIP / 2)}h{decimal(box.width)}" stroke="currentColor"'
            f' stroke-width="{decimal(STRIP)}"{dashed}/>\n'
        )
    return found


def _line(line: Line, _: Addresses) -> str:
    x1, y1, x2, y2 = map(decimal, (line.x1, line.y1, line.x2, line.y2))
    if line.bend:
        control = decimal(line.x1 - line.bend)
        path = f"M{x1} {y1}C{control} {y1} {control} {y2} {x2} {y2}"
    elif line.y1 == line.y2 or line.x1 == line.x2:
        path = f"M{x1} {y1}L{x2} {y2}"
    else:
        middle = decimal((line.x1 + line.x2) / 2)
        path = f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"
    dashes = f' stroke-dasharray="{_DASHES[line.kind]}"' if line.kind in _DASHES else ""
    colour = f" statestore-colour-{line.colour % len(COLOURS)}" if line.kind == "stored-in" else ""
    hint = f"<title>{escape(line.hint)}</title>" if line.hint else ""
    return (
        f'<path class="statestore-{line.kind}{colour}" d="{path}" fill="none" stroke="currentColor"'
        f' stroke-width="{decimal(line.width)}"{dashes}>{hint}</path>\n'
    )


def _arrow(arrow: Arrow, _: Addresses) -> str:
    back = 8 * arrow.direction
    points = f"M{decimal(arrow.x)} {decimal(arrow.y)}l{-back} -4v8z"
    return f'<path class="statestore-arrow" d="{points}"/>\n'


_SHAPES: dict[type, Callable[..., str]] = {
    Group: _group,
    Words: _words,
    Box: _box,
    Line: _line,
    Arrow: _arrow,
}
