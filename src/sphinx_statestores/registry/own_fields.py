"""``x-fields`` -> the declared fields of the user's own; values of stores for them, and problems in both."""

from __future__ import annotations

import re
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.fields import FILE_FIELDS, OWN_NAME, OWN_NAME_RULE, SEPARATOR, FieldType, may_be_own
from sphinx_statestores.registry.links import is_web_address
from sphinx_statestores.registry.messages import must_be, one_of
from sphinx_statestores.registry.model import OwnField
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import cut, escaped, printable, shown
from sphinx_statestores.registry.reader import Scalar, Sequence
from sphinx_statestores.registry.shapes import SERVICE_NAME, SERVICE_NAME_RULE, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from sphinx_statestores.registry.model import Store
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.shapes import Inspector

#: The maximum number of declared fields, of the words of a choice, and of the characters of each word.
FIELDS_LIMIT = 100
CHOICES_LIMIT = 200
CHOICE_LENGTH = 100
#: So many words of a choice are named in a message.
_WORDS_NAMED = 20

#: The parts of a declaration.
_PARTS = ("type", "label", "description", "default", "required", "export")
#: The word for a type in a registry -> the type.
TYPES = {
    "text": FieldType.LOOSE,
    "boolean": FieldType.YES_OR_NO,
    "integer": FieldType.INTEGER,
    "duration": FieldType.DURATION,
    "date": FieldType.DATE,
    "list": FieldType.TEXTS,
    "URL": FieldType.URL,
    "store": FieldType.STORE,
    "service": FieldType.SERVICE,
}
_BY_WORD = {word.lower(): of_type for word, of_type in TYPES.items()}
#: Words of other formats for a type.
_OTHER_WORDS = {
    **dict.fromkeys(("string", "str", "line", "prose"), "text"),
    **dict.fromkeys(("bool", "flag"), "boolean"),
    **dict.fromkeys(("int", "number"), "integer"),
    **dict.fromkeys(("array", "texts", "words"), "list"),
    **dict.fromkeys(("uri", "link"), "URL"),
    **dict.fromkeys(("choice", "enum"), "[low, high]"),
}

_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: The units of a duration, the seconds in each.
_UNITS = {
    0.001: ("ms", "millisecond", "milliseconds"),
    1: ("s", "sec", "secs", "second", "seconds"),
    60: ("m", "min", "mins", "minute", "minutes"),
    3600: ("h", "hr", "hrs", "hour", "hours"),
    86_400: ("d", "day", "days"),
    604_800: ("w", "week", "weeks"),
    2_629_746: ("month", "months"),
    31_556_952: ("y", "year", "years"),
}
_SECONDS = {word: seconds for seconds, words in _UNITS.items() for word in words}
_AMOUNT = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?([a-z]+)")
#: A longer text is no duration, so that the search for one takes little time.
_LONGEST = 100
_DURATION = re.compile(rf"{_AMOUNT.pattern}(?:,? ?(?:and )?{_AMOUNT.pattern}){{0,7}}")


def seconds_of(text: str) -> float | None:
    """Take a duration such as ``30 days`` or ``1h30m``; return its seconds, or None for another text."""
    lower = text.lower()
    if len(text) > _LONGEST or not _DURATION.fullmatch(lower):
        return None
    amounts = [(float(number), _SECONDS.get(unit)) for number, unit in _AMOUNT.findall(lower)]
    if any(seconds is None for _, seconds in amounts):
        return None
    return sum(number * (seconds or 0) for number, seconds in amounts)


def sort_value(of_type: FieldType, text: str) -> float | None:
    """Take the text of a value; return the number to sort it by, or None for a text that is sorted as it is."""
    if of_type in {FieldType.INTEGER, FieldType.SIZE} and _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return seconds_of(text) if of_type is FieldType.DURATION else None


# -- declarations ----------------------------------------------------------------------


def read_fields(inspector: Inspector, node: Node) -> list[tuple[Scalar, OwnField]]:
    """Read ``x-fields``: name -> type, or name -> ``type``, ``label`` and so on. Return (key, field) pairs."""
    found = []
    entries = inspector.entries(node, "'x-fields'") or {}
    if len(entries) > FIELDS_LIMIT:
        message = f"'x-fields' declares {len(entries):,} fields: the first {FIELDS_LIMIT} are used"
        inspector.report(Kind.INVALID_VALUE, message, node)
    for key, value in list(entries.values())[:FIELDS_LIMIT]:
        field = _read_field(inspector, key, value)
        if field is not None:
            found.append((key, field))
    return found


