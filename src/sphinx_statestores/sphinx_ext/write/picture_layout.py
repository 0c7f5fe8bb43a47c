"""Maps and charts -> shapes with positions: geometry only, in units of a sixteenth of the text size.

The widths of texts are estimated from their characters, so that a picture does not depend on the fonts of a machine.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from docutils.utils import column_width

from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.sphinx_ext.resolve.blocks import Map

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sphinx_statestores.sphinx_ext.resolve.blocks import (
        Access,
        Chart,
        ChartBar,
        MapEdge,
        MapNode,
        Picture,
        Target,
    )

#: The colours, as in the style sheet. With the textures, they tell apart forty parts of bars.
COLOURS = ("2470D8", "C0530A", "17854F", "A63BB8", "8A6D00", "CF2F5B", "0B7F92", "6F5BD0")
#: The lengths of dashes and gaps in turn; empty for a line without gaps.
TEXTURES: tuple[tuple[int, ...], ...] = ((), (6, 4), (2, 3), (12, 4), (8, 3, 2, 3))

#: The sizes of texts.
TEXT, CODE, SMALL = 14.0, 13.0, 12.0
#: The maximum length of a label in columns of a terminal.
_LONGEST = {"service": 32, "store": 48, "backend": 24, "bar": 32}
#: So many characters for each column does a label have at most.
_MARKS = 3

_BOX, _GAP, _GROUP_GAP = 28.0, 8.0, 10.0
_PADDING = {"service": 12.0, "store": 14.0, "backend": 16.0}
_RADIUS = {"service": 6.0, "store": 6.0, "backend": 14.0}
_HEAD = 28.0
_MARGIN = 4.0
_HEAD_MIDDLE = SMALL / 2 + _MARGIN
#: How much wider the titles of columns are than other texts.
_BOLD = 1.2
#: The widths of edges that stand for several stores.
_THIN, _THICK = 1.5, 12.0
_FLOW_PITCH = 16.0
#: The share of the height over which the ends of edges are spread, and the largest space between two of them.
_SPREAD, _WIDEST_SPACE = 0.75, 12.0
_SAMPLE, _LEGEND = 34.0, 26.0

_BAR, _BAR_PITCH, _BARS = 20.0, 32.0, 380.0
_SWATCH = 16.0
#: The height of the texture of a part of a bar.
STRIP = 4.0


class Words(NamedTuple):
    """A text in one line."""

    x: float
    #: The middle of the line.
    y: float
    text: str
    kind: Literal["label", "code", "note", "number", "total", "head"]
    anchor: Literal["start", "middle", "end"]
    #: The room that it has.
    room: float


class Box(NamedTuple):
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    #: A part is one of a bar, with a texture.
    kind: Literal["service", "store", "backend", "stripe", "bar", "part"]
    radius: float = 0.0
    #: The position of its colour.
    colour: int = 0
    status: str = ""


class Line(NamedTuple):
    """A curve that begins and ends in the direction of the text, or a straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    #: ``stored-in`` leads to a backend, and ``axis`` is that of a chart; the others are kinds of access.
    kind: Literal["owns", "reads", "writes", "uses", "stored-in", "axis"]
    width: float = 1.5
    colour: int = 0
    #: How far it goes to the left between two positions above one another; 0 for a curve to the right.
    bend: float = 0.0
    #: What it stands for; may be empty.
    hint: str = ""


class Arrow(NamedTuple):
    """The head of an arrow."""

    #: The position of the tip.
    x: float
    y: float
    #: 1 to the right, -1 to the left.
    direction: int


class Group(NamedTuple):
    """Shapes that are one link, or that have one description."""

    shapes: tuple[Shape, ...]
    target: Target | None = None
    #: A text that appears at the pointer; may be empty.
    hint: str = ""


Shape: TypeAlias = Words | Box | Line | Arrow | Group


