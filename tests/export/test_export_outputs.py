"""Declared outputs: where they may be, what they hold, and how drift is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sphinx_statestores.export import outputs as export_outputs
from sphinx_statestores.export.format import ExportError
from sphinx_statestores.export.outputs import Project, Rendered, check_outputs, render_outputs
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.problems import Kind, Problem, Severity

STORES = "x-state-stores:\n  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}\n"
PAGE = "{format: markdown, path: ../docs/STORES.md}"

posix = pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository with a registry, beside another one, and go there."""
    (tmp_path / "other").mkdir()
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    for name in ("schemas", "docs"):
        (folder / name).mkdir()
    (folder / "schemas/a.yaml").write_text(STORES, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def outputs(*items: str, more: str = "") -> tuple[str, list[Problem]]:
    """Return the paths of the outputs that can be rendered, and what is wrong."""
    Path("schemas/guide.yaml").write_text("\n- ".join(("x-outputs:", *items)) + "\n" + more, encoding="utf-8")
    names = ("schemas/a.yaml", "schemas/guide.yaml")
    registry, problems = load(names)
    assert problems == []
    rendered, found = rendered_by(Project(registry, {name: Path(name) for name in names}))
    return " ".join(item.name for item in rendered), found


def rendered_by(project: Project) -> tuple[list[Rendered], list[Problem]]:
    """Return the outputs that can be rendered, and what is wrong."""
    found = list(render_outputs(project))
    return (
        [item for item in found if isinstance(item, Rendered)],
        [item for item in found if isinstance(item, Problem)],
    )


def drifted(folder: str = ".", *, more: str = "") -> list[str]:
    """Return the messages about outputs, when the registry's files are named from *folder*."""
    text = f"x-outputs:\n- {PAGE}\n{more}"
    (Path(folder) / "schemas/guide.yaml").write_text(text, encoding="utf-8")
    names = [str(Path(folder) / "schemas" / name) for name in ("a.yaml", "guide.yaml")]
    registry, problems = load(names)
    assert problems == []
    found = check_outputs(Project(registry, {name: Path(name) for name in names}))
    assert {(problem.kind, str(problem.location)) for problem in found} <= {(Kind.DRIFT, f"{names[1]}:2:28")}
    return [problem.message for problem in found]


def test_an_output_is_relative_to_its_file(repository: Path) -> None:
    """The path of an output starts at the folder of the file that declares it."""
    assert outputs(PAGE) == ("docs/STORES.md", [])
    assert outputs("{format: markdown, path: STORES.md}") == ("schemas/STORES.md", [])


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("item", "place", "message"),
    [
        ("{format: markdwon, path: a.md}", "2:12", "unknown format 'markdwon'; did you mean 'markdown'?"),
        ("{format: Jinja, path: a.md}", "2:12", "unknown format 'Jinja'; did you mean 'template'?"),
        ("{format: outputs, path: a.md}", "2:12", "unknown format 'outputs'"),
        (
            "{format: markdown, path: ../../other/a.md}",
            "2:28",
            "the output '../../other/a.md' is outside the repository",
        ),
        ("{format: markdown, path: ../..}", "2:28", "the output '../..' is outside the repository"),
        (
            "{format: markdown, path: ../.git/hooks/pre-commit}",
            "2:28",
            "the output '../.git/hooks/pre-commit' belongs to git",
        ),
        ("{format: markdown, path: a.yaml}", "2:28", "the output 'a.yaml' is the registry file 'schemas/a.yaml'"),
        (
            "{format: markdown, path: ../schemas/guide.yaml}",
            "2:28",
            "the output '../schemas/guide.yaml' is the registry file 'schemas/guide.yaml'",
        ),
    ],
)
def test_outputs_that_cannot_be(item: str, place: str, message: str) -> None:
    """An unknown format, a path out of the repository, into git's own files or onto the registry is an error."""
    rendered, problems = outputs(item)
    assert rendered == ""
    (problem,) = problems
    assert problem.kind is Kind.INVALID_VALUE
    assert problem.message.startswith(message)
    assert str(problem.location) == f"schemas/guide.yaml:{place}"


@pytest.mark.usefixtures("repository")
def test_two_outputs_of_one_path() -> None:
    """Of two outputs with one path, by whatever detour, the second is an error and the first stands."""
    rendered, (problem,) = outputs(PAGE, "{format: markdown, path: ../docs/x/../STORES.md}")
    assert rendered == "docs/STORES.md"
    assert problem.message == "the output '../docs/x/../STORES.md' is the output at schemas/guide.yaml:2:28"