def _read_field(inspector: Inspector, key: Scalar, node: Node) -> OwnField | None:
    name, before = key.text, inspector.errors
    what = f"the field {escaped(name)} in 'x-fields'"
    if not OWN_NAME.fullmatch(name):
        message = f"{escaped(name)} is not a valid name for a field: {OWN_NAME_RULE}"
        inspector.report(Kind.INVALID_NAME, message, key)
    elif not may_be_own(name):
        message = (
            f"{escaped(name)} is the name of a built-in field or of an option, so 'x-fields' cannot declare it: "
            "choose another name"
        )
        inspector.report(Kind.INVALID_NAME, message, key)
    if isinstance(node, (Scalar, Sequence)):
        entries = {"type": Entry(key, node)}
    else:
        entries = inspector.entries(node, what) or {}
        inspector.other_fields(entries, _PARTS, what)
    of_type = FieldType.LOOSE
    choices: tuple[str, ...] = ()
    if "type" in entries:
        of_type, choices = _type(inspector, entries["type"].value, f"'type' of {what}")
    elif inspector.errors == before:
        inspector.report_missing("type", what, key, [part for part in entries if part not in _PARTS])
    if inspector.errors > before:
        return None
    label = description = ""
    if "label" in entries:
        label = inspector.line(entries["label"].value, f"'label' of {what}").strip()
    if "description" in entries:
        description = inspector.prose(entries["description"].value, f"'description' of {what}")
    field = OwnField(
        name,
        of_type,
        label or _label_of(name),
        description,
        choices,
        required=_required(inspector, entries, what),
        is_exported="export" in entries and inspector.flag(entries["export"].value, f"'export' of {what}"),
        places=inspector.places(key, entries),
    )
    if "default" in entries:
        before = inspector.errors
        default = read_value(inspector, entries["default"].value, f"'default' of {what}", field)
        if inspector.errors == before:
            field = field._replace(default=default)
    return field


