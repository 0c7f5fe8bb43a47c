"""The fuzzers' loop and command: cases from a seed, findings made small and written down, numbers at the end."""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import platform
import random
import signal
import sys
import tempfile
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Protocol

import sphinx
import yaml
from fuzz_dice import Dice
from fuzz_pages import Pages
from fuzz_promises import BrokenPromiseError
from fuzz_registries import Guides, Registries
from fuzz_templates import Templates

import sphinx_statestores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
#: Where findings are written.
FOUND = ROOT / "build" / "fuzz"
#: A case that takes longer is a finding; a template alone may take thirty seconds.
CASE_SECONDS = 120
#: How much address space everything may take, so that a case that wants all memory is a finding and no more.
MEMORY = 8 << 30


class Target(Protocol):
    """What is fuzzed. A case is a file: whoever has it can run it again."""

    name: str
    suffix: str

    def make(self, dice: Dice) -> bytes:
        """Return a case."""

    def check(self, data: bytes) -> None:
        """Raise whatever is wrong."""


#: Each takes a folder to work in.
TARGETS: dict[str, Callable[[Path], Target]] = {
    "registry": Registries,
    "guide": Guides,
    "template": Templates,
    "pages": Pages,
}


@dataclass
class Finding:
    """Something that is wrong."""

    #: The same for all cases that show the same fault.
    key: str
    #: What makes the case again, before it was made small.
    seed: str
    data: bytes
    #: The error, with its traceback.
    report: str


@dataclass
class Tally:
    """The numbers of one target."""

    cases: int = 0
    seconds: float = 0.0
    findings: dict[str, Finding] = field(default_factory=dict)


# -- cases --------------------------------------------------------------------------------


class _TooLong(BaseException):
    """A case takes too long."""


@contextlib.contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise where the program is after so many seconds; 0 for never."""

    def stop(number: int, frame: object) -> None:
        raise _TooLong(f"longer than {seconds} seconds")

    if not seconds:
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def fault(target: Target, data: bytes, seconds: int = 0) -> tuple[str, str]:
    """Check a case; return the key of its fault and a report of it, both empty when there is none."""
    try:
        with time_limit(seconds):
            target.check(data)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is a finding
        report = "".join(traceback.format_exception(error))
        if isinstance(error, BrokenPromiseError):
            return error.rule, report
        if isinstance(error, _TooLong):
            return "a case takes too long", report
        cause = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        frames = traceback.extract_tb(cause.__traceback__)
        own = [frame for frame in frames if "sphinx_statestores" in frame.filename] or frames
        return f"{type(cause).__name__} in {own[-1].filename.rpartition('/')[2]}: {own[-1].name}", report
    return "", ""


def smaller(data: bytes, is_bad: Callable[[bytes], bool], tries: int) -> bytes:
    """Leave lines, then characters, away as long as a case stays bad; *tries* bounds how often that is asked."""
    for pieces in (_lines, _characters):
        data, tries = _without(pieces(data), is_bad, tries)
    return data


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def _characters(data: bytes) -> list[bytes]:
    try:
        return [letter.encode() for letter in data.decode()]
    except UnicodeDecodeError:
        return [bytes([number]) for number in data]


def _without(pieces: list[bytes], is_bad: Callable[[bytes], bool], tries: int) -> tuple[bytes, int]:
    width = max(1, len(pieces) // 2)
    while pieces and tries > 0:
        start, removed = 0, False
        while start < len(pieces) and tries > 0:
            rest = pieces[:start] + pieces[start + width :]
            tries -= 1
            if is_bad(b"".join(rest)):
                pieces, removed = rest, True
            else:
                start += width
        if width == 1 and not removed:
            break
        width = max(1, width // 2)
    return b"".join(pieces), tries


def seeds(seed: str, name: str) -> Iterator[str]:
    """Yield what each case of a target is made from."""
    number = 0
    while True:
        yield f"{seed}/{name}/{number}"
        number += 1


def fuzz(
    target: Target,
    given: Iterator[str],
    tally: Tally,
    *,
    cases: int = sys.maxsize,
    seconds: float = float("inf"),
    tries: int = 300,
    case_seconds: int = 0,
) -> list[Finding]:
    """Run cases until there were so many, or for so long. Return what has not been found before.

    *given* yields the seed of each case. A finding is made small within *tries*, and within as much time as is given
    to the cases, at most a minute.
    """
    started, new, number = monotonic(), list[Finding](), 0
    while number < cases and monotonic() - started < seconds:
        seed = next(given)
        data = target.make(Dice(seed))
        key, report = fault(target, data, case_seconds)
        number += 1
        tally.cases += 1
        if key and key not in tally.findings:
            deadline = monotonic() + min(seconds, 60)

            def is_bad(data: bytes, key: str = key, deadline: float = deadline) -> bool:
                return monotonic() < deadline and fault(target, data, case_seconds)[0] == key

            data = smaller(data, is_bad, tries)
            found = fault(target, data, case_seconds)
            tally.findings[key] = Finding(key, seed, data, found[1] if found[0] == key else report)
            new.append(tally.findings[key])
    tally.seconds += monotonic() - started
    return new


# -- the command --------------------------------------------------------------------------


def say(text: str) -> None:
    """Print a line now, whatever characters it has."""
    print(text.encode("utf-8", "backslashreplace").decode(), flush=True)


def save(finding: Finding, target: Target, folder: Path) -> Path:
    """Write a finding down: the case, and beside it what happened. Return where the case is."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = "-".join("".join(c if c.isalnum() else " " for c in finding.key).lower().split())[:80]
    path = folder / f"{target.name}-{stem}{target.suffix}"
    path.write_bytes(finding.data)
    path.with_name(f"{path.name}.txt").write_text(
        f"seed {finding.seed}\n{finding.report}", "utf-8", "backslashreplace"
    )
    return path


