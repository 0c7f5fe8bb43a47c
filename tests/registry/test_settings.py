"""The file that command line and site share: where it is found, what it may say, and what is said of its faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from sphinx_statestores.registry.model import RuleSetting
from sphinx_statestores.registry.problems import Kind, Severity
from sphinx_statestores.registry.settings import SharedSettings, find_registry, find_settings


def write(folder: Path, name: str, text: str) -> None:
    """Write a file, and its folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def said(settings: SharedSettings) -> list[str]:
    """Return what is wrong with settings, as ``line: message``, or with the column where that is known."""
    return [
        ":".join(str(number) for number in problem.location[1:] if number) + f": {problem.message}"
        for problem in settings.problems
    ]


def read(repository: Path, text: str) -> SharedSettings:
    """Read a ``statestores.toml`` in the root of a repository."""
    write(repository, "statestores.toml", text)
    return find_settings(Path())


def test_everything_that_it_may_say(repository: Path) -> None:
    """Each setting is read; paths are from the folder of the file."""
    write(
        repository,
        "deep/pyproject.toml",
        """\
[project]
name = "x"

[tool.statestores]
registry = ["../a.yaml", "b.yaml"]
root = "."
source_url = "https://example.org/{path}#L{line}"
source_ref = "v1"

[tool.statestores.lint]
naming_convention = "off"
nested-prefix = { severity = "warning", except = ["a-*"] }

[[tool.statestores.outputs]]
format = "csv"
path = "stores.csv"
columns = ["name", "purpose"]
""",
    )
    found = find_settings(Path("deep"))
    assert found.problems == ()
    assert found.file == Path("deep/pyproject.toml")
    assert found.registry == (Path("a.yaml"), Path("deep/b.yaml"))
    assert found.root == Path("deep")
    assert (found.source_url, found.source_ref) == ("https://example.org/{path}#L{line}", "v1")
    assert found.lint == {
        "naming_convention": RuleSetting(is_off=True),
        "nested_prefix": RuleSetting(Severity.WARNING, exceptions=("a-*",)),
    }
    (output,) = found.outputs
    assert (output.format, output.path, output.options) == ("csv", "stores.csv", (("columns", ("name", "purpose")),))
    assert str(output.places.of("path")) == "deep/pyproject.toml:16:1"


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"statestores.toml": "", "a/statestores.toml": ""}, "a/statestores.toml"),
        ({"statestores.toml": "", "a/pyproject.toml": "[tool.statestores]"}, "a/pyproject.toml"),
        ({"statestores.toml": "", "a/pyproject.toml": "[project]\nname = 'sphinx-statestores'"}, "statestores.toml"),
        ({"statestores.toml": "", "a/pyproject.toml": "[tool]\nx.statestores = 1"}, "statestores.toml"),
        ({"statestores.toml": "", "a/pyproject.toml": "statestores = [no toml"}, "statestores.toml"),
        ({"pyproject.toml": "[tool]\nstatestores.root = '.'"}, "pyproject.toml"),
        ({"../statestores.toml": ""}, None),
        ({"a/b/c/statestores.toml": ""}, None),
        ({}, None),
    ],
)
def test_the_nearest_file_wins(repository: Path, files: dict[str, str], wanted: str | None) -> None:
    """It is looked for upward to the root of the repository; ``pyproject.toml`` counts when it has the table."""
    (repository / "a/b").mkdir(parents=True)
    for name, text in files.items():
        write(repository, name, text)
    found = find_settings(repository / "a/b")
    assert found.file == (wanted and repository / wanted)
    assert found.problems == ()


