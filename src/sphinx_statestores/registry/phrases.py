"""The sentences of the reference page, in English: what the Markdown export and the site both say.

They are message ids for translation as well, so each is a whole sentence with named fields.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry.naming import constant_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sphinx_statestores.registry.model import BackendChoice, Convention, GeneratedCode, Registry
    from sphinx_statestores.registry.totals import Totals

#: The width of the names in a deployment example, the colon included.
_PLACE_COLUMN = 20
# What ends a plain scalar, or cannot begin one.
_NOT_PLAIN = re.compile(r"""^$|^[\s,\[\]{}#&*!|>'"%@`]|^[-?:](?:\s|$)|^(?:---|\.\.\.)|:(?:\s|$)|\s#|\s$""")

#: What is said of two versions that do not differ.
NO_CHANGES = "No changes."

#: Before the deployment examples, where the guide says nothing else.
DEPLOYMENTS_PARAGRAPH = """\
The state store abstraction means multiple logical state stores can share physical
Redis/MySQL instances in simple deployments, while production deployments can map
to dedicated infrastructure without code changes."""


def totals_text(totals: Totals) -> str:
    """Return ``124 stores (77 Redis, 47 MySQL)``."""
    count = f"{totals.total} {'store' if totals.total == 1 else 'stores'}"
    parts = ", ".join(f"{number} {label}" for label, number in totals.parts)
    return f"{count} ({parts})" if parts else count


def changes_text(counts: Mapping[str, int], before: Totals, after: Totals) -> str:
    """Return ``2 added, 1 changed: from 122 stores (76 Redis, 46 MySQL) to 124 stores (77 Redis, 47 MySQL).``."""
    happened = ", ".join(f"{number} {kind}" for kind, number in counts.items() if number)
    return f"{happened}: from {totals_text(before)} to {totals_text(after)}."


def key_text(fields: Sequence[str]) -> str:
    """Return what a key is, beside its pattern: ``hash, 24h: Sessions``. Takes its fields, the pattern first."""
    _, kind, ttl, purpose = fields
    facts = ", ".join(filter(None, (kind, ttl)))
    return ": ".join(filter(None, (facts, purpose)))


def convention_backends(registry: Registry, convention: Convention) -> str:
    """Return ``Redis/MySQL``."""
    return "/".join(registry.backend_label(key) for key in convention.backends)


def choice_backend(registry: Registry, choice: BackendChoice) -> str:
    """Return ``Redis``, or ``Redis + Search``."""
    return registry.backend_label(choice.backend) + (" + Search" if choice.enable_search else "")


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
