"""What pages show, as values before any writer's form: both HTML rows and docutils nodes are made of them.

Only tuples, texts and numbers in frozen classes: equal values have equal ``repr``, of which fingerprints are made.
Tables are columns: one of texts is one tuple of texts, which Python's garbage collector need not look into.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from sphinx_statestores.registry.inline import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from gettext import NullTranslations


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads."""

    #: A document of the site; empty for an outside address.
    docname: str
    #: An id in it; empty for its top.
    anchor: str = ""
    #: The outside address.
    uri: str = ""
    #: What a reader sees before following it.
    title: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A few words of one kind."""

    text: str
    #: Empty, ``code`` or ``strong``.
    style: str = ""
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What a reader sees of a store without following its link."""

    name: str
    #: That it is not in use, and what to use instead; empty when it is in use.
    status: str
    purpose: str
    #: What each fact is called, what it is, and whether it is code.
    facts: tuple[tuple[str, str, bool], ...]


#: A name between braces, or words between pairs of asterisks.
_MARKED = re.compile(r"\*\*(?P<strong>[^*]+)\*\*|\{(?P<name>\w+)\}")

#: The words of a paragraph, a list item.
Spans: TypeAlias = tuple[Span, ...]
#: The words of a cell. A plain text is one span that need not be made: most cells are, and there are many.
Cell: TypeAlias = str | Spans


@dataclass(frozen=True, slots=True)
class Links:
    """The cells of a column of which each is one link, or its words alone where there is no target."""

    #: That of all of them.
    style: str
    words: tuple[str, ...]
    #: The document of each link; empty for an outside address, and for words alone.
    docnames: tuple[str, ...]
    #: The id of each link in its document, if any.
    anchors: tuple[str, ...]
    #: The outside address of each link, if any.
    uris: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[Spans]:
        """Yield each cell by itself."""
        for word, docname, anchor, uri in zip(self.words, self.docnames, self.anchors, self.uris, strict=True):
            target = Target(docname, anchor, uri) if docname or uri else None
            yield (Span(word, self.style, target),)


def links(spans: Iterable[Span], style: str) -> Links:
    """Return a column of spans of one style, whose targets have no titles."""
    nowhere = Target("")
    pairs = [(span.text, span.target or nowhere) for span in spans]
    return Links(
        style,
        tuple([word for word, _ in pairs]),
        tuple([target.docname for _, target in pairs]),
        tuple([target.anchor for _, target in pairs]),
        tuple([target.uri for _, target in pairs]),
    )


#: The cells of a column, from top to bottom.
Cells: TypeAlias = tuple[Cell, ...] | Links


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Body:
    """Rows under a heading of their own; one body without a heading is an ordinary table."""

    heading: Spans
    #: The cells of each column; all columns have the same length.
    columns: tuple[Cells, ...]
    #: The id of each row that links to it use, empty for none. Several rows may ask for one: the first gets it.
    anchors: tuple[str, ...]

    @property
    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """The cells of each row."""
        return zip(*self.columns, strict=True)


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Without rows there is nothing to show."""

    #: Also its CSS class, behind ``statestore-``.
    kind: str
    columns: tuple[Column, ...]
    bodies: tuple[Body, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is no row."""
        return not any(body.anchors for body in self.bodies)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    spans: Spans
    css_class: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """Names and what they stand for."""

    items: tuple[tuple[str, Spans], ...]


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines of code."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[Spans, ...]


@dataclass(frozen=True, slots=True)
class Tabs:
    """Pieces of code of which a reader sees one at a time, where the output can do that."""

    items: tuple[tuple[str, CodeBlock], ...]


#: What an entry is made of.
EntryBlock: TypeAlias = Table | Paragraph | Fields


@dataclass(frozen=True, slots=True)
class Definition:
    """A store with everything about it, as Sphinx describes an object."""

    name: str
    #: The id that links to it use; empty for none.
    anchor: str
    blocks: tuple[EntryBlock, ...]


Block: TypeAlias = Table | Paragraph | Fields | CodeBlock | Bullets | Tabs | Definition


def body(rows: Sequence[tuple[Cell, ...]], heading: Spans = (), anchors: tuple[str, ...] = ()) -> Body:
    """Return rows as a body; *anchors* are their ids, by default none."""
    return Body(heading, tuple(zip(*rows, strict=True)), anchors or ("",) * len(rows))


def sentence(message: str, **values: Spans | str) -> Spans:
    """Return a message with a value for each ``{name}``, and what is ``**between asterisks**`` strong.

    A name without a value stays as it is. A value is never looked into.
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
    """Return a registry's text with its inline code."""
    return tuple(Span(run.text, "code" if run.is_code else "") for run in runs(text))


def as_spans(cell: Cell) -> Spans:
    """Return the words of a cell."""
    return ((Span(cell),) if cell else ()) if isinstance(cell, str) else cell


def joined(spans: Iterable[Span]) -> Spans:
    """Return spans with commas between them."""
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
    """Return spans without markup."""
    return spans[0].text if len(spans) == 1 else "".join([span.text for span in spans])


def without_link_to(docname: str, anchor: str, spans: Spans) -> Spans:
    """Take the link off words that stand where it leads."""
    target = spans[0].target if spans else None
    if target is not None and target.anchor == anchor and target.docname == docname and not target.uri:
        return (replace(spans[0], target=None), *spans[1:])
    return spans
