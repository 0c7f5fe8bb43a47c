"""Where the shapes of maps and charts are: nothing overlaps, leaves the picture or depends on fonts."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import pytest
from work import counted_calls

from sphinx_statestores.sphinx_ext.resolve.blocks import Access, Chart, ChartBar, Map, MapEdge, MapNode, Span, Table
from sphinx_statestores.sphinx_ext.write.picture_layout import (
    Box,
    Group,
    Line,
    Words,
    draw,
    draw_pages,
    shortened,
    spread,
    text_width,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sphinx_statestores.sphinx_ext.write.picture_layout import Drawing, Shape

EMPTY = Table("map", (), ())
ACCESSES: tuple[Access, ...] = ("reads", "writes", "uses")
KINDS: tuple[Literal["service", "store", "backend"], ...] = ("service", "store", "backend")
COLUMNS = (("service", "Services"), ("store", "Stores"), ("backend", "Backends"))


def a_map(seed: int, stores: int, *, counted: bool = False) -> Map:
    """Return a map of any stores of six services in four backends."""
    dice = random.Random(seed)
    services, backends = 6, 4
    found = [MapNode("service", f"Service{'x' * dice.randrange(20)}", None) for _ in range(services)]
    found += [MapNode("backend", f"B{n}", None, colour=n) for n in range(backends)]
    edges = []
    if counted:
        for service in range(services):
            used = dice.sample(range(backends), dice.randint(1, backends))
            edges += [MapEdge(service, services + backend, "", dice.randint(1, 40)) for backend in used]
            edges.append(MapEdge(service, (service + 1) % services, "reads", 2))
    for _ in range(0 if counted else stores):
        store = len(found)
        found.append(MapNode("store", "s" * dice.randint(1, 60), None, dice.choice(["", "deprecated"])))
        owner = dice.randrange(services)
        edges += [MapEdge(owner, store), MapEdge(store, services + dice.randrange(backends))]
        if dice.random() < 0.3:
            edges.append(MapEdge((owner + 1) % services, store, dice.choice(ACCESSES)))
    columns = COLUMNS[::2] if counted else COLUMNS
    return Map("", "", columns, tuple(found), tuple(edges), (), EMPTY)


def flat(shapes: Iterable[Shape]) -> Iterator[Shape]:
    for shape in shapes:
        if isinstance(shape, Group):
            yield from flat(shape.shapes)
        else:
            yield shape


def boxes(drawing: Drawing) -> list[Box]:
    return [shape for shape in flat(drawing.shapes) if isinstance(shape, Box) and shape.kind != "stripe"]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("counted", [False, True])
def test_boxes_of_a_map(seed: int, counted: bool) -> None:
    """Boxes are within the picture, in columns of one width, and do not overlap; texts have room within theirs."""
    drawing = draw(a_map(seed, 40, counted=counted))
    found = boxes(drawing)
    assert len(found) == (10 if counted else 50)
    columns: dict[str, list[Box]] = {}
    for box in found:
        assert 0 <= box.x < box.x + box.width <= drawing.width
        assert 0 <= box.y < box.y + box.height <= drawing.height
        columns.setdefault(box.kind, []).append(box)
    for column in columns.values():
        assert len({(box.x, box.width) for box in column}) == 1
        ordered = sorted(column, key=lambda box: box.y)
        assert all(above.y + above.height <= below.y for above, below in pairwise(ordered))
    edges = sorted((column[0].x, column[0].x + column[0].width) for column in columns.values())
    assert all(left[1] < right[0] for left, right in pairwise(edges))
    for group in drawing.shapes:
        if isinstance(group, Group) and isinstance(group.shapes[0], Box):
            box = group.shapes[0]
            words = [shape for shape in group.shapes if isinstance(shape, Words)]
            spans = list(map(span, words))
            assert box.x <= spans[0][0]
            assert all(left[1] <= right[0] for left, right in pairwise(spans))
            assert spans[-1][1] <= box.x + box.width
    assert counted or any(len(group.shapes) == 4 for group in drawing.shapes if isinstance(group, Group))


def span(words: Words) -> tuple[float, float]:
    """Return where a text begins and ends."""
    size = {"code": 13.0, "note": 12.0}.get(words.kind, 14.0)
    width = text_width(words.text, size, is_code=words.kind == "code")
    start = words.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[words.anchor] * width
    return start, start + width


def test_a_service_is_beside_its_stores() -> None:
    """The middle of a service is that of its stores, if no other box is in the way."""
    found = [MapNode("service", "A", None), *(MapNode("store", f"s{n}", None) for n in range(3))]
    found.append(MapNode("backend", "B", None))
    edges = tuple(edge for store in (1, 2, 3) for edge in (MapEdge(0, store), MapEdge(store, 4)))
    drawing = draw(Map("", "", COLUMNS, tuple(found), edges, (), EMPTY))
    backend, service, _, middle, _ = sorted(boxes(drawing), key=lambda box: (box.kind, box.y))
    assert backend.y == service.y == middle.y


def test_flows_do_not_overlap() -> None:
    """The ends of edges that stand for several stores are side by side, at the service and at the backend."""
    drawing = draw(a_map(3, 0, counted=True))
    flows = [shape for shape in flat(drawing.shapes) if isinstance(shape, Line) and shape.kind == "stored-in"]
    assert len(flows) > 6
    for ends in ([(flow.y1, flow.width) for flow in flows], [(flow.y2, flow.width) for flow in flows]):
        ordered = sorted(ends)
        assert all(a[0] + a[1] / 2 <= b[0] - b[1] / 2 + 1e-9 for a, b in pairwise(ordered))


def test_texts_between_columns() -> None:
    """The title of a column and the number in front of an edge have room, however long they are."""
    columns = (("service", "A long title of services"), ("backend", "B"))
    found = (MapNode("service", "A", None), MapNode("backend", "B", None))
    drawing = draw(Map("", "", columns, found, (MapEdge(0, 1, number=123_456),), (), EMPTY))
    service, backend = sorted(boxes(drawing), key=lambda box: box.x)
    words = {shape.text: shape for shape in flat(drawing.shapes) if isinstance(shape, Words)}
    assert service.width > text_width("A long title of services", 12)
    number = words["123456"]
    assert service.x + service.width < number.x - text_width(number.text, 12) < number.x < backend.x


def test_texts_are_lines() -> None:
    """A text with line breaks and control characters is drawn and measured as one line."""

    def picture(text: str) -> list[Map | Chart]:
        nodes = tuple(MapNode(kind, text, None, text) for kind in KINDS)
        edges = (MapEdge(0, 1), MapEdge(1, 2), MapEdge(0, 1, "uses"))
        columns = tuple((kind, text) for kind, _ in COLUMNS)
        stores = Map("", "", columns, nodes, edges, (("", text), ("uses", text)), EMPTY)
        services = Map("", "", columns[::2], nodes[::2], (MapEdge(0, 1, number=3),), (), EMPTY)
        return [stores, services, Chart("", "", ((text, 0), (text, 1)), (ChartBar(Span(text), (1, 2)),), EMPTY)]

    for raw, line in (("a\n\tb\x00c", "a  b\ufffdc"), ("a\n" * 60, "a " * 60), ("m\x1b", "m\ufffd")):
        assert [draw(each) for each in picture(raw)] == [draw(each) for each in picture(line)]
        assert [draw_pages(each, 50) for each in picture(raw)] == [draw_pages(each, 50) for each in picture(line)]


@pytest.mark.parametrize("seed", range(20))
def test_spread(seed: int) -> None:
    """Boxes keep their order, do not overlap, and stay where they are wanted if there is room."""
    dice = random.Random(seed)
    tops = sorted(dice.uniform(0, 400) for _ in range(12))
    heights = [dice.uniform(10, 60) for _ in tops]
    found = spread(tops, heights)
    assert all(a + height <= b + 1e-9 for (a, b), height in zip(pairwise(found), heights, strict=False))
    apart = [100.0 * n for n in range(12)]
    assert spread(apart, heights) == apart
    # Not simply pushed down: as many go up as down.
    assert min(new - old for new, old in zip(found, tops, strict=True)) < 0


def test_bars_are_as_long_as_their_numbers() -> None:
    """The length of a bar is its number's share of the largest one, on all pages of a chart."""
    numbers = [8, 4, 1, 2, 6] * 20
    bars = tuple(ChartBar(Span(f"b{n}"), (number, 1)) for n, number in enumerate(numbers))
    chart = Chart("", "", (("one", 0), ("two", 1)), bars, EMPTY)
    for drawings in ([draw(chart)], draw_pages(chart, 300)):
        parts = [box for drawing in drawings for box in boxes(drawing) if box.kind == "part" and box.height > 16]
        assert [round(box.width * 9 / 380, 6) for box in parts[::2]] == numbers
    assert len(draw_pages(chart, 300)) > 10


