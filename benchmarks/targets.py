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
#: The same two where PyStemmer is installed.
FAST_OURS, FAST_NULL = "statestores-fast", "null-fast"
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

    def holds(self, value: float) -> bool:
        """Return whether a number is within the limit."""
        return value <= self.limit


def _to_null(size: Size, scenario: str, metric: Metric) -> Callable[[Results], float | None]:
    return lambda results: results.to_null(Case(size, OURS, scenario), metric)


def _growth(results: Results) -> float | None:
    if not {SCALE[0], SCALE[-1]} <= {case.size for case in results.cases()}:
        return None
    return results.exponent(SCALE, Case(LARGE, FAST_OURS, "cold"), FAST_NULL, "cpu")


#: Times are of processors, which the machine's other work disturbs least; with several processes, of the clock.
TARGETS = (
    Target("cold build, of NULL", 1.40, _to_null(LARGE, "cold", "cpu")),
    Target(
        "cold build with PyStemmer, of NULL with PyStemmer",
        1.40,
        lambda results: results.ratio(Case(LARGE, FAST_OURS, "cold"), Case(LARGE, FAST_NULL, "cold"), "cpu"),
    ),
    Target(
        "cold build, of FLOOR",
        0.50,
        lambda results: results.ratio(Case(LARGE, OURS, "cold"), Case(LARGE, "floor", "cold"), "cpu"),
    ),
    Target("peak memory of a cold build, of NULL", 1.35, _to_null(LARGE, "cold", "memory")),
    Target("bytes of doctrees, of NULL", 1.20, _to_null(LARGE, "cold", "doctrees")),
    Target("nothing changed, of NULL", 1.30, _to_null(LARGE, "noop", "cpu")),
    Target(
        "one purpose changed, of nothing changed",
        3.00,
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
    Target("one paragraph edited, of NULL", 1.60, _to_null(LARGE, "prose", "cpu")),
    Target("cold build of 124 stores, of NULL", 1.05, _to_null(SMALL, "cold", "cpu")),
    Target(
        "cold build by two processes, of NULL by two processes",
        1.40,
        lambda results: results.to_null(Case(LARGE, OURS, "cold", jobs=2), "wall"),
    ),
    Target(
        "exponent of the cost above NULL, both with PyStemmer, from 1,000 to 50,000 stores",
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
