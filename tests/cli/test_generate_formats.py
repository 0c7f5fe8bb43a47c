"""``statestores generate`` with every format: options, spellings, what is refused, what is called what."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from csharp_source import Source

from sphinx_statestores.cli import main

ROOT = Path(__file__).resolve().parents[2]
SMALL = "x-state-stores:\n  auth: {backend: redis, prefix: a, service: Auth, purpose: Sessions}\n"
TWINS = SMALL + "  auth-statestore: {backend: redis, prefix: b, service: Auth, purpose: Sessions}\n"
TEMPLATE = "{% for store in stores %}{{ store.location.path }}:{{ store.constant }}\n{% endfor %}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository with a registry, a template and a folder for documentation, and go there."""
    folder = tmp_path / "project"
    for name in (".git", "schemas", "docs"):
        (folder / name).mkdir(parents=True)
    (folder / "schemas/state-stores.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "t.jinja").write_text(TEMPLATE, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def run(capsysbinary: pytest.CaptureFixture[bytes], *arguments: str) -> tuple[int, str, str]:
    """Return the status, standard output and standard error of a call."""
    try:
        status = main(["generate", *arguments])
    except SystemExit as exited:
        status = exited.code if isinstance(exited.code, int) else -1
    out, err = capsysbinary.readouterr()
    return status, out.decode(), err.decode()


@pytest.mark.parametrize("name", ["markdown", "csharp", "json", "csv"])
def test_every_format(name: str, project: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Each format is printed, written, found to be equal and found to have drifted."""
    status, text, err = run(capsysbinary, name)
    assert (status, err) == (0, "")
    assert run(capsysbinary, name, "-o", "docs/out")[:2] == (0, "")
    assert (project / "docs/out").read_bytes() == text.encode()
    assert run(capsysbinary, name, "-o", "docs/out", "--check") == (0, "", "")
    (project / "docs/out").write_text("old\n", encoding="utf-8")
    status, diff, _ = run(capsysbinary, name, "-o", "docs/out", "--check")
    assert status == 1
    assert diff.startswith("--- docs/out\n+++ docs/out (generated)\n@@ ")


@pytest.mark.parametrize("arguments", [["markdown"], ["csharp"], ["json"], ["csv"], ["--template", "t.jinja"]])
@pytest.mark.parametrize("output", [["-o", "-"], ["-o-"], ["--output=-"], ["-o", "/dev/stdout"]])
def test_standard_output(
    arguments: list[str], output: list[str], project: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """In each format, the file ``-`` is standard output: the same is printed as without it, and no file is made."""
    printed = run(capsysbinary, *arguments)
    assert printed[0] == 0
    assert printed[1]
    before = sorted(project.rglob("*"))
    assert run(capsysbinary, *arguments, *output) == printed
    assert sorted(project.rglob("*")) == before


def test_a_file_that_is_called_like_standard_output(
    project: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A path to a file called ``-`` is that file."""
    assert run(capsysbinary, "csv", "-o", "./-")[:2] == (0, "")
    assert (project / "-").read_text(encoding="utf-8") == run(capsysbinary, "csv")[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--template", "t.jinja"],
        ["--template", "t.jinja", "schemas/state-stores.yaml"],
        ["schemas/state-stores.yaml", "--template", "t.jinja"],
        ["--template=t.jinja", "schemas/state-stores.yaml"],
        ["template", "--template", "t.jinja"],
        ["template", "schemas/state-stores.yaml", "--template", "t.jinja"],
        ["--template", "t.jinja", "--", "schemas/state-stores.yaml"],
    ],
)
def test_spellings_of_a_template(
    arguments: list[str], project: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """With a template every word is a registry file, wherever it stands."""
    assert run(capsysbinary, *arguments) == (0, "schemas/state-stores.yaml:Auth\n", "")


def test_two_files_and_a_template(project: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """The first word is a file like the second; one that is called like a format is named with its folder."""
    Path("csv").write_text(SMALL.replace("auth", "mail"), encoding="utf-8")
    status, text, _ = run(capsysbinary, "./csv", "schemas/state-stores.yaml", "--template", "t.jinja")
    assert (status, text) == (0, "schemas/state-stores.yaml:Auth\ncsv:Mail\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["csv", "schemas/state-stores.yaml", "--columns", "name"],
        ["csv", "--columns", "name", "schemas/state-stores.yaml"],
        ["--columns=name", "csv", "schemas/state-stores.yaml"],
        ["csv", "--columns", " name, "],
    ],
)
def test_spellings_of_a_format(
    arguments: list[str], project: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Options may stand before, between and behind the words."""
    assert run(capsysbinary, *arguments) == (0, "name\nauth\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a format: one of markdown, csharp, json, csv, template, inject, outputs"),
        (["csharpp"], "unknown format 'csharpp'; did you mean 'csharp'?"),
        (["md"], "unknown format 'md'; did you mean 'markdown'?"),
        ([".cs"], "unknown format '.cs'; did you mean 'csharp'?"),
        (["schemas/state-stores.yaml"], "unknown format 'schemas/state-stores.yaml'"),
        (["csv", "--namespace", "N"], "csv does not take --namespace"),
        (["json", "--class", "C"], "json does not take --class"),
        (["csharp", "--columns", "name"], "csharp does not take --columns"),
        (["outputs", "--columns", "name"], "outputs does not take --columns"),
        (["--template", "t.jinja", "--columns", "name"], "template does not take --columns"),
        (["csv", "--template", "t.jinja"], "--template takes the place of a format: give either csv or --template"),
        (
            ["outputs", "--template", "t.jinja"],
            "--template takes the place of a format: give either outputs or --template",
        ),
        (["--template", "t.jinja", "--check"], "--check compares with a file"),
    ],
)
def test_bad_usage(
    arguments: list[str], message: str, project: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """What makes no sense together is bad usage, and says so."""
    status, text, err = run(capsysbinary, *arguments)
    assert (status, text) == (2, "")
    assert f"error: {message}" in " ".join(err.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["csv", "--columns", "bakend"], "statestores: unknown column 'bakend'; did you mean 'backend'?\n"),
        (["csharp", "--namespace", "a b"], "statestores: namespace 'a b': 'a b' is not a valid C# identifier\n"),
        (["--template", "none.jinja"], "statestores: none.jinja: there is no such file\n"),
        (["template"], "statestores: no template is given: name it with --template"),
    ],
)
def test_options_that_cannot_be_used(
    arguments: list[str], message: str, project: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """An option that a format cannot use is one line, exit status 2, and no file."""
    status, text, err = run(capsysbinary, *arguments, "-o", "docs/out")
    assert (status, text) == (2, "")
    assert err.startswith(message)
    assert not Path("docs/out").exists()


def test_a_mistake_in_a_template(project: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A mistake in a template is one line with its place, exit status 2, and the old file stays."""
    Path("t.jinja").write_text("{{ stores[0].name }}\n{{ nope }}\n", encoding="utf-8")
    Path("docs/out").write_text("old\n", encoding="utf-8")
    status, text, err = run(capsysbinary, "--template", "t.jinja", "-o", "docs/out")
    assert (status, text, err) == (2, "", "statestores: t.jinja:2: 'nope' is undefined\n")
    assert Path("docs/out").read_text(encoding="utf-8") == "old\n"


def test_collisions(project: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Two stores of one constant are an error in C#, at their place, and nothing is written; other formats go on."""
    Path("schemas/state-stores.yaml").write_text(TWINS, encoding="utf-8")
    Path("docs/out").write_text("old\n", encoding="utf-8")
    for check in ([], ["--check"]):
        status, text, err = run(capsysbinary, "csharp", "-o", "docs/out", *check)
        assert (status, text) == (1, "")
        assert (
            "schemas/state-stores.yaml:3:3: error: the store 'auth-statestore' has the constant 'Auth': "
            "so does 'auth' at schemas/state-stores.yaml:2:3 [constant_collision]\n"
        ) in err
        assert err.endswith("statestores: the registry cannot be written as csharp, nothing is generated\n")
    assert Path("docs/out").read_text(encoding="utf-8") == "old\n"
    assert run(capsysbinary, "json")[0] == 0


def test_places_of_collisions_are_those_that_were_named(
    project: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A problem names the file as it was given, so that a terminal can open it."""
    Path("schemas/state-stores.yaml").write_text(TWINS, encoding="utf-8")
    monkeypatch.chdir(project / "docs")
    status, _, err = run(capsysbinary, "csharp", "../schemas/state-stores.yaml")
    assert status == 1
    assert "../schemas/state-stores.yaml:3:3: error: " in err


@pytest.mark.parametrize("name", ["markdown", "csharp", "json", "csv", "template"])
def test_files_are_called_the_same_everywhere(
    name: str, project: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the command runs and however a file is named, the text is the same, without a path of the machine."""
    options = ["--template", str(project / "t.jinja")] if name == "template" else []
    texts = set()
    for folder, file in (
        (project, "schemas/state-stores.yaml"),
        (project, str(project / "schemas/state-stores.yaml")),
        (project, "docs/../schemas/./state-stores.yaml"),
        (project / "docs", "../schemas/state-stores.yaml"),
    ):
        monkeypatch.chdir(folder)
        status, text, err = run(capsysbinary, name, file, *options)
        assert (status, err) == (0, "")
        texts.add(text)
    [text] = texts
    assert "schemas/state-stores.yaml" in text
    assert str(project) not in text


def test_places_in_json(project: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Stores, their keys and services all have their places by the path in the repository."""
    text = "x-services: {Auth: Login}\n" + SMALL.replace("}\n", ", keys: [{pattern: k}]}\n")
    Path("schemas/state-stores.yaml").write_text(text, encoding="utf-8")
    _, out, _ = run(capsysbinary, "json", str(project / "schemas/state-stores.yaml"))
    document = json.loads(out)
    [store], [service] = document["stores"], document["services"]
    places = [store["source"], store["keys"][0]["source"], service["source"]]
    assert [place["path"] for place in places] == ["schemas/state-stores.yaml"] * 3
    assert [place["line"] for place in places] == [3, 3, 1]


def test_standard_input(
    project: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard input keeps its name, whatever the folder is called."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SMALL.encode())))
    status, out, _ = run(capsysbinary, "--template", "t.jinja", "-")
    assert (status, out) == (0, "<stdin>:Auth\n")


def test_the_registry_of_this_repository(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All formats hold the 124 stores."""
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    monkeypatch.chdir(tmp_path)
    source = Source(run(capsysbinary, "csharp")[1])
    document = json.loads(run(capsysbinary, "json")[1])
    rows = list(csv.DictReader(io.StringIO(run(capsysbinary, "csv")[1])))
    names = [store["name"] for store in document["stores"]]
    assert len(names) == 124
    assert names == [row["name"] for row in rows] == sorted(c.value for c in source.constants.values())
    assert {name: constant.value for name, constant in source.constants.items()} == {
        store["constant"]: store["name"] for store in document["stores"]
    }
    assert document["totals"]["backends"] == {"mysql": 47, "redis": 77}
