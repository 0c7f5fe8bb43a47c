"""What a program and the process that renders a template for it tell each other.

The request is a pickle, from the program to its own process. The answers, which a stranger's template had a part in,
are texts with their lengths, and nothing of them is ever unpickled or evaluated.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.source import MIB, SIZE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from sphinx_statestores.export.template_files import TemplateFile
    from sphinx_statestores.registry.model import Registry

# Whether it is a text, and its length in bytes.
_HEAD = struct.Struct(">?Q")
#: The longest message, in characters.
MESSAGE_LENGTH = 1000
#: So many bytes of an answer are not its text: the head, and all of a message.
OVERHEAD = _HEAD.size + 4 * MESSAGE_LENGTH


class Limits(NamedTuple):
    """What rendering a template may take."""

    #: From the start of the process to its end.
    seconds: float = 30
    #: In bytes, beside what the registry and the process itself take; where the system can limit it.
    memory: int = 1024 * MIB
    #: All texts together, in bytes; also the largest file that is read as a template.
    output: int = SIZE_LIMIT


LIMITS = Limits()


class Pages(NamedTuple):
    """The pages of services, each of which a template makes."""

    #: Names of services of the registry.
    services: tuple[str, ...]
    #: Whether each store has a page as well.
    with_store_pages: bool = False


class Request(NamedTuple):
    """A template, and what it is to be rendered with."""

    file: TemplateFile
    registry: Registry
    #: None for one text of the whole registry.
    pages: Pages | None
    limits: Limits


class Answer(NamedTuple):
    """What has become of one text."""

    #: Whether it could be rendered.
    is_text: bool
    #: The text; else what is wrong, on one line.
    words: str


def write_answer(stream: BinaryIO, *, is_text: bool, data: bytes | bytearray) -> None:
    """Write an answer whose words are encoded as UTF-8."""
    stream.write(_HEAD.pack(is_text, len(data)))
    stream.write(data)
    stream.flush()


def read_answers(data: bytes) -> Iterator[Answer]:
    """Yield the answers that are whole."""
    start = 0
    while len(data) - start >= _HEAD.size:
        is_text, length = _HEAD.unpack_from(data, start)
        start += _HEAD.size
        if length > len(data) - start:
            return
        yield Answer(is_text, str(data[start : start + length], "utf-8", "replace"))
        start += length
