"""``statestores generate outputs`` and what ``check`` says of the same files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run

STORES = "x-state-stores:\n  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}\n"
GUIDE = "x-outputs:\n- {format: markdown, path: ../docs/A.md}\n- {format: markdown, path: ../docs/new/B.md}\n"


@pytest.fixture(autouse=True)
def registry(repository: Path) -> None:
    """Write a registry with two outputs where the command looks for it."""
    (repository / "schemas").mkdir()
    (repository / "schemas/state-stores.yaml").write_text(STORES, encoding="utf-8")
    (repository / "schemas/state-stores-guide.yaml").write_text(GUIDE, encoding="utf-8")


def test_all_outputs_are_written(run: Run) -> None:
    """Every declared output is written, with its folder, and named; a second run writes nothing."""
    done = run("generate", "outputs")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"statestores: wrote docs/A.md\nstatestores: wrote docs/new/B.md\n"
    page = run("generate", "markdown").stdout
    assert Path("docs/A.md").read_bytes() == Path("docs/new/B.md").read_bytes() == page
    done = run("generate", "outputs")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert run("check").returncode == 0


def test_line_ends_of_a_checkout(run: Run) -> None:
    """Outputs that git has checked out with the line ends of Windows have not drifted and keep these line ends."""
    Path("schemas/state-stores-guide.yaml").write_text(
        "x-outputs:\n"
        "- {format: markdown, path: ../docs/A.md}\n"
        "- {format: csv, path: ../docs/A.csv}\n"
        "- {format: json, path: ../docs/A.json}\n"
        "- {format: csharp, path: ../docs/A.cs}\n"
        "- {format: template, template: ../A.jinja, path: ../docs/A.txt}\n",
        encoding="utf-8",
    )
    Path("A.jinja").write_bytes(b"statestores\r\n{% for store in stores %}\r\n{{ store.name }}\r\n{% endfor %}\r\n")
    run("generate", "outputs")
    paths = sorted(Path("docs").iterdir())
    assert len(paths) == 5
    before = {}
    for path in paths:
        before[path] = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        path.write_bytes(before[path])
    assert run("check").returncode == 0
    assert run("generate", "outputs", "--check").stdout == b""
    for name in ("markdown", "csv", "json", "csharp"):
        suffix = {"markdown": "md", "csharp": "cs"}.get(name, name)
        assert run("generate", name, "-o", f"docs/A.{suffix}", "--check").stdout == b""
    done = run("generate", "outputs")
    assert (done.returncode, done.stderr) == (0, b"")
    assert {path: path.read_bytes() for path in paths} == before
    Path("schemas/state-stores.yaml").write_text(STORES.replace("Sessions", "Tokens"), encoding="utf-8")
    done = run("generate", "outputs", "--check")
    assert done.stdout.count(b"+| `auth-statestore` | Redis | Auth | Tokens |\r\n") == 1
    assert run("generate", "outputs").returncode == 0
    for path in paths:
        assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n") > 0
        assert path.suffix == ".txt" or b"Tokens" in path.read_bytes()


def test_drift_of_any_output(run: Run) -> None:
    """After an edit of the registry, ``check`` names each output, and ``--check`` prints all their differences."""
    run("generate", "outputs")
    Path("schemas/state-stores.yaml").write_text(STORES.replace("Sessions", "Tokens"), encoding="utf-8")
    before = Path("docs/A.md").read_bytes()
    done = run("check")
    assert done.returncode == 1
    assert done.stdout.decode().splitlines() == [
        f"{Path('schemas/state-stores-guide.yaml')}:{line}:28: error: '{name}' has drifted: 1 line to add, 1 line to "
        "remove; 'statestores generate outputs' regenerates it [drift]"
        for line, name in ((2, "docs/A.md"), (3, "docs/new/B.md"))
    ]
    done = run("generate", "outputs", "--check")
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode().count("\n+| `auth-statestore` | Redis | Auth | Tokens |\n") == 2
    assert Path("docs/A.md").read_bytes() == before
    assert run("generate", "outputs").returncode == run("generate", "outputs", "--check").returncode == 0


def test_the_outputs_are_the_same_from_everywhere(run: Run) -> None:
    """An output does not depend on the folder from which the registry is named."""
    run("generate", "outputs")
    files = ["../schemas/state-stores.yaml", "../schemas/state-stores-guide.yaml"]
    done = run("generate", "outputs", "--check", *files, cwd="docs")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    Path("docs/A.md").write_text("# Generated State Store Reference\n")
    done = run("generate", "outputs", *files, "--check", cwd="docs")
    assert done.stdout.startswith(b"--- A.md\n+++ A.md (generated)\n")
    assert run("check", *files, cwd="docs").returncode == 1


def test_errors_leave_the_outputs_alone(run: Run) -> None:
    """A registry with an error writes no output, and is not compared with them: it would lack stores."""
    run("generate", "outputs")
    before = Path("docs/A.md").read_bytes()
    Path("schemas/state-stores.yaml").write_text(f"{STORES}  bad: {{}}\n", encoding="utf-8")
    assert run("generate", "outputs").returncode == 1
    assert Path("docs/A.md").read_bytes() == before
    assert b"[drift]" not in run("check").stdout


def test_a_wrong_declaration(run: Run) -> None:
    """With one wrong declaration no output is written, not even those before it."""
    Path("schemas/state-stores-guide.yaml").write_text(f"{GUIDE}- {{format: html, path: x}}\n", encoding="utf-8")
    done = run("generate", "outputs")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"[invalid_value]" in done.stderr
    assert not Path("docs").exists()
    assert run("check").stdout.count(b"[invalid_value]") == 1


def test_bad_usage(run: Run) -> None:
    """Without declared outputs there is nothing to generate; a path of one's own goes with one format."""
    done = run("generate", "outputs", "schemas/state-stores.yaml")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"statestores: no registry file declares outputs: list them in 'x-outputs'\n"
    done = run("generate", "outputs", "-o", "a.md")
    assert done.returncode == 2
    assert b"usage: statestores generate" in done.stderr


