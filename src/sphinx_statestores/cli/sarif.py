"""Problems -> a SARIF 2.1.0 log (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sphinx_statestores import __version__
from sphinx_statestores.registry.problems import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_statestores.registry.problems import Location, Problem

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
# Brackets followed by parentheses are a link in a message (section 3.11.6).
_LINK = re.compile(r"\[(?=[^\]]*\]\()")


def sarif_log(problems: Sequence[Problem]) -> dict[str, Any]:
    """Take problems; return a SARIF log with one run, as JSON data.

    Every kind of problem is a rule in it, and so is every rule of the user's own that found a problem.
    """
    rules = [_rule(kind.subtype, kind) for kind in sorted(Kind, key=lambda kind: kind.subtype)]
    rules += [_rule(name, Kind.OWN_RULE) for name in sorted({problem.rule for problem in problems} - {""})]
    positions = {rule["id"]: position for position, rule in enumerate(rules)}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "statestores",
                        "semanticVersion": __version__,
                        "rules": rules,
                    }
                },
                # Columns count characters, not UTF-16 code units (section 3.14.17).
                "columnKind": "unicodeCodePoints",
                "results": [
                    {
                        "ruleId": _id(problem),
                        "ruleIndex": positions[_id(problem)],
                        "level": _LEVELS[problem.severity],
                        "message": {"text": _LINK.sub(r"\\[", problem.message)},
                        "locations": [{"physicalLocation": _physical_location(problem.location)}],
                    }
                    for problem in problems
                ],
            }
        ],
    }


def _id(problem: Problem) -> str:
    return problem.rule or problem.kind.subtype


def _rule(name: str, kind: Kind) -> dict[str, Any]:
    text = kind.meaning.replace("``", "`")
    return {
        "id": name,
        "shortDescription": {"text": text},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVELS[kind.severity]},
    }


def _physical_location(location: Location) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(location.path)}}
    region = {"startLine": location.line, "startColumn": location.column}
    if location.line:
        place["region"] = {name: number for name, number in region.items() if number}
    return place


def _uri(path: str) -> str:
    """Return the URI of a file: relative for a relative path, with ``/`` and percent encoding (RFC 3986, 2.1)."""
    given = Path(path)
    if given.is_absolute():
        return given.as_uri()
    return quote(os.fsencode(given.as_posix()))
