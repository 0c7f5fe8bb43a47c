"""Git: what it is run with, where, for how long, and that no repository makes it run anything else."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Repository

from sphinx_statestores.registry import git
from sphinx_statestores.registry.git import Checkout, GitError, NoRepositoryError, NotInstalledError, open_checkout
from sphinx_statestores.registry.problems import Problem
from sphinx_statestores.registry.revisions import read_version
from sphinx_statestores.registry.source import SourceText

pytestmark = pytest.mark.skipif(os.name != "posix", reason="programs are shell scripts here, and links are needed")

#: A file that every repository of these tests has.
NAME = "schemas/state-stores.yaml"
DEFAULTS = [Path(NAME)]
UNKNOWN = "1" * 40


@pytest.fixture(autouse=True)
def _no_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the tests' own caller has said to git."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def repository(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with one revision, and a page's folder in it."""
    git_repository.write(NAME, "one")
    git_repository.write("docs/page.md", "")
    git_repository.commit("v1.0")
    monkeypatch.chdir(git_repository.folder)
    return git_repository


class Spy:
    """A program called ``git`` that writes down how it was run, and then is git."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "log"
        folder.mkdir()
        notes = (
            "import json, os, sys; "
            "print(json.dumps([sys.argv[2:], os.getcwd(), dict(os.environ)]), file=open(sys.argv[1], 'a'))"
        )
        python, log, real = (shlex.quote(str(part)) for part in (sys.executable, self._log, shutil.which("git")))
        write_program(folder / "git", f'{python} -c {shlex.quote(notes)} {log} "$@"\nexec {real} "$@"\n')

    @property
    def runs(self) -> list[tuple[list[str], str, dict[str, str]]]:
        """The arguments, the folder and the environment of each run."""
        if not self._log.exists():
            return []
        return [tuple(json.loads(line)) for line in self._log.read_text(encoding="utf-8").splitlines()]


def write_program(path: Path, script: str) -> None:
    """Write a shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    path.chmod(0o755)


