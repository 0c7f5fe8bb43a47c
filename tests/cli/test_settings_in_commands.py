"""The settings file and the search upward, as the commands use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Repository, Run

STORE = "  {name}: {{backend: redis, prefix: {name}, service: Auth, purpose: P}}\n"


def registry(*names: str) -> str:
    """Return a registry of stores."""
    return "x-state-stores:\n" + "".join(STORE.format(name=name) for name in names)


def write(folder: Path, name: str, text: str) -> None:
    """Write a file, and its folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def listed(run: Run, *arguments: str, **options: object) -> list[str]:
    """Return the names of the stores that ``list`` prints."""
    done = run("list", "--columns", "name", *arguments, **options)
    assert done.stderr == b""
    return done.stdout.decode().split()


def test_the_registry_is_found_from_a_folder_below(repository: Path, run: Run) -> None:
    """The command looks upward for the default registry and its guide, and names them from the current folder."""
    write(repository, "schemas/state-stores.yaml", registry("auth-a"))
    write(repository, "schemas/state-stores-guide.yaml", "x-lint: {nope: off}\n")
    below = repository / "src/auth"
    below.mkdir(parents=True)
    assert listed(run, cwd=below) == ["auth-a"]
    done = run("check", cwd=below)
    assert done.stdout.startswith(b"../../schemas/state-stores-guide.yaml:1:10: warning: unknown rule 'nope'")


@pytest.mark.parametrize("folder", [".", "docs/deep"])
def test_the_settings_name_the_registry(repository: Path, run: Run, folder: str) -> None:
    """What ``[tool.statestores]`` names is read, from any folder of the repository; FILE comes first."""
    write(repository, "pyproject.toml", '[tool.statestores]\nregistry = ["data/a.yaml", "data/b.yaml"]\n')
    write(repository, "data/a.yaml", registry("auth-a"))
    write(repository, "data/b.yaml", registry("auth-b"))
    write(repository, "schemas/state-stores.yaml", registry("auth-c"))
    (repository / folder).mkdir(parents=True, exist_ok=True)
    assert listed(run, cwd=repository / folder) == ["auth-a", "auth-b"]
    assert listed(run, str(repository / "schemas/state-stores.yaml"), cwd=repository / folder) == ["auth-c"]


def test_a_registry_that_is_not_there(repository: Path, run: Run) -> None:
    """A file that the settings name and that does not exist is an error, and not the default taken instead."""
    write(repository, "statestores.toml", 'registry = "none.yaml"\n')
    write(repository, "schemas/state-stores.yaml", registry("auth-c"))
    done = run("check")
    assert done.returncode == 1
    assert done.stdout == (
        b"none.yaml: error: there is no such file: 'registry' in statestores.toml names it [unreadable_file]\n"
    )


@pytest.mark.parametrize("value", ['"../other.yaml"', '"/etc/hosts"', '["schemas/state-stores.yaml", 3]'])
def test_a_registry_that_may_not_be_named(repository: Path, run: Run, value: str) -> None:
    """A ``registry`` that cannot be used is the only fault that is told, and nothing is read or written instead."""
    write(repository, "statestores.toml", f"registry = {value}\n")
    write(repository, "schemas/state-stores.yaml", registry("auth-c"))
    done = run("check")
    (line,) = done.stdout.decode().splitlines()
    assert (done.returncode, line.partition(": error: 'registry'")[0]) == (1, "statestores.toml:1:1")
    write(repository, "new.csv", "name,backend,service,purpose\nauth-n,redis,Auth,P\n")
    done = run("import", "--update", "new.csv")
    assert done.returncode == 2
    assert b"statestores.toml: 'registry' names no file to merge into: name one with -o OUT" in done.stderr
    assert (repository / "schemas/state-stores.yaml").read_text(encoding="utf-8") == registry("auth-c")


def test_faults_of_the_settings_are_problems(repository: Path, run: Run) -> None:
    """``check`` reports them with the rest, and a fault that leaves a setting out is an error for each command."""
    write(repository, "statestores.toml", "registy = 'x'\nregistry = 5\n")
    write(repository, "schemas/state-stores.yaml", registry("auth-c"))
    done = run("check")
    assert done.returncode == 1
    assert done.stdout.decode().splitlines() == [
        "statestores.toml:1:1: warning: unknown setting 'registy'; did you mean 'registry'? [invalid_config]",
        "statestores.toml:2:1: error: 'registry' must be a path or a list of paths; found a number [wrong_shape]",
    ]
    done = run("generate", "csv")
    assert (done.returncode, done.stdout) == (1, b"")
    assert run("list").returncode == 1
    assert run("check", "schemas/state-stores.yaml").returncode == 1


def test_an_empty_list_is_no_registry(repository: Path, run: Run) -> None:
    """A project that wants no registry has to name one on the command line."""
    write(repository, "statestores.toml", "registry = []\n")
    done = run("check")
    assert (done.returncode, done.stderr) == (
        2,
        b"statestores: statestores.toml: 'registry' is an empty list: name a FILE\n",
    )