class Drawing(NamedTuple):
    """A picture: its size, and its shapes from back to front."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def draw(picture: Picture) -> Drawing:
    """Return the drawing of a map or a chart."""
    picture = _in_lines(picture)
    if isinstance(picture, Map):
        return _MapLayout(picture, _most(picture)).drawing()
    return _chart(picture, picture.bars)


def draw_pages(picture: Picture, height: float) -> list[Drawing]:
    """Return the drawings of a map or a chart, each of about a height: the stores, services or bars in turn."""
    picture = _in_lines(picture)
    if isinstance(picture, Map):
        most = _most(picture)
        return [_MapLayout(part, most).drawing() for part in _parts_of_map(picture, height)]
    size = max(1, int(height / _BAR_PITCH))
    bars = picture.bars
    return [_chart(picture, bars[start : start + size]) for start in range(0, len(bars), size)]


def _in_lines(picture: Picture) -> Picture:
    """Return a picture, each drawn text of which is one line."""
    if isinstance(picture, Map):
        return replace(
            picture,
            columns=tuple((kind, one_line(title)) for kind, title in picture.columns),
            nodes=tuple(replace(node, text=one_line(node.text), note=one_line(node.note)) for node in picture.nodes),
            legend=tuple((access, one_line(title)) for access, title in picture.legend),
        )
    return replace(
        picture,
        series=tuple((one_line(name), colour) for name, colour in picture.series),
        bars=tuple(replace(bar, label=replace(bar.label, text=one_line(bar.label.text))) for bar in picture.bars),
    )


def _parts_of_map(found: Map, height: float) -> list[Map]:
    """Divide a map: each part has some of the rows, and what is connected with these.

    A row with many users is in several parts, with some of its users in each.
    """
    kind = "store" if any(node.kind == "store" for node in found.nodes) else "service"
    backends = Counter(edge.start for edge in found.edges if not edge.access)
    rows: dict[int, list[MapEdge]] = {}
    for edge in found.edges:
        is_row = kind == found.nodes[edge.end].kind
        rows.setdefault(edge.end if is_row else edge.start, []).append(edge)
    # What owners leave of a column is for users, half of it at least.
    column = int(height / (_BOX + _GAP))
    owners = sum(found.nodes[position].kind == "service" for position in backends)
    users = max(1, column // 2, column - owners)
    items: list[tuple[int, int, list[MapEdge]]] = []
    for row, edges in rows.items():
        solid = [edge for edge in edges if not edge.access]
        used = [edge for edge in edges if edge.access]
        items += [(start, row, [*solid, *used[start : start + users]]) for start in range(0, len(used) or 1, users)]
    parts: list[list[MapEdge]] = []
    heights: dict[int, float] = {}
    # Rows often have the same users: their first ones come before others.
    for _, row, edges in sorted(items, key=lambda item: item[0]):
        size = _BOX + _GAP if kind == "store" else max(_BOX, backends[row] * _FLOW_PITCH + 4) + _GAP
        alone = {node: _BOX + _GAP for edge in edges for node in (edge.start, edge.end)} | {row: size}
        together = alone | heights | {row: size}
        if not parts or _highest(found, together) > height:
            parts.append([])
            together = alone
        heights = together
        parts[-1] += edges
    return [_part_of_map(found, part) for part in parts] if len(parts) > 1 else [found]


def _highest(found: Map, heights: Mapping[int, float]) -> float:
    """Return the height of the column of services or of stores, whichever is higher, with nodes of some heights."""
    return max(
        sum(height for node, height in heights.items() if found.nodes[node].kind == kind)
        for kind in ("service", "store")
    )


def _part_of_map(found: Map, edges: Sequence[MapEdge]) -> Map:
    kept = sorted({position for edge in edges for position in (edge.start, edge.end)})
    new = {position: index for index, position in enumerate(kept)}
    accesses = {edge.access for edge in edges}
    # What a service owns is explained beside other edges only.
    legend = tuple(entry for entry in found.legend if entry[0] in accesses) if accesses != {""} else ()
    moved = tuple(replace(edge, start=new[edge.start], end=new[edge.end]) for edge in edges)
    return replace(found, nodes=tuple(found.nodes[position] for position in kept), edges=moved, legend=legend)


def decimal(value: float) -> str:
    """Return a length as a text, with two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def text_width(text: str, size: float, *, is_code: bool = False) -> float:
    """Estimate the width of a text. Chinese, Japanese and Korean characters are as wide as two others in code."""
    if is_code:
        return size * 0.605 * column_width(text)
    return size * sum(0.5 * column_width(char) if ord(char) > 0x2E7F else _share(char) for char in text)


