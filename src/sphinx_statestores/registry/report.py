"""Problems -> a shorter report: the first problems of each kind, and a count of the rest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.problems import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.registry.problems import Kind

#: The number of problems of one kind that are reported in full.
REPORT_LIMIT = 100

_WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


class _Rest(NamedTuple):
    """The problems of a kind that are counted but not listed."""

    first: Problem
    worst: Severity
    number: int


def shorten(
    problems: Iterable[Problem], limit: int = REPORT_LIMIT, hint: str = "", *, infos: int | None = None
) -> list[Problem]:
    """Take problems; return the first *limit* of each kind, then one counting problem for each kind that has more.

    *infos* is the limit for problems of severity info; None means *limit*. The problems keep their order, and the
    counts come last. A count has the location of the first problem that it replaces, and the worst severity among
    those. *hint* is added to each count and says how to see all problems.
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