def test_without_a_repository_nothing_above_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing tells the root of the repository, that is the current folder, or the folder itself."""
    write(tmp_path, "statestores.toml", "")
    write(tmp_path, "project/docs/x", "")
    monkeypatch.chdir(tmp_path / "project")
    assert find_settings(tmp_path / "project/docs").file is None
    assert find_settings(tmp_path / "project/docs", root=tmp_path).file == tmp_path / "statestores.toml"
    write(tmp_path, "project/statestores.toml", "")
    assert find_settings(tmp_path / "project/docs").file == tmp_path / "project/statestores.toml"


def test_two_files_in_one_folder(repository: Path) -> None:
    """The file of the program's own wins, and that is said at the table of the other."""
    write(repository, "pyproject.toml", "[project]\n\n[tool.statestores]\nregistry = 'a.yaml'\n")
    found = read(repository, "registry = 'b.yaml'\n")
    assert found.registry == Path("b.yaml")
    (problem,) = found.problems
    assert str(problem.location) == "pyproject.toml:3:1"
    assert problem.kind is Kind.INVALID_CONFIG
    assert "statestores.toml is in the same folder" in problem.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("registry = 5", "1:1: 'registry' must be a path or a list of paths; found a number"),
        ("\nregistry = true", "2:1: 'registry' must be a path or a list of paths; found true or false"),
        (
            "registry = ['a.yaml', 3.5]",
            "1:1: 'registry' must be a path or a list of paths; found a number in the list",
        ),
        ("registry = {a = 'b'}", "1:1: 'registry' must be a path or a list of paths; found a mapping"),
        ("registry = ''", "1:1: 'registry': '': the path is empty"),
        ("registry = 0x" + "f" * 5000, "1:1: 'registry' must be a path or a list of paths; found a number"),
        ("registry = 2024-01-01", "1:1: 'registry' must be a path or a list of paths; found a date"),
        (
            "registry = '/etc/passwd'",
            "1:1: 'registry': '/etc/passwd': write a path relative to the folder of statestores",
        ),
        (
            "registry = 'C:/x.yaml'",
            "1:1: 'registry': 'C:/x.yaml': write a path relative to the folder of statestores.toml",
        ),
        ("registry = 'a\\b.yaml'", "1:1: 'registry': 'a\\\\b.yaml': it has a backslash"),
        ("registry = '../x.yaml'", "1:1: 'registry': '../x.yaml': this is outside the repository"),
        ("registry = ['a.yaml', 'a/../../x.yaml']", "1:1: 'registry': 'a/../../x.yaml': this is outside"),
        ("registry = 'out/x.yaml'", "1:1: 'registry': 'out/x.yaml': a link leads out of"),
        ("root = '..'", "1:1: 'root': '..': this is outside the repository"),
        ("root = 'out'", "1:1: 'root': 'out': a link leads out of"),
        ("root = 'none'", "1:1: 'root': 'none' is not a folder"),
        ("root = ['a']", "1:1: 'root' must be a path; found a list"),
        ("source_url = 'javascript:x'", "1:1: 'source_url': 'javascript:x' is not a valid link"),
        (
            "source_url = 'https://x/{pth}'",
            "1:1: 'source_url': unknown field 'pth' in 'https://x/{pth}'; did you mean 'path'",
        ),
        ("source_url = 1", "1:1: 'source_url' must be a string; found a number"),
        ("source_ref = []", "1:1: 'source_ref' must be a string; found a list"),
        ("lint = 'off'", "1:1: 'lint' must be true, false or a table from rules to severities; found a string"),
        ("[lint]\nnaming = 'off'", "2:1: unknown rule 'naming'"),
        (
            "[lint]\ninvisible_characters = 'off'",
            "2:1: 'invisible_characters' cannot be set or ignored in a registry",
        ),
        (
            "[[outputs]]\npath = 'a'\nformat = 5",
            "3:1: 'format' of an item of 'outputs' must be a string; found a number: put it in quotes",
        ),
        ("outputs = 'a.md'", "1:1: 'outputs' must be a list of tables ([[...outputs]]); found a string"),
        ("[[outputs]]\npath = 'a'\n[[outputs]]\nformat = 'csv'", "1:1: an item of 'outputs' has no 'format'"),
        (
            "[[outputs]]\npath = '/a'\nformat = 'csv'",
            "2:1: 'path' of an item of 'outputs' must be relative to this file; found '/a'",
        ),
        ("registy = 'a.yaml'", "1:1: unknown setting 'registy'; did you mean 'registry'?"),
        ("statestores_registry = 'a.yaml'", "1:1: unknown setting 'statestores_registry'"),
        (
            "statestores_autolink = true",
            "1:1: unknown setting 'statestores_autolink': set statestores_autolink in conf",
        ),
        ("registry =", "1:11: this is not well-formed TOML: invalid value"),
        ("registry = 'a.yaml'\nregistry = 'b.yaml'", "2:20: this is not well-formed TOML: cannot overwrite a value"),
        ("\na = '''", "2: this is not well-formed TOML: "),
        ("a = " + "[" * 30_000, ": values are nested too deeply"),
        (".".join("a" * 100_000) + " = 1", "1: this line has more than 250 dots"),
        ("a = '" + "b" * 300_000 + "'", ": the file is larger than the limit of 262,144 bytes"),
    ],
)
def test_what_is_wrong(repository: Path, text: str, message: str) -> None:
    """Each fault is a problem at its line, which says what to write, and the setting is left out.

    A registry that cannot be used is none: the default is not what was meant.
    """
    (repository.parent / "elsewhere").mkdir()
    (repository / "out").symlink_to(repository.parent / "elsewhere")
    found = read(repository, text)
    assert said(found)[0].startswith(message)
    registry = () if message.partition(": ")[2].startswith("'registry'") else None
    assert found._replace(problems=()) == SharedSettings(Path("statestores.toml"), registry)


def test_a_fault_leaves_the_other_settings(repository: Path) -> None:
    """All faults are found, and what is sound is used."""
    found = read(repository, "rot = 1\nroot = 1\nregistry = 'a.yaml'\n[lint]\nx = 'off'\nlegacy_name = 'off'\n")
    assert [message.partition(":")[0] for message in said(found)] == ["1", "2", "5"]
    assert found.registry == Path("a.yaml")
    assert found.lint == {"legacy_name": RuleSetting(is_off=True)}


def test_a_link_out_of_the_repository_is_not_read(repository: Path) -> None:
    """The file itself may be no link that leads elsewhere; of the one that others share, nothing is said."""
    write(repository, "../other.toml", "registry = 'a.yaml'\n[tool.statestores]\n")
    (repository / "statestores.toml").symlink_to("../other.toml")
    assert said(find_settings(Path()))[0].startswith(": a link leads out of")
    (repository / "statestores.toml").unlink()
    (repository / "pyproject.toml").symlink_to("../other.toml")
    assert find_settings(Path()) == SharedSettings()


def test_the_registry_is_looked_for_upward(repository: Path) -> None:
    """Without settings, the nearest ``schemas/state-stores.yaml`` is that of the folder, or of one above it."""
    (repository / "a/b").mkdir(parents=True)
    write(repository, "../schemas/state-stores.yaml", "")
    assert find_registry(repository / "a/b") is None
    write(repository, "schemas/state-stores.yaml", "")
    assert find_registry(repository / "a/b") == repository / "schemas/state-stores.yaml"
    write(repository, "a/schemas/state-stores.yaml", "")
    assert find_registry(repository / "a/b") == repository / "a/schemas/state-stores.yaml"
