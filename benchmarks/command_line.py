"""``python -m benchmarks``: arguments -> builds -> tables, JSON and a picture."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shlex
import shutil
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Error as BrowserError

from benchmarks.browser import measure_page
from benchmarks.contenders import CONTENDERS, THEME
from benchmarks.loading import measure_loading
from benchmarks.plot import plot
from benchmarks.registry import Size
from benchmarks.report import build_rows, holds, report, target_rows
from benchmarks.results import NULL, Results, as_json
from benchmarks.rounds import COLD, SCENARIOS, Plan, Runner
from benchmarks.site import INDEX, make_site
from benchmarks.targets import FAST_NULL, FAST_OURS, LARGE, OURS, SCALE, SMALL
from benchmarks.verify import scan
from benchmarks.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

#: All that the targets are about.
FULL = (
    Plan(SMALL, (NULL, OURS), scenarios=(COLD,), rounds=15),
    Plan(LARGE, (NULL, OURS), rounds=2, repeats=5),
    Plan(LARGE, (NULL, OURS, FAST_NULL, FAST_OURS, "floor"), scenarios=(COLD,), rounds=3),
    Plan(LARGE, (NULL, OURS), scenarios=(COLD,), jobs=(1, 2), rounds=3),
    # Builds of the smallest size are short, and vary the most beside what the stores cost.
    Plan(SCALE[0], (FAST_NULL, FAST_OURS), scenarios=(COLD,), rounds=5),
    Plan(SCALE[2], (FAST_NULL, FAST_OURS), scenarios=(COLD,)),
)
#: The others, once.
PEERS = (
    Plan(SMALL, tuple(CONTENDERS)),
    Plan(LARGE, tuple(CONTENDERS)),
)
#: Whether everything works, in some three minutes.
QUICK = (
    Plan(SMALL, tuple(CONTENDERS)),
    Plan(SMALL, (NULL, OURS), scenarios=(COLD,), jobs=(1, 2)),
    Plan(SCALE[0], (NULL, OURS)),
)
_DESCRIPTION = "Build the same site in several ways, verify it, and compare what that takes with what has to hold."
PARTS = ("builds", "loading", "browser")
_OWN = ("contenders", "scenarios", "jobs", "rounds", "repeats")


def main(arguments: list[str] | None = None) -> int:
    """Measure; return 1 when a target does not hold or a site is wrong, or when a whole run has left one out."""
    parser = _parser()
    given = parser.parse_args(arguments)
    own = {name: value for name in _OWN if (value := getattr(given, name)) is not None}
    if own and not given.sizes:
        parser.error(f"--{next(iter(own))} is for builds of one's own choice, which want --sizes")
    plans: tuple[Plan, ...] = QUICK if given.quick else FULL if given.targets_only else (*FULL, *PEERS)
    given.parts = given.parts or (("builds",) if given.sizes else PARTS)
    if given.sizes:
        plans = tuple(Plan(size, **{"contenders": (NULL, OURS), **own}) for size in given.sizes)
    output: Path = given.output
    output.mkdir(parents=True, exist_ok=True)
    results = Results(environment=_environment())
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=given.work))
    try:
        _measure(plans, given, folder, results)
    finally:
        if given.keep:
            _tell(f"the sites are in {folder}")
        else:
            shutil.rmtree(folder)
    _tell("")
    _tell(report(results))
    numbers = {
        "command": _command(sys.argv[1:] if arguments is None else arguments),
        "targets": target_rows(results),
        "results": build_rows(results),
        **as_json(results),
    }
    (output / "results.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    (output / "plot.svg").write_text(plot(results), encoding="utf-8")
    _tell(f"All numbers are in {output / 'results.json'}, a picture in {output / 'plot.svg'}")
    is_whole = not given.quick and not given.sizes and given.parts == PARTS
    return 0 if holds(results, of_all=is_whole) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="small sites, once: whether everything works")
    parser.add_argument(
        "--targets-only", action="store_true", help="only what has a target, without the other ways to make the site"
    )
    parser.add_argument("--parts", type=_words(PARTS), help=f"what to measure ({', '.join(PARTS)})")
    parser.add_argument(
        "--output", type=Path, default=Path("build/bench"), help="folder of results.json and plot.svg"
    )
    parser.add_argument("--work", type=Path, help="where the sites are built; the machine's folder for such")
    parser.add_argument("--keep", action="store_true", help="leave the sites there")
    parser.add_argument("--seconds", type=float, default=900, help="a build that takes longer is given up")
    parser.add_argument("--profile", action="store_true", help="write a profile of each build beside the results")
    own = parser.add_argument_group("builds of one's own choice, in place of those that the targets are about")
    own.add_argument("--sizes", type=_sizes, help="such as 1000x50,10000x500: stores x services")
    own.add_argument("--contenders", type=_words(tuple(CONTENDERS)), help=", ".join(CONTENDERS))
    own.add_argument(
        "--scenarios", type=_words(SCENARIOS), help=f"{', '.join(SCENARIOS)}; the first is always among them"
    )
    own.add_argument("--jobs", type=_numbers, help="such as 1,2: numbers of processes")
    own.add_argument("--rounds", type=int)
    own.add_argument("--repeats", type=int, help="how often each edit is made in a round")
    return parser


def _command(arguments: list[str]) -> str:
    """Return how to measure the same again, wherever that is done."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for place in ("--output", "--work"):
        parser.add_argument(place)
    flags = shlex.join(parser.parse_known_args(arguments)[1])
    return f"make bench BENCHFLAGS={shlex.quote(flags)}" if flags else "make bench"


