"""Where each value of a registry file begins and ends, for edits that keep every other byte.

For texts that the registry's own reader takes, which has bounded their depth and refused what its parsers read
differently: :func:`~sphinx_statestores.registry.reader.read_document`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from sphinx_statestores.registry.reader import PARSER

if TYPE_CHECKING:
    from collections.abc import Iterator


class Span:
    """A value as it stands in a text."""

    __slots__ = ("children", "column", "end", "is_flow", "is_list", "is_mapping", "start", "text")

    def __init__(self, event: Any) -> None:
        #: Offsets in the text: of its first character, and behind its last one.
        self.start: int = event.start_mark.index
        self.end: int = event.end_mark.index
        #: How far its line is indented before it.
        self.column: int = event.start_mark.column
        self.is_mapping = isinstance(event, yaml.MappingStartEvent)
        self.is_list = isinstance(event, yaml.SequenceStartEvent)
        #: Whether it is in brackets or braces.
        self.is_flow = (self.is_mapping or self.is_list) and bool(event.flow_style)
        #: Of a scalar, what it says.
        self.text: str = getattr(event, "value", "")
        #: Of a list its items; of a mapping its keys and values in turn.
        self.children: list[Span] = []

    def pairs(self) -> Iterator[tuple[Span, Span]]:
        """Yield the keys and values of a mapping."""
        if self.is_mapping:
            yield from zip(self.children[::2], self.children[1::2], strict=True)

    def get(self, name: str) -> Span | None:
        """Return what stands under a key of a mapping: the first one."""
        return next((value for key, value in self.pairs() if key.text == name and not key.children), None)


def read_spans(text: str) -> Span | None:
    """Return the one document of a text; None for an empty one. Takes no recursion, and follows no alias."""
    parser: Any = PARSER(text)
    waiting: list[Span] = []
    root: Span | None = None
    try:
        event = parser.get_event()
        while not isinstance(event, yaml.StreamEndEvent):
            if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                done = waiting.pop()
                if done.is_flow:
                    mark: Any = event.end_mark
                    done.end = mark.index
                else:
                    # The parser's own mark is where the next value begins, behind comments.
                    done.end = done.children[-1].end if done.children else done.end
            elif isinstance(event, yaml.NodeEvent):
                span = Span(event)
                if isinstance(event, yaml.ScalarEvent) and event.style in {"|", ">"}:
                    # A block ends behind the blank lines that follow it.
                    span.end = span.start + len(text[span.start : span.end].rstrip())
                if waiting:
                    waiting[-1].children.append(span)
                elif root is None:
                    root = span
                if isinstance(event, yaml.CollectionStartEvent):
                    waiting.append(span)
            event = parser.get_event()
    finally:
        parser.dispose()
    return root