@posix
def test_links_out_of_the_repository(repository: Path) -> None:
    """A link that leads out of the repository is no way out; one inside of it is an ordinary path."""
    (repository / "out").symlink_to("../other")
    (repository / "in").symlink_to("docs")
    _, (problem,) = outputs("{format: markdown, path: ../out/a.md}")
    assert problem.message.startswith("the output '../out/a.md' is outside the repository")
    assert outputs("{format: markdown, path: ../in/a.md}") == ("in/a.md", [])


@pytest.mark.usefixtures("repository")
def test_a_field_that_no_format_takes() -> None:
    """An unknown field is a warning with a suggestion, and the output is rendered."""
    rendered, (problem,) = outputs("{format: markdown, path: a.md, pth: b.md, x-owner: Docs}")
    assert rendered == "schemas/a.md"
    assert (problem.kind, problem.message) == (
        Kind.UNKNOWN_FIELD,
        "unknown field 'pth' in an item of 'x-outputs'; did you mean 'path'?",
    )


def test_what_outputs_are_told(repository: Path) -> None:
    """An output tells its format what the command line would, and names its template from its own folder."""
    (repository / "docs/t.jinja").write_text("{{ stores[0].location.path }}\n", encoding="utf-8")
    items = (
        "{format: csharp, path: a.cs, namespace: N.M, class: C}",
        "{format: csv, path: a.csv, columns: [service, name]}",
        "{format: json, path: a.json}",
        "{format: template, path: a.txt, template: ../docs/t.jinja}",
    )
    assert outputs(*items) == ("schemas/a.cs schemas/a.csv schemas/a.json schemas/a.txt", [])
    code, rows, document, text = (item.text for item in rendered_by(loaded())[0])
    assert "namespace N.M\n" in code
    assert "class C\n" in code
    assert rows == "service,name\nAuth,auth-statestore\n"
    assert '"path": "schemas/a.yaml"' in document
    assert text == "schemas/a.yaml\n"


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("item", "place", "message"),
    [
        ("{format: csharp, path: a, namespace: a b}", "2:40", "the output 'a': namespace 'a b': 'a b' is no"),
        ("{format: csharp, path: a, class: [A, B]}", "2:36", "'class' of an output must be one string; found 2"),
        ("{format: csv, path: a, columns: [bakend]}", "2:35", "the output 'a': unknown column 'bakend'"),
        ("{format: template, path: a}", "2:12", "the output 'a': no template is given"),
        ("{format: template, path: a, template: none.jinja}", "2:41", "the output 'a': schemas/none.jinja: there is"),
        (
            "{format: template, path: a, template: ../../other/t.jinja}",
            "2:41",
            "the output 'a': schemas/../../other/t.jinja: the template is outside the repository",
        ),
        (
            "{format: template, path: a, template: /etc/passwd}",
            "2:41",
            "the output 'a': /etc/passwd: the template is",
        ),
    ],
)
def test_options_that_cannot_be_used(item: str, place: str, message: str) -> None:
    """An option that a format cannot use, and a template from elsewhere, are errors at their places."""
    rendered, (problem,) = outputs(item)
    assert rendered == ""
    assert (problem.kind, str(problem.location)) == (Kind.INVALID_VALUE, f"schemas/guide.yaml:{place}")
    assert problem.message.startswith(message)


@pytest.mark.usefixtures("repository")
def test_shipped_templates(repository: Path) -> None:
    """The name of a shipped template stands for it, and what it has written is recognized and replaced later."""
    item = "{format: template, template: redis-acl, path: ../docs/acl.txt}"
    acl = '# Generated by statestores: do not edit.\nACL SETUSER "Auth" resetkeys "~auth:*"\n'
    Path("schemas/redis-acl").write_text("{# a file never replaces it #}own", encoding="utf-8")
    assert outputs(item) == ("docs/acl.txt", [])
    registry, _ = load(["schemas/a.yaml", "schemas/guide.yaml"])
    ((rendered,), _) = rendered_by(Project(registry, {name: Path(name) for name in ("schemas/guide.yaml",)}))
    assert rendered.text == acl
    Path("docs/acl.txt").write_text(acl.replace("auth:*", "old:*"), encoding="utf-8")
    assert outputs(item) == ("docs/acl.txt", [])
    Path("docs/acl.txt").write_text('ACL SETUSER "Auth" resetkeys "~mine:*"\n', encoding="utf-8")
    assert outputs(item)[0] == ""
    Path("docs/acl.txt").unlink()
    assert outputs("{format: template, template: ./redis-acl, path: ../docs/acl.txt}") == ("docs/acl.txt", [])
    grants = "{format: template, template: grants, path: ../docs/grants.sql}"
    assert outputs(grants) == ("docs/grants.sql", [])
    _, (problem,) = outputs("{format: template, template: redis_acl, path: ../docs/acl.txt}")
    assert problem.message.endswith("redis_acl: there is no such file; did you mean 'redis-acl'?")


