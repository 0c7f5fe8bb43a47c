"""The messages between this program and the process that renders a template.

The request is a pickle from the program to its own process. The answers may be influenced by an untrusted template:
they are texts with a length, and are never unpickled or evaluated.
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

# Whether it is a text or an error, and its length in bytes.
_HEAD = struct.Struct(">?Q")
#: The maximum length of an error message, in characters.
MESSAGE_LENGTH = 1000
#: The size of an answer beside its text, in bytes: the header and one message.
OVERHEAD = _HEAD.size + 4 * MESSAGE_LENGTH


class Limits(NamedTuple):
    """The limits of rendering a template."""

    #: The maximum run time of the process, in seconds.
    seconds: float = 30
    #: The maximum memory in bytes, beside that of the registry and the process itself. Applied if the system supports
    #: it.
    memory: int = 1024 * MIB
    #: The maximum total size of all texts, in bytes; also the maximum size of a template file.
    output: int = SIZE_LIMIT


LIMITS = Limits()


class Pages(NamedTuple):
    """The service pages that a template generates."""

    #: Names of services in the registry.
    services: tuple[str, ...]
    #: Whether each store has its own page, too.
    with_store_pages: bool = False


class Request(NamedTuple):
    """A template and the data to render it with."""

    file: TemplateFile
    registry: Registry
    #: None for one text about the whole registry.
    pages: Pages | None
    limits: Limits


class Answer(NamedTuple):
    """The result for one text."""

    #: Whether rendering succeeded.
    is_text: bool
    #: The text, or an error message on one line.
    words: str


def write_answer(stream: BinaryIO, *, is_text: bool, data: bytes | bytearray) -> None:
    """Write an answer; *data* is encoded as UTF-8."""
    stream.write(_HEAD.pack(is_text, len(data)))
    stream.write(data)
    stream.flush()


def read_answers(data: bytes) -> Iterator[Answer]:
    """Take the output of the process; yield the complete answers."""
    start = 0
    while len(data) - start >= _HEAD.size:
        is_text, length = _HEAD.unpack_from(data, start)
        start += _HEAD.size
        if length > len(data) - start:
            return
        yield Answer(is_text, str(data[start : start + length], "utf-8", "replace"))
        start += length
