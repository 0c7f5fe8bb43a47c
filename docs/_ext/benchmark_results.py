"""Directives for this site: what was measured, from the file that ``make bench`` writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

_FILE = Path(__file__).parents[1] / "benchmarks" / "results.json"
_SCENARIOS = {
    "cold": "everything",
    "noop": "nothing changed",
    "purpose": "one purpose changed",
    "rename": "one store renamed",
    "prose": "one paragraph edited",
}


class _Measured(SphinxDirective):
    def numbers(self) -> dict[str, Any]:
        """Read the file; the page depends on it."""
        self.env.note_dependency(str(_FILE))
        found: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
        return found


class BenchmarkTargets(_Measured):
    """Each target with what was measured."""

    def run(self) -> list[nodes.Node]:
        """Make a table."""
        verdicts = {True: "holds", False: "does not hold", None: "not measured"}
        rows = [
            (row["target"], _limit(row["limit"]), _number(row["measured"]), verdicts[row["holds"]])
            for row in self.numbers()["targets"]
        ]
        return [_table(("Target", "Limit", "Measured", "Result"), rows, (50, 18, 14, 18))]


class BenchmarkBuilds(_Measured):
    """The builds of sites with so many stores by so many processes, of one scenario or of all."""

    required_arguments = 1
    option_spec = {"jobs": directives.positive_int, "scenario": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Make a table."""
        stores, jobs = int(self.arguments[0].replace(",", "")), self.options.get("jobs", 1)
        head = [
            "Contender",
            "Change",
            "Builds",
            "CPU, s",
            "of NULL",
            "Memory, MB",
            "of NULL",
            "Pages read",
            "Written",
        ]
        found = [
            row
            for row in self.numbers()["results"]
            if (row["stores"], row["jobs"]) == (stores, jobs)
            and row["scenario"] == self.options.get("scenario", row["scenario"])
        ]
        if not found:
            return []
        rows = [
            (
                row["contender"],
                _SCENARIOS[row["scenario"]],
                str(row["builds"]),
                f"{row['cpu']:.1f}",
                _number(row["cpu_ratio"]),
                f"{row['memory'] / 2**20:.0f}",
                _number(row["memory_ratio"]),
                f"{row['read']:.0f}",
                f"{row['written']:.0f}",
            )
            for row in found
        ]
        table = _table(head, rows, (18, 22, 8, 10, 10, 12, 10, 10, 10))
        table.insert(0, nodes.title("", f"{stores:,} stores on {found[0]['services']:,} services"))
        return [table]


class BenchmarkConditions(_Measured):
    """What it was measured with."""

    def run(self) -> list[nodes.Node]:
        """Make a paragraph."""
        numbers = self.numbers()
        conditions = ", ".join(f"{name} {value}" for name, value in numbers["environment"].items())
        command = nodes.literal("", numbers["command"])
        return [nodes.paragraph("", "", nodes.Text("Measured by "), command, nodes.Text(f" with {conditions}."))]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]) -> nodes.table:
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in widths), cols=len(head))
    group += [nodes.thead("", _row(head)), nodes.tbody("", *map(_row, rows))]
    return nodes.table("", group, classes=["colwidths-auto"])


def _row(cells: Sequence[str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in cells))


def _limit(words: str) -> str:
    # Longer words would be broken on narrow screens, and the default engine of LaTeX has no signs for them.
    return words.replace("at most ", "max.\N{NO-BREAK SPACE}").replace("at least ", "min.\N{NO-BREAK SPACE}")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directives."""
    app.add_directive("benchmark-targets", BenchmarkTargets)
    app.add_directive("benchmark-builds", BenchmarkBuilds)
    app.add_directive("benchmark-conditions", BenchmarkConditions)
    return {"parallel_read_safe": True}