def replay(path: Path, folder: Path) -> tuple[str, str]:
    """Check a case that was written down, by the target that its name begins with; return what `fault` does."""
    return fault(TARGETS[path.name.partition("-")[0]](folder), path.read_bytes())


def rows(tallies: dict[str, Tally], seed: str) -> list[tuple[str, str, str, str]]:
    """Return the numbers as a table: a head, a line for each target, and what they were found with."""
    versions = (
        f"All: seed {seed}, sphinx-statestores {sphinx_statestores.__version__}, Python {platform.python_version()}, "
        f"Sphinx {sphinx.__version__}, PyYAML {yaml.__version__}"
    )
    each = [(name, tally.cases, tally.seconds, len(tally.findings)) for name, tally in tallies.items()]
    each.append((versions, *(sum(line[column] for line in each) for column in (1, 2, 3))))  # type: ignore[misc, arg-type]
    return [
        ("Target", "Cases", "Seconds", "Findings"),
        *((name, f"{cases:,}", f"{seconds:,.0f}", str(findings)) for name, cases, seconds, findings in each),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz; return 1 when something was found."""
    options = _options(arguments)
    limit_memory()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        if options.files:
            return _replay_all(options.files, Path(folder))
        seed = options.seed or str(random.SystemRandom().randrange(10**6))
        say(f"seed {seed}, {options.seconds:g} seconds; findings go to {FOUND.relative_to(ROOT)}/")
        tallies = _run(options, seed, Path(folder))
    table = rows(tallies, seed)
    for name, *numbers in table:
        say("".join(f"{number:>12}" for number in numbers) + f"  {name}")
    if options.output:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(table)
        options.output.write_text(text.getvalue(), encoding="utf-8")
    return 1 if any(tally.findings for tally in tallies.values()) else 0


def limit_memory() -> None:
    """Let this process, and those that it starts, take so much memory and no more, where the system can do that."""
    try:
        import resource  # noqa: PLC0415 - not every system has it
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="findings to run again, instead of fuzzing"
    )
    parser.add_argument("--seconds", type=float, default=3600, help="how long, all targets together")
    parser.add_argument("--seed", default="", help="the same seed gives the same cases")
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=list(TARGETS), help="which of them")
    parser.add_argument("--output", type=Path, help="write the numbers to this file, as CSV")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace, seed: str, folder: Path) -> dict[str, Tally]:
    """Run each target in turn, a minute at a time."""
    targets = {name: TARGETS[name](folder) for name in options.targets}
    given = {name: seeds(seed, name) for name in targets}
    tallies = {name: Tally() for name in targets}
    rounds = max(1, round(options.seconds / 60 / len(targets)))
    for number in range(rounds):
        for name, target in targets.items():
            tally = tallies[name]
            # A finding takes time of its own: no target pays for another's.
            left = options.seconds / len(targets) * (number + 1) / rounds - tally.seconds
            tries = 60 if name == "pages" else 400
            new = fuzz(target, given[name], tally, seconds=left, tries=tries, case_seconds=CASE_SECONDS)
            for finding in new:
                path = save(finding, target, FOUND)
                say(f"FOUND {name}: {finding.key}\n  seed {finding.seed}, input {path.relative_to(ROOT)}")
            say(f"{name}: {tally.cases:,} cases in {tally.seconds:,.0f} s, {len(tally.findings)} findings")
    return tallies


def _replay_all(files: Sequence[Path], folder: Path) -> int:
    status = 0
    for path in files:
        key, report = replay(path, folder)
        say(f"{report.rstrip()}\n{path}: {key or 'nothing is wrong'}".strip())
        status |= bool(key)
    return status


if __name__ == "__main__":
    sys.exit(main())
