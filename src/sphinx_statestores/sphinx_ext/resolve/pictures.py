"""Questions about the stores that a query selects -> blocks that are drawn: maps and charts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from sphinx_statestores.registry.fields import FIELDS
from sphinx_statestores.registry.model import STATUSES
from sphinx_statestores.registry.phrases import fill, gettext_noop, totals_text
from sphinx_statestores.registry.selection import bound
from sphinx_statestores.registry.totals import Totals, totals
from sphinx_statestores.sphinx_ext.resolve.blocks import (
    Chart,
    ChartBar,
    Column,
    Map,
    MapEdge,
    MapNode,
    Paragraph,
    Span,
    Table,
    body,
    joined,
    noted,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.sphinx_ext.read.questions import ChartQuestion, MapQuestion
    from sphinx_statestores.sphinx_ext.resolve.blocks import Access, Block, Cell, Spans
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex

_T = TypeVar("_T")

#: A map with more nodes than this shows services instead of stores.
NODE_LIMIT = 60
#: The maximum number of parts of a bar. More of them cannot be told apart.
SERIES_LIMIT = 12
#: So many bars are in the description of a chart.
_DESCRIBED = 20

_TITLE = gettext_noop("Map of state stores")
_TITLE_OF_SERVICE = gettext_noop("State stores of {service}")
_NOTE = gettext_noop("Stores are counted by service and backend.")
_CHART_TITLES = {
    "backend": gettext_noop("State stores by backend"),
    "service": gettext_noop("State stores by service"),
    "status": gettext_noop("State stores by status"),
    "tag": gettext_noop("State stores by tag"),
}
#: What stores are counted by -> the field, where it has another name.
_FIELD_KEYS = {"tag": "tags"}
_NO_TAG = gettext_noop("no tag")
_TAGS_NOTE = gettext_noop("A store with several tags counts for each of them.")
_STORES = gettext_noop("Stores")
_COLUMNS = {
    "service": gettext_noop("Services"),
    "store": _STORES,
    "backend": gettext_noop("Backends"),
}
_EDGES: dict[Access, str] = {
    "": gettext_noop("owns"),
    "reads": gettext_noop("reads"),
    "writes": gettext_noop("writes"),
    "uses": gettext_noop("reads and writes"),
}


# -- maps ---------------------------------------------------------------------------------


def map_blocks(question: MapQuestion, site: SiteIndex) -> tuple[Block, ...]:
    """Return a map of stores, or of services if there are many stores; nothing if there are no stores."""
    stores = _stores(question, site)
    if not stores:
        return ()
    uses = [_uses(store, question.service) for store in stores]
    services = sorted(
        {store.service for store in stores}.union(*uses),
        key=lambda name: (site.registry.service_title(name).casefold(), name),
    )
    rank = {name: position for position, name in enumerate(services)}
    number = len(services) + len(stores) + len({store.backend for store in stores})
    if question.detail == "services" or (question.detail != "stores" and number > NODE_LIMIT):
        return _map_of_services(question, stores, uses, rank, site)
    return (_map_of_stores(question, stores, uses, rank, site),)


def _stores(question: MapQuestion, site: SiteIndex) -> Sequence[Store]:
    if not question.service:
        return site.select(question.query)
    registry, service = site.registry, question.service
    indexes = (registry.by_service, registry.by_reader, registry.by_writer)
    positions = sorted({position for index in indexes for position in index.get(service, ())})
    found = [registry.stores[position] for position in positions]
    if bound(question.query, site.registry).is_of_all:
        return found
    passing = {store.name for store in site.select(question.query)}
    return [store for store in found if store.name in passing]


def _uses(store: Store, service: str) -> dict[str, Access]:
    """Return the users of a store and their access. In the map of a service, others' stores have no other user."""
    readers, writers = frozenset(store.readers), frozenset(store.writers)
    names = dict.fromkeys((*store.readers, *store.writers))
    if service and store.service != service:
        names = {service: None}
    return {name: _access(name in readers, name in writers) for name in names if name != store.service}


def _access(reads: bool, writes: bool) -> Access:
    return "uses" if reads and writes else "writes" if writes else "reads"


def colours(registry: Registry) -> dict[str, int]:
    """Return the position of the colour of each backend that has a store; the same in all pictures of a site."""
    keys = dict.fromkeys((*registry.backends, *registry.by_backend))
    return {key: position for position, key in enumerate(key for key in keys if key in registry.by_backend)}


