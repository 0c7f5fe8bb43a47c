"""Answers as values, before any writer's form: what both HTML rows and docutils nodes are made from.

Only tuples, texts and numbers, so that an answer can be compared and fingerprinted as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sphinx_statestores.registry.inline import runs

if TYPE_CHECKING:
    from collections.abc import Iterable


class Target(NamedTuple):
    """Where a link leads."""

    #: A document of the site; empty for an outside address.
    docname: str
    #: An id in it; empty for its top.
    anchor: str = ""
    #: The outside address.
    uri: str = ""
    #: What a reader sees before following it.
    title: str = ""


class Span(NamedTuple):
    """A few words of one kind."""

    text: str
    #: Empty, ``code`` or ``strong``.
    style: str = ""
    target: Target | None = None


class Card(NamedTuple):
    """What a reader sees of a store without following its link."""

    name: str
    #: That it is not in use, and what to use instead; empty when it is in use.
    status: str
    purpose: str
    #: What each fact is called, what it is, and whether it is code.
    facts: tuple[tuple[str, str, bool], ...]


#: The words of a paragraph, a list item.
Spans: TypeAlias = tuple[Span, ...]
#: The words of a cell. A plain text is one span that need not be made: most cells are, and there are many.
Cell: TypeAlias = str | Spans


class Column(NamedTuple):
    """A column of a table."""

    key: str
    title: str


class Row(NamedTuple):
    """A row of a table."""

    cells: tuple[Cell, ...]
    #: The id that links to this row use; empty for none. Several rows may ask for it: the first gets it.
    anchor: str = ""


class Body(NamedTuple):
    """Rows under a heading of their own; one body without a heading is an ordinary table."""

    heading: Spans
    rows: tuple[Row, ...]


class Table(NamedTuple):
    """A table. Without rows it is an empty answer."""

    #: Also its CSS class, behind ``statestore-``.
    kind: str
    columns: tuple[Column, ...]
    bodies: tuple[Body, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is no row."""
        return not any(body.rows for body in self.bodies)


class Paragraph(NamedTuple):
    """A paragraph."""

    spans: Spans
    css_class: str = ""


class Fields(NamedTuple):
    """Names and what they stand for."""

    items: tuple[tuple[str, Spans], ...]


class CodeBlock(NamedTuple):
    """Lines of code."""

    language: str
    text: str


class Bullets(NamedTuple):
    """A list."""

    items: tuple[Spans, ...]


class Tabs(NamedTuple):
    """Pieces of code of which a reader sees one at a time, where the output can do that."""

    items: tuple[tuple[str, CodeBlock], ...]


#: What an entry is made of.
EntryBlock: TypeAlias = Table | Paragraph | Fields


class Definition(NamedTuple):
    """A store with everything about it, as Sphinx describes an object."""

    name: str
    #: The id that links to it use; empty for none.
    anchor: str
    blocks: tuple[EntryBlock, ...]


Block: TypeAlias = Table | Paragraph | Fields | CodeBlock | Bullets | Tabs | Definition


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


def without_link_to(docname: str, anchor: str, spans: Spans) -> Spans:
    """Take the link off words that stand where it leads."""
    target = spans[0].target if spans else None
    if target is not None and target.anchor == anchor and target.docname == docname and not target.uri:
        return (spans[0]._replace(target=None), *spans[1:])
    return spans
