"""The snapshot of the registry: used when it is whole and of the same content, and only then."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import RuleSetting
from sphinx_statestores.registry.source import read_source
from sphinx_statestores.sphinx_ext import snapshot
from sphinx_statestores.sphinx_ext.snapshot import read_with_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Site

GOOD = "x-state-stores:\n  auth: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}\n"
BAD = "x-state-stores:\n  auth: {backend: redsi, service: Auth}\n  mail: {backend: redis, prefix: m, service: Mail}\n"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often the files are parsed: one item each time."""
    calls: list[int] = []

    def counted(sources: object) -> object:
        calls.append(1)
        return load_sources(sources)  # type: ignore[arg-type] # what it is called with

    monkeypatch.setattr(snapshot, "load_sources", counted)
    return calls


@pytest.mark.parametrize("text", [GOOD, BAD])
def test_the_same_content_is_parsed_once(tmp_path: Path, parsed: list[int], text: str) -> None:
    """The second time the registry and its problems, places and all, come from the snapshot."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(text)
    first = read_with_snapshot([read_source(file)], {}, kept)
    second = read_with_snapshot([read_source(file)], {}, kept)
    assert len(parsed) == 1
    assert second == first
    assert second[:2] == load_sources([read_source(file)])
    assert [store.location for store in second[0].stores] == [store.location for store in first[0].stores]


def test_other_content_is_parsed(tmp_path: Path, parsed: list[int]) -> None:
    """Another content, and the old one again, is parsed: the snapshot is of the last one."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    for text, stores in ((GOOD, 1), (GOOD.replace("auth", "mail"), 1), (BAD, 1), (GOOD, 1)):
        file.write_text(text)
        registry, _, _ = read_with_snapshot([read_source(file)], {}, kept)
        assert len(registry.stores) == stores
    assert len(parsed) == 4


def test_the_path_counts(tmp_path: Path, parsed: list[int]) -> None:
    """The same content under another path is parsed: places would have the wrong file."""
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD)
        registry, _, _ = read_with_snapshot([read_source(tmp_path / name)], {}, tmp_path / "kept")
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
    unpickled: list[bytes] = []
    monkeypatch.setattr(pickle, "loads", unpickled.append)
    assert read_with_snapshot([read_source(file)], {}, kept) == expected
    assert unpickled == []
    assert len(parsed) == 2


def test_a_pickle_that_cannot_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickle that names what is not there any more costs time only."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(GOOD)
    expected = read_with_snapshot([read_source(file)], {}, kept)

    def fail(_: bytes) -> None:
        raise pickle.UnpicklingError

    monkeypatch.setattr(pickle, "loads", fail)
    assert read_with_snapshot([read_source(file)], {}, kept) == expected


def test_an_unreadable_file_is_looked_at_each_time(tmp_path: Path, parsed: list[int]) -> None:
    """A file that is missing may be there the next time: nothing is kept."""
    for _ in range(2):
        _, [problem], _ = read_with_snapshot([read_source(tmp_path / "missing.yaml")], {}, tmp_path / "kept")
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
        [problem.kind.subtype for problem in read_with_snapshot([read_source(file)], rules, kept).problems]
        for rules in ({}, {}, off, off, None)
    ]
    assert found == [["naming_convention"], ["naming_convention"], [], [], []]
    assert len(parsed) == 3
