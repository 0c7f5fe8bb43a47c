"""The prose of a registry: its texts for translators, and a registry whose prose is in another language.

Prose is what people read and no rule depends on: purposes, titles, descriptions. Names, tags, backends, patterns,
paths and the values of custom fields are not prose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar, cast

from sphinx_statestores.registry.fields import FILE_FIELDS, FieldType, find_field
from sphinx_statestores.registry.model import (
    BackendChoice,
    Convention,
    Deployment,
    Key,
    Reference,
    Service,
    Store,
)
from sphinx_statestores.registry.quoting import folded, one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from gettext import NullTranslations

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.places import Places
    from sphinx_statestores.registry.problems import Location

_Value: TypeAlias = Store | Key | Service | Convention | BackendChoice | Deployment | Reference
_V = TypeVar("_V", bound=_Value)
#: Takes a text, the places of the value that has it, and the name of its place; returns the text to use.
_Replace: TypeAlias = "Callable[[str, Places, str], str]"

#: Type of a value -> the attribute of each prose field -> the name of its place.
_PROSE: dict[type, dict[str, str]] = {
    Store: {field.attribute: name for name, field in FILE_FIELDS.items() if field.type is FieldType.PROSE},
    Key: {"purpose": "purpose"},
    Service: {"title": "title"},
    Convention: {"description": "description"},
    BackendChoice: {"use_case": "useCase", "rationale": "rationale"},
    Deployment: {"title": "title", "note": "note"},
    Reference: {
        "project": "project",
        "deployments": "deployments",
        "closing_label": "closing.label",
        "closing_text": "closing.text",
    },
}
#: The prose whose line breaks pages show.
_WITH_LINES = frozenset({(Deployment, "note")})


class Text(NamedTuple):
    """A text of a registry, as a catalogue of translations has it."""

    text: str
    location: Location


def texts(registry: Registry) -> list[Text]:
    """Take a registry; return its prose in the order of its files, each text as often as it is there.

    Custom fields have titles, which follow from their names; each is there once, where a store has the field first.
    Declared ones have labels.
    Left out is what no file defines: the default guide, and the name of a service that serves as its title.
    """
    found: list[Text] = []
    order = {file.path: position for position, file in enumerate(registry.files)}

    def in_order(location: Location) -> tuple[int, Location]:
        return order.get(location.path, len(order)), location

    def collect(text: str, places: Places, name: str) -> str:
        found.append(Text(text, places.of(name)))
        return text

    _with_prose(registry, collect)
    fields: dict[str, Text] = {}
    for own in registry.guide.fields:
        if own.places.path and own.label.strip():
            fields[own.name] = Text(_message(own.label), own.places.of("label"))
    for store in sorted(registry.stores, key=lambda store: in_order(store.location)):
        for name, _ in store.extra:
            if name not in fields and (field := find_field(name)) is not None and field.title.strip():
                fields[name] = Text(_message(field.title), store.places.of(name))
    found += fields.values()
    return sorted(found, key=lambda each: in_order(each.location))


def translated(registry: Registry, translations: NullTranslations) -> Registry:
    """Take a registry and translations of its prose; return a copy in their language. What they lack stays as it is.

    Translations are untrusted: what is a line remains one, and control characters are replaced. Backticks in them
    enclose inline code, as in any text of a registry.
    """
    return _with_prose(registry, lambda text, *_: translations.gettext(text))


def translation(text: str, translations: NullTranslations) -> str:
    """Take one text of a registry, such as a purpose; return its translation, or the text if there is none."""
    message = _message(text)
    return _adopted(translations.gettext(message), message, text)


def _with_prose(registry: Registry, replace: _Replace) -> Registry:
    """Return a copy of a registry with what *replace* returns for each text."""
    guide = registry.guide
    stores = [
        store._replace(keys=_all(store.keys, replace)) if store.keys else store
        for store in _all(registry.stores, replace)
    ]
    return registry._replace(
        stores=tuple(stores),
        services={name: _replaced(service, replace) for name, service in registry.services.items()},
        guide=guide._replace(
            conventions=_all(guide.conventions, replace),
            backend_choices=_all(guide.backend_choices, replace),
            deployments=_all(guide.deployments, replace),
            reference=_replaced(guide.reference, replace),
        ),
    )


def _all(values: tuple[_V, ...], replace: _Replace) -> tuple[_V, ...]:
    return tuple([_replaced(value, replace) for value in values])


def _replaced(value: _V, replace: _Replace) -> _V:
    """Return a value with other prose and the same places."""
    places = value.places
    changed: dict[str, Any] = {}
    for attribute, name in _PROSE[type(value)].items() if places.path else ():
        text = getattr(value, attribute)
        if not text.strip() or (isinstance(value, Service) and text == value.name):
            continue
        has_lines = (type(value), attribute) in _WITH_LINES
        message = text if has_lines else _message(text)
        new = _adopted(replace(message, places, name), message, text, has_lines=has_lines)
        if new != text:
            changed[attribute] = new
    return cast("_V", value._replace(**changed)) if changed else value


def _message(text: str) -> str:
    """Return a text of one line as it is in a catalogue: how a file breaks its lines does not count."""
    return " ".join(text.split())


def _adopted(found: str, message: str, text: str, *, has_lines: bool = False) -> str:
    """Return what was found for a message, as a text of a registry; *text* itself if nothing was."""
    if found == message or not found.strip():
        return text
    lines = found.splitlines() if has_lines else [folded(found).strip()]
    return "\n".join(map(one_line, lines))
