"""Imports into a registry that consists of several files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.cli import main
from sphinx_statestores.imports.writer import MODELINE

if TYPE_CHECKING:
    from pathlib import Path

A = "x-state-stores:\n  a-store:\n    backend: redis\n    service: A\n    purpose: P\n"
B = "x-state-stores:\n  b-store:\n    backend: redis\n    service: B\n    purpose: P\n"
PAGE = "Store: `b-store`\n\n| Key Pattern | TTL |\n| --- | --- |\n| `x:{id}` | 1h |\n"


@pytest.fixture
def folder(repository: Path) -> Path:
    """Return a folder whose settings name two registry files."""
    (repository / "statestores.toml").write_text('registry = ["a.yaml", "b.yaml"]\n', encoding="utf-8")
    (repository / "a.yaml").write_text(A, encoding="utf-8")
    (repository / "b.yaml").write_text(B, encoding="utf-8")
    (repository / "n.csv").write_text(
        "name,backend,service,purpose\nb-store,kafka,B,New\nc-store,redis,C,Third\n", encoding="utf-8"
    )
    (repository / "p.md").write_text(PAGE, encoding="utf-8")
    return repository


def test_a_store_is_changed_in_its_own_file(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A store of the second file changes there; a new store and its backend come into the first file; both load."""
    assert main(["import", "n.csv", "--update"]) == 0
    assert "1 added, 1 changed" in capfd.readouterr().err
    assert "c-store" in (folder / "a.yaml").read_text(encoding="utf-8")
    assert "kafka: kafka" in (folder / "a.yaml").read_text(encoding="utf-8")
    assert "b-store" not in (folder / "a.yaml").read_text(encoding="utf-8")
    assert (folder / "b.yaml").read_text(encoding="utf-8") == B.replace("redis", "kafka").replace("P\n", "New\n")
    assert main(["check"]) == 0
    capfd.readouterr()
    assert main(["import", "n.csv", "--update"]) == 0
    assert "already up to date" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["a.yaml", "./a.yaml"])
def test_a_named_file_is_the_only_one_written(name: str, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With ``-o``, a store of another file is reported with its file, and stays as it is."""
    assert main(["import", "n.csv", "--update", "-o", name]) == 1
    assert "'b-store' of b.yaml is defined in another file: change it there" in capfd.readouterr().err
    assert (folder / "b.yaml").read_text(encoding="utf-8") == B
    assert "c-store" in (folder / "a.yaml").read_text(encoding="utf-8")
    assert main(["check"]) == 0


def test_another_file_is_a_registry_of_its_own(folder: Path) -> None:
    """With ``-o`` and a file that the settings do not name, the files of the settings do not count."""
    (folder / "other.yaml").write_text(A, encoding="utf-8")
    assert main(["import", "n.csv", "--update", "-o", "other.yaml"]) == 0
    assert "b-store" in (folder / "other.yaml").read_text(encoding="utf-8")


def test_keys_reach_a_store_of_the_second_file(folder: Path) -> None:
    """Key tables are merged into the file that defines their store."""
    assert main(["import", "keys", "p.md"]) == 0
    assert "pattern: x:{id}" in (folder / "b.yaml").read_text(encoding="utf-8")
    assert (folder / "a.yaml").read_text(encoding="utf-8") == A


def test_a_dry_run_shows_each_file_that_would_change(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The diff names both files, and neither is written."""
    assert main(["import", "n.csv", "--update", "--dry-run"]) == 0
    out = capfd.readouterr().out
    assert "+++ a.yaml" in out
    assert "+++ b.yaml" in out
    assert (folder / "b.yaml").read_text(encoding="utf-8") == B


def test_a_first_file_that_is_missing_is_created(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One run writes new stores and sections into a new first file, and changes the others in their own files."""
    (folder / "a.yaml").unlink()
    assert main(["import", "n.csv", "--update"]) == 0
    said = capfd.readouterr().err
    assert "1 added, 1 changed" in said
    assert "write the schema next to it" in said
    assert (folder / "a.yaml").read_text(encoding="utf-8") == (
        f"{MODELINE}\n\nx-state-stores:\n  c-store:\n    backend: redis\n    service: C\n    purpose: Third\n"
        "\nx-backends:\n  kafka: kafka\n"
    )
    assert "kafka" in (folder / "b.yaml").read_text(encoding="utf-8")
    assert main(["check"]) == 0
    capfd.readouterr()
    assert main(["import", "n.csv", "--update"]) == 0
    assert "already up to date" in capfd.readouterr().err


@pytest.mark.parametrize("changes", ["--dry-run", None])
def test_a_first_file_without_anything_new_is_not_created(
    changes: str | None, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where all stores are of other files, these are changed, and the missing file is not written."""
    (folder / "a.yaml").unlink()
    (folder / "n.csv").write_text("name,backend,service,purpose\nb-store,redis,B,New\n", encoding="utf-8")
    assert main(["import", "n.csv", "--update", *([changes] if changes else [])]) == 0
    assert "0 added, 1 changed" in capfd.readouterr().err
    assert not (folder / "a.yaml").exists()
    assert ("New" in (folder / "b.yaml").read_text(encoding="utf-8")) is (changes is None)


def test_a_named_file_that_is_missing_gets_only_new_stores(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With ``-o`` and a file that is created, a store of another file is reported with its file."""
    (folder / "a.yaml").unlink()
    assert main(["import", "n.csv", "--update", "-o", "a.yaml"]) == 1
    assert "'b-store' of b.yaml is defined in another file: change it there" in capfd.readouterr().err
    assert (folder / "b.yaml").read_text(encoding="utf-8") == B
    assert "b-store" not in (folder / "a.yaml").read_text(encoding="utf-8")
    assert main(["check"]) == 0


@pytest.mark.parametrize("words", [["n.csv", "--update"], ["keys", "p.md"], ["n.csv", "--update", "-o", "b.yaml"]])
@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.yaml", "x-state-stores: [\n", "a.yaml:1:17"),
        ("b.yaml", "x-state-stores: {b-store: {backend: redis}}\n", "no 'service'"),
        ("b.yaml", "", "the file is empty"),
    ],
)
def test_errors_of_the_registry_are_reported_once(
    words: list[str], name: str, text: str, message: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where a file of the registry has an error, it is reported once, and nothing is written."""
    (folder / name).write_text(text, encoding="utf-8")
    before = {path.name: path.read_bytes() for path in folder.glob("*.yaml")}
    assert main(["import", *words]) == 1
    said = capfd.readouterr().err
    assert said.count(": error:") == 1
    assert message in said
    assert "the registry has errors, nothing is written" in said
    assert {path.name: path.read_bytes() for path in folder.glob("*.yaml")} == before


def test_another_file_that_is_missing_is_an_error(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Only the file of new stores may be missing: stores of any other one would be defined again."""
    (folder / "b.yaml").unlink()
    assert main(["import", "n.csv", "--update"]) == 1
    assert "there is no such file" in capfd.readouterr().err
    assert (folder / "a.yaml").read_text(encoding="utf-8") == A


def test_a_link_without_a_target_is_not_created(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A first file that is a link to nothing is an error."""
    (folder / "a.yaml").unlink()
    (folder / "a.yaml").symlink_to("nothing.yaml")
    assert main(["import", "n.csv", "--update"]) == 1
    assert "a link whose target does not exist" in capfd.readouterr().err
    assert not (folder / "nothing.yaml").exists()
