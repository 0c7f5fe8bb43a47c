"""What has to hold, as ratios within one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.registry import Size
from benchmarks.results import Case

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.results import Metric, Results

OURS = "statestores"
#: Above it is the cost of tables and links alone.
LEAN_NULL = "null-lean"
LARGE = Size(10_000, 500)
SMALL = Size(124, 45)
#: So many stores a service are in all of them: what grows is the registry, and not the shape of the site.
SCALE = (Size(1_000, 50), LARGE, Size(50_000, 2_500))


@dataclass(frozen=True)
class Target:
    """One number and its limit."""

    text: str
    limit: float
    #: Nothing when it was not measured.
    value: Callable[[Results], float | None]
    #: Whether the limit is the least, and not the most.
    at_least: bool = False

    def holds(self, value: float) -> bool:
        """Return whether a number is within the limit."""
        return value >= self.limit if self.at_least else value <= self.limit


def _to_null(size: Size, scenario: str, metric: Metric) -> Callable[[Results], float | None]:
    return lambda results: results.to_null(Case(size, OURS, scenario), metric)


def _gain_of_gains(results: Results) -> float | None:
    case = Case(LARGE, OURS, "cold", jobs=2)
    ours, null = results.gain(case), results.gain(case._replace(contender="null"))
    return ours / null if ours and null else None


def _growth(results: Results) -> float | None:
    if not {SCALE[0], SCALE[-1]} <= {case.size for case in results.cases()}:
        return None
    return results.exponent(SCALE, Case(LARGE, OURS, "cold"), LEAN_NULL, "cpu")


#: Times are of processors, which the machine's other work disturbs least; with several processes, of the clock.
TARGETS = (
    Target("cold build, of NULL", 1.40, _to_null(LARGE, "cold", "cpu")),
    Target(
        "cold build, of FLOOR",
        0.45,
        lambda results: results.ratio(Case(LARGE, OURS, "cold"), Case(LARGE, "floor", "cold"), "cpu"),
    ),
    Target("peak memory of a cold build, of NULL", 1.35, _to_null(LARGE, "cold", "memory")),
    Target("bytes of doctrees, of NULL", 1.20, _to_null(LARGE, "cold", "doctrees")),
    Target("nothing changed, of NULL", 1.10, _to_null(LARGE, "noop", "cpu")),
    Target(
        "one purpose changed, of nothing changed",
        2.20,
        lambda results: results.ratio(Case(LARGE, OURS, "purpose"), Case(LARGE, OURS, "noop"), "cpu"),
    ),
    Target(
        "one purpose changed: pages read",
        0,
        lambda results: results.value(Case(LARGE, OURS, "purpose"), "read"),
    ),
    Target(
        "one purpose changed: pages written that do not show it, or not written that do",
        0,
        lambda results: results.value(Case(LARGE, OURS, "purpose"), "unexpected"),
    ),
    Target("one paragraph edited, of NULL", 1.80, _to_null(LARGE, "prose", "cpu")),
    Target("cold build of 124 stores, of NULL", 1.05, _to_null(SMALL, "cold", "cpu")),
    Target(
        "cold build by two processes, of NULL by two processes",
        1.40,
        lambda results: results.to_null(Case(LARGE, OURS, "cold", jobs=2), "wall"),
    ),
    Target("gain of two processes in a cold build, of NULL's gain", 0.90, _gain_of_gains, at_least=True),
    Target(
        "exponent of the cost above lean NULL, from 1,000 to 50,000 stores",
        1.10,
        _growth,
    ),
    Target(
        "loading and validating, of a plain YAML loader",
        1.30,
        lambda results: results.loading.get(LARGE.stores, {}).get("ratio"),
    ),
    Target(
        "HTML of the full table, bytes a row above its text", 250, lambda results: results.browser.get("row_bytes")
    ),
    Target(
        "script work of opening and scrolling the full table, ms",
        500,
        lambda results: results.browser.get("script_ms"),
    ),
)
