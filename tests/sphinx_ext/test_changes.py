"""``statestore-changes``: versions that change while pages do not, revisions of git, and every form of output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import WRITTEN_UNSEEN
from docutils import nodes

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built, Repository, Site

OLD = """\
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}
  auth-mutex: {backend: redis, prefix: "auth:lock", service: Auth, purpose: Mutual exclusion} # statestores: ignore
  mail-statestore: {backend: mysql, service: Mail, purpose: Letters}
"""
#: ``OLD`` with one store less.
OLDER = OLD[: OLD.index("  mail-statestore")]


@pytest.fixture(params=["rst", "md"])
def changed(site: Site, request: pytest.FixtureRequest) -> Site:
    """A site with a page of changes since a file, in either language, and two other pages."""
    site.write("history/old.yaml", OLD)
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   history/changes\n   stores\n   prose\n")
    page = {
        "rst": "Changes\n=======\n\n.. statestore-changes::\n   :from: old.yaml\n",
        "md": "# Changes\n\n```{statestore-changes}\n:from: old.yaml\n```\n",
    }
    site.write(f"history/changes.{request.param}", page[request.param])
    site.write("stores.rst", "Stores\n======\n\n.. statestore-table::\n")
    site.write("prose.rst", "Prose\n=====\n\n:store:`auth-lock`\n")
    return site


def totals(built: Built, docname: str = "history/changes") -> str:
    """The sentence that a page begins its changes with."""
    return next(built.resolved(docname).findall(nodes.paragraph)).astext()


def test_links(changed: Site) -> None:
    """Stores that exist now are links to where they are; those that are gone are names."""
    document = changed.build("xml").resolved("history/changes")
    links = {node.astext(): node.get("refuri", "") for node in document.findall(nodes.reference)}
    names = {node.astext() for node in document.findall(nodes.literal)}
    assert links["auth-statestore"].endswith("#store-auth-statestore")
    assert links["auth-lock"].endswith("#store-auth-lock")
    assert {"auth-mutex", "mail-statestore"} <= names - links.keys()


@pytest.mark.parametrize(
    "builder", ["html", "dirhtml", "singlehtml", "epub", "latex", "text", "man", "texinfo", "xml", "gettext"]
)
def test_every_builder(changed: Site, builder: str) -> None:
    """Each builder shows the changes without a warning."""
    changed.conf("man_pages = [('index', 'top', 'Top', '', 1)]\nversion = copyright = '1'\n")
    built = changed.build(builder)
    assert built.warnings == []
    if builder != "gettext":
        # Writers break lines within names.
        pages = (path for path in built.outdir.rglob("*") if path.suffix != ".epub" and path.is_file())
        text = "".join(path.read_text(encoding="utf-8", errors="replace") for path in pages)
        text = (
            text.replace("\\sphinxhyphen{}", "-").replace("\\allowbreak{}", "").replace("\\-", "-").replace("\\:", "")
        )
        assert "auth-mutex" in text


@pytest.mark.parametrize("parallel", [0, 2])
def test_changed_file(changed: Site, parallel: int) -> None:
    """When the compared file changes, no page is read, and the page that compares it is written."""
    first = changed.build(parallel=parallel)
    assert totals(first).startswith("3 added, 1 removed, 1 renamed, 1 changed:")
    changed.write("history/old.yaml", OLDER)
    second = changed.build(parallel=parallel)
    assert second.read == []
    assert set(second.written) == {"history/changes", "index"}
    assert totals(second).startswith("3 added, 1 renamed, 1 changed:")
    assert second.files() == changed.build(builddir="_clean").files()


def test_changed_registry(changed: Site) -> None:
    """When the registry changes, the page that compares it with another version is written, and not read."""
    changed.build()
    changed.registry(OLD)
    second = changed.build()
    assert second.read == []
    assert "history/changes" in second.written
    assert totals(second) == "No changes."
    assert second.files() == changed.build(builddir="_clean").files()


def test_unchanged(changed: Site) -> None:
    """A version that is written again with the same content, or with other comments, changes no page."""
    changed.build()
    changed.write("history/old.yaml", OLD)
    assert changed.build().written == []
    changed.write("history/old.yaml", "# A comment\n" + OLD)
    second = changed.build()
    assert (second.read, second.written) == ([], WRITTEN_UNSEEN)


def test_guide_of_a_version(changed: Site) -> None:
    """A version brings its guide along: backends that it defines are known, and a change of it counts."""
    changed.write("history/old.yaml", OLD.replace("backend: redis, prefix: auth,", "backend: own, prefix: auth,"))
    changed.write("history/old-guide.yaml", "x-backends:\n  own: {label: Our own}\n")
    first = changed.build("text")
    assert first.warnings == []
    assert "Our own" in first.text("history/changes.txt")
    changed.write("history/old-guide.yaml", "x-backends:\n  own: {label: Other}\n")
    second = changed.build("text")
    assert second.read == []
    assert "Other" in second.text("history/changes.txt")


def test_missing_file(changed: Site) -> None:
    """A file that is gone is a warning at the directive, the page says so, and the page heals when it comes back."""
    first = changed.build()
    (changed.folder / "history/old.yaml").unlink()
    second = changed.build()
    assert second.read == []
    [warning] = second.warnings
    assert ":4: WARNING: 'old.yaml' cannot be compared: there is no such file" in warning.replace(".md:3:", ".md:4:")
    assert totals(second) == "The comparison is not available."
    assert second.app.statuscode == 0
    changed.write("history/old.yaml", OLD)
    third = changed.build()
    assert third.warnings == []
    assert third.files() == first.files()


def test_warning_can_be_silenced(changed: Site) -> None:
    """The warning has a name of its own."""
    (changed.folder / "history/old.yaml").unlink()
    assert changed.build(suppress_warnings=["statestores.missing_revision"]).warnings == []


def test_serial_equals_parallel(changed: Site) -> None:
    """The page does not depend on how many processes make it."""
    assert changed.build(builddir="_a").files() == changed.build(builddir="_b", parallel=2).files()


def test_answers_stay_out_of_doctrees(changed: Site) -> None:
    """A doctree names the versions, and has nothing of what they hold."""
    built = changed.build()
    tree = (built.outdir.parent / "doctrees" / "history" / "changes.doctree").read_bytes()
    assert b"old.yaml" in tree
    assert b"Mutual exclusion" not in tree


def test_file_outside_of_the_repository(changed: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page names files of the repository: the checkout, or the root that the project names, and no others."""
    monkeypatch.chdir(changed.folder)
    (tmp_path / "private.yaml").write_text(OLD, encoding="utf-8")
    (changed.folder / "history/old.yaml").unlink()
    (changed.folder / "history/old.yaml").symlink_to("../../private.yaml")
    first = changed.build()
    [warning] = first.warnings
    assert "'old.yaml' cannot be compared: the file is outside the repository" in warning
    assert totals(first) == "The comparison is not available."
    page = next(changed.folder.glob("history/changes.*"))
    page.write_text(page.read_text(encoding="utf-8").replace("old.yaml", "../../private.yaml"), encoding="utf-8")
    assert "the file is outside the repository" in changed.build().warnings[0]
    assert changed.build(statestores_root=str(tmp_path)).warnings == []
    (tmp_path / ".git").mkdir()
    assert changed.build().warnings == []


