"""Many problems -> a report: the first ones of each kind, and the number of the others."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.problems import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.registry.problems import Kind

#: So many problems of one kind are reported in full.
REPORT_LIMIT = 100

_WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


class _Rest(NamedTuple):
    """The problems of a kind that are only counted."""

    first: Problem
    worst: Severity
    number: int


def shorten(
    problems: Iterable[Problem], limit: int = REPORT_LIMIT, hint: str = "", *, infos: int | None = None
) -> list[Problem]:
    """Return the first *limit* problems of each kind, and for each kind with more a last one that counts them.

    Of what is for information only, *infos* of a kind are returned when that is given.

    The problems keep their order; the counts follow them, each at the place of the first problem that it
    stands for and as bad as the worst of these. *hint* says, after a count, how to see them all.
    """
    number: Counter[Kind] = Counter()
    kept: list[Problem] = []
    rest: dict[Kind, _Rest] = {}
    for problem in problems:
        number[problem.kind] += 1
        most = infos if infos is not None and problem.severity is Severity.INFO else limit
        if number[problem.kind] <= most:
            kept.append(problem)
        else:
            before = rest.get(problem.kind, _Rest(problem, problem.severity, 0))
            worst = min(before.worst, problem.severity, key=_WORST_FIRST.index)
            rest[problem.kind] = _Rest(before.first, worst, before.number + 1)
    return kept + [_count(left, hint) for left in rest.values()]


def _count(left: _Rest, hint: str) -> Problem:
    message = f"... and {left.number:,} more of this kind" + (f" ({hint})" if hint else "")
    return left.first._replace(message=message, severity_override=left.worst)