def _share(char: str) -> float:
    """Return the width of a character as a share of the text size, in a wide font for texts."""
    if char in "iIjl.,:;|!'()[] ":
        return 0.36
    if char in "mwMW@%":
        return 0.92
    return 0.72 if char.isupper() else 0.6


def shortened(text: str, columns: int) -> str:
    """Return a line, or what of it fits in so many columns of a terminal."""
    if len(text) <= _MARKS * columns and column_width(text) <= columns:
        return text
    # Marks that stand over a letter take no column.
    kept = text[: _MARKS * columns]
    used = 0
    for position, char in enumerate(kept):
        used += column_width(char)
        if used > columns - 1:
            kept = kept[:position]
            break
    return f"{kept}\N{HORIZONTAL ELLIPSIS}"


# -- maps ---------------------------------------------------------------------------------


class _MapLayout:
    """Finds the positions of the nodes and the edges of a map."""

    def __init__(self, found: Map, most: int) -> None:
        self._map = found
        self._kinds = [kind for kind, _ in found.columns]
        #: Whether stores are not nodes.
        self._is_counted = "store" not in self._kinds
        self._columns: dict[str, list[int]] = {kind: [] for kind in self._kinds}
        for position, node in enumerate(found.nodes):
            self._columns[node.kind].append(position)
        self._labels = [_label(node) for node in found.nodes]
        self._widths = {
            kind: max(_BOLD * text_width(title, SMALL), *map(self._needed, self._columns[kind]))
            for kind, title in found.columns
        }
        self._left: dict[str, float] = {}
        #: The upper edge and the height of each node.
        self._top = [0.0] * len(found.nodes)
        self._height = [_BOX] * len(found.nodes)
        #: The space between the ends of edges.
        self._between = 1.0
        #: The number that the thickest edge stands for.
        self._most = most
        #: The space for the number of stores in front of an edge.
        self._number = text_width(str(most), SMALL) + 16

    def drawing(self) -> Drawing:
        """Return the drawing."""
        edges = self._map.edges
        solid = [edge for edge in edges if not edge.access]
        used = [edge for edge in edges if edge.access]
        self._stack(solid)
        height = self._place_down()
        width = self._place_across(used)
        shapes: list[Shape] = [
            Words(self._left[kind], _HEAD_MIDDLE, title, "head", "start", self._widths[kind])
            for kind, title in self._map.columns
        ]
        shapes += self._flows(solid) if self._is_counted else self._curves(solid)
        for edge in used:
            shapes += self._use(edge)
        shapes += [self._node(position) for position in range(len(self._map.nodes))]
        if self._map.legend:
            legend_width, legend = _edge_legend(self._map.legend, height + _LEGEND)
            shapes += legend
            width, height = max(width, legend_width), height + _LEGEND + _BOX / 2
        return Drawing(width + _MARGIN, height + _MARGIN, tuple(shapes))

    # -- sizes --------------------------------------------------------------------------

    def _needed(self, position: int) -> float:
        node, label = self._map.nodes[position], self._labels[position]
        note = text_width(node.note, SMALL) + 10 if node.note else 0.0
        is_code = node.kind == "store"
        return text_width(label, CODE if is_code else TEXT, is_code=is_code) + note + 2 * _PADDING[node.kind]

    def _stack(self, stored_in: Sequence[MapEdge]) -> None:
        """Make boxes high enough for the edges that stand for several stores."""
        if not self._is_counted:
            return
        starts = Counter(edge.start for edge in stored_in)
        for position, number in starts.items():
            self._height[position] = max(_BOX, number * _FLOW_PITCH + 4)
        # The ends are spread over a part of the height, for flat curves.
        height = sum(self._height[position] + _GAP for position in self._columns["service"])
        free = _SPREAD * height - sum(map(self._thickness, stored_in))
        self._between = min(_WIDEST_SPACE, max(1.0, free / len(stored_in)))
        ends: dict[int, float] = {}
        for edge in stored_in:
            ends[edge.end] = ends.get(edge.end, 0.0) + self._slot(edge)
        for position, width in ends.items():
            self._height[position] = max(_BOX, width + _GAP)

    def _thickness(self, edge: MapEdge) -> float:
        return max(_THIN, _THICK * edge.number / self._most)

    def _slot(self, edge: MapEdge) -> float:
        return self._thickness(edge) + self._between

    # -- positions ----------------------------------------------------------------------

    def _place_down(self) -> float:
        """Find the upper edges of all nodes; return the lower edge of the lowest."""
        first = self._kinds[0] if self._is_counted else "store"
        self._place_rows(first)
        if not self._is_counted:
            self._place_near("service", first)
        self._place_near("backend", first)
        highest = min(self._top)
        self._top = [top - highest + _HEAD for top in self._top]
        return max(top + height for top, height in zip(self._top, self._height, strict=True))

    def _place_rows(self, kind: str) -> None:
        owners = {edge.end: edge.start for edge in self._map.edges if not edge.access}
        top, before = 0.0, None
        for position in self._columns[kind]:
            owner = owners.get(position) if kind == "store" else None
            if before is not None and owner != before:
                top += _GROUP_GAP
            before = owner
            self._top[position] = top
            top += self._height[position] + _GAP

    def _place_near(self, kind: str, rows: str) -> None:
        """Put the nodes of a column as near as possible to the middle of the rows that they are connected with."""
        sums: dict[int, list[float]] = {position: [0.0, 0.0] for position in self._columns[kind]}
        owned = {edge.start for edge in self._map.edges if not edge.access}
        for edge in self._map.edges:
            node, row = (edge.end, edge.start) if edge.end in sums else (edge.start, edge.end)
            # What a service uses does not move it away from what it owns.
            if node in sums and self._map.nodes[row].kind == rows and not (edge.access and node in owned):
                sums[node][0] += self._middle(row) * edge.number
                sums[node][1] += edge.number
        wanted = {node: total / number if number else 0.0 for node, (total, number) in sums.items()}
        ordered = sorted(sums, key=lambda node: (wanted[node], node))
        heights = [self._height[node] + _GAP for node in ordered]
        tops = spread([wanted[node] - self._height[node] / 2 for node in ordered], heights)
        for node, top in zip(ordered, tops, strict=True):
            self._top[node] = top

    def _place_across(self, used: Iterable[MapEdge]) -> float:
        left = _MARGIN
        if self._is_counted:
            left += 0.75 * max(map(self._bend, used), default=0.0)
        rows = max(map(len, self._columns.values()))
        gap = min(140.0, 66.0 + 1.5 * rows) + (self._number if self._is_counted else 0.0)
        for kind in self._kinds:
            self._left[kind] = left
            left += self._widths[kind] + gap
        return left - gap

    def _middle(self, position: int) -> float:
        return self._top[position] + self._height[position] / 2

    def _bend(self, edge: MapEdge) -> float:
        return min(120.0, 26.0 + 0.2 * abs(self._middle(edge.start) - self._middle(edge.end)))

    def _right(self, position: int) -> float:
        kind = self._map.nodes[position].kind
        return self._left[kind] + self._widths[kind]

    # -- shapes -------------------------------------------------------------------------

    def _node(self, position: int) -> Group:
        node, label = self._map.nodes[position], self._labels[position]
        left, top, height = self._left[node.kind], self._top[position], self._height[position]
        width, padding, middle = self._widths[node.kind], _PADDING[node.kind], self._middle(position)
        box = Box(left, top, width, height, node.kind, _RADIUS[node.kind], node.colour, node.status)
        room = width - 2 * padding
        shapes: list[Shape] = [box]
        if node.kind == "store":
            shapes.append(Box(left, top + 6, 4, height - 12, "stripe", 2, node.colour))
        note = Words(left + width - padding, middle, node.note, "note", "end", room) if node.note else None
        if note:
            room -= text_width(node.note, SMALL) + 10
        kind: Literal["code", "label"] = "code" if node.kind == "store" else "label"
        is_centred = node.kind == "backend"
        x = left + width / 2 if is_centred else left + padding
        shapes.append(Words(x, middle, label, kind, "middle" if is_centred else "start", room))
        if note:
            shapes.append(note)
        hint = f"{node.text} ({node.note})" if node.note else node.text
        return Group(tuple(shapes), node.target, hint if label != node.text else "")

    def _curves(self, edges: Iterable[MapEdge]) -> Iterator[Shape]:
        for edge in edges:
            node = self._map.nodes[edge.end]
            kind: Literal["stored-in", "owns"] = "stored-in" if node.kind == "backend" else "owns"
            x1, x2 = self._right(edge.start), self._left[node.kind]
            yield Line(x1, self._middle(edge.start), x2, self._middle(edge.end), kind, colour=node.colour)

    def _flows(self, edges: Sequence[MapEdge]) -> Iterator[Shape]:
        """Yield edges as wide as their numbers, which are side by side at both ends."""
        starts: dict[int, list[MapEdge]] = {}
        ends: dict[int, list[MapEdge]] = {}
        for edge in edges:
            starts.setdefault(edge.start, []).append(edge)
            ends.setdefault(edge.end, []).append(edge)
        at_end: dict[MapEdge, float] = {}
        for position, found in ends.items():
            total = sum(map(self._slot, found))
            y = self._middle(position) - total / 2
            for edge in sorted(found, key=lambda edge: self._top[edge.start]):
                at_end[edge] = y + self._slot(edge) / 2
                y += self._slot(edge)
        for position, found in starts.items():
            node = self._map.nodes[position]
            y = self._middle(position) - _FLOW_PITCH * (len(found) - 1) / 2
            for edge in sorted(found, key=lambda edge: self._top[edge.end]):
                backend, start = self._map.nodes[edge.end], self._right(position)
                hint = f"{node.text}, {backend.text}: {edge.number}"
                number = Words(start + self._number - 6, y, str(edge.number), "number", "end", self._number - 8)
                width, end = self._thickness(edge), self._left["backend"]
                flow = Line(start + self._number, y, end, at_end[edge], "stored-in", width, backend.colour)
                yield Group((flow, number), None, hint)
                y += _FLOW_PITCH

    def _use(self, edge: MapEdge) -> Iterator[Shape]:
        """Yield the edge from a user to what it uses, with an arrow in the direction of the data."""
        start, end = self._map.nodes[edge.start], self._map.nodes[edge.end]
        y1, y2 = self._middle(edge.start) + 6, self._middle(edge.end) + 6
        kind = edge.access or "owns"
        words = dict(self._map.legend).get(edge.access, "")
        hint = f"{start.text}, {words}: {end.text}"
        if self._is_counted:
            x, bend = self._left["service"], self._bend(edge)
            hint = f"{hint} ({edge.number})"
            yield Line(x, y1, x, y2, kind, bend=bend, hint=hint)
            tips = (Arrow(x, y1, 1), Arrow(x, y2, 1))
        else:
            x1, x2 = self._right(edge.start), self._left["store"]
            yield Line(x1, y1, x2, y2, kind, hint=hint)
            tips = (Arrow(x1, y1, -1), Arrow(x2, y2, 1))
        if edge.access != "writes":
            yield tips[0]
        if edge.access != "reads":
            yield tips[1]


