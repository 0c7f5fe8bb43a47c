"""Problems -> text for people, for GitHub and for programs: one function for each format."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from sphinx_statestores.cli.sarif import sarif_log
from sphinx_statestores.cli.terminal import painter
from sphinx_statestores.registry.problems import Severity
from sphinx_statestores.registry.quoting import log_line, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sphinx_statestores.registry.problems import Location, Problem

#: Severity -> its name in counts, singular and plural.
_COUNTED = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("hint", "hints"),
}
_GITHUB_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
# The characters that must be escaped: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
_GITHUB_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_GITHUB_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def to_text(problems: Sequence[Problem], *, colour: bool = False) -> str:
    """Return a line for each problem, ``file:line:column: severity: message [kind]``, as compilers print it."""
    paint = painter(colour=colour)
    lines = []
    for problem in problems:
        severity = problem.severity.value
        place = paint(log_line(f"{problem.location}:"), "heading")
        kind = paint(f"[{problem.kind.subtype}]", "aside")
        lines.append(f"{place} {paint(f'{severity}:', severity)} {log_line(problem.message)} {kind}\n")
    return "".join(lines)


def to_json(problems: Sequence[Problem], *, colour: bool = False) -> str:
    """Return a JSON array of objects. An unknown line or column is 0."""
    found = [
        {
            "file": problem.location.path,
            "line": problem.location.line,
            "column": problem.location.column,
            "severity": problem.severity.value,
            "kind": problem.kind.subtype,
            # Only a rule of the user's own has a name beside its kind.
            **({"rule": problem.rule} if problem.rule else {}),
            "message": problem.message,
        }
        for problem in problems
    ]
    return _dumped(found)


def to_github(problems: Sequence[Problem], *, colour: bool = False) -> str:
    """Return workflow commands, which GitHub displays as annotations on the lines of a change.

    See https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions.
    """
    return "".join(
        github_command(problem.severity, problem.location, problem.kind.subtype, problem.message)
        for problem in problems
    )


def to_sarif(problems: Sequence[Problem], *, colour: bool = False) -> str:
    """Return a SARIF log, for GitHub's code scanning and other viewers."""
    return _dumped(sarif_log(problems))


class Reporter(NamedTuple):
    """A report format."""

    report: Callable[..., str]
    #: Whether it is for people, who get a summary and a shortened list.
    for_people: bool


#: Name -> report format.
REPORTERS: dict[str, Reporter] = {
    "text": Reporter(to_text, for_people=True),
    "json": Reporter(to_json, for_people=False),
    "github": Reporter(to_github, for_people=True),
    "sarif": Reporter(to_sarif, for_people=False),
}


def summary(problems: Sequence[Problem]) -> str:
    """Return the numbers of problems: ``2 errors, 1 warning``, or ``no problems``."""
    numbers = Counter(problem.severity for problem in problems)
    counted = [
        f"{numbers[severity]} {one if numbers[severity] == 1 else several}"
        for severity, (one, several) in _COUNTED.items()
        if numbers[severity]
    ]
    return ", ".join(counted) or "no problems"


def github_command(severity: Severity, location: Location, title: str, message: str) -> str:
    """Return a line that GitHub displays as an annotation."""
    properties = {"file": location.path, "line": location.line, "col": location.column}
    given = [f"{name}={_github_property(value)}" for name, value in properties.items() if value]
    given.append(f"title={_github_property(title)}")
    return f"::{_GITHUB_COMMANDS[severity]} {','.join(given)}::{printable(message).translate(_GITHUB_DATA)}\n"


def _github_property(value: object) -> str:
    return printable(str(value)).translate(_GITHUB_PROPERTY)


def _dumped(value: Any) -> str:
    # All non-ASCII characters are escaped, so every reader and every terminal can handle the text.
    import json  # noqa: PLC0415 - start-up: only two formats need it

    return json.dumps(value, indent=2) + "\n"
