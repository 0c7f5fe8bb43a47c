"""A version that somebody names -> its files, on the disk and in a git repository."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry import git
from sphinx_statestores.registry.problems import Kind, Problem
from sphinx_statestores.registry.revisions import read_version
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from conftest import Repository

DEFAULTS = [Path("schemas/state-stores.yaml")]


@pytest.fixture
def repository(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Two revisions of a registry, ``v1.0`` with a guide and ``v1.1`` without, and a third state in the folder."""
    git_repository.write("schemas/state-stores.yaml", "one")
    git_repository.write("schemas/state-stores-guide.yaml", "guide")
    git_repository.write("docs/page.md", "")
    git_repository.commit("v1.0")
    git_repository.write("schemas/state-stores.yaml", "two")
    (git_repository.folder / "schemas/state-stores-guide.yaml").unlink()
    git_repository.commit("v1.1")
    git_repository.write("schemas/state-stores.yaml", "three")
    monkeypatch.chdir(git_repository.folder)
    return git_repository


def texts(version: str, folder: Path = Path()) -> list[str]:
    """The texts of a version that can be read."""
    sources = read_version(version, DEFAULTS, folder)
    assert all(isinstance(source, SourceText) for source in sources), sources
    return [source.text for source in sources if isinstance(source, SourceText)]


def refusal(version: str, folder: Path = Path()) -> str:
    """Why a version cannot be read."""
    [problem] = read_version(version, DEFAULTS, folder)
    assert isinstance(problem, Problem)
    assert problem.kind is Kind.UNREADABLE_FILE
    assert problem.location.path == version
    return problem.message


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("schemas/state-stores.yaml", ["three"]),
        ("HEAD:schemas/state-stores.yaml", ["two"]),
        ("HEAD~1:schemas/state-stores.yaml", ["one", "guide"]),
        ("main:./schemas/state-stores.yaml", ["two"]),
        ("v1.0:schemas/state-stores-guide.yaml", ["guide"]),
        (":schemas/state-stores.yaml", ["two"]),
        ("v1.0", ["one", "guide"]),
        ("v1.0:", ["one", "guide"]),
        ("HEAD@{0}", ["two"]),
        ("main@{2000-01-01 10:00:00}:schemas/state-stores.yaml", ["one", "guide"]),
    ],
)
def test_versions(repository: Repository, version: str, expected: list[str]) -> None:
    """A file, a path in a revision or in the index, and a revision alone; each brings its guide along."""
    assert texts(version) == expected


def test_paths_from_a_folder(repository: Repository) -> None:
    """A path is that from the root of the repository, with a dot in front that from the folder, as git has it."""
    docs = repository.folder / "docs"
    assert texts("v1.0:schemas/state-stores.yaml", docs) == ["one", "guide"]
    assert texts("v1.0:../schemas/state-stores.yaml", docs) == ["one", "guide"]
    assert texts("../schemas/state-stores.yaml", docs) == ["three"]
    assert refusal("v1.0:./schemas/state-stores.yaml", docs).startswith("there is no file")


def test_defaults_are_found_from_anywhere(repository: Repository, tmp_path: Path) -> None:
    """Default files that are named in full are looked for in the repository that they are in."""
    files = [repository.folder / "schemas/state-stores.yaml", repository.folder / "schemas/state-stores-guide.yaml"]
    found = read_version("v1.0", files, tmp_path)
    assert [source.text for source in found if isinstance(source, SourceText)] == ["one", "guide"]
    found = read_version("v1.1", files, tmp_path)
    assert [source.text for source in found if isinstance(source, SourceText)] == ["two"]


def test_defaults_whose_folder_is_gone(repository: Repository) -> None:
    """A revision has a default file whose folder is not there any longer."""
    shutil.rmtree("schemas")
    assert texts("v1.0") == ["one", "guide"]


def test_a_file_comes_first(repository: Repository) -> None:
    """A file that exists is a file, though its name looks like a revision, or like a path in one."""
    repository.write("v1.0", "a file")
    assert texts("v1.0") == ["a file"]
    if sys.platform != "win32":
        repository.write("v1.1:schemas", "a file with a colon")
        assert texts("v1.1:schemas") == ["a file with a colon"]


