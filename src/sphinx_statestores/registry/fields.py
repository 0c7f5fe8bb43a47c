"""The fields of a store, in one table: how each is spelled, read, shown, compared, exported and described.

The reader, columns, differences, exports, entries, cards, lint rules and both JSON Schemas use this table. For a new
field, add its line to :data:`_TABLE` and its attribute, with a default, to :class:`~.model.Store`. Write by hand only
its lines in ``docs/registry.md`` and ``docs/directives/table.rst``, and code that does more than show its value, such
as a filter, a lint rule, search words or a place in generated code.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

# Whoever uses the table needs its types.
from sphinx_statestores.registry.field_types import FieldType as FieldType  # noqa: PLC0414 - exported on purpose
from sphinx_statestores.registry.model import STATUSES, Store
from sphinx_statestores.registry.numbers import size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sphinx_statestores.registry.model import OwnField, Registry

#: What is shown, and what is recorded, of what is given as true or false, or not given.
_YES_OR_NO: dict[object, str] = {True: "yes", False: "no", None: ""}
_SHOWN_TRUTH = {"true": "yes", "false": "no"}
_TRUE_OR_FALSE: dict[object, str] = {True: "true", False: "false", None: ""}
#: How much harm is done when others read the data, from none to most.
CLASSIFICATIONS = ("public", "internal", "confidential", "restricted")

#: One text, or several.
Value: TypeAlias = str | tuple[str, ...]

#: The format of an output that is code, with a constant for each store.
_CODE_FORMAT = "csharp"
#: A longer purpose is a page, not a line of a table.
PURPOSE_LIMIT = 2000


#: What divides the items of a list in :attr:`~.model.Store.extra`.
SEPARATOR = ", "
#: The types with several values.
LISTS = frozenset({FieldType.TEXTS, FieldType.SERVICES})


class Field(NamedTuple):
    """A field of a store."""

    #: The name as a column, a sort key and a group: ``replaced-by``.
    key: str
    #: The title of its column, in English.
    title: str
    #: The displayed value.
    value: Callable[[Store, Registry], Value]
    type: FieldType = FieldType.LINE
    #: The name in a registry file, a difference and the JSON export: ``replacedBy``.
    name: str = ""
    #: The attribute of :class:`~.model.Store`; empty for a derived field.
    attribute: str = ""
    #: The value that differences compare and the JSON export contains, as in a file.
    recorded: Callable[[Store, Registry], Value] = lambda *_: ""
    #: Whether it is a field of the user's own.
    is_own: bool = False
    #: Whether every store must have it. :func:`~.stores.read_store` checks this.
    is_required: bool = False
    #: Whether the entry of a store lists it. Purpose, status and keys have their own form there.
    is_listed: bool = False
    #: Whether the card of a store lists it.
    is_on_card: bool = False
    #: Whether stores can be filtered by globs on its value. Other fields have filters of their own, or none.
    is_filter: bool = False
    #: The allowed values of a choice.
    choices: tuple[str, ...] = ()
    #: Its description in the JSON Schema of a registry.
    description: str = ""
    #: Its description in the JSON Schema of the JSON export; empty for a field that is not exported.
    exported_as: str = ""
    #: More keywords for its JSON Schema in a registry.
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
    """Return a field of registry files. Name, attribute and values have defaults that follow from the rest."""
    attribute = attribute or key.replace("-", "_")
    # Access by position is as fast as access by attribute, and `index` raises ValueError for an unknown attribute.
    position = Store._fields.index(attribute)
    if of_type is FieldType.FLAG:
        value = value or (lambda store, _: "yes" if store[position] else "")
        recorded = recorded or (lambda store, _: "true" if store[position] else "false")
    elif of_type is FieldType.YES_OR_NO:
        value = value or (lambda store, _: _YES_OR_NO[store[position]])
        recorded = recorded or (lambda store, _: _TRUE_OR_FALSE[store[position]])
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


#: In the usual order of a file; derived fields follow.
_TABLE = (
    Field(
        "name",
        "Component Name",
        _name,
        FieldType.STORE,
        "name",
        recorded=_name,
        is_required=True,
        exported_as="The name, which is unique.",
    ),
    _field(
        "backend",
        "Backend",
        FieldType.BACKEND,
        "The backend that keeps it: a built-in one, or one of x-backends.",
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
        "The prefix of its keys, in a backend where stores share one key space.",
        exported_as="The key prefix.",
        is_listed=True,
        is_on_card=True,
    ),
    _field(
        "table",
        "Table",
        FieldType.TABLE,
        "The name of its table (default: the name of the store with '_' for '-').",
        exported_as=(
            "The given table. In a backend with tables, the default is the name of the store with `_` for `-`."
        ),
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
        "What it is for, in one sentence. Backticks enclose inline code.",
        exported_as="What it is for. Backticks enclose inline code. Empty if the store has no purpose.",
        is_required=True,
        limits={"pattern": r"\S", "maxLength": PURPOSE_LIMIT},
    ),
    _field(
        "search",
        "Search",
        FieldType.FLAG,
        "Whether it has a full-text index.",
        name="enableSearch",
        attribute="enable_search",
        is_listed=True,
    ),
    _field(
        "status",
        "Status",
        FieldType.CHOICE,
        "Its status (default: active).",
        exported_as="",
        choices=STATUSES,
    ),
    _field("replaced-by", "Replaced By", FieldType.STORE, "The store to use instead.", name="replacedBy"),
    _field(
        "since",
        "Since",
        FieldType.LOOSE,
        "The version or date that introduced it.",
        exported_as="The version or date that introduced it, as written.",
        is_listed=True,
    ),
    _field("readers", "Readers", FieldType.SERVICES, "Services other than the owner that read it.", is_listed=True),
    _field("writers", "Writers", FieldType.SERVICES, "Services other than the owner that write it.", is_listed=True),
    _field("tags", "Tags", FieldType.TEXTS, "Words to filter stores by.", exported_as="", is_listed=True),
    _field(
        "physical",
        "Physical Layout",
        FieldType.LAYOUT,
        "Where its data lie, for what is not as 'x-physical' says.",
        recorded=lambda store, _: store.physical.lines,
        exported_as="Where its data lie, for what is not as the backend says: templates, as in a registry.",
    ),
    _field(
        "keys",
        "Keys",
        FieldType.KEYS,
        "The keys in the store.",
        recorded=lambda store, _: tuple(key.pattern for key in store.keys),
    ),
    _field(
        "classification",
        "Classification",
        FieldType.CHOICE,
        "Who may read its data: anybody (public), or less and less of the organisation.",
        choices=CLASSIFICATIONS,
        is_listed=True,
        is_on_card=True,
        is_filter=True,
    ),
    _field(
        "retention",
        "Retention",
        FieldType.LOOSE,
        "How long its data are kept, such as '30 days'.",
        exported_as="How long its data are kept, as written.",
        is_listed=True,
        is_filter=True,
    ),
    _field(
        "rebuildable",
        "Can Be Rebuilt",
        FieldType.YES_OR_NO,
        "Whether its data can be made again from elsewhere, so that it may be flushed.",
        exported_as="Whether its data can be made again from elsewhere; null if that is not given.",
        is_listed=True,
        is_on_card=True,
        is_filter=True,
    ),
    _field(
        "sensitive",
        "Sensitive Data",
        FieldType.TEXTS,
        "The kinds of sensitive data in it, such as email or address.",
        is_listed=True,
        is_filter=True,
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
    """Return fields in the order of the table, but those with the keys *first* at the start."""
    return tuple(sorted(fields, key=lambda field: first.index(field.key) if field.key in first else len(first)))


#: Column key -> field, in the order in which columns are listed.
FIELDS: dict[str, Field] = {
    field.key: field
    for field in _ordered(
        _TABLE,
        *("name", "backend", "service", "purpose", "prefix", "table"),
        *("constant", "source", "status", "replaced-by", "since", "search"),
    )
}
#: Name in a file -> field, in the usual order of a file.
FILE_FIELDS: dict[str, Field] = {field.name: field for field in _TABLE if field.attribute}
#: The fields of a store in the JSON export, in its order, without the source, which is an object.
EXPORTED_FIELDS = _ordered(
    (field for field in _TABLE if field.type is not FieldType.SOURCE),
    *("name", "constant", "backend", "service", "purpose"),
)
#: The fields that the entry of a store lists, in its order.
LISTED_FIELDS = _ordered((field for field in _TABLE if field.is_listed), "backend", "service")
#: The fields that the card of a store lists, in its order.
CARD_FIELDS = tuple(field for field in LISTED_FIELDS if field.is_on_card)


def listed_fields(registry: Registry) -> tuple[Field, ...]:
    """Return :data:`LISTED_FIELDS` without names in code where none is generated from a registry."""
    guide = registry.guide
    if guide.generated_code is not None or any(output.format == _CODE_FORMAT for output in guide.outputs):
        return LISTED_FIELDS
    return tuple(field for field in LISTED_FIELDS if field.type is not FieldType.CODE)


#: The built-in fields that filter as fields of the user's own do.
FIELD_FILTERS = tuple(field.key for field in _TABLE if field.is_filter)
#: What may be the name of a field that ``x-fields`` declares.
OWN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
OWN_NAME_RULE = "use up to 64 ASCII letters, digits, '_' and '-', and begin with a letter"
#: Options of directives and of the command line, beside the filters: no filter by a field can have such a name.
_OPTIONS = (
    *("align", "all", "alt", "by", "caption", "class", "color", "columns", "detail", "empty", "engine", "format"),
    *("from", "group-by", "help", "interactive", "limit", "name", "order", "preset", "root", "sections"),
    *("no-contents-entry", "no-index", "no-index-entry", "no-typesetting", "nocontentsentry", "noindex"),
    *("noindexentry", "observed", "show", "size-limit", "sort", "stack", "to", "totals", "widths"),
)
#: The filters, by the name that directives, roles and the command line give them.
FILTER_NAMES = ("service", "backend", "match", "status", "tag", "search", "reader", "writer")
_NO_OWN_NAMES = frozenset(
    name.lower()
    for name in (*FIELDS, *FILE_FIELDS, *_OPTIONS, *FILTER_NAMES, "backlinks", "extra", "location", "places")
)
#: What the name of a field of the user's own begins with where it is not declared.
CUSTOM = "x-"

_NOTHING: Mapping[str, str] = MappingProxyType({})


def _fact(key: str, title: str, of_type: FieldType, needs: str, value: Callable[[str], str] | None = None) -> Field:
    """Return a field whose values are in :attr:`~.model.Registry.facts`.

    *needs* says what a column needs to have values, and *value* shows a recorded one.
    """

    def recorded(store: Store, registry: Registry) -> Value:
        return registry.facts.get(key, _NO_FACTS).get(store.name, "")

    def shown(store: Store, registry: Registry) -> Value:
        text = as_text(recorded(store, registry))
        return value(text) if value and text else text

    return Field(key, title, shown if value else recorded, of_type, recorded=recorded, description=needs)


_NO_FACTS: Mapping[str, Value] = MappingProxyType({})
_OBSERVED = "it needs what 'statestores observe' has seen: name its file in 'statestores_observed' or --observed"
#: The keys of those that need what was seen on servers.
SEEN_FACTS = ("seen-keys", "seen-bytes", "seen")
#: The keys of those that need the code which ``x-code`` selects: how many lines use a store, and whose these are.
CODE_FACTS = ("uses", "used-by")
_CODE = "it needs code: 'x-code' of the registry says which files are code"
#: Column key -> field, for what others than the registry's files tell of stores. Such a field exists in a registry
#: with :attr:`~.model.Registry.facts` of this key: it is a column, a sort key and a filter there. A field of the
#: user's own may have the same name, and wins.
FACT_FIELDS: dict[str, Field] = {
    field.key: field
    for field in (
        _fact("seen-keys", "Keys or Rows", FieldType.INTEGER, _OBSERVED),
        _fact("seen-bytes", "Size", FieldType.SIZE, _OBSERVED, lambda text: size_text(int(text))),
        _fact("seen", "Observed", FieldType.LINE, _OBSERVED),
        _fact("uses", "Uses In Code", FieldType.INTEGER, _CODE),
        _fact("used-by", "Used By", FieldType.SERVICES, _CODE),
    )
}


def may_be_own(key: str) -> bool:
    """Return whether a registry can declare a field of this name in ``x-fields``, whatever it does declare."""
    return OWN_NAME.fullmatch(key) is not None and key.lower() not in _NO_OWN_NAMES


def find_field(key: str, registry: Registry | None = None) -> Field | None:
    """Take the key of a column; return its field, or None.

    That is a field of the format, one that the *registry* declares or has facts for, or a custom one: any ``x-`` key.
    """
    known = FIELDS.get(key)
    if known is None and registry is not None and key in registry.own_fields:
        return _declared(registry.own_fields[key])
    if known is None and registry is not None and key in registry.facts:
        return FACT_FIELDS.get(key)
    if known is None and key.startswith(CUSTOM):
        title = key.removeprefix(CUSTOM).replace("-", " ").title()

        def value(store: Store, registry: Registry) -> str:
            return registry.extra_values.get(key, _NOTHING).get(store.name, "")

        return Field(key, title, value, name=key, is_own=True, recorded=value)
    return known


def find_file_field(name: str, registry: Registry) -> Field | None:
    """Take the name of a field in a file; return its field, as :func:`find_field` does."""
    return FILE_FIELDS.get(name) or find_field(name, registry)


@lru_cache(maxsize=1024)
def _declared(own: OwnField) -> Field:
    name, of_type = own.name, own.type

    def recorded(store: Store, registry: Registry) -> str:
        return registry.extra_values.get(name, _NOTHING).get(store.name, "")

    def several(store: Store, registry: Registry) -> Value:
        text = recorded(store, registry)
        return tuple(text.split(SEPARATOR)) if text else ()

    def yes_or_no(store: Store, registry: Registry) -> str:
        text = recorded(store, registry)
        return _SHOWN_TRUTH.get(text, text)

    def title_of(store: Store, registry: Registry) -> str:
        return registry.service_title(recorded(store, registry))

    value: Callable[[Store, Registry], Value] = recorded
    if of_type in LISTS:
        value = several
    elif of_type is FieldType.YES_OR_NO:
        value = yes_or_no
    elif of_type is FieldType.SERVICE:
        value = title_of
    return Field(
        name,
        own.label,
        value,
        of_type,
        name,
        is_own=True,
        recorded=several if of_type in LISTS else recorded,
        choices=own.choices,
        description=own.description,
    )


def own_fields(store: Store, registry: Registry) -> list[Field]:
    """Return the fields of the user's own that a store has and that can be columns, in its order."""
    return [field for name, _ in store.extra if (field := find_field(name, registry)) is not None]


def as_text(value: Value) -> str:
    """Return one text or several as one, separated by commas."""
    return value if isinstance(value, str) else ", ".join(value)