@dataclass(slots=True)
class _Graph:
    """The nodes and edges of a map that is being made."""

    site: SiteIndex
    nodes: list[MapNode] = field(default_factory=list)
    edges: list[MapEdge] = field(default_factory=list)
    _positions: dict[tuple[str, str], int] = field(default_factory=dict)

    def service(self, name: str, note: str = "") -> int:
        span = self.site.cells.service(name)
        return self._add(name, MapNode("service", span.text, span.target, note))

    def backend(self, key: str, colour: int) -> int:
        target = self.site.backend_targets.get(key)
        return self._add(key, MapNode("backend", self.site.registry.backend_label(key), target, colour=colour))

    def store(self, store: Store, colour: int) -> int:
        note, target = self.site.cells.status_note(store), self.site.store_target(store.name)
        return self._add(store.name, MapNode("store", store.name, target, note, store.status, colour))

    def _add(self, name: str, node: MapNode) -> int:
        found = self._positions.setdefault((node.kind, name), len(self.nodes))
        if found == len(self.nodes):
            self.nodes.append(node)
        return found

    def finished(self, question: MapQuestion, stores: Sequence[Store], note: str, table: Table) -> Map:
        cells, words = self.site.cells, self.site.words
        title = words.gettext(_TITLE)
        if question.service:
            title = fill(words.gettext(_TITLE_OF_SERVICE), service=cells.service(question.service).text)
        kinds = {node.kind for node in self.nodes}
        found = {edge.access for edge in self.edges}
        if found == {""} or "store" not in kinds:
            found.discard("")
        return Map(
            title,
            _description(stores, note, self.site),
            tuple((kind, words.gettext(title)) for kind, title in _COLUMNS.items() if kind in kinds),
            tuple(self.nodes),
            tuple(self.edges),
            tuple((access, words.gettext(title)) for access, title in _EDGES.items() if access in found),
            table,
        )


def _description(stores: Sequence[Store], note: str, site: SiteIndex) -> str:
    services = len({store.service for store in stores})
    message = site.words.ngettext("{stores} of {number} service.", "{stores} of {number} services.", services)
    text = fill(message, stores=totals_text(totals(site.registry, stores), site.words), number=services)
    return f"{text} {note}" if note else text


def _ranked(users: Mapping[str, _T], rank: Mapping[str, int]) -> dict[str, _T]:
    """Return users in an order of services."""
    return dict(sorted(users.items(), key=lambda user: rank[user[0]]))


def _map_of_stores(
    question: MapQuestion,
    stores: Sequence[Store],
    uses: Sequence[Mapping[str, Access]],
    rank: Mapping[str, int],
    site: SiteIndex,
) -> Map:
    """Return a map of stores with their users; *rank* has the positions of services in the order of their titles."""
    colour = colours(site.registry)
    accesses = {store.name: users for store, users in zip(stores, uses, strict=True)}
    owned: dict[str, list[Store]] = {}
    for store in stores:
        owned.setdefault(store.service, []).append(store)
    graph = _Graph(site)
    rows: list[tuple[Cell, ...]] = []
    for owner in sorted(owned, key=rank.__getitem__):
        for store in sorted(owned[owner], key=lambda store: (colour[store.backend], store.name)):
            service, place = graph.service(owner), graph.store(store, colour[store.backend])
            backend = graph.backend(store.backend, colour[store.backend])
            graph.edges += [MapEdge(service, place), MapEdge(place, backend)]
            users = _ranked(accesses[store.name], rank)
            graph.edges += [MapEdge(graph.service(user), place, access) for user, access in users.items()]
            rows.append(_store_row(store, users, site))
    columns = [Column(key, site.cells.title(FIELDS[key])) for key in ("service", "name", "backend")]
    columns += [Column(key, site.cells.title(FIELDS[key])) for key in ("readers", "writers")]
    return graph.finished(question, stores, "", _without_empty_columns(columns, rows))


def _store_row(store: Store, users: Mapping[str, Access], site: SiteIndex) -> tuple[Cell, ...]:
    cells = site.cells
    readers, writers = (
        joined(cells.service(user) for user, found in users.items() if found in {access, "uses"})
        for access in ("reads", "writes")
    )
    backend = Span(site.registry.backend_label(store.backend), "", site.backend_targets.get(store.backend))
    return (
        (cells.service(store.service),),
        (cells.store(store.name), *noted(cells.status_note(store))),
        (backend,),
        readers,
        writers,
    )


