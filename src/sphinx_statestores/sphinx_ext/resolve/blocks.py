"""Blocks: the content of pages as values, from which HTML rows and docutils nodes are made.

Blocks are frozen classes of tuples, texts and numbers: equal values have an equal ``repr``, from which fingerprints
are made. Tables are stored by column: a column of texts is one tuple of strings, which the garbage collector need not
traverse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from sphinx_statestores.registry.inline import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from gettext import NullTranslations


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a link."""

    #: A document of the site; empty for an external URL.
    docname: str
    #: An id in the document; empty for the top of the page.
    anchor: str = ""
    #: The external URL.
    uri: str = ""
    #: The title of the link, which browsers show as a tooltip.
    title: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Text in one style."""

    text: str
    #: Empty, ``code``, ``strong`` or ``emphasis``.
    style: str = ""
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """The preview of a store that appears at a link."""

    name: str
    #: The status and the replacement; empty for a store in use.
    status: str
    purpose: str
    #: Title, value, and whether the value is code.
    facts: tuple[tuple[str, str, bool], ...]
    #: Which other site the store is in; empty for an own one.
    where: str = ""


#: A field in braces, or text between pairs of asterisks.
_MARKED = re.compile(r"\*\*(?P<strong>[^*]+)\*\*|\{(?P<name>\w+)\}")

#: The content of a paragraph or a list item.
Spans: TypeAlias = tuple[Span, ...]
#: The content of a cell. A plain text stands for one span without style: most cells are such texts.
Cell: TypeAlias = str | Spans


@dataclass(frozen=True, slots=True)
class Links:
    """A column of cells that are one link each, or plain text without a target."""

    #: The style of all cells.
    style: str
    words: tuple[str, ...]
    #: The document of each link; empty for an external URL or without a link.
    docnames: tuple[str, ...]
    #: The id of each link in its document; may be empty.
    anchors: tuple[str, ...]
    #: The external URL of each link; may be empty.
    uris: tuple[str, ...]
    #: A word after each link, in emphasis; may be empty. An empty tuple for no words at all.
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[Spans]:
        """Yield the spans of each cell."""
        notes = self.notes or ("",) * len(self.words)
        for word, docname, anchor, uri, note in zip(
            self.words, self.docnames, self.anchors, self.uris, notes, strict=True
        ):
            target = Target(docname, anchor, uri) if docname or uri else None
            yield (Span(word, self.style, target), *noted(note))


def noted(note: str) -> Spans:
    """Return a word that follows a link; empty for an empty word."""
    return (Span(" "), Span(note, "emphasis")) if note else ()


def links(spans: Iterable[Span], style: str) -> Links:
    """Take spans of one style whose targets have no titles; return them as a column."""
    nowhere = Target("")
    pairs = [(span.text, span.target or nowhere) for span in spans]
    return Links(
        style,
        tuple([word for word, _ in pairs]),
        tuple([target.docname for _, target in pairs]),
        tuple([target.anchor for _, target in pairs]),
        tuple([target.uri for _, target in pairs]),
    )


#: The cells of a column, in the order of the rows.
Cells: TypeAlias = tuple[Cell, ...] | Links


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Body:
    """Rows with an optional heading. An ordinary table has one body without a heading."""

    heading: Spans
    #: The cells of each column; all have the same length.
    columns: tuple[Cells, ...]
    #: The id of each row, a link target; empty for none. When several rows of a page want the same id, the first one
    #: gets it.
    anchors: tuple[str, ...]

    @property
    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """The cells of each row."""
        return zip(*self.columns, strict=True)


@dataclass(frozen=True, slots=True)
class Facet:
    """A field whose values select rows of a table on the page."""

    key: str
    title: str
    #: The values of the field and what pages show for them, in the order of their buttons.
    values: tuple[tuple[str, str], ...]
    #: The positions of its values, for each row of the table.
    rows: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a script needs to make a table searchable and sortable in a browser."""

    #: What the tools are called.
    words: tuple[tuple[str, str], ...]
    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table. A table without rows is not displayed."""

    #: The kind, which is also the CSS class after ``statestore-``.
    kind: str
    columns: tuple[Column, ...]
    bodies: tuple[Body, ...]
    #: The accessible name of the link that a row has to itself; empty for rows without such a link.
    row_link: str = ""
    #: None for a plain table.
    tools: Tools | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the table has no rows."""
        return not any(body.anchors for body in self.bodies)


