"""Results -> tables: as values for the documentation, as text for a terminal."""

from __future__ import annotations

from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from benchmarks.contenders import CONTENDERS
from benchmarks.results import Case
from benchmarks.rounds import SCENARIOS
from benchmarks.targets import FAST_NULL, FAST_OURS, OURS, SCALE, TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.results import Results

_HEAD = (
    "contender scenario builds wall,s CPU,s wall/NULL CPU/NULL memory,MB /NULL read written doctrees,MB HTML,MB"
).split()
#: How many faults are told; all are among the numbers.
_FAULTS = 20


def target_rows(results: Results) -> list[dict[str, Any]]:
    """Return each target with its limit, what was measured, and whether it holds; nothing for what was not."""
    rows = []
    for target in TARGETS:
        value = target.value(results)
        rows.append(
            {
                "target": target.text,
                "limit": f"at most {target.limit:g}",
                "measured": None if value is None else round(value, 3),
                "holds": None if value is None else target.holds(value),
            }
        )
    return rows


def build_rows(results: Results) -> list[dict[str, Any]]:
    """Return one row for each size, number of processes, scenario and contender."""
    contenders, scenarios = list(CONTENDERS), list(SCENARIOS)

    def place(case: Case) -> tuple[int, int, int, int]:
        return (case.size.stores, case.jobs, scenarios.index(case.scenario), contenders.index(case.contender))

    rows = []
    for case in sorted(results.cases(), key=place):
        rows.append(
            {
                "stores": case.size.stores,
                "services": case.size.services,
                "jobs": case.jobs,
                "scenario": case.scenario,
                "contender": case.contender,
                "builds": results.builds(case),
                "wall": results.value(case, "wall"),
                "cpu": results.value(case, "cpu"),
                "wall_ratio": results.to_null(case, "wall"),
                "cpu_ratio": results.to_null(case, "cpu"),
                "memory": results.value(case, "memory"),
                "memory_ratio": results.to_null(case, "memory"),
                "read": results.value(case, "read"),
                "written": results.value(case, "written"),
                "doctrees": results.value(case, "doctrees"),
                "environment": results.value(case, "environment"),
                "html": results.value(case, "html"),
            }
        )
    return rows


def report(results: Results) -> str:
    """Return everything as text."""
    return "\n".join(_lines(results))


def holds(results: Results, *, of_all: bool = False) -> bool:
    """Return whether every target that was measured holds, with *of_all* every one, and every site was right."""
    accepted = {True} if of_all else {True, None}
    return (
        OURS not in results.left_out
        and not results.faults()
        and all(row["holds"] in accepted for row in target_rows(results))
    )


def _lines(results: Results) -> Iterator[str]:
    for (stores, services, jobs), rows in groupby(build_rows(results), key=itemgetter("stores", "services", "jobs")):
        yield from (f"{stores:,} stores on {services:,} services, -j {jobs}", "")
        yield from _table(_HEAD, [_cells(row) for row in rows])
        yield ""
    yield from (f"{name} is left out: {reason}" for name, reason in results.left_out.items())
    for number, seconds in results.loading.items():
        yield f"loading {number:,} stores: {seconds['full']:.3f} s, a plain YAML loader {seconds['plain']:.3f} s"
    if results.browser:
        numbers = (f"{name} {value:g}" for name, value in results.browser.items())
        yield f"the full table in a browser: {', '.join(numbers)}"
    for small, large in pairwise(SCALE):
        exponent = results.exponent((small, large), Case(small, FAST_OURS, "cold"), FAST_NULL, "cpu")
        if exponent is not None:
            grown = f"from {small.stores:,} to {large.stores:,} stores"
            yield f"{grown}: exponent {exponent:.2f} of the cost above NULL, both with PyStemmer"
    yield ""
    verdicts = {True: "holds", False: "DOES NOT HOLD", None: "not measured"}
    yield from _table(
        ("target", "limit", "measured", ""),
        [
            (row["target"], row["limit"], _number(row["measured"]), verdicts[row["holds"]])
            for row in target_rows(results)
        ],
    )
    found = results.faults()
    yield from ("", f"{len(found)} faults" if found else "every row, anchor and link was there after every build")
    yield from (f"  {fault}" for fault in found[:_FAULTS])


def _cells(row: dict[str, Any]) -> list[str]:
    return [
        row["contender"],
        row["scenario"],
        str(row["builds"]),
        f"{row['wall']:.2f}",
        f"{row['cpu']:.2f}",
        _number(row["wall_ratio"]),
        _number(row["cpu_ratio"]),
        f"{row['memory'] / 2**20:.0f}",
        _number(row["memory_ratio"]),
        f"{row['read']:.0f}",
        f"{row['written']:.0f}",
        f"{row['doctrees'] / 2**20:.1f}",
        f"{row['html'] / 2**20:.1f}",
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield lines: words to the left, numbers to the right."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    numeric = [all(cell[:1].isdigit() or cell == "-" for cell in column) for column in zip(*rows, strict=True)]
    for row in (head, ["-" * width for width in widths], *rows):
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric or [False] * len(widths), strict=True)
        ]
        yield "  ".join(cells).rstrip()
