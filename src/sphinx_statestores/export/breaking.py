"""What changes do to live data -> Markdown or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.checks.breaking import Impact
from sphinx_statestores.export.json_document import value
from sphinx_statestores.export.markdown_text import as_code, as_line, as_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sphinx_statestores.checks.breaking import Consequence

#: The version of the JSON format. Increased for changes that break readers.
VERSION = 1
#: The text when no change concerns live data.
NOTHING = "No change affects live data."
_ARROW = "\N{RIGHTWARDS ARROW}"
_TITLES = ("Name", "Change", "What it does to live data", "Place")


def impact_counts(consequences: Sequence[Consequence]) -> dict[str, int]:
    """Return impact -> number of consequences, the worst first."""
    return {impact.value: sum(found.impact is impact for found in consequences) for impact in Impact}


def counts_text(consequences: Sequence[Consequence]) -> str:
    """Return the number of consequences of each impact: ``1 breaking, 2 safe.``"""
    counts = impact_counts(consequences)
    return ", ".join(f"{number:,} {impact}" for impact, number in counts.items() if number) + "."


def change_text(found: Consequence) -> str:
    """Return what changed, with both values: ``keys: auth:* → auth:v2:*``."""
    what = found.change.replace("_", " ")
    what = f"{what} {found.key}" if found.key else what
    if found.before and found.after:
        return f"{what}: {found.before} {_ARROW} {found.after}"
    # An added or removed store repeats its name.
    text = "" if found.store in {found.before, found.after} else found.before or found.after
    return f"{what}: {text}" if text else what


def consequences_to_markdown(consequences: Sequence[Consequence]) -> str:
    """Return consequences as Markdown: a section with a table for each impact. The text ends with a newline."""
    if not consequences:
        return NOTHING + "\n"
    blocks = [counts_text(consequences)]
    for impact in Impact:
        rows = [
            (as_code(found.store), *map(as_line, (change_text(found), found.effect, str(found.location))))
            for found in consequences
            if found.impact is impact
        ]
        if rows:
            blocks += [f"### {impact.value.capitalize()} ({len(rows):,})", as_table(_TITLES, rows)]
    return "\n\n".join(blocks) + "\n"


def consequences_to_json(consequences: Sequence[Consequence]) -> str:
    """Return consequences as JSON. Missing values are null, an unknown line or column is 0.

    The text ends with a newline.
    """
    document = {
        "version": VERSION,
        "counts": impact_counts(consequences),
        "consequences": [
            {
                "store": found.store,
                "change": found.change,
                "key": found.key or None,
                "before": found.before or None,
                "after": found.after or None,
                "effect": found.effect,
                "impact": found.impact.value,
                "file": found.location.path,
                "line": found.location.line,
                "column": found.location.column,
            }
            for found in consequences
        ],
    }
    return f"{value(document, indent=2)}\n"


#: Format -> function that takes consequences and returns text, ended by a newline. The formats are those of changes.
CONSEQUENCE_FORMATS: dict[str, Callable[[Sequence[Consequence]], str]] = {
    "json": consequences_to_json,
    "markdown": consequences_to_markdown,
}
