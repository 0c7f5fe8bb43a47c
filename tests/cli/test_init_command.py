"""``statestores init`` and what only the command of imports does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from sphinx_statestores.cli import main
from sphinx_statestores.cli.init import NEXT_STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["state-stores-guide.yaml", "state-stores.schema.json", "state-stores.yaml"]


def test_init_writes_what_check_likes(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Two stores, a guide and the schema are written, the lines for three files are printed, and nothing warns."""
    assert main(["init"]) == 0
    said = capfd.readouterr()
    assert sorted(path.name for path in (repository / "schemas").iterdir()) == NAMES
    assert 'statestores_registry = "../schemas/state-stores.yaml"' in said.out
    assert "statestores check" in said.out
    assert (repository / "schemas" / "state-stores.yaml").read_text().startswith("# yaml-language-server: $schema=./")
    assert main(["check", "-W"]) == 0
    assert "no problems in 2 stores" in capfd.readouterr().err


def test_init_never_overwrites(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A file that is there stays, a link to nothing too, each is named, and the other files are written."""
    folder = repository / "new" / "schemas"
    folder.mkdir(parents=True)
    (folder / "state-stores.yaml").write_text("mine")
    (folder / "state-stores-guide.yaml").symlink_to("nowhere.yaml")
    assert main(["init", "new"]) == 0
    said = capfd.readouterr().err
    assert [line for line in said.splitlines() if "exists already" in line] == [
        "statestores: new/schemas/state-stores.yaml exists already: it is not changed",
        "statestores: new/schemas/state-stores-guide.yaml exists already: it is not changed",
    ]
    assert (folder / "state-stores.yaml").read_text() == "mine"
    assert sorted(path.name for path in folder.iterdir()) == NAMES
    assert not (folder / "nowhere.yaml").exists()


def test_init_beside_a_registry_adds_no_guide(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A registry that is there keeps its pages and checks: it gets the schema, but no example guide."""
    folder = repository / "schemas"
    folder.mkdir()
    (folder / "state-stores.yaml").write_text("x-state-stores: {a-store: {backend: redis, service: A}}\n")
    assert main(["init"]) == 0
    assert "schemas/state-stores-guide.yaml is not written" in capfd.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["state-stores.schema.json", "state-stores.yaml"]


@pytest.mark.parametrize("value", ['"data/reg.yaml"', '["a.yaml", "data/reg.yaml"]', "[]"])
@pytest.mark.parametrize("words", [[], ["data"]])
def test_init_where_settings_name_another_registry(
    value: str, words: list[str], repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written that nothing would read, and the message names the settings file."""
    (repository / "data").mkdir()
    (repository / "statestores.toml").write_text(f"registry = {value}\n")
    assert main(["init", *words]) == 2
    assert "statestores.toml: 'registry' is " in capfd.readouterr().err
    assert sorted(path.name for path in repository.rglob("*") if ".git" not in path.parts) == [
        "data",
        "statestores.toml",
    ]


def test_init_where_settings_name_the_usual_registry(repository: Path) -> None:
    """The registry that the settings name is written, if it is the one that init writes."""
    (repository / "statestores.toml").write_text('registry = "schemas/state-stores.yaml"\n')
    assert main(["init"]) == 0
    assert main(["check", "-W"]) == 0


def test_the_hooks_that_init_prints_pass(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Each printed hook succeeds in the new project."""
    assert main(["init"]) == 0
    block = capfd.readouterr().out.partition(".pre-commit-config.yaml:\n")[2].partition("\nIn a job")[0]
    entries = {hook["id"]: hook["entry"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    hooks = yaml.safe_load(block)["repos"][0]["hooks"]
    assert hooks
    for hook in hooks:
        assert main([*entries[hook["id"]].split()[1:], *hook.get("args", [])]) == 0


def test_the_hooks_that_init_names_exist() -> None:
    """The lines for pre-commit name hooks of this repository."""
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    named = [line.partition("- id: ")[2] for line in NEXT_STEPS.splitlines() if "- id: " in line]
    assert named
    assert set(named) <= hooks


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["keys"], "name Markdown pages with key tables"),
        (["a.csv", "--planned"], "--planned is only for 'keys'"),
        (["a.csv", "--from", "csb"], "did you mean 'csv'"),
        (["a.csv", "--map", "servce=x"], "'servce' is not a field; did you mean 'service'"),
        (["a.csv", "--set", "service"], "must be FIELD=VALUE"),
        (["a.csv", "--map", "service=Squat"], "no file has 'Squat'; did you mean 'Squad'"),
        (["a.csv", "-o", "a.csv"], "a.csv exists already: use --update to merge into it"),
        (["a.bin"], "set its format with --from"),
        (["a.csv", "--dry-run"], "name it with -o OUT"),
        (["a.csv", "-o", "-", "--update"], "name it with -o OUT"),
    ],
)
def test_bad_usage(words: Sequence[str], message: str, repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What cannot be meant exits with 2, says what to do, and writes nothing."""
    (repository / "a.csv").write_text("name,backend,Squad\na,redis,A\n")
    (repository / "a.bin").write_text("?")
    try:
        status = main(["import", *words])
    except SystemExit as exited:
        status = int(exited.code or 0)
    assert status == 2
    assert message in capfd.readouterr().err
    assert sorted(path.name for path in repository.iterdir()) == [".git", "a.bin", "a.csv"]


def test_import_from_standard_input(repository: Path, run: object) -> None:
    """A table can come through a pipe."""
    done = run("import", "-", "--from", "csv", input=b"name,backend,service\na,redis,A\n", cwd=repository)  # type: ignore[operator]
    assert done.returncode == 0
    assert done.stdout.endswith(b"  a:\n    backend: redis\n    service: A\n")


def test_a_byte_order_mark_stays(repository: Path) -> None:
    """A registry that begins with the mark of its encoding does so after a merge."""
    (repository / "r.yaml").write_bytes(
        b"\xef\xbb\xbfx-state-stores: {a: {backend: redis, service: A, purpose: P}}\n"
    )
    (repository / "a.csv").write_text("name,purpose\na,New\n")
    assert main(["import", "a.csv", "--update", "-o", "r.yaml"]) == 0
    assert (repository / "r.yaml").read_bytes().startswith(b"\xef\xbb\xbfx-state-stores: {a: {backend: redis")
    assert b"purpose: New" in (repository / "r.yaml").read_bytes()