def test_pages_have_all_edges() -> None:
    """The parts of a map have each edge once, on the scale of the whole, and are about as high as a page."""
    for found in (a_map(5, 200), a_map(5, 0, counted=True)):
        whole = sorted((line.kind, line.width) for line in edges_of(draw(found)))
        drawings = draw_pages(found, 120 if len(found.nodes) < 20 else 400)
        assert len(drawings) > 2
        assert sorted((line.kind, line.width) for each in drawings for line in edges_of(each)) == whole


@pytest.mark.parametrize(("stores", "readers", "pages"), [(5, 60, 6), (1, 200, 14), (40, 3, 4), (30, 30, 15)])
@pytest.mark.parametrize("counted", [False, True])
def test_pages_of_many_users(stores: int, readers: int, pages: int, counted: bool) -> None:
    """A map with many users is divided, too: each part is about as high as a page, and has what its edges lead to."""
    found = [MapNode("backend", "B", None)]
    edges = []
    users = range(1, readers + 1)
    found += [MapNode("service", f"Reader {n}", None) for n in users]
    for number in range(stores):
        owner = len(found)
        found.append(MapNode("service", f"Owner {number}", None))
        if not counted:
            found.append(MapNode("store", f"store-{number}", None))
            edges.append(MapEdge(owner, owner + 1))
        row = len(found) - 1
        edges.append(MapEdge(row, 0))
        edges += [MapEdge(user, row, "reads") for user in users]
    columns = COLUMNS[::2] if counted else COLUMNS
    whole = Map("", "", columns, tuple(found), tuple(edges), (("reads", "reads"),), EMPTY)
    drawings = draw_pages(whole, 600)
    assert len(drawings) == pages
    # The head, the legend and the spaces between groups come on top.
    assert max(drawing.height for drawing in drawings) < 700
    hints = [line.hint for drawing in drawings for line in edges_of(drawing) if line.kind == "reads" and line.hint]
    assert len(set(hints)) == len(hints) == stores * readers
    names = [{words.text for words in flat(drawing.shapes) if isinstance(words, Words)} for drawing in drawings]
    owners = [{name for name in found if name.startswith("Owner ")} for found in names]
    assert set().union(*owners) == {f"Owner {number}" for number in range(stores)}
    assert all("B" in found for found in names)
    for drawing, texts in zip(drawings, names, strict=True):
        for line in edges_of(drawing):
            if line.hint:
                user, _, place = line.hint.partition(", reads: ")
                assert {user, place.partition(" (")[0]} <= texts
    with counted_calls() as count:
        draw_pages(whole, 600)
    assert count[0] < 200 * len(edges)