# -- git -------------------------------------------------------------------------------


@pytest.fixture
def committed(site: Site, git_repository: Repository) -> Repository:
    """A repository around a site; ``v1.0`` is tagged and ``main`` is what pages compare with."""
    site.folder.rename(git_repository.folder / "docs")
    site.folder = git_repository.folder / "docs"
    site.registry(OLDER)
    git_repository.write(".gitignore", "_*\n")
    for name, version in (("tag", "v1.0:docs/schemas/state-stores.yaml"), ("branch", "main")):
        text = f"{name.title()}\n======\n\n.. statestore-changes::\n   :from: {version}\n"
        site.write(f"pages/{name}.rst", text)
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   pages/tag\n   pages/branch\n")
    git_repository.commit("v1.0")
    site.registry(OLD)
    return git_repository


def test_revisions(site: Site, committed: Repository) -> None:
    """A path in a revision is compared, and a revision alone means the registry of the site in it."""
    built = site.build()
    assert built.warnings == []
    expected = "1 added: from 2 stores (2 Redis) to 3 stores (2 Redis, 1 MySQL)."
    assert (totals(built, "pages/tag"), totals(built, "pages/branch")) == (expected, expected)


def test_branch_that_moves(site: Site, committed: Repository) -> None:
    """When a branch moves, the page that compares with it is written and not read; a tag's page is left alone."""
    site.build()
    committed.commit("v1.1")
    second = site.build()
    assert second.read == []
    assert second.written == ["index", "pages/branch"]
    assert totals(second, "pages/branch") == "No changes."
    assert second.files() == site.build(builddir="_clean").files()


def test_revision_that_there_is_not(site: Site, committed: Repository) -> None:
    """A revision that is not there, as in a clone without history, is a warning with a near name, and no failure."""
    site.write("pages/tag.rst", "Tag\n===\n\n.. statestore-changes::\n   :from: v1.O\n   :class: odd\n")
    built = site.build()
    assert built.app.statuscode == 0
    [warning] = built.warnings
    assert warning.endswith(
        "tag.rst:4: WARNING: 'v1.O' cannot be compared: there is no revision 'v1.O'; did you mean 'v1.0'? "
        "[statestores.missing_revision]"
    )
    assert totals(built, "pages/tag") == "The comparison is not available."
    committed.git("tag", "v1.O")
    second = site.build()
    assert (second.read, second.warnings) == ([], [])
    assert totals(second, "pages/tag").startswith("1 added:")


def test_without_git(site: Site, committed: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git, pages that compare with a revision say that they cannot, and the site is built."""
    monkeypatch.setenv("PATH", "")
    built = site.build()
    assert built.app.statuscode == 0
    assert len([warning for warning in built.warnings if "git" in warning and "is not installed" in warning]) == 2