def _map_of_services(
    question: MapQuestion,
    stores: Sequence[Store],
    uses: Sequence[Mapping[str, Access]],
    rank: Mapping[str, int],
    site: SiteIndex,
) -> tuple[Block, ...]:
    """Return a map of services, and a note below it; the arguments are those of :func:`_map_of_stores`."""
    colour = colours(site.registry)
    counts: dict[str, Counter[str]] = {}
    accesses: dict[str, dict[str, list[Access]]] = {}
    for store, users in zip(stores, uses, strict=True):
        counts.setdefault(store.service, Counter())[store.backend] += 1
        for user, access in users.items():
            accesses.setdefault(store.service, {}).setdefault(user, []).append(access)
    graph = _Graph(site)
    rows: list[tuple[Cell, ...]] = []
    owners = sorted(counts, key=rank.__getitem__)
    for owner in owners:
        graph.service(owner, str(counts[owner].total()))
    for owner in owners:
        service = graph.service(owner)
        backends = sorted(counts[owner], key=colour.__getitem__)
        graph.edges += [
            MapEdge(service, graph.backend(key, colour[key]), number=counts[owner][key]) for key in backends
        ]
        found = _ranked(accesses.get(owner, {}), rank)
        for user, kinds in found.items():
            access = _access("reads" in kinds or "uses" in kinds, "writes" in kinds or "uses" in kinds)
            graph.edges.append(MapEdge(graph.service(user), service, access, len(kinds)))
        parts = tuple((site.registry.backend_label(key), counts[owner][key]) for key in backends)
        rows.append(
            (
                (site.cells.service(owner),),
                totals_text(Totals(counts[owner].total(), parts), site.words),
                _counted(found, "reads", site),
                _counted(found, "writes", site),
            )
        )
    columns = [
        Column("service", site.cells.title(FIELDS["service"])),
        Column("stores", site.words.gettext(_STORES)),
        *(Column(key, site.cells.title(FIELDS[key])) for key in ("readers", "writers")),
    ]
    note = site.words.gettext(_NOTE)
    return graph.finished(question, stores, note, _without_empty_columns(columns, rows)), _below(note)


def _below(note: str) -> Paragraph:
    return Paragraph((Span(note),), "statestore-remark")


def _counted(users: Mapping[str, Sequence[Access]], access: str, site: SiteIndex) -> Spans:
    """Return the services that read or write, each with the number of stores."""
    found: list[Span] = []
    for user, kinds in users.items():
        number = sum(kind in {access, "uses"} for kind in kinds)
        if number:
            separator = [Span(", ")] if found else []
            found += [*separator, site.cells.service(user), Span(f" ({number})")]
    return tuple(found)


def _without_empty_columns(columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]]) -> Table:
    kept = [position for position, _ in enumerate(columns) if any(row[position] for row in rows)]
    cells = [tuple(row[position] for position in kept) for row in rows]
    return Table("map", tuple(columns[position] for position in kept), (body(cells),))


# -- charts -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Field:
    """What stores are counted by."""

    values_of: Callable[[Store], tuple[str, ...]]
    #: What pages show for a value.
    span_of: Callable[[str, SiteIndex], Span]
    #: All values, in their order; empty for the order of the numbers.
    order: Callable[[SiteIndex], Iterable[str]] = lambda _: ()


_FIELDS = {
    "backend": _Field(
        lambda store: (store.backend,),
        lambda key, site: Span(site.registry.backend_label(key), "", site.backend_targets.get(key)),
        lambda site: colours(site.registry),
    ),
    "service": _Field(lambda store: (store.service,), lambda name, site: site.cells.service(name)),
    "status": _Field(
        lambda store: (store.status,), lambda word, site: Span(site.cells.word(word)), lambda _: STATUSES
    ),
    "tag": _Field(
        lambda store: tuple(dict.fromkeys(store.tags)) or ("",),
        lambda tag, site: Span(tag or site.words.gettext(_NO_TAG)),
    ),
}


