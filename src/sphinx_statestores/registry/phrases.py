"""The sentences of the reference page, in English: what the Markdown export and the site both say.

They are message ids for translation as well, so each is a whole sentence with named fields. Who shows a page in
another language passes the translations; by default, everything is in English.
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

#: Translations that leave every message as it is.
ENGLISH = NullTranslations()
_NAMED_FIELD = re.compile(r"\{(\w+)\}")


def gettext_noop(message: str) -> str:
    """Return a message as it is: it is extracted for translation, and translated where it is shown."""
    return message


def fill(message: str, **values: object) -> str:
    """Return a message with a value for each ``{name}``; a name without a value stays as it is.

    Not `str.format`: a translation comes from a file, and gets no more than the texts of its values.
    """
    return _NAMED_FIELD.sub(lambda field: str(values.get(field[1], field[0])), message)


#: The width of the names in a deployment example, the colon included.
_PLACE_COLUMN = 20
# What ends a plain scalar, or cannot begin one.
_NOT_PLAIN = re.compile(r"""^$|^[\s,\[\]{}#&*!|>'"%@`]|^[-?:](?:\s|$)|^(?:---|\.\.\.)|:(?:\s|$)|\s#|\s$""")

#: The sentence about two versions that do not differ.
NO_CHANGES = gettext_noop("No changes.")

#: What a field may say that is true or false, or a choice.
VALUES = (
    gettext_noop("yes"),
    gettext_noop("no"),
    gettext_noop("planned"),
    gettext_noop("active"),
    gettext_noop("deprecated"),
    gettext_noop("removed"),
)

#: Before the deployment examples, where the guide says nothing else.
DEPLOYMENTS_PARAGRAPH = gettext_noop("""\
The state store abstraction means multiple logical state stores can share physical
Redis/MySQL instances in simple deployments, while production deployments can map
to dedicated infrastructure without code changes.""")


def totals_text(totals: Totals, words: NullTranslations = ENGLISH) -> str:
    """Return ``124 stores (77 Redis, 47 MySQL)``."""
    count = fill(words.ngettext("{number} store", "{number} stores", totals.total), number=totals.total)
    if not totals.parts:
        return count
    part = words.gettext("{number} {label}")
    parts = ", ".join(fill(part, number=number, label=label) for label, number in totals.parts)
    return fill(words.gettext("{count} ({parts})"), count=count, parts=parts)


def changes_text(counts: Mapping[str, int], before: Totals, after: Totals, words: NullTranslations = ENGLISH) -> str:
    """Return ``2 added, 1 changed: from 122 stores (76 Redis, 46 MySQL) to 124 stores (77 Redis, 47 MySQL).``."""
    happened = ", ".join(
        fill(_happened(kind, number, words), number=number) for kind, number in counts.items() if number
    )
    message = words.gettext("{changes}: from {before} to {after}.")
    return fill(message, changes=happened, before=totals_text(before, words), after=totals_text(after, words))


def _happened(kind: str, number: int, words: NullTranslations) -> str:
    # English has one form where other languages have several.
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
    """Return what a key is, beside its pattern: ``hash, 24h: Sessions``. Takes its fields, the pattern first."""
    _, kind, ttl, purpose = fields
    facts = ", ".join(filter(None, (kind, ttl)))
    return ": ".join(filter(None, (facts, purpose)))


def convention_backends(registry: Registry, convention: Convention) -> str:
    """Return ``Redis/MySQL``."""
    return "/".join(registry.backend_label(key) for key in convention.backends)


def choice_backend(registry: Registry, choice: BackendChoice, words: NullTranslations = ENGLISH) -> str:
    """Return ``Redis``, or ``Redis + Search``."""
    label = registry.backend_label(choice.backend)
    return fill(words.gettext("{backend} + Search"), backend=label) if choice.enable_search else label


def deployment_lines(note: str, stores: tuple[tuple[str, str], ...]) -> str:
    """Return a deployment example as YAML: its note as a comment, then one store a line."""
    lines = [f"# {line}" for line in note.splitlines()]
    lines += [f"{_scalar(name) + ':':<{_PLACE_COLUMN}} {_scalar(' '.join(place.split()))}" for name, place in stores]
    return "\n".join(lines)


def _scalar(text: str) -> str:
    """Write a text as YAML, in quotes where it would be something else without.

    See https://yaml.org/spec/1.2.2/#73-flow-scalar-styles.
    """
    if text.isprintable() and not _NOT_PLAIN.search(text):
        return text
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"{}"'.format("".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in quoted))


def example_constants(registry: Registry, code: GeneratedCode) -> list[str]:
    """Return the constants that serve as examples: those named, as far as they exist, or the first two."""
    names = [name for name in code.names if name in registry.by_name] or registry.names[:2]
    return [f"{code.class_name}.{constant_name(name)}" for name in names]