def put_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let programs be looked for in a folder first."""
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def spy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spy:
    """Watch how git is run."""
    found = Spy(tmp_path / "spy")
    put_first(tmp_path / "spy", monkeypatch)
    return found


def result(version: str, folder: Path, **options: Any) -> str:
    """The text of a version, or why it cannot be read."""
    first = read_version(version, DEFAULTS, folder, **options)[0]
    return first.text if isinstance(first, SourceText) else first.message


def write_marker(tmp_path: Path) -> Path:
    """Write a program that leaves the file ``pwned``."""
    write_program(tmp_path / "programs/marker", f"touch {shlex.quote(str(tmp_path))}/pwned\n")
    return tmp_path / "programs/marker"


def write_bare_repository(folder: Path, program: Path) -> None:
    """Write the files of a bare repository that runs a program when an object is missing."""
    for name in ("objects", "refs"):
        (folder / name).mkdir(parents=True)
        (folder / name / ".keep").touch()
    (folder / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    remote = f"url = .\nuploadpack = {program}\n"
    (folder / "config").write_text(f"{PARTIAL}{remote}[core]\nbare = true\n", encoding="utf-8")


# -- the environment and the options ---------------------------------------------------


def test_nothing_of_another_repository_reaches_git(
    repository: Repository, spy: Spy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git gets the user's configuration files and what is fixed here; all else that its caller set is dropped."""
    for name in (
        "ALTERNATE_OBJECT_DIRECTORIES", "ATTR_SOURCE", "COMMON_DIR", "CONFIG", "CONFIG_PARAMETERS", "DIR",
        "DISCOVERY_ACROSS_FILESYSTEM", "EDITOR", "EXTERNAL_DIFF", "GRAFT_FILE", "IMPLICIT_WORK_TREE", "INDEX_FILE",
        "INTERNAL_SUPER_PREFIX", "NAMESPACE", "OBJECT_DIRECTORY", "PREFIX", "PROXY_SSL_CERT", "QUARANTINE_PATH",
        "REPLACE_REF_BASE", "SHALLOW_FILE", "SSH", "SSH_VARIANT", "TEMPLATE_DIR", "TRACE", "TRACE2_EVENT",
        "TRACE_PACKET", "TRACE_SETUP", "WORK_TREE",
    ):  # fmt: skip
        monkeypatch.setenv(f"GIT_{name}", str(repository.folder / "odd"))
    fixed = {
        "GIT_ASKPASS": "",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
        "GIT_PROXY_COMMAND": "",
        "GIT_SSH_COMMAND": "false",
        "GIT_TERMINAL_PROMPT": "0",
    }
    for name in fixed:
        monkeypatch.setenv(name, "odd")
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "ext:file:ssh")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", "/somewhere:/else")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("SOMETHING", "of the user")
    assert result(f"v1.0:{NAME}", Path("docs")) == "one"
    assert len(spy.runs) >= 3
    protocols = set()
    for _, _, environment in spy.runs:
        assert environment["LC_ALL"] == "C"
        assert environment["SOMETHING"] == "of the user"
        protocols.add(environment.pop("GIT_ALLOW_PROTOCOL"))
        assert {name: value for name, value in environment.items() if name.startswith("GIT_")} == {
            **fixed,
            "GIT_CEILING_DIRECTORIES": f"{repository.folder.parent}:/somewhere:/else",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
    # Nobody can know the name of the one protocol that is allowed: there is none of this name.
    assert len(protocols) == len(spy.runs)
    assert all(len(name) == 32 and ":" not in name for name in protocols)


def test_options_overrule_configuration(repository: Repository, spy: Spy) -> None:
    """Each run overrules what configuration files can name, before the command, which is one that reads."""
    for version in (f"v1.0:{NAME}", "v1.1", "v1.0:x", ":x"):
        result(version, Path())
    commands = set()
    for arguments, _, _ in spy.runs:
        position = next(i for i, part in enumerate(arguments) if i % 2 == 0 and part != "-c")
        assert arguments[1:position:2] == [
            "safe.bareRepository=explicit",
            "core.fsmonitor=false",
            f"core.hooksPath={os.devnull}",
            "core.sshCommand=false",
            "credential.helper=",
        ]
        commands.add(arguments[position])
    assert commands == {"cat-file", "for-each-ref", "ls-files", "ls-tree", "rev-parse"}


def test_the_configuration_of_the_environment(
    repository: Repository, spy: Spy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the settings in the environment, those stay that say which folders git may trust."""
    settings = [("core.sshCommand", "touch pwned"), ("safe.directory", "/a=b"), ("Safe.Directory", "*")]
    for number, (name, value) in enumerate(settings):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "3")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.sshCommand'='touch pwned'")
    assert result(f"v1.0:{NAME}", Path()) == "one"
    arguments, _, environment = spy.runs[0]
    assert arguments[:4] == ["-c", "safe.directory=/a=b", "-c", "Safe.Directory=*"]
    assert "touch pwned" not in str([arguments, environment])
    for count in ("-1", "x", "", "9" * 5000):
        monkeypatch.setenv("GIT_CONFIG_COUNT", count)
        assert result(f"v1.0:{NAME}", Path()) == "one"


def test_configuration_files_of_the_user(
    repository: Repository, spy: Spy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A relative name of a configuration file means what it means to the caller; programs are no relative ones."""
    (tmp_path / "gitconfig").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "gitconfig")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/nowhere/gitconfig")
    monkeypatch.setenv("GIT_EXEC_PATH", "repository/bin")
    assert result(f"v1.0:{NAME}", repository.folder) == "one"
    for _, _, environment in spy.runs:
        assert environment["GIT_CONFIG_GLOBAL"] == str(tmp_path / "gitconfig")
        assert environment["GIT_CONFIG_SYSTEM"] == "/nowhere/gitconfig"
        assert "GIT_EXEC_PATH" not in environment
    monkeypatch.setenv("GIT_EXEC_PATH", "/nowhere")
    result(f"v1.0:{NAME}", repository.folder)
    assert spy.runs[-1][2]["GIT_EXEC_PATH"] == "/nowhere"


@pytest.mark.parametrize("entry", ["", ".", "bin", "../repository/bin"])
def test_git_is_not_taken_from_a_relative_folder(
    entry: str, repository: Repository, spy: Spy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative entry of the path names a folder of the checkout: neither git nor a program of git is in it."""
    for folder in (repository.folder, repository.folder / "bin"):
        write_program(folder / "git", "touch pwned\n")
    monkeypatch.setenv("PATH", f"{entry}{os.pathsep}{os.environ['PATH']}{os.pathsep}{entry}")
    assert result(f"v1.0:{NAME}", Path()) == "one"
    assert not list(repository.folder.rglob("pwned"))
    assert all(Path(folder).is_absolute() for folder in spy.runs[0][2]["PATH"].split(os.pathsep))
    monkeypatch.setenv("PATH", entry)
    with pytest.raises(NotInstalledError):
        open_checkout(repository.folder)


# -- where it runs ----------------------------------------------------------------------


def test_git_runs_at_the_root(repository: Repository, spy: Spy, tmp_path: Path) -> None:
    """Whichever folder asks: git runs where ``.git`` is, in a linked worktree and in a submodule as well."""
    worktree = tmp_path / "worktree"
    repository.git("worktree", "add", "--quiet", str(worktree))
    around = Repository(tmp_path / "around")
    around.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository.folder), "sub")
    around.write(NAME, "around")
    around.commit("v1.0")
    for root in (repository.folder, worktree, around.folder / "sub"):
        before = len(spy.runs)
        for version in ("HEAD:../schemas/state-stores.yaml", f"v1.0:{NAME}", f":{NAME}"):
            assert result(version, root / "docs") == "one"
        assert {where for _, where, _ in spy.runs[before:]} == {str(root)}
    assert result(f"HEAD:{NAME}", around.folder) == "around"


def test_without_a_checkout_git_is_not_run(spy: Spy, tmp_path: Path) -> None:
    """Where no folder above has ``.git`` there is no repository, not even a bare one."""
    write_bare_repository(tmp_path / "bare", write_marker(tmp_path))
    for folder in (tmp_path, tmp_path / "bare", tmp_path / "bare/objects"):
        message = "there is no such file or revision: this is not a git repository"
        assert result(f"{UNKNOWN}:x.yaml", folder) == message
        assert result("main", folder) == message
    assert spy.runs == []


@pytest.mark.parametrize("settings", [{}, {"core.fsmonitor": "false"}], ids=["all-settings", "git-without-safe-bare"])
@pytest.mark.parametrize("kind", ["empty folder", "no head", "bad head", "nonsense", "to nowhere", "empty"])
def test_a_broken_repository(
    kind: str, settings: dict[str, str], repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a broken ``.git``, git neither takes the folder itself for a repository nor looks further above."""
    folder = repository.folder / "docs/broken"
    write_bare_repository(folder, write_marker(tmp_path))
    inner = folder / ".git"
    if kind in {"empty folder", "no head", "bad head"}:
        inner.mkdir()
        if kind != "empty folder":
            (inner / "objects").mkdir()
            (inner / "refs").mkdir()
            (inner / "HEAD").write_text("x" if kind == "bad head" else "", encoding="utf-8")
    else:
        texts = {"nonsense": "x\x1b[2J", "to nowhere": "gitdir: /no\x1b[2J", "empty": ""}
        inner.write_text(texts[kind], encoding="utf-8")
    if settings:
        # As a git is that does not know the others.
        monkeypatch.setattr(git, "_SETTINGS", settings)
        monkeypatch.delitem(git._ENVIRONMENT, "GIT_NO_LAZY_FETCH")
    for version in (f"{UNKNOWN}:x.yaml", "main", f"v1.0:{NAME}", "v1.0:x.yaml", ":x.yaml"):
        message = result(version, folder)
        assert message.startswith("there is no such file or revision: ")
        assert message.isprintable()
        assert len(message) < 150
    assert not (tmp_path / "pwned").exists()


def test_the_files_of_a_bare_repository_beside_a_sound_one(repository: Repository, tmp_path: Path) -> None:
    """A root that looks like a bare repository is still the checkout of the repository in its ``.git``."""
    write_bare_repository(repository.folder, write_marker(tmp_path))
    for folder in (repository.folder, repository.folder / "docs", repository.folder / "refs"):
        assert result(f"v1.0:{NAME}", folder) == "one"
        assert result(f"{UNKNOWN}:x.yaml", folder).startswith("there is no revision '1111")
    assert not (tmp_path / "pwned").exists()


def test_git_trusts_a_repository_or_not(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Git still refuses somebody else's repository, in words of its own, until it is told to trust it."""
    # With this variable, the tests of git itself make every repository somebody else's.
    monkeypatch.setitem(git._ENVIRONMENT, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(NoRepositoryError, match=r"^git says .detected dubious ownership in repository at"):
        open_checkout(repository.folder)
    assert capfd.readouterr() == ("", "")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(repository.folder))
    assert open_checkout(repository.folder) == Checkout(repository.folder, None)


# -- links ------------------------------------------------------------------------------


@pytest.fixture
def private(tmp_path: Path) -> Repository:
    """Another repository on the same machine."""
    found = Repository(tmp_path / "private")
    found.write(NAME, "private")
    found.write("deep/page.md", "")
    found.commit("v1.0")
    return found


@pytest.mark.parametrize("target", ["../../private", "../../private/deep", "/", "..", "../schemas"])
def test_a_link_to_a_folder(target: str, repository: Repository, private: Repository, spy: Spy) -> None:
    """Git is not run for a folder behind a link that leads out of the checkout; other links are followed."""
    (repository.folder / "docs/evil").symlink_to(target)
    evil = repository.folder / "docs/evil"
    if target.endswith(("private", "deep", "/")):
        assert result(f"v1.0:{NAME}", evil) == f"'evil': a link leads out of {str(repository.folder)!r}"
        assert spy.runs == []
    else:
        assert result(f"v1.0:{NAME}", evil) == "one"
        assert result("v1.0:./state-stores.yaml" if target == "../schemas" else f"v1.0:./{NAME}", evil) == "one"


def test_the_root_that_a_project_names(repository: Repository, private: Repository, tmp_path: Path) -> None:
    """A root decides in place of the checkout how far links may lead, and git runs where they lead to."""
    evil = repository.folder / "evil"
    evil.symlink_to(private.folder)
    assert "a link leads out of" in result(f"v1.0:{NAME}", evil, root=repository.folder)
    assert result(f"v1.0:{NAME}", evil, root=tmp_path) == "private"
    # One that is elsewhere decides nothing.
    assert "a link leads out of" in result(f"v1.0:{NAME}", evil, root=private.folder)
    # Where the root has no '.git', a link may not lead to a folder that has.
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "evil").symlink_to(private.folder)
    assert "a link leads out of" in result(f"v1.0:{NAME}", plain / "evil", root=plain)


def test_a_link_in_a_path(repository: Repository, private: Repository) -> None:
    """A path from a folder follows links of the checkout, and none that leads out of it."""
    repository.write("other/stores.yaml", "other")
    repository.commit("v2.0")
    for name, target in (("in", "../other"), ("out", "../../private"), ("one.yaml", "../other/stores.yaml")):
        (repository.folder / "docs" / name).symlink_to(target)
    (repository.folder / "docs/loop").symlink_to("loop")
    docs = repository.folder / "docs"
    assert result("v2.0:./in/stores.yaml", docs) == "other"
    assert result("v2.0:./one.yaml", docs) == "other"
    assert result("v2.0:./in/../schemas/state-stores.yaml", docs) == "one"
    assert result(f"v2.0:./out/{NAME}", docs) == f"'./out/{NAME}': a link leads out of {str(repository.folder)!r}"
    assert result("v2.0:../../private/x", docs) == "there is no file '../../private/x' in the revision 'v2.0'"
    assert result("v2.0:./loop", docs) == "there is no file './loop' in the revision 'v2.0'"
    # From the root, a path is that of git, which follows no link.
    assert result("v2.0:docs/in/stores.yaml", docs).startswith(
        "there is no file 'docs/in/stores.yaml' in the revision"
    )


@pytest.mark.parametrize("path", ["./", "./.", "./schemas/..", "../docs/../", "./schemas"])
def test_a_path_of_a_folder(path: str, repository: Repository) -> None:
    """A path that leads to a folder of the checkout, or to its root, is one of no file."""
    assert result(f"v1.0:{path}", repository.folder / "docs").startswith(
        (f"{path!r} is a directory in the revision 'v1.0', not a file", f"there is no file {path!r} in the revision")
    )


@pytest.mark.parametrize("end", ["/", "/.", "//", "/x/.."])
def test_a_path_with_something_after_it(end: str, repository: Repository) -> None:
    """A path of a file that ends like one of a folder is no failure, whether or not there is a guide."""
    repository.write("schemas/state-stores-guide.yaml", "guide")
    repository.commit("v2.0")
    assert read_version(f"v2.0:./{NAME}{end}", DEFAULTS, repository.folder)


# -- what a page can name ---------------------------------------------------------------


@pytest.mark.parametrize(
    "version",
    [
        "../secret.yaml",
        "docs/../../secret.yaml",
        "../secert.yaml",
        "../private.txt",
        "/etc/passwd",
        "..",
        "link.yaml",
        "folder/secret.yaml",
        "folder/secert.yaml",
        "nowhere.yaml",
        "docs/../link.yaml",
    ],
)
def test_a_page_names_files_of_its_repository(version: str, repository: Repository, tmp_path: Path) -> None:
    """What a stranger names is a file of the repository; others are neither read nor suggested."""
    for name in ("secret.yaml", "private.txt"):
        (tmp_path / name).write_text("secret", encoding="utf-8")
    for name, target in (("link.yaml", "../secret.yaml"), ("folder", ".."), ("nowhere.yaml", "/nowhere/x.yaml")):
        (repository.folder / name).symlink_to(target)
    message = "the file is outside the repository: move it there, or set a root that contains it"
    assert result(version, repository.folder, root=repository.folder, is_confined=True) == message
    assert result(version, repository.folder, is_confined=True) == message


def test_a_guide_is_confined_as_its_file_is(repository: Repository, tmp_path: Path) -> None:
    """A guide that a link brings from elsewhere is not read beside a file of the repository."""
    (tmp_path / "secret.yaml").write_text("secret", encoding="utf-8")
    (repository.folder / "schemas/state-stores-guide.yaml").symlink_to("../../secret.yaml")
    assert "is outside" in result(NAME, repository.folder, root=repository.folder, is_confined=True)


@pytest.mark.parametrize("version", [".git/config", "docs/../.git/HEAD", "config.yaml"])
def test_a_page_does_not_name_files_of_git(version: str, repository: Repository) -> None:
    """The configuration of a repository may hold credentials: it is no version of a registry."""
    (repository.folder / "config.yaml").symlink_to(".git/config")
    message = "the file belongs to git itself"
    assert result(version, repository.folder, root=repository.folder, is_confined=True) == message


# -- a repository that came with an archive ---------------------------------------------

#: The configuration of a partial clone: objects that are missing are fetched from its remote.
PARTIAL = """
[core]
repositoryformatversion = 1
[extensions]
partialClone = origin
[remote "origin"]
promisor = true
"""
ALLOWED = '[protocol]\nallow = always\n[protocol "ext"]\nallow = always\n'
#: What runs PROGRAM when it stands after that.
TRICKS = {
    "uploadpack": "url = .\nuploadpack = PROGRAM\n",
    "sshCommand": "url = a@b:c\n[core]\nsshCommand = PROGRAM\n",
    "ext": f"url = ext::PROGRAM\n{ALLOWED}",
    "insteadOf": f'url = x:y\n{ALLOWED}[url "ext::PROGRAM"]\ninsteadOf = "x:y"\n',
    "gitProxy": f"url = git://localhost/x\n{ALLOWED}[core]\ngitProxy = PROGRAM\n",
    "address without a protocol": 'url = ::x\n[alias]\nremote- = "!PROGRAM"\n',
    "protocol without a name": 'url = x\nvcs = ""\n[alias]\nremote- = "!PROGRAM"\n',
    "alias as a protocol": f'url = none::x\n{ALLOWED}[alias]\nremote-none = "!PROGRAM"\n',
    "fsmonitor": "url = .\n[core]\nfsmonitor = PROGRAM\n",
}


def ask_everything(folder: Path) -> list[str]:
    """Read versions so that each command of git that there is runs; return what is wrong with them."""
    found = []
    versions = ("HEAD", f":{NAME}", ":nothing.yaml", "HEAD:nothing.yaml", f"{UNKNOWN}:x.yaml", "nothing", "HEAD:gone")
    for version in versions:
        found += [source.message for source in read_version(version, DEFAULTS, folder) if isinstance(source, Problem)]
    return found


@pytest.mark.parametrize(
    ("trick", "missing", "place"),
    [
        *((trick, "GIT_NO_LAZY_FETCH", "folder") for trick in TRICKS),
        ("uploadpack", "", "folder"),
        ("uploadpack", "GIT_NO_LAZY_FETCH", "file"),
        ("fsmonitor", "", "file"),
    ],
)
def test_a_repository_of_an_archive_runs_nothing(
    trick: str, missing: str, place: str, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ``.git`` that is a stranger's names programs for what git does, and none is run, nor by an older git."""
    if missing:
        monkeypatch.delitem(git._ENVIRONMENT, missing)
    program = write_marker(tmp_path)
    root = repository.folder
    repository.write("gone", "gone")
    repository.commit("v2.0")
    # An object that is to be fetched, and an index that asks a monitor of the file system.
    gone = repository.git("rev-parse", "HEAD:gone")
    (root / f".git/objects/{gone[:2]}/{gone[2:]}").unlink()
    repository.git("-c", "core.fsmonitor=/bin/true", "update-index", "--fsmonitor")
    settings = PARTIAL + TRICKS[trick].replace("PROGRAM", str(program))
    (root / "included").write_text(settings, encoding="utf-8")
    with (root / ".git/config").open("a", encoding="utf-8") as file:
        file.write(f"{settings}\n[include]\npath = {root}/included\n")
    if place == "file":
        (root / ".git").rename(root / "docs/elsewhere")
        (root / ".git").write_text("gitdir: docs/elsewhere\n", encoding="utf-8")
    assert len(ask_everything(root / "docs")) >= 5
    assert not (tmp_path / "pwned").exists()


def test_a_work_tree_elsewhere(repository: Repository, private: Repository, spy: Spy) -> None:
    """A repository whose work tree is said to be elsewhere is read as the one at the root."""
    repository.git("config", "core.worktree", str(private.folder))
    assert result(f"v1.0:{NAME}", Path("docs")) == "one"
    assert result("v1.0:./../schemas/state-stores.yaml", Path("docs")) == "one"
    assert "private" not in result(":x.yaml", Path("docs"))
    assert {where for _, where, _ in spy.runs} == {str(repository.folder)}


def test_objects_are_not_replaced(repository: Repository) -> None:
    """A reference that replaces an object changes nothing of what a revision contains."""
    repository.write(NAME, "two")
    repository.commit("v2.0")
    repository.git("replace", f"v1.0:{NAME}", f"v2.0:{NAME}")
    assert repository.git("cat-file", "blob", f"v1.0:{NAME}") == "two"
    assert result(f"v1.0:{NAME}", Path()) == "one"


def test_a_partial_clone(repository: Repository, tmp_path: Path) -> None:
    """A file that a clone left out is not fetched, and the message says so."""
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    address = f"file://{repository.folder}"
    repository.git("clone", "--quiet", "--no-checkout", "--filter=blob:none", address, str(clone))
    message = f"the file '{NAME}' in the revision 'v1.0' is missing in this partial clone: clone without '--filter'"
    assert result(f"v1.0:{NAME}", clone) == message
    assert result("v1.0:nothing.yaml", clone).startswith("there is no file 'nothing.yaml' in the revision 'v1.0'")


# -- hooks ------------------------------------------------------------------------------


def test_the_index_of_a_hook(
    repository: Repository, spy: Spy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The index that a hook is told is kept, as a full path, where it is one of the same checkout."""
    worktree = tmp_path / "worktree"
    repository.git("worktree", "add", "--quiet", str(worktree))
    own, others = repository.folder / ".git", repository.folder / ".git/worktrees/worktree"
    for folder in (own, others):
        shutil.copy(folder / "index", folder / "index.lock")

    def seen(root: Path, value: str, current: Path) -> str | None:
        monkeypatch.setenv("GIT_INDEX_FILE", value)
        monkeypatch.chdir(current)
        before = len(spy.runs)
        assert result(f":{NAME}", root / "docs") == "one"
        assert "GIT_INDEX_FILE" not in spy.runs[before][2]
        [found] = {environment.get("GIT_INDEX_FILE") for _, _, environment in spy.runs[before + 1 :]}
        return found

    kept = str(own / "index.lock")
    assert seen(repository.folder, kept, tmp_path) == kept
    assert seen(repository.folder, ".git/index.lock", repository.folder) == kept
    assert seen(repository.folder, "../.git/index.lock", repository.folder / "docs") == kept
    assert seen(repository.folder, ".git/index.lock", repository.folder / "docs") == kept
    assert seen(worktree, str(others / "index.lock"), worktree) == str(others / "index.lock")
    for root, value in (
        (repository.folder, str(others / "index.lock")),
        (worktree, kept),
        (repository.folder, ".git/nothing"),
        (repository.folder, ".git"),
        (repository.folder, f"{NAME}"),
        (repository.folder, "/dev/zero"),
        (repository.folder, "x" * 5000),
        (repository.folder, ""),
    ):
        assert seen(root, value, root) is None


# -- limits -----------------------------------------------------------------------------


def is_running(number: int) -> bool:
    """Whether there is a process of this number that has not ended."""
    try:
        return Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes")
@pytest.mark.parametrize("is_quiet", [True, False])
def test_the_time_limit_ends_what_git_started(
    is_quiet: bool, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time limit neither git nor a program that it started goes on, whether or not it may print."""
    output = ">/dev/null 2>&1" if is_quiet else ""
    script = f"sleep 60 {output} & echo $! > {tmp_path}/child\necho $$ > {tmp_path}/git\nexec sleep 60 {output}\n"
    write_program(tmp_path / "bin/git", script)
    put_first(tmp_path / "bin", monkeypatch)
    monkeypatch.setattr(git, "TIMEOUT", 0.5)
    with pytest.raises(GitError, match=r"git did not answer within 0\.5 seconds"):
        open_checkout(repository.folder)
    for name in ("child", "git"):
        number = int((tmp_path / name).read_text(encoding="utf-8"))
        for _ in range(100):  # the system may take a moment
            if is_running(number):
                time.sleep(0.05)
        assert not is_running(number), name


@pytest.mark.skipif(shutil.which("setsid") is None, reason="needs a program that leaves its group of processes")
def test_a_program_that_leaves_the_group(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that has made itself independent and keeps git's output open is not waited for."""
    write_program(tmp_path / "bin/git", f"setsid sleep 20 &\necho $! > {tmp_path}/child\nsleep 20\n")
    put_first(tmp_path / "bin", monkeypatch)
    monkeypatch.setattr(git, "TIMEOUT", 0.2)
    started = time.monotonic()
    with pytest.raises(GitError, match="did not answer"):
        open_checkout(repository.folder)
    assert time.monotonic() - started < 15


def test_output_is_bounded(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that prints without end is ended when what is wanted has been read."""
    checkout = open_checkout(repository.folder)
    write_program(tmp_path / "bin/git", f"echo $$ > {tmp_path}/git\nyes >&2 & exec yes\n")
    put_first(tmp_path / "bin", monkeypatch)
    assert checkout.ask("ls-files", limit=10) == b"y\n" * 5
    assert checkout.ask("ls-files", limit=3_000_001) == b"y\n" * 1_500_000 + b"y"
    assert not is_running(int((tmp_path / "git").read_text(encoding="utf-8")))
    # A message without end is none of a repository that can be read.
    with pytest.raises(NoRepositoryError, match=r"^git says 'y'$"):
        open_checkout(repository.folder)


def test_words_of_git_are_quoted(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git says is shown on one line, short, and without characters that a terminal obeys."""
    for said, message in (
        ("warning: odd\nfatal: \x1b[2J::error::\r" + "x" * 999, r"git says '\x1b[2J::error::\rxxx"),
        ("\x1b[2J\n::error::x", r"git says '\x1b[2J'"),
        ("", "git says ''"),
    ):
        (tmp_path / "said").write_text(said, encoding="utf-8")
        write_program(tmp_path / "bin/git", f"cat {tmp_path}/said >&2\nexit 128\n")
        put_first(tmp_path / "bin", monkeypatch)
        found = result("HEAD", repository.folder)
        assert found.startswith(f"there is no such file or revision: {message}")
        assert found.isprintable()
        assert len(found) < 150


def test_git_that_cannot_be_run(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program called git that is none is a message."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").write_bytes(b"\x7fELF")
    (tmp_path / "bin/git").chmod(0o755)
    put_first(tmp_path / "bin", monkeypatch)
    assert result("HEAD", repository.folder) == "git cannot be run: Exec format error"