def test_an_output_that_cannot_be_written(run: Run) -> None:
    """An output in whose place a folder stands is named, with status 2."""
    Path("docs/A.md").mkdir(parents=True)
    for more in ((), ("--check",)):
        done = run("generate", "outputs", *more)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(b"statestores: docs/A.md: ")
    assert b"cannot be compared" in run("check").stdout


def test_a_file_that_nobody_generated(run: Run) -> None:
    """A file that is no earlier output is named and stays, and no other is written; ``--force`` replaces it."""
    Path("docs").mkdir()
    Path("docs/A.md").write_text("# My notes\n", encoding="utf-8")
    for command in (("generate", "outputs"), ("generate", "outputs", "--check"), ("check",)):
        done = run(*command)
        assert done.returncode == 1
        assert (
            b"'docs/A.md' was not generated by the format 'markdown', so it is not replaced"
            in done.stdout + done.stderr
        )
        assert b"My notes" not in done.stdout
    assert Path("docs/A.md").read_text(encoding="utf-8") == "# My notes\n"
    assert not Path("docs/new").exists()
    assert run("generate", "outputs", "--force").returncode == 0
    assert run("check").returncode == 0


def test_a_template_without_its_mark(run: Run) -> None:
    """Where a template does not write the mark of a generated file, the message says how it does."""
    declared = "x-outputs: [{format: template, template: ../A.jinja, path: ../docs/A.txt}]\n"
    Path("schemas/state-stores-guide.yaml").write_text(declared, encoding="utf-8")
    Path("A.jinja").write_text("{{ stores|length }}\n", encoding="utf-8")
    assert run("generate", "outputs").returncode == 0
    Path("A.jinja").write_text("{{ stores|length }} stores\n", encoding="utf-8")
    done = run("generate", "outputs")
    assert done.returncode == 1
    assert b"write the word into a comment at the top of the template and run 'statestores generate" in done.stderr
    Path("A.jinja").write_text("# by statestores\n{{ stores|length }}\n", encoding="utf-8")
    assert run("generate", "outputs", "--force").returncode == 0
    Path("A.jinja").write_text("# by statestores\n{{ stores|length }} stores\n", encoding="utf-8")
    assert run("generate", "outputs").returncode == 0


def test_a_page_names_what_writes_it(run: Run) -> None:
    """A declared page says that ``generate outputs`` writes it, and any other that ``generate markdown`` does."""
    run("generate", "outputs")
    assert "regenerate with `statestores generate outputs`" in Path("docs/A.md").read_text(encoding="utf-8")
    Path("schemas/state-stores-guide.yaml").unlink()
    assert b"regenerate with `statestores generate markdown`" in run("generate", "markdown").stdout


def test_force_goes_with_outputs(run: Run) -> None:
    """``--force`` with one format is bad usage, since ``-o`` replaces whatever is there."""
    done = run("generate", "markdown", "--force", "-o", "a.md")
    assert done.returncode == 2
    assert b"--force is only for 'outputs'" in done.stderr


def test_a_root_that_is_given(run: Run, repository: Path) -> None:
    """``--root`` gives the same outputs and paths without a checkout as there are with one, from any folder."""
    run("generate", "outputs")
    (repository / ".git").rmdir()
    files = ["../schemas/state-stores.yaml", "../schemas/state-stores-guide.yaml"]
    done = run("check", *files, "--root", "..", cwd="docs")
    assert (done.returncode, done.stdout) == (0, b"")
    assert run("check", *files, cwd="docs").returncode == 1
    done = run("check", "--root", "nowhere")
    assert (done.returncode, done.stderr) == (2, b"statestores: --root: nowhere is not a folder\n")
