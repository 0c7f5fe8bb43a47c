"""The snapshot of the registry: used when it is whole and of the same content, and only then."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry import loader
from sphinx_statestores.registry.lint import lint
from sphinx_statestores.registry.loader import load_sources, reload_sources
from sphinx_statestores.registry.model import RuleSetting, Store
from sphinx_statestores.registry.places import Places
from sphinx_statestores.registry.source import SourceText, read_source
from sphinx_statestores.sphinx_ext import snapshot
from sphinx_statestores.sphinx_ext.snapshot import read_with_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Site

GOOD = "x-state-stores:\n  auth: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}\n"
BAD = "x-state-stores:\n  auth: {backend: redsi, service: Auth}\n  mail: {backend: redis, prefix: m, service: Mail}\n"


MORE = GOOD + "  mail: {backend: redis, prefix: mail, service: Mail, purpose: Letters}\n"
RICH = """\
x-services:
  Auth: {title: The accounts}
x-state-stores:
  auth-lock:
    backend: redis
    prefix: auth:lock
    service: Auth
    keys: [{pattern: "lock:{id}", purpose: A lock}]
    readers: [Mail]
    tags: [hot, pii]
    x-team: red
  auth-old: {backend: mysql, table: t_auth, service: Auth, status: deprecated, replacedBy: auth-lock}
  mail: {backend: redis, prefix: mail, enableSearch: true, service: Mail, purpose: "Letters: `mail:{id}`"}
"""


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often the files are parsed: one item each time, how many entries have been read."""
    calls: list[int] = []

    def counted(*arguments: object) -> object:
        found = reload_sources(*arguments)  # type: ignore[arg-type] # what it is called with
        calls.append(found.entries)
        return found

    monkeypatch.setattr(loader, "reload_sources", counted)
    return calls


def parts_of_files(monkeypatch: pytest.MonkeyPatch) -> list[memoryview]:
    """Collect what is unpickled from a file; what has just been written is something else."""
    found: list[memoryview] = []
    loads = pickle.loads

    def collected(content: bytes | memoryview) -> object:
        if isinstance(content, memoryview):
            found.append(content)
        return loads(content)

    monkeypatch.setattr(pickle, "loads", collected)
    return found


@pytest.mark.parametrize("text", [GOOD, BAD])
def test_the_same_content_is_parsed_once(tmp_path: Path, parsed: list[int], text: str) -> None:
    """The second time the registry and its problems, places and all, come from the snapshot."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(text)
    first = read_with_snapshot([read_source(file)], {}, kept)
    second = read_with_snapshot([read_source(file)], {}, kept)
    assert len(parsed) == 1
    assert second.findings == first.findings
    assert second.registry == first.registry == load_sources([read_source(file)])[0]
    assert [store.location for store in second.registry.stores] == [store.location for store in first.registry.stores]
    assert second.findings.problems == lint(second.registry, {}, load_sources([read_source(file)])[1])


def test_other_content_is_parsed(tmp_path: Path, parsed: list[int]) -> None:
    """Another content, and the old one again, is parsed: the snapshot is of the last one."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    for text, stores in ((GOOD, 1), (GOOD.replace("auth", "mail"), 1), (BAD, 1), (GOOD, 1)):
        file.write_text(text)
        registry = read_with_snapshot([read_source(file)], {}, kept).registry
        assert len(registry.stores) == stores
    assert len(parsed) == 4


def test_other_content_is_parsed_where_it_differs(tmp_path: Path, parsed: list[int]) -> None:
    """After an edit only the entry that it touches is parsed, time and again, and all is as if all had been."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    texts = [
        MORE,
        MORE.replace("Letters", "Parcels"),
        "# A line more.\n" + MORE,
        GOOD,
        MORE,
        MORE.replace("Letters", "[]"),
        MORE,
    ]
    for text in texts:
        file.write_text(text)
        read = read_with_snapshot([read_source(file)], {}, kept)
        registry, problems = load_sources([read_source(file)])
        assert (read.registry, read.findings.problems) == (registry, lint(registry, {}, problems))
        # What has been written is what was returned.
        again = read_with_snapshot([read_source(file)], {}, kept)
        assert (again.registry, again.findings) == (read.registry, read.findings)
    assert parsed == [2, 1, 1, 0, 1, 1, 1]


def test_the_registry_as_it_was(tmp_path: Path) -> None:
    """What was kept of other contents is at hand, and nothing where there is none or nothing has changed."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(GOOD)
    old = read_source(file)
    first = read_with_snapshot([old], {}, kept)
    assert first.before is None
    assert read_with_snapshot([old], {}, kept).before is None
    assert read_with_snapshot([old], None, kept).before is None
    file.write_text(MORE)
    before = read_with_snapshot([read_source(file)], None, kept).before
    assert isinstance(old, SourceText)
    assert before == (((old.path, old.digest),), first.registry)
    assert read_with_snapshot([read_source(file)], None, kept).before is None


