"""The types of a store's fields. Each output has a dictionary from these types to functions."""

from __future__ import annotations

from enum import Enum


class FieldType(Enum):
    """The type of a field's values."""

    #: A single line of text.
    LINE = "line"
    #: A single line of text that YAML may resolve to a number or a date.
    LOOSE = "loose"
    #: A sentence that may contain inline code.
    PROSE = "prose"
    #: True or false; what is not given is false.
    FLAG = "flag"
    #: True or false; what is not given is neither.
    YES_OR_NO = "yes or no"
    #: One of a few words.
    CHOICE = "choice"
    #: Several texts.
    TEXTS = "texts"
    #: The key of a backend.
    BACKEND = "backend"
    #: The name of a service.
    SERVICE = "service"
    #: The names of several services.
    SERVICES = "services"
    #: The name of another store.
    STORE = "store"
    #: The prefix of a store's keys.
    PREFIX = "prefix"
    #: The name of a table.
    TABLE = "table"
    #: Where the data lie, for what is not as the backend says: see :class:`~.layout.Layout`.
    LAYOUT = "layout"
    #: The kinds of entries in a store: see :class:`~.model.Key`.
    KEYS = "keys"
    #: A whole number.
    INTEGER = "integer"
    #: How long something takes or is kept: ``30 days``.
    DURATION = "duration"
    #: How much memory something takes, recorded in bytes.
    SIZE = "size"
    #: A day: ``2026-11-26``.
    DATE = "date"
    #: An ``http`` or ``https`` address.
    URL = "URL"
    #: A name in generated code. It is derived from other fields and never read from a file.
    CODE = "code"
    #: The location of a store in its file.
    SOURCE = "source"