def _most(found: Map) -> int:
    return max((edge.number for edge in found.edges if not edge.access), default=1)


def _label(node: MapNode) -> str:
    return shortened(node.text, _LONGEST[node.kind])


def spread(tops: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Return upper edges as near as possible to the wanted ones, in the same order and without overlaps."""
    # Neighbours that overlap are moved together: (sum of the wanted positions of the first, members, height).
    blocks: list[tuple[float, int, float]] = []
    for top, height in zip(tops, heights, strict=True):
        total, number, size = top, 1, height
        while blocks and blocks[-1][0] / blocks[-1][1] + blocks[-1][2] > total / number:
            before, members, above = blocks.pop()
            total, number, size = before + total - above * number, members + number, above + size
        blocks.append((total, number, size))
    found: list[float] = []
    for total, number, _ in blocks:
        top = total / number
        for height in heights[len(found) : len(found) + number]:
            found.append(top)
            top += height
    return found


def _edge_legend(legend: Sequence[tuple[Access, str]], y: float) -> tuple[float, list[Shape]]:
    """Return the width and the shapes of the explanation of edges; *y* is its middle."""
    shapes: list[Shape] = []
    x = _MARGIN
    for access, title in legend:
        end = x + _SAMPLE
        shapes.append(Line(x, y, end, y, access or "owns"))
        if access in {"reads", "uses"}:
            shapes.append(Arrow(x, y, -1))
        if access in {"writes", "uses"}:
            shapes.append(Arrow(end, y, 1))
        width = text_width(title, SMALL)
        shapes.append(Words(end + 8, y, title, "note", "start", width))
        x = end + 8 + width + 22
    return x, shapes


# -- charts -------------------------------------------------------------------------------


def _chart(found: Chart, bars: Sequence[ChartBar]) -> Drawing:
    """Return the drawing of some bars of a chart, on the scale of all."""
    labels = [shortened(bar.label.text, _LONGEST["bar"]) for bar in bars]
    left = _MARGIN + max(text_width(label, TEXT) for label in labels) + 12
    sums = [sum(bar.parts) for bar in bars]
    most = max(sum(bar.parts) for bar in found.bars)
    top, shapes = _swatches(found.series, left)
    colours = [colour for _, colour in found.series]
    height = top + len(sums) * _BAR_PITCH
    for position, (bar, label, total) in enumerate(zip(bars, labels, sums, strict=True)):
        middle = top + position * _BAR_PITCH + _BAR_PITCH / 2
        text = bar.label.text
        words = Words(left - 12, middle, label, "label", "end", left - 12)
        shapes.append(Group((words,), bar.label.target, text if label != text else ""))
        x = left
        for number, (count, (name, _)) in enumerate(zip(bar.parts, found.series or (("", 0),), strict=True)):
            width = _BARS * count / most
            if count:
                colour = colours[number] if colours else bar.colour
                kind: Literal["part", "bar"] = "part" if colours else "bar"
                part: list[Shape] = [Box(x, middle - _BAR / 2, width, _BAR, kind, 2, colour)]
                if colours and width > text_width(str(count), SMALL) + 8:
                    part.append(Words(x + width / 2, middle - 1, str(count), "number", "middle", width))
                hint = f"{text}, {name}: {count}" if name else f"{text}: {count}"
                shapes.append(Group(tuple(part), None, hint))
            x += width
        shapes.append(Words(x + 8, middle, str(total), "total", "start", 60))
    shapes.append(Line(left, top, left, height, "axis"))
    return Drawing(left + _BARS + 60, height + _MARGIN, tuple(shapes))


def _swatches(series: Sequence[tuple[str, int]], left: float) -> tuple[float, list[Shape]]:
    """Return the lower edge and the shapes of the explanation of colours."""
    shapes: list[Shape] = []
    x, y = left, _MARGIN
    for name, colour in series:
        label = shortened(name, _LONGEST["bar"])
        width = _SWATCH + 6 + text_width(label, SMALL)
        if x > left and x + width > left + _BARS:
            x, y = left, y + _SWATCH + 8
        words = Words(x + _SWATCH + 6, y + _SWATCH / 2, label, "note", "start", width - _SWATCH - 6)
        hint = name if label != name else ""
        shapes.append(Group((Box(x, y, _SWATCH, _SWATCH, "part", 2, colour), words), None, hint))
        x += width + 18
    return (y + _SWATCH + 8 if series else _MARGIN), shapes