def _label_of(name: str) -> str:
    """Return the words of a name: ``Indirect Only`` for ``indirectOnly``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-_]+", " ", name.removeprefix("x-")).split()
    return " ".join(word[:1].upper() + word[1:] for word in words) or name


def _type(inspector: Inspector, node: Node, subject: str) -> tuple[FieldType, tuple[str, ...]]:
    """Return a type and, of a choice, its words. What is wrong is reported."""
    if not isinstance(node, Scalar):
        items = inspector.items(node, subject)
        words = (inspector.line(item, f"an item of {subject}", loose=True, is_name=True).strip() for item in items)
        choices = tuple(dict.fromkeys(word for word in words if word))
        if len(choices) > CHOICES_LIMIT:
            message = f"{subject} has {len(choices):,} words: write at most {CHOICES_LIMIT}"
            inspector.report(Kind.INVALID_VALUE, message, node)
        elif any(len(word) > CHOICE_LENGTH for word in choices):
            message = f"{subject} has a word of more than {CHOICE_LENGTH} characters: shorten it"
            inspector.report(Kind.INVALID_VALUE, message, node)
        elif not choices:
            inspector.report(Kind.MISSING_FIELD, f"{subject} is empty: write the words, such as [low, high]", node)
        return FieldType.CHOICE, choices
    word = inspector.filled(node, subject)
    of_type = _BY_WORD.get(word.lower())
    if word and of_type is None:
        other = _OTHER_WORDS.get(word.lower())
        near = f"; did you mean {other!r}?" if other else inspector.suggestion(word, TYPES)
        wanted = f"one of {', '.join(TYPES)}, or a list of words"
        inspector.report(Kind.INVALID_VALUE, must_be(subject, wanted, f"{shown(word)}{near}"), node)
    return of_type or FieldType.LOOSE, ()


def _required(inspector: Inspector, entries: Mapping[str, Entry], what: str) -> str:
    """Return which stores must have a field, as a query in one line; empty for none. It is checked with the rules."""
    if "required" not in entries:
        return ""
    node, subject = entries["required"].value, f"'required' of {what}"
    if isinstance(node, Scalar) and node.kind == "bool":
        return "all" if inspector.flag(node, subject) else ""
    if not isinstance(node, Scalar) or node.kind != "str":
        wanted = "true, false or a query such as 'backend=redis'"
        inspector.report(Kind.WRONG_SHAPE, must_be(subject, wanted, inspector.describe(node)), node)
        return ""
    return inspector.filled(node, subject)


def merge_fields(fields: Iterable[tuple[Inspector, Scalar, OwnField]]) -> dict[str, OwnField]:
    """Return the declared fields of several files by name, the first of equal ones; report different ones."""
    found: dict[str, tuple[Inspector, Scalar, OwnField]] = {}
    for inspector, key, field in fields:
        # An option of reStructuredText is read in lower case.
        first_inspector, first_key, first = found.setdefault(field.name.lower(), (inspector, key, field))
        if first is field or first._replace(places=field.places) == field:
            continue
        place = first_inspector.place(first_key)
        if first.name != field.name:
            message = (
                f"{escaped(field.name)} in 'x-fields' differs only in case from {escaped(first.name)} at {place}: "
                "rename one of the two"
            )
            inspector.report(Kind.INVALID_NAME, message, key)
        else:
            message = f"{escaped(field.name)} is defined twice in 'x-fields'; the definition at {place} is used"
            inspector.report(Kind.DUPLICATE_NAME, message, key)
    return {field.name: field for _, _, field in found.values()}


class StoreFields(NamedTuple):
    """The fields that stores of a registry may have."""

    #: The declared ones by name.
    own: Mapping[str, OwnField]
    #: The names of the built-in ones and of these.
    known: Collection[str]


def store_fields(own: Mapping[str, OwnField]) -> StoreFields:
    """Take the declared fields; return these and the built-in ones."""
    return StoreFields(own, {**FILE_FIELDS, **own} if own else FILE_FIELDS)


# -- names in values -------------------------------------------------------------------


class Names(NamedTuple):
    """Old name -> new name, for stores and services; an empty new one removes the old."""

    stores: Mapping[str, str] = MappingProxyType({})
    services: Mapping[str, str] = MappingProxyType({})

    def replaced(self, field: OwnField | None, text: str) -> str:
        """Take a declared field (None for another one) and its value; return the value with new names."""
        match field.type if field else None:
            case FieldType.STORE:
                return self.stores.get(text, text)
            case FieldType.SERVICE:
                return self.services.get(text, text)
        return text


def with_names(store: Store, declared: Mapping[str, OwnField], names: Names) -> Store:
    """Return a store with other names in all of its fields that name a store, and in *declared* ones of a service.

    Its own name, its owner, its readers and its writers stay.
    """
    pairs = ((name, names.replaced(declared.get(name), text)) for name, text in store.extra)
    extra = tuple((name, text) for name, text in pairs if text) if declared else store.extra
    successor = names.stores.get(store.replaced_by, store.replaced_by)
    if extra == store.extra and successor == store.replaced_by:
        return store
    return store._replace(extra=extra, replaced_by=successor)


# -- values ----------------------------------------------------------------------------


def read_own(
    inspector: Inspector, entries: Mapping[str, Entry], declared: Mapping[str, OwnField], what: str
) -> tuple[tuple[str, str], ...]:
    """Return the values of the declared fields that a store has, or their defaults, as in ``Store.extra``."""
    found = []
    for name, field in declared.items():
        text = ""
        if name in entries:
            text = read_value(inspector, entries[name].value, f"{escaped(name)} of {what}", field)
        if text or field.default:
            found.append((name, text or field.default))
    return tuple(found)


def read_value(inspector: Inspector, node: Node, subject: str, field: OwnField) -> str:
    """Return the value of a declared field as text; empty for null, and for a wrong one, which is reported."""
    if isinstance(node, Scalar) and node.kind == "null":
        # What looks like a comment and is meant as a text is reported.
        return inspector.line(node, subject, loose=True)
    return _READ[field.type](inspector, node, subject, field)


def _boolean(inspector: Inspector, node: Node, subject: str, _: OwnField) -> str:
    before = inspector.errors
    value = inspector.flag(node, subject)
    return "" if inspector.errors > before else "true" if value else "false"


def _written(inspector: Inspector, node: Node, subject: str) -> str:
    return " ".join(inspector.line(node, subject, loose=True, is_name=True).split())


def _integer(inspector: Inspector, node: Node, subject: str, _: OwnField) -> str:
    text = node.text if isinstance(node, Scalar) else ""
    if isinstance(node, Scalar) and node.kind == "int" and _WHOLE_NUMBER.fullmatch(text):
        return text
    wanted = "a whole number, in digits and without quotes"
    found = text if isinstance(node, Scalar) and node.kind in {"int", "float"} else inspector.describe(node)
    inspector.report(Kind.INVALID_VALUE, must_be(subject, wanted, found), node)
    return ""


def _duration(inspector: Inspector, node: Node, subject: str, _: OwnField) -> str:
    text = _written(inspector, node, subject)
    if text and seconds_of(text) is None:
        wanted = "a duration with its unit, such as '30 days', '24h' or '1h30m'"
        inspector.report(Kind.INVALID_VALUE, must_be(subject, wanted, shown(text)), node)
    return text


def _date(inspector: Inspector, node: Node, subject: str, _: OwnField) -> str:
    text = _written(inspector, node, subject)
    if text and not _is_date(text):
        inspector.report(Kind.INVALID_VALUE, must_be(subject, "a date such as 2026-11-26", shown(text)), node)
    return text


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _list(inspector: Inspector, node: Node, subject: str, _: OwnField) -> str:
    words = inspector.words(node, subject)
    for word in words:
        if "," in word:
            message = f"an item of {subject} has a comma, which divides items: {shown(word)}"
            inspector.report(Kind.INVALID_VALUE, message, node)
    return SEPARATOR.join(words)


def _url(inspector: Inspector, node: Node, subject: str, _: OwnField) -> str:
    text = inspector.line(node, subject, is_name=True).strip()
    if text and not is_web_address(text):
        wanted = "an address that begins with 'https://' or 'http://'"
        inspector.report(Kind.INVALID_VALUE, must_be(subject, wanted, shown(text)), node)
    return text


def _choice(inspector: Inspector, node: Node, subject: str, field: OwnField) -> str:
    text = _written(inspector, node, subject)
    if text and text not in field.choices:
        near = inspector.suggestion(text, field.choices)
        named = [printable(cut(word)) for word in field.choices[:_WORDS_NAMED]]
        if len(named) < len(field.choices):
            named.append(f"{len(field.choices) - len(named):,} more")
        inspector.report(Kind.INVALID_VALUE, one_of(subject, named, f"{shown(text)}{near}"), node)
    return text


def _service(inspector: Inspector, node: Node, subject: str, _: OwnField) -> str:
    text = inspector.line(node, subject, is_name=True)
    if text and not SERVICE_NAME.fullmatch(text):
        message = f"{escaped(text)} is not a valid service name: {SERVICE_NAME_RULE}"
        inspector.report(Kind.INVALID_NAME, message, node)
    return text


#: Type of a declared field -> the function that reads a value. Whether a store or a service exists is checked later.
_READ: dict[FieldType, Callable[[Inspector, Node, str, OwnField], str]] = {
    FieldType.LOOSE: lambda inspector, node, subject, _: inspector.prose(node, subject, loose=True),
    FieldType.YES_OR_NO: _boolean,
    FieldType.INTEGER: _integer,
    FieldType.DURATION: _duration,
    FieldType.DATE: _date,
    FieldType.TEXTS: _list,
    FieldType.URL: _url,
    FieldType.STORE: lambda inspector, node, subject, _: inspector.line(node, subject, is_name=True),
    FieldType.SERVICE: _service,
    FieldType.CHOICE: _choice,
}


def type_word(field: OwnField) -> str:
    """Return the word for the type of a declared field, as in ``x-fields``."""
    return next((word for word, of_type in TYPES.items() if of_type is field.type), "text")


def typed_value(field: OwnField | None, text: str) -> str | bool | int | list[str]:
    """Take a declared field (None for one that is not declared) and a value as text; return it as a file has it."""
    match field.type if field else None:
        case FieldType.YES_OR_NO if text in {"true", "false"}:
            return text == "true"
        case FieldType.INTEGER if _WHOLE_NUMBER.fullmatch(text):
            return int(text)
        case FieldType.TEXTS:
            return text.split(SEPARATOR) if text else []
    return text