@pytest.mark.usefixtures("repository")
def test_a_shipped_template_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is told without a suggestion of the name that was written."""

    def failing(*_: object) -> None:
        raise ExportError("install Jinja")

    monkeypatch.setattr(export_outputs, "write_portably", failing)
    rendered, (problem,) = outputs("{format: template, template: grants, path: ../docs/grants.sql}")
    assert rendered == ""
    assert problem.message == "the output '../docs/grants.sql': install Jinja"


def test_a_registry_that_a_format_has_no_form_for() -> None:
    """What cannot be written in the format is an error where it stands, and the other outputs are rendered."""
    twin = "  auth: {backend: redis, prefix: b, service: Auth, purpose: Tokens}\n"
    Path("schemas/a.yaml").write_text(STORES + twin, encoding="utf-8")
    Path("schemas/guide.yaml").write_text(
        f"x-outputs:\n- {{format: csharp, path: a.cs}}\n- {PAGE}\n", encoding="utf-8"
    )
    rendered, (problem,) = rendered_by(loaded())
    assert [item.name for item in rendered] == ["docs/STORES.md"]
    assert (problem.kind, problem.severity) == (Kind.CONSTANT_COLLISION, Severity.ERROR)
    assert str(problem.location) == "schemas/a.yaml:3:3"


def test_a_file_that_is_up_to_date(repository: Path) -> None:
    """A file that holds what the registry gives is no problem, from wherever the registry is named."""
    registry, _ = load(["schemas/a.yaml"])
    drifted()
    (item,), _ = rendered_by(loaded())
    assert "**Source**: `schemas/a.yaml`" in item.text
    (repository / "docs/STORES.md").write_text(item.text, encoding="utf-8")
    assert drifted() == []
    assert drifted(str(repository)) == []
    os.chdir(repository / "docs")
    assert drifted("..") == []
    assert registry.stores[0].location.path == "schemas/a.yaml"


def loaded() -> Project:
    """Return what the repository's registry says, and its files."""
    names = ("schemas/a.yaml", "schemas/guide.yaml")
    return Project(load(names)[0], {name: Path(name) for name in names})


def test_drift(repository: Path) -> None:
    """Drift says which file, how it differs, and what regenerates it; nothing is written."""
    again = "'statestores generate outputs schemas/a.yaml schemas/guide.yaml' regenerates it"
    assert drifted() == [f"'docs/STORES.md' is missing; {again}"]
    assert not (repository / "docs/STORES.md").exists()
    (item,), _ = rendered_by(loaded())
    page = repository / "docs/STORES.md"
    page.write_text(item.text.replace("Sessions", "Tokens") + "\nmore\n", encoding="utf-8")
    assert drifted() == [f"'docs/STORES.md' has drifted: 1 line to add, 3 lines to remove; {again}"]
    page.write_bytes(item.text.replace("\n", "\r\n", 1).encode())
    (message,) = drifted()
    assert message.startswith("'docs/STORES.md' has drifted: ")
    page.write_bytes(b"\xef\xbb\xbf" + item.text.encode())
    assert drifted(more="x-reference: {regenerate: make docs}\n")[0].endswith("; 'make docs' regenerates it")
    page.unlink()
    page.mkdir()
    (message,) = drifted()
    assert message.startswith("'docs/STORES.md' cannot be compared: ")


@pytest.mark.usefixtures("repository")
def test_the_command_for_the_usual_files() -> None:
    """Where the registry has the usual name, the command that writes the outputs needs none."""
    Path("schemas/state-stores.yaml").write_text(f"{STORES}x-outputs:\n- {PAGE}\n", encoding="utf-8")
    registry, _ = load(["schemas/state-stores.yaml"])
    (problem,) = check_outputs(Project(registry, {"schemas/state-stores.yaml": Path("schemas/state-stores.yaml")}))
    assert problem.message.endswith("; 'statestores generate outputs' regenerates it")


def test_without_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a checkout, an output stays in the current folder, and from elsewhere in that of its registry file."""
    (tmp_path / "project/schemas").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    Path("schemas/a.yaml").write_text(STORES, encoding="utf-8")
    assert outputs(PAGE) == ("docs/STORES.md", [])
    _, (problem,) = outputs("{format: markdown, path: ../../a.md}")
    assert "is outside the repository, whose root is " in problem.message
    project = absolute(loaded())
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert [problem.message for problem in rendered_by(project)[1]] == [
        problem.message.replace("project' (", "project/schemas' (")
    ]


def absolute(project: Project) -> Project:
    """Name a project's files from the root of the file system."""
    return project._replace(files={name: path.absolute() for name, path in project.files.items()})