def test_what_is_staged(repository: Repository) -> None:
    """The index is a version: what would be committed now."""
    repository.git("add", "--all")
    repository.write("schemas/state-stores.yaml", "four")
    assert texts(":schemas/state-stores.yaml") == ["three"]


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("v1.2:schemas/state-stores.yaml", "there is no revision 'v1.2'; did you mean 'v1.1' or 'v1.0'?"),
        ("mian", "there is no revision 'mian'; did you mean 'main'?"),
        ("v1.0:v1.1:x", "there is no file 'v1.1:x' in the revision 'v1.0'"),
        (
            "v1.0:schemas/state-store.yaml",
            "there is no file 'schemas/state-store.yaml' in the revision 'v1.0'; "
            "did you mean 'schemas/state-stores.yaml' or 'schemas/state-stores-guide.yaml'?",
        ),
        (":state-store", "there is no file 'state-store' in the index; did you mean 'schemas/state-stores.yaml'?"),
        ("v1.0:schemas", "'schemas' is a directory in the revision 'v1.0', not a file"),
        ("v1.0:../elsewhere.yaml", "there is no file '../elsewhere.yaml' in the revision 'v1.0'"),
        ("main..HEAD:x.yaml", "there is no revision 'main..HEAD'"),
        ("schemas/state-store.yaml", "there is no such file; did you mean 'state-stores.yaml'?"),
        ("C:\\stores.yaml", "there is no such file"),
        ("C:/stores.yaml", "there is no such file"),
        ("schemas", "this is a directory, not a file: name the registry file in it"),
        (".", "this is a directory, not a file: name the registry file in it"),
        ("", "the name of the file or revision is empty"),
        ("a\x1b[2Jb", "there is no revision 'a\\x1b[2Jb'"),
        ("a\0b", "git cannot be run: embedded null byte"),
        ("v1.0:a\0b", "git cannot be run: embedded null byte"),
    ],
)  # fmt: skip
def test_refusals(repository: Repository, version: str, message: str) -> None:
    """What cannot be read is one problem, with what was probably meant."""
    assert refusal(version) == message


@pytest.mark.parametrize("version", ["--help", "--all", "-v", "--batch:x", "--output=pwned:x", "-:x"])
def test_a_revision_is_no_option(repository: Repository, version: str) -> None:
    """What begins with a dash never reaches git."""
    before = sorted(repository.folder.rglob("*"))
    assert refusal(version).startswith(f"there is no revision {version.partition(':')[0]!r}")
    assert sorted(repository.folder.rglob("*")) == before


def test_a_path_is_no_option(repository: Repository) -> None:
    """A path that begins with a dash is a path."""
    repository.write("--help.yaml", "odd")
    repository.commit("odd")
    (repository.folder / "--help.yaml").unlink()
    assert texts("odd:--help.yaml") == ["odd"]


def test_a_shell_is_not_asked(repository: Repository) -> None:
    """Nothing in a name is run."""
    for version in (
        "$(touch pwned)",
        "v1.0;touch pwned",
        "v1.0:$(touch pwned)",
        "`touch pwned`:x",
        "v1.0 | touch pwned",
    ):
        assert "there is no" in refusal(version)
    assert not (repository.folder / "pwned").exists()


def test_filters_of_the_repository_are_not_run(repository: Repository) -> None:
    """A file is read as it was committed: no conversion that attributes ask for is run."""
    repository.write(".gitattributes", "*.yaml diff=loud\n")
    repository.git("config", "diff.loud.textconv", "touch pwned; cat")
    repository.git("config", "diff.external", "touch pwned")
    assert texts("HEAD:schemas/state-stores.yaml") == ["two"]
    assert not (repository.folder / "pwned").exists()


def test_a_file_that_is_too_large(repository: Repository) -> None:
    """A file in a revision is bounded as one on the disk is, and is not read to find out."""
    for version in ("HEAD:schemas/state-stores.yaml", "schemas/state-stores.yaml"):
        [problem] = read_version(version, DEFAULTS, Path(), 2)
        assert isinstance(problem, Problem)
        assert problem.message == (
            "the file is larger than the limit of 2 bytes: raise it with '--size-limit' or 'statestores_size_limit'"
        )


def test_a_file_that_is_no_text(repository: Repository) -> None:
    """Bytes that are not UTF-8 are told with their place."""
    repository.write("latin.yaml", b"a: \xe9")
    repository.commit("latin")
    [problem] = read_version("latin:latin.yaml", DEFAULTS, Path())
    assert (
        str(problem)
        == "latin:latin.yaml:1:4: error: the byte 0xe9 is not valid UTF-8: save the file as UTF-8 [unreadable_file]"
    )


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of a repository there are files only."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    message = "there is no such file or revision: this is not a git repository"
    assert refusal("v1.0:x.yaml", tmp_path) == message


def test_no_folder(tmp_path: Path) -> None:
    """A folder that is not there is told, and is no failure."""
    assert refusal("v1.0:x.yaml", tmp_path / "gone") == "git cannot be run: No such file or directory"


def test_no_git(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git, files can be compared, and a revision is a clear problem."""
    monkeypatch.setenv("PATH", "")
    assert texts("schemas/state-stores.yaml") == ["three"]
    assert refusal("v1.0") == "there is no such file, and git is not installed, so it cannot be a revision"


def test_git_that_does_not_answer(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git is waited for, but not for ever."""
    folder = repository.folder / "bin"
    repository.write("bin/git", "#!/bin/sh\nexec sleep 60\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(git, "TIMEOUT", 0.1)
    assert refusal("v1.0") == "git did not answer within 0.1 seconds"


def test_a_shallow_clone(repository: Repository, tmp_path: Path) -> None:
    """A clone without its history says that this is why."""
    repository.git(
        "clone", "--quiet", "--depth=1", "--no-tags", f"file://{repository.folder}", str(tmp_path / "clone")
    )
    message = (
        "there is no revision '0123abcd' (this clone does not have the whole history: 'git fetch --unshallow' "
        "fetches it)"
    )
    assert refusal("0123abcd:x.yaml", tmp_path / "clone") == message
