"""The settings file, as a build uses it: where ``conf.py`` says nothing, and as if ``conf.py`` said it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

from conftest import Site

OTHER = "x-state-stores:\n  other-cache: {backend: redis, prefix: o, service: Auth, purpose: P}\n"
TABLE = "T\n=\n\n.. statestore-table::\n   :columns: name, source\n"


@pytest.fixture
def docs(tmp_path: Path) -> Iterator[Site]:
    """A site in a folder of a repository, with a registry that no default finds, and one that is found."""
    (tmp_path / "project/.git").mkdir(parents=True)
    found = Site(tmp_path / "project/docs")
    found.write("../data/stores.yaml", OTHER)
    found.write("index.rst", TABLE)
    found.write("plain.rst", ":orphan:\n\nPlain\n=====\n\nNothing.\n")
    yield found
    found.close()


def test_the_file_above_names_the_registry(docs: Site) -> None:
    """A build reads the nearest settings file above conf.py; what conf.py says itself comes first."""
    docs.write("../pyproject.toml", '[tool.statestores]\nregistry = "data/stores.yaml"\nsource_ref = "v2"\n')
    docs.write("../statestores.toml.off", "")
    built = docs.build(statestores_source_url="https://example.org/{ref}/{path}")
    assert built.warnings == []
    assert "other-cache" in built.text("index.html")
    assert 'href="https://example.org/v2/data/stores.yaml"' in built.text("index.html")
    built = docs.build(
        statestores_registry="schemas/state-stores.yaml",
        statestores_source_url="https://example.org/{ref}/{path}",
        statestores_source_ref="main",
    )
    assert "auth-lock" in built.text("index.html")
    assert "other-cache" not in built.text("index.html")
    assert "https://example.org/main/" in built.text("index.html")


def test_a_setting_of_nothing_turns_one_off(docs: Site) -> None:
    """An empty text in conf.py is something that conf.py says."""
    docs.write("../statestores.toml", 'source_url = "https://example.org/{path}"\n')
    assert "https://example.org" in docs.build().text("index.html")
    assert "https://example.org" not in docs.build(statestores_source_url="").text("index.html")
    assert "No state stores." in docs.build(statestores_registry=[]).text("index.html")


def test_lint_settings_are_merged_rule_by_rule(docs: Site) -> None:
    """Those of conf.py win over those of the file, and these over the registry's own."""
    users = OTHER.replace("purpose: P", "purpose: P, readers: [Nobody]").replace("other-cache", "OtherCache")
    docs.write("../schemas/state-stores.yaml", users + "x-lint: {naming_convention: off}\n")
    docs.write("../statestores.toml", "[lint]\nunknown_reader = 'off'\nnot_kebab_case = 'off'\n")
    assert docs.build().warnings == []
    built = docs.build(statestores_lint={"unknown_reader": "warning"})
    assert ["unknown_reader" in line for line in built.warnings] == [True]
    docs.write("../statestores.toml", "lint = false\n")
    assert not any("unknown_reader" in line for line in docs.build().warnings)
    assert any("unknown_reader" in line for line in docs.build(statestores_lint={"legacy_name": "off"}).warnings)


def test_a_change_of_the_file_changes_what_it_affects(docs: Site) -> None:
    """Pages that show something else are written again, others are not, and the outcome is that of a new build."""
    docs.write("../statestores.toml", 'source_url = "https://example.org/{path}"\n')
    docs.build()
    docs.write("../statestores.toml", 'source_url = "https://example.com/{path}"\n')
    built = docs.build()
    assert (built.read, built.written) == ([], ["index"])
    assert "https://example.com/" in built.text("index.html")
    docs.write("../statestores.toml", 'registry = "data/stores.yaml"\n')
    built = docs.build()
    assert (built.read, built.written) == ([], ["index"])
    assert built.files() == docs.build(builddir="_new").files()
    assert docs.build().written == []


def test_faults_are_warnings_at_their_lines(docs: Site) -> None:
    """A build goes on without the setting, and a strict one fails for an error."""
    docs.write("../statestores.toml", "rot = 1\nroot = 1\n")
    built = docs.build(statestores_strict=True)
    file = docs.folder.parent / "statestores.toml"
    assert built.warnings[:2] == [
        f"{file}:1: WARNING: unknown setting 'rot'; did you mean 'root'? [statestores.invalid_config]",
        f"{file}:2: WARNING: 'root' must be a path; found a number [statestores.wrong_shape]",
    ]
    assert built.app.statuscode == 1


def test_declared_outputs_are_compared(docs: Site) -> None:
    """A build tells that an output of the settings file has drifted, unless conf.py names another registry."""
    docs.write("../statestores.toml", "[[outputs]]\nformat = 'csv'\npath = 'a.csv'\n")
    (warning,) = docs.build().warnings
    assert warning.startswith(f"{docs.folder.parent / 'statestores.toml'}:3: WARNING: 'a.csv' is missing")
    assert docs.build(statestores_registry="schemas/state-stores.yaml").warnings == []


def test_the_file_of_another_project_is_not_read(docs: Site) -> None:
    """The search ends at the root of the repository, or at the root that conf.py names."""
    docs.write("../../statestores.toml", 'registry = "project/data/stores.yaml"\n')
    assert "auth-lock" in docs.build().text("index.html")
    assert "other-cache" in docs.build(statestores_root="../..").text("index.html")


def test_constants_are_for_generated_code(docs: Site) -> None:
    """The entry of a store has its constant where code is generated, and is written again when that changes."""
    docs.write("index.rst", "T\n=\n\n.. statestore:: other-cache\n")
    docs.write("../statestores.toml", "registry = 'data/stores.yaml'\n")
    assert "Constant" not in docs.build().text("index.html")
    docs.write(
        "../statestores.toml", "registry = 'data/stores.yaml'\n[[outputs]]\nformat = 'csharp'\npath = 'a.cs'\n"
    )
    built = docs.build()
    assert built.written == ["index"]
    assert "OtherCache" in built.text("index.html")


def test_what_the_file_says_is_no_mistake_of_conf_py(docs: Site) -> None:
    """A ref without a URL in the file is no complaint about conf.py, which says nothing of it."""
    docs.write("../statestores.toml", "source_ref = 'dev'\n")
    assert docs.build().warnings == []


def test_two_files_are_no_pair(docs: Site) -> None:
    """Two files of the settings file are two files, and not a namespace and a site as in conf.py."""
    docs.write("../shop", OTHER)
    docs.write("../extra.yaml", OTHER.replace("other-cache", "extra-cache").replace("prefix: o", "prefix: e"))
    docs.write("../statestores.toml", "registry = ['shop', 'extra.yaml']\n")
    page = docs.build().text("index.html")
    assert "other-cache" in page
    assert "extra-cache" in page


def test_the_file_names_no_site(docs: Site) -> None:
    """A URL in the file is a problem at its line, and nothing is fetched: the file may come from anybody."""
    docs.write("../statestores.toml", "registry = 'https://evil.example.org/'\n")
    (warning,) = docs.build().warnings
    assert (
        "statestores.toml:1: WARNING: 'registry': 'https://evil.example.org/': only conf.py names other sites"
        in warning
    )


def test_a_registry_of_the_file_that_is_not_there(docs: Site) -> None:
    """The near names of a folder are offered as for a registry that conf.py names."""
    docs.write("../statestores.toml", "registry = 'data/store.yaml'\n")
    assert "did you mean 'stores.yaml'?" in docs.build().warnings[0]
