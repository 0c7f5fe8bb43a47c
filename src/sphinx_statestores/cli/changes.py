"""The changes between two versions of a registry, and what they do to live data -> text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.checks.breaking import Impact
from sphinx_statestores.cli.columns import lined_up
from sphinx_statestores.cli.reporters import github_command
from sphinx_statestores.cli.terminal import painter
from sphinx_statestores.export.breaking import NOTHING, change_text, counts_text
from sphinx_statestores.export.changes import EMPTY, store_facts
from sphinx_statestores.registry.diff import KINDS
from sphinx_statestores.registry.fields import as_text
from sphinx_statestores.registry.phrases import NO_CHANGES, changes_text, key_text
from sphinx_statestores.registry.problems import Severity
from sphinx_statestores.registry.quoting import log_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sphinx_statestores.checks.breaking import Consequence
    from sphinx_statestores.registry.diff import Change, Changes, FieldChange
    from sphinx_statestores.registry.fields import Value

#: Kind of change -> the first character of its line.
_MARKS = dict(zip(KINDS, "+->~", strict=True))
#: Impact -> the style of the first line about it.
_STYLES = {Impact.BREAKING: "error", Impact.CAREFUL: "warning", Impact.SAFE: "added"}
#: Impact -> the severity of an annotation about it.
_SEVERITIES = {Impact.BREAKING: Severity.ERROR, Impact.CAREFUL: Severity.WARNING, Impact.SAFE: Severity.INFO}
_ARROW = "\N{RIGHTWARDS ARROW}"
#: The text for a missing value.
_NOTHING = "(none)"


def changes_to_text(changes: Changes, *, colour: bool = False, width: int | None = None) -> str:
    """Return a line for each added (``+``), removed (``-``) or renamed (``>``) store and for each changed field.

    Lines of added and removed stores are cut to *width* columns; changes are never cut.
    """
    if changes.is_empty:
        return NO_CHANGES + "\n"
    paint = painter(colour=colour)
    lines = list(_store_lines(changes, paint, width))
    for change in changes.renamed:
        lines.append(paint(f"{_MARKS['renamed']} {change.before.name} -> {change.after.name}", "renamed"))
        lines += _field_lines(change, paint)
    for change in changes.changed:
        lines += _field_lines(change, paint)
    lines += ["", log_line(changes_text(changes.counts, changes.before, changes.after))]
    return "\n".join(lines) + "\n"


def _store_lines(changes: Changes, paint: Callable[[str, str], str], width: int | None) -> Iterator[str]:
    stores = [
        *(("added", store, changes.new) for store in changes.added),
        *(("removed", store, changes.old) for store in changes.removed),
    ]
    rows = [[_one_line(text) for text in store_facts(store, registry)] for _, store, registry in stores]
    lines = lined_up(rows, None if width is None else width - 2)
    for (kind, _, _), line in zip(stores, lines, strict=True):
        yield paint(f"{_MARKS[kind]} {line}", kind)


def _field_lines(change: Change, paint: Callable[[str, str], str]) -> Iterator[str]:
    for field in change.fields:
        name = f"{field.key}: {field.field}" if field.key and field.field != "keys" else field.field
        before, after = _shown(field, field.before), _shown(field, field.after)
        line = f"{_MARKS['changed']} {change.after.name}: {_one_line(name)}: {before} {_ARROW} {after}"
        yield paint(line, "changed")


def _shown(field: FieldChange, value: Value | None) -> str:
    if value is None:
        return _NOTHING
    if field.field == "keys":
        facts = key_text(value)
        return _one_line(f"{field.key} ({facts})" if facts else field.key)
    return _one_line(as_text(value)) or EMPTY


def _one_line(text: str) -> str:
    return log_line(" ".join(text.split()))


def consequences_to_github(consequences: Sequence[Consequence]) -> str:
    """Return workflow commands, which GitHub displays as annotations on the lines of a change."""
    return "".join(
        github_command(
            _SEVERITIES[found.impact],
            found.location,
            f"{found.impact.value}: {found.store}",
            f"{change_text(found)}. {found.effect}",
        )
        for found in consequences
    )


def consequences_to_text(consequences: Sequence[Consequence], *, colour: bool = False) -> str:
    """Return three lines for each consequence: the change, what it does to live data, and its place."""
    if not consequences:
        return NOTHING + "\n"
    paint = painter(colour=colour)
    lines = []
    for found in consequences:
        line = _one_line(f"{found.impact.value}: {found.store}: {change_text(found)}")
        lines += [paint(line, _STYLES[found.impact])]
        lines += [f"  {_one_line(text)}" for text in (found.effect, str(found.location))]
    return "\n".join([*lines, "", counts_text(consequences)]) + "\n"
