"""What a build says of its registry and its configuration, and what it leaves out when there is nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry.problems import Kind

if TYPE_CHECKING:
    from conftest import Site

PAGE = "Stores\n======\n\n.. statestore-table::\n"
SUMMARY = "5 stores of 3 services from schemas/state-stores.yaml"
ROOT = 'statestores_root = "."'
STORES = "x-state-stores:\n  one: {backend: memory, service: Auth, purpose: Sessions}\n"
REFERENCE = "Reference\n=========\n\n.. statestore-reference::\n"


def test_each_build_says_once_what_it_has_read(site: Site) -> None:
    """One line tells stores, services and files, also where the registry comes from the cache."""
    site.write("index.rst", PAGE)
    site.conf(ROOT)
    for _ in range(2):
        assert site.build().status.splitlines().count(SUMMARY) == 1


def test_one_store_is_singular_and_files_without_stores_are_not_named(site: Site) -> None:
    """The line counts one store as one, and names the files that have stores."""
    site.write("index.rst", PAGE)
    site.registry(STORES)
    site.conf(ROOT)
    site.registry("x-services: {Auth: Authentication}\n", "schemas/state-stores-guide.yaml")
    assert "1 store of 1 service from schemas/state-stores.yaml" in site.build().status.splitlines()


def test_a_site_without_a_registry_is_told_what_was_tried_and_what_to_do(site: Site) -> None:
    """The two usual places are named, and how to name another one or none."""
    site.write("index.rst", PAGE)
    (site.folder / "schemas" / "state-stores.yaml").unlink()
    built = site.build()
    assert built.warnings == [
        f"{site.folder / 'conf.py'}:1: WARNING: there is no registry at '../schemas/state-stores.yaml' nor at "
        "'schemas/state-stores.yaml' (relative to the folder of conf.py): set 'statestores_registry' in conf.py, "
        "or write 'statestores_registry = []' if the site has no registry [statestores.unreadable_file]"
    ]
    assert " stores of " not in built.status


def test_a_site_that_wants_no_registry_is_told_nothing(site: Site) -> None:
    """With an empty list there is no warning, and no line."""
    site.write("index.rst", PAGE)
    (site.folder / "schemas" / "state-stores.yaml").unlink()
    built = site.build(statestores_registry=[])
    assert built.warnings == []
    assert " stores of " not in built.status


def test_absent_parts_of_the_reference_have_no_heading(site: Site) -> None:
    """A part that the registry gets or loses comes or goes with the next build, heading and all."""
    site.write("index.rst", REFERENCE)
    stores = STORES.replace("memory", "mysql")
    site.registry(stores)
    text = site.build("text").text("index.txt")
    assert "Naming Conventions" in text
    assert "Deployment Flexibility" not in text
    assert "Generated Code" not in text
    site.registry(f'{stores}x-deployments: [{{title: Small, stores: {{one: "localhost:1"}}}}]\nx-backend-guide: []\n')
    built = site.build("text")
    assert built.read == ["index"]
    text = built.text("index.txt")
    assert "Deployment Flexibility" in text
    assert "Backend Selection Guide" not in text
    assert site.build("text").read == []


def test_a_part_that_a_page_names_says_that_it_is_absent(site: Site) -> None:
    """A section that a page asks for by name has its heading, and a sentence under it."""
    site.write("index.rst", f"{REFERENCE}   :sections: code\n")
    site.registry(STORES)
    text = site.build("text").text("index.txt")
    assert "Generated Code" in text
    assert "No generated code." in text


@pytest.mark.parametrize(
    ("line", "is_reported"),
    [
        ("if True:\n    statestores_registy = 'a'", True),
        ("statestores_columns, statestores_sourceurl = ['name'], ''", True),
        ("STATESTORES_AUTOLINK: bool = True", True),
        ("sphinx_statestores_autolink = True", True),
        ("statestore_theme = 'dark'", False),
        ("_statestores_registy = 'a'", False),
        ("def statestores_registy():\n    statestores_lnt = 1", False),
        ("registry = 'statestores_registy'", False),
    ],
)
def test_names_that_are_no_configuration_values(site: Site, line: str, is_reported: bool) -> None:
    """A name that is like one of the configuration's is reported at its line, wherever the module sets it."""
    site.write("index.rst", PAGE)
    site.conf(line)
    found = [warning for warning in site.build("dummy").warnings if Kind.UNKNOWN_CONFIG.subtype in warning]
    assert len(found) == is_reported


def test_a_value_of_another_extension_is_known(site: Site) -> None:
    """What another extension has registered is left alone, though it begins as ours do."""
    site.write("index.rst", PAGE)
    site.write("other.py", "def setup(app):\n    app.add_config_value('statestores_registy', None, '')\n")
    site.conf(
        f"import sys\nsys.path.insert(0, {str(site.folder)!r})\nextensions.append('other')\nstatestores_registy = 1\n"
    )
    assert site.build("dummy").warnings == []


def test_a_directive_with_too_much_still_shows_its_stores(site: Site) -> None:
    """An argument or content that is not taken costs nothing of the rest: options work, and so does Markdown."""
    site.write("index.md", "# Stores\n\n```{statestore-table} Account\n:service: Auth\n```\n")
    built = site.build("text")
    assert [warning.partition("WARNING: ")[2] for warning in built.warnings] == [
        "'statestore-table' takes no argument; found 'Account': write ':service: Account' "
        "[statestores.invalid_argument]"
    ]
    text = built.text("index.txt")
    assert "auth-lock" in text
    assert "account-statestore" not in text


def test_the_words_below_a_directive_without_its_argument_stay(site: Site) -> None:
    """What the author has written in a description of a store is there, though the store has no name."""
    site.write("index.rst", "Stores\n======\n\n.. statestore::\n\n   Words of mine.\n")
    assert "Words of mine." in site.build("text").text("index.txt")