def test_lint_settings(repository: Path, run: Run) -> None:
    """They win over ``x-lint`` rule by rule, and ``lint = false`` checks no rule."""
    text = registry("AuthCache") + "x-lint: {not_kebab_case: error, naming_convention: 'off'}\n"
    write(repository, "schemas/state-stores.yaml", text)
    assert run("check").returncode == 1
    write(repository, "statestores.toml", "[lint]\nnot_kebab_case = 'info'\n")
    done = run("check", "schemas/state-stores.yaml")
    assert done.returncode == 0
    assert b"info: 'AuthCache' is not in kebab-case" in done.stdout
    write(
        repository, "schemas/state-stores.yaml", registry("auth-c").replace("purpose: P", "purpose: P, readers: [X]")
    )
    assert b"[unknown_reader]" in run("check").stdout
    write(repository, "statestores.toml", "lint = false\n")
    assert run("check").stdout == b""


def test_what_tells_of_a_change_cannot_be_silenced(repository: Path, run: Run) -> None:
    """Characters that turn the direction of writing are reported whatever the settings of the same change say."""
    write(repository, "schemas/state-stores.yaml", registry("auth-c").replace("P}", '"P\\u202e"}'))
    for text in ("lint = false", "lint.invisible_characters = 'off'"):
        write(repository, "statestores.toml", text)
        assert b"[invisible_characters]" in run("check").stdout


def test_declared_outputs(repository: Path, run: Run) -> None:
    """``outputs`` are generated and compared beside those of ``x-outputs``, from the folder of their file."""
    text = registry("auth-a") + "x-outputs: [{format: csv, path: ../a.csv}]\n"
    write(repository, "schemas/state-stores.yaml", text)
    write(repository, "statestores.toml", "[[outputs]]\nformat = 'json'\npath = 'out/a.json'\n")
    below = repository / "docs"
    below.mkdir()
    done = run("check", cwd=below)
    assert done.returncode == 1
    assert done.stdout.decode().splitlines()[0] == (
        "../statestores.toml:3:1: error: 'out/a.json' is missing; "
        "'statestores generate outputs' regenerates it [drift]"
    )
    assert run("generate", "outputs", cwd=below).returncode == 0
    assert (repository / "out/a.json").is_file()
    assert (repository / "a.csv").is_file()
    assert run("check").returncode == 0


def test_outputs_belong_to_the_registry_of_their_file(repository: Path, run: Run) -> None:
    """A registry that is named on the command line is not written to the outputs of another."""
    write(repository, "other.yaml", registry("auth-b"))
    write(repository, "statestores.toml", "[[outputs]]\nformat = 'json'\npath = 'a.json'\n")
    assert run("generate", "outputs", "other.yaml").returncode == 2
    assert not (repository / "a.json").exists()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../a.csv", "is outside the repository"),
        ("out/a.csv", "is outside the repository"),
        ("statestores.toml", "is the file 'statestores.toml', which declares it"),
        ("schemas/state-stores.yaml", "is the registry file 'schemas/state-stores.yaml'"),
        (".git/config", ""),
        ("docs/conf.py", ""),
    ],
)
def test_outputs_follow_the_rules_of_the_registry(repository: Path, run: Run, path: str, reason: str) -> None:
    """An output may be where one of ``x-outputs`` may be, and nowhere else."""
    write(repository, "schemas/state-stores.yaml", registry("auth-a"))
    write(repository, "statestores.toml", f"[[outputs]]\nformat = 'csv'\npath = '{path}'\n")
    (repository.parent / "elsewhere").mkdir()
    (repository / "out").symlink_to(repository.parent / "elsewhere")
    done = run("generate", "outputs")
    assert done.returncode == 1
    assert f"statestores.toml:3:1: error: the output '{path}' {reason}" in done.stderr.decode()
    assert not list((repository.parent / "elsewhere").iterdir())


def test_the_root_narrows(repository: Path, run: Run) -> None:
    """A root in the settings is that of the repository for what lies below it; the command line's own comes first."""
    write(repository, "part/statestores.toml", "root = '.'\nregistry = 'a.yaml'\n")
    write(repository, "a.yaml", registry("auth-a"))
    (repository / "part/a.yaml").symlink_to("../a.yaml")
    done = run("list", cwd=repository / "part")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"a link leads out of" in done.stderr
    assert listed(run, "--root", "..", "--columns", "name", cwd=repository / "part") == ["auth-a"]


def test_versions_of_the_configured_registry(
    git_repository: Repository, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    """``diff`` compares the files that the settings name, in a revision and as they are."""
    git_repository.write("statestores.toml", "registry = ['a.yaml', 'b.yaml']\n")
    git_repository.write("a.yaml", registry("auth-a"))
    git_repository.write("b.yaml", registry("auth-b"))
    git_repository.commit("v1")
    git_repository.write("b.yaml", registry("auth-b", "auth-c"))
    (git_repository.folder / "docs").mkdir()
    monkeypatch.chdir(git_repository.folder / "docs")
    done = run("diff", "v1")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[0] == "+ auth-c  Redis  Auth  P"
    assert b"from 2 stores" in done.stdout
