"""A bounded run of each fuzzer, what they have found before, and whether they find what is wrong."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import Any

import fuzz_run
import fuzz_templates
import pytest
from fuzz_dice import CANARY, Dice
from fuzz_documents import Grammar, mutate, write
from fuzz_pages import join, split
from fuzz_promises import BrokenPromiseError, check_no_canary
from fuzz_run import TARGETS, Finding, Tally, fault, fuzz, main, replay, save, seeds, smaller

from sphinx_statestores.export import csv_rows
from sphinx_statestores.export.format import Format, Written
from sphinx_statestores.registry import loader
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.source import SourceText
from sphinx_statestores.sphinx_ext.incremental.fingerprints import Fingerprints
from sphinx_statestores.sphinx_ext.write import html_rows

CORPUS = sorted(path for path in (Path(__file__).parent / "corpus").iterdir() if path.suffix != ".md")
#: Target -> how many cases every run of the suite tries: some seconds each.
CASES = {"registry": 80, "guide": 80, "template": 12, "pages": 2}
SEED = "1"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the fuzzers make links, pipes and files of any name")


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_found(name: str, tmp_path: Path) -> None:
    """A bounded run with a fixed seed finds nothing."""
    target = TARGETS[name](tmp_path)
    found = fuzz(target, seeds(SEED, name), Tally(), cases=CASES[name], tries=20)
    assert not found, "\n".join(f"{finding.seed}\n{finding.report}\n{finding.data!r}" for finding in found)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: str(path.name))
def test_what_was_found_once(path: Path, tmp_path: Path) -> None:
    """What a fuzzer has found before is not there any more."""
    key, report = replay(path, tmp_path)
    assert not key, report


# -- the fuzzers themselves ---------------------------------------------------------------


def find(name: str, tmp_path: Path, wanted: str, cases: int = 100) -> Finding:
    """Run cases until something of a name is found; fail when nothing is."""
    target = TARGETS[name](tmp_path)
    tally = Tally()
    given = seeds(SEED, name)
    for _ in range(cases):
        for finding in fuzz(target, given, tally, cases=1, tries=30):
            if wanted in finding.key:
                return finding
    raise AssertionError(f"{wanted!r} is not among {list(tally.findings)}")


def test_a_registry_that_escapes_badly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where cells of CSV are not escaped, some registry shows it, and is made small."""
    monkeypatch.setattr(csv_rows, "cell", lambda text: text)
    finding = find("registry", tmp_path, "each row of the CSV has all cells")
    assert len(finding.data) < 2000


def test_a_guide_that_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a section's reader raises, some guide shows it, and the finding names the function."""

    def broken(*arguments: object, **named: object) -> list[object]:
        raise LookupError

    monkeypatch.setattr(loader, "read_lint", broken)
    assert b"x-lint" in find("guide", tmp_path, "LookupError in loader.py").data


def test_a_template_that_sees_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file from outside gets into the text, the run of a template shows it, whatever is between."""

    def leaky(name: str) -> Format:
        return Format(lambda *_: Written(", ".join(CANARY[::-1])), lambda _: True)

    monkeypatch.setattr(fuzz_templates, "format_called", leaky)
    find("template", tmp_path, "nothing from outside is in what a template shows", 1)


def test_a_page_with_raw_html(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where cells of a page are not escaped, the build of a page with a hostile text shows it."""
    monkeypatch.setattr(html_rows, "escape", lambda text, **_: text)
    registry = b"x-state-stores: {a: {backend: memory, service: A, purpose: '<fuzz-canary>'}}"
    case = join([("schemas/state-stores.yaml", registry), ("page0.rst", b"Page\n====\n\n.. statestore-table::\n")])
    assert fault(TARGETS["pages"](tmp_path), case)[0] == "no element comes from a text"


