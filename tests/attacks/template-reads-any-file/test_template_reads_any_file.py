"""Templates of a pull request that try to show files of the machine, and the secrets of a build."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Repository, Run

HERE = Path(__file__).parent
HIDDEN = "hunter2"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs symbolic links and named pipes")


@pytest.fixture
def attacked(git_repository: Repository) -> Path:
    """Check out the pull request: its files, its links, a token that git keeps, and what lies beside it."""
    folder = git_repository.folder
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    git_repository.git("config", "http.https://example.org/.extraheader", f"AUTHORIZATION: basic {HIDDEN}")
    outside = folder.parent / "outside"
    outside.mkdir()
    for path in (outside / "t.jinja", folder / ".env", folder / "tools/.netrc"):
        path.write_text(HIDDEN, encoding="utf-8")
    for link, target in {
        "tools/leak": "/proc/self/environ",
        "tools/etc": "/etc",
        "tools/chain": "chain-2",
        "tools/chain-2": "../chain-3",
        "chain-3": "../outside/t.jinja",
        "tools/link.jinja": "../../outside/t.jinja",
        "linked": "../outside",
    }.items():
        (folder / link).symlink_to(target)
    os.mkfifo(folder / "tools/pipe")
    return folder


@pytest.mark.parametrize(
    "arguments", [("check",), ("generate", "outputs"), ("generate", "outputs", "--check")], ids=" ".join
)
def test_outputs(attacked: Path, run: Run, arguments: tuple[str, ...]) -> None:
    """No output is rendered, each is an error at its line, and nothing that is secret is shown in any form."""
    done = run(*arguments, cwd=attacked, env={"SECRET_TOKEN": HIDDEN})
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert HIDDEN.encode() not in said
    assert HIDDEN[::-1].encode() not in said
    assert b"root:" not in said
    items = (HERE / "schemas/state-stores.yaml").read_text(encoding="utf-8").splitlines()
    lines = [number for number, item in enumerate(items, start=1) if item.startswith("- ")]
    for line in lines:
        assert b"schemas/state-stores.yaml:%d:" % line in said
    assert said.count(b"[invalid_value]") == len(lines)
    assert not list(attacked.glob("?.txt"))


@pytest.mark.parametrize("name", ["environment", "environment-printed", "folder", "chain", "upward", "absolute"])
def test_templates_that_a_person_names(attacked: Path, run: Run, name: str) -> None:
    """A template that a person names on the command line may not include them either."""
    done = run("generate", "--template", f"tools/{name}.jinja", cwd=attacked, env={"SECRET_TOKEN": HIDDEN})
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.startswith(b"statestores: tools/%s.jinja:1: the template " % name.encode())
    assert HIDDEN.encode() not in done.stderr