def chart_blocks(question: ChartQuestion, site: SiteIndex) -> tuple[Block, ...]:
    """Return a bar chart; nothing if there are no stores."""
    stores = site.select(question.query)
    if not stores:
        return ()
    by, stack = _FIELDS[question.by], _FIELDS.get(question.stack)
    counts: dict[str, Counter[str]] = {}
    sums: Counter[str] = Counter()
    for store in stores:
        parts = stack.values_of(store) if stack else ("",)
        for value in by.values_of(store):
            counts.setdefault(value, Counter()).update(parts)
            sums.update(parts)
    ranked = _ordered({value: found.total() for value, found in counts.items()}, by, question.order, site)
    colour = colours(site.registry) if question.by == "backend" else {}
    bars = [(by.span_of(value, site), counts[value], colour.get(value, 0)) for value in ranked]
    kept = bars[: question.limit]
    rest = Counter[str]()
    for _, found, _ in bars[len(kept) :]:
        rest.update(found)
    series = _series(sums, stack, question.stack, site) if stack else [_Series((), 0, ("",))]
    made = tuple(
        ChartBar(label, tuple(sum(found[value] for value in each.values) for each in series), position)
        for label, found, position in kept
    )
    several = "tag" in {question.by, question.stack} and any(len(set(store.tags)) > 1 for store in stores)
    notes = [_not_shown(len(bars) - len(kept), rest.total(), site)] if rest else []
    if several:
        notes.append(site.words.gettext(_TAGS_NOTE))
    note = " ".join(notes)
    chart = Chart(
        site.words.gettext(_CHART_TITLES[question.by]),
        _in_words(made, series, note),
        tuple((text_of(each.label), each.colour) for each in series) if stack else (),
        made,
        _chart_table(question.by, made, series, site),
    )
    return (chart, _below(note)) if note else (chart,)


@dataclass(frozen=True, slots=True)
class _Series:
    """A part of all bars."""

    label: Spans
    colour: int
    #: What it counts.
    values: tuple[str, ...]


def _series(sums: Mapping[str, int], stack: _Field, name: str, site: SiteIndex) -> list[_Series]:
    ranked = _ordered(sums, stack, "", site)
    colour = colours(site.registry) if name == "backend" else {}
    rest: list[str] = []
    if len(ranked) > SERIES_LIMIT:
        # What has no value is none of the other values.
        largest = sorted(ranked, key=lambda value: (value != "", -sums[value]))
        rest = largest[SERIES_LIMIT - 1 :]
    smallest = frozenset(rest)
    kept = [value for value in ranked if value not in smallest]
    found = [
        _Series((stack.span_of(value, site),), colour.get(value, position), (value,))
        for position, value in enumerate(kept)
    ]
    if rest:
        # Each backend has a colour, also one that is not shown.
        found.append(_Series((_others(len(rest), site),), len(colour) or len(kept), tuple(rest)))
    return found


def _ordered(numbers: Mapping[str, int], by: _Field, order: str, site: SiteIndex) -> list[str]:
    """Return values in an order: by name, by number, or in their own. What has no value comes last."""
    own = {value: position for position, value in enumerate(by.order(site))}

    def rank(value: str) -> tuple[object, ...]:
        name = (by.span_of(value, site).text.casefold(), value)
        if order == "name":
            return (not value, *name)
        return (not value, -numbers[value] if order == "number" or not own else own.get(value, len(own)), *name)

    return sorted(numbers, key=rank)


def _others(number: int, site: SiteIndex) -> Span:
    return Span(fill(site.words.ngettext("{number} other", "{number} others", number), number=number))


def _in_words(bars: Sequence[ChartBar], series: Sequence[_Series], note: str) -> str:
    """Return the first bars with their numbers, and with those of their parts."""
    names = [text_of(each.label) for each in series]
    found = []
    for bar in bars[:_DESCRIBED]:
        parts = ", ".join(
            f"{number} {name}" for number, name in zip(bar.parts, names, strict=True) if name and number
        )
        found.append(f"{bar.label.text}: {sum(bar.parts)}{f' ({parts})' if parts else ''}")
    if len(bars) > _DESCRIBED:
        found.append("\N{HORIZONTAL ELLIPSIS}")
    return " ".join(filter(None, (", ".join(found), note)))


def _not_shown(bars: int, number: int, site: SiteIndex) -> str:
    message = site.words.ngettext(
        "Not shown: {bars} more, with {number} store.", "Not shown: {bars} more, with {number} stores.", number
    )
    return fill(message, number=number, bars=bars)


def _chart_table(by: str, bars: Sequence[ChartBar], series: Sequence[_Series], site: SiteIndex) -> Table:
    """Return the numbers of a chart: a row for each bar, with its parts and their sum."""
    is_stacked = any(each.label for each in series)
    parts = [Column(f"part-{position}", text_of(each.label)) for position, each in enumerate(series) if is_stacked]
    titles = (Column(by, site.cells.title(FIELDS[_FIELD_KEYS.get(by, by)])), *parts)
    rows: list[tuple[Cell, ...]] = [
        ((bar.label,), *(map(str, bar.parts) if is_stacked else ()), str(sum(bar.parts))) for bar in bars
    ]
    return Table("chart", (*titles, Column("stores", site.words.gettext(_STORES))), (body(rows),))
