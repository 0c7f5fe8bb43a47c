"""A registry -> CSV, one row for each store (https://www.rfc-editor.org/rfc/rfc4180).

Two things differ from the RFC. Lines end with a line feed, as in other text files of a repository. A cell that a
spreadsheet would run as a formula gets a leading ``'``, and so does a cell that begins with ``'``: to restore the
text, remove one leading ``'``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.export.format import ExportError, Format, Written
from sphinx_statestores.registry.field_hints import field_hint
from sphinx_statestores.registry.fields import CUSTOM, FIELDS, as_text, find_field, may_be_own

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.export.format import ExportOptions
    from sphinx_statestores.registry.model import Registry

# https://owasp.org/www-community/attacks/CSV_Injection. Some spreadsheets skip blanks before a formula and accept
# full-width forms of the operators.
_FORMULA = re.compile(r"[\t\r\n']|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
#: The columns of each file with all fields, of any version.
_SURE = frozenset({"name", "backend", "service", "purpose", "prefix", "table", "constant", "source", "status"})
_QUOTED = re.compile(r'[,"\r\n]|^\s|\s$')


def to_csv(registry: Registry, columns: tuple[str, ...] = ()) -> str:
    """Return a header and a row for each store, each ended by a newline.

    *columns* are the keys of fields. The default is all fields of the format, then the declared fields of the
    registry in its order, then its other ``x-`` fields, sorted by name. Raises :exc:`ExportError`
    for an unknown column.
    """
    fields = []
    known = {*FIELDS, *registry.own_fields, *registry.extra_fields, *registry.facts}
    for key in columns or _all_columns(registry):
        field = find_field(key, registry)
        if field is None or key not in known:
            near = field_hint(key, "columns", registry)
            raise ExportError(f"unknown column {key!r}{near}")
        fields.append(field)
    head = _row(field.key for field in fields)
    rows = (_row(as_text(field.value(store, registry)) for field in fields) for store in registry.stores)
    return "".join(f"{row}\n" for row in (head, *rows))


def cell(text: str) -> str:
    """Return a text as a CSV cell: a possible formula gets a leading ``'``, and quotes are added where needed."""
    guarded = f"'{text}" if _FORMULA.match(text) else text
    return '"{}"'.format(guarded.replace('"', '""')) if _QUOTED.search(guarded) else guarded


def _row(texts: Iterable[str]) -> str:
    # An empty line is not a row, so a single empty cell needs quotes.
    return ",".join(map(cell, texts)) or '""'


def _all_columns(registry: Registry) -> tuple[str, ...]:
    custom = (key for key in registry.extra_fields if key.startswith(CUSTOM))
    return tuple(dict.fromkeys((*FIELDS, *registry.own_fields, *sorted(custom))))


def _write(registry: Registry, options: ExportOptions) -> Written:
    return Written(to_csv(registry, options.columns))


def _has_our_head(beginning: str) -> bool:
    """Return whether a text begins with a header of known columns, or of all fields with declared ones behind them.

    Tables of others may begin with some of our columns and go on with their own.
    """
    keys = [key.strip('"') for key in beginning.partition("\n")[0].split(",")]
    unknown = [key for key in keys if find_field(key) is None]
    return not unknown or (set(keys) >= _SURE and all(map(may_be_own, unknown)))


FORMAT = Format(_write, _has_our_head, frozenset({"columns"}), has_head=True)
