"""A word that is no field of a store -> the end of a message: the field that may be meant, or the names of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.field_words import meant_field
from sphinx_statestores.registry.fields import CUSTOM, FACT_FIELDS, FIELDS, FILE_FIELDS
from sphinx_statestores.registry.messages import columns_are
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.registry.model import Registry


def field_hint(word: str, what: str, registry: Registry | None = None, more: Iterable[str] = ()) -> str:
    """Take a word in the place of a column, a sort key or a group; return the end of a message about it.

    *what* is what the message calls all of them, *registry* has the user's own fields, *more* are other known words.
    """
    if word in FACT_FIELDS:
        return f": {FACT_FIELDS[word].description}"
    known = (*FIELDS, *more, *((*registry.own_fields, *registry.facts) if registry else ()))
    if registry and f"{CUSTOM}{word}" in registry.extra_fields:
        return f"; did you mean {CUSTOM + word!r}?"
    extra = registry.extra_fields if registry and word.startswith(CUSTOM) else ()
    near = did_you_mean(word, (*known, *extra))
    if not near and (meant := meant_field(word)):
        return f"; did you mean {FILE_FIELDS[meant].key!r}?"
    return near or columns_are(what, known)
