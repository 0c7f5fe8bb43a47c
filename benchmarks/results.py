"""What was measured, and the numbers that are made of it: medians, and ratios within a turn."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import log
from statistics import median
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from benchmarks.registry import Size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.rounds import Record

Metric = Literal["wall", "cpu", "memory", "read", "written", "unexpected", "doctrees", "environment", "html"]
NULL = "null"


class Case(NamedTuple):
    """What builds have in common that are one number in the end."""

    size: Size
    contender: str
    scenario: str
    jobs: int = 1


@dataclass
class Results:
    """All that was measured."""

    records: list[Record] = field(default_factory=list)
    #: Of loading a registry of so many stores: seconds, and how often the time of a plain YAML loader.
    loading: dict[int, dict[str, float]] = field(default_factory=dict)
    #: Of the page with the full table in a browser; empty when it was not looked at.
    browser: dict[str, float] = field(default_factory=dict)
    #: Contender -> why it was left out.
    left_out: dict[str, str] = field(default_factory=dict)
    #: What it was measured with.
    environment: dict[str, str] = field(default_factory=dict)

    def cases(self) -> list[Case]:
        """Return what was built, each case once, in the order in which it was."""
        return list(dict.fromkeys(_case(record) for record in self.records))

    def value(self, case: Case, metric: Metric) -> float | None:
        """Return the median of a number, or nothing when it was not measured."""
        found = [record[metric] for record in self.records if _case(record) == case]
        return median(found) if found else None

    def builds(self, case: Case) -> int:
        """Return how many builds a number is the median of."""
        return sum(_case(record) == case for record in self.records)

    def ratio(self, case: Case, base: Case, metric: Metric) -> float | None:
        """Return the median, over the turns that have both, of the ratio of two cases in a turn."""
        ratios = [ours / theirs for ours, theirs in self._pairs(case, base, metric) if theirs]
        return median(ratios) if ratios else None

    def to_null(self, case: Case, metric: Metric) -> float | None:
        """Return the ratio to NULL. It has no purposes: a change of one is compared with its build of nothing."""
        scenario = "noop" if case.scenario == "purpose" else case.scenario
        return self.ratio(case, case._replace(contender=NULL, scenario=scenario), metric)

    def exponent(self, sizes: Iterable[Size], case: Case, base: str, metric: Metric) -> float | None:
        """Return the exponent with which the cost above a contender grows from the smallest size to the largest.

        Nothing when there is no such cost at one of the two: then it is less than what builds differ by themselves.
        """
        costs = {}
        for size in sizes:
            sized = case._replace(size=size)
            over = [ours - null for ours, null in self._pairs(sized, sized._replace(contender=base), metric)]
            if over:
                costs[size.stores] = median(over)
        low, high = min(costs, default=0), max(costs, default=0)
        if low == high or min(costs[low], costs[high]) <= 0:
            return None
        return log(costs[high] / costs[low]) / log(high / low)

    def faults(self) -> list[str]:
        """Return what was wrong with the sites, and with what was read and written for them."""
        found = []
        for record in self.records:
            where = f"{record['contender']} {record['stores']}x{record['services']} {record['scenario']}"
            found += [f"{where}: {fault}" for fault in record["faults"]]
            if record["unexpected"]:
                found.append(
                    f"{where}: {record['unexpected']} pages were read or written, or not, against expectation"
                )
        return found

    def _pairs(self, case: Case, base: Case, metric: Metric) -> list[tuple[float, float]]:
        turns: dict[tuple[int, int], tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
        for record in self.records:
            found = _case(record)
            if found == case:
                turns[record["round"], record["turn"]][0].append(record[metric])
            if found == base:
                turns[record["round"], record["turn"]][1].append(record[metric])
        return [(median(one), median(other)) for one, other in turns.values() if one and other]


def _case(record: Record) -> Case:
    return Case(Size(record["stores"], record["services"]), record["contender"], record["scenario"], record["jobs"])


def as_json(results: Results) -> dict[str, Any]:
    """Return everything in a form that JSON has."""
    return {
        "environment": results.environment,
        "left_out": results.left_out,
        "loading": {str(stores): numbers for stores, numbers in results.loading.items()},
        "browser": results.browser,
        "builds": results.records,
    }