@pytest.mark.parametrize("text", ["x-state-stores: {}\n", GOOD, RICH])
def test_a_registry_comes_back_as_it_was(tmp_path: Path, text: str) -> None:
    """Whatever a registry holds, the one from a snapshot is equal, with values of the same kinds."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(text)
    read_with_snapshot([read_source(file)], {}, kept)
    expected, _ = load_sources([read_source(file)])
    again = read_with_snapshot([read_source(file)], {}, kept).registry
    assert again == expected
    assert [(type(store), type(store.places), store.location) for store in again.stores] == [
        (Store, Places, store.location) for store in expected.stores
    ]
    assert again.by_name == expected.by_name


def test_a_snapshot_with_other_fields(tmp_path: Path, parsed: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot of a code base whose stores have other fields, though of this version, costs time only."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(GOOD)
    written = snapshot._InColumns.__reduce__

    def without_purpose(self: snapshot._InColumns) -> tuple[object, ...]:
        make, (registry, columns) = written(self)
        assert isinstance(columns, list)
        return make, (registry, columns[:3] + columns[4:])

    with monkeypatch.context() as other_code:
        other_code.setattr(snapshot._InColumns, "__reduce__", without_purpose)
        read_with_snapshot([read_source(file)], {}, kept)
    expected, _ = load_sources([read_source(file)])
    assert read_with_snapshot([read_source(file)], {}, kept).registry == expected
    file.write_text(MORE)
    expected, _ = load_sources([read_source(file)])
    assert read_with_snapshot([read_source(file)], {}, kept).registry == expected
    assert parsed == [1, 1, 2]


def test_a_snapshot_of_other_content_is_not_trusted_when_damaged(
    tmp_path: Path, parsed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever byte of it differs, a snapshot gives nothing to a build of other content, and is not unpickled."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(GOOD)
    read_with_snapshot([read_source(file)], {}, kept)
    content = kept.read_bytes()
    file.write_text(MORE)
    expected = load_sources([read_source(file)])[0]
    unpickled = parts_of_files(monkeypatch)
    # All but the key of the contents, which are others anyway.
    places = [
        0,
        31,
        *range(64, snapshot._HEAD_SIZE, 3),
        *range(snapshot._HEAD_SIZE, len(content), 50),
        len(content) - 1,
    ]
    for place in places:
        kept.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        read = read_with_snapshot([read_source(file)], {}, kept)
        assert (read.registry, read.before) == (expected, None), place
    for damaged in (content[:-1], content + b".", content[: snapshot._HEAD_SIZE], content[:40], b""):
        kept.write_bytes(damaged)
        assert read_with_snapshot([read_source(file)], {}, kept).registry == expected
    assert unpickled == []
    assert set(parsed[1:]) == {2}


@pytest.mark.parametrize("failing", [1, 2])
def test_a_pickle_of_other_content_that_cannot_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """A part that cannot be unpickled, though whole, costs time only."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(GOOD)
    read_with_snapshot([read_source(file)], {}, kept)
    file.write_text(MORE)
    loads, calls = pickle.loads, []

    def fail(content: bytes) -> object:
        calls.append(1)
        if len(calls) == failing:
            raise pickle.UnpicklingError
        return loads(content)

    monkeypatch.setattr(pickle, "loads", fail)
    read = read_with_snapshot([read_source(file)], {}, kept)
    assert (read.registry, read.before) == (load_sources([read_source(file)])[0], None)
    assert len(calls) >= failing


