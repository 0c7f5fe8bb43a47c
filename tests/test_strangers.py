"""The workflow, conf.py and docutils.conf for pull requests of strangers: each step is run on a pull request."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

EXAMPLES = Path(__file__).resolve().parents[1] / "docs" / "examples"
WORKFLOW = EXAMPLES / "pull-request-workflow.yml"
STORES = (
    "x-state-stores:\n  {name}:\n    backend: redis\n    prefix: auth\n    service: Auth\n    purpose: {purpose}\n"
)
HIDDEN = "what the machine keeps to itself"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="steps are shell commands")


def workflow() -> dict[Any, Any]:
    return dict(yaml.safe_load(WORKFLOW.read_text(encoding="utf-8")))


def steps() -> list[dict[str, Any]]:
    (job,) = workflow()["jobs"].values()
    return list(job["steps"])


class PullRequest:
    """The two checkouts of the workflow, and what its steps did."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        trusted = self.folder / "trusted"
        self.write("trusted/schemas/state-stores.yaml", STORES.format(name="auth-old", purpose="Before"))
        (trusted / "docs").mkdir()
        shutil.copy(EXAMPLES / "strangers_conf.py", trusted / "docs" / "conf.py")
        shutil.copy(EXAMPLES / "strangers-docutils.conf", trusted / "docs" / "docutils.conf")
        self.write("proposed/schemas/state-stores.yaml", STORES.format(name="auth-lock", purpose="Locks"))
        (self.folder / "proposed/.git").mkdir()
        self.write("proposed/docs/index.md", "# Top\n\n```{statestore-table}\n```\n")
        (folder / "secret.txt").write_text(HIDDEN)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self) -> tuple[int, str]:
        """Run the steps until one fails; return its status, and what all have printed."""
        programs = self.folder.parent / "bin"
        programs.mkdir()
        for name, module in {"statestores": "sphinx_statestores", "sphinx-build": "sphinx", "python": ""}.items():
            # As an installed script: without the current folder among those that modules come from.
            run = f"-P -m {module}" if module else ""
            (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {run} "$@"\n')
            (programs / name).chmod(0o755)
        environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
        printed = ""
        for command in (step["run"] for step in steps() if "run" in step):
            if command.startswith("pip install "):
                continue
            done = subprocess.run(
                [str(shutil.which("bash")), "-e", "-c", command],
                cwd=self.folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=300,
            )
            printed += done.stdout
            if done.returncode:
                return done.returncode, printed
        return 0, printed

    def page(self, name: str = "index.html") -> str:
        return (self.folder / "site" / name).read_text(encoding="utf-8")


@pytest.fixture
def pull_request(tmp_path: Path) -> PullRequest:
    return PullRequest(tmp_path)


def test_the_workflow_trusts_nobody() -> None:
    """The workflow has no secrets: its event, its token and its checkouts see to that, and it has a time limit."""
    text, whole = WORKFLOW.read_text(encoding="utf-8"), workflow()
    # YAML 1.1 reads `on` as true.
    assert whole[True] == "pull_request"
    assert whole["permissions"] == {"contents": "read"}
    assert "secrets." not in text.replace("import secrets; print(secrets.token_hex())", "")
    (job,) = whole["jobs"].values()
    assert job["timeout-minutes"] <= 30
    checkouts = [step["with"] for step in steps() if str(step.get("uses", "")).startswith("actions/checkout@")]
    assert [(given["path"], given["persist-credentials"]) for given in checkouts] == [
        ("trusted", False),
        ("proposed", False),
    ]
    assert checkouts[0]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert [step["run"] for step in steps() if "pip" in step.get("run", "")] == [
        "pip install -r trusted/docs/requirements.txt"
    ]


def test_an_honest_pull_request(pull_request: PullRequest) -> None:
    """A pull request without faults passes, and the site shows its registry."""
    status, printed = pull_request.run()
    assert status == 0, printed
    assert "auth-lock" in pull_request.page()
    assert "auth-old" not in pull_request.page()


def test_code_of_a_pull_request(pull_request: PullRequest) -> None:
    """Neither conf.py nor an extension of the pull request is run."""
    mark = pull_request.folder / "ran"
    for name in ("docs/conf.py", "docs/myst_parser.py", "docs/_ext/x.py", "yaml.py", "sitecustomize.py"):
        pull_request.write(f"proposed/{name}", f"open({str(mark)!r}, 'w')\n")
    assert pull_request.run()[0] == 0
    assert not mark.exists()


@pytest.mark.parametrize("link", ["proposed/docs/page.md", "proposed/docs/files", "proposed/schemas/more.yaml"])
def test_links_of_a_pull_request(pull_request: PullRequest, link: str) -> None:
    """A link among the pages or in the registry's folder ends the workflow before anything is built."""
    (pull_request.folder / link).symlink_to("../../../secret.txt")
    status, printed = pull_request.run()
    assert status == 1
    assert HIDDEN not in printed
    assert not (pull_request.folder / "site").exists()


HTML = "<script>alert(1)</script>"
RAW = {
    "directive.rst": f".. raw:: html\n\n   {HTML}\n",
    "role.rst": f".. role:: r(raw)\n   :format: html\n\n:r:`{HTML}`\n",
    "block.md": f"{HTML}\n",
    "inline.md": f"Words <b>{HTML}</b>\n",
    "directive.md": f"```{{raw}} html\n{HTML}\n```\n",
}


def test_raw_html_of_a_pull_request(pull_request: PullRequest) -> None:
    """No page holds HTML that a page of the pull request has written, in whatever way."""
    for number, (name, text) in enumerate(RAW.items()):
        if name.endswith(".md"):
            page = f"---\norphan: true\nmyst:\n  disable_syntax: []\n---\n# Page\n\n{text}"
        else:
            page = f":orphan:\n\nPage\n====\n\n{text}"
        pull_request.write(f"proposed/docs/page{number}{Path(name).suffix}", page)
    pull_request.run()
    pages = [pull_request.page(f"page{number}.html") for number in range(len(RAW))]
    assert [name for name, page in zip(RAW, pages, strict=True) if HTML in page] == []
    assert all("<h1>Page" in page for page in pages)


INCLUDING = ["{include} FILE\n", "{literalinclude} FILE\n", "{csv-table}\n:file: FILE\n", "{raw} html\n:file: FILE\n"]


def test_files_that_a_page_includes(pull_request: PullRequest) -> None:
    """A page shows no other file of the machine, and a page that tries to makes the build fail."""
    for number, text in enumerate(INCLUDING):
        fenced = f"```{text.replace('FILE', '../../../secret.txt')}```\n"
        pull_request.write(f"proposed/docs/page{number}.md", f"---\norphan: true\n---\n# Page\n\n{fenced}")
    status, printed = pull_request.run()
    assert status
    pages = [pull_request.page(f"page{number}.html") for number in range(len(INCLUDING))]
    assert HIDDEN not in "".join([printed, *pages])
    for number in range(len(INCLUDING)):
        assert re.search(rf"page{number}\.md:\d+: WARNING", printed)


def test_what_may_turn_the_direction_of_writing(pull_request: PullRequest) -> None:
    """A pull request that turns the direction of writing fails, though it silences the rule in its registry."""
    stores = STORES.format(name="auth-lock", purpose='"Locks\\u202e"')
    pull_request.write("proposed/schemas/state-stores.yaml", f"x-lint: {{invisible_characters: off}}\n{stores}")
    status, printed = pull_request.run()
    assert status == 1
    assert "U+202E" in printed


def test_the_log_of_a_build(pull_request: PullRequest) -> None:
    """What Sphinx prints stands between two marks that keep GitHub from taking it for commands."""
    pull_request.write("proposed/docs/page.rst", ":orphan:\n\nPage\n====\n\n.. nonsense::\n\n   x\n::error::x\n")
    _, printed = pull_request.run()
    token, said = re.findall(r"^::stop-commands::(\w{64})\n(.*)^::\1::$", printed, re.DOTALL | re.MULTILINE)[0]
    assert "nonsense" in said
    assert token not in said