def _words(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        words = tuple(text.split(","))
        for word in words:
            if word not in known:
                raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(known)}")
        # Where they are put in order, the known order is the one that makes sense.
        return tuple(word for word in known if word in words)

    return parse


def _sizes(text: str) -> tuple[Size, ...]:
    sizes = []
    for word in text.split(","):
        numbers = re.fullmatch(r"(\d+)x(\d+)", word)
        if numbers is None:
            raise argparse.ArgumentTypeError(f"{word!r} is not like 1000x50")
        size = Size(int(numbers[1]), int(numbers[2]))
        try:
            make_site(size)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error
        sizes.append(size)
    return tuple(sizes)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def _measure(plans: tuple[Plan, ...], given: argparse.Namespace, folder: Path, results: Results) -> None:
    if "builds" in given.parts:
        profiles = given.output.absolute() / "profiles" if given.profile else None
        if profiles:
            profiles.mkdir(exist_ok=True)
        runner = Runner(folder, given.seconds, _tell, profiles=profiles, keep=given.keep)
        runner.warm_up(tuple(dict.fromkeys(name for plan in plans for name in plan.contenders)))
        for plan in plans:
            runner.run(plan)
        results.records, results.left_out = runner.records, runner.left_out
    size = SCALE[0] if given.quick else LARGE
    if "loading" in given.parts:
        _tell(f"loading {size.stores:,} stores")
        results.loading[size.stores] = measure_loading(size, folder)
    if "browser" in given.parts:
        _tell(f"a page of {size.stores:,} rows in a browser")
        _look_at_page(size, folder, given.seconds, results)


def _look_at_page(size: Size, folder: Path, seconds: float, results: Results) -> None:
    """Measure the page with the full table, in bytes and in a browser."""
    site = make_site(size)
    pages = {}
    for name in (NULL, OURS):
        workspace = Workspace(folder / "browser" / name)
        workspace.write(CONTENDERS[name].files(site))
        workspace.build((), seconds=seconds)
        pages[name] = workspace.html / f"{INDEX}.html"
    rows = scan(pages[OURS].read_text(encoding="utf-8")).rows
    text = sum(len(cell.encode()) for row in rows for cell in row)
    beyond = pages[OURS].stat().st_size - pages[NULL].stat().st_size - text
    results.browser = {"row_bytes": round(beyond / len(rows), 1), "page_bytes": pages[OURS].stat().st_size}
    try:
        results.browser.update(measure_page(pages[OURS], rows=size.stores))
    except BrowserError as error:
        _tell(f"  no browser to look with: {error}")


def _environment() -> dict[str, str]:
    found = {"Python": platform.python_version(), "system": platform.system(), "processors": str(os.cpu_count())}
    for name in ("Sphinx", "docutils", "PyYAML", "PyStemmer", "myst-parser", "sphinx-needs", "sphinx-statestores"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return {**found, "theme": THEME}


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