def test_a_page_that_stays_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an edit of the registry does not rewrite the pages that show it, the next build shows it."""
    monkeypatch.setattr(Fingerprints, "shown", lambda *_: "")
    registry = b"x-state-stores: {a: {backend: memory, service: A, purpose: old}}"
    page = b"Page\n====\n\n.. statestore-table::\n"
    name = "schemas/state-stores.yaml"
    case = join([(name, registry), ("page0.rst", page), (f"edit {name}", registry.replace(b"old", b"new"))])
    assert fault(TARGETS["pages"](tmp_path), case)[0] == "after an edit the site is what a clean build gives"


@pytest.mark.parametrize("name", TARGETS)
def test_a_seed_makes_one_case(name: str, tmp_path: Path) -> None:
    """The same seed gives the same case, and another seed another one."""
    one, two = TARGETS[name](tmp_path / "one"), TARGETS[name](tmp_path / "two")
    cases = [one.make(Dice(f"seed {number}")) for number in range(20)]
    assert cases == [two.make(Dice(f"seed {number}")) for number in range(20)]
    assert len(set(cases)) > 10


def test_most_registries_are_read() -> None:
    """Of the documents that nobody damages, most have stores: what comes after reading is tried, too."""
    sound = 0
    for number in range(60):
        dice = Dice(f"sound {number}")
        root = Grammar(dice, 0.1).registry()
        mutate(dice, root, 1)
        found, _ = load_sources([SourceText("s.yaml", write(root, dice), "")])
        sound += bool(found.stores)
    assert sound > 20


def test_a_finding_becomes_small() -> None:
    """Lines and then characters are left away while the fault stays, and no longer than the tries allow."""
    asked = []

    def is_bad(data: bytes) -> bool:
        asked.append(data)
        return b"!" in data

    data = b"one line\nanother line\na b!c d\n" * 3
    assert smaller(data, is_bad, 1000) == b"!"
    asked.clear()
    assert len(smaller(data, is_bad, 3)) > 1
    assert len(asked) == 3


class Fragile:
    """A target that fails for a case with an exclamation mark, and hangs for one with a question mark."""

    name = "fragile"
    suffix = ".txt"

    def __init__(self, folder: Path) -> None:
        self._number = count()

    def make(self, dice: Dice) -> bytes:
        return f"case {dice.randint(0, 9)}{'!' if next(self._number) == 3 else ''}".encode()

    def check(self, data: bytes) -> None:
        while b"?" in data:
            pass
        if b"!" in data:
            raise ValueError("!")


def test_a_case_that_never_ends(tmp_path: Path) -> None:
    """A case that takes longer than it may is a finding, and the next one runs."""
    target = Fragile(tmp_path)
    key, report = fault(target, b"?", seconds=1)
    assert key == "a case takes too long"
    assert "longer than 1 seconds" in report
    assert fault(target, b"", seconds=1) == ("", "")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints and writes its numbers, writes each finding down once, and exits with 1 for any."""
    settings: dict[str, Any] = {"ROOT": tmp_path, "FOUND": tmp_path / "found", "TARGETS": {"fragile": Fragile}}
    for name, value in settings.items():
        monkeypatch.setattr(fuzz_run, name, value)
    monkeypatch.setattr(fuzz_run, "limit_memory", lambda: None)
    numbers = tmp_path / "numbers.csv"
    assert main(["--seconds", "0.2", "--seed", "7", "--targets", "fragile", "--output", str(numbers)]) == 1
    said = capsys.readouterr().out
    assert said.startswith("seed 7, 0.2 seconds; findings go to found/\n")
    assert "FOUND fragile: ValueError in test_fuzz.py: check\n  seed 7/fragile/3, input found/fragile-" in said
    [case] = (path for path in (tmp_path / "found").iterdir() if not path.name.endswith(".txt.txt"))
    assert case.read_bytes() == b"!"
    head, fragile, together = numbers.read_text().splitlines()
    assert head == "Target,Cases,Seconds,Findings"
    assert fragile.startswith("fragile,")
    assert fragile.endswith(",0,1")
    assert together.startswith('"All: seed 7, sphinx-statestores ')
    assert main([str(case)]) == 1
    case.write_bytes(b"fine")
    assert main([str(case)]) == 0
    assert "nothing is wrong" in capsys.readouterr().out


def test_a_finding_is_written_down(tmp_path: Path) -> None:
    """A finding's file is its case, named after its target and fault; the report is beside it."""
    path = save(Finding("no link leads to a script", "1/fragile/2", b"\xff", "report"), Fragile(tmp_path), tmp_path)
    assert path.name == "fragile-no-link-leads-to-a-script.txt"
    assert path.read_bytes() == b"\xff"
    assert (tmp_path / f"{path.name}.txt").read_text() == "seed 1/fragile/2\nreport"


def test_the_files_of_a_site() -> None:
    """The files of a site are one file and come back from it, and any part of that file is a site as well."""
    parts = [("builder text", b""), ("page0.rst", b"Page\n====\n\nx\n"), ("edit page0.rst", b"%%% x\n")]
    assert split(join(parts)) == [("builder text", b"\n"), *parts[1:]]
    assert split(b"no name\n") == []


@pytest.mark.parametrize("text", [CANARY, CANARY[::-1], " ".join(CANARY), f"x{CANARY[:5]}-{CANARY[5:]}"])
def test_a_secret_is_seen(text: str) -> None:
    """What may not be shown is seen backwards as well, and with other characters between its digits."""
    with pytest.raises(BrokenPromiseError):
        check_no_canary(text, "a test")
    check_no_canary(CANARY[:-1], "a test")
