"""Registry values -> the English sentences of the reference page, for the Markdown export and for the site.

The sentences are also the message ids for translation, so each is a whole sentence with named fields. A caller passes
translations for another language; the default is English.
"""

from __future__ import annotations

import re
from gettext import NullTranslations
from typing import TYPE_CHECKING

from sphinx_statestores.registry.naming import constant_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sphinx_statestores.registry.model import BackendChoice, Convention, GeneratedCode, Registry
    from sphinx_statestores.registry.totals import Totals

#: Translations that return every message unchanged.
ENGLISH = NullTranslations()
_NAMED_FIELD = re.compile(r"\{(\w+)\}")


def gettext_noop(message: str) -> str:
    """Return a message unchanged. This marks it for extraction; it is translated where it is displayed."""
    return message


def fill(message: str, **values: object) -> str:
    """Take a message and values; return the message with its ``{name}`` fields replaced. Unknown fields stay.

    Not `str.format`: a translation file is untrusted and must not read attributes of the values.
    """
    return _NAMED_FIELD.sub(lambda field: str(values.get(field[1], field[0])), message)


#: A thousand, as people write it in a language: what is between the digits separates thousands.
_THOUSAND = gettext_noop("1,000")


def number_text(number: int, words: NullTranslations = ENGLISH) -> str:
    """Take a whole number; return it with the separators of thousands of a language."""
    separator = words.gettext(_THOUSAND).strip().removeprefix("1").removesuffix("000")
    return f"{number:,}".replace(",", separator)


#: The width of the name column in a deployment example, with the colon, in characters.
_PLACE_COLUMN = 20
# Text that cannot be a plain scalar in YAML.
_NOT_PLAIN = re.compile(r"""^$|^[\s,\[\]{}#&*!|>'"%@`]|^[-?:](?:\s|$)|^(?:---|\.\.\.)|:(?:\s|$)|\s#|\s$""")

#: The sentence for two equal versions.
NO_CHANGES = gettext_noop("No changes.")

#: The words for true, false and the choices of fields.
VALUES = (
    gettext_noop("yes"),
    gettext_noop("no"),
    gettext_noop("planned"),
    gettext_noop("active"),
    gettext_noop("deprecated"),
    gettext_noop("removed"),
    gettext_noop("public"),
    gettext_noop("internal"),
    gettext_noop("confidential"),
    gettext_noop("restricted"),
)

#: The paragraph before the deployment examples when the guide has none.
DEPLOYMENTS_PARAGRAPH = gettext_noop("""\
The state store abstraction means multiple logical state stores can share physical
Redis/MySQL instances in simple deployments, while production deployments can map
to dedicated infrastructure without code changes.""")


def totals_text(totals: Totals, words: NullTranslations = ENGLISH) -> str:
    """Take totals; return text such as ``124 stores (77 Redis, 47 MySQL)``."""
    count = fill(words.ngettext("{number} store", "{number} stores", totals.total), number=totals.total)
    if not totals.parts:
        return count
    part = words.gettext("{number} {label}")
    parts = ", ".join(fill(part, number=number, label=label) for label, number in totals.parts)
    return fill(words.gettext("{count} ({parts})"), count=count, parts=parts)


def changes_text(counts: Mapping[str, int], before: Totals, after: Totals, words: NullTranslations = ENGLISH) -> str:
    """Take the number of each kind of change, and the totals before and after; return a sentence.

    Such as ``2 added, 1 changed: from 122 stores (76 Redis, 46 MySQL) to 124 stores (77 Redis, 47 MySQL).``
    """
    happened = ", ".join(
        fill(_happened(kind, number, words), number=number) for kind, number in counts.items() if number
    )
    message = words.gettext("{changes}: from {before} to {after}.")
    return fill(message, changes=happened, before=totals_text(before, words), after=totals_text(after, words))


def _happened(kind: str, number: int, words: NullTranslations) -> str:
    # English uses one form here; other languages may need several.
    match kind:
        case "added":
            return words.ngettext("{number} added", "{number} added", number)
        case "removed":
            return words.ngettext("{number} removed", "{number} removed", number)
        case "renamed":
            return words.ngettext("{number} renamed", "{number} renamed", number)
        case _:
            return words.ngettext("{number} changed", "{number} changed", number)


def key_text(fields: Sequence[str]) -> str:
    """Take the fields of a key, the pattern first; return the others as text: ``hash, 24h: Sessions``."""
    _, kind, ttl, purpose = fields
    facts = ", ".join(filter(None, (kind, ttl)))
    return ": ".join(filter(None, (facts, purpose)))


def convention_backends(registry: Registry, convention: Convention) -> str:
    """Return the labels of a convention's backends: ``Redis/MySQL``."""
    return "/".join(registry.backend_label(key) for key in convention.backends)


def choice_backend(registry: Registry, choice: BackendChoice, words: NullTranslations = ENGLISH) -> str:
    """Return the backend of a row of the backend guide: ``Redis``, or ``Redis + Search``."""
    label = registry.backend_label(choice.backend)
    return fill(words.gettext("{backend} + Search"), backend=label) if choice.enable_search else label


def deployment_lines(note: str, stores: tuple[tuple[str, str], ...]) -> str:
    """Return a deployment example as YAML: its note as a comment, then one line for each store."""
    lines = [f"# {line}" for line in note.splitlines()]
    lines += [f"{_scalar(name) + ':':<{_PLACE_COLUMN}} {_scalar(' '.join(place.split()))}" for name, place in stores]
    return "\n".join(lines)


def _scalar(text: str) -> str:
    """Return a text as a YAML scalar, quoted if it is not a valid plain scalar.

    See https://yaml.org/spec/1.2.2/#73-flow-scalar-styles.
    """
    if text.isprintable() and not _NOT_PLAIN.search(text):
        return text
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"{}"'.format("".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in quoted))


def example_constants(registry: Registry, code: GeneratedCode) -> list[str]:
    """Return the example constants: those of the named stores that exist, or the first two of the registry."""
    names = [name for name in code.names if name in registry.by_name] or registry.names[:2]
    return [f"{code.class_name}.{constant_name(name)}" for name in names]
