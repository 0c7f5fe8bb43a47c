"""Options of the import that do not fit, and what finding stores costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sphinx_statestores.cli import main
from sphinx_statestores.imports import ENDINGS, importer_called, normalize, structured, structured_places
from sphinx_statestores.imports.format import ImportOptions
from sphinx_statestores.registry.field_words import squashed
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@pytest.mark.parametrize("option", [["--skip", "Owner"], ["--at", "a.b"], ["--from", "csv"], ["--update"]])
def test_keys_take_no_such_option(option: list[str], repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Options that a key table has no use for are refused and not ignored."""
    (repository / "a.md").write_text("x\n", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main(["import", "keys", "a.md", *option])
    assert stopped.value.code == 2
    assert f"{option[0]} is not for 'keys'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["keys", "a.md", "-o", "-"], "keys merges into a file: name it with -o OUT"),
        (["a.md", "--update", "-o", "-"], "--update merges into a file: name it with -o OUT"),
        (["a.md", "--dry-run", "-o", "-"], "--dry-run compares with a file: name it with -o OUT"),
        (["a.md", "--set", "x-=v"], "--set: 'x-' is not a field (the fields are backend,"),
        (["a.md", "--set", "x- =v"], "--set: 'x- ' is not a field"),
        (["a.md", "--map", "x-=Owner"], "rebuildable, sensitive, and x-NAME)"),
        (["a.md", "--set", "team=A", "--set", "owner=B"], "--set: 'team' is not a field"),
        (["a.md", "--set", "x-team=A", "--set", "x-team=B"], "--set x-team is given 2 times: set one value"),
    ],
)
def test_options_that_do_not_fit(
    words: list[str], message: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Standard output is no file to merge into, an ``x-`` field has a name, and a field has one value."""
    (repository / "a.md").write_text("x\n", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main(["import", *words])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.rst", "No table\n"),
        ("PAGE.REST", "| Store |\n|---|\n| a |\n"),
        ("page.txt", "Stores\n======\n\n.. csv-table::\n   :header: Store, Backend\n\n   a, Redis\n"),
        (
            "page",
            "+---+-------+\n| S | B     |\n+===+=======+\n| a | Redis |\n+---+-------+\n",
        ),
        ("page.inc", "=====  =======\nStore  Backend\n=====  =======\na      Redis\n=====  =======\n"),
    ],
)
@pytest.mark.parametrize("words", [[], ["keys"]])
def test_restructuredtext_is_not_read(
    words: list[str], name: str, text: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page in reStructuredText, known by its suffix or its markup, is refused with what to do instead."""
    (repository / "r.yaml").write_text("x-state-stores: {a: {backend: redis, service: A}}\n", encoding="utf-8")
    (repository / name).write_text(text, encoding="utf-8")
    assert main(["import", *words, name, "-o", "r.yaml" if words else "-"]) == 2
    expected = "reStructuredText is not read: save the table as CSV, or write it as a Markdown table"
    assert f"{name}: {expected}" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["stores.xlsx", "stores.xls", "stores.csv", "stores"])
@pytest.mark.parametrize("beginning", [b"PK\x03\x04\x14", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_an_excel_file_is_not_read(
    beginning: bytes, name: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An Excel file is known by its first bytes, whatever its name, and the message says what to save it as."""
    (repository / name).write_bytes(beginning + bytes(100))
    assert main(["import", name]) == 1
    message = f"{name}: error: this is an Excel file: save it as CSV UTF-8 [unreadable_file]\n"
    assert capsys.readouterr().err.startswith(message)


def test_a_table_has_no_path(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--at`` is refused for a file whose stores can be at one place only."""
    (repository / "a.csv").write_text("name,backend,service\na,redis,A\n", encoding="utf-8")
    assert main(["import", "a.csv", "--at", "a"]) == 2
    assert "--at is for json and yaml; this is csv" in capsys.readouterr().err


def test_a_file_with_left_out_stores_can_be_completed(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a store was left out of a written file, the advice is right: ``--update`` adds it."""
    source = repository / "a.csv"
    source.write_text("name,backend,service\na,redis,A\nb,,A\n", encoding="utf-8")
    assert main(["import", "a.csv", "-o", "out.yaml"]) == 1
    assert "repeat the command with --update" in capsys.readouterr().err
    source.write_text("name,backend,service\na,redis,A\nb,mysql,A\n", encoding="utf-8")
    assert main(["import", "a.csv", "-o", "out.yaml", "--update"]) == 0
    assert "  b:\n    backend: mysql\n" in (repository / "out.yaml").read_text(encoding="utf-8")


def test_the_written_file_is_no_file_of_its_folder(repository: Path) -> None:
    """A registry in the folder that is read is written and not read."""
    folder = repository / "stores"
    folder.mkdir()
    (folder / "a.csv").write_text("name,backend,service\na,redis,A\n", encoding="utf-8")
    (folder / "out.yaml").write_text("x-state-stores:\n  z: {backend: redis, service: Z}\n", encoding="utf-8")
    assert main(["import", "stores", "-o", "stores/out.yaml", "--update"]) == 0
    assert (folder / "out.yaml").read_text(encoding="utf-8").count("service:") == 2


def test_a_folder_is_read_for_the_endings_that_formats_know() -> None:
    """Each ending of a folder's files belongs to a format."""
    for ending in ENDINGS:
        source = SourceText(f"x{ending}", "", "")
        assert any(importer_called(name).recognizes(source) for name in ("markdown", "csv", "tsv", "yaml")), ending


def test_looking_for_stores_costs_what_the_text_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores in stores are looked at a fixed number of times, however deep they are."""

    def looks(depth: int) -> int:
        calls = 0

        def counted(words: str) -> str:
            nonlocal calls
            calls += 1
            return squashed(words)

        for module in (structured, structured_places):
            monkeypatch.setattr(module, "squashed", counted)
        text = "{engine: redis, stores: {a: " * depth + "{engine: redis, team: x}" + "}}" * depth
        importer_called("yaml").read(SourceText("x.yaml", f"s: {text}\n", ""), ImportOptions())
        return calls

    assert looks(12) <= 2.5 * looks(6)


@pytest.mark.parametrize(
    "entry",
    ["{spelling}: {{service: A, backend: redis}}", "{spelling}: x@y.z", "{spelling}: Team"],
    ids=["defaults", "addresses", "owners"],
)
def test_spellings_of_one_word_cost_what_the_text_is_long(entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many spellings of "defaults" or of "owner" in one entry are looked at a fixed number of times."""
    word = "defaults" if "backend" in entry else "owner"

    def looks(number: int) -> int:
        calls = 0

        def counted(names: Iterable[str], *options: Any, **more: Any) -> dict[str, str]:
            nonlocal calls
            found = list(names)
            calls += 1 + len(found)
            return normalize.assign(found, *options, **more)

        for module in (structured, structured_places):
            monkeypatch.setattr(module, "assign", counted)
        spellings = ("-" * n + word for n in range(number))
        lines = "".join(f"  {entry.format(spelling=repr(spelling))}\n" for spelling in spellings)
        text = f"stores:\n{lines}  a: {{backend: redis}}\n  b: {{backend: redis}}\n"
        importer_called("yaml").read(SourceText("x.yaml", text, ""), ImportOptions())
        return calls

    assert looks(200) <= 2.5 * looks(100)
