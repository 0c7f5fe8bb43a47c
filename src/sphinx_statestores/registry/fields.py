"""The fields of a store, in one table: how each is spelt, read, shown, compared, exported and described.

The reader, columns, differences, exports, entries, cards, lint and both JSON Schemas take them from here. For a new
field, add its line to :data:`_TABLE` and its attribute, with a default, to :class:`~.model.Store`. What stays to be
written by hand: its line in the tables of ``docs/registry.md`` and ``docs/directives/table.rst``, and what gives it a
meaning beyond its own value, such as a filter, a rule, words that a search finds, a place in generated code.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sphinx_statestores.registry.model import STATUSES, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sphinx_statestores.registry.model import Registry

#: One text, or several of equal standing.
Value: TypeAlias = str | tuple[str, ...]

#: The format of an output that is code, with a constant for each store.
_CODE_FORMAT = "csharp"
#: A longer purpose is a page, not a line of a table.
PURPOSE_LIMIT = 2000


class FieldType(Enum):
    """What the values of a field are. Each outlet has a dictionary from these to what it does with them."""

    #: A text of one line.
    LINE = "line"
    #: A text of one line that YAML may take for a number or a date.
    LOOSE = "loose"
    #: A sentence, in which inline code is allowed.
    PROSE = "prose"
    #: True or false.
    FLAG = "flag"
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
    #: The name of a store.
    STORE = "store"
    #: What the keys of a store begin with.
    PREFIX = "prefix"
    #: The name of a table.
    TABLE = "table"
    #: What is in a store: see :class:`~.model.Key`.
    KEYS = "keys"
    #: A name in code. It is made of others, and never read.
    CODE = "code"
    #: The place of a store in its file.
    SOURCE = "source"


#: The types whose values are several texts.
LISTS = frozenset({FieldType.TEXTS, FieldType.SERVICES})


class Field(NamedTuple):
    """A named fact about a store."""

    #: As a column, a sort key and a group are called: ``replaced-by``.
    key: str
    #: The heading of its column, in English.
    title: str
    #: What a reader sees of it.
    value: Callable[[Store, Registry], Value]
    type: FieldType = FieldType.LINE
    #: As a registry file, a difference and the JSON export call it: ``replacedBy``.
    name: str = ""
    #: Of :class:`~.model.Store`; empty for what no file says.
    attribute: str = ""
    #: What a difference compares, and the JSON export has: the value in the words of a file.
    recorded: Callable[[Store, Registry], Value] = lambda *_: ""
    #: Whether each store has to have it. :func:`~.stores.read_store` sees to that.
    is_required: bool = False
    #: Whether the entry of a store lists it. Purpose, status and keys have a form of their own there.
    is_listed: bool = False
    #: Whether the card of a store lists it, too.
    is_on_card: bool = False
    #: What it may be, of a field that is a choice.
    choices: tuple[str, ...] = ()
    #: Its description in the schema of a registry, for those who write one.
    description: str = ""
    #: Its description in the schema of the JSON export, for those who read one; empty for none.
    exported_as: str = ""
    #: What the schema of a registry says of it beside its type.
    limits: Mapping[str, Any] = MappingProxyType({})


def _field(
    key: str,
    title: str,
    of_type: FieldType,
    description: str,
    *,
    name: str = "",
    attribute: str = "",
    value: Callable[[Store, Registry], Value] | None = None,
    recorded: Callable[[Store, Registry], Value] | None = None,
    exported_as: str | None = None,
    **others: Any,
) -> Field:
    """Make a field that files have. Its name, its attribute and what is shown follow from the rest if not given."""
    attribute = attribute or key.replace("-", "_")
    # A position is as fast as an attribute that is written out, and fails at once when there is none.
    position = Store._fields.index(attribute)
    if of_type is FieldType.FLAG:
        value = value or (lambda store, _: "yes" if store[position] else "")
        recorded = recorded or (lambda store, _: "true" if store[position] else "false")
    recorded = recorded or _value_at(position)
    return Field(
        key,
        title,
        value or recorded,
        of_type,
        name or key,
        attribute,
        recorded,
        description=description,
        exported_as=description if exported_as is None else exported_as,
        **others,
    )


def _value_at(position: int) -> Callable[[Store, Registry], Any]:
    return lambda store, _: store[position]


def _source(store: Store, _: Registry) -> str:
    location = store.location
    return f"{location.path}:{location.line}"


def _name(store: Store, _: Registry) -> str:
    return store.name


def _constant(store: Store, _: Registry) -> str:
    return store.constant


def _table_of(store: Store, registry: Registry) -> str:
    return registry.table_of(store)


#: In the order in which a file usually has them; then what is not in a file.
_TABLE = (
    Field(
        "name",
        "Component Name",
        _name,
        FieldType.STORE,
        "name",
        recorded=_name,
        is_required=True,
        exported_as="Unique.",
    ),
    _field(
        "backend",
        "Backend",
        FieldType.BACKEND,
        "Where it is kept: a known backend, or one of x-backends.",
        exported_as="A key of `backends`.",
        value=lambda store, registry: registry.backend_label(store.backend),
        is_required=True,
        is_listed=True,
        is_on_card=True,
    ),
    _field(
        "prefix",
        "Prefix",
        FieldType.PREFIX,
        "What the keys begin with, in a backend whose keys lie side by side.",
        exported_as="The key prefix.",
        is_listed=True,
        is_on_card=True,
    ),
    _field(
        "table",
        "Table",
        FieldType.TABLE,
        "The table, where it is not the name with '_' for '-'.",
        exported_as="The given table, or the name with `_` where the backend has tables.",
        recorded=_table_of,
        is_listed=True,
        is_on_card=True,
    ),
    _field(
        "service",
        "Service",
        FieldType.SERVICE,
        "The service that owns it, in PascalCase.",
        exported_as="The owning service: a name of `services`.",
        value=lambda store, registry: registry.service_title(store.service),
        is_required=True,
        is_listed=True,
        is_on_card=True,
    ),
    _field(
        "purpose",
        "Purpose",
        FieldType.PROSE,
        "What it is for, in a sentence; `code` allowed.",
        exported_as="One sentence; backticks enclose inline code. Empty when there is none.",
        is_required=True,
        limits={"pattern": r"\S", "maxLength": PURPOSE_LIMIT},
    ),
    _field(
        "search",
        "Search",
        FieldType.FLAG,
        "Whether a full-text index is kept over it.",
        name="enableSearch",
        attribute="enable_search",
        is_listed=True,
    ),
    _field(
        "status",
        "Status",
        FieldType.CHOICE,
        "Where it is in its life; active when nothing is said.",
        exported_as="",
        choices=STATUSES,
    ),
    _field("replaced-by", "Replaced By", FieldType.STORE, "The store to use instead.", name="replacedBy"),
    _field(
        "since",
        "Since",
        FieldType.LOOSE,
        "The version or date since which it exists.",
        exported_as="The version or date since which it exists, as written.",
        is_listed=True,
    ),
    _field("readers", "Readers", FieldType.SERVICES, "Services other than the owner that read it.", is_listed=True),
    _field("writers", "Writers", FieldType.SERVICES, "Services other than the owner that write it.", is_listed=True),
    _field("tags", "Tags", FieldType.TEXTS, "Words to filter by.", exported_as="", is_listed=True),
    _field(
        "keys",
        "Keys",
        FieldType.KEYS,
        "What lives inside the store.",
        recorded=lambda store, _: tuple(key.pattern for key in store.keys),
    ),
    # A new field comes here.
    Field(
        "constant",
        "Constant",
        _constant,
        FieldType.CODE,
        "constant",
        recorded=_constant,
        is_listed=True,
        exported_as="Its name in generated code, such as `AccountLock`.",
    ),
    Field("source", "Source", _source, FieldType.SOURCE, "source"),
)


def _ordered(fields: Iterable[Field], *first: str) -> tuple[Field, ...]:
    """Return fields with the keys that come *first*, then the others in the order of the table."""
    return tuple(sorted(fields, key=lambda field: first.index(field.key) if field.key in first else len(first)))


#: By the keys of their columns, in the order in which columns are listed.
FIELDS: dict[str, Field] = {
    field.key: field
    for field in _ordered(
        _TABLE,
        *("name", "backend", "service", "purpose", "prefix", "table"),
        *("constant", "source", "status", "replaced-by", "since", "search"),
    )
}
#: What a file may say of a store, by the names that it has there, in the order in which it is usually written.
FILE_FIELDS: dict[str, Field] = {field.name: field for field in _TABLE if field.attribute}
#: What the JSON export has of a store, in its order, but for the source, which is an object.
EXPORTED_FIELDS = _ordered(
    (field for field in _TABLE if field.type is not FieldType.SOURCE),
    *("name", "constant", "backend", "service", "purpose"),
)
#: What the entry of a store lists, in its order.
LISTED_FIELDS = _ordered((field for field in _TABLE if field.is_listed), "backend", "service")
#: What the card of a store lists, in its order.
CARD_FIELDS = tuple(field for field in LISTED_FIELDS if field.is_on_card)


def listed_fields(registry: Registry) -> tuple[Field, ...]:
    """Return :data:`LISTED_FIELDS` without names in code where none is generated from a registry."""
    guide = registry.guide
    if guide.generated_code is not None or any(output.format == _CODE_FORMAT for output in guide.outputs):
        return LISTED_FIELDS
    return tuple(field for field in LISTED_FIELDS if field.type is not FieldType.CODE)


_NOTHING: Mapping[str, str] = MappingProxyType({})


def find_field(key: str) -> Field | None:
    """Return the field called *key*; any ``x-`` key is a field of the user's own."""
    known = FIELDS.get(key)
    if known is None and key.startswith("x-"):
        title = key.removeprefix("x-").replace("-", " ").title()

        def value(store: Store, registry: Registry) -> str:
            return registry.extra_values.get(key, _NOTHING).get(store.name, "")

        return Field(key, title, value, name=key, recorded=value)
    return known


def as_text(value: Value) -> str:
    """Join several values to one text."""
    return value if isinstance(value, str) else ", ".join(value)