def test_the_path_counts(tmp_path: Path, parsed: list[int]) -> None:
    """The same content under another path is parsed: places would have the wrong file."""
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD)
        registry = read_with_snapshot([read_source(tmp_path / name)], {}, tmp_path / "kept").registry
        assert registry.stores[0].location.path.endswith(name)
    assert len(parsed) == 2


@pytest.mark.parametrize("damage", ["shorter", "longer", "changed", "empty", "older", "folder"])
def test_a_damaged_snapshot_is_not_trusted(
    tmp_path: Path, parsed: list[int], monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    """A snapshot that is not whole, or of another version, is never read as a pickle; the files are."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(GOOD)
    expected = read_with_snapshot([read_source(file)], {}, kept)
    content = kept.read_bytes()
    if damage == "shorter":
        kept.write_bytes(content[:-1])
    elif damage == "longer":
        kept.write_bytes(content + b".")
    elif damage == "changed":
        kept.write_bytes(content[:-5] + bytes([content[-5] ^ 1]) + content[-4:])
    elif damage == "empty":
        kept.write_bytes(b"")
    elif damage == "older":
        monkeypatch.setattr(snapshot, "__version__", "0.0.0")
    else:
        kept.unlink()
        kept.mkdir()
    unpickled = parts_of_files(monkeypatch)
    again = read_with_snapshot([read_source(file)], {}, kept)
    assert (again.registry, again.findings) == (expected.registry, expected.findings)
    assert unpickled == []
    assert len(parsed) == 2


@pytest.mark.parametrize("failing", [1, 2])
def test_a_pickle_that_cannot_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    """A pickle that names what is not there any more costs time only."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(GOOD)
    expected = read_with_snapshot([read_source(file)], {}, kept)
    loads, calls = pickle.loads, []

    def fail(content: bytes) -> object:
        calls.append(1)
        if len(calls) == failing:
            raise pickle.UnpicklingError
        return loads(content)

    monkeypatch.setattr(pickle, "loads", fail)
    again = read_with_snapshot([read_source(file)], {}, kept)
    assert (again.registry, again.findings) == (expected.registry, expected.findings)
    assert len(calls) >= failing


def test_an_unreadable_file_is_looked_at_each_time(tmp_path: Path, parsed: list[int]) -> None:
    """A file that is missing may be there the next time: nothing is kept."""
    for _ in range(2):
        read = read_with_snapshot([read_source(tmp_path / "missing.yaml")], {}, tmp_path / "kept")
        [problem] = read.findings.problems
        assert problem.kind.subtype == "unreadable_file"
    assert len(parsed) == 2
    assert not (tmp_path / "kept").exists()


def test_builds_parse_an_unchanged_registry_once(site: Site, parsed: list[int]) -> None:
    """Builds of different builders over one folder of doctrees share the snapshot, and warn each time."""
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
    site.registry(BAD)
    first = site.build()
    assert len(parsed) == 1
    assert site.build("text").warnings == first.warnings != []
    again = site.build()
    assert (again.warnings, again.read, again.written) == (first.warnings, [], [])
    assert len(parsed) == 1
    site.registry(GOOD)
    assert site.build().warnings == []
    assert len(parsed) == 2


def test_a_deleted_snapshot_changes_nothing(site: Site) -> None:
    """The folder of the snapshot may be deleted: pages are the same."""
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
    first = site.build()
    [kept] = (site.folder / "_build").rglob("registry.snapshot")
    kept.unlink()
    second = site.build()
    assert (second.read, second.written) == ([], [])
    assert second.files() == first.files()
    assert kept.exists()


def test_the_settings_of_the_rules_count(tmp_path: Path, parsed: list[int]) -> None:
    """What the rules of taste find is kept as well, for their settings; with others they are checked again."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(GOOD.replace("auth:", "sessions:", 1))
    off = {"naming_convention": RuleSetting(None, True, ())}
    found = [
        [problem.kind.subtype for problem in read_with_snapshot([read_source(file)], rules, kept).findings.problems]
        for rules in ({}, {}, off, off, None)
    ]
    assert found == [["naming_convention"], ["naming_convention"], [], [], []]
    assert len(parsed) == 3
