"""The cache of the registry: used when it is whole and of the same content, and only then."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.checks.lint import lint
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import RuleSetting, Store
from sphinx_statestores.registry.places import Places
from sphinx_statestores.registry.source import SourceText, read_source
from sphinx_statestores.sphinx_ext.incremental import registry_cache
from sphinx_statestores.sphinx_ext.incremental.registry_cache import load_with_cache

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Site

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.problems import Problem

GOOD = "x-state-stores:\n  auth: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}\n"
BAD = "x-state-stores:\n  auth: {backend: redsi, service: Auth}\n  mail: {backend: redis, prefix: m, service: Mail}\n"


MORE = GOOD + "  mail: {backend: redis, prefix: mail, service: Mail, purpose: Letters}\n"
RICH = """\
x-services:
  Auth: {title: The accounts}
x-state-stores:
  auth-lock:
    backend: redis
    prefix: auth:lock # statestores: ignore[nested_prefix]
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
    """Count how often the files are parsed: one item each time, how many stores have been read."""
    calls: list[int] = []

    def counted(sources: list[SourceText | Problem]) -> tuple[Registry, list[Problem]]:
        found = load_sources(sources)
        calls.append(len(found[0].stores))
        return found

    monkeypatch.setattr(registry_cache, "load_sources", counted)
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
    """The second time the registry and its problems, places and all, come from the cache."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(text)
    first = load_with_cache([read_source(file)], {}, kept)
    second = load_with_cache([read_source(file)], {}, kept)
    assert len(parsed) == 1
    assert second == first
    assert second[0] == load_sources([read_source(file)])[0]
    assert [store.location for store in second[0].stores] == [store.location for store in first[0].stores]
    assert second[1].problems == lint(second[0], {}, load_sources([read_source(file)])[1])


def test_other_content_is_parsed(tmp_path: Path, parsed: list[int]) -> None:
    """Another content, and the old one again, is parsed: the cache is of the last one."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    for text, stores in ((GOOD, 1), (GOOD.replace("auth", "mail"), 1), (BAD, 1), (GOOD, 1)):
        file.write_text(text)
        registry = load_with_cache([read_source(file)], {}, kept)[0]
        assert len(registry.stores) == stores
    assert len(parsed) == 4


@pytest.mark.parametrize("text", ["x-state-stores: {}\n", GOOD, RICH])
def test_a_registry_comes_back_as_it_was(tmp_path: Path, text: str) -> None:
    """Whatever a registry holds, the one from a cache is equal, with values of the same kinds."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(text)
    load_with_cache([read_source(file)], {}, kept)
    expected, _ = load_sources([read_source(file)])
    again = load_with_cache([read_source(file)], {}, kept)[0]
    assert again == expected
    assert [(type(store), type(store.places), store.location) for store in again.stores] == [
        (Store, Places, store.location) for store in expected.stores
    ]
    assert again.by_name == expected.by_name


def test_the_path_counts(tmp_path: Path, parsed: list[int]) -> None:
    """The same content under another path is parsed: places would have the wrong file."""
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD)
        registry = load_with_cache([read_source(tmp_path / name)], {}, tmp_path / "kept")[0]
        assert registry.stores[0].location.path.endswith(name)
    assert len(parsed) == 2


@pytest.mark.parametrize("damage", ["shorter", "longer", "changed", "empty", "older", "folder"])
def test_a_damaged_cache_is_not_trusted(
    tmp_path: Path, parsed: list[int], monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    """A cache that is not whole, or of another version, is never read as a pickle; the files are."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(GOOD)
    expected = load_with_cache([read_source(file)], {}, kept)
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
        monkeypatch.setattr(registry_cache, "__version__", "0.0.0")
    else:
        kept.unlink()
        kept.mkdir()
    unpickled = parts_of_files(monkeypatch)
    again = load_with_cache([read_source(file)], {}, kept)
    assert again == expected
    assert unpickled == []
    assert len(parsed) == 2


def test_a_pickle_that_cannot_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickle that names what is not there any more costs time only."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(GOOD)
    expected = load_with_cache([read_source(file)], {}, kept)

    def fail(content: bytes) -> object:
        raise AttributeError

    monkeypatch.setattr(pickle, "loads", fail)
    assert load_with_cache([read_source(file)], {}, kept) == expected


def test_all_problems_are_no_hundred_problems(tmp_path: Path, parsed: list[int]) -> None:
    """What was counted for one setting is reported for the other, and the other way round."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text("x-state-stores:\n" + "".join(f"  s{n}: {{backend: redis}}\n" for n in range(120)))
    numbers = [
        len(load_with_cache([read_source(file)], None, kept, hint=hint)[1].problems)
        for hint in ("how to see all", None, None, "how to see all")
    ]
    assert numbers[0] == numbers[3] < numbers[1] == numbers[2]
    assert len(parsed) == 3


def test_an_unreadable_file_is_looked_at_each_time(tmp_path: Path, parsed: list[int]) -> None:
    """A file that is missing may be there the next time: nothing is kept."""
    for _ in range(2):
        _, findings = load_with_cache([read_source(tmp_path / "missing.yaml")], {}, tmp_path / "kept")
        [problem] = findings.problems
        assert problem.kind.subtype == "unreadable_file"
    assert len(parsed) == 2
    assert not (tmp_path / "kept").exists()


def test_builds_parse_an_unchanged_registry_once(site: Site, parsed: list[int]) -> None:
    """Builds of different builders over one folder of doctrees share the cache, and warn each time."""
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


def test_a_deleted_cache_changes_nothing(site: Site) -> None:
    """The folder of the cache may be deleted: pages are the same."""
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
    first = site.build()
    [kept] = (site.folder / "_build").rglob("registry.pickle")
    kept.unlink()
    second = site.build()
    assert (second.read, second.written) == ([], [])
    assert second.files() == first.files()
    assert kept.exists()


def test_the_settings_of_the_rules_count(tmp_path: Path, parsed: list[int]) -> None:
    """What the lint rules find is kept as well, for their settings; with others they are checked again."""
    file, kept = tmp_path / "r.yaml", tmp_path / "kept"
    file.write_text(GOOD.replace("auth:", "sessions:", 1))
    off = {"naming_convention": RuleSetting(None, True, ())}
    found = [
        [problem.kind.subtype for problem in load_with_cache([read_source(file)], rules, kept)[1].problems]
        for rules in ({}, {}, off, off, None)
    ]
    assert found == [["naming_convention"], ["naming_convention"], [], [], []]
    assert len(parsed) == 3
