"""The benchmark measures equal work, and sees when it is not done."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import pytest
import yaml

from benchmarks.command_line import main
from benchmarks.contenders import CONTENDERS, StateStores
from benchmarks.registry import Size, make_stores, to_yaml
from benchmarks.report import build_rows, holds, report
from benchmarks.results import Case, Results
from benchmarks.rounds import Plan, Record, Runner
from benchmarks.site import EDITS, make_site
from benchmarks.targets import TARGETS
from benchmarks.verify import faults, scan
from benchmarks.workspace import BuildFailedError, Workspace
from sphinx_statestores.registry.loader import load

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.site import Site

SIZE = Size(24, 6)
OURS = StateStores()


@pytest.fixture(scope="module")
def made() -> Site:
    """Make a small site."""
    return make_site(SIZE)


@pytest.fixture(scope="module")
def built(made: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    """Build it with every contender that is installed where the tests run."""
    spaces = {}
    for name, contender in CONTENDERS.items():
        if contender.is_installed:
            spaces[name] = Workspace(tmp_path_factory.mktemp(name))
            spaces[name].write(contender.files(made))
            spaces[name].build(made.docnames, seconds=120)
    return spaces


def test_the_site_is_the_same_every_time(made: Site) -> None:
    """A size gives one site, in every process and with every Python: numbers of two runs are of the same work."""
    content = to_yaml(made.stores) + repr(made.pages)
    assert blake2b(content.encode(), digest_size=8).hexdigest() == "ffe8a707e37727eb"


def test_the_registry_is_as_asked(tmp_path: Path) -> None:
    """A registry has so many stores and services, each name once, and nothing that is complained about."""
    size = Size(1_000, 50)
    stores = make_stores(size)
    assert len({store.name for store in stores}) == 1_000
    assert len({store.service for store in stores}) == 50
    file = tmp_path / "state-stores.yaml"
    file.write_text(to_yaml(stores), encoding="utf-8")
    registry, problems = load([file])
    assert problems == []
    assert {(s.name, registry.backend_label(s.backend), s.service, s.purpose) for s in registry.stores} == {
        store.row for store in stores
    }
    # Real ones have some two hundred bytes a store.
    assert 150 < file.stat().st_size / size.stores < 250


def test_a_plain_loader_reads_what_was_written(tmp_path: Path) -> None:
    """The file means the same to a YAML loader: nothing in it is a number, a truth value or a date by accident."""
    content = yaml.safe_load(to_yaml(make_stores(Size(300, 20))))["x-state-stores"]
    for store in make_stores(Size(300, 20)):
        assert content[store.name]["purpose"] == store.purpose
        assert content[store.name].get("prefix", "") == store.prefix


@pytest.mark.parametrize("size", [Size(3, 0), Size(3, 4), Size(9_000, 9_000), Size(5_000, 1)])
def test_a_size_without_names_is_refused(size: Size) -> None:
    """What there are not enough names for is said, and not made smaller."""
    with pytest.raises(ValueError, match=str(size) if size.services != 1 else "no service can have"):
        make_stores(size)


def test_contenders_show_the_same(made: Site, built: dict[str, Workspace]) -> None:
    """The pages of all contenders have the same rows in the same order, and the same prose."""
    assert len(built) > 4
    pages = {
        name: {
            docname: scan((space.html / f"{docname}.html").read_text(encoding="utf-8")) for docname in made.docnames
        }
        for name, space in built.items()
    }
    for docname in made.docnames:
        assert len({tuple(pages[name][docname].rows) for name in built if CONTENDERS[name].shows_stores}) == 1
        assert len({tuple(pages[name][docname].prose) for name in built}) == 1


def test_no_contender_has_faults(made: Site, built: dict[str, Workspace]) -> None:
    """Every row, anchor and link is there, whoever made it."""
    assert [fault for name, space in built.items() for fault in faults(space.html, made, CONTENDERS[name])] == []


@pytest.mark.parametrize(
    ("pattern", "replacement", "fault"),
    [
        (r"<tr id=.*?</tr>\n", "", "a row is missing"),
        (r"(<tr id=.*?</tr>\n)", r"\1\1", "is there 2 times"),
        (r'<tr id="store-[^"]*">', "<tr>", "there is no anchor of"),
        (r"(<li><p>reads and writes )<a [^>]*>(.*?)</a>", r"\1\2", "is missing, and there is"),
        (r"(<li><p>reads and writes <a [^>]*href=\")[^\"]*", r"\1nowhere.html#store-x", "leads nowhere"),
        (r"<p>[A-Z][^<]*<", "<p>Other words <", "a paragraph is missing"),
    ],
)
def test_the_verifier_sees_what_is_missing(
    made: Site, built: dict[str, Workspace], pattern: str, replacement: str, fault: str
) -> None:
    """A page without one row, anchor, link or paragraph, or with one too many, is a fault."""
    page = built["statestores"].html / f"{made.pages[0].docname}.html"
    right = page.read_text(encoding="utf-8")
    wrong, count = re.subn(pattern, replacement, right, count=1, flags=re.DOTALL)
    assert count == 1
    try:
        page.write_text(wrong, encoding="utf-8")
        found = faults(built["statestores"].html, made, OURS)
    finally:
        page.write_text(right, encoding="utf-8")
    assert any(fault in text for text in found)


def test_a_stale_page_is_a_fault(made: Site, built: dict[str, Workspace]) -> None:
    """A site that was built before an edit is wrong after it, on the pages that the edit concerns."""
    edited = EDITS["purpose"].apply(made, 1)
    found = faults(built["statestores"].html, edited, OURS)
    assert {text.partition(":")[0] for text in found} == made.showing - made.linking


@pytest.mark.parametrize("scenario", list(EDITS))
def test_an_edit_concerns_few_pages(made: Site, scenario: str) -> None:
    """The sources that an edit changes are those of the pages that have to be read, and the registry."""
    edit = EDITS[scenario]
    edited = edit.apply(made, 1)
    before, after = OURS.files(made), OURS.files(edited)
    changed = {name.removesuffix(".rst") for name in before if before[name] != after[name]}
    assert changed - {"state-stores.yaml"} == edit.read(edited)
    assert ("state-stores.yaml" in changed) == (scenario in {"purpose", "rename"})
    assert scenario == "noop" or len(edit.written(edited)) >= 2


def test_rounds(tmp_path: Path) -> None:
    """All scenarios of a round are built and right; what is read and written is exactly what an edit concerns."""
    told: list[str] = []
    runner = Runner(tmp_path, 120, told.append)
    runner.run(Plan(SIZE, ("null", "statestores")))
    assert runner.left_out == {}
    results = Results(runner.records)
    assert results.faults() == []
    case = Case(SIZE, "statestores", "purpose")
    assert results.value(case, "read") == 0
    assert results.value(case, "written") == len(make_site(SIZE).showing)
    assert results.to_null(case, "cpu") is not None
    assert list(tmp_path.iterdir()) == []


def test_a_warning_fails_a_build(made: Site, tmp_path: Path) -> None:
    """A build that warns of anything does not count."""
    space = Workspace(tmp_path)
    space.write({**OURS.files(made), "other.rst": "Other\n=====\n\n:store:`none-such`\n"})
    with pytest.raises(BuildFailedError, match="none-such"):
        space.build(made.docnames, seconds=120)


def test_a_build_is_given_up(made: Site, tmp_path: Path) -> None:
    """A build that takes too long is ended, with all that it started."""
    space = Workspace(tmp_path)
    space.write({**OURS.files(made), "conf.py": "import time\ntime.sleep(60)\n"})
    with pytest.raises(BuildFailedError, match="stopped after"):
        space.build(made.docnames, seconds=0.5)


def record(number: int, contender: str, cpu: float, size: Size = SIZE) -> Record:
    """A cold build that took so long; two of them make a round."""
    return Record(
        round=number // 2,
        turn=number % 2,
        stores=size.stores,
        services=size.services,
        jobs=1,
        scenario="cold",
        contender=contender,
        wall=cpu,
        cpu=cpu,
        memory=1,
        read=7,
        written=7,
        unexpected=0,
        doctrees=1,
        environment=1,
        html=1,
        faults=[],
    )


def test_ratios_are_taken_within_turns() -> None:
    """The ratio of two contenders is the median of those of the turns, and not that of their medians."""
    times = [(1.0, 2.0), (10.0, 11.0), (3.0, 9.0)]
    results = Results(
        [
            record(number, name, cpu)
            for number, pair in enumerate(times)
            for name, cpu in zip(("null", "statestores"), pair, strict=True)
        ]
    )
    assert results.to_null(Case(SIZE, "statestores", "cold"), "cpu") == 2.0
    assert [row["builds"] for row in build_rows(results)] == [3, 3]


@pytest.mark.parametrize(
    ("costs", "exponent"), [((1, 9, 100), 2.0), ((1, -3, 10), 1.0), ((1, 9, -5), None), ((0, 9, 100), None)]
)
def test_the_exponent_is_of_the_whole_range(costs: tuple[float, ...], exponent: float | None) -> None:
    """It is that from the smallest size to the largest, or none at all."""
    sizes = [Size(10, 5), Size(30, 5), Size(100, 5)]
    pairs = zip(sizes, costs, strict=True)
    records = [record(0, name, 50 + more, size) for size, cost in pairs for name, more in (("null", 0), ("x", cost))]
    assert Results(records).exponent(sizes, Case(SIZE, "x", "cold"), "null", "cpu") == exponent


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints tables, writes the numbers and a picture, and ends with 0 when nothing is wrong."""
    given = ["--sizes", "24x6", "--contenders", "null", "--scenarios", "cold", "--parts", "builds"]
    assert main([*given, "--output", str(tmp_path / "out"), "--work", str(tmp_path)]) == 0
    assert "24 stores on 6 services, -j 1" in capsys.readouterr().out
    numbers = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert numbers["command"] == f"make bench BENCHFLAGS='{' '.join(given)}'"
    assert [row["contender"] for row in numbers["results"]] == ["null"]
    assert {target["holds"] for target in numbers["targets"]} == {None}
    assert (tmp_path / "out" / "plot.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("value", "verdict", "of_all"), [(2.0, False, False), (0.1, True, True), (None, True, False)]
)
def test_a_missed_target_is_told(
    monkeypatch: pytest.MonkeyPatch, value: float | None, verdict: bool, of_all: bool
) -> None:
    """A target that was measured has to hold; one that was not is told of, and is missed only by a whole run."""
    target = replace(TARGETS[0], limit=0.1, value=lambda _: value)
    monkeypatch.setattr("benchmarks.report.TARGETS", (target,))
    assert holds(Results()) is verdict
    assert holds(Results(), of_all=True) is of_all
    assert ("DOES NOT HOLD" in report(Results())) is not verdict