def edges_of(drawing: Drawing) -> list[Line]:
    """Return the edges of a map without a legend."""
    return [shape for shape in flat(drawing.shapes) if isinstance(shape, Line)]


def test_widths_of_texts() -> None:
    """Wide characters take the room of two, marks that stand over a letter take none, and a cut says so."""
    assert text_width("状態", 10, is_code=True) == text_width("abcd", 10, is_code=True)
    assert text_width("状態", 10) == 20
    assert text_width("e\u0301", 10, is_code=True) == text_width("e", 10, is_code=True)
    assert shortened("a" * 30, 32) == "a" * 30
    assert shortened("a" * 33, 32) == "a" * 31 + "\u2026"
    assert shortened("状" * 17, 32) == "状" * 15 + "\u2026"
    marks = "e" + "\u0301" * 1000 + "x" * 100
    assert len(shortened(marks, 32)) < 100
    assert shortened("e\u0301" * 20, 32) == "e\u0301" * 20
    assert shortened("e\u0301" * 33, 32) == "e\u0301" * 31 + "\u2026"
    with counted_calls() as count:
        shortened("x" * 1_000_000, 32)
    assert count[0] < 500


def test_drawing_grows_with_the_map() -> None:
    """Twice the nodes are twice the work."""
    work = []
    for stores in (400, 800):
        found = a_map(1, stores)
        with counted_calls() as count:
            draw(found)
        work.append(count[0])
    assert work[1] < 2.3 * work[0]
