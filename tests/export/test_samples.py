"""The samples of the documentation are what the command makes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from csharp_source import Source

from sphinx_statestores.cli import main
from sphinx_statestores.export.csharp_text import member_name
from sphinx_statestores.export.json_schema import SCHEMA_FILE, schema_text
from sphinx_statestores.registry.backends import KNOWN_BACKENDS

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "docs" / "samples"


@pytest.mark.parametrize(
    ("sample", "arguments"),
    [
        ("state-stores.md", ["markdown"]),
        ("StateStores.cs", ["csharp"]),
        ("state-stores.json", ["json"]),
        ("state-stores.csv", ["csv", "--columns", "name,backend,service,table,prefix,x-team"]),
        ("stores.go", ["--template", str(SAMPLES / "stores.go.jinja")]),
    ],
)
def test_a_sample(
    sample: str,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """In a repository with the sample registry, the command prints the sample output, byte for byte."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "schemas").mkdir()
    shutil.copy(SAMPLES / "state-stores.yaml", tmp_path / "schemas")
    monkeypatch.chdir(tmp_path)
    assert main(["generate", *arguments]) == 0
    assert capsysbinary.readouterr().out == (SAMPLES / sample).read_bytes()


def test_the_types_that_can_be_copied() -> None:
    """The documented ``StateBackend`` has a member for each known backend, and the file is C#."""
    text = (SAMPLES / "StateStoreTypes.cs").read_text(encoding="utf-8")
    source = Source(text)
    members = [node.text.decode() for node in source.all("enum_member_declaration") if node.text]
    assert members == list(dict.fromkeys(member_name(backend) for backend in KNOWN_BACKENDS.values()))
    assert source.class_name == "StoreConfiguration"


def test_the_schema_of_the_json_is_the_one_in_the_package() -> None:
    """The schema that is installed has the fields of the table, and the one beside the registry's own is a copy.

    ``make generate-docs`` writes both.
    """
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()
    assert (ROOT / "schemas" / "registry-export.schema.json").read_bytes() == SCHEMA_FILE.read_bytes()