#: The class of text with long names and paths, which a narrow page breaks.
WORDS_CLASS = "statestore-words"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    spans: Spans
    css_class: str = ""

    @property
    def is_heading(self) -> bool:
        """Whether it is the heading of the next block: nothing but strong words."""
        return bool(self.spans) and all(span.style == "strong" for span in self.spans)


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers with what they count: one sentence, or a card for each number."""

    spans: Spans
    items: tuple[Spans, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """A list of names with values."""

    items: tuple[tuple[str, Spans], ...]


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A code block."""

    language: str
    text: str
    css_class: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A bullet list."""

    items: tuple[Spans, ...]


@dataclass(frozen=True, slots=True)
class Tabs:
    """Code blocks of which one is visible at a time, if the output supports that."""

    items: tuple[tuple[str, CodeBlock], ...]


#: A block of an entry.
EntryBlock: TypeAlias = Table | Paragraph | Fields | CodeBlock


@dataclass(frozen=True, slots=True)
class Definition:
    """A store with all its data, as an object description."""

    name: str
    #: The id, a link target; empty for none.
    anchor: str
    blocks: tuple[EntryBlock, ...]


#: What a service does with a store; empty for what it owns.
Access: TypeAlias = Literal["", "reads", "writes", "uses"]


@dataclass(frozen=True, slots=True)
class MapNode:
    """A service, a store or a backend in a map."""

    kind: Literal["service", "store", "backend"]
    text: str
    target: Target | None
    #: What follows the text, such as a status or a number; may be empty.
    note: str = ""
    #: The status of a store.
    status: str = ""
    #: The position of its backend in the order of colours; 0 for a service.
    colour: int = 0


@dataclass(frozen=True, slots=True)
class MapEdge:
    """A connection in a map: from a service to its store, from a store to its backend, or from a user to a store.

    In a map of services, it leads from a service to a backend, or from a user to a service.
    """

    #: The positions of its nodes.
    start: int
    end: int
    access: Access = ""
    #: The number of stores.
    number: int = 1


@dataclass(frozen=True, slots=True)
class Map:
    """A picture of services, stores and backends."""

    #: The accessible name.
    title: str
    #: The content in words.
    description: str
    #: Kind of a node -> the title of its column, from left to right.
    columns: tuple[tuple[str, str], ...]
    nodes: tuple[MapNode, ...]
    edges: tuple[MapEdge, ...]
    #: The kinds of edges that need an explanation, and what they are called.
    legend: tuple[tuple[Access, str], ...]
    #: The same facts, for outputs without pictures.
    table: Table


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A bar of a chart."""

    label: Span
    #: The number of stores in each series.
    parts: tuple[int, ...]
    #: The position of its colour, if there is only one series.
    colour: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart."""

    #: The accessible name.
    title: str
    #: The content in words.
    description: str
    #: What the parts of the bars are called, and the position of their colours; empty for bars in one piece.
    series: tuple[tuple[str, int], ...]
    bars: tuple[ChartBar, ...]
    #: The same facts, for outputs without pictures.
    table: Table


#: A block that is drawn.
Picture: TypeAlias = Map | Chart
Block: TypeAlias = Table | Paragraph | Counts | Fields | CodeBlock | Bullets | Tabs | Definition | Picture


def body(rows: Sequence[tuple[Cell, ...]], heading: Spans = (), anchors: tuple[str, ...] = ()) -> Body:
    """Take rows of cells, a heading and the ids of the rows (by default none); return a body."""
    return Body(heading, tuple(zip(*rows, strict=True)), anchors or ("",) * len(rows))


def sentence(message: str, **values: Spans | str) -> Spans:
    """Take a message and values for its ``{name}`` fields; return spans. ``**text**`` becomes strong.

    A field without a value stays as it is. Values are not searched for fields or markup.
    """
    found: list[Span] = []
    end = 0
    for marked in _MARKED.finditer(message):
        if marked.start() > end:
            found.append(Span(message[end : marked.start()]))
        end = marked.end()
        if marked["strong"]:
            found.append(Span(marked["strong"], "strong"))
        else:
            found += as_spans(values.get(marked["name"], marked[0]))
    if end < len(message):
        found.append(Span(message[end:]))
    return tuple(found)


def inline_spans(text: str) -> Spans:
    """Take a text of a registry; return spans, with its inline code in the style ``code``."""
    return tuple(Span(run.text, "code" if run.is_code else "") for run in runs(text))


def as_spans(cell: Cell) -> Spans:
    """Return the spans of a cell."""
    return ((Span(cell),) if cell else ()) if isinstance(cell, str) else cell


def joined(spans: Iterable[Span]) -> Spans:
    """Return spans separated by commas."""
    found: list[Span] = []
    for span in spans:
        if found:
            found.append(Span(", "))
        found.append(span)
    return tuple(found)


def in_words(columns: Iterable[Column], words: NullTranslations) -> tuple[Column, ...]:
    """Return columns with translated titles."""
    return tuple(replace(column, title=words.gettext(column.title)) for column in columns)


def text_of(spans: Spans) -> str:
    """Return the text of spans, without styles."""
    return spans[0].text if len(spans) == 1 else "".join([span.text for span in spans])


def without_link_to(docname: str, anchor: str, spans: Spans) -> Spans:
    """Return spans without the links that lead to the place where they are displayed."""
    target = spans[0].target if spans else None
    if target is not None and target.anchor == anchor and target.docname == docname and not target.uri:
        return (replace(spans[0], target=None), *spans[1:])
    return spans
