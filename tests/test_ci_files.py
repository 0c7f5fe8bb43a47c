"""The workflow that the documentation shows and the hooks that the repository offers: each step is run."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
WORKFLOW = ROOT / "docs" / "examples" / "github-workflow.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
OUTPUT = "docs/GENERATED-STATE-STORES.md"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="steps are shell commands")


def steps() -> list[dict[str, Any]]:
    """Return the steps of the workflow's one job."""
    (job,) = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"].values()
    return list(job["steps"])


def hooks() -> list[dict[str, Any]]:
    """Return the hooks."""
    return list(yaml.safe_load(HOOKS.read_text(encoding="utf-8")))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Copy the registry and the file that is generated from it, with a site of one page."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    (folder / "docs").mkdir()
    shutil.copy(ROOT / OUTPUT, folder / OUTPUT)
    settings = """\
extensions = ["sphinx_statestores"]
exclude_patterns = ["GENERATED*"]
statestores_registry = ["../schemas/state-stores.yaml", "../schemas/state-stores-guide.yaml"]
"""
    (folder / "docs/conf.py").write_text(settings, encoding="utf-8")
    (folder / "docs/index.rst").write_text("Stores\n======\n\n:store:`auth-statestore`\n\n.. statestore-table::\n")
    return folder


def shell(project: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a runner does, where ``statestores`` and Sphinx are installed."""
    programs = project.parent / "bin"
    programs.mkdir(exist_ok=True)
    for name, module in (("statestores", "sphinx_statestores"), ("sphinx-build", "sphinx")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {module} "$@"\n')
        program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        ["/bin/sh", "-e", "-c", command],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def run_workflow(project: Path) -> list[tuple[str, int, str]]:
    """Run the steps as GitHub does; return for each that was run its command, status and output."""
    done = []
    failed = False
    for step in steps():
        command = step.get("run", "")
        if not command or command.startswith("pip install ") or failed != (step.get("if") == "failure()"):
            continue
        result = shell(project, command)
        failed |= result.returncode != 0
        done.append((command, result.returncode, result.stdout))
    return done


def drift_away(project: Path) -> None:
    """Change the registry without its generated file."""
    registry = project / "schemas/state-stores.yaml"
    text = registry.read_text(encoding="utf-8")
    registry.write_text(text.replace("Session and token state", "Sessions"), encoding="utf-8")


def test_the_workflow_installs_this_project() -> None:
    """The workflow checks out, takes a Python, and installs the package by its name."""
    assert [step["uses"].partition("@")[0] for step in steps() if "uses" in step] == [
        "actions/checkout",
        "actions/setup-python",
    ]
    assert [step["run"] for step in steps() if step.get("run", "").startswith("pip ")] == [
        "pip install sphinx-statestores",
        "pip install -r docs/requirements.txt",
    ]


def test_the_workflow_passes(project: Path) -> None:
    """In a project that is in order, the check passes without annotations, and then the site is built."""
    (check, check_status, annotations), (build, build_status, _) = run_workflow(project)
    assert (check, check_status, annotations) == ("statestores check --format github", 0, "")
    assert (build, build_status) == ("sphinx-build -W --keep-going docs build/html", 0)
    assert "auth-statestore" in (project / "build/html/index.html").read_text(encoding="utf-8")


def test_the_workflow_fails_on_a_false_link(project: Path) -> None:
    """A page that names a store which does not exist fails the build of the site."""
    page = project / "docs/index.rst"
    page.write_text(page.read_text(encoding="utf-8").replace("auth-", "aut-"), encoding="utf-8")
    commands = run_workflow(project)
    assert [(command.split()[0], status) for command, status, _ in commands[:2]] == [
        ("statestores", 0),
        ("sphinx-build", 1),
    ]


def test_the_workflow_fails_on_drift(project: Path) -> None:
    """After an edit without its generated file the check fails with an annotation, and the log shows the diff."""
    drift_away(project)
    (check, check_status, annotations), (diff, diff_status, shown) = run_workflow(project)
    assert (check, check_status) == ("statestores check --format github", 1)
    assert annotations.startswith("::error file=schemas/state-stores-guide.yaml,line=")
    assert (diff, diff_status) == ("statestores generate outputs --check", 1)
    assert "\n+| `auth-statestore` | Redis | Auth | Sessions (ephemeral) |\n" in shown


def test_the_hooks() -> None:
    """There are three hooks, each with what pre-commit needs to install and run it."""
    assert [hook["id"] for hook in hooks()] == ["statestores-check", "statestores-generate", "statestores-drift"]
    for hook in hooks():
        assert hook["language"] == "python"
        assert hook["name"]
        # The files of the registry belong together, whichever of them a commit changes.
        assert hook["pass_filenames"] is False


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: str(hook["id"]))
def test_a_hook(project: Path, hook: dict[str, Any]) -> None:
    """Each hook passes where all is in order; on drift it fails, or changes the file, which fails too."""
    files = " schemas/state-stores.yaml schemas/state-stores-guide.yaml"
    assert shell(project, hook["entry"]).returncode == 0
    assert shell(project, hook["entry"] + files).returncode == 0
    drift_away(project)
    before = (project / OUTPUT).read_bytes()
    status = shell(project, hook["entry"]).returncode
    changed = (project / OUTPUT).read_bytes() != before
    assert (status, changed) == ((0, True) if hook["id"] == "statestores-generate" else (1, False))
