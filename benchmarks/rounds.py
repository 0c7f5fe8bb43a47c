"""Rounds of builds, contenders in alternation, each build verified."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

from benchmarks.contenders import CONTENDERS
from benchmarks.outputs import differences
from benchmarks.registry import Size
from benchmarks.site import EDITS, make_site
from benchmarks.verify import faults
from benchmarks.workspace import BuildFailedError, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.contenders import Contender
    from benchmarks.site import Site

COLD = "cold"
SCENARIOS = (COLD, *EDITS)


@dataclass(frozen=True)
class Plan:
    """Which builds to make, how often."""

    size: Size
    contenders: tuple[str, ...]
    scenarios: tuple[str, ...] = SCENARIOS
    jobs: tuple[int, ...] = (1,)
    rounds: int = 1
    #: How often each edit is made in a round; builds after an edit are short, and vary the more.
    repeats: int = 1


class Record(TypedDict):
    """One build; numbers are comparable within a turn of a round, and only there."""

    round: int
    #: From 1; all edits are made once a turn.
    turn: int
    stores: int
    services: int
    jobs: int
    scenario: str
    contender: str
    wall: float
    cpu: float
    memory: int
    #: How many documents were read and written.
    read: int
    written: int
    #: How many of them should not have been, or should have been and were not.
    unexpected: int
    doctrees: int
    environment: int
    html: int
    faults: list[str]


@dataclass
class Runner:
    """Makes the builds of plans, and keeps what was measured."""

    folder: Path
    #: After so many seconds a build is given up.
    seconds: float
    tell: Callable[[str], None]
    #: Where to put profiles of all builds; the times are not to be compared then.
    profiles: Path | None = None
    keep: bool = False
    #: Whether the output after an edit is compared with that of a clean build.
    compare: bool = True
    records: list[Record] = field(default_factory=list)
    #: Contender -> why it is left out.
    left_out: dict[str, str] = field(default_factory=dict)
    _round: int = 0

    def run(self, plan: Plan) -> None:
        """Make all builds of a plan."""
        for number in range(plan.rounds):
            self._round += 1
            # A clean build after each edit takes longest of all: the rounds after the first make the same edits.
            self._run_round(plan, compare=self.compare and number == 0)

    def warm_up(self, names: tuple[str, ...]) -> None:
        """Build a small site with each contender: modules are compiled, and who cannot be built is left out."""
        size = Size(12, 4)
        for name in names:
            contender = CONTENDERS[name]
            if not contender.is_installed:
                self._leave_out(name, f"{contender.needs} is not installed")
                continue
            entry = _Entry(contender, Workspace(self.folder / "warm-up" / name), make_site(size))
            try:
                entry.write()
                entry.workspace.build(entry.site.docnames, seconds=self.seconds)
            except BuildFailedError as error:
                self._leave_out(name, str(error))
        shutil.rmtree(self.folder / "warm-up", ignore_errors=True)

    def _run_round(self, plan: Plan, *, compare: bool) -> None:
        folder = self.folder / f"round-{self._round}"
        self.tell(f"round {self._round}: {plan.size} stores x services")
        site = make_site(plan.size)
        entries = [
            _Entry(CONTENDERS[name], Workspace(folder / f"{name}-{jobs}", jobs), site)
            for jobs in plan.jobs
            for name in plan.contenders
        ]
        for entry in entries:
            entry.write()
        for entry in self._in_turn(entries):
            self._build(entry, plan.size, COLD, 1, compare=compare)
        # All edits in each turn: a machine that is slower for a while is so for what is compared.
        for turn in range(1, plan.repeats + 1):
            for scenario in (name for name in plan.scenarios if name != COLD):
                for entry in self._in_turn(entries):
                    if scenario == "purpose" and not entry.contender.shows_stores:
                        continue  # nothing to change
                    self._build(entry, plan.size, scenario, turn, compare=compare and turn == plan.repeats)
        self._compare_jobs(entries)
        if not self.keep:
            shutil.rmtree(folder, ignore_errors=True)

    def _in_turn(self, entries: list[_Entry]) -> Iterator[_Entry]:
        """Yield those that are still in, the other way round in every second round: no one is always the first."""
        for entry in entries if self._round % 2 else reversed(entries):
            if entry.contender.name not in self.left_out:
                yield entry

    def _build(self, entry: _Entry, size: Size, scenario: str, turn: int, *, compare: bool) -> None:
        contender, workspace = entry.contender, entry.workspace
        if scenario in EDITS:
            entry.site = EDITS[scenario].apply(entry.site, turn)
            entry.write()
        profile = self.profiles and self.profiles / f"{size}-{contender.name}-{scenario}.prof"
        try:
            measured = workspace.build(entry.site.docnames, seconds=self.seconds, profile=profile)
        except BuildFailedError as error:
            self._leave_out(contender.name, str(error))
            return
        found = faults(workspace.html, entry.site, contender)
        unexpected: frozenset[str] = frozenset()
        if contender.is_exact:
            read, written = entry.expected(scenario)
            unexpected = (measured.read ^ read) | (measured.written ^ written)
            if scenario in EDITS and scenario != "noop" and compare:
                found += [f"{name}: is not what a clean build makes" for name in entry.stale_files(self.seconds)]
        sizes = workspace.sizes()
        record = Record(
            round=self._round,
            turn=turn,
            stores=size.stores,
            services=size.services,
            jobs=workspace.jobs,
            scenario=scenario,
            contender=contender.name,
            wall=measured.wall,
            cpu=measured.cpu,
            memory=measured.memory,
            read=len(measured.read),
            written=len(measured.written),
            unexpected=len(unexpected),
            doctrees=sizes.doctrees,
            environment=sizes.environment,
            html=sizes.html,
            faults=found,
        )
        self.records.append(record)
        took = f"{record['wall']:7.2f} s, CPU {record['cpu']:7.2f} s, {record['memory'] / 2**20:5.0f} MB"
        pages = f"read {record['read']:5}, written {record['written']:5}"
        self.tell(f"  {contender.name:16} -j{workspace.jobs} {scenario:7} {took}, {pages}")
        for fault in (*found[:10], *(f"{docname}: unexpectedly read or written, or not" for docname in unexpected)):
            self.tell(f"    FAULT {fault}")

    def _compare_jobs(self, entries: list[_Entry]) -> None:
        """Compare what one process made with what several made."""
        serial = {entry.contender.name: entry for entry in entries if entry.workspace.jobs == 1}
        for entry in entries:
            name = entry.contender.name
            if (
                not entry.contender.is_exact
                or name in self.left_out
                or entry.workspace.jobs == 1
                or name not in serial
            ):
                continue
            found = differences(serial[name].workspace.html, entry.workspace.html)
            last = next(r for r in reversed(self.records) if r["contender"] == name and r["jobs"] != 1)
            last["faults"] += [f"{file}: is not what a single process makes" for file in found]
            for file in found:
                self.tell(f"    FAULT {file}: is not what a single process makes")

    def _leave_out(self, name: str, reason: str) -> None:
        self.left_out[name] = reason
        self.tell(f"  {name} is left out from here on: {reason}")


@dataclass
class _Entry:
    """One contender in one round."""

    contender: Contender
    workspace: Workspace
    site: Site

    def write(self) -> None:
        """Write its sources as the site is now."""
        self.workspace.write(self.contender.files(self.site))

    def expected(self, scenario: str) -> tuple[set[str], set[str]]:
        """Return the documents that have to be read, and those that have to be written."""
        if scenario == COLD:
            return self.site.docnames, self.site.docnames
        edit = EDITS[scenario]
        return edit.read(self.site), edit.written(self.site)

    def stale_files(self, seconds: float) -> list[str]:
        """Build the same sources anew, and return the files in which the output differs."""
        clean = Workspace(self.workspace.folder / "clean")
        clean.folder.mkdir()
        clean.sources.symlink_to(self.workspace.sources, target_is_directory=True)
        clean.build((), seconds=seconds)
        found = differences(clean.html, self.workspace.html)
        shutil.rmtree(clean.folder)
        return found
